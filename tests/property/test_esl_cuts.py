"""How the event socket's bytes are cut never matters, no caller's text forges anything, garbage is refused by name."""

from contextlib import suppress
from functools import cache
from itertools import pairwise
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.translate.freeswitch import WANTED, FreeswitchTranslator
from streams.vocabulary.events import ContactQueued, Event
from streams.vocabulary.ids import Millis, SiteId, SourceId
from streams.wire.esl import EslParser
from streams.wire.esl_lists import (
    Listed,
    ListedMember,
    ListError,
    parse_agents,
    parse_channels,
    parse_members,
    parse_queues,
    parse_tiers,
)
from tests.golden.freeswitch_runs import capture
from tests.property.esl_soup import MEMBER_HEAD, event_frame, join_event, member_row


@cache
def wire(form: str) -> bytes:
    return capture("plain" if form == "plain" else "json").connections[0].data[:400_000]


def events(data: bytes, cuts: list[int]) -> list[Event]:
    """The events of these bytes fed in these pieces; time is the message's offset, which no cut can change."""
    parser = EslParser(WANTED)
    translator = FreeswitchTranslator(site=SiteId("s"), source=SourceId("fs"))
    told = translator.connected(Millis(0))
    for start, end in pairwise([0, *sorted(cuts), len(data)]):
        for message in parser.feed(data[start:end]):
            told += translator.translate(message, Millis(message.offset))
    return told


@pytest.mark.parametrize("form", ["plain", "json"])
def test_one_byte_at_a_time_gives_the_same_events(form: str) -> None:
    """The first 400 kB of each format, each read a single byte."""
    data = wire(form)
    assert len(events(data, [])) > 5
    assert events(data, list(range(1, len(data)))) == events(data, [])


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(["plain", "json"]), st.lists(st.integers(0, 400_000), max_size=200))
def test_random_cuts_give_the_same_events(form: str, cuts: list[int]) -> None:
    data = wire(form)
    assert events(data, [min(cut, len(data)) for cut in cuts]) == events(data, [])


@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_any_name_is_only_a_name(name: str) -> None:
    """Line breaks, forged headers, HTML: encoded by the switch, decoded once after the lines were cut apart."""
    (_, queued) = events(join_event(quote(name, safe="'(),/!$*")), [])
    assert isinstance(queued, ContactQueued)
    assert (queued.customer_name, queued.queue) == (name, "sales@default")


def test_a_plus_stays_a_plus() -> None:
    """FreeSWITCH writes a space as %20; form decoding would spoil every international number."""
    (_, queued) = events(join_event("+49 (0) plus".replace("+", "%2B")), [])
    assert isinstance(queued, ContactQueued)
    assert queued.customer_name == "+49 (0) plus"


JUNK = st.one_of(
    st.binary(max_size=80),
    st.sampled_from(
        [
            b"Content-Length: 5\nContent-Type: text/event-plain\n\n",
            b"Content-Length: x\nContent-Type: text/event-plain\n\n",
            b"Content-Length: 99999999999999999999\nContent-Type: api/response\n\n",
            b"Content-Type: text/event-json\nContent-Length: 2\n\n{}",
            b"Content-Length: 4\nContent-Type: text/event-json\n\n{{{{",
            b"Content-Type: auth/request\n\n",
            b"Content-Length: 0\nContent-Type: text/disconnect-notice\n\n",
            b"\n\n\n",
            b"Content-Length: 20\nContent-Type: text/event-plain\n\nNoName: at all\n\n",
        ]
    ),
    st.builds(
        event_frame, st.lists(st.sampled_from([b"Event-Name: CUSTOM", b"CC-Action: x", b"", b"a", b"\xff: \xfe"]))
    ),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(JUNK, max_size=8), st.lists(st.integers(0, 600), max_size=5))
def test_soup_is_refused_with_a_reason_and_never_raises(parts: list[bytes], cuts: list[int]) -> None:
    """A frame that breaks the framing ends the reading, and says why; the same however it is cut."""
    data = b"".join(parts) + join_event("Wang")
    parser, whole = EslParser(WANTED), EslParser(WANTED)
    found = [
        (message.name, message.offset)
        for start, end in pairwise([0, *sorted(min(cut, len(data)) for cut in cuts), len(data)])
        for message in parser.feed(data[start:end])
    ]
    assert found == [(message.name, message.offset) for message in whole.feed(data)]
    assert (parser.broken, parser.malformed) == (whole.broken, whole.malformed)
    if parser.broken is not None:
        assert parser.malformed[parser.broken] >= 1
        assert parser.feed(join_event("Li")) == []


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 70_000), st.booleans())
def test_an_event_of_two_megabytes_is_passed_over_and_the_next_one_read(size: int, wanted: bool) -> None:
    """Its length is known, so nothing of it needs to be kept."""
    first = b"Event-Subclass: callcenter%3A%3Ainfo" if wanted else b"Event-Name: CHANNEL_STATE"
    long = event_frame([first, b"X: " + b"a" * 2_000_000])
    data = long + join_event("Wang")
    parser = EslParser(WANTED)
    found = []
    for start in range(0, len(data), size):
        found += parser.feed(data[start : start + size])
        assert sum(map(len, parser._pieces)) <= 1_100_000
    assert [(message.name, message.offset) for message in found] == [(b"callcenter::info", len(long))]
    assert parser.malformed.total() == 1 or not wanted


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([parse_agents, parse_tiers, parse_queues, parse_members, parse_channels]),
    st.lists(
        st.one_of(
            st.text(max_size=40),
            st.sampled_from(["name|x", MEMBER_HEAD, member_row("a|b"), "|" * 30, "+OK", '{"row_count": 0}', "-ERR no"]),
        ),
        max_size=8,
    ),
)
def test_any_answer_is_read_or_refused(parse: object, lines: list[str]) -> None:
    """Rows that fit, a count of those that do not, or ListError with the switch's own words."""
    assert callable(parse)
    with suppress(ListError):
        assert isinstance(parse("\n".join(lines) + "\n"), Listed)


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=30), max_size=5))
def test_names_with_pipes_and_line_breaks_come_back_whole(names: list[str]) -> None:
    """The rows are read from both ends; a name that looks like a row is told by its channel."""
    rows = "".join(member_row(name) + "\n" for name in names)
    listed = parse_members((MEMBER_HEAD + "\n" + rows if names else "") + "+OK\n")
    assert [row.name for row in listed.rows] == names
    assert listed.unreadable == 0
    assert all(isinstance(row, ListedMember) and row.state == "Waiting" for row in listed.rows)
