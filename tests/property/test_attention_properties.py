"""Whatever the floor: nothing unknown is listed, nothing moves without a cause, the list stays short."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from alerts.rules import Severity
from monitor.attention import LISTED, attention
from monitor.attention_items import FloorKind, Known, Missed
from monitor.attention_limits import AttentionLimits
from seat_map.attention import KIND_OF, NEVER_MS
from seat_map.limits import Limit, Limits
from seat_map.palette import SeatCode
from streams.floor.certainty import Doubt, certainty_of
from streams.floor.records import AgentRecord
from streams.vocabulary.ids import Millis
from streams.vocabulary.states import AgentState, Certainty
from tests.attention_room import NOW, agent, queue, scene

LIMITS = AttentionLimits(seats=Limits(by_reason={"用餐": Limit(100_000, 200_000)}))
QUEUES = ("甲", "乙", "丙")
STATES = [state for state in AgentState if state is not AgentState.UNKNOWN]


@st.composite
def agents(draw: st.DrawFn) -> list[AgentRecord]:
    people = []
    for number in range(draw(st.integers(0, 45))):
        state = draw(st.sampled_from(STATES))
        reason = draw(st.sampled_from(["", "用餐", "小休", "unreachable"])) if state is AgentState.NOT_READY else ""
        served = draw(st.lists(st.sampled_from(QUEUES), min_size=1, max_size=2, unique=True))
        one = agent(number, state, draw(st.integers(0, 2_000_000)), reason=reason, queues=served)
        if draw(st.integers(0, 9)) == 0:
            one.lost_since = Millis(NOW - draw(st.integers(0, 100_000)))
        people.append(one)
    return people


tiles = st.builds(
    lambda name, certain, waiting, wait, ready: queue(
        name, certain=certain, waiting=waiting, longest_wait_ms=wait if waiting else 0, agents={"ready": ready}
    ),
    st.sampled_from(QUEUES),
    st.booleans(),
    st.integers(0, 3),
    st.integers(0, 200_000),
    st.integers(0, 3),
)
floors = st.tuples(
    agents(),
    st.lists(st.sampled_from(list(Doubt)), min_size=45, max_size=45),
    st.lists(st.integers(-1, 4), min_size=45, max_size=45),
    st.lists(tiles, max_size=3, unique_by=lambda one: one.queue),
    st.sets(st.integers(0, 44)),
)


def known_of(people: list[AgentRecord], missed: set[int]) -> Known:
    return Known(
        agents={one.id: one for one in people},
        missed={row: Missed(3, Millis(NOW - 60_000)) for row in missed if row < len(people)},
    )


@given(floors)
def test_nothing_that_is_unknown_uncertain_or_stale_is_ever_listed(floor):
    """Neither a seat nor a queue; the silence is said instead, exactly when there is some."""
    people, doubts, teams, shown, missed = floor
    doubted = {one.id: Doubt.NONE if one.lost_since else why for one, why in zip(people, doubts, strict=False)}
    seen = scene(people, doubts=doubted, teams=teams[: len(people)])
    found = attention(seen, shown, LIMITS, NOW, known=known_of(people, missed))
    stale = {row for row, one in enumerate(people) if certainty_of(doubted[one.id]) is Certainty.STALE}
    blind = stale | {row for row, one in enumerate(people) if one.lost_since is not None}
    unsure = {tile.queue for tile in shown if not tile.certain}
    for row in stale:
        unsure.update(people[row].memberships)
    for item in found.items:
        assert blind.isdisjoint(item.rows)
        assert item.queue not in unsure
    silent = [item.kind for item in found.items].count(FloorKind.SOURCE_SILENT)
    assert silent == bool(blind or any(tile.queue in unsure for tile in shown))


@given(floors)
def test_every_seat_beyond_its_limit_is_counted_once_and_no_other(floor):
    """Singly, in a storm, or among the rest: judged seat by seat, the slow way, the same seats come out."""
    people, _, teams, _, _ = floor
    seen = scene(people, teams=teams[: len(people)])
    found = attention(seen, (), LIMITS, NOW)
    counted = sum(item.count for item in found.items if item.kind is not FloorKind.SOURCE_SILENT) + found.more
    assert counted == sum(beyond(seen.columns.code[row], one) for row, one in enumerate(people))
    assert len(found.items) <= LISTED


def beyond(code: int, one: AgentRecord) -> bool:
    if one.lost_since is not None or SeatCode(int(code)) not in KIND_OF:
        return False
    own = LIMITS.seats.by_reason.get(one.reason) if code == SeatCode.NOT_READY else None
    limit = own or LIMITS.seats.by_code.get(SeatCode(int(code)), Limit(NEVER_MS, NEVER_MS))
    return NOW - one.since >= limit.amber_ms


@given(floors, st.integers(1, 20))
def test_nothing_moves_while_nothing_happens(floor, seconds):
    """Whoever stands above another still does: only new lines, lines that are over and worse cases change the order."""
    people, doubts, teams, shown, missed = floor
    doubted = {one.id: Doubt.NONE if one.lost_since else why for one, why in zip(people, doubts, strict=False)}
    seen, known = scene(people, doubts=doubted, teams=teams[: len(people)]), known_of(people, missed)
    first = attention(seen, shown, LIMITS, NOW, known=known)
    again = Known(agents=known.agents, missed=known.missed, before=first.kept)
    later = attention(seen, shown, LIMITS, Millis(NOW + 1000 * seconds), known=again)
    same = {(item.key, item.severity) for item in first.items} & {(item.key, item.severity) for item in later.items}
    # a storm that grows keeps its place; whoever it takes in is gone as a line
    assert [i.key for i in first.items if (i.key, i.severity) in same] == [
        i.key for i in later.items if (i.key, i.severity) in same
    ]


@given(floors)
def test_red_stands_above_amber(floor):
    people, _, teams, shown, _ = floor
    found = attention(scene(people, teams=teams[: len(people)]), shown, LIMITS, NOW, known=known_of(people, set()))
    red = [item.severity is Severity.CRITICAL for item in found.items]
    assert red == sorted(red, reverse=True)


@given(floors, st.sets(st.integers(0, 44)))
def test_a_scope_lists_its_own_rows_only(floor, own):
    people, doubts, teams, shown, missed = floor
    doubted = {one.id: why for one, why in zip(people, doubts, strict=False)}
    rows = np.array(sorted(row for row in own if row < len(people)), np.intp)
    seen = scene(people, doubts=doubted, teams=teams[: len(people)])
    found = attention(seen, shown, LIMITS, NOW, rows=rows, known=known_of(people, missed))
    assert {row for item in found.items for row in item.rows} <= set(rows.tolist())
