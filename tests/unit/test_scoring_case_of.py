"""Events and visits as a Case has them; what two witnesses tell; a case as JSON and back."""

import json
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from scoring.case import Case, Happening, Kind
from scoring.case_file import CaseFault, read_case, written
from scoring.case_of import facts_of, happenings_of, recording_at
from scoring.case_states import states_of
from streams.vocabulary import events as ev
from streams.vocabulary.facts import ContactLeg
from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName, SiteId, SourceId
from streams.vocabulary.states import EndedBy, Outcome, TransferKind
from tests.unit.asr_builders import dialogue

T0 = Millis(1_795_262_400_000)
"""2026-11-21 12:00:00 UTC, a Saturday"""
FIELDS = {
    "contact": ContactId("c"),
    "leg": 1,
    "queue": QueueName("vip"),
    "agent": AgentId("8001"),
}


def told(kind: Any, at: int, **fields: Any) -> ev.Event:
    base = {name: value for name, value in FIELDS.items() if name in kind.__struct_fields__}
    event: ev.Event = kind(at=Millis(T0 + at), site=SiteId("hz"), source=SourceId("s"), seq=at + 1, **base | fields)
    return event


def seen(*events: ev.Event, now: int | None = None) -> list[tuple[Any, ...]]:
    found = happenings_of(events, recording_at=T0, now=None if now is None else Millis(T0 + now))
    return [(one.kind.value, one.start_ms, one.end_ms, one.reason) for one in found or ()]


def test_a_hold_told_twice_is_one_and_ends_with_its_talk() -> None:
    """The switch may repeat itself, and need not resume what is hung up."""
    told_twice = [told(ev.ContactHeld, 1_000), told(ev.ContactHeld, 2_000), told(ev.ContactEnded, 9_000)]
    assert seen(*told_twice) == [("hold", 1_000, 9_000, ""), ("ended", 9_000, None, "unknown")]


def test_who_hung_up_may_be_told_after_the_end() -> None:
    """Asterisk's AgentComplete comes after the hang-up; the first end stays the end."""
    late = [told(ev.ContactEnded, 9_000), told(ev.ContactEnded, 9_500, ended_by=EndedBy.AGENT)]
    assert seen(*late) == [("ended", 9_000, None, "agent")]


def test_a_second_witness_fills_in_what_the_wire_missed() -> None:
    """And takes nothing back that the wire told."""
    whole = told(
        ev.ContactCorrected,
        60_000,
        outcome=Outcome.ANSWERED,
        queued_at=T0,
        answered_at=Millis(T0 + 5_000),
        ended_at=Millis(T0 + 30_000),
        ended_by=EndedBy.CUSTOMER,
    )
    filled = [("queued", 0, None, ""), ("answered", 5_000, None, ""), ("ended", 30_000, None, "customer")]
    assert seen(whole) == filled
    assert seen(told(ev.ContactQueued, 0), told(ev.ContactAnswered, 4_000), whole)[1] == ("answered", 4_000, None, "")


def test_a_consultation_a_conference_and_a_transfer_stand_with_whom() -> None:
    """Those with a length have their end."""
    events = [
        told(ev.ConsultationStarted, 1_000, target="2002"),
        told(ev.ConsultationEnded, 4_000),
        told(ev.ConferenceJoined, 4_000, party="2002"),
        told(ev.ConferenceLeft, 8_000, party="2002"),
        told(ev.ContactTransferred, 9_000, transfer=TransferKind.ATTENDED, target="2002"),
    ]
    found = happenings_of(events, recording_at=T0) or ()
    assert [(one.kind.value, one.start_ms, one.end_ms, one.target) for one in found] == [
        ("consultation", 1_000, 4_000, "2002"),
        ("conference", 4_000, 8_000, "2002"),
        ("transfer", 9_000, None, "2002"),
    ]


def test_without_the_recordings_beginning_nothing_has_its_place() -> None:
    """None is not "nothing happened"."""
    assert happenings_of([told(ev.ContactHeld, 1_000)], recording_at=None) is None
    assert recording_at([told(ev.ContactHeld, 1_000)], duration_ms=5_000) is None


@pytest.mark.parametrize(
    ("duration_ms", "began"),
    [
        (59_000, 1_000),  # from when it was asked for
        (50_100, 10_000),  # from the answer on
        (60_300, 0),  # a recorder of its own, from the queue on
        (30_000, None),  # it left something out
        (None, 1_000),
    ],
)
def test_a_recording_began_where_its_length_fits(duration_ms: int | None, began: int | None) -> None:
    """Queued at 0, asked to record at 1 s, answered at 10 s, over at 60 s."""
    events = [
        told(ev.ContactQueued, 0),
        told(ev.RecordingStarted, 4_000 if duration_ms == 60_300 else 1_000, path="a"),
        told(ev.ContactAnswered, 10_000),
        told(ev.ContactEnded, 60_000),
    ]
    found = recording_at(events, duration_ms=duration_ms)
    assert (None if found is None else found - T0) == began


def test_states_of_an_agent_have_their_reason_and_their_end() -> None:
    """A planned end counts once it has come."""
    events = [
        told(ev.WrapUpStarted, 1_000, until=Millis(T0 + 31_000)),
        told(ev.AgentNotReady, 2_000, reason="lunch"),
        told(ev.AgentNotReady, 5_000, reason="meeting"),
        told(ev.AgentReady, 9_000),
    ]
    early = [("wrap_up", 1_000, None), ("not_ready/lunch", 2_000, 5_000), ("not_ready/meeting", 5_000, 9_000)]

    def states(now: int | None) -> list[tuple[str, int, int | None]]:
        found = states_of(events, now=None if now is None else Millis(T0 + now))
        return [(one.state, one.since - T0, None if one.until is None else one.until - T0) for one in found]

    assert states(None) == early
    assert states(31_000) == [("wrap_up", 1_000, 31_000), *early[1:]]


def leg(number: int, at: int, **fields: Any) -> ContactLeg:
    base: dict[str, Any] = {"outcome": Outcome.ANSWERED, "ended_at": Millis(T0 + at + 60_000), **fields}
    return ContactLeg(
        site=SiteId("hz"), ver=1, queued_at=Millis(T0 + at), contact=ContactId("c"), leg=number,
        queue=QueueName(f"q{number}"), **base,
    )  # fmt: skip


def test_facts_are_the_last_visits_and_sums_over_all() -> None:
    """A field told again replaces the one before; 12:00 UTC is 20:00 in Shanghai."""
    first = leg(1, 0, wait_ms=5_000, talk_ms=9_500, agent=AgentId("8001"), tier="vip", tags="conference")
    last = leg(2, 70_000, wait_ms=1_000, tier="gold", outcome=Outcome.ABANDONED, ended_by=EndedBy.CUSTOMER)
    described = [
        told(ev.ContactDescribed, 9, fields={"plan": "128", "due": "no"}, tags=("a",)),
        told(ev.ContactDescribed, 10, fields={"plan": "256"}, tags=("b",)),
    ]
    facts = facts_of(
        [last, first],
        [one for one in described if isinstance(one, ev.ContactDescribed)],
        zone=ZoneInfo("Asia/Shanghai"),
    )
    assert facts == {
        "site": "hz",
        "queue": "q2",
        "tier": "gold",
        "direction": "inbound",
        "channel": "voice",
        "outcome": "abandoned",
        "agent": "8001",
        "ended_by": "customer",
        "wait_seconds": 6.0,
        "talk_seconds": 9.5,
        "hold_seconds": 0.0,
        "hour": 20.0,
        "weekday": 6.0,
        "business.plan": "256",
        "business.due": "no",
        "tags": ("a", "b", "conference"),
    }
    assert facts_of([]) == {}


def test_a_case_is_read_as_it_was_written() -> None:
    """Facts that are sets come back as sets of words."""
    case = Case(
        transcript=dialogue("A: 您好", "C: 喂"),
        happenings=(Happening(kind=Kind.HOLD, start_ms=1, end_ms=2), Happening(kind=Kind.SURVEY, start_ms=3, value=4)),
        facts={"queue": "vip", "wait_seconds": 3.5, "tags": ("a", "b")},
    )
    assert read_case(json.loads(written(case))) == case


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"happenings": [{"kind": "hold", "start_ms": 5, "end_ms": 4}]}, "$.happenings[0]"),
        ({"happenings": [{"kind": "hold", "start_ms": 5, "until": 4}]}, "$.happenings[0]"),
        ({"facts": {"queue": None}}, "$.facts"),
        ({"fact": {}}, "fact"),
    ],
)
def test_a_fault_in_a_case_names_its_place(change: dict[str, Any], place: str) -> None:
    """Nothing of it is guessed."""
    body = msgspec.to_builtins({"transcript": dialogue("A: 您好")}) | change
    with pytest.raises(CaseFault) as fault:
        read_case(body)
    assert place in str(fault.value)
