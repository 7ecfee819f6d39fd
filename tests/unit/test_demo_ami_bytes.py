"""Messages to bytes: what a hostile value may do (nothing)."""

import pytest

from monitor.demo.switch.ami_bytes import Head, Message, escape_c, render
from streams.vocabulary.ids import Millis


def message(*fields: tuple[str, str]) -> Message:
    return Message(Millis(0), (fields,))


def test_a_message_is_lines_and_an_empty_line() -> None:
    """An empty value keeps its space, as Asterisk writes it."""
    block = render(message(("Event", "Hangup"), ("Cause", "16"), ("AccountCode", "")))
    assert block == b"Event: Hangup\r\nCause: 16\r\nAccountCode: \r\n\r\n"


@pytest.mark.parametrize("value", ["a\r\nEvent: Forged", "a\nb", "a\rb", "\r\n\r\n"])
def test_a_line_break_in_a_value_forges_no_field(value: str) -> None:
    """However a value is broken, as many lines leave as there are fields."""
    for part in ((("Event", "X"), ("Name", value)), Head((("Event", "X"), ("Name", value)))):
        lines = render(Message(Millis(0), (part,))).removesuffix(b"\r\n\r\n").split(b"\r\n")
        assert len(lines) == 2
        assert b"\n" not in lines[1]
        assert b"\r" not in lines[1]


def test_caller_names_are_escaped_as_the_traces_show() -> None:
    r"""The traces have `O\'Neill, Pat`; a CRLF leaves as four harmless characters."""
    assert escape_c("O'Neill, Pat") == "O\\'Neill, Pat"
    assert escape_c('a"\r\n') == 'a\\"\\r\\n'


def test_what_is_no_utf8_is_replaced() -> None:
    """A lone surrogate cannot stop the stream."""
    assert render(message(("Event", "\ud800"))) == b"Event: ?\r\n\r\n"
