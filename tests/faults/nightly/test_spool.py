"""The spool's disk: damaged at any byte, and full. Through the whole service: door, spool, bus, floor, archive."""
# rows F12 and F13 of docs/faults.md

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from streams.collect.spool_format import FRAME, HEADER_BYTES, scan
from streams.vocabulary.codec import decode_event
from tests.faults.judge import judge
from tests.faults.plan import encode
from tests.faults.room import Telling, opened, until
from tests.faults.run import tell
from tests.faults.schedule import Fault, FaultKind
from tests.faults.story import SOURCE
from tests.faults.world import World

pytestmark = [pytest.mark.servers, pytest.mark.slow]

KILL_BUS = Fault(FaultKind.KILL_BUS, 0, 0)
KILL_LIVE = Fault(FaultKind.KILL_LIVE, 0, 0)
IDS = (
    "SELECT concat(site, '/', source, '/', toString(seq)) FROM events FINAL WHERE kind != 'source_connected' LIMIT 9999"
)
ROUNDS = 12


@dataclass(frozen=True, slots=True)
class Record:
    """Where it lies in its segment, and which event it is."""

    start: int
    end: int
    id: str


def records(segment: Path) -> list[Record]:
    found, place = [], HEADER_BYTES
    for blob in scan(segment.read_bytes(), number=int(segment.stem), offset=HEADER_BYTES).blobs:
        end = place + FRAME.size + len(blob)
        found.append(Record(place, end, decode_event(blob).id))
        place = end
    return found


def damage(segment: Path, of: Sequence[Record], random: Random, *, cut: bool) -> set[str]:
    """Somewhere in these records. Returns which may be gone: those of a cut tail, the one whose blob is not its own,
    or, where its length is not its own either, all that stand behind it."""
    data = bytearray(segment.read_bytes())
    place = random.randrange(of[0].start, of[-1].end)
    hit = next(one for one in of if one.start <= place < one.end)
    whole_rest = cut or place < hit.start + 4 or hit is of[-1]
    if cut:
        os.truncate(segment, place)
    else:
        data[place] ^= 1 << random.randrange(8)
        segment.write_bytes(data)
    return {one.id for one in of if one.start >= hit.start} if whole_rest else {hit.id}


def test_a_spool_damaged_at_any_byte_costs_what_was_damaged_and_says_so(tmp_path: Path) -> None:
    """F13: killed while the bus is away, cut off or one bit flipped, started again: the rest comes, the loss counts."""
    random = Random(13)
    world = World(tmp_path, valkey=True, clickhouse=False)
    spool = world.data / "spool" / "pushed" / SOURCE
    gone: set[str] = set()
    with opened(world):
        telling = Telling(13, seconds=20 * ROUNDS)
        for number in range(ROUNDS):
            tell(world, telling.next(4))
            until(lambda: _unsent(world) == 0, "the spool is sent")
            world.turn(KILL_BUS, begins=True)
            fresh = telling.next(8)
            tell(world, fresh)
            world.turn(KILL_LIVE, begins=True)
            segment = sorted(spool.glob("*.log"))[-1]
            ids = {event.id for event in fresh}
            may_go = damage(segment, [one for one in records(segment) if one.id in ids], random, cut=number % 2 == 0)
            world.turn(KILL_BUS, begins=False)
            world.turn(KILL_LIVE, begins=False)
            world.until_ready()
            lost = _lost(world, {event.id for event in telling.told} - gone, may_go)
            gone |= lost
            counted = _counted(world, "torn") + _counted(world, "quarantined")
            print(f"round {number}: {len(may_go)} could go, {len(lost)} of {len(fresh)} are lost, {counted} counted")
            assert lost <= may_go
            assert not lost or counted > 0
        assert list(spool.glob("*.bad")), "what was damaged is kept for a person to look at"
        assert gone


def _lost(world: World, told: set[str], may_go: set[str]) -> set[str]:
    """What is not there once everything that must come has come, and then for a while longer."""
    until(lambda: told - _stored(world) <= may_go, "all that was not damaged came")
    time.sleep(1.5)
    return told - _stored(world)


def _stored(world: World) -> set[str]:
    return {row[0] for row in world.rows(IDS)}


def _counted(world: World, what: str) -> float:
    return sum(value for name, value in world.metrics("floorwatch_spool_total").items() if f'what="{what}"' in name)


def _unsent(world: World) -> float:
    return sum(world.metrics("floorwatch_spool_unsent").values())


def test_a_full_disk_under_the_spool_mends_itself_when_there_is_room(tmp_path: Path) -> None:
    """F12 on a disk of four megabytes: memory serves while the bus is there; with both away nothing is promised."""
    world = World(tmp_path, valkey=False, clickhouse=False)
    spool = world.data / "spool" / "pushed" / SOURCE
    spool.mkdir(parents=True)
    mounted = 'mount -t tmpfs -o size=4m tmpfs "$0" && exec "$@"'
    world.before["live"] = ("unshare", "-Urm", "sh", "-c", mounted, str(spool))
    with opened(world):
        telling = Telling(12)
        tell(world, telling.next(5))
        live = world.roles["live"].pid
        filler = Path(f"/proc/{live}/root{spool}/other")
        _fill(filler)
        tell(world, telling.next(10))
        until(lambda: _counted(world, "disk disk_full") > 0, "the full disk is counted")
        assert _unsent(world) == 0
        world.turn(KILL_BUS, begins=True)
        held = telling.next(3)
        assert world.push([encode(event) for event in held]) is None, "promised without a disk and without a bus"
        world.turn(KILL_BUS, begins=False)
        tell(world, held)
        filler.unlink()
        tell(world, telling.next(10))
        before = _counted(world, "syncs")

        def written_again() -> bool:
            tell(world, telling.next(1))
            return _counted(world, "syncs") > before

        until(written_again, "the spool is written again")
        assert _counted(world, "unspooled") > 0
        assert _counted(world, "missing") == 0, "what was on no disk is no damage"
        judge(world, telling.told)
        assert world.roles["live"].pid == live, "it mended itself, nobody started it again"


def _fill(filler: Path) -> None:
    try:
        with filler.open("ab", buffering=0) as file:
            while True:
                file.write(b"x" * 4096)
    except OSError:
        return
