"""AMI messages to the bytes a real switch sends. In: `Message` values. Out: one CRLF block each.

Pure: knows no queue, no clock, no socket. A value can never forge a field: Asterisk escapes caller names and variable
values as C strings (`escape_c`), and no other value may carry a line break (`render` turns it into a space).
"""

from collections.abc import Iterable
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Message:
    """One event or one answer, complete but for its bytes."""

    at: Millis
    fields: Fields

    @property
    def kind(self) -> str:
        """`Event` or `Response`."""
        return self.fields[0][0]

    @property
    def name(self) -> str:
        return self.fields[0][1]


def escape_c(text: str) -> str:
    """main/utils.c ast_escape_c: what manager_channels.c does to caller names and to the value of a VarSet."""
    return text.translate(_C_ESCAPES)


def render(message: Message) -> bytes:
    """The block, ended by an empty line."""
    text = "\n".join([f"{key}: {value}" for key, value in message.fields])
    if text.count("\n") >= len(message.fields) or "\r" in text:
        text = "\n".join([f"{key}: {_one_line(value)}" for key, value in message.fields])
    return (text.replace("\n", "\r\n") + "\r\n\r\n").encode("utf-8", "replace")


def render_all(messages: Iterable[Message]) -> bytes:
    return b"".join([render(message) for message in messages])


def _one_line(value: str) -> str:
    return value.replace("\r", " ").replace("\n", " ")
