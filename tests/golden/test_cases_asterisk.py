"""A real Asterisk's contacts as rules see them: holds, transfers, who hung up, when the recording began."""

from collections import defaultdict
from functools import cache

import pytest

from scoring.case import Happening, Kind
from scoring.case_of import happenings_of, recording_at
from streams.collect.capture import events_of, open_capture
from streams.translate.asterisk import AsteriskTranslator
from streams.vocabulary import events as ev
from streams.vocabulary.ids import SiteId, SourceId
from tests.golden.truth import GOLDEN, read_text

ENDS = {
    "COMPLETEAGENT": "agent",
    "COMPLETECALLER": "customer",
    "BLINDTRANSFER": "transfer",
    "ATTENDEDTRANSFER": "transfer",
    "ABANDON": "customer",
}


@cache
def contacts(run: str) -> dict[str, list[ev.Event]]:
    capture = open_capture(GOLDEN / run)
    translator = AsteriskTranslator(site=SiteId("golden"), source=SourceId("asterisk"), settings=capture.settings)
    found: dict[str, list[ev.Event]] = defaultdict(list)
    for event in events_of(capture, translator):
        if contact := getattr(event, "contact", ""):
            found[contact].append(event)
    return dict(found)


def happened(contact: str, seconds: float) -> tuple[Happening, ...]:
    events = contacts("dev")[contact]
    told = happenings_of(events, recording_at=recording_at(events, duration_ms=round(seconds * 1000)))
    assert told is not None
    return told


@pytest.mark.parametrize(
    ("contact", "seconds", "answered", "holds", "transfers", "ended_by"),
    [
        # seconds: of its MixMonitor file; holds: as the telephone that pressed the key wrote them down
        ("1795291666.18", 16.38, 5_175, [(7_512, 12_484)], [], ["agent"]),
        ("1795291682.41", 18.92, 0, [(4_726, 11_459)], [], ["agent"]),  # sales records only while bridged
        ("1795291670.27", 17.12, 0, [], [], ["agent"]),
        ("1795291686.46", 30.34, 5_888, [(14_653, 19_666)], ["attended:904930123456"], ["transfer"]),
        ("1795291665.16", 25.06, 3_805, [(22_960, 24_145)], [], ["customer"]),  # hung up on hold
        ("1795291709.89", 9.58, 0, [], ["blind:5002"], ["transfer", "customer"]),  # then abandoned in the next queue
    ],
)
def test_holds_transfers_and_the_hang_up_stand_where_the_recording_has_them(
    contact: str,
    seconds: float,
    answered: int,
    holds: list[tuple[int, int]],
    transfers: list[str],
    ended_by: list[str],
) -> None:
    """Asterisk tells one moment for both kinds of recording; its file's length tells which it was."""
    told = happened(contact, seconds)
    by_kind = {kind: [one for one in told if one.kind is kind] for kind in Kind}
    assert [one.start_ms for one in by_kind[Kind.ANSWERED]] == [answered]
    assert [(one.start_ms, one.end_ms) for one in by_kind[Kind.HOLD]] == holds
    assert [f"{one.reason}:{one.target}" for one in by_kind[Kind.TRANSFER]] == transfers
    assert [one.reason for one in by_kind[Kind.ENDED]] == ended_by


def test_a_recording_that_leaves_a_wait_out_has_no_beginning_that_fits() -> None:
    """Two talks with a queue between them that was not recorded: no place in it can be told from the events."""
    assert recording_at(contacts("dev")["1795291670.26"], duration_ms=35_940) is None


def test_who_ended_each_visit_equals_queue_log() -> None:
    """queue_log's own books, for every contact of the run."""
    truth: dict[str, list[str]] = defaultdict(list)
    for line in read_text(GOLDEN / "dev" / "queue_log").splitlines():
        _, contact, _, _, event, *_ = line.split("|")
        if event in ENDS:
            truth[contact].append(ENDS[event])
    told = {
        contact: [
            one.reason for one in happenings_of(events, recording_at=events[0].at) or () if one.kind is Kind.ENDED
        ]
        for contact, events in contacts("dev").items()
    }
    assert len(truth) > 200
    assert {contact: sorted(told[contact]) for contact in truth} == {c: sorted(ends) for c, ends in truth.items()}
