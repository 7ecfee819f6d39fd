"""Queues seen as one. In: tiles, the agents who serve them. Out: one `GroupTile` per group.

Counts add, the longest wait is the longest, an agent of several queues is one agent. A service level is added only over
queues measured alike; others stand side by side with what differs. May not know: configuration, HTML, sockets.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from dashboards.columns import Goal, Standing, Tile, standing
from streams.floor.numbers import Counters, Ratio
from streams.floor.rollup import summed
from streams.vocabulary.ids import Millis, QueueName


class QueueSet(Protocol):
    """A group as somebody wants it; any value with these fields."""

    @property
    def name(self) -> str: ...

    @property
    def queues(self) -> Sequence[QueueName]: ...


class Serving(Protocol):
    """What is needed of an agent."""

    @property
    def memberships(self) -> Mapping[QueueName, object]: ...

    @property
    def state(self) -> str: ...


class Differs(StrEnum):
    """Why the levels of a group's queues are not one number."""

    FORMULA = "formula"
    THRESHOLD = "threshold"
    WINDOW = "window"


class Counted(StrEnum):
    """How often an agent who serves several of the queues is in `agents`."""

    ONCE = "once"
    PER_QUEUE = "per_queue"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Measure:
    """Levels add only where all three are the same."""

    formula: str
    threshold_ms: int
    window_minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One level of a group. `goal_percent` is the strictest of its queues' goals, `goals_differ`: they have several."""

    measure: Measure
    queues: tuple[QueueName, ...]
    ratio: Ratio
    goal_percent: float
    goals_differ: bool
    standing: Standing
    window: Counters


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupTile:
    """`levels` has one entry where all queues are measured alike, else several, the most contacts first.

    `missing`: queues of the group that the floor does not know; their part is in no sum. `doubtful`: queues whose
    source is lost. `window` is None where the queues' windows differ: counts of unlike stretches are no number.
    """

    name: str
    at: Millis
    queues: tuple[QueueName, ...]
    missing: tuple[QueueName, ...]
    doubtful: tuple[QueueName, ...]
    standing: Standing
    levels: tuple[Level, ...]
    differs: tuple[Differs, ...]
    waiting: int
    longest_wait_ms: int
    talking: int
    outbound: int
    agents: Mapping[str, int]
    counted: Counted
    window: Counters | None
    today: Counters

    @property
    def certain(self) -> bool:
        return not self.missing and not self.doubtful


def grouped(
    tiles: Sequence[Tile], groups: Sequence[QueueSet], *, agents: Iterable[Serving] | None = None
) -> list[GroupTile]:
    """`agents`: of the whole floor, so that each is counted once; None: the sum of the queues' own counts. Who serves
    only queues that are not in `tiles` is not counted: they may be outside of what the asker sees."""
    known = {shown.queue: shown for shown in tiles}
    seen = [[queue for queue in group.queues if queue in known] for group in groups]
    once = None if agents is None else agents_once(agents, seen)
    return [_group(group, known, None if once is None else once[place]) for place, group in enumerate(groups)]


def _group(group: QueueSet, known: Mapping[QueueName, Tile], agents: Mapping[str, int] | None) -> GroupTile:
    wanted = tuple(dict.fromkeys(group.queues))
    tiles = [known[queue] for queue in wanted if queue in known]
    missing = tuple(queue for queue in wanted if queue not in known)
    doubtful = tuple(shown.queue for shown in tiles if not shown.certain)
    levels = levels_of(tiles)
    differs = differences(levels)
    return GroupTile(
        name=group.name,
        at=max((shown.at for shown in tiles), default=Millis(0)),
        queues=tuple(shown.queue for shown in tiles),
        missing=missing,
        doubtful=doubtful,
        standing=Standing.UNCERTAIN if missing or doubtful else worst([level.standing for level in levels]),
        levels=levels,
        differs=differs,
        waiting=sum(shown.waiting for shown in tiles),
        longest_wait_ms=max((shown.longest_wait_ms for shown in tiles), default=0),
        talking=sum(shown.talking for shown in tiles),
        outbound=sum(shown.outbound for shown in tiles),
        agents=_summed([shown.agents for shown in tiles]) if agents is None else agents,
        counted=Counted.PER_QUEUE if agents is None else Counted.ONCE,
        window=None if Differs.WINDOW in differs else summed([shown.window for shown in tiles]),
        today=summed([shown.today for shown in tiles]),
    )


def levels_of(tiles: Sequence[Tile]) -> tuple[Level, ...]:
    """The most contacts first; equal ones by their measure, so that nothing changes places by itself."""
    alike: dict[Measure, list[Tile]] = {}
    for shown in tiles:
        alike.setdefault(measure_of(shown), []).append(shown)
    levels = [_level(measure, those) for measure, those in alike.items()]
    return tuple(sorted(levels, key=lambda level: (-level.ratio.whole, -len(level.queues), level.measure)))


def measure_of(shown: Tile) -> Measure:
    return Measure(
        formula=shown.goal.formula, threshold_ms=shown.threshold_ms, window_minutes=shown.goal.window_minutes
    )


def _level(measure: Measure, tiles: Sequence[Tile]) -> Level:
    goals = {shown.goal.percent for shown in tiles}
    ratio = sum((shown.level for shown in tiles), Ratio(0, 0))
    strictest = max(goals)
    watch = max(shown.goal.watch_percent for shown in tiles)
    goal = Goal(formula=measure.formula, percent=strictest, watch_percent=watch)
    return Level(
        measure=measure,
        queues=tuple(shown.queue for shown in tiles),
        ratio=ratio,
        goal_percent=strictest,
        goals_differ=len(goals) > 1,
        standing=standing(ratio, goal, certain=all(shown.certain for shown in tiles)),
        window=summed([shown.window for shown in tiles]),
    )


def differences(levels: Sequence[Level]) -> tuple[Differs, ...]:
    """In what the measures differ; empty where the levels are one."""
    measures = [level.measure for level in levels]
    seen: dict[Differs, set[str] | set[int]] = {
        Differs.FORMULA: {one.formula for one in measures},
        Differs.THRESHOLD: {one.threshold_ms for one in measures},
        Differs.WINDOW: {one.window_minutes for one in measures},
    }
    return tuple(what for what, values in seen.items() if len(values) > 1)


WORST_FIRST = (Standing.MISSED, Standing.WATCH, Standing.UNCERTAIN, Standing.MET, Standing.EMPTY)


def worst(standings: Sequence[Standing]) -> Standing:
    return min(standings, key=WORST_FIRST.index, default=Standing.EMPTY)


def agents_once(agents: Iterable[Serving], groups: Sequence[Sequence[QueueName]]) -> list[dict[str, int]]:
    """Of each group: state -> how many agents serve at least one of its queues. One pass over the agents."""
    counts: list[dict[str, int]] = [{} for _ in groups]
    places: dict[QueueName, list[int]] = {}
    for place, queues in enumerate(groups):
        for queue in set(queues):
            places.setdefault(queue, []).append(place)
    # agents of one team serve the same queues, so there are few different kinds of them
    for (serves, state), many in Counter([(tuple(agent.memberships), agent.state) for agent in agents]).items():
        for place in {place for queue in serves for place in places.get(queue, ())}:
            counts[place][state] = counts[place].get(state, 0) + many
    return counts


def _summed(tables: Sequence[Mapping[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for table in tables:
        for name, count in table.items():
            total[name] = total.get(name, 0) + count
    return total
