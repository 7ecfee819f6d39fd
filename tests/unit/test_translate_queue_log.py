"""queue_log beside the wire: what becomes a correction, what it says, and what stays unsaid."""

from typing import Any

import pytest

from streams.translate.queue_log import GRACE_MS
from streams.vocabulary.events import ContactCorrected, ContactQueued, ContactSeen, Event, WrapUpStarted
from streams.vocabulary.ids import Millis
from streams.vocabulary.states import EndedBy, Outcome, Witness
from streams.wire.queue_log import QueueLogParser
from tests.ami_story import CALLER, CONF, LEG, T0, Switch

S0 = T0 // 1000


def line(at: int, event: str, *data: Any, call: str = CALLER, queue: str = "sales", agent: str = "Anna") -> str:
    """`at`: seconds after T0."""
    return "|".join([str(S0 + at), call, queue, agent, event, *map(str, data)])


ENTER = line(11, "ENTERQUEUE", "", "138", 1)
CONNECT = line(15, "CONNECT", 4, LEG, 2)
DONE = line(25, "COMPLETECALLER", 4, 10, 1)


class Witnessed(Switch):
    """A switch with Anna (1001) in sales, blind from 10 s to 20 s unless said otherwise."""

    def __init__(self, conf: str = CONF) -> None:
        super().__init__(conf)
        self.translator.listen_to_log()
        self.params(100)
        self.listed(100)
        self.picture_ends(100)

    def gap(self, began: int, ended: int) -> None:
        self.translator.lost(Millis(T0 + began))
        self.connect_source(ended)
        self.listed(ended)

    def log(self, at: int, *lines: str) -> list[Event]:
        parsed = QueueLogParser().feed("".join(f"{one}\n" for one in lines).encode())
        return self.translator.log_lines(parsed, Millis(T0 + at))


def corrections(told: list[Event]) -> list[ContactCorrected]:
    return [one for one in told if isinstance(one, ContactCorrected)]


def after_gap() -> Witnessed:
    switch = Witnessed()
    switch.gap(10_000, 30_000)
    switch.picture_ends(30_000)
    return switch


def test_a_visit_wholly_inside_a_gap_is_told_whole() -> None:
    switch = after_gap()
    assert switch.log(30_500, ENTER, CONNECT, DONE) == []
    (told,) = corrections(switch.log(30_000 + GRACE_MS))
    assert (told.contact, told.leg, told.queue, told.outcome) == (CALLER, 1, "sales", Outcome.ANSWERED)
    assert (told.queued_at, told.answered_at, told.ended_at) == (T0 + 11_000, T0 + 15_000, T0 + 25_000)
    assert (told.wait_ms, told.ring_ms, told.talk_ms) == (4000, 2000, 10_000)
    assert (told.agent, told.ended_by, told.customer, told.witness) == (
        "1001",
        EndedBy.CUSTOMER,
        "138",
        Witness.LOG,
    )


@pytest.mark.parametrize(
    ("event", "outcome", "reason", "wait_ms"),
    [
        (("ABANDON", 1, 1, 7), Outcome.ABANDONED, "", 7000),
        (("EXITWITHTIMEOUT", 1, 1, 7), Outcome.OVERFLOWED, "timeout", 7000),
        (("EXITWITHKEY", 2, 1, 1, 7), Outcome.OVERFLOWED, "key", 7000),
        (("EXITEMPTY", 1, 1, 7), Outcome.OVERFLOWED, "empty", 7000),
        (("WITHDRAW", 1, 1, 7, "moved"), Outcome.OVERFLOWED, "withdrawn", 7000),
        (("ABANDON", "x", "", "-1"), Outcome.ABANDONED, "", None),
    ],
)
def test_each_way_out_of_a_queue_is_told(event: Any, outcome: Outcome, reason: str, wait_ms: int | None) -> None:
    (told,) = corrections(after_gap().log(40_000, ENTER, line(18, *event)))
    assert (told.outcome, told.reason, told.wait_ms, told.agent, told.answered_at) == (outcome, reason, wait_ms, "", 0)


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (("BLINDTRANSFER", "5001", "internal", 4, 9, 1), "blind:5001"),
        (("ATTENDEDTRANSFER", "BRIDGE", "b", 4, 9, 1), "attended:"),
    ],
)
def test_a_transfer_in_a_gap_is_one(event: Any, reason: str) -> None:
    (told,) = corrections(after_gap().log(40_000, ENTER, CONNECT, line(24, *event)))
    assert (told.ended_by, told.reason, told.talk_ms) == (EndedBy.TRANSFER, reason, 9000)


def test_what_the_wire_told_whole_is_never_corrected() -> None:
    switch = Witnessed()
    switch.talking(11_000)
    switch.complete(25_000, talk_s=10)
    assert switch.log(60_000, ENTER, CONNECT, DONE) == []


def test_what_the_wire_saw_exactly_stays_to_the_millisecond() -> None:
    """The join was seen, answer and end were not: 12.4 s is no whole second, and the visit keeps it."""
    switch = Witnessed()
    switch.join(8_400)
    switch.gap(10_000, 30_000)
    switch.picture_ends(30_000)
    (told,) = corrections(switch.log(40_000, line(8, "ENTERQUEUE", "", "138", 1), CONNECT, DONE))
    assert (told.queued_at, told.answered_at, told.talk_ms, told.leg) == (T0 + 8_400, T0 + 15_000, 10_000, 1)


def test_a_talk_that_goes_on_gets_its_beginning_back() -> None:
    switch = Witnessed()
    switch.gap(10_000, 30_000)
    switch.channel(30_000, CALLER, "PJSIP/trunk-00000001", application="Queue", argument="sales", bridge="b")
    switch.channel(30_000, LEG, "PJSIP/1001-00000001", application="AppQueue", bridge="b")
    switch.picture_ends(30_000)
    (told,) = corrections(switch.log(40_000, ENTER, CONNECT))
    assert (told.outcome, told.answered_at, told.ended_at) == (Outcome.TALKING, T0 + 15_000, 0)
    assert corrections(switch.log(41_000)) == []


def test_nothing_is_judged_while_the_source_is_lost() -> None:
    """The next picture may still tell it."""
    switch = Witnessed()
    switch.gap(10_000, 30_000)
    assert switch.log(100_000, ENTER, CONNECT, DONE) == []


def test_a_caller_whose_second_visit_the_wire_saw_as_his_first_gets_another_number_for_the_missed_one() -> None:
    """Two visits with one number would be one visit."""
    switch = after_gap()
    (queued,) = switch.join(31_000, queue="vip")
    assert isinstance(queued, ContactQueued)
    lines = (ENTER, line(18, "EXITWITHTIMEOUT", 1, 1, 7), line(31, "ENTERQUEUE", "", "138", 1, queue="vip"))
    (told,) = corrections(switch.log(40_000, *lines))
    assert (queued.leg, told.leg, told.queue) == (1, 2, "sales")


def test_after_a_correction_the_wire_counts_on() -> None:
    switch = after_gap()
    switch.log(40_000, ENTER, line(18, "EXITWITHTIMEOUT", 1, 1, 7))
    (queued,) = switch.join(41_000)
    assert isinstance(queued, ContactQueued)
    assert queued.leg == 2


def test_two_members_of_one_name_are_nobody_for_certain() -> None:
    switch = after_gap()
    switch.listed(31_000, agent="1002")
    (told,) = corrections(switch.log(40_000, ENTER, CONNECT, DONE))
    assert (told.agent, told.outcome) == ("", Outcome.ANSWERED)


def test_a_member_without_a_name_is_known_by_the_interface() -> None:
    connect = line(15, "CONNECT", 4, LEG, 2, agent="PJSIP/2005")
    (told,) = corrections(after_gap().log(40_000, ENTER, connect, DONE))
    assert told.agent == "2005"


def test_wrap_up_that_still_runs_is_told_to_its_second() -> None:
    """sales: 8 s of wrap-up from second 35, judged at second 40."""
    switch = Witnessed()
    switch.gap(10_000, 36_000)
    switch.picture_ends(36_000)
    told = switch.log(40_000, ENTER, CONNECT, line(35, "COMPLETEAGENT", 4, 20, 1))
    (wrapped,) = [one for one in told if isinstance(one, WrapUpStarted)]
    assert (wrapped.agent, wrapped.until, wrapped.witness) == ("1001", T0 + 43_000, Witness.LOG)


def test_a_visit_cut_by_a_restart_is_no_answer_and_no_hang_up() -> None:
    """Nobody wrote its end; if the wire saw the join, the picture has closed it as lost already."""
    start = line(28, "QUEUESTART", call="NONE", queue="NONE", agent="NONE")
    (told,) = corrections(after_gap().log(40_000, ENTER, start))
    assert (told.outcome, told.wait_ms) == (Outcome.LOST, None)
    switch = Witnessed()
    switch.join(9_000)
    switch.gap(10_000, 30_000)
    switch.picture_ends(30_000)
    assert switch.log(40_000, line(9, "ENTERQUEUE", "", "138", 1), start) == []


def test_lines_without_a_beginning_are_counted_and_tell_nothing() -> None:
    switch = after_gap()
    assert switch.log(40_000, CONNECT, DONE, line(26, "ABANDON", 1, 1, 1, call="forged")) == []
    assert switch.translator.log is not None
    assert switch.translator.log.visits.unmatched == {"CONNECT": 1, "COMPLETECALLER": 1, "ABANDON": 1}


def test_pauses_inside_a_gap_are_counted_not_played() -> None:
    """Where they led to the picture shows; when each ended only people could say."""
    switch = Witnessed()
    switch.gap(10_000, 30_000)
    told = switch.log(29_000, line(12, "PAUSE", "lunch"), line(20, "UNPAUSE"), line(5, "PAUSE", "before"))
    assert told == []
    assert switch.translator.log is not None
    assert switch.translator.log.in_gaps == {"PAUSE": 1, "UNPAUSE": 1}


def test_what_was_open_before_a_collector_came_keeps_its_number() -> None:
    """The second visit of a call is leg 2, though this collector saw no first one."""
    switch = Switch()
    log = switch.translator.listen_to_log()
    old = (line(1, "ENTERQUEUE"), line(2, "EXITWITHTIMEOUT", 1, 1, 1), line(3, "ENTERQUEUE", queue="vip"))
    log.read(QueueLogParser().feed("".join(f"{one}\n" for one in old).encode()), history=True)
    seen = switch.entry(9_000, wait_s=6, queue="vip")[-1]
    assert isinstance(seen, ContactSeen)
    assert seen.leg == 2
