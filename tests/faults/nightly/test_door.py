"""The door under hostile lines, and events ten minutes late. Through the whole service."""
# rows F17 and F18 of docs/faults.md

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

import pytest
import redis

from streams.bus import names
from streams.vocabulary.states import Order
from tests.faults.judge import Answers, answers, judge_parts, wanted
from tests.faults.plan import encode
from tests.faults.room import Telling, opened, until
from tests.faults.run import tell
from tests.faults.story import SITE, SOURCE
from tests.faults.world import PUSHED, TOKEN, World

pytestmark = [pytest.mark.servers, pytest.mark.slow]

LINES = 100_000
FUZZ = "fuzz-1"
FUZZ_TOKEN = TOKEN + "-of-the-fuzz"


def hostile(good: Sequence[bytes], random: Random, count: int) -> Iterator[bytes]:
    """Lines that begin as good ones; some of them stay good. No line is blank."""
    for _ in range(count):
        line = bytearray(random.choice(good).replace(SOURCE.encode(), FUZZ.encode()))
        place = random.randrange(len(line))
        match random.randrange(9):
            case 0:
                line[place] ^= 1 << random.randrange(8)
            case 1:
                del line[place:]
            case 2:
                line[place:place] = random.randbytes(random.randint(1, 9))
            case 3:
                del line[place : place + random.randint(1, 12)]
            case 4:
                line[place:place] = b"\xff\xfe\xc0\x80"
            case 5:
                line[place:place] = b"[" * random.randint(1, 3_000)
            case 6:
                line[place:place] = b"\\r\\nAction: Command\\r\\n"
            case 7:
                line[place:place] = b"9" * random.randint(1, 400)
            case _:
                line += b"x" * (1_000_000 if random.random() < 0.001 else 100)
        found = bytes(line).replace(b"\n", b" ").replace(b"\r", b" ").strip()
        yield found if found else b"{"


def test_every_hostile_line_is_an_answer_and_the_count_is_exact(tmp_path: Path) -> None:
    """F18: each line is accepted, known or refused with its reason; the neighbours' story stays the oracle's."""
    pushed = "".join(
        PUSHED.format(source=source, order=Order.NUMBERED, token=token)
        for source, token in ((SOURCE, TOKEN), (FUZZ, FUZZ_TOKEN))
    )
    world = World(tmp_path, valkey=True, clickhouse=False, sources=pushed)
    random = Random(18)
    with opened(world):
        telling = Telling(18)
        tell(world, telling.next(20))
        good = [encode(event) for event in telling.told]
        told: Counter[str] = Counter()
        batch: list[bytes] = []
        for number, line in enumerate(hostile(good, random, LINES), start=1):
            batch.append(line)
            if len(batch) == 200 or number == LINES or sum(map(len, batch)) > 2_000_000:
                _push(world, batch, told)
                batch = []
        tell(world, telling.next(20))
        print(f"{LINES} hostile lines: {dict(told)}")
        assert told["accepted"] + told["duplicates"] + told["refused"] == LINES
        refused = {name: n for name, n in world.metrics("floorwatch_refused_total").items() if FUZZ in name}
        assert sum(refused.values()) - told["whole"] == told["refused"], refused
        until(lambda: _kept(world) == told["accepted"], f"each of {told['accepted']} accepted lines is kept")
        story = {event.id for event in telling.told}
        until(lambda: story <= {row[0] for row in world.rows(OF_STORY)}, "the story beside it is all there")


OF_STORY = (
    f"SELECT concat(site, '/', source, '/', toString(seq)) FROM events FINAL WHERE source = '{SOURCE}' LIMIT 9999"
)


def _push(world: World, batch: Sequence[bytes], told: Counter[str]) -> None:
    """A batch that begins like an array is refused as a whole, so each such line goes alone."""
    alone = [line for line in batch if line.startswith(b"[")]
    for lines in ([line for line in batch if not line.startswith(b"[")], *([one] for one in alone)):
        if not lines:
            continue
        answer = world.push(lines, token=FUZZ_TOKEN)
        assert answer is not None
        told["accepted"] += answer.get("accepted", 0)
        told["duplicates"] += answer.get("duplicates", 0)
        told["refused"] += len(answer["refused"])
        told["whole"] += "reason" in answer and answer["reason"] == "nothing_usable"


def _kept(world: World) -> int:
    """In the table, or in the archive's dead letters, which say why."""
    rows = world.rows(f"SELECT count() FROM events FINAL WHERE source = '{FUZZ}' AND kind != 'source_connected'")
    with redis.Redis.from_url(world.bus.url) as client:
        letters = client.xrange(names.dead(names.events(SITE)))
    # the door's own samples of refused lines lie beside them
    dead = sum(int(fields.get(b"group") == b"archive") for _, fields in letters)
    return (int(rows[0][0]) if rows else -1) + dead


def test_what_comes_ten_minutes_late_is_a_correction_and_counts_once(tmp_path: Path) -> None:
    """F17: whole contacts of a source in disorder are held back for ten minutes and then told, twice each."""
    world = World(tmp_path, valkey=False, clickhouse=False, order=Order.TIMED)
    random = Random(17)
    with opened(world):
        telling = Telling(17, seconds=680)
        early = telling.next(20)
        telling.story.every_ms = 600_000  # what has begun comes to its end
        early += telling.next(615)
        contacts = sorted({event.contact for event in early if hasattr(event, "contact")})
        late = {contact for contact in contacts if random.random() < 0.3}
        held = [event for event in early if getattr(event, "contact", "") in late]
        tell(world, [event for event in early if event not in held])
        telling.story.every_ms = 160
        tell(world, telling.next(20))
        for _ in range(2):
            random.shuffle(held)
            tell(world, held)
        right = wanted(telling.told)
        judge_parts(world, right, "events", "counts")
        # an after-call work that is over when it is heard of begins no more: dropped, and counted
        assert sum(n for name, n in world.metrics("floorwatch_anomalies_total").items() if "late_dropped" in name) > 0
        until(lambda: _legs(answers(world)) == _legs(right), "each leg, but for late after-call work, is the oracle's")


def _legs(said: Answers) -> list[tuple[object, ...]]:
    """Without wrap_up_ms, the last but one."""
    return sorted((*leg[:-2], leg[-1]) for leg in said.legs)
