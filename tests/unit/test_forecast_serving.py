"""Agents of several queues: who counts where, worked by hand."""

import pytest

from dashboards.forecast.serving import Person, staff
from streams.vocabulary.ids import QueueName
from streams.vocabulary.states import AgentState

A, B = QueueName("A"), QueueName("B")
NOWHERE = QueueName("")


def test_a_shared_agent_counts_by_what_each_queue_asked_for() -> None:
    """A asked for 3 agents lately, B for 1: four people of both are three of A's and one of B's."""
    found = staff([Person((A, B), AgentState.READY, "", NOWHERE)] * 4, {A: 3.0, B: 1.0})
    assert [found[A].agents, found[B].agents] == pytest.approx([3.0, 1.0])
    assert (found[A].people, found[B].people) == (4, 4)


def test_shares_never_add_up_to_more_than_there_are() -> None:
    """A queue that asked for nothing takes nothing from another; two that both did share evenly."""
    found = staff([Person((A, B), AgentState.READY, "", NOWHERE)] * 6, {A: 2.0})
    assert found[A].agents + found[B].agents == pytest.approx(6.0)
    assert found[B].agents < 0.01
    alike = staff([Person((A, B), AgentState.READY, "", NOWHERE)] * 6, {})
    assert alike[A].agents == pytest.approx(3.0)


@pytest.mark.parametrize("state", [AgentState.ON_CONTACT, AgentState.ON_HOLD, AgentState.WRAP_UP])
def test_who_handles_a_contact_is_busy_for_its_queue_only(state: AgentState) -> None:
    found = staff([Person((A, B), state, "", B)], {A: 1.0, B: 1.0})
    assert (found[A].busy, found[B].busy) == (0, 1)


def test_a_contact_of_a_queue_one_has_left_still_makes_busy_there() -> None:
    """Taken out of B during a talk: B's talk goes on."""
    found = staff([Person((A,), AgentState.ON_CONTACT, "", B)], {A: 1.0})
    assert (found[B].busy, found[B].people) == (1, 0)


def test_who_is_away_is_counted_by_reason_and_works_nowhere() -> None:
    away = [Person((A,), AgentState.NOT_READY, "小休", NOWHERE)] * 3 + [
        Person((A,), AgentState.NOT_READY, "用餐", NOWHERE),
        Person((A,), AgentState.UNKNOWN, "", NOWHERE),
        Person((A,), AgentState.SIGNED_OUT, "", NOWHERE),
    ]
    found = staff(away, {A: 1.0})[A]
    assert dict(found.away) == {"小休": 3, "用餐": 1}
    assert (found.agents, found.people, found.unknown) == (0.0, 0, 1)
