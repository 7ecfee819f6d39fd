"""How bytes are cut never matters, and no text of a caller forges a field."""

from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.collect.capture import read_file
from streams.translate.asterisk import WANTED, AsteriskTranslator
from streams.translate.asterisk_words import SwitchSettings
from streams.vocabulary.events import Event
from streams.vocabulary.ids import Millis, SiteId, SourceId
from streams.wire.ami import MAX_MESSAGE, AmiParser, MalformedReason, Message
from tests.golden.truth import GOLDEN


@cache
def wire(run: str) -> bytes:
    return read_file(GOLDEN / run / "ami.raw")


def events(data: bytes, cuts: list[int]) -> list[Event]:
    """The events of these bytes fed in these pieces; time is the message's offset, which no cut can change."""
    parser = AmiParser(WANTED)
    translator = AsteriskTranslator(site=SiteId("s"), source=SourceId("a"), settings=SwitchSettings())
    told = translator.connected(Millis(0))
    edges = [0, *sorted(cuts), len(data)]
    for start, end in pairwise(edges):
        for message in parser.feed(data[start:end]):
            told += translator.translate(message, Millis(message.offset))
    return told


@pytest.mark.parametrize("run", ["mini_exits", "mini_restart"])
def test_one_byte_at_a_time_gives_the_same_events(run: str) -> None:
    """The whole capture, each read a single byte."""
    data = wire(run)[:200_000]
    assert events(data, list(range(1, len(data)))) == events(data, [])


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_random_cuts_give_the_same_events(data: st.DataObject) -> None:
    raw = wire("mini_exits")
    cuts = data.draw(st.lists(st.integers(0, len(raw)), max_size=200))
    assert events(raw, cuts) == events(raw, [])


LINE = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=40)


def join_event(name: bytes) -> bytes:
    return (
        b"Event: QueueCallerJoin\r\nPrivilege: agent,all\r\nCallerIDNum: 138\r\nCallerIDName: "
        + name
        + b"\r\nUniqueid: 1.1\r\nLinkedid: 1.1\r\nQueue: sales\r\nPosition: 1\r\nCount: 1\r\n\r\n"
    )


@given(LINE)
def test_any_caller_name_on_one_line_is_only_a_name(name: str) -> None:
    """HTML, quotes, colons and whatever else: the name comes back, the other fields stand."""
    (_, queued) = events(join_event(name.encode()), [])
    assert (queued.customer_name, queued.queue) == ("" if name in ("<unknown>", "unknown") else name, "sales")


@given(LINE, LINE)
def test_a_line_break_in_a_name_never_forges_a_field(key: str, value: str) -> None:
    """A second Queue or Uniqueid makes the message untrustworthy: it is refused and counted, not believed."""
    for field in ("Queue", "Uniqueid", "CallerIDNum"):
        forged = f"{value}\r\n{field}: vip".encode()
        assert [type(event).__name__ for event in events(join_event(forged), [])] == ["SourceConnected"]


@given(st.binary(max_size=60))
def test_broken_utf8_harms_only_its_own_value(junk: bytes) -> None:
    clean = junk.replace(b"\r", b"").replace(b"\n", b"")
    (_, queued) = events(join_event(b"\xff\xfe" + clean), [])
    assert queued.contact == "1.1"


@settings(max_examples=20, deadline=None)
@given(st.integers(64, 70_000))
def test_a_line_of_a_megabyte_is_skipped_and_the_next_message_read(size: int) -> None:
    """Memory stays bounded by MAX_MESSAGE, the fault is counted, nothing after it is lost."""
    long = b"Event: VarSet\r\nVariable: X\r\nValue: " + b"a" * 1_000_000 + b"\r\n\r\n"
    data = long + join_event(b"Wang")
    parser = AmiParser(WANTED)
    found: list[Message] = []
    for start in range(0, len(data), size):
        found += parser.feed(data[start : start + size])
        assert len(parser._tail) <= MAX_MESSAGE + size
    assert [message.name for message in found] == [b"QueueCallerJoin"]
    assert found[0].offset == len(long)
    assert parser.malformed[MalformedReason.TOO_LONG] in (0, 1)


@given(st.lists(st.binary(max_size=80), max_size=8))
def test_garbage_between_messages_is_counted_and_never_stops_the_reader(junk: list[bytes]) -> None:
    frames = [one.replace(b"\r\n\r\n", b"") for one in junk]
    data = b"".join(one + b"\r\n\r\n" for one in frames) + b"\r\n\r\n" + join_event(b"Wang")
    assert any(type(event).__name__ == "ContactQueued" for event in events(data, []))
