"""Asterisk Manager Interface, bytes to messages, no I/O. In: bytes, cut anywhere. Out: wanted `Message`s, `Malformed` frames.

A busy switch sends some 17 messages for each one the floor needs, so a message stays bytes until a value is asked for.
May not know: what a message means, sockets, clocks. Source: asterisk main/manager.c; traces in tests/golden/asterisk.
"""

from collections import Counter
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

MAX_MESSAGE: Final = 256 * 1024
"""The longest real message measured is under 4 KiB; a longer one is noise or malice and is skipped, counted."""

_BLANK: Final = b"\r\n\r\n"
_EVENT: Final = b"Event: "
_RESPONSE: Final = b"Response: "
_BANNER: Final = b"Asterisk Call Manager/"

Wanted = Mapping[bytes, tuple[bytes, ...]]
"""Event name -> byte strings of which one must be in the message; an empty tuple wants every such event."""


class MalformedReason(StrEnum):
    HEADLESS = "headless"
    """The first line is neither Event nor Response: a frame was torn or forged."""
    TOO_LONG = "too_long"
    DUPLICATE_FIELD = "duplicate_field"
    """A field that is read stands there twice: somebody wrote a line break into a value."""
    MISSING_FIELD = "missing_field"
    BAD_NUMBER = "bad_number"


class MalformedError(ValueError):
    """A message cannot be trusted. `reason` is counted; the message is passed over, the stream goes on."""

    def __init__(self, reason: MalformedReason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason


class Message:
    """One AMI message. `offset`: where it starts in its connection's bytes."""

    __slots__ = ("name", "offset", "raw")

    def __init__(self, name: bytes, raw: bytes, offset: int) -> None:
        self.name = name
        self.raw = raw
        self.offset = offset

    def find(self, key: bytes) -> str | None:
        """The value of `key`, None where it is absent. Raises MalformedError where it stands twice.

        Values are decoded one by one after cutting, so broken UTF-8 in a name harms only that name.
        """
        mark = b"\r\n" + key + b": "
        raw = self.raw
        at = raw.find(mark)
        if at < 0:
            return None
        start = at + len(mark)
        end = raw.find(b"\r\n", start)
        if end < 0:
            end = len(raw)
        elif raw.find(mark, end) >= 0:
            raise MalformedError(MalformedReason.DUPLICATE_FIELD, f"{key!r} in {self.name!r}")
        return raw[start:end].decode("utf-8", "replace")

    def text(self, key: bytes) -> str:
        """Like find; raises MalformedError where the field is absent."""
        value = self.find(key)
        if value is None:
            raise MalformedError(MalformedReason.MISSING_FIELD, f"{key!r} in {self.name!r}")
        return value

    def number(self, key: bytes) -> int:
        value = self.text(key)
        if not value.isascii() or not value.lstrip("-").isdigit() or len(value) > 18:
            raise MalformedError(MalformedReason.BAD_NUMBER, f"{key!r} in {self.name!r}")
        return int(value)

    def number_or(self, key: bytes, absent: int) -> int:
        return absent if self.find(key) in (None, "") else self.number(key)

    def __repr__(self) -> str:
        return f"Message({self.name.decode('utf-8', 'replace')!r} at {self.offset})"


class AmiParser:
    """Frames one connection's bytes. Counters: `passed` (events nobody wanted, by name), `malformed` (by reason).

    How the bytes are cut never matters: the same bytes give the same messages.
    """

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._tail = b""
        self._offset = 0
        self._skipping = False
        self.passed: Counter[bytes] = Counter()
        self.malformed: Counter[MalformedReason] = Counter()
        self.messages = 0

    def feed(self, data: bytes) -> list[Message]:
        if self._skipping:
            return self._skip(data)
        parts = (self._tail + data if self._tail else data).split(_BLANK)
        self._tail = parts.pop()
        self.messages += len(parts)
        found = self._select(parts)
        if len(self._tail) > MAX_MESSAGE:
            self._begin_skipping()
        return found

    def _select(self, parts: list[bytes]) -> list[Message]:
        """The hot loop: one look at the name decides about most messages."""
        offset = self._offset
        wanted = self._wanted
        passed = self.passed
        found: list[Message] = []
        for raw in parts:
            if raw[:7] == _EVENT:
                end = raw.find(b"\r\n", 7)
                name = raw[7:end] if end >= 0 else raw[7:]
                needles = wanted.get(name)
                if needles is None:
                    passed[name] += 1
                elif len(raw) > MAX_MESSAGE:
                    self.malformed[MalformedReason.TOO_LONG] += 1
                elif not needles:
                    found.append(Message(name, raw, offset))
                else:
                    for needle in needles:
                        if needle in raw:
                            found.append(Message(name, raw, offset))
                            break
                    else:
                        passed[name] += 1
            else:
                self._other(raw, offset, found)
            offset += len(raw) + 4
        self._offset = offset
        return found

    def _other(self, raw: bytes, offset: int, found: list[Message]) -> None:
        if offset == 0 and raw.startswith(_BANNER):
            banner, _, raw = raw.partition(b"\r\n")
            offset = len(banner) + 2
            found.append(Message(b"Banner", banner, 0))
        if raw.startswith(_RESPONSE):
            found.append(Message(b"Response", raw, offset))
        else:
            self.malformed[MalformedReason.HEADLESS] += 1

    def _begin_skipping(self) -> None:
        self.malformed[MalformedReason.TOO_LONG] += 1
        self._skipping = True
        self._offset += len(self._tail) - 3
        self._tail = self._tail[-3:]  # a blank line may be cut across two reads

    def _skip(self, data: bytes) -> list[Message]:
        data = self._tail + data
        end = data.find(_BLANK)
        if end < 0:
            self._offset += len(data) - min(3, len(data))
            self._tail = data[-3:]
            return []
        self._skipping = False
        self._offset += end + 4
        self._tail = b""
        return self.feed(data[end + 4 :])
