"""The full picture of a switch: what it names, what it repairs after a gap, and what it may not judge."""

from typing import Any

import pytest

from streams.translate.asterisk import AsteriskTranslator
from streams.translate.asterisk_words import SwitchSettings
from streams.vocabulary.events import (
    AgentSeen,
    ContactAnswered,
    ContactEnded,
    ContactSeen,
    Event,
    QueueConfigured,
    SourceLost,
    SwitchTallied,
    TalkSeen,
    WrapUpStarted,
)
from streams.vocabulary.ids import Millis, SiteId, SourceId
from streams.vocabulary.states import Device, GapReason, Witness
from tests.ami_story import CALLER, LEG, T0, Switch, names


def fresh() -> Switch:
    """Connected, its first picture (one queue, one member) drawn at 100 ms."""
    switch = Switch()
    switch.params(100)
    switch.listed(100)
    switch.picture_ends(100)
    return switch


def lose(switch: Switch, at: int) -> list[Event]:
    return switch.translator.lost(Millis(T0 + at))


def after_gap() -> Switch:
    """A talk of CALLER with 1001 since 3 s, blind from 10 s to 20 s."""
    switch = fresh()
    switch.talking(0)
    lose(switch, 10_000)
    switch.connect_source(20_000)
    return switch


def test_a_picture_begins_with_its_first_item_and_ends_with_the_channels() -> None:
    switch = Switch()
    told = switch.params(0) + switch.listed(0) + switch.entry(0, wait_s=5) + switch.picture_ends(1)
    assert names(told) == [
        "ResyncBegan",
        "QueueConfigured",
        "SwitchTallyReset",
        "AgentSeen",
        "ContactSeen",
        "ResyncEnded",
    ]


def test_an_empty_switch_is_a_picture_too() -> None:
    """Nobody is a member, nobody waits: that is knowledge, not silence."""
    assert names(Switch().picture_ends(0)) == ["ResyncBegan", "ResyncEnded"]


def test_a_paused_member_brings_its_reason_and_since_when() -> None:
    told = Switch().listed(0, Paused=1, PausedReason="午餐", LastPause=1_795_290_000, Status=6, InCall=1)
    seen = told[-1]
    assert isinstance(seen, AgentSeen)
    assert (seen.not_ready, seen.reason, seen.not_ready_since) == (True, "午餐", 1_795_290_000_000)
    assert (seen.device, seen.in_contact, seen.last_contact_at) == (Device.RINGING, True, None)


def test_an_unpaused_member_has_no_reason_even_if_the_switch_still_names_one() -> None:
    seen = Switch().listed(0, Paused=0, PausedReason="lunch", LastPause=1_795_290_000)[-1]
    assert isinstance(seen, AgentSeen)
    assert (seen.reason, seen.not_ready_since) == ("", None)


def test_a_caller_found_waiting_gets_a_leg_and_his_wait() -> None:
    seen = Switch().entry(60_000, wait_s=45)[-1]
    assert isinstance(seen, ContactSeen)
    assert (seen.contact, seen.leg, seen.wait_ms) == (CALLER, 1, 45_000)


def test_a_caller_found_waiting_and_answered_later_has_waited_since_he_came() -> None:
    switch = Switch()
    switch.entry(60_000, wait_s=45)
    switch.picture_ends(60_000)
    (answer,) = switch.connect(62_000)
    assert isinstance(answer, ContactAnswered)
    assert answer.wait_ms == 47_000


def test_a_known_waiting_caller_keeps_his_leg() -> None:
    switch = Switch()
    switch.join(0)
    seen = switch.entry(5000, wait_s=5)[-1]
    assert isinstance(seen, ContactSeen)
    assert seen.leg == 1


def test_the_first_picture_takes_over_asterisks_counters() -> None:
    """40 completed at 95.0 % are 38 in target; (40 + 10) at 94.0 % are 47, so 9 abandons came early."""
    told = Switch().params(0, completed=40, abandoned=10, perf="95.0", perf2="94.0")[-1]
    assert isinstance(told, SwitchTallied)
    assert (told.completed, told.completed_in_target, told.abandoned, told.abandoned_in_target) == (40, 38, 10, 9)


def test_a_later_picture_leaves_the_counters_to_the_events() -> None:
    assert names(fresh().params(60_000, completed=3, perf="50.0")) == ["ResyncBegan"]


@pytest.mark.parametrize("perf", ["nan", "inf", "²", "-1", "", "9" * 400, "1.2.3"])
def test_a_share_that_is_no_share_never_stops_the_reader(perf: str) -> None:
    told = Switch().params(0, completed=4, perf=perf, perf2=perf)[-1]
    assert isinstance(told, SwitchTallied)
    assert 0 <= told.completed_in_target <= 4


def test_a_new_target_is_told_once() -> None:
    switch = fresh()
    told = switch.params(60_000, target_s=30) + switch.picture_ends(60_000) + switch.params(120_000, target_s=30)
    assert [one.target_ms for one in told if isinstance(one, QueueConfigured)] == [30_000]


def test_a_lost_connection_without_a_farewell_is_a_disconnect() -> None:
    (lost,) = lose(fresh(), 5000)
    assert isinstance(lost, SourceLost)
    assert lost.reason is GapReason.DISCONNECTED


def test_a_shutdown_before_it_makes_it_a_restart() -> None:
    switch = fresh()
    switch.hear(4000, "Shutdown", Shutdown="Cleanly", Restart="True")
    (lost,) = lose(switch, 5000)
    assert isinstance(lost, SourceLost)
    assert lost.reason is GapReason.RESTARTED


def test_later_connections_number_their_events_higher() -> None:
    switch = fresh()
    (before,) = lose(switch, 5000)
    (after,) = switch.connect_source(5001)
    assert after.seq > before.seq


def test_a_talk_that_outlived_the_gap_is_seen() -> None:
    switch = after_gap()
    switch.listed(20_000, Status=2, InCall=1)
    switch.channel(20_000, LEG, "PJSIP/1001-00000001", application="AppQueue", bridge="b")
    told = switch.picture_ends(20_000)
    assert names(told) == ["TalkSeen", "ResyncEnded"]


def test_a_talk_whose_channel_is_gone_is_not_seen_and_forgotten() -> None:
    switch = after_gap()
    switch.listed(20_000)
    assert names(switch.picture_ends(20_000)) == ["ResyncEnded"]
    assert switch.hang(21_000, LEG) == []


def test_a_caller_in_a_bridge_with_a_members_channel_was_answered_in_the_gap() -> None:
    switch = fresh()
    switch.join(0)
    lose(switch, 1000)
    switch.connect_source(20_000)
    switch.listed(20_000, Status=2)
    switch.channel(20_000, CALLER, "PJSIP/trunk-00000001", application="Queue", argument="sales,tT,,,90", bridge="b1")
    switch.channel(20_000, LEG, "PJSIP/1001-00000002", application="AppQueue", bridge="b1")
    seen = switch.picture_ends(20_000)[0]
    assert isinstance(seen, TalkSeen)
    assert (seen.contact, seen.leg, seen.agent, seen.queue) == (CALLER, 1, "1001", "sales")


def test_a_found_talk_ends_like_any_other() -> None:
    switch = Switch()
    switch.listed(20_000, Status=2)
    switch.channel(20_000, CALLER, "PJSIP/trunk-00000001", application="Queue", argument="sales", bridge="b1")
    switch.channel(20_000, LEG, "PJSIP/1001-00000002", application="AppQueue", bridge="b1")
    switch.picture_ends(20_000)
    assert names(switch.hang(30_000, LEG)) == ["ContactEnded", "WrapUpStarted"]


def test_a_channel_of_nobody_we_know_is_no_talk() -> None:
    """A supervisor's spying leg sits in no queue's membership."""
    switch = after_gap()
    switch.channel(20_000, CALLER, "PJSIP/trunk-00000001", application="Queue", argument="sales", bridge="b1")
    switch.channel(20_000, "5.5", "PJSIP/3001-00000002", application="AppQueue", bridge="b1")
    assert names(switch.picture_ends(20_000)) == ["ResyncBegan", "ResyncEnded"]


def test_what_joined_while_the_picture_was_drawn_is_kept() -> None:
    """He is in no QueueEntry, for the queue was listed before; his answer is still leg 1."""
    switch = after_gap()
    switch.listed(20_000)
    switch.join(20_001, caller="7.7")
    switch.picture_ends(20_002)
    (answer,) = switch.connect(22_001, caller="7.7", leg="8.8")
    assert isinstance(answer, ContactAnswered)
    assert (answer.leg, answer.wait_ms) == (1, 2000)


def test_a_caller_who_left_the_queue_in_the_gap_and_joins_again_is_answered_as_the_new_leg() -> None:
    """His channel lives on in the dialplan, so only the queue's own list tells that the first visit is over."""
    switch = fresh()
    switch.join(1000)
    lose(switch, 2000)
    switch.connect_source(20_000)
    switch.listed(20_000)
    switch.channel(20_000, CALLER, "PJSIP/trunk-00000001", application="Playback")
    switch.picture_ends(20_000)
    switch.join(25_000)
    (answer,) = switch.connect(27_000)
    assert isinstance(answer, ContactAnswered)
    assert (answer.leg, answer.wait_ms) == (2, 2000)
    assert names(switch.hang(40_000, CALLER)) == []


def test_a_talk_through_a_gap_still_counts_as_completed_on_the_switch() -> None:
    """Asterisk never noticed that nobody listened; its Completed goes up at the end of the talk."""
    switch = after_gap()
    switch.params(20_000)
    switch.listed(20_000, Status=2)
    switch.channel(20_000, LEG, "PJSIP/1001-00000001", application="AppQueue", bridge="b")
    switch.picture_ends(20_000)
    told = switch.complete(30_000)
    assert [type(one) for one in told if isinstance(one, SwitchTallied | ContactEnded)] == [
        SwitchTallied,
        ContactEnded,
    ]


def test_a_connection_lost_in_mid_picture_begins_the_next_picture_anew() -> None:
    switch = Switch()
    switch.params(0)
    lose(switch, 10)
    switch.connect_source(20)
    assert names(switch.params(30))[0] == "ResyncBegan"


def test_a_clock_set_back_never_repeats_a_number() -> None:
    """A collector that starts an hour earlier than it ended still numbers its events higher than all before."""
    first = AsteriskTranslator(site=SiteId("s"), source=SourceId("a"), settings=SwitchSettings())
    last = first.connected(Millis(7_200_000))[-1].seq
    second = AsteriskTranslator(site=SiteId("s"), source=SourceId("a"), settings=SwitchSettings(), after_seq=last)
    assert second.started(Millis(3_600_000))[0].seq > last


def test_a_member_line_that_cannot_be_read_signs_nobody_out() -> None:
    """Somebody wrote a line break into a name: the line is refused, whom it may have named stays as last told."""
    switch = fresh()
    switch.hear(500, "QueueMemberPause", Queue="sales", Interface="PJSIP/1001", Paused=1, PausedReason="午餐")
    switch.params(60_000)
    assert switch.listed(60_000, Name="x\r\nQueue: vip") == []
    seen, ended = switch.picture_ends(60_001)
    assert isinstance(seen, AgentSeen)
    assert (seen.agent, seen.queue, seen.not_ready, seen.reason) == ("1001", "sales", True, "午餐")
    assert switch.translator.malformed == {"duplicate_field": 1}
    assert names([ended]) == ["ResyncEnded"]


def test_a_member_nobody_names_any_more_is_not_kept() -> None:
    switch = fresh()
    switch.params(60_000)
    assert names(switch.picture_ends(60_001)) == ["ResyncEnded"]


def test_a_waiting_line_that_cannot_be_read_loses_nobody() -> None:
    switch = fresh()
    switch.join(50_000)
    switch.params(60_000)
    switch.hear(60_000, "QueueEntry", Queue="sales", Uniqueid=CALLER, Wait="x")
    seen = switch.picture_ends(60_001)[0]
    assert isinstance(seen, ContactSeen)
    assert (seen.contact, seen.leg, seen.wait_ms) == (CALLER, 1, 10_001)


def test_an_offer_made_in_the_gap_is_told_after_the_picture() -> None:
    """The agent's leg is ringing, in no bridge, and bears the caller's Linkedid."""
    switch = fresh()
    lose(switch, 1000)
    switch.connect_source(20_000)
    switch.listed(20_000, Status=6)
    switch.entry(20_000, wait_s=5)
    switch.channel(20_000, CALLER, "PJSIP/trunk-00000001", application="Queue", argument="sales", Linkedid=CALLER)
    switch.channel(20_000, LEG, "PJSIP/1001-00000002", application="AppQueue", Linkedid=CALLER, ChannelState=5)
    told = switch.picture_ends(20_000)
    assert names(told) == ["ResyncEnded", "ContactOffered"]
    assert names(switch.hang(25_000, LEG)) == ["ContactDeclined"]


def test_a_leg_just_made_is_no_offer_yet() -> None:
    """Its AgentCalled is on the way."""
    switch = fresh()
    lose(switch, 1000)
    switch.connect_source(20_000)
    switch.listed(20_000)
    switch.entry(20_000, wait_s=5)
    switch.channel(20_000, CALLER, "PJSIP/trunk-00000001", application="Queue", argument="sales", Linkedid=CALLER)
    switch.channel(20_000, LEG, "PJSIP/1001-00000002", application="AppQueue", Linkedid=CALLER, ChannelState=0)
    assert names(switch.picture_ends(20_000)) == ["ResyncEnded"]


def test_a_caller_left_alone_in_his_bridge_is_on_hold_while_his_agent_asks_somebody() -> None:
    switch = fresh()
    lose(switch, 1000)
    switch.connect_source(20_000)
    switch.listed(20_000, Status=2)
    more: dict[str, Any] = {"Linkedid": CALLER, "ChannelState": 6}
    switch.channel(20_000, CALLER, "PJSIP/t-00000001", application="Queue", argument="sales", bridge="b1", **more)
    switch.channel(20_000, LEG, "PJSIP/1001-00000002", application="AppQueue", bridge="b2", **more)
    seen = switch.picture_ends(20_000)[0]
    assert isinstance(seen, TalkSeen)
    assert (seen.agent, seen.held, seen.answered_at, seen.queued_at) == ("1001", True, None, None)


def test_one_taken_out_of_all_queues_in_mid_talk_still_talks() -> None:
    switch = fresh()
    lose(switch, 1000)
    switch.connect_source(20_000)
    switch.params(20_000)
    switch.channel(20_000, CALLER, "PJSIP/t-00000001", application="Queue", argument="sales", bridge="b1")
    switch.channel(20_000, LEG, "PJSIP/1001-00000002", application="AppQueue", bridge="b1")
    assert names(switch.picture_ends(20_000)) == ["TalkSeen", "ResyncEnded"]


def test_the_length_of_a_found_talk_is_what_the_switch_says() -> None:
    switch = Switch()
    switch.listed(20_000, Status=2)
    switch.channel(20_000, CALLER, "PJSIP/t-00000001", application="Queue", argument="sales", bridge="b1")
    switch.channel(20_000, LEG, "PJSIP/1001-00000002", application="AppQueue", bridge="b1")
    switch.picture_ends(20_000)
    (ended,) = [one for one in switch.complete(30_000, talk_s=47) if isinstance(one, ContactEnded)]
    assert ended.talk_ms == 47_000


def test_a_wrap_up_that_surely_runs_on_is_told_with_its_end() -> None:
    """LastCall 4 s ago; sales wraps up 8 s, vip has none: the shorter is all that is certain."""
    last_s = T0 // 1000 + 16

    def told(*queues: str) -> list[Event]:
        switch = fresh()
        lose(switch, 10_000)
        switch.connect_source(20_000)
        for queue in queues:
            switch.listed(20_000, queue=queue, LastCall=last_s)
        return switch.picture_ends(20_000)

    wrapped = told("sales")[-1]
    assert isinstance(wrapped, WrapUpStarted)
    assert (wrapped.until, wrapped.witness) == (T0 + 24_000, Witness.PICTURE)
    assert names(told("sales", "vip")) == ["ResyncEnded"]


def test_a_recording_whose_channel_ended_in_the_gap_is_ready() -> None:
    switch = fresh()
    switch.hear(500, "VarSet", Uniqueid=CALLER, Variable="MIXMONITOR_FILENAME", Value="/rec/1.wav")
    lose(switch, 1000)
    switch.connect_source(20_000)
    switch.listed(20_000)
    assert names(switch.picture_ends(20_000)) == ["RecordingReady", "ResyncEnded"]


def test_without_the_right_to_see_channels_the_queues_own_list_closes_the_picture() -> None:
    """A known talk stays if its member is in a call; what began unseen is not found."""
    switch = after_gap()
    switch.listed(20_000, Status=2, InCall=1)
    switch.hear(20_000, "QueueStatusComplete", EventList="Complete")
    assert names(switch.translator.without_channels(Millis(T0 + 20_001))) == ["TalkSeen", "ResyncEnded"]
    assert switch.translator.without_channels(Millis(T0 + 20_002)) == []


def test_what_a_picture_told_says_so() -> None:
    told = Switch().listed(0)
    assert [one.witness for one in told] == [Witness.WIRE, Witness.PICTURE]


def test_an_answered_ping_is_told() -> None:
    assert names(fresh().translator.heard(Millis(T0 + 5000))) == ["SourceHeard"]
