"""Groups and lines as they travel to a browser. In: tiles, groups, minutes. Out: JSON-ready values.

Ratios are [part, whole]; percentages are made on the screen. A group's row has a queue's names, so one card draws both.
May not know: sockets, HTML.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol

from dashboards.columns import Goals, Tile
from dashboards.groups import GroupTile, Level, QueueSet, Serving, grouped
from dashboards.lately import Lately
from dashboards.need import Need, need
from streams.floor.numbers import Counters, QueueNumbers, Ratio


class LabelledSet(QueueSet, Protocol):
    """A group with its names for people; "": its own name."""

    @property
    def label_zh(self) -> str: ...

    @property
    def label_en(self) -> str: ...


def pair(ratio: Ratio) -> list[int]:
    return [ratio.part, ratio.whole]


def need_of(shown: Tile) -> Need:
    return need(
        shown.standing,
        waiting=shown.waiting,
        longest_wait_ms=shown.longest_wait_ms,
        threshold_ms=shown.threshold_ms,
        agents=shown.agents,
    )


def group_rows(
    tiles: Sequence[Tile], groups: Sequence[LabelledSet], *, agents: Iterable[Serving] | None = None
) -> list[dict[str, object]]:
    """In the order of `groups`. `agents`: of the whole floor, so that each is counted once."""
    rows = [group_row(group) for group in grouped(tiles, groups, agents=agents)]
    return [
        {**row, "label_zh": group.label_zh or group.name, "label_en": group.label_en or group.name}
        for row, group in zip(rows, groups, strict=True)
    ]


def group_row(group: GroupTile) -> dict[str, object]:
    """`levels` where there are several; the row's own level is then the one with the most contacts."""
    first = group.levels[0] if group.levels else None
    strictest_ms = min((level.measure.threshold_ms for level in group.levels), default=0)
    return {
        "queue": group.name,
        "group": True,
        "at": group.at,
        "queues": list(group.queues),
        "missing": list(group.missing),
        "doubtful": list(group.doubtful),
        "standing": group.standing,
        "need": need(
            group.standing,
            waiting=group.waiting,
            longest_wait_ms=group.longest_wait_ms,
            threshold_ms=strictest_ms,
            agents=group.agents,
        ),
        "certain": group.certain,
        **_level_row(first),
        "levels": [_level_row(level) for level in group.levels] if group.differs else [],
        "differs": list(group.differs),
        "waiting": group.waiting,
        "longest_wait_ms": group.longest_wait_ms,
        "talking": group.talking,
        "agents": dict(group.agents),
        "agents_counted": group.counted,
        **_window_row(group.window),
        "today_offered": group.today.offered,
        **({"outbound": group.outbound} if group.outbound else {}),
    }


def _level_row(level: Level | None) -> dict[str, object]:
    if level is None:
        return {"level": [0, 0], "formula": "", "threshold_ms": 0, "window_minutes": 0, "goal_percent": None}
    return {
        "level": pair(level.ratio),
        "formula": level.measure.formula,
        "threshold_ms": level.measure.threshold_ms,
        "window_minutes": level.measure.window_minutes,
        "goal_percent": level.goal_percent,
        "goals_differ": level.goals_differ,
        "level_standing": level.standing,
        "level_queues": list(level.queues),
    }


def _window_row(window: Counters | None) -> dict[str, object]:
    """Null where windows differ: counts of unlike stretches do not add."""
    if window is None:
        return {"offered": None, "answered": None, "abandon": None, "asa_ms": None}
    return {
        "offered": window.offered,
        "answered": window.answered,
        "abandon": pair(window.abandon_rate),
        "asa_ms": window.asa,
    }


def lines_row(numbers: Sequence[QueueNumbers], goals: Goals, lately: Lately) -> dict[str, object]:
    """Thirty closed minutes of each queue by its own formula; `from`: when the first of them began."""
    lines = {one.queue: lately.level_line(one, goals.of(one.queue)) for one in numbers}
    begins = [line[0][0] for line in lines.values() if line]
    return {"from": min(begins, default=0), "queues": {queue: columns_of(line) for queue, line in lines.items()}}


def columns_of(line: Sequence[tuple[int, int, int]]) -> list[list[int]]:
    return [[part for _, part, _ in line], [whole for _, _, whole in line]]
