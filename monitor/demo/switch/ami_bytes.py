"""AMI messages to the bytes a real switch sends. In: `Message` values. Out: one CRLF block each.

Pure: knows no queue, no clock, no socket. A value can never forge a field: Asterisk escapes caller names and variable
values as C strings (`escape_c`), and no other value may carry a line break (`render` makes it a space).
"""

from collections.abc import Iterable
from functools import cached_property
from itertools import chain
from typing import NamedTuple

from streams.vocabulary.ids import Millis

Field = tuple[str, str]
Fields = tuple[Field, ...]

BANNER = b"Asterisk Call Manager/11.0.0\r\n"

_C_ESCAPES = str.maketrans(
    {
        "\a": "\\a",
        "\b": "\\b",
        "\f": "\\f",
        "\n": "\\n",
        "\r": "\\r",
        "\t": "\\t",
        "\v": "\\v",
        "\\": "\\\\",
        "'": "\\'",
        '"': '\\"',
        "?": "\\?",
    }
)


class Head(tuple[Field, ...]):
    """Fields told again and again (a channel's header): their bytes are made once."""

    @cached_property
    def block(self) -> bytes:
        return _block(self)


class Message(NamedTuple):
    """One event or one answer, complete but for its bytes. The first field of the first part names it.

    A tuple: 5,000 agents cause some 1,500 a second, and a frozen dataclass takes a third longer to make.
    """

    at: Millis
    parts: tuple[Fields, ...]

    @property
    def fields(self) -> Fields:
        return tuple(chain.from_iterable(self.parts))

    @property
    def kind(self) -> str:
        """`Event` or `Response`."""
        return self.parts[0][0][0]

    @property
    def name(self) -> str:
        return self.parts[0][0][1]


def escape_c(text: str) -> str:
    """main/utils.c ast_escape_c: what manager_channels.c does to caller names and to the value of a VarSet."""
    return text.translate(_C_ESCAPES)


def render(message: Message) -> bytes:
    """The block, ended by an empty line."""
    return b"".join([part.block if type(part) is Head else _block(part) for part in message.parts]) + b"\r\n"


def render_all(messages: Iterable[Message]) -> bytes:
    return b"".join([render(message) for message in messages])


def _block(fields: Fields) -> bytes:
    text = "".join([f"{key}: {value}\r\n" for key, value in fields])
    if text.count("\n") != len(fields) or text.count("\r") != len(fields):
        text = "".join([f"{key}: {_one_line(value)}\r\n" for key, value in fields])
    return text.encode("utf-8", "replace")


def _one_line(value: str) -> str:
    return value.replace("\r", " ").replace("\n", " ")
