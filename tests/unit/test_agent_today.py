"""An agent's day in numbers, worked by hand."""

from dashboards.agent_today import agent_today
from streams.floor.numbers import Ratio
from streams.floor.records import AgentRecord, Totals
from streams.vocabulary.ids import AgentId, ContactId, Millis, SourceId
from streams.vocabulary.states import AgentState

NOW = Millis(1_795_291_649_000)


def agent(state: AgentState, for_ms: int, **today: int) -> AgentRecord:
    record = AgentRecord(id=AgentId("8001"), source=SourceId("pbx"), state=state, since=Millis(NOW - for_ms))
    record.today = Totals(**today)
    return record


def test_the_running_stretch_counts():
    """30 s ready closed, 10 s of talk running: 40 s of talk in 70 s."""
    told = agent_today(agent(AgentState.ON_CONTACT, 10_000, talk_ms=30_000, ready_ms=30_000), NOW)
    assert told.occupancy == Ratio(40_000, 70_000)
    assert agent_today(agent(AgentState.NOT_READY, 10_000, not_ready_ms=5000), NOW).not_ready_ms == 15_000


def test_handling_time_divides_by_contacts_that_have_ended():
    """Three answered, one still talks: (200 + 20 + 20) / 2 = 120 s."""
    record = agent(
        AgentState.ON_CONTACT, 60_000, answered=2, reached=1, talk_ms=200_000, hold_ms=20_000, wrap_up_ms=20_000
    )
    record.talks = [(ContactId("1.1"), 1)]
    told = agent_today(record, NOW)
    assert (told.handled, told.aht) == (3, 120_000)


def test_before_the_first_has_ended_there_is_no_answer():
    told = agent_today(agent(AgentState.SIGNED_OUT, 10_000), NOW)
    assert (told.aht, told.occupancy.value) == (None, None)


def test_a_stretch_over_midnight_counts_from_midnight():
    told = agent_today(agent(AgentState.NOT_READY, 3_600_000), NOW, day_began=Millis(NOW - 60_000))
    assert told.not_ready_ms == 60_000


def test_what_is_not_known_adds_nothing():
    record = agent(AgentState.ON_CONTACT, 10_000, talk_ms=30_000, ready_ms=10_000)
    record.lost_since = Millis(NOW - 5000)
    assert agent_today(record, NOW).occupancy == Ratio(30_000, 40_000)
