"""One seeded schedule against one world. In: a seed. Out: nothing, or an AssertionError that names seed and loss.

Events are pushed as they happen, each batch again until the door takes it; faults come and are mended by the schedule.
Afterwards the store must hold every event once, and every leg, interval, state and count must be the oracle's.
"""

import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from streams.vocabulary import events as ev
from streams.vocabulary.ids import Millis
from tests.faults.judge import HEALED_S, judge
from tests.faults.plan import Plan, Sending, encode, plan
from tests.faults.schedule import FaultKind
from tests.faults.world import World


@dataclass(slots=True)
class Pushed:
    """What the door has taken. `waiting`: batches it has not taken yet, oldest first."""

    waiting: list[Sending] = field(default_factory=list)
    refused: int = 0
    tried_again: int = 0


def run(seed: int, folder: Path, *, kinds: tuple[FaultKind, ...] = tuple(FaultKind)) -> None:
    planned = plan(seed, Millis(round(time.time() * 1000)), kinds=kinds)
    print(planned)
    world = World(folder, valkey=planned.valkey, clickhouse=planned.clickhouse, order=planned.order).open()
    try:
        # the world took seconds to start: the story begins now, and is the same
        planned = plan(seed, Millis(round(time.time() * 1000)), kinds=kinds)
        pushed = live_through(world, planned)
        deliver_all(world, pushed)
        judge(world, planned.events)
        assert pushed.refused == planned.garbage, f"{planned.garbage} garbage lines, {pushed.refused} refused"
    except AssertionError as error:
        raise AssertionError(f"{planned}: {error}\n{world.log_tail()}") from error
    finally:
        world.close()


def live_through(world: World, planned: Plan) -> Pushed:
    """Until all is due and every fault is mended."""
    turns = itertools.chain.from_iterable(((one.at_s, one, True), (one.until_s, one, False)) for one in planned.faults)
    ahead = sorted(turns, key=lambda row: row[0])
    due = list(planned.sendings)
    pushed = Pushed()
    began = time.monotonic()
    while due or ahead:
        elapsed_s = time.monotonic() - began
        while ahead and ahead[0][0] <= elapsed_s:
            _, fault, begins = ahead.pop(0)
            world.turn(fault, begins=begins)
        while due and due[0].at_ms <= elapsed_s * 1000:
            pushed.waiting.append(due.pop(0))
        push_some(world, pushed)
        time.sleep(0.05)
    return pushed


def push_some(world: World, pushed: Pushed) -> None:
    """Until one is not taken: that one comes again, so order stays what it is."""
    world.kept()
    for _ in range(200):
        if not pushed.waiting:
            return
        answer = world.push(pushed.waiting[0].lines)
        if answer is None:
            pushed.tried_again += 1
            return
        pushed.refused += len(answer["refused"])
        pushed.waiting.pop(0)


def tell(world: World, events: Sequence[ev.Event], *, lines: int = 200) -> None:
    """All of them, in order; returns when the door has taken the last one."""
    cut = [events[start : start + lines] for start in range(0, len(events), lines)]
    deliver_all(world, Pushed(waiting=[Sending(0, tuple(map(encode, batch))) for batch in cut]))


def deliver_all(world: World, pushed: Pushed) -> None:
    world.until_ready()
    deadline = time.monotonic() + HEALED_S
    while pushed.waiting and time.monotonic() < deadline:
        push_some(world, pushed)
        time.sleep(0.05)
    assert not pushed.waiting, f"{len(pushed.waiting)} batches are not taken {HEALED_S} s after the last fault"
