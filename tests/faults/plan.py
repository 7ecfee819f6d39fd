"""All of one run but the real time: who plays, what breaks, what is sent when. In: a seed, a start. Out: a `Plan`.

Everything is drawn from the seed in virtual time, so the same seed is the same story, cut into the same batches, with
the same copies, garbage and faults; only the start moves. May not know: processes, clocks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from random import Random

import msgspec
from msgspec.structs import replace

from streams.vocabulary import events as ev
from streams.vocabulary.ids import Millis
from streams.vocabulary.states import Order
from tests.faults.schedule import Fault, FaultKind, active, schedule
from tests.faults.story import CONTACT_EVERY_MS, Story, batches

SECONDS = 8.0
TICK_MS = 50
BURST_EVERY_MS = 15.0
GARBAGE = (
    b"{",
    b"\xff\xfe",
    b'{"kind":"contact_queued"}',
    b'{"kind":"nonsense","at":1}',
    b"[" * 500,
    b"x" * 5_000,
)
"""One line each: each is refused once."""
encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Sending:
    """A batch and when it is due, in ms from the start."""

    at_ms: int
    lines: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`events`: each once, in order. `sendings`: what the door gets of them, in this order, and `garbage` lines."""

    seed: int
    valkey: bool
    clickhouse: bool
    order: Order
    faults: Sequence[Fault]
    events: Sequence[ev.Event]
    sendings: Sequence[Sending]
    garbage: int
    digest: str

    def __str__(self) -> str:
        servers = f"{'valkey' if self.valkey else 'redis'} {'clickhouse' if self.clickhouse else 'chdb'}"
        told = f"{len(self.events)} events in {len(self.sendings)} batches, {self.garbage} lines of garbage"
        return f"seed {self.seed} ({self.digest}): {servers} {self.order}; {told}; {', '.join(map(str, self.faults))}"


def plan(seed: int, start: Millis, *, kinds: Sequence[FaultKind] = tuple(FaultKind), seconds: float = SECONDS) -> Plan:
    random = Random(seed)
    valkey, clickhouse = seed % 2 == 0, seed % 3 != 1
    order = Order.TIMED if seed % 4 == 3 else Order.NUMBERED
    faults = schedule(seed, seconds=seconds, clickhouse=clickhouse, kinds=kinds)
    story = Story(seed, start=start)
    told: list[ev.Event] = []
    sendings: list[Sending] = []
    held: list[Sending] = []
    garbage = 0
    for at_ms in range(TICK_MS, round(seconds * 1000) + 1, TICK_MS):
        story.every_ms = BURST_EVERY_MS if active(faults, FaultKind.BURST, at_ms / 1000) else CONTACT_EVERY_MS
        fresh = story.until(Millis(start + at_ms))
        told += fresh
        cut = [Sending(at_ms, tuple(map(encode, batch))) for batch in batches(fresh, random)]
        if active(faults, FaultKind.DISORDER, at_ms / 1000):
            held += cut
            continue
        sendings += _shuffled(held, random, at_ms)
        held = []
        sendings += cut
        if cut and active(faults, FaultKind.DUPLICATES, at_ms / 1000):
            sendings += [random.choice(cut)] * 2
        if active(faults, FaultKind.GARBAGE, at_ms / 1000):
            sendings.append(Sending(at_ms, (random.choice(GARBAGE),)))
            garbage += 1
    sendings += _shuffled(held, random, round(seconds * 1000))
    return Plan(
        seed=seed,
        valkey=valkey,
        clickhouse=clickhouse,
        order=order,
        faults=faults,
        events=told,
        sendings=sendings,
        garbage=garbage,
        digest=_digest(told, sendings, start),
    )


def _shuffled(held: Sequence[Sending], random: Random, at_ms: int) -> list[Sending]:
    found = [Sending(at_ms, one.lines) for one in held]
    random.shuffle(found)
    return found


def _digest(events: Sequence[ev.Event], sendings: Sequence[Sending], start: Millis) -> str:
    """Of everything but the start itself, to be compared between two runs of one seed."""
    found = sha256()
    for event in events:
        found.update(encode(replace(event, at=Millis(event.at - start))))
    for one in sendings:
        found.update(b"%d %d;" % (one.at_ms, len(one.lines)))
    return found.hexdigest()[:8]
