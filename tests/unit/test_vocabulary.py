"""The shared words: what is refused at the door, how ids sort, that the two unions are whole."""

from collections.abc import Callable
from typing import get_args

import msgspec
import pytest

from streams.vocabulary import events, facts
from streams.vocabulary.codec import decode_event, decode_event_json, decode_fact, encode, encode_json
from streams.vocabulary.events import ContactQueued, Event, EventBase
from streams.vocabulary.facts import Fact, FactBase, StateInterval
from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName, SiteId, SourceId, seq_base
from streams.vocabulary.states import AgentState

QUEUED = ContactQueued(
    at=Millis(1_795_291_200_000),
    site=SiteId("gz"),
    source=SourceId("ast"),
    seq=7,
    contact=ContactId("1.1"),
    leg=1,
    queue=QueueName("销售"),
    customer_name="<b>李 雷</b>",
)


def test_an_event_is_named_by_where_it_stands_in_its_source() -> None:
    assert QUEUED.id == "gz/ast/7"


def test_an_event_survives_both_codecs() -> None:
    assert decode_event(encode(QUEUED)) == decode_event_json(encode_json(QUEUED)) == QUEUED


def test_a_fact_survives_the_bus() -> None:
    fact = StateInterval(
        site=SiteId("gz"), ver=1, started_at=Millis(1), agent=AgentId("1"), number=1, state=AgentState.READY
    )
    assert decode_fact(encode(fact)) == fact


@pytest.mark.parametrize(("decode", "told"), [(decode_event, encode(QUEUED)), (decode_event_json, encode_json(QUEUED))])
def test_text_that_is_no_utf_8_is_refused_as_everything_else_is(decode: Callable[[bytes], Event], told: bytes) -> None:
    """Readers catch msgspec's errors only; the library lets this one through, and one entry would end them all."""
    with pytest.raises(msgspec.DecodeError):
        decode(told.replace("销售".encode(), b"\xff\xfe\xff\xfe\xff\xfe"))


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"queu": "x"}, "queu"),
        ({"leg": "1"}, r"\$\.leg"),
        ({"kind": "contact_queud"}, "contact_queud"),
        ({"channel": "fax"}, r"\$\.channel"),
        ({"at": 1.5}, r"\$\.at"),
        ({"seq": None}, r"\$\.seq"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(change: dict[str, object], place: str) -> None:
    told = msgspec.json.decode(encode_json(QUEUED)) | change
    with pytest.raises(msgspec.ValidationError, match=place):
        decode_event_json(msgspec.json.encode(told))


@pytest.mark.parametrize("field", ["at", "site", "source", "seq", "contact", "leg", "queue"])
def test_a_field_that_must_be_there_is_asked_for_by_name(field: str) -> None:
    told = msgspec.json.decode(encode_json(QUEUED))
    del told[field]
    with pytest.raises(msgspec.ValidationError, match=field):
        decode_event_json(msgspec.json.encode(told))


def test_an_event_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        QUEUED.leg = 2  # type: ignore[misc]


@pytest.mark.parametrize(("module", "base", "union"), [(events, EventBase, Event), (facts, FactBase, Fact)])
def test_no_kind_is_left_out_of_its_union(module: object, base: type, union: object) -> None:
    """One that is defined and not in it could be told but never read."""
    defined = {one for one in vars(module).values() if isinstance(one, type) and issubclass(one, base)} - {base}
    assert set(get_args(union)) == defined


def test_a_later_connection_always_numbers_higher() -> None:
    """A thousand events in each millisecond of a connection stay below the next one's first; 63 bits hold."""
    first = Millis(1_795_291_200_000)
    assert seq_base(first) + 1000 * 60_000 < seq_base(Millis(first + 60_000))
    assert seq_base(Millis(8_000_000_000_000)) < 2**63
