"""One seeded schedule against one world. In: a seed. Out: nothing, or an AssertionError that names seed and loss.

Events are pushed as they happen, each batch again until the door takes it; faults come and are mended by the schedule.
Afterwards the store must hold every event once, and every leg, interval and count must be the oracle's.
"""

import contextlib
import itertools
import time
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import redis

from streams.vocabulary import events as ev
from streams.vocabulary.ids import Millis
from streams.vocabulary.states import Order
from tests.faults.schedule import Fault, FaultKind, schedule
from tests.faults.story import LEG_COLUMNS, Legs, Oracle, Story, batches
from tests.faults.world import World

SECONDS = 8.0
HEALED_S = 60.0
GARBAGE = (
    b"",
    b"{",
    b"\xff\xfe",
    b'{"kind":"contact_queued"}',
    b'{"kind":"nonsense","at":1}',
    b"[" * 500,
    b"x" * 5_000,
)
encode = msgspec.json.Encoder().encode


@dataclass(slots=True)
class Pushed:
    """What was sent. `waiting`: batches the door has not taken yet, oldest first."""

    events: list[ev.Event] = field(default_factory=list)
    waiting: list[list[bytes]] = field(default_factory=list)
    garbage: int = 0
    refused: int = 0
    tried_again: int = 0


def run(seed: int, folder: Path, *, kinds: tuple[FaultKind, ...] = tuple(FaultKind)) -> None:
    random = Random(seed)
    valkey, clickhouse, order = seed % 2 == 0, seed % 3 != 1, (Order.TIMED if seed % 4 == 3 else Order.NUMBERED)
    faults = schedule(seed, seconds=SECONDS, clickhouse=clickhouse, kinds=kinds)
    print(f"seed {seed}: valkey={valkey} clickhouse={clickhouse} order={order} {faults}")
    world = World(folder, valkey=valkey, clickhouse=clickhouse, order=order)
    try:
        pushed = _live_through(world, random, faults, seed)
        _deliver_all(world, pushed, seed)
        _judge(world, pushed, seed)
    except AssertionError as error:
        raise AssertionError(f"seed {seed}: {error}\n{world.log_tail()}") from error
    finally:
        world.close()


def _live_through(world: World, random: Random, faults: list[Fault], seed: int) -> Pushed:
    story = Story(seed, start=Millis(round(time.time() * 1000)))
    pushed = Pushed()
    ahead = sorted(
        itertools.chain.from_iterable(((one.at_s, one, True), (one.at_s + one.lasts_s, one, False)) for one in faults),
        key=lambda row: row[0],
    )
    shuffled: list[list[bytes]] = []
    began = time.monotonic()
    active: set[FaultKind] = set()
    while (elapsed := time.monotonic() - began) < SECONDS or ahead:
        while ahead and ahead[0][0] <= elapsed:
            _, fault, begins = ahead.pop(0)
            _turn(world, fault.kind, begins=begins)
            (active.add if begins else active.discard)(fault.kind)
        story.every_ms = 15.0 if FaultKind.BURST in active else 160.0
        fresh = story.until(Millis(story.start + round(min(elapsed, SECONDS) * 1000)))
        pushed.events += fresh
        cut = [[encode(event) for event in batch] for batch in batches(fresh, random)]
        if FaultKind.DISORDER in active:
            shuffled += cut
            continue
        if shuffled:
            random.shuffle(shuffled)
            pushed.waiting += shuffled
            shuffled = []
        pushed.waiting += cut
        if FaultKind.DUPLICATES in active and cut:
            pushed.waiting += [random.choice(cut)] * 2
        if FaultKind.GARBAGE in active:
            pushed.waiting.append([random.choice(GARBAGE[1:])])
            pushed.garbage += 1
        _push_some(world, pushed)
        time.sleep(0.05)
    random.shuffle(shuffled)
    pushed.waiting += shuffled
    return pushed


def _turn(world: World, kind: FaultKind, *, begins: bool) -> None:
    store = world.store
    match kind:
        case FaultKind.KILL_LIVE | FaultKind.KILL_HISTORY:
            name = kind.removeprefix("kill_")
            world.kill(name) if begins else world.start(name)
        case FaultKind.KILL_BUS:
            world.kill_bus() if begins else world.bus.start()
        case FaultKind.FREEZE_BUS:
            world.freeze(world.bus.process, frozen=begins)
        case FaultKind.FILL_BUS:
            with contextlib.suppress(redis.exceptions.RedisError):
                world.fill_bus(full=begins)
        case FaultKind.FREEZE_STORE if store is not None:
            world.freeze(store.process, frozen=begins)
        case FaultKind.KILL_STORE if store is not None and store.process is not None:
            if begins:
                store.process.kill()
                store.process.wait()
            else:
                store.start()
        case _:
            pass  # what is pushed changes, not the world


def _push_some(world: World, pushed: Pushed) -> None:
    """Until one is not taken: that one comes again, so order stays what it is."""
    world.kept()
    for _ in range(200):
        if not pushed.waiting:
            return
        answer = world.push(pushed.waiting[0])
        if answer is None:
            pushed.tried_again += 1
            return
        pushed.refused += len(answer["refused"])
        pushed.waiting.pop(0)


def _deliver_all(world: World, pushed: Pushed, seed: int) -> None:
    world.until_ready()
    deadline = time.monotonic() + HEALED_S
    while pushed.waiting and time.monotonic() < deadline:
        _push_some(world, pushed)
        time.sleep(0.05)
    assert not pushed.waiting, f"{len(pushed.waiting)} batches are not taken {HEALED_S} s after the last fault"


def _judge(world: World, pushed: Pushed, seed: int) -> None:
    oracle = Oracle(pushed.events)
    wanted = {event.id for event in pushed.events}
    deadline = time.monotonic() + HEALED_S
    while True:
        world.kept()
        stored = {row[0] for row in world.rows(IDS)}
        legs = _legs(world)
        counts = _counts(world)
        done = stored == wanted and legs == oracle.legs() and counts == oracle.counts()
        if done or time.monotonic() > deadline:
            break
        time.sleep(0.5)
    assert stored == wanted, f"{len(wanted - stored)} events lost, {len(stored - wanted)} nobody sent"
    assert legs == oracle.legs(), _differences(legs, oracle.legs())
    assert counts == oracle.counts(), f"live counts {counts}, the oracle's {oracle.counts()}"
    assert pushed.refused >= pushed.garbage, f"{pushed.garbage} garbage lines, {pushed.refused} refused"
    intervals = {
        tuple(row)
        for row in world.rows(f"SELECT {INTERVALS} FROM state_intervals FINAL WHERE retracted = 0 LIMIT 9999")
    }
    assert intervals >= oracle.intervals(), f"missing intervals: {sorted(oracle.intervals() - intervals)[:5]}"


IDS = """SELECT concat(site, '/', source, '/', toString(seq)) FROM events FINAL
WHERE kind != 'source_connected' LIMIT 9999"""
INTERVALS = "agent, toInt64(toUInt32(started_at)) * 1000 + started_at_ms, state, reason, duration_ms"


def _legs(world: World) -> Legs:
    sql = f"SELECT contact, leg, {LEG_COLUMNS} FROM contact_legs FINAL WHERE retracted = 0 LIMIT 9999"
    return {(row[0], row[1]): tuple(row[2:]) for row in world.rows(sql)}


def _counts(world: World) -> dict[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = {}
    with contextlib.suppress(OSError):
        for one in world.get("/api/v1/queues"):
            today: dict[str, Any] = one["today"]
            numbers = [today.get(name, 0) for name in ("offered", "answered", "abandoned")]
            found[one["queue"]] = (*numbers, one["waiting"], one["talking"])
    return found


def _differences(found: Legs, wanted: Legs) -> str:
    wrong = [key for key in sorted(wanted) if found.get(key) != wanted[key]]
    shown = "; ".join(f"{key}: {found.get(key)} instead of {wanted[key]}" for key in wrong[:4])
    return f"{len(wrong)} legs differ, {len(set(found) - set(wanted))} nobody told: {shown}"
