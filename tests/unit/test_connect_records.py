"""Amazon Connect's contact records: which visit each one corrects, by the guide's own rules."""

import json
from typing import Any

import pytest

from streams.translate.amazon_connect import ConnectTranslator
from streams.vocabulary.events import ContactCorrected
from streams.vocabulary.ids import Millis, SiteId, SourceId
from streams.vocabulary.states import Witness
from tests.golden.connect.stage import contact_id, millis, record

NOW = Millis(millis("12:00"))
ANSWERED: dict[str, Any] = {
    "queue": "Sales", "queued": "9:05:00", "agent": "wang", "connected": "9:05:12", "ended": "9:08:12", "hold_s": 40,
}  # fmt: skip
WAITED: dict[str, Any] = {"queue": "Sales", "queued": "9:05:00", "left": "9:05:45", "ended": "9:05:45"}


def translated(text: str | bytes) -> tuple[list[Any], ConnectTranslator]:
    here = ConnectTranslator(site=SiteId("s"), source=SourceId("connect"))
    return here.translate(text.encode() if isinstance(text, str) else text, NOW), here


def corrected(**about: Any) -> ContactCorrected:
    [event], here = translated(record("c1", told="9:10", **about))
    assert here.refused == {}
    assert isinstance(event, ContactCorrected)
    return event


def test_an_answered_contact_tells_the_whole_visit() -> None:
    """Talk is counted from the answer, hold included, as ContactEnded counts; the record leaves hold out."""
    event = corrected(reason="CUSTOMER_DISCONNECT", **ANSWERED)
    assert (event.contact, event.leg, event.queue, event.agent) == (contact_id("c1"), 1, "Sales", "wang")
    assert (event.outcome, event.ended_by, event.witness) == ("answered", "customer", Witness.LOG)
    assert (event.wait_ms, event.talk_ms, event.hold_ms) == (12_000, 180_000, 40_000)
    assert (event.queued_at, event.answered_at, event.ended_at) == (
        millis("9:05:00"), millis("9:05:12"), millis("9:08:12"),
    )  # fmt: skip
    assert event.at == millis("9:10")


@pytest.mark.parametrize(
    ("reason", "following", "outcome", "why"),
    [
        ("CUSTOMER_DISCONNECT", None, "abandoned", ""),
        (None, None, "abandoned", ""),
        ("TELECOM_PROBLEM", None, "abandoned", ""),
        ("SOMETHING_NEW", None, "abandoned", ""),
        ("CONTACT_FLOW_DISCONNECT", None, "overflowed", "withdrawn"),
        ("API", None, "overflowed", "withdrawn"),
        ("EXPIRED", None, "overflowed", "timeout"),
        (None, "c2", "overflowed", "withdrawn"),
    ],
)
def test_how_a_contact_left_its_queue_unanswered(
    reason: str | None, following: str | None, outcome: str, why: str
) -> None:
    event = corrected(reason=reason, **WAITED, **({"next": following} if following else {}))
    assert (event.outcome, event.reason, event.wait_ms, event.agent) == (outcome, why, 45_000, "")
    assert (event.answered_at, event.ended_at, event.talk_ms) == (0, millis("9:05:45"), None)


@pytest.mark.parametrize(
    ("reason", "following", "ended_by"),
    [
        ("AGENT_DISCONNECT", None, "agent"),
        ("AGENT_COMPLETED", None, "agent"),
        ("CUSTOMER_DISCONNECT", None, "customer"),
        ("BARGED", None, "unknown"),
        (None, None, "unknown"),
        ("CUSTOMER_DISCONNECT", "c2", "transfer"),
    ],
)
def test_who_ended_an_answered_contact(reason: str | None, following: str | None, ended_by: str) -> None:
    event = corrected(reason=reason, **ANSWERED, **({"next": following} if following else {}))
    assert event.ended_by == ended_by


def test_a_transferred_part_is_a_further_visit_of_the_first_contact() -> None:
    event = corrected(initial="c0", **ANSWERED)
    assert event.contact == contact_id("c0")
    assert event.leg > 1


def test_an_outbound_contact_is_answered_when_the_customer_is() -> None:
    about = {"queue": "Sales", "method": "OUTBOUND", "agent": "wang", "began": "9:05:00", "connected": "9:05:01"}
    reached = corrected(**about, reached="9:05:20", ended="9:08:00")
    assert (reached.direction, reached.outcome, reached.answered_at) == ("outbound", "answered", millis("9:05:20"))
    missed = corrected(**about, ended="9:05:40")
    assert (missed.outcome, missed.agent) == ("abandoned", "wang")


@pytest.mark.parametrize("about", [{"ended": "9:10"}, {"ended": "9:10", "method": "MONITOR", **WAITED}])
def test_what_never_waited_nor_met_an_agent_is_no_visit(about: dict[str, Any]) -> None:
    events, here = translated(record("c1", told="9:10", **about))
    assert (events, here.passed_by) == ([], {"no_visit": 1})


def test_a_later_version_is_another_correction_and_a_redelivery_is_not() -> None:
    [first], _ = translated(record("c1", told="9:10", **ANSWERED))
    [again], _ = translated(record("c1", told="9:10", **ANSWERED))
    [later], _ = translated(record("c1", told="9:20", **ANSWERED))
    assert first.id == again.id
    assert later.id != first.id


@pytest.mark.parametrize(
    ("field", "value", "refusal"),
    [
        ("EnqueueTimestamp", "9999-01-01T00:00:00Z", "time_absurd"),
        ("EnqueueTimestamp", "just now", "time_unreadable"),
        ("Duration", 10**12, "number_absurd"),
        ("Name", "q" * 300, "text_too_long"),
    ],
)
def test_a_senseless_field_is_refused_by_name(field: str, value: object, refusal: str) -> None:
    told = json.loads(record("c1", told="9:10", **ANSWERED))
    told["Queue"][field] = value
    _, here = translated(json.dumps(told))
    assert here.refused == {refusal: 1}


def test_one_who_waits_for_a_certain_agent_waits_in_the_agents_queue() -> None:
    told = json.loads(record("c1", told="9:10", **ANSWERED))
    told["Queue"]["Name"] = None
    [event], _ = translated(json.dumps(told))
    assert event.queue == "@agent"
