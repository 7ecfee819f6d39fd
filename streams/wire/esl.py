"""FreeSWITCH's event socket, bytes to messages, no I/O. In: bytes, cut anywhere. Out: the wanted `Message`s.

A body of an unwanted event is passed over by its length, without being looked at beyond its first line or kept. A frame
whose length cannot be trusted ends the reading (`broken`): what follows may be a caller's own text.
May not know: what a message means, sockets, clocks. Source: mod_event_socket.c; traces in tests/golden/freeswitch.
"""

import re
from collections import Counter
from typing import Final

import msgspec

from streams.wire.esl_message import Fields, MalformedError, MalformedReason, Message

MAX_EVENT: Final = 1024 * 1024
"""The longest real event measured is under 16 KiB."""
MAX_ANSWER: Final = 64 * 1024 * 1024
"""`show channels as json` of 10,000 channels takes some 12 MiB."""
MAX_HEAD: Final = 64 * 1024

AUTH: Final = b"auth/request"
REPLY: Final = b"command/reply"
ANSWER: Final = b"api/response"
GOODBYE: Final = b"text/disconnect-notice"
REJECTED: Final = b"text/rude-rejection"
LOG: Final = b"log/data"

_PLAIN: Final = b"text/event-plain"
_JSON: Final = b"text/event-json"
_SIZED: Final = (_PLAIN, _JSON, ANSWER)
_CONTROL: Final = frozenset((AUTH, REPLY, ANSWER, GOODBYE, REJECTED, LOG))

# What every event of a real switch begins with; anything else takes the slow way round.
_EVENT_HEAD: Final = re.compile(rb"Content-Length: (\d{1,9})\nContent-Type: text/event-(plain|json)\n\n").match
_JSON_FIRST: Final = re.compile(rb'\{"(Event-Name|Event-Subclass)":"([^"\\]{1,200})"').match
_FIRST_LINE: Final = 256
"""Bytes within which an event's first line must end; real ones take under 50."""
_REMEMBERED: Final = 4096
"""Names passed by that are remembered; a hostile switch may invent more."""


class EslParser:
    """Frames one connection's bytes. `wanted`: event names, and subclasses of custom events; other frames all come.

    Counters: `messages`, `kept`, `malformed` (by reason); `names`: first lines of events passed by. `broken`: why
    nothing more is read, None while all is well. How the bytes are cut never matters.
    """

    def __init__(self, wanted: frozenset[bytes]) -> None:
        self._wanted = wanted
        self._lines = {_first_line(name): name for name in wanted}
        self._pieces: list[bytes] = []
        self._held = 0
        self._needed = 0
        self._skip = 0
        self._offset = 0
        self.messages = 0
        self.kept = 0
        self.names: set[bytes] = set()
        self.malformed: Counter[MalformedReason] = Counter()
        self.broken: MalformedReason | None = None

    def feed(self, data: bytes) -> list[Message]:
        if self.broken is not None:
            return []
        if self._skip:
            data = self._skipped(data)
        if self._pieces and data:
            data = self._joined(data)
        if not data:
            return []
        found: list[Message] = []
        position = self._frames(data, found)
        self._offset += position
        if position < len(data) and self.broken is None:
            self._pieces, self._held = [data[position:]], len(data) - position
        self.kept += len(found)
        return found

    def _joined(self, data: bytes) -> bytes:
        """Nothing until the frame that was cut is whole: a megabyte that comes byte by byte is not copied each time."""
        self._pieces.append(data)
        self._held += len(data)
        if self._held < self._needed:
            return b""
        whole = b"".join(self._pieces)
        self._pieces, self._held = [], 0
        return whole

    def _frames(self, data: bytes, found: list[Message]) -> int:
        """Read whole frames; where the first bytes that are not one begin."""
        position, size = 0, len(data)
        while position < size:
            head = _EVENT_HEAD(data, position)
            if head is None:
                after = self._other(data, position, found)
                if after < 0:
                    return position
                position = after
                continue
            start = head.end()
            end = start + int(head[1])
            plain = head[2] == b"plain"
            if end > size:
                if not self._may_skip(data, position, start, end, plain=plain):
                    return position
                return size
            self.messages += 1
            line = data.find(b"\n", start, min(end, start + _FIRST_LINE)) if plain else -1
            name = self._lines.get(data[start:line]) if line > 0 else None
            if name is not None or line < 0 or data[start:line] == b"Event-Name: CUSTOM":
                self._keep(data, position, start, end, name=name, plain=plain, found=found)
            elif not _named(data[start:line]):
                self.malformed[MalformedReason.HEADLESS] += 1
            elif len(self.names) < _REMEMBERED:
                self.names.add(data[start:line])
            position = end
        return position

    def _may_skip(self, data: bytes, position: int, start: int, end: int, *, plain: bool) -> bool:
        """A cut event of which the first line is there and unwanted, or that is too long, need not be kept."""
        if end - start > MAX_EVENT:
            self.malformed[MalformedReason.TOO_LONG] += 1
        else:
            line = data.find(b"\n", start, start + _FIRST_LINE) if plain else -1
            first = data[start:line]
            if line < 0 or first in self._lines or first == b"Event-Name: CUSTOM" or not _named(first):
                self._needed = end - position
                return False
            if len(self.names) < _REMEMBERED:
                self.names.add(first)
        self.messages += 1
        self._skip = end - len(data)
        return True

    def _skipped(self, data: bytes) -> bytes:
        passed = min(self._skip, len(data))
        self._skip -= passed
        self._offset += passed
        return data[passed:]

    def _keep(
        self, data: bytes, position: int, start: int, end: int, *, name: bytes | None, plain: bool, found: list[Message]
    ) -> None:
        offset = self._offset + position
        if end - start > MAX_EVENT:
            self.malformed[MalformedReason.TOO_LONG] += 1
        elif plain:
            self._keep_plain(data, offset, start, end, name, found)
        else:
            self._keep_json(data[start:end], offset, found)

    def _keep_plain(
        self, data: bytes, offset: int, start: int, end: int, name: bytes | None, found: list[Message]
    ) -> None:
        fields = data.find(b"\n\n", start, end)
        fields = end if fields < 0 else fields
        raw = data[start - 1 : fields]  # with the line break before it, so that each field begins with one
        if name is None:
            if not _named(raw[1:]):
                self.malformed[MalformedReason.HEADLESS] += 1
                return
            subclass = Message(b"CUSTOM", offset, raw=raw[: raw.find(b"\nUnique-ID: ")]).find(b"Event-Subclass")
            name = (subclass or "").encode()
            if name not in self._wanted:
                return
        found.append(Message(name, offset, raw=raw, body=data[fields + 2 : end]))

    def _keep_json(self, body: bytes, offset: int, found: list[Message]) -> None:
        first = _JSON_FIRST(body)
        if first is not None and first[2] != b"CUSTOM" and first[2] not in self._wanted:
            if len(self.names) < _REMEMBERED:
                self.names.add(first[2])
            return
        try:
            fields = _decode_json(body.decode("utf-8", "replace"))
        except msgspec.DecodeError:
            self.malformed[MalformedReason.BAD_JSON] += 1
            return
        message = Message(b"", offset, fields=fields)
        message.name = (message.find(b"Event-Subclass") or message.find(b"Event-Name") or "").encode()
        if not message.name:
            self.malformed[MalformedReason.HEADLESS] += 1
        elif message.name in self._wanted:
            found.append(message)

    def _other(self, data: bytes, position: int, found: list[Message]) -> int:
        """A frame that is no event, or an event whose head has another form; -1: it is not whole."""
        if data[position : position + 1] in (b"\n", b"\r"):
            return position + 1
        head_end = data.find(b"\n\n", position, position + MAX_HEAD)
        if head_end < 0:
            if len(data) - position >= MAX_HEAD:
                self._break(MalformedReason.TOO_LONG)
            self._needed = len(data) - position + 1
            return -1
        head = b"\n" + data[position:head_end]
        fields = Message(b"", 0, raw=head)
        start = head_end + 2
        try:
            kind = (fields.find(b"Content-Type") or "").encode()
            length = fields.number(b"Content-Length") if kind in _SIZED else fields.number_or(b"Content-Length", 0)
        except MalformedError:
            self._break(MalformedReason.BAD_LENGTH)
            return -1
        if not kind:
            self._break(MalformedReason.HEADLESS)
            return -1
        end = start + length
        if length > (MAX_ANSWER if kind == ANSWER else MAX_EVENT):
            self.malformed[MalformedReason.TOO_LONG] += 1
            self.messages += 1
            self._skip = max(0, end - len(data))
            return min(end, len(data))
        if end > len(data):
            self._needed = end - position
            return -1
        self.messages += 1
        if kind in (_PLAIN, _JSON):
            line = data.find(b"\n", start, end)
            name = self._lines.get(data[start:line])
            self._keep(data, position, start, end, name=name, plain=kind == _PLAIN, found=found)
        elif kind in _CONTROL:
            found.append(Message(kind, self._offset + position, raw=head, body=data[start:end]))
        elif len(self.names) < _REMEMBERED:
            self.names.add(kind)
        return end

    def _break(self, reason: MalformedReason) -> None:
        self.malformed[reason] += 1
        self.broken = reason
        self._pieces, self._held = [], 0


_decode_json: Final = msgspec.json.Decoder(Fields).decode


def _first_line(name: bytes) -> bytes:
    """A custom event begins with its subclass, every other one with its name."""
    if b"::" in name:
        return b"Event-Subclass: " + name.replace(b":", b"%3A")
    return b"Event-Name: " + name


def _named(first: bytes) -> bool:
    return first.startswith((b"Event-Name: ", b"Event-Subclass: "))
