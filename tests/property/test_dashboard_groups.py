"""A group of queues against brute force over the contacts themselves."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from dashboards.columns import Goal, tile
from dashboards.groups import agents_once, grouped
from streams.floor.numbers import COUNTER_NAMES, Counters, QueueNumbers
from streams.floor.rollup import summed
from streams.vocabulary.ids import Millis, QueueName, SiteId

QUEUES = tuple(QueueName(name) for name in "abcd")
MEASURES = (("answered_abandoned", 20_000), ("answered_abandoned", 10_000), ("answered_only", 20_000))


@dataclass(frozen=True)
class Contact:
    queue: QueueName
    wait_ms: int
    outcome: str


@dataclass(frozen=True)
class Wanted:
    name: str
    queues: tuple[QueueName, ...]


@dataclass(frozen=True)
class Person:
    memberships: dict[QueueName, object]
    state: str


contacts = st.lists(
    st.builds(
        Contact,
        queue=st.sampled_from(QUEUES),
        wait_ms=st.integers(0, 40_000),
        outcome=st.sampled_from(("answered", "abandoned", "waiting")),
    ),
    max_size=40,
)
measures = st.lists(st.sampled_from(MEASURES), min_size=4, max_size=4)
people = st.lists(
    st.builds(
        Person,
        memberships=st.sets(st.sampled_from(QUEUES)).map(lambda queues: dict.fromkeys(queues, object())),
        state=st.sampled_from(("ready", "on_contact")),
    ),
    max_size=12,
)


def numbers_of(queue: QueueName, all_contacts: list[Contact], target_ms: int) -> QueueNumbers:
    counters, waits = Counters(), []
    for one in all_contacts:
        if one.queue != queue:
            continue
        counters.offered += 1
        match one.outcome:
            case "answered":
                counters.answered += 1
                counters.answered_in_target += one.wait_ms <= target_ms
                counters.wait_ms += one.wait_ms
            case "abandoned":
                counters.abandoned += 1
            case _:
                waits.append(one.wait_ms)
    return QueueNumbers(
        at=Millis(0),
        site=SiteId("s"),
        queue=queue,
        target_ms=target_ms,
        certain=True,
        waiting=len(waits),
        longest_wait_ms=max(waits, default=0),
        talking=0,
        agents={},
        today=counters,
        windows={30: counters},
        line=[],
    )


@given(contacts, measures, st.lists(st.sampled_from(QUEUES), max_size=5))
def test_a_group_equals_a_count_over_its_contacts(
    told: list[Contact], measured: list[tuple[str, int]], wanted: list[QueueName]
) -> None:
    """Waiting, longest wait, mean wait, and each level over the contacts of the queues that share its measure."""
    by_queue = dict(zip(QUEUES, measured, strict=True))
    tiles = [tile(numbers_of(q, told, by_queue[q][1]), Goal(formula=by_queue[q][0])) for q in QUEUES]
    group = grouped(tiles, [Wanted("g", tuple(wanted))])[0]

    inside = [one for one in told if one.queue in wanted]
    waits = [one.wait_ms for one in inside if one.outcome == "waiting"]
    answers = [one.wait_ms for one in inside if one.outcome == "answered"]
    assert (group.waiting, group.longest_wait_ms) == (len(waits), max(waits, default=0))
    assert group.window is not None
    assert group.window.asa == (sum(answers) / len(answers) if answers else None)
    assert sorted(queue for level in group.levels for queue in level.queues) == sorted(set(wanted))
    for level in group.levels:
        formula, target_ms = level.measure.formula, level.measure.threshold_ms
        alike = [one for one in inside if by_queue[one.queue] == (formula, target_ms)]
        met = sum(one.outcome == "answered" and one.wait_ms <= target_ms for one in alike)
        counted = ("answered", "abandoned") if formula == "answered_abandoned" else ("answered",)
        assert (level.ratio.part, level.ratio.whole) == (met, sum(one.outcome in counted for one in alike))


@given(people, st.lists(st.lists(st.sampled_from(QUEUES), max_size=4), max_size=4))
def test_agents_of_a_group_are_counted_once_each(told: list[Person], groups: list[list[QueueName]]) -> None:
    for queues, counted in zip(groups, agents_once(told, groups), strict=True):
        serving = [one.state for one in told if set(one.memberships) & set(queues)]
        assert counted == {state: serving.count(state) for state in set(serving)}


@given(st.lists(st.builds(Counters, **dict.fromkeys(COUNTER_NAMES, st.integers(0, 10**9))), max_size=5))
def test_a_sum_by_columns_is_the_sum_by_plus(counters: list[Counters]) -> None:
    """The quick way and the plain one; nothing added up is nothing."""
    assert summed(counters) == sum(counters, Counters())
