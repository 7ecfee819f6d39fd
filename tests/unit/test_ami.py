"""Bytes of the manager interface to messages: what is framed, what is refused, and where each message stood."""

import pytest

from streams.wire.ami import (
    MAX_MESSAGE,
    AmiParser,
    MalformedError,
    MalformedReason,
    Message,
    OnlyWhere,
)

BANNER = b"Asterisk Call Manager/11.0.0\r\n"
LOGIN = b"Response: Success\r\nMessage: Authentication accepted\r\n\r\n"
HANGUP = b"Event: Hangup\r\nUniqueid: 1.1\r\nCause: 16\r\n\r\n"


def parser() -> AmiParser:
    return AmiParser({b"Hangup": None, b"VarSet": OnlyWhere(b"Variable", frozenset((b"QUEUESTATUS",)))})


def message(*fields: bytes) -> Message:
    return Message(b"Hangup", b"\r\n".join((b"Event: Hangup", *fields)), 0)


def test_the_banner_and_the_answer_behind_it_are_two_messages() -> None:
    """Asterisk ends the banner with one line break, not with a blank line."""
    assert [one.name for one in parser().feed(BANNER + LOGIN)] == [b"Banner", b"Response"]


def test_an_offset_is_where_the_message_starts_in_its_connection() -> None:
    """30 bytes of banner, 55 of login answer: the event begins at 85, however the reads were cut."""
    reader = parser()
    first = reader.feed(BANNER + LOGIN + HANGUP[:10])
    assert [one.offset for one in first + reader.feed(HANGUP[10:])] == [0, 30, 85]


def test_unwanted_messages_are_counted_and_not_kept() -> None:
    reader = parser()
    assert reader.feed(b"Event: RTCPSent\r\nSSRC: 1\r\n\r\n") == []
    assert (reader.messages, reader.kept) == (1, 0)


@pytest.mark.parametrize(("variable", "kept"), [(b"QUEUESTATUS", 1), (b"QUEUESTATUSX", 0), (b"BRIDGEPEER", 0)])
def test_a_condition_keeps_only_the_named_values(variable: bytes, kept: int) -> None:
    found = parser().feed(b"Event: VarSet\r\nVariable: " + variable + b"\r\nValue: TIMEOUT\r\n\r\n")
    assert len(found) == kept


@pytest.mark.parametrize("torn", [b"Cause: 16\r\n\r\n", b"<html>\r\n\r\n", b"event: Hangup\r\nCause: 1\r\n\r\n"])
def test_a_frame_without_a_head_is_counted_and_the_next_one_read(torn: bytes) -> None:
    reader = parser()
    assert [one.name for one in reader.feed(LOGIN + torn + HANGUP)] == [b"Response", b"Hangup"]
    assert reader.malformed == {MalformedReason.HEADLESS: 1}


def test_odd_line_breaks_between_messages_belong_to_neither() -> None:
    (found,) = parser().feed(b"\r\n\r\n\r\n" + HANGUP)
    assert (found.name, found.offset, found.text(b"Cause")) == (b"Hangup", 6, "16")


def test_a_message_longer_than_the_limit_is_skipped_and_the_next_one_has_its_true_offset() -> None:
    reader = parser()
    long = b"Event: Hangup\r\nCause: " + b"1" * (MAX_MESSAGE + 1000) + b"\r\n\r\n"
    found = reader.feed(long[:-2]) + reader.feed(long[-2:] + HANGUP)
    assert [one.offset for one in found] == [len(long)]
    assert reader.malformed == {MalformedReason.TOO_LONG: 1}


def test_a_long_message_that_comes_in_one_read_is_refused_too() -> None:
    reader = parser()
    assert reader.feed(b"Event: Hangup\r\nCause: " + b"1" * (MAX_MESSAGE + 1) + b"\r\n\r\n") == []
    assert reader.malformed == {MalformedReason.TOO_LONG: 1}


def test_a_value_is_found_by_its_whole_key() -> None:
    """`DestUniqueid` is not `Uniqueid`."""
    assert message(b"DestUniqueid: 2.2", b"Uniqueid: 1.1").text(b"Uniqueid") == "1.1"


def test_an_absent_field_is_none_or_an_error_as_asked() -> None:
    assert message(b"Cause: 16").find(b"Uniqueid") is None
    with pytest.raises(MalformedError, match="missing_field"):
        message(b"Cause: 16").text(b"Uniqueid")


@pytest.mark.parametrize("how", ["find", "text", "number"])
def test_a_field_that_stands_twice_is_never_believed(how: str) -> None:
    twice = message(b"Cause: 16", b"Queue: a", b"Cause: 17")
    with pytest.raises(MalformedError) as caught:
        getattr(twice, how)(b"Cause")
    assert caught.value.reason is MalformedReason.DUPLICATE_FIELD


def test_an_empty_value_is_empty_and_not_absent() -> None:
    assert message(b"Queue: ", b"Cause: 16").find(b"Queue") == ""


@pytest.mark.parametrize(("raw", "value"), [(b"16", 16), (b"0", 0), (b"007", 7)])
def test_numbers_are_read(raw: bytes, value: int) -> None:
    assert message(b"Cause: " + raw).number(b"Cause") == value


@pytest.mark.parametrize(
    "raw",
    [b"", b"-", b"-1", b"--5", b"1-", b"1.5", b"1e3", b" 5", b"0x10", b"9" * 19, "²".encode(), "１".encode()],
)
def test_what_is_no_number_is_refused_by_its_reason(raw: bytes) -> None:
    """Never a bare ValueError: that would stop the reader of the whole switch."""
    with pytest.raises(MalformedError) as caught:
        message(b"Cause: " + raw).number(b"Cause")
    assert caught.value.reason is MalformedReason.BAD_NUMBER


@pytest.mark.parametrize(("fields", "value"), [((), 7), ((b"Cause: ",), 7), ((b"Cause: 3",), 3)])
def test_a_number_may_have_a_stand_in_for_absent_and_empty(fields: tuple[bytes, ...], value: int) -> None:
    assert message(*fields).number_or(b"Cause", 7) == value


def test_broken_utf8_becomes_replacement_signs_in_its_own_value_only() -> None:
    broken = message(b"CallerIDName: \xff\xe6", "Queue: 销售".encode())
    assert (broken.text(b"CallerIDName"), broken.text(b"Queue")) == ("\ufffd\ufffd", "销售")


def test_a_switch_that_invents_event_names_does_not_fill_the_memory() -> None:
    """20,000 names that occur once: some first bytes are remembered, all are passed by, what is wanted is found."""
    reader = parser()
    found = [one for n in range(20_000) for one in reader.feed(b"Event: X%d\r\nA: 1\r\n\r\n" % n)]
    assert (found, len(reader._keeps) < 5_000, len(reader.feed(HANGUP))) == ([], True, 1)


def test_a_message_says_its_name_and_place_and_nothing_of_the_caller() -> None:
    assert repr(message(b"CallerIDNum: 13800001111")) == "Message('Hangup' at 0)"
