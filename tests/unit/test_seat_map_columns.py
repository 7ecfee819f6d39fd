"""What a seat shows for an agent."""

import pytest

from seat_map.columns import DOUBTS, Differs, Reasons, SeatColumns, SeatFlag, label_of
from seat_map.palette import SeatCode
from streams.floor.certainty import Doubt
from streams.floor.records import AgentRecord, Membership
from streams.vocabulary.ids import AgentId, Millis, QueueName, SourceId
from streams.vocabulary.states import AgentState


def agent(state: AgentState, **more) -> AgentRecord:
    return AgentRecord(id=AgentId("8001"), source=SourceId("a"), state=state, since=Millis(1000), **more)


def test_a_lost_source_makes_every_agent_unknown_and_uncertain():
    """Decision 4: never calm when not known."""
    label = label_of(agent(AgentState.READY, lost_since=Millis(5000)))
    assert (label.code, label.flags, label.since) == (SeatCode.UNKNOWN, SeatFlag.UNCERTAIN, 5000)


def test_an_unreachable_telephone_is_trouble():
    assert label_of(agent(AgentState.NOT_READY, reason="unreachable")).code is SeatCode.TROUBLE


def test_a_reserved_pause_is_shown_during_the_contact():
    pause = Membership(queue=QueueName("q"), joined_at=Millis(0), not_ready=True, reason="小休")
    label = label_of(agent(AgentState.ON_CONTACT, memberships={QueueName("q"): pause}))
    assert (label.code, label.flags, label.reason) == (SeatCode.ON_CONTACT, SeatFlag.RESERVED, "小休")


def test_a_row_written_twice_the_same_is_no_change():
    columns = SeatColumns(2)
    label = label_of(agent(AgentState.READY))
    assert columns.put(1, label, 0) is Differs.LABEL
    assert columns.put(1, label, 0) is Differs.NOT


@pytest.mark.parametrize("doubt", list(Doubt))
def test_a_doubt_travels_above_the_flags_and_is_counted(doubt: Doubt):
    """Beside what else the seat says; nothing is counted of who is sure."""
    columns = SeatColumns(2)
    pause = Membership(queue=QueueName("q"), joined_at=Millis(0), not_ready=True)
    label = label_of(agent(AgentState.ON_CONTACT, memberships={QueueName("q"): pause}), doubt)
    columns.put(0, label, 0)
    assert (label.flags & 15, DOUBTS[label.flags >> 4]) == (SeatFlag.RESERVED, doubt)
    assert columns.doubts() == ({doubt: 1} if doubt else {})


def test_the_unknown_are_not_counted_among_the_doubted():
    """They say so themselves."""
    columns = SeatColumns(1)
    columns.put(0, label_of(agent(AgentState.READY, lost_since=Millis(5000)), Doubt.SOURCE_LOST), 0)
    assert columns.doubts() == {}


def test_a_row_whose_doubt_alone_changes_says_so():
    columns = SeatColumns(1)
    columns.put(0, label_of(agent(AgentState.READY)), 0)
    assert columns.put(0, label_of(agent(AgentState.READY), Doubt.SILENT), 0) is Differs.DOUBT


def test_every_doubt_has_a_number_that_fits_half_a_byte():
    assert len(DOUBTS) <= 16


def test_an_age_is_never_negative():
    columns = SeatColumns(1)
    columns.put(0, label_of(agent(AgentState.READY)), 0)
    assert columns.ages(Millis(10)).tolist() == [0]


def test_reasons_keep_their_numbers():
    reasons = Reasons()
    assert [reasons.number(text) for text in ("", "小休", "用餐", "小休")] == [0, 1, 2, 1]
