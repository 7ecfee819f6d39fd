"""Every way to enter and to leave a queue, as app_queue tells it."""

import pytest

from streams.vocabulary.events import (
    ContactAbandoned,
    ContactLost,
    ContactOverflowed,
    ContactQueued,
    ContactTurnedAway,
    RecordingReady,
    RecordingStarted,
)
from streams.vocabulary.states import OverflowReason, TurnedAwayReason
from tests.ami_story import CALLER, LEG, Switch, names


def waiting() -> Switch:
    switch = Switch()
    switch.join(0)
    return switch


def test_a_join_is_the_contacts_first_leg() -> None:
    (queued,) = Switch().join(0, CallerIDName="<unknown>")
    assert isinstance(queued, ContactQueued)
    assert (queued.contact, queued.leg, queued.queue, queued.customer_name) == (CALLER, 1, "sales", "")


def test_a_hang_up_while_waiting_is_known_when_the_channel_goes() -> None:
    """Abandon alone may still be a timeout; QUEUESTATUS never comes for a hang-up, the Hangup does."""
    switch = waiting()
    assert names(switch.abandon(7400, wait_s=7) + switch.leave(7400)) == ["SwitchTallied"]
    (gone,) = switch.hang(7500, CALLER)
    assert isinstance(gone, ContactAbandoned)
    assert gone.wait_ms == 7400


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("TIMEOUT", OverflowReason.TIMEOUT),
        ("LEAVEEMPTY", OverflowReason.EMPTY),
        ("LEAVEUNAVAIL", OverflowReason.EMPTY),
        ("WITHDRAW", OverflowReason.WITHDRAWN),
    ],
)
def test_queuestatus_tells_the_ways_out_apart(status: str, reason: OverflowReason) -> None:
    switch = waiting()
    switch.abandon(30_000, wait_s=30)
    (left,) = switch.status(30_001, status)
    assert isinstance(left, ContactOverflowed)
    assert (left.reason, left.wait_ms) == (reason, 30_000)


def test_continue_after_an_abandon_was_a_hang_up() -> None:
    """He hung up while the agent heard the announcement: Asterisk says CONTINUE."""
    switch = waiting()
    switch.abandon(5000, wait_s=5)
    assert names(switch.status(5000, "CONTINUE")) == ["ContactAbandoned"]


def test_leaving_with_nothing_else_said_is_a_pressed_key() -> None:
    (left,) = waiting().leave(4000)
    assert isinstance(left, ContactOverflowed)
    assert (left.reason, left.wait_ms) == (OverflowReason.KEY, 4000)


def test_the_leave_before_an_answer_is_no_key() -> None:
    switch = waiting()
    switch.call(1000)
    switch.dial_end(2000, "ANSWER")
    assert switch.leave(2000) == []


def test_an_announcement_cut_short_leaves_the_caller_free_to_press_a_key_later() -> None:
    """The agent's leg goes before AgentConnect: the caller waits on, and his next leave is a key."""
    switch = waiting()
    switch.call(1000)
    switch.dial_end(2000, "ANSWER")
    switch.hang(3000, LEG)
    assert names(switch.leave(9000)) == ["ContactOverflowed"]


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("FULL", TurnedAwayReason.FULL),
        ("JOINEMPTY", TurnedAwayReason.JOIN_EMPTY),
        ("JOINUNAVAIL", TurnedAwayReason.JOIN_EMPTY),
    ],
)
def test_a_caller_turned_away_is_known_only_by_the_queue_step_before(status: str, reason: TurnedAwayReason) -> None:
    switch = Switch()
    switch.step(0, "vip")
    (away,) = switch.status(5, status)
    assert isinstance(away, ContactTurnedAway)
    assert (away.queue, away.reason) == ("vip", reason)


def test_a_caller_turned_away_without_a_queue_step_is_counted() -> None:
    switch = Switch()
    assert switch.status(5, "FULL") == []
    assert switch.translator.untold == {"turned_away_without_queue_step": 1}


def test_a_second_queue_after_a_timeout_is_the_second_leg() -> None:
    switch = waiting()
    switch.abandon(12_000, wait_s=12)
    switch.status(12_000, "TIMEOUT")
    (queued,) = switch.join(12_001, queue="vip")
    assert isinstance(queued, ContactQueued)
    assert (queued.leg, queued.queue) == (2, "vip")


def test_a_channel_that_dies_while_waiting_is_a_lost_contact() -> None:
    """No Abandon, no Leave: nobody may claim how it ended."""
    (lost,) = waiting().hang(9000, CALLER)
    assert isinstance(lost, ContactLost)


def test_a_caller_who_joined_before_the_capture_and_timed_out_is_no_abandon() -> None:
    """QUEUESTATUS decides for him as for everyone; his wait is what Asterisk says."""
    switch = Switch()
    assert names(switch.abandon(10_000, wait_s=40)) == ["SwitchTallied"]
    (left,) = switch.status(10_000, "TIMEOUT")
    assert isinstance(left, ContactOverflowed)
    assert (left.reason, left.wait_ms, left.leg) == (OverflowReason.TIMEOUT, 40_000, 1)


def test_a_caller_who_joined_before_the_capture_and_hung_up_is_an_abandon() -> None:
    switch = Switch()
    switch.abandon(10_000, wait_s=40)
    (gone,) = switch.hang(10_100, CALLER)
    assert isinstance(gone, ContactAbandoned)
    assert gone.wait_ms == 40_000


def test_a_recording_on_the_agents_leg_belongs_to_the_contact() -> None:
    """It is complete when the channel it was made on is hung up."""
    switch = Switch()
    switch.talking(0)
    (started,) = switch.hear(3000, "VarSet", Uniqueid=LEG, Variable="MIXMONITOR_FILENAME", Value="/r/a.wav")
    ready = switch.hang(9000, LEG)[-1]
    assert isinstance(started, RecordingStarted)
    assert isinstance(ready, RecordingReady)
    assert (started.contact, ready.contact, ready.path) == (CALLER, CALLER, "/r/a.wav")


@pytest.mark.parametrize("stamp", ["17952912x0.1", "²", "", "-1", "9" * 30])
def test_a_timestamp_that_is_no_number_is_not_used_and_stops_nothing(stamp: str) -> None:
    assert names(Switch().join(0, Timestamp=stamp)) == ["ContactQueued"]


@pytest.mark.parametrize("wait", ["--5", "x", None])
def test_an_abandon_without_a_readable_wait_is_refused_and_counted(wait: str | None) -> None:
    switch = waiting()
    assert switch.hear(0, "QueueCallerAbandon", Uniqueid=CALLER, Queue="sales", HoldTime=wait) == []
    assert sum(switch.translator.malformed.values()) == 1
