"""Asterisk Manager Interface, bytes to messages, no I/O. In: bytes, cut anywhere. Out: the wanted `Message`s.

A busy switch sends some 17 messages for each one the floor needs, so a message stays bytes until a value is asked for.
May not know: what a message means, sockets, clocks. Source: asterisk main/manager.c; traces in tests/golden/asterisk.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from msgspec import Struct

from streams.wire.ami_select import LEAST_BYTES, MOST_BYTES, Selector

MAX_MESSAGE: Final = 256 * 1024
"""The longest real message measured is under 4 KiB; a longer one is noise or malice and is skipped, counted."""

_BLANK: Final = b"\r\n\r\n"
_EVENT: Final = b"Event: "
_RESPONSE: Final = b"Response: "
_HEAD: Final = 32
"""First bytes by which a message is known again: room for `Event: ` and a name of 23 letters."""
_REMEMBERED: Final = 4096
"""First bytes that are remembered; a hostile switch may invent more, they only cost a little longer."""
_MOSTLY: Final = 3
"""A stream of which at least every third message is kept is taken message by message: sieving would only cost."""
_BANNER: Final = b"Asterisk Call Manager/"


class _Marks(dict[bytes, bytes]):
    """Field name -> the bytes before its value; made once, for it is asked for millions of times."""

    def __missing__(self, key: bytes) -> bytes:
        mark = self[key] = b"\r\n" + key + b": "
        return mark


_MARKS: Final = _Marks()


@dataclass(frozen=True, slots=True)
class OnlyWhere:
    """Only those messages in which this field has one of these values are wanted."""

    field: bytes
    values: frozenset[bytes]


Wanted = Mapping[bytes, OnlyWhere | None]
"""Event name -> which of its messages are wanted; None: every one."""


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


class Message(Struct, frozen=True, gc=False):
    """One AMI message. `offset`: where it starts in its connection's bytes."""

    name: bytes
    raw: bytes
    offset: int

    def find(self, key: bytes) -> str | None:
        """The value of `key`, None where it is absent. Raises MalformedError where it stands twice.

        Values are decoded one by one after cutting, so broken UTF-8 in a name harms only that name.
        """
        parts = self.raw.split(_MARKS[key])
        if len(parts) == 1:
            return None
        if len(parts) > 2:
            raise MalformedError(MalformedReason.DUPLICATE_FIELD, f"{key!r} in {self.name!r}")
        value, _, _ = parts[1].partition(b"\r\n")
        try:
            return value.decode()
        except UnicodeDecodeError:
            return value.decode("utf-8", "replace")

    def text(self, key: bytes) -> str:
        """Like find (spelt out again: it is the busiest line here); raises MalformedError where the field is absent."""
        parts = self.raw.split(_MARKS[key])
        if len(parts) != 2:
            reason = MalformedReason.MISSING_FIELD if len(parts) == 1 else MalformedReason.DUPLICATE_FIELD
            raise MalformedError(reason, f"{key!r} in {self.name!r}")
        value, _, _ = parts[1].partition(b"\r\n")
        try:
            return value.decode()
        except UnicodeDecodeError:
            return value.decode("utf-8", "replace")

    def number(self, key: bytes) -> int:
        """A count, a time or a duration: nothing that is read here can be below zero."""
        value = self.text(key)
        if not value.isascii() or not value.isdigit() or len(value) > 18:
            raise MalformedError(MalformedReason.BAD_NUMBER, f"{key!r} in {self.name!r}")
        return int(value)

    def number_or(self, key: bytes, absent: int) -> int:
        return absent if self.find(key) in (None, "") else self.number(key)

    def __repr__(self) -> str:
        return f"Message({self.name.decode('utf-8', 'replace')!r} at {self.offset})"


class AmiParser:
    """Frames one connection's bytes. Counters: `messages`, `kept` of them, `malformed` (by reason).

    How the bytes are cut never matters: the same bytes give the same messages.
    """

    def __init__(self, wanted: Wanted) -> None:
        self._wanted: dict[bytes, _Keep] = {
            name: (_MARKS[where.field], len(_MARKS[where.field]), where.values) if where else True
            for name, where in wanted.items()
        }
        self._keeps: dict[bytes, _Keep] = {}
        self._names: dict[bytes, bytes] = {}
        """first bytes -> name of an event of which every message is wanted"""
        self._selector = Selector(
            {name: (where.field, where.values) if where else None for name, where in wanted.items()}
        )
        self._tail = b""
        self._offset = 0
        self._skipping = False
        self.messages = 0
        self.kept = 0
        self.malformed: Counter[MalformedReason] = Counter()

    def feed(self, data: bytes) -> list[Message]:
        if len(data) > MOST_BYTES:
            pieces = (data[at : at + MOST_BYTES] for at in range(0, len(data), MOST_BYTES))
            return [message for piece in pieces for message in self.feed(piece)]
        if self._skipping:
            return self._skip(data)
        buffer = self._tail + data if self._tail else data
        mostly_wanted = self.kept * _MOSTLY > self.messages
        if len(buffer) >= LEAST_BYTES and not mostly_wanted and (found := self._feed_large(buffer)) is not None:
            return found
        parts = buffer.split(_BLANK)
        self._tail = tail = parts.pop()
        found = self._take(parts) if mostly_wanted else self._select(parts)
        self._offset += len(buffer) - len(tail)
        if len(tail) > MAX_MESSAGE:
            self._begin_skipping()
        return found

    def _feed_large(self, buffer: bytes) -> list[Message] | None:
        """A large read, judged on whole arrays; None where only the way below takes it apart."""
        selected = self._selector.select(buffer)
        if selected is None:
            return None
        self.messages += selected.total
        found: list[Message] = []
        for start, end in selected.spans:
            self._keep(buffer[start:end], self._offset + start, found)
        self.kept += len(found)
        self._offset += selected.tail
        self._tail = buffer[selected.tail :]
        if len(self._tail) > MAX_MESSAGE:
            self._begin_skipping()
        return found

    def _select(self, parts: list[bytes]) -> list[Message]:
        """The hot path: whole-list steps that run in C; most messages are dropped by their first bytes alone."""
        self.messages += len(parts)
        found: list[Message] = []
        offset, done = self._offset, 0
        for index in _hits(parts, self._keeps.get):
            offset += sum(map(len, parts[done:index])) + len(_BLANK) * (index - done)
            done = index
            self._keep(parts[index], offset, found)
        self.kept += len(found)
        return found

    def _take(self, parts: list[bytes]) -> list[Message]:
        """The same for a switch that was told what to send: nearly all is wanted."""
        self.messages += len(parts)
        found: list[Message] = []
        offset, names = self._offset, self._names.get
        for raw in parts:
            size = len(raw)
            if (name := names(raw[:_HEAD])) is not None and size <= MAX_MESSAGE:
                found.append(Message(name, raw, offset))
            else:
                self._keep(raw, offset, found)
            offset += size + len(_BLANK)
        self.kept += len(found)
        return found

    def _keep(self, raw: bytes, offset: int, found: list[Message]) -> None:
        """Judge one message in full; what its first bytes decide is remembered for the next ones."""
        if raw[:7] != _EVENT:
            self._other(raw, offset, found)
            return
        end = raw.find(b"\r\n")
        name = raw[7:end] if end >= 0 else raw[7:]
        keep = self._wanted.get(name, False)
        if 0 <= end < _HEAD and len(self._keeps) < _REMEMBERED:
            self._keeps[raw[:_HEAD]] = keep
            if keep is True:
                self._names[raw[:_HEAD]] = name
        if keep is False:
            return
        if len(raw) > MAX_MESSAGE:
            self.malformed[MalformedReason.TOO_LONG] += 1
        elif keep is True or _value_after(raw, keep) in keep[2]:
            found.append(Message(name, raw, offset))

    def _other(self, raw: bytes, offset: int, found: list[Message]) -> None:
        if raw[:2] == b"\r\n" or not raw:
            self._after_blank_lines(raw, offset, found)
            return
        if offset == 0 and raw.startswith(_BANNER):
            banner, _, raw = raw.partition(b"\r\n")
            offset = len(banner) + 2
            found.append(Message(b"Banner", banner, 0))
        if raw.startswith(_RESPONSE):
            found.append(Message(b"Response", raw, offset))
        else:
            self.malformed[MalformedReason.HEADLESS] += 1

    def _after_blank_lines(self, raw: bytes, offset: int, found: list[Message]) -> None:
        """An odd line break between two messages belongs to neither."""
        body = raw.lstrip(b"\r\n")
        if body:
            self._keep(body, offset + len(raw) - len(body), found)

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
        return self.feed(data[end + len(_BLANK) :])


_Keep = bool | tuple[bytes, int, frozenset[bytes]]
"""Whether messages of a name are kept: never, always, or where (mark, its length) is followed by one of the values."""


def _value_after(raw: bytes, keep: tuple[bytes, int, frozenset[bytes]]) -> bytes:
    """The marked field's value, sought from the end, near which it stands; a line always follows it."""
    mark, size, _ = keep
    start = raw.rfind(mark) + size
    return raw[start : raw.find(b"\r", start)]


def _hits(parts: list[bytes], keeps: Callable[[bytes, bool], _Keep]) -> list[int]:
    """Which messages may be kept, those with unknown first bytes included.

    One comprehension, because it runs for every message of the switch: half of them are VarSet and Newexten, of which
    one in fifty is wanted (`_value_after`, spelt out: a call would cost more than it does).
    """
    return [
        index
        for index, raw in enumerate(parts)
        if (keep := keeps(raw[:_HEAD], True)) is not False
        and (keep is True or raw[(start := raw.rfind(keep[0]) + keep[1]) : raw.find(b"\r", start)] in keep[2])
    ]
