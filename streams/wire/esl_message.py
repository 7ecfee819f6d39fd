"""One frame of FreeSWITCH's event socket, or why it is refused. In: bytes or fields. Out: values, asked for by name.

May not know: how frames are cut from a stream, what they mean.
"""

import re
from enum import StrEnum
from typing import Final

_ESCAPE: Final = re.compile(rb"%([0-9A-Fa-f]{2})")


class MalformedReason(StrEnum):
    HEADLESS = "headless"
    """A frame without Content-Type, or an event that does not begin with its name."""
    TOO_LONG = "too_long"
    BAD_LENGTH = "bad_length"
    BAD_JSON = "bad_json"
    DUPLICATE_FIELD = "duplicate_field"
    MISSING_FIELD = "missing_field"
    BAD_NUMBER = "bad_number"


class MalformedError(ValueError):
    """A message cannot be trusted. `reason` is counted; the message is passed over, the stream goes on."""

    def __init__(self, reason: MalformedReason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason


Fields = dict[str, str | list[str]]
"""A JSON event."""


class Message:
    """One frame. `name`: an event's name (of a custom event its subclass) or the content type of another frame.

    `offset`: where the frame starts in its connection's bytes. Fields stay bytes until they are asked for.
    """

    __slots__ = ("_fields", "_raw", "body", "name", "offset")

    def __init__(
        self, name: bytes, offset: int, *, raw: bytes = b"", fields: Fields | None = None, body: bytes = b""
    ) -> None:
        self.name = name
        self.offset = offset
        self.body = body
        self._raw = raw
        self._fields = fields

    def find(self, key: bytes) -> str | None:
        """The value of `key`, None where it is absent. Raises MalformedError where it stands twice.

        Percent-decoded once, after the lines were cut apart, so a line break in a name forges nothing; `+` is a plus.
        """
        if self._fields is not None:
            value = self._fields.get(key.decode())
            # the plain format writes a list this way
            return "ARRAY::" + "|:".join(value) if isinstance(value, list) else value
        mark = b"\n" + key + b": "
        raw = self._raw
        at = raw.find(mark)
        if at < 0:
            return None
        end = raw.find(b"\n", at + len(mark))
        if end < 0:
            end = len(raw)
        elif raw.find(mark, end) >= 0:
            raise MalformedError(MalformedReason.DUPLICATE_FIELD, f"{key!r} in {self.name!r}")
        encoded = raw[at + len(mark) : end]
        plain = _ESCAPE.sub(_escaped, encoded) if b"%" in encoded else encoded
        return plain.decode("utf-8", "replace")

    def text(self, key: bytes) -> str:
        value = self.find(key)
        if value is None:
            raise MalformedError(MalformedReason.MISSING_FIELD, f"{key!r} in {self.name!r}")
        return value

    def number(self, key: bytes) -> int:
        """A count or a time: nothing that is read here can be below zero."""
        value = self.text(key)
        if not value.isascii() or not value.isdigit() or len(value) > 18:
            raise MalformedError(MalformedReason.BAD_NUMBER, f"{key!r} in {self.name!r}")
        return int(value)

    def number_or(self, key: bytes, absent: int) -> int:
        return absent if self.find(key) in (None, "") else self.number(key)

    @property
    def answer(self) -> str:
        """The body as text: an answer to `api`, a log line, a farewell."""
        return self.body.decode("utf-8", "replace")

    def __repr__(self) -> str:
        return f"Message({self.name.decode('utf-8', 'replace')!r} at {self.offset})"


def _escaped(match: re.Match[bytes]) -> bytes:
    return bytes((int(match[1], 16),))
