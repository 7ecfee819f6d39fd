"""The last half hour of each queue: who waited, who was there. In: each second's `QueueNumbers`. Out: lines.

Kept in memory only: after a restart the line begins anew, and where nothing was heard it has a hole. Mutable; its one
owner is the hub. May not know: the time of day, screens.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dashboards.columns import Goal, Goals
from streams.floor.numbers import DEFAULT_FORMULA, FORMULAS, QueueNumbers
from streams.vocabulary.ids import Millis, QueueName

STEP_MS = 10_000
KEPT = 180
MINUTE_MS = 60_000
LINE_MINUTES = 30
AT_WORK = ("on_contact", "on_hold", "wrap_up", "offered")
COLUMNS = ("waiting", "longest_wait_ms", "ready", "busy", "not_ready")
Rings = dict[QueueName, npt.NDArray[np.int64]]


@dataclass(frozen=True, slots=True)
class Lines:
    """`at`: every tenth second; a column is None where nothing was heard or it was not certain."""

    at: list[Millis]
    columns: Mapping[str, list[int | None]]


class Lately:
    def __init__(self) -> None:
        self._steps: Rings = {}
        self._minutes: Rings = {}
        self._step = -1

    def take(self, numbers: Sequence[QueueNumbers], goals: Goals) -> None:
        """Once a second, or as often as there are numbers: a sample each ten seconds, each minute's level."""
        if not numbers:
            return
        step = numbers[0].at // STEP_MS
        fresh, self._step = step != self._step, step
        for one in numbers:
            if fresh and one.certain:
                _ring(self._steps, one.queue, KEPT, len(COLUMNS) + 1)[step % KEPT] = (step, *_sample(one))
            formula = goals.of(one.queue).formula
            if formula != DEFAULT_FORMULA:
                # the running minute, written again each second: its last sight is the whole minute
                minute, level = one.at // MINUTE_MS, FORMULAS[formula].of(one.windows[1])
                ring = _ring(self._minutes, one.queue, LINE_MINUTES + 1, 3)
                ring[minute % (LINE_MINUTES + 1)] = (minute, level.part, level.whole)

    def lines(self, queue: QueueName, now: Millis) -> Lines:
        """The last thirty minutes up to `now`."""
        last = now // STEP_MS
        steps = np.arange(last - KEPT + 1, last + 1)
        ring = self._steps.get(queue)
        rows = None if ring is None else ring[steps % KEPT]
        heard = [] if rows is None else (rows[:, 0] == steps).tolist()
        columns: dict[str, list[int | None]] = {}
        for place, name in enumerate(COLUMNS, 1):
            values = [] if rows is None else rows[:, place].tolist()
            columns[name] = [value if known else None for value, known in zip(values, heard, strict=True)]
        at = [Millis(int(step) * STEP_MS) for step in steps] if rows is not None else []
        return Lines(at, columns)

    def level_line(self, numbers: QueueNumbers, goal: Goal) -> list[tuple[Millis, int, int]]:
        """Thirty closed minutes as (begin, part, whole) by the queue's own formula; minutes not seen have 0 of 0."""
        if goal.formula == DEFAULT_FORMULA:
            return numbers.line
        minutes = np.arange(numbers.at // MINUTE_MS - LINE_MINUTES, numbers.at // MINUTE_MS)
        ring = self._minutes.get(numbers.queue)
        if ring is None:
            return [(Millis(int(minute) * MINUTE_MS), 0, 0) for minute in minutes]
        rows = ring[minutes % (LINE_MINUTES + 1)]
        seen = rows[:, 0] == minutes
        return [
            (Millis(int(minute) * MINUTE_MS), int(row[1]) if known else 0, int(row[2]) if known else 0)
            for minute, row, known in zip(minutes, rows, seen, strict=True)
        ]


def _ring(rings: Rings, queue: QueueName, length: int, width: int) -> npt.NDArray[np.int64]:
    ring = rings.get(queue)
    if ring is None:
        ring = rings[queue] = np.full((length, width), -1, np.int64)
    return ring


def _sample(one: QueueNumbers) -> tuple[int, ...]:
    busy = sum(one.agents.get(state, 0) for state in AT_WORK)
    return (one.waiting, one.longest_wait_ms, one.agents.get("ready", 0), busy, one.agents.get("not_ready", 0))
