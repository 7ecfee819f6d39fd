"""What a world must say once its faults are mended. In: a world, the events that were told. Out: an AssertionError.

Rows are compared as lists, not as sets: what is counted twice is as wrong as what is lost. May not know: what broke.
"""

import contextlib
import os
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from streams.vocabulary import events as ev
from tests.faults.story import LEG_COLUMNS, Oracle
from tests.faults.world import World

HEALED_S = float(os.environ.get("FAULT_HEALED_S", "60"))
"""Sabotage does not heal, and is not waited for so long."""
MOST_ROWS = 9_999
"""What one answer of `floorwatch sql` holds here: a story must be shorter."""

PARTS = ("events", "legs", "intervals", "counts", "states")
IDS = """SELECT concat(site, '/', source, '/', toString(seq)) FROM events FINAL
WHERE kind != 'source_connected' LIMIT 9999"""
LEGS = f"SELECT contact, leg, {LEG_COLUMNS} FROM contact_legs FINAL WHERE retracted = 0 LIMIT 9999"
INTERVALS = """SELECT agent, toInt64(toUInt32(started_at)) * 1000 + started_at_ms, state, reason, duration_ms
FROM state_intervals FINAL WHERE retracted = 0 LIMIT 9999"""


@dataclass(frozen=True, slots=True)
class Answers:
    """Rows sorted; `counts` by queue, `states` by agent."""

    events: list[str]
    legs: list[tuple[Any, ...]]
    intervals: list[tuple[Any, ...]]
    counts: dict[str, tuple[int, ...]]
    states: dict[str, tuple[str, str]]


def answers(world: World) -> Answers:
    return Answers(
        events=sorted(row[0] for row in world.rows(IDS)),
        legs=sorted(tuple(row) for row in world.rows(LEGS)),
        intervals=sorted(tuple(row) for row in world.rows(INTERVALS)),
        counts=live_counts(world),
        states=live_states(world),
    )


def wanted(events: Sequence[ev.Event]) -> Answers:
    oracle = Oracle(events)
    return Answers(
        events=sorted(event.id for event in events),
        legs=sorted((*key, *row) for key, row in oracle.legs().items()),
        intervals=oracle.intervals(),
        counts=oracle.counts(),
        states=oracle.states(),
    )


def judge(world: World, events: Sequence[ev.Event], *, within_s: float = HEALED_S) -> None:
    """The store and the map say what the oracle says, within `within_s`."""
    judge_parts(world, wanted(events), *PARTS, within_s=within_s)


def judge_parts(world: World, right: Answers, *parts: str, within_s: float = HEALED_S) -> None:
    """Only these, where a fault may change the others."""
    assert 0 < len(right.events) <= MOST_ROWS, f"{len(right.events)} events cannot be judged"
    deadline = time.monotonic() + within_s
    while (faults := differences(answers(world), right, parts)) and time.monotonic() < deadline:
        world.kept()
        time.sleep(0.5)
    assert not faults, "; ".join(faults)


def differences(found: Answers, right: Answers, parts: Sequence[str]) -> list[str]:
    told = []
    for part in parts:
        have, want = getattr(found, part), getattr(right, part)
        told += _rows(part, have, want) if isinstance(want, list) else _values(part, have, want)
    return told


def _values(what: str, found: Mapping[str, Any], right: Mapping[str, Any]) -> list[str]:
    wrong = {name: (found.get(name), right.get(name)) for name in {*found, *right}}
    wrong = {name: pair for name, pair in wrong.items() if pair[0] != pair[1]}
    return [f"live {what} (found, right): {wrong}"] if wrong else []


def _rows(what: str, found: Sequence[Any], right: Sequence[Any]) -> list[str]:
    have, want = Counter(found), Counter(right)
    if have == want:
        return []
    lost, more = want - have, have - want
    twice = sum(count - 1 for count in have.values() if count > 1)
    shown = f"lost {list(lost)[:3]}, not told {list(more)[:3]}"
    return [f"{what}: {lost.total()} lost, {more.total()} nobody told, {twice} of them doubles: {shown}"]


def live_counts(world: World) -> dict[str, tuple[int, ...]]:
    """By queue: offered, answered, abandoned, waiting, talking."""
    found: dict[str, tuple[int, ...]] = {}
    with contextlib.suppress(OSError):
        for one in world.get("/api/v1/queues"):
            today: dict[str, Any] = one["today"]
            numbers = [today.get(name, 0) for name in ("offered", "answered", "abandoned")]
            found[one["queue"]] = (*numbers, one["waiting"], one["talking"])
    return found


def live_states(world: World) -> dict[str, tuple[str, str]]:
    with contextlib.suppress(OSError):
        return {one["agent"]: (one["state"], one["reason"]) for one in world.get("/api/v1/floor")["agents"]}
    return {}
