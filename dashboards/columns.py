"""Queue numbers to what a tile and a line show. In: `QueueNumbers`, goals. Out: plain values; ratios stay ratios.

Nothing is rounded here and nothing is shown as 0 that is not known. May not know: Bokeh, HTML, sockets.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from streams.floor.numbers import DEFAULT_FORMULA, FORMULAS, Counters, QueueNumbers, Ratio
from streams.vocabulary.ids import Millis, QueueName
from streams.vocabulary.states import AgentState

MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """What a queue is measured by. `window_minutes` is one of streams.floor.numbers.WINDOW_MINUTES."""

    formula: str = DEFAULT_FORMULA
    window_minutes: int = 30
    percent: float = 80.0
    watch_percent: float = 5.0
    """Within this many points above the goal the tile says "watch"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Goals:
    default: Goal = field(default_factory=Goal)
    by_queue: Mapping[QueueName, Goal] = field(default_factory=dict)

    def of(self, queue: QueueName) -> Goal:
        return self.by_queue.get(queue, self.default)

    def all(self) -> tuple[Goal, ...]:
        return (self.default, *self.by_queue.values())


class Standing(StrEnum):
    """How a queue stands against its goal. UNCERTAIN: its source is lost; EMPTY: nothing to measure yet."""

    MET = "met"
    WATCH = "watch"
    MISSED = "missed"
    EMPTY = "empty"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One queue's card. `since` is the window's first moment; the tile tells formula, threshold, window and age."""

    queue: QueueName
    at: Millis
    standing: Standing
    certain: bool
    level: Ratio
    goal: Goal
    threshold_ms: int
    since: Millis
    waiting: int
    longest_wait_ms: int
    talking: int
    agents: Mapping[str, int]
    window: Counters
    today: Counters
    today_level: Ratio
    outbound: int
    tiers: Mapping[str, Counters]


def tile(numbers: QueueNumbers, goal: Goal) -> Tile:
    window = numbers.windows.get(goal.window_minutes, Counters())
    formula = FORMULAS[goal.formula]
    level = formula.of(window)
    this_minute = numbers.at - numbers.at % MINUTE_MS
    return Tile(
        queue=numbers.queue,
        at=numbers.at,
        standing=standing(level, goal, certain=numbers.certain),
        certain=numbers.certain,
        level=level,
        goal=goal,
        threshold_ms=numbers.target_ms,
        since=Millis(this_minute - (goal.window_minutes - 1) * MINUTE_MS),
        waiting=numbers.waiting,
        longest_wait_ms=numbers.longest_wait_ms,
        talking=numbers.talking,
        agents=numbers.agents,
        window=window,
        today=numbers.today,
        today_level=formula.of(numbers.today),
        outbound=numbers.outbound,
        tiers=numbers.tiers,
    )


def standing(level: Ratio, goal: Goal, *, certain: bool) -> Standing:
    if not certain:
        return Standing.UNCERTAIN
    percent = level.percent
    if percent is None:
        return Standing.EMPTY
    if percent < goal.percent:
        return Standing.MISSED
    return Standing.WATCH if percent < goal.percent + goal.watch_percent else Standing.MET


@dataclass(frozen=True, slots=True)
class Line:
    """Minutes of one or several queues added up. NaN where nothing ended: a line breaks there, it never falls to 0."""

    at: npt.NDArray[np.int64]
    minute: npt.NDArray[np.float64]
    cumulative: npt.NDArray[np.float64]
    whole: npt.NDArray[np.int64]


def service_level_line(lines: Sequence[Sequence[tuple[Millis, int, int]]]) -> Line:
    """Lines of queues, added minute by minute; `cumulative` is the level from the first minute to each minute's end."""
    sums: dict[int, tuple[int, int]] = {}
    for at, part, whole in (point for line in lines for point in line):
        before = sums.get(at, (0, 0))
        sums[at] = (before[0] + part, before[1] + whole)
    minutes = sorted(sums)
    parts = np.array([sums[at][0] for at in minutes], np.int64)
    wholes = np.array([sums[at][1] for at in minutes], np.int64)
    return Line(
        at=np.array(minutes, np.int64),
        minute=_percent(parts, wholes),
        cumulative=_percent(np.cumsum(parts), np.cumsum(wholes)),
        whole=wholes,
    )


def _percent(parts: npt.NDArray[np.int64], wholes: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    percent = np.full(len(parts), np.nan)
    np.divide(100 * parts, wholes, out=percent, where=wholes > 0)
    return percent


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """The whole floor in the header. `level` adds parts and wholes, never percentages, of queues measured alike.

    `measures`: how many ways of measuring (formula, threshold, window) there are; `level` is then of the one with the
    most contacts, and the screen says so.
    """

    waiting: int
    longest_wait_ms: int
    talking: int
    level: Ratio
    today: Counters
    certain: bool
    measures: int = 1


def totals(tiles: Sequence[Tile]) -> Totals:
    levels: dict[tuple[str, int, int], Ratio] = {}
    for one in tiles:
        measure = (one.goal.formula, one.threshold_ms, one.goal.window_minutes)
        levels[measure] = levels.get(measure, Ratio(0, 0)) + one.level
    return Totals(
        waiting=sum(tile.waiting for tile in tiles),
        longest_wait_ms=max((tile.longest_wait_ms for tile in tiles), default=0),
        talking=sum(tile.talking for tile in tiles),
        level=max(levels.values(), key=lambda level: level.whole, default=Ratio(0, 0)),
        today=sum((tile.today for tile in tiles), Counters()),
        certain=all(tile.certain for tile in tiles),
        measures=max(1, len(levels)),
    )


def occupancy(counts: Mapping[AgentState, int]) -> Ratio:
    """占用率 of this instant: handling of (handling + ready)."""
    handling = sum(counts.get(state, 0) for state in (AgentState.ON_CONTACT, AgentState.ON_HOLD, AgentState.WRAP_UP))
    return Ratio(handling, handling + counts.get(AgentState.READY, 0))
