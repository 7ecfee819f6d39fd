"""An offer to an agent: how each kind of "not taken" reads on the wire (traces README, order 5 to 7)."""

import pytest

from streams.vocabulary.events import ContactAccepted, ContactDeclined, ContactOffered, Event
from streams.vocabulary.states import DeclineReason
from tests.ami_story import CALLER, LEG, Switch, names


def offered() -> Switch:
    """Joined at 0, ringing at 1001 since 1 s."""
    switch = Switch()
    switch.join(0)
    switch.call(1000)
    return switch


def declined(events: list[Event]) -> tuple[DeclineReason, int]:
    (event,) = events
    assert isinstance(event, ContactDeclined)
    return event.reason, event.ring_ms


def test_a_call_to_a_member_is_an_offer_of_the_waiting_leg() -> None:
    switch = Switch()
    switch.join(0)
    (offer,) = switch.call(1000)
    assert isinstance(offer, ContactOffered)
    assert (offer.contact, offer.leg, offer.agent) == (CALLER, 1, "1001")


def test_ring_out_is_told_before_its_dial_end() -> None:
    """AgentRingNoAnswer < DialEnd NOANSWER < a second DialEnd CANCEL < Hangup with cause 0."""
    switch = offered()
    told = switch.not_taken(13_000)
    told += switch.dial_end(13_001, "NOANSWER") + switch.dial_end(13_002, "CANCEL")
    assert told == []
    assert declined(switch.hang(13_500, LEG, cause=0)) == (DeclineReason.NO_ANSWER, 12_000)


@pytest.mark.parametrize(("cause", "reason"), [(17, DeclineReason.BUSY), (21, DeclineReason.REJECTED)])
def test_busy_and_rejected_differ_only_by_the_cause_of_the_hang_up(cause: int, reason: DeclineReason) -> None:
    """DialEnd says NOANSWER for both, and comes before AgentRingNoAnswer."""
    switch = offered()
    switch.dial_end(1800, "NOANSWER")
    switch.not_taken(1801)
    assert declined(switch.hang(1900, LEG, cause=cause)) == (reason, 800)


def test_an_offer_cancelled_without_more_was_withdrawn() -> None:
    """The caller left, or with ringall another agent was faster."""
    switch = offered()
    switch.dial_end(4000, "CANCEL")
    assert declined(switch.hang(4001, LEG)) == (DeclineReason.WITHDRAWN, 3000)


def test_picking_up_is_told_before_anybody_is_connected() -> None:
    (taken,) = offered().dial_end(3000, "ANSWER")
    assert isinstance(taken, ContactAccepted)
    assert taken.agent == "1001"


def test_an_answered_offer_whose_caller_hung_up_in_the_announcement() -> None:
    switch = offered()
    switch.dial_end(3000, "ANSWER")
    switch.abandon(4000, wait_s=4)
    assert names(switch.status(4000, "CONTINUE")) == ["ContactAbandoned"]
    assert declined(switch.hang(4100, LEG))[0] is DeclineReason.CUSTOMER_GONE


def test_an_agent_who_hangs_up_in_the_announcement_rejected_the_contact() -> None:
    switch = offered()
    switch.dial_end(3000, "ANSWER")
    assert declined(switch.hang(4000, LEG))[0] is DeclineReason.REJECTED


def test_a_taken_offer_is_never_declined_at_its_hang_up() -> None:
    switch = offered()
    switch.dial_end(3000, "ANSWER")
    switch.connect(3000)
    assert names(switch.hang(9000, LEG)) == ["ContactEnded", "WrapUpStarted"]


def test_with_ringall_each_loser_is_withdrawn_and_the_winner_is_not() -> None:
    switch = offered()
    switch.call(1000, agent="1002", leg="9.9")
    switch.dial_end(3000, "ANSWER")
    switch.dial_end(3000, "CANCEL", leg="9.9")
    switch.connect(3000)
    assert declined(switch.hang(3001, "9.9"))[0] is DeclineReason.WITHDRAWN


def test_an_offer_of_a_caller_nobody_saw_join_is_counted() -> None:
    switch = Switch()
    assert switch.call(0) == []
    assert switch.translator.untold == {"offer_without_visit": 1}
