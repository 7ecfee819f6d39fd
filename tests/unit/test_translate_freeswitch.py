"""mod_callcenter's rarer turns, told by hand: each is a trap of the traces' README or a branch of mod_callcenter.c."""

import pytest

from streams.vocabulary import events as ev
from streams.vocabulary.ids import QueueName
from streams.vocabulary.states import DeclineReason, EndedBy, GapReason, OverflowReason
from streams.wire.esl_lists import ListedTier
from tests.fs_story import SALES, T0, Centre, listed_agent, listed_channel, listed_member


def last(centre: Centre, kind: type[ev.Event]) -> ev.Event:
    return next(one for one in reversed(centre.told) if isinstance(one, kind))


def counts(centre: Centre) -> dict[str, int]:
    today = centre.floor.queues[QueueName(SALES)].today
    return {"offered": today.offered, "answered": today.answered, "abandoned": today.abandoned, **today.overflowed}


# --- visits --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "counted"),
    [
        ("BREAK_OUT", "abandoned"),
        ("TIMEOUT", "timeout"),
        ("NO_AGENT_TIMEOUT", "empty"),
        ("EXIT_WITH_KEY", "key"),
        ("NONE", "withdrawn"),
    ],
)
def test_each_way_out_has_its_own_count(reason: str, counted: str) -> None:
    """CC-Cancel-Reason; what the switch cannot name itself is withdrawn."""
    centre = Centre().start()
    centre.join(1, "m1")
    centre.cancel(4.5, "m1", reason)
    assert {key: value for key, value in counts(centre).items() if value} == {"offered": 1, counted: 1}
    assert getattr(centre.told[-1], "wait_ms", None) == 3_500


def test_a_bridge_is_final_even_when_a_timeout_follows() -> None:
    """The row says Abandoned, yet the call goes on, and ends with a second member-queue-end."""
    centre = Centre().start()
    centre.join(1, "m1")
    centre.bridge(5, "m1", "1001")
    centre.cancel(5.02, "m1", "TIMEOUT")
    assert centre.label("1001") == "on_contact"
    centre.hang_up(9, "m1", "1001")
    assert counts(centre) == {"offered": 1, "answered": 1, "abandoned": 0}
    assert centre.translator.noticed == {"cancel_after_bridge": 1}


def test_a_resume_is_a_new_visit_of_a_new_contact() -> None:
    """The member's uuid comes again with another session; the first visit was abandoned all the same."""
    centre = Centre().start()
    centre.join(1, "m1")
    centre.cancel(3, "m1", "BREAK_OUT")
    centre.member(10, "member-queue-resume", "m1", session="second")
    centre.member(
        12,
        "bridge-agent-start",
        "m1",
        session="second",
        CC_Agent="1001",
        CC_Agent_UUID="leg",
        CC_Member_Joined_Time="1",
    )
    assert counts(centre) == {"offered": 2, "answered": 1, "abandoned": 1}
    answered = last(centre, ev.ContactAnswered)
    assert isinstance(answered, ev.ContactAnswered)
    assert (answered.contact.split(".")[1], answered.wait_ms) == ("second", 2_000)


def test_a_transfer_opens_the_next_leg_before_the_first_one_ends() -> None:
    """Same session, new member: the new start comes before the old end (4 of 4 in the trace)."""
    centre = Centre().start()
    centre.join(1, "m1", session="s")
    centre.member(2, "bridge-agent-start", "m1", session="s", CC_Agent="1001", CC_Agent_UUID="leg")
    centre.join(6, "m2", session="s")
    ends = {"CC_Agent": "1001", "CC_Agent_UUID": "leg", "session": "s"}
    centre.member(6.1, "bridge-agent-end", "m1", **ends, variable_sip_hangup_disposition="send_bye")
    centre.member(
        6.1,
        "member-queue-end",
        "m1",
        **ends,
        CC_Cause="Terminated",
        Answer_State="answered",
        Caller_Transfer_Source="1795295861:x:bl_xfer:7102/queues/XML",
        Caller_Destination_Number="7102",
    )
    assert sorted((one.leg, one.answered_at > 0) for one in centre.floor.state.visits.values()) == [(2, False)]
    ended, moved = last(centre, ev.ContactEnded), last(centre, ev.ContactTransferred)
    assert isinstance(ended, ev.ContactEnded)
    assert isinstance(moved, ev.ContactTransferred)
    assert (ended.leg, ended.ended_by, moved.target) == (1, EndedBy.TRANSFER, "7102")


@pytest.mark.parametrize(
    ("disposition", "member", "ended_by"),
    [
        ("recv_bye", {}, EndedBy.AGENT),
        ("send_bye", {}, EndedBy.CUSTOMER),
        ("", {"Caller_Channel_Hangup_Time": "1"}, EndedBy.UNKNOWN),
        ("send_bye", {"Answer_State": "answered"}, EndedBy.AGENT),
    ],
    ids=["agent's BYE", "switch cleared the agent", "no SIP leg", "caller lives on"],
)
def test_who_hung_up_stands_in_the_two_last_events(disposition: str, member: dict[str, str], ended_by: EndedBy) -> None:
    """CC-Hangup-Cause is always SUCCESS there and says nothing."""
    centre = Centre().start()
    centre.join(1, "m1")
    centre.bridge(2, "m1", "1001")
    centre.hang_up(8, "m1", "1001", disposition=disposition, **member)
    ended = last(centre, ev.ContactEnded)
    assert isinstance(ended, ev.ContactEnded)
    assert (ended.ended_by, ended.talk_ms) == (ended_by, 6_000)


def test_an_answer_that_never_became_a_bridge_ends_at_once() -> None:
    """CC-Agent-Bridged false: no member-queue-end Terminated will follow, and no wrap-up is owed."""
    centre = Centre().start()
    centre.join(1, "m1")
    centre.bridge(2, "m1", "1001")
    centre.member(2.5, "bridge-agent-end", "m1", CC_Agent="1001", CC_Agent_UUID="leg-1001", CC_Agent_Bridged="false")
    assert centre.label("1001") == "ready"
    assert centre.floor.state.visits == {}


# --- offers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cause", "reason", "label", "free_after_s"),
    [
        ("ALLOTTED_TIMEOUT", DeclineReason.NO_ANSWER, "not_ready delay", 4),
        ("CALL_REJECTED", DeclineReason.REJECTED, "not_ready delay", 6),
        ("USER_BUSY", DeclineReason.BUSY, "not_ready delay", 8),
        ("LOSE_RACE", DeclineReason.WITHDRAWN, "ready", 0),
        ("ORIGINATOR_CANCEL", DeclineReason.WITHDRAWN, "ready", 0),
    ],
)
def test_an_offer_not_taken_costs_the_agent_its_delay(
    cause: str, reason: DeclineReason, label: str, free_after_s: int
) -> None:
    """reject-, busy- and no-answer-delay of `agent list`; no event tells them."""
    centre = Centre().start()
    centre.join(1, "m1")
    centre.member(2, "agent-offering", "m1", CC_Agent="1001")
    assert centre.label("1001") == "offered"
    centre.member(5, "bridge-agent-fail", "m1", CC_Agent="1001", CC_Hangup_Cause=cause)
    centre.cc(5, "agent-state-change", CC_Agent="1001", CC_Agent_State="Waiting")
    declined = last(centre, ev.ContactDeclined)
    assert isinstance(declined, ev.ContactDeclined)
    assert (declined.reason, declined.ring_ms) == (reason, 3_000)
    assert centre.label("1001", 5) == label
    assert centre.label("1001", 5 + free_after_s) == "ready"


def test_a_caller_who_leaves_while_it_rings_is_gone_before_the_offer_fails() -> None:
    centre = Centre().start()
    centre.join(1, "m1")
    centre.member(2, "agent-offering", "m1", CC_Agent="1001")
    centre.cancel(3, "m1", "BREAK_OUT")
    centre.member(3.1, "bridge-agent-fail", "m1", CC_Agent="1001", CC_Hangup_Cause="ORIGINATOR_CANCEL")
    declined = last(centre, ev.ContactDeclined)
    assert isinstance(declined, ev.ContactDeclined)
    assert declined.reason is DeclineReason.CUSTOMER_GONE
    assert centre.label("1001") == "ready"


def test_an_agent_freed_without_a_word_is_not_offered_any_more() -> None:
    """Who answers a ring-all caller too late gets no bridge-agent-fail; the state alone tells."""
    centre = Centre().start()
    centre.join(1, "m1")
    centre.member(2, "agent-offering", "m1", CC_Agent="1001")
    centre.cc(3, "agent-state-change", CC_Agent="1001", CC_Agent_State="Waiting")
    assert centre.label("1001") == "ready"


# --- agents --------------------------------------------------------------------------------------------------------


def test_status_is_repeated_by_the_switch_and_told_once() -> None:
    """A status event is sent even if nothing changed."""
    centre = Centre().start()
    for at in (1, 2, 3):
        centre.cc(at, "agent-status-change", CC_Agent="1001", CC_Agent_Status="On Break")
    assert centre.kinds().count("AgentNotReady") == 1
    assert centre.label("1001") == "not_ready On Break"


def test_a_break_the_switch_ordered_says_so() -> None:
    """agent-max-no-answer comes before the status it orders; the next break is the agent's own again."""
    centre = Centre().start()
    centre.cc(1, "agent-max-no-answer", CC_Agent="1001")
    centre.cc(1, "agent-status-change", CC_Agent="1001", CC_Agent_Status="On Break")
    assert centre.label("1001") == "not_ready max-no-answer"
    centre.cc(5, "agent-status-change", CC_Agent="1001", CC_Agent_Status="Available")
    centre.cc(9, "agent-status-change", CC_Agent="1001", CC_Agent_Status="On Break")
    assert centre.label("1001") == "not_ready On Break"


def test_a_reload_logs_everybody_out_and_who_talks_stays_on_the_contact() -> None:
    """`queue reload` applies the XML's status to all agents; the call goes on, and ends signed out, without wrap-up."""
    centre = Centre().start()
    centre.join(1, "m1")
    centre.bridge(2, "m1", "1001")
    for agent in ("1001", "1002"):
        centre.cc(3, "agent-contact-change", CC_Agent=agent, CC_Agent_Contact="sofia/pbx/x@h")
        centre.cc(3, "agent-status-change", CC_Agent=agent, CC_Agent_Status="Logged Out")
    assert (centre.label("1001"), centre.label("1002")) == ("on_contact", "signed_out")
    centre.hang_up(8, "m1", "1001")
    assert centre.label("1001") == "signed_out"
    assert "WrapUpStarted" not in centre.kinds()


def test_wrap_up_lasts_a_second_longer_than_configured() -> None:
    """mod_callcenter: last_bridge_end < now - wrap_up_time, in whole seconds; 5 s from 8.4 s end at 14 s."""
    centre = Centre().start()
    centre.join(1, "m1")
    centre.bridge(2, "m1", "1001")
    centre.hang_up(8.4, "m1", "1001")
    assert centre.label("1001", 13.999) == "wrap_up"
    assert centre.label("1001", 14) == "ready"


def test_a_break_in_wrap_up_shows_as_a_break_and_back() -> None:
    """Wrap-up needs an available agent, as in `agent list`."""
    centre = Centre().start()
    centre.join(1, "m1")
    centre.bridge(2, "m1", "1001")
    centre.hang_up(8, "m1", "1001")
    centre.cc(9, "agent-status-change", CC_Agent="1001", CC_Agent_Status="On Break")
    assert centre.label("1001") == "not_ready On Break"
    centre.cc(10, "agent-status-change", CC_Agent="1001", CC_Agent_Status="Available")
    assert centre.label("1001") == "wrap_up"
    assert centre.label("1001", 14) == "ready"


def test_an_agent_on_demand_is_idle_until_set_to_waiting() -> None:
    centre = Centre()
    centre.apply(centre.translator.connected(T0))
    centre.picture(0, agents=(listed_agent("1012", status="Available (On Demand)", wrap_up_s=0),))
    centre.join(1, "m1")
    centre.bridge(2, "m1", "1012")
    centre.hang_up(8, "m1", "1012")
    centre.cc(8.1, "agent-state-change", CC_Agent="1012", CC_Agent_State="Idle")
    assert centre.label("1012") == "not_ready idle"
    centre.cc(20, "agent-state-change", CC_Agent="1012", CC_Agent_State="Waiting")
    assert centre.label("1012") == "ready"


def test_only_the_leg_the_queue_knows_holds() -> None:
    """The telephone's own leg sends a second pair."""
    centre = Centre().start()
    centre.join(1, "m1")
    centre.bridge(2, "m1", "1001")
    centre.event(3, "CHANNEL_HOLD", Unique_ID="phone-leg")
    assert centre.label("1001") == "on_contact"
    centre.event(3, "CHANNEL_HOLD", Unique_ID="leg-1001")
    assert centre.label("1001") == "on_hold"
    centre.event(5, "CHANNEL_UNHOLD", Unique_ID="leg-1001")
    assert centre.label("1001") == "on_contact"


# --- pictures ------------------------------------------------------------------------------------------------------


def test_a_new_core_uuid_closes_everything_and_waits_for_a_picture() -> None:
    """A kill -9 sends nothing: no end, no hang-up. The lists of the new process name nobody."""
    centre = Centre().start()
    centre.join(1, "m1")
    centre.join(1, "m2")
    centre.bridge(2, "m2", "1001")
    centre.core = "core-2"
    centre.event(10, "HEARTBEAT")
    lost = last(centre, ev.SourceLost)
    assert isinstance(lost, ev.SourceLost)
    assert lost.reason is GapReason.RESTARTED
    assert (centre.label("1001"), centre.translator.picture_due) == ("unknown", True)
    centre.picture(12, agents=(listed_agent("1001", status="Logged Out"),))
    assert (centre.label("1001"), dict(centre.floor.state.visits)) == ("signed_out", {})


def test_after_a_gap_the_lists_bring_back_who_waits_rings_and_talks() -> None:
    """m1 was known, m2 joined and m3 was answered while nobody listened."""
    centre = Centre().start()
    centre.join(1, "m1")
    centre.lose(5)
    assert centre.label("1001") == "unknown"
    agents = (
        listed_agent("1001", state="In a queue call", channel="leg-1001"),
        listed_agent("1002", state="Receiving"),
        listed_agent("1003", status="On Break"),
    )
    members = (
        listed_member("m1", joined=1),
        listed_member("m2", state="Trying", joined=9, agent="1002"),
        listed_member("m3", state="Answered", joined=8, bridged=T0 // 1000 + 12, agent="1001"),
    )
    legs = [listed_channel(one.session, created=7) for one in members]
    held = listed_channel("leg-1001", callstate="HELD", call_uuid="m3-session")
    tiers = (
        ListedTier(queue=SALES, agent="1001", state="Active Inbound", level=1),
        ListedTier(queue=SALES, agent="1002", state="Offering", level=1),
        ListedTier(queue=SALES, agent="1003", state="Ready", level=2),
    )
    centre.picture(20, agents=agents, members=members, channels=(*legs, held), tiers=tiers)
    assert [centre.label(name) for name in ("1001", "1002", "1003")] == ["on_hold", "offered", "not_ready On Break"]
    waiting = {one.contact for one in centre.floor.state.visits.values() if not one.answered_at}
    assert waiting == {f"{T0 // 1000}.m1-sessi", f"{T0 // 1000 + 7}.m2-sessi"}


def test_a_list_newer_than_its_events_opens_nothing_twice() -> None:
    """The row is read before the event that made it; the event then finds its visit known."""
    centre = Centre().start()
    centre.lose(1)
    centre.picture(2, members=(listed_member("m1", joined=1),))
    centre.join(2.1, "m1")
    assert (counts(centre)["offered"], "ContactQueued" in centre.kinds()) == (1, False)


def test_without_a_gap_a_list_alone_is_believed_the_second_time() -> None:
    """Its event may be on the way; if it is lost, the next picture repairs."""
    centre = Centre().start()
    row = listed_member("m1", state="Answered", joined=1, bridged=T0 // 1000 + 3, agent="1001")
    busy = (listed_agent("1001", state="In a queue call", channel="leg"),)
    centre.picture(10, agents=busy, members=(row,))
    assert "TalkSeen" not in centre.kinds()
    centre.picture(70, agents=busy, members=(row,))
    assert centre.label("1001") == "on_contact"


def test_a_row_that_left_while_the_list_was_on_its_way_stays_closed() -> None:
    centre = Centre().start()
    centre.join(1, "m1")
    centre.apply(centre.translator.picture_asked(T0))
    centre.cancel(3, "m1", "BREAK_OUT")
    centre.picture(3, members=(listed_member("m1", joined=1),))
    assert (centre.floor.state.visits, counts(centre)["offered"]) == ({}, 1)


def test_a_row_without_a_channel_is_a_caller_s_invention() -> None:
    """A name may be written like a row; the list of channels is JSON and cannot be forged so."""
    centre = Centre().start()
    centre.lose(5)
    centre.picture(20, members=(listed_member("forged", joined=1),), channels=())
    assert centre.floor.state.visits == {}
    assert centre.translator.untold == {"row_without_channel": 1}


def test_a_talk_listed_as_abandoned_is_found_through_the_agent() -> None:
    """Timed out in the moment of the answer, in a gap: the row says Abandoned, the agent's leg names the caller."""
    centre = Centre().start()
    centre.lose(1)
    busy = (listed_agent("1001", state="In a queue call", channel="leg"),)
    row = listed_member("m1", state="Abandoned", session="", joined=2)
    channels = (listed_channel("s1", created=2), listed_channel("leg", call_uuid="s1"))
    tiers = (ListedTier(queue=SALES, agent="1001", state="Active Inbound", level=1),)
    centre.picture(20, agents=busy, members=(row,), channels=channels, tiers=tiers)
    assert centre.label("1001") == "on_contact"
    (visit,) = centre.floor.state.visits.values()
    assert visit.contact == f"{T0 // 1000 + 2}.s1"


def test_a_picture_given_up_tells_nothing() -> None:
    """The connection was lost between its question and its answer."""
    centre = Centre().start()
    centre.apply(centre.translator.picture_asked(T0))
    centre.lose(5)
    told = len(centre.told)
    centre.translator.picture_failed()
    assert (len(centre.told), centre.label("1001")) == (told, "unknown")


def test_a_message_that_cannot_be_trusted_is_counted_by_its_reason() -> None:
    centre = Centre().start()
    centre.cc(1, "member-queue-start", CC_Queue=SALES)
    centre.event(1, "CHANNEL_HOLD")
    assert dict(centre.translator.malformed) == {"missing_field": 2}


def test_overflow_reasons_of_the_switch_are_ours() -> None:
    """A reason invented later counts as withdrawn, never as abandoned."""
    centre = Centre().start()
    centre.join(1, "m1")
    centre.cancel(2, "m1", "SOMETHING_NEW")
    overflowed = last(centre, ev.ContactOverflowed)
    assert isinstance(overflowed, ev.ContactOverflowed)
    assert overflowed.reason is OverflowReason.WITHDRAWN
