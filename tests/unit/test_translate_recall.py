"""A collector of Asterisk that was killed: the next one goes on with the callers, legs and talks that it told of."""

from collections.abc import Callable
from typing import Any

import pytest

from streams.translate.asterisk import AsteriskTranslator
from streams.translate.asterisk_words import parse_queues_conf
from streams.vocabulary import events as ev
from streams.vocabulary.ids import Millis, SiteId, SourceId, seq_base
from streams.vocabulary.states import EndedBy, OverflowReason
from streams.wire.queue_log import QueueLogParser
from tests.ami_story import CALLER, CONF, LEG, T0, Switch, names

CHANNEL = f"PJSIP/1001-{1:08x}"


class Heard(Switch):
    """Keeps what it told, as a spool does."""

    def __init__(self) -> None:
        self.told: list[ev.Event] = []
        super().__init__()

    def hear(self, at: int, name: str, **fields: str | int | None) -> list[ev.Event]:
        told = super().hear(at, name, **fields)
        self.told += told
        return told

    def draws(self, at: int, *listed: Callable[["Heard"], object]) -> "Heard":
        """A picture of one queue and one member, with what else the switch lists."""
        self.params(at)
        self.listed(at)
        for one in listed:
            one(self)
        self.picture_ends(at)
        return self


def killed(before: Heard, at: int) -> Heard:
    """A new collector, connected at `at`, that knows only what the old one told."""
    after = Heard()
    after.translator = AsteriskTranslator(site=SiteId("gz"), source=SourceId("ast"), settings=parse_queues_conf(CONF))
    after.translator.recall(before.told)
    after.connect_source(at)
    return after


def last(told: list[ev.Event], kind: type[ev.Event]) -> Any:
    return next(one for one in reversed(told) if isinstance(one, kind))


def waits(queue: str, at: int, wait_s: int) -> Callable[[Heard], object]:
    return lambda switch: switch.entry(at, wait_s=wait_s, queue=queue)


def talks(at: int, *, queue: str = "sales", since_s: int) -> Callable[[Heard], object]:
    """The agent's channel is `since_s` old; both are in one bridge."""

    def listed(switch: Heard) -> None:
        age = f"00:{since_s // 60:02d}:{since_s % 60:02d}"
        switch.channel(at, LEG, CHANNEL, application="AppQueue", bridge="b", Linkedid=CALLER, Duration=age)
        switch.channel(
            at, CALLER, "PJSIP/trunk-00000000", application="Queue", argument=queue, bridge="b", Linkedid=CALLER
        )

    return listed


def joined(switch: Heard) -> None:
    switch.join(0)


def overflowed(switch: Heard) -> None:
    switch.join(0)
    switch.abandon(5_000, wait_s=5)
    switch.status(5_000, "TIMEOUT")


def talked(switch: Heard) -> None:
    switch.member(0)
    switch.talking(0)


def seen_waiting(switch: Heard) -> None:
    switch.draws(5_000, waits("sales", 5_000, 5))


def moved_twice(switch: Heard) -> None:
    overflowed(switch)
    switch.join(6_000, queue="vip")


@pytest.mark.parametrize(
    ("before", "queue", "leg"),
    [
        pytest.param(joined, "sales", 1, id="he waits where he waited"),
        pytest.param(joined, "support", 2, id="he went to another queue in the gap"),
        pytest.param(overflowed, "support", 2, id="he had left the first queue and waits in a second"),
        pytest.param(overflowed, "sales", 2, id="he had left the queue and is back in it"),
        pytest.param(talked, "support", 2, id="his agent sent him on in the gap"),
        pytest.param(seen_waiting, "support", 2, id="he had only been found in a picture"),
        pytest.param(moved_twice, "vip", 2, id="he waits in his second queue"),
        pytest.param(moved_twice, "support", 3, id="his third queue"),
    ],
)
def test_a_caller_found_waiting_after_a_kill_has_the_leg_of_his_visit(
    before: Callable[[Heard], None], queue: str, leg: int
) -> None:
    """The number that a collector which only lost its connection would have given."""
    switch = Heard()
    before(switch)
    told = killed(switch, 20_000).draws(20_000, waits(queue, 20_000, 9)).told
    seen = last(told, ev.ContactSeen)
    assert (seen.contact, seen.leg, seen.queue) == (CALLER, leg, queue)


def test_a_talk_that_goes_on_is_the_same_talk() -> None:
    """Its leg, when he came, when they began: not an answer that nobody saw."""
    switch = Heard()
    talked(switch)
    after = killed(switch, 20_000).draws(20_000, talks(20_000, since_s=19))
    seen = last(after.told, ev.TalkSeen)
    assert (seen.leg, seen.agent, seen.queued_at, seen.answered_at) == (1, "1001", T0, T0 + 3_000)
    (end,) = [one for one in after.complete(30_000, talk_s=27) if isinstance(one, ev.ContactEnded)]
    assert (end.leg, end.ended_by, end.talk_ms) == (1, EndedBy.AGENT, 27_000)


def test_a_younger_channel_is_another_talk_with_the_same_agent() -> None:
    """He came back to the same queue and agent within the gap: his second leg, begun nobody knows when."""
    switch = Heard()
    talked(switch)
    seen = last(killed(switch, 20_000).draws(20_000, talks(20_000, since_s=4)).told, ev.TalkSeen)
    assert (seen.leg, seen.queued_at, seen.answered_at) == (2, None, None)


def test_a_talk_found_in_an_earlier_gap_stays_the_same() -> None:
    """Nobody saw it begin, neither then nor now."""
    switch = Heard()
    switch.draws(9_000, talks(9_000, since_s=5))
    seen = last(killed(switch, 20_000).draws(20_000, talks(20_000, since_s=16)).told, ev.TalkSeen)
    assert (seen.leg, seen.answered_at) == (1, None)


def test_a_talk_that_an_earlier_picture_had_missed_is_not_taken_up_again() -> None:
    """Gone in the first gap, with the same agent again in the second: another leg, for the first is closed."""
    switch = Heard()
    talked(switch)
    switch.told += switch.translator.lost(Millis(T0 + 9_000))
    switch.connect_source(12_000)
    switch.draws(12_000)
    seen = last(killed(switch, 30_000).draws(30_000, talks(30_000, since_s=29)).told, ev.TalkSeen)
    assert seen.leg == 2


def test_an_end_before_the_picture_is_the_end_of_the_talk_it_names() -> None:
    switch = Heard()
    talked(switch)
    (end,) = [one for one in killed(switch, 20_000).complete(20_001, talk_s=17) if isinstance(one, ev.ContactEnded)]
    assert (end.leg, end.agent, end.talk_ms) == (1, "1001", 17_001)


def test_who_hung_up_is_still_told_of_a_talk_that_had_ended() -> None:
    """The hang-up was heard before the kill, the AgentComplete after it: no second end, no second wrap-up."""
    switch = Heard()
    talked(switch)
    switch.hang(9_000, LEG)
    told = killed(switch, 10_000).complete(10_000, "caller", talk_s=6)
    assert names(told) == ["ContactEnded"]
    assert last(told, ev.ContactEnded).ended_by is EndedBy.CUSTOMER


def test_hold_goes_on_and_ends_once() -> None:
    switch = Heard()
    talked(switch)
    switch.hear(9_000, "Hold", Uniqueid=LEG)
    after = killed(switch, 20_000).draws(20_000, talks(20_000, since_s=19))
    assert names(after.hear(21_000, "Unhold", Uniqueid=LEG)) == ["ContactResumed"]


def test_a_leave_before_the_picture_is_no_pressed_key() -> None:
    """An abandon may have come before it, in the gap."""
    switch = Heard()
    joined(switch)
    assert killed(switch, 20_000).leave(20_000) == []


def test_a_timeout_before_the_picture_closes_the_leg_that_waited() -> None:
    switch = Heard()
    joined(switch)
    after = killed(switch, 20_000)
    after.abandon(20_000, wait_s=20)
    (left,) = after.status(20_000, "TIMEOUT")
    assert isinstance(left, ev.ContactOverflowed)
    assert (left.leg, left.reason, left.wait_ms) == (1, OverflowReason.TIMEOUT, 20_000)


def test_one_taken_out_of_every_queue_in_mid_talk_talks_on() -> None:
    """No picture names him as a member any more; the earlier collector knew him as one."""
    switch = Heard()
    talked(switch)
    after = killed(switch, 20_000)
    after.params(20_000)
    talks(20_000, since_s=19)(after)
    after.picture_ends(20_000)
    assert last(after.told, ev.TalkSeen).agent == "1001"


@pytest.mark.parametrize("alive", [True, False], ids=["caller lives", "caller is gone"])
def test_a_recording_that_began_before_the_kill_is_ready_when_its_caller_is_gone(alive: bool) -> None:
    """A call that nobody would ever transcribe otherwise."""
    switch = Heard()
    switch.join(0)
    switch.hear(1, "VarSet", Uniqueid=CALLER, Variable="MIXMONITOR_FILENAME", Value="/rec/1.wav")
    after = killed(switch, 20_000).draws(20_000, *([waits("sales", 20_000, 20)] if alive else []))
    ready = [one for one in after.told if isinstance(one, ev.RecordingReady)]
    if alive:
        assert not ready
        ready = [one for one in after.hang(30_000, CALLER) if isinstance(one, ev.RecordingReady)]
    assert [(one.contact, one.path) for one in ready] == [(CALLER, "/rec/1.wav")]


def test_a_wrap_up_that_was_told_is_not_told_shorter() -> None:
    """What ended before the last that was heard, was heard: the picture's guess is for what came after."""
    switch = Heard()
    talked(switch)
    switch.complete(9_000, talk_s=6)
    after = killed(switch, 11_000)
    after.params(11_000)
    after.listed(11_000, LastCall=T0 // 1000 + 5)
    assert "WrapUpStarted" not in names(after.picture_ends(11_000))


def test_without_a_spool_the_first_number_is_one() -> None:
    """A new disk knows nobody: the gap says so, and nothing is guessed."""
    fresh = killed(Heard(), 20_000)
    assert last(fresh.draws(20_000, waits("support", 20_000, 9)).told, ev.ContactSeen).leg == 1


def test_numbers_go_on_above_the_recalled_ones_though_the_clock_went_back() -> None:
    """(source, seq) is an event's identity; the second collector's clock is an hour behind."""
    switch = Heard()
    joined(switch)
    highest = max(one.seq for one in switch.told)
    after = killed(switch, -3_600_000)
    assert seq_base(Millis(T0 - 3_600_000)) < highest
    assert after.entry(0, wait_s=1)[0].seq > highest


@pytest.mark.parametrize(
    ("whole", "legs"), [(True, []), (False, [1])], ids=["told whole before the kill", "ended in the gap"]
)
def test_the_log_repairs_what_the_killed_collector_did_not_tell_and_nothing_else(whole: bool, legs: list[int]) -> None:
    """Its place in the log is some seconds old: lines are read again, of visits that were told already."""
    switch = Heard()
    talked(switch)
    if whole:
        switch.complete(9_000, "caller", talk_s=6)
    translator = AsteriskTranslator(site=SiteId("gz"), source=SourceId("ast"), settings=parse_queues_conf(CONF))
    translator.listen_to_log()
    translator.recall(switch.told)
    after = Heard()
    after.translator = translator
    after.connect_source(20_000)
    after.draws(20_000)
    ways = (("ENTERQUEUE", "||138|1"), ("CONNECT", "|3|x|2"), ("COMPLETECALLER", "|3|6|1"))
    seconds = (0, 3, 9)
    lines = [
        f"{T0 // 1000 + at}|{CALLER}|sales|Anna|{way}{data}\n" for at, (way, data) in zip(seconds, ways, strict=True)
    ]
    told = translator.log_lines(QueueLogParser().feed("".join(lines).encode()), Millis(T0 + 24_000))
    assert [one.leg for one in told if isinstance(one, ev.ContactCorrected)] == legs
