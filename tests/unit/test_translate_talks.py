"""A caller with an agent: AgentConnect to AgentComplete in whatever order, hold, transfers, wrap-up."""

import pytest

from streams.vocabulary.events import (
    ContactAnswered,
    ContactEnded,
    ContactQueued,
    ContactTransferred,
    Event,
    WrapUpStarted,
)
from streams.vocabulary.states import EndedBy, TransferKind
from tests.ami_story import CALLER, LEG, T0, Switch, names


def talking() -> Switch:
    """CALLER joined at 0, with agent 1001 since 3 s, wrap-up of `sales` is 8 s."""
    switch = Switch()
    switch.talking(0)
    return switch


def the_end(events: list[Event]) -> ContactEnded:
    (event,) = [one for one in events if isinstance(one, ContactEnded)]
    return event


def test_an_answer_has_the_wait_to_the_millisecond_and_the_ring_to_the_pick_up() -> None:
    switch = Switch()
    switch.join(0)
    switch.call(1000)
    switch.dial_end(3300, "ANSWER")
    (answer,) = switch.connect(4200)
    assert isinstance(answer, ContactAnswered)
    assert (answer.wait_ms, answer.ring_ms) == (4200, 2300)


def test_agent_complete_before_the_hang_up_ends_the_talk_once() -> None:
    switch = talking()
    ended = the_end(switch.complete(23_000, "caller"))
    assert (ended.ended_by, ended.talk_ms) == (EndedBy.CUSTOMER, 20_000)
    assert switch.hang(23_001, LEG) == []


def test_agent_complete_after_the_hang_up_only_names_who_ended_it() -> None:
    switch = talking()
    assert the_end(switch.hang(23_000, LEG)).ended_by is EndedBy.UNKNOWN
    late = the_end(switch.complete(24_000, "agent"))
    assert (late.ended_by, late.talk_ms) == (EndedBy.AGENT, None)


def test_agent_complete_without_the_agents_channel_is_matched_by_caller_and_member() -> None:
    switch = talking()
    switch.hang(23_000, LEG)
    assert the_end(switch.complete(24_000, leg=None)).contact == CALLER


def test_agent_complete_without_any_channel_is_matched_by_queue_and_member() -> None:
    switch = talking()
    switch.hang(23_000, LEG)
    assert the_end(switch.complete(24_000, leg=None, caller=None)).contact == CALLER


def test_an_end_without_any_channel_belongs_to_the_talk_that_is_over() -> None:
    """The agent's next talk runs already; channels are missing because they are gone, so it is not that one."""
    switch = talking()
    switch.hang(23_000, LEG)
    switch.talking(24_000, caller="7.7", leg="8.8")
    assert the_end(switch.complete(27_500, leg=None, caller=None)).contact == CALLER


def test_an_end_that_names_another_caller_does_not_end_this_talk() -> None:
    """The other's AgentConnect was lost in a gap; 1001 still talks with CALLER."""
    told = talking().complete(9000, leg=None, caller="6.6", talk_s=4)
    assert the_end(told).contact == "6.6"


def test_an_end_without_any_channel_and_without_a_talk_is_counted() -> None:
    switch = Switch()
    assert switch.complete(0, leg=None, caller=None) == []
    assert switch.translator.untold == {"completion_without_caller": 1}


def test_a_talk_that_began_before_the_capture_ends_with_its_talk_time_and_wrap_up() -> None:
    switch = Switch()
    told = switch.complete(60_500, talk_s=50)
    assert (the_end(told).talk_ms, names(told)) == (50_000, ["ContactEnded", "WrapUpStarted"])


def test_the_hang_up_after_a_talk_that_began_unseen_loses_nobody() -> None:
    """Joined before the gap, connected in it, completed before the next picture: it was answered."""
    switch = Switch()
    switch.join(0)
    told = switch.complete(60_000, talk_s=50)
    assert (the_end(told).leg, switch.hang(60_001, CALLER)) == (1, [])


def test_a_blind_transfer_into_a_queue_joins_before_the_old_talk_is_completed() -> None:
    """Same Uniqueid twice: the second queue is leg 2, the end belongs to leg 1."""
    switch = talking()
    (queued,) = switch.join(30_000, queue="vip")
    ended = the_end(switch.complete(30_100, "transfer"))
    assert isinstance(queued, ContactQueued)
    assert (queued.leg, ended.leg, ended.queue, ended.ended_by) == (2, 1, "sales", EndedBy.TRANSFER)


def test_a_talk_before_the_capture_that_was_transferred_into_a_queue_leaves_the_new_visit_alone() -> None:
    """`vip` is the first leg that was seen; the end in `sales` is another visit."""
    switch = Switch()
    switch.join(30_000, queue="vip")
    ended = the_end(switch.complete(30_100, "transfer", talk_s=20))
    assert (ended.leg, ended.queue) == (2, "sales")


def test_a_transfer_back_into_the_same_queue_is_answered_as_the_new_leg() -> None:
    switch = talking()
    switch.join(30_000)
    switch.complete(30_100, "transfer")
    switch.call(31_000, agent="1002", leg="9.9")
    switch.dial_end(32_000, "ANSWER", leg="9.9")
    (answer,) = switch.connect(32_000, agent="1002", leg="9.9")
    assert isinstance(answer, ContactAnswered)
    assert (answer.leg, answer.wait_ms) == (2, 2000)


@pytest.mark.parametrize(
    ("name", "channel", "fields", "kind", "target"),
    [
        ("BlindTransfer", "TransfererUniqueid", {"Extension": "6001"}, TransferKind.BLIND, "6001"),
        (
            "AttendedTransfer",
            "OrigTransfererUniqueid",
            {"TransferTargetCallerIDNum": "6002"},
            TransferKind.ATTENDED,
            "6002",
        ),
    ],
)
def test_transfers_are_told_with_their_target(
    name: str, channel: str, fields: dict[str, str], kind: TransferKind, target: str
) -> None:
    (event,) = talking().hear(9000, name, Result="Success", **{channel: LEG}, **fields)
    assert isinstance(event, ContactTransferred)
    assert (event.transfer, event.target, event.agent) == (kind, target, "1001")


def test_a_transfer_that_failed_is_none() -> None:
    assert talking().hear(9000, "AttendedTransfer", Result="Fail", OrigTransfererUniqueid=LEG) == []


def test_hold_and_unhold_on_the_agents_own_channel() -> None:
    switch = talking()
    told = switch.hear(5000, "Hold", Uniqueid=LEG) + switch.hear(8000, "Unhold", Uniqueid=LEG)
    assert names(told) == ["ContactHeld", "ContactResumed"]


def test_unhold_without_hold_means_nothing() -> None:
    """Transfers emit one for the transferer."""
    assert talking().hear(5000, "Unhold", Uniqueid=LEG) == []


def test_hold_twice_is_one_hold() -> None:
    switch = talking()
    assert names(switch.hear(5000, "Hold", Uniqueid=LEG) + switch.hear(5500, "Hold", Uniqueid=LEG)) == ["ContactHeld"]


def test_hold_without_unhold_ends_with_the_talk() -> None:
    switch = talking()
    switch.hear(5000, "Hold", Uniqueid=LEG)
    switch.hang(9000, LEG)
    assert switch.hear(9001, "Unhold", Uniqueid=LEG) == []


def test_wrap_up_ends_on_a_whole_second_up_to_one_second_early() -> None:
    """app_queue: time(NULL) - lastcall < 8, whole seconds: a talk that ends at 23.9 s frees the agent at 31.0 s."""
    wrap_up = talking().complete(23_900)[-1]
    assert isinstance(wrap_up, WrapUpStarted)
    assert wrap_up.until == T0 + 31_000


def test_a_queue_without_wrapuptime_has_no_wrap_up() -> None:
    switch = Switch()
    switch.talking(0, queue="vip")
    assert names(switch.hang(9000, LEG)) == ["ContactEnded"]


def test_a_late_agent_complete_does_not_begin_a_second_wrap_up() -> None:
    switch = talking()
    switch.hang(9000, LEG)
    assert names(switch.complete(9500)) == ["ContactEnded"]


def test_an_answer_to_a_caller_who_joined_before_the_capture_carries_asterisks_wait() -> None:
    (answer,) = Switch().connect(60_000, wait_s=45)
    assert isinstance(answer, ContactAnswered)
    assert (answer.leg, answer.wait_ms, answer.ring_ms) == (1, 45_000, None)
