"""Queues added up: what may be one number, what stands side by side, who is counted once."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from dashboards.columns import Goal, Standing, Tile, tile, totals
from dashboards.groups import Counted, Differs, GroupTile, agents_once, grouped
from dashboards.need import Need, need
from dashboards.rows import group_row
from streams.floor.numbers import Counters, QueueNumbers, Ratio
from streams.vocabulary.ids import Millis, QueueName, SiteId

A, B, C = QueueName("a"), QueueName("b"), QueueName("c")


@dataclass(frozen=True)
class Wanted:
    name: str
    queues: tuple[QueueName, ...]


@dataclass(frozen=True)
class Person:
    memberships: Mapping[QueueName, object] = field(default_factory=dict)
    state: str = "ready"


def shown(queue: QueueName, counters: Counters, *, goal: Goal | None = None, target_ms: int = 20_000, **more) -> Tile:
    asked = goal or Goal()
    told = {"certain": True, "waiting": 0, "longest_wait_ms": 0, "talking": 0, "agents": {}, "line": []} | more
    numbers = QueueNumbers(
        at=Millis(1_800_000_000_000),
        site=SiteId("sh"),
        queue=queue,
        target_ms=target_ms,
        today=counters,
        windows={asked.window_minutes: counters},
        **told,
    )
    return tile(numbers, asked)


def of(*tiles: Tile, queues: tuple[QueueName, ...] = (A, B)) -> GroupTile:
    return grouped(tiles, [Wanted("g", queues)])[0]


def answered(met: int, all_of: int, *, wait_ms: int = 0) -> Counters:
    return Counters(offered=all_of, answered=all_of, answered_in_target=met, wait_ms=wait_ms)


def test_levels_add_parts_and_wholes() -> None:
    """1 of 1 and 1 of 9 are 2 of 10, not 55.6 %."""
    group = of(shown(A, answered(1, 1)), shown(B, answered(1, 9)))
    assert [level.ratio for level in group.levels] == [Ratio(2, 10)]
    assert group.differs == ()


def test_asa_is_all_waits_over_all_answered() -> None:
    """1 x 30 s and 9 x 10 s are 12 s, not 20 s."""
    window = of(shown(A, answered(1, 1, wait_ms=30_000)), shown(B, answered(9, 9, wait_ms=90_000))).window
    assert window is not None
    assert window.asa == 12_000


def test_the_longest_wait_is_the_longest_and_waiting_adds() -> None:
    group = of(
        shown(A, Counters(), waiting=2, longest_wait_ms=5_000), shown(B, Counters(), waiting=1, longest_wait_ms=9_000)
    )
    assert (group.waiting, group.longest_wait_ms) == (3, 9_000)


@pytest.mark.parametrize(
    ("other", "target_ms", "differs"),
    [
        (Goal(formula="answered_only"), 20_000, (Differs.FORMULA,)),
        (Goal(), 15_000, (Differs.THRESHOLD,)),
        (Goal(window_minutes=60), 20_000, (Differs.WINDOW,)),
        (Goal(formula="answered_only", window_minutes=60), 15_000, tuple(Differs)),
    ],
)
def test_queues_measured_differently_stand_side_by_side(
    other: Goal, target_ms: int, differs: tuple[Differs, ...]
) -> None:
    """The most contacts first; the reason is told."""
    group = of(shown(A, answered(1, 2)), shown(B, answered(5, 9), goal=other, target_ms=target_ms))
    assert [(level.queues, level.ratio) for level in group.levels] == [((B,), Ratio(5, 9)), ((A,), Ratio(1, 2))]
    assert group.differs == differs


def test_counts_of_unlike_windows_are_no_number() -> None:
    """5 offered in 30 minutes and 7 in 60 are not 12; the day's counts still add."""
    group = of(shown(A, answered(5, 5)), shown(B, answered(7, 7), goal=Goal(window_minutes=60)))
    assert (group.window, group.today.offered) == (None, 12)


def test_the_strictest_goal_is_the_group_s() -> None:
    """85 % meets 80 % but not 90 %."""
    group = of(shown(A, answered(85, 100), goal=Goal(percent=80)), shown(B, answered(85, 100), goal=Goal(percent=90)))
    level = group.levels[0]
    assert (level.goal_percent, level.goals_differ, level.standing) == (90, True, Standing.MISSED)


def test_a_queue_the_floor_does_not_know_is_missing_by_name() -> None:
    """Never zero: the group is uncertain."""
    group = of(shown(A, answered(9, 10)))
    assert (group.missing, group.standing, group.certain) == ((B,), Standing.UNCERTAIN, False)


def test_a_lost_source_makes_the_group_uncertain_and_is_named() -> None:
    group = of(shown(A, answered(9, 10)), shown(B, answered(1, 10), certain=False))
    assert (group.doubtful, group.standing) == ((B,), Standing.UNCERTAIN)


def test_a_group_of_nothing_has_no_answer() -> None:
    group = of(shown(A, Counters()), shown(B, Counters()))
    assert (group.standing, group.levels[0].ratio.percent) == (Standing.EMPTY, None)


def test_an_agent_of_two_queues_is_one_agent() -> None:
    """Three people, four memberships; who serves neither is not counted."""
    both, one, other, outside = (
        Person({A: 0, B: 0}),
        Person({A: 0}, "on_contact"),
        Person({B: 0}),
        Person({C: 0}),
    )
    assert agents_once([both, one, other, outside], [(A, B), (B,), ()]) == [
        {"ready": 2, "on_contact": 1},
        {"ready": 2},
        {},
    ]


def test_a_group_says_how_its_agents_were_counted() -> None:
    tiles = [shown(A, Counters(), agents={"ready": 1}), shown(B, Counters(), agents={"ready": 1})]
    alone = grouped(tiles, [Wanted("g", (A, B))])[0]
    people = grouped(tiles, [Wanted("g", (A, B))], agents=[Person({A: 0, B: 0})])[0]
    assert (alone.agents, alone.counted) == ({"ready": 2}, Counted.PER_QUEUE)
    assert (people.agents, people.counted) == ({"ready": 1}, Counted.ONCE)


def test_a_queue_named_twice_counts_once() -> None:
    assert of(shown(A, answered(1, 2), waiting=3), queues=(A, A)).waiting == 3


def test_a_group_s_row_is_a_card_s_row() -> None:
    """The same names, levels side by side only where they differ."""
    row = group_row(of(shown(A, answered(1, 2)), shown(B, answered(5, 9), target_ms=15_000)))
    assert (row["level"], row["threshold_ms"], row["differs"]) == ([5, 9], 15_000, ["threshold"])
    levels = row["levels"]
    assert isinstance(levels, list)
    assert [one["level"] for one in levels] == [[5, 9], [1, 2]]


def test_the_header_adds_only_what_is_measured_alike() -> None:
    """The level of the most contacts, and how many ways of measuring there are."""
    total = totals([shown(A, answered(1, 2)), shown(B, answered(1, 3)), shown(C, answered(3, 4), target_ms=10_000)])
    assert (total.level, total.measures) == (Ratio(2, 5), 2)


@pytest.mark.parametrize(
    ("standing", "waiting", "longest_wait_ms", "agents", "expected"),
    [
        (Standing.MET, 1, 1_000, {"not_ready": 3}, Need.NOBODY),
        (Standing.MISSED, 0, 0, {}, Need.MISSED),
        (Standing.MET, 1, 60_001, {"on_contact": 1}, Need.OVERDUE),
        (Standing.MET, 1, 60_000, {"on_contact": 1}, Need.MET),
        (Standing.WATCH, 0, 0, {}, Need.WATCH),
        (Standing.UNCERTAIN, 5, 900_000, {}, Need.UNCERTAIN),
        (Standing.EMPTY, 0, 0, {}, Need.EMPTY),
    ],
)
def test_who_needs_somebody_first(
    standing: Standing, waiting: int, longest_wait_ms: int, agents: dict[str, int], expected: Need
) -> None:
    """An uncertain queue never pushes a known need down."""
    found = need(standing, waiting=waiting, longest_wait_ms=longest_wait_ms, threshold_ms=20_000, agents=agents)
    assert found is expected
