"""One browser on the wall's socket. In: ready-made WebSocket frames. Out: bytes, or the reason why not.

A frame is written only into an empty buffer: what a viewer cannot take now is never queued, it gets a snapshot once its
socket has drained, and is cut off after `send_timeout_ms`. May not know: seats, queues, numbers.
"""

import asyncio
import socket
import zlib
from collections.abc import Iterable
from enum import StrEnum
from struct import pack
from typing import NamedTuple

from streams.vocabulary.ids import Millis

SEND_BUFFER = 128 * 1024
"""Kernel buffer per viewer; the default lets a browser that stopped reading hold 4 MB of the past."""
TEXT, BINARY = 0x1, 0x2
ASK_EVERY_MS = 1_000


PACKED = 0x40
"""RSV1: this message is deflated (RFC 7692)."""
LEAST_PACKED = 48
"""Shorter payloads gain nothing."""


class Message(NamedTuple):
    payload: bytes
    opcode: int


def text(payload: bytes) -> Message:
    return Message(payload, TEXT)


def binary(payload: bytes) -> Message:
    return Message(payload, BINARY)


def framed(messages: Iterable[Message], *, packed: bool) -> bytes:
    """What goes onto the wire. `packed`: deflated, each message by itself, so the same bytes serve every viewer that
    agreed to permessage-deflate: one compression for all, no memory of the past for any (docs/decisions/0012)."""
    return b"".join(_packed_frame(one) if packed else _frame(one.payload, one.opcode) for one in messages)


def _packed_frame(message: Message) -> bytes:
    payload = message.payload
    if len(payload) < LEAST_PACKED:
        return _frame(payload, message.opcode)
    deflate = zlib.compressobj(1, zlib.DEFLATED, -zlib.MAX_WBITS)
    small = (deflate.compress(payload) + deflate.flush(zlib.Z_SYNC_FLUSH))[:-4]
    return _frame(small, message.opcode | PACKED) if len(small) < len(payload) else _frame(payload, message.opcode)


def _frame(payload: bytes, opcode: int) -> bytes:
    """RFC 6455, server to client: unmasked, so the same bytes serve every viewer."""
    size = len(payload)
    if size < 126:
        return pack("!BB", 0x80 | opcode, size) + payload
    if size < 65_536:
        return pack("!BBH", 0x80 | opcode, 126, size) + payload
    return pack("!BBQ", 0x80 | opcode, 127, size) + payload


class Pushed(StrEnum):
    SENT = "sent"
    SLOW = "slow"
    TIMED_OUT = "timed_out"
    GONE = "gone"


class Viewer:
    """Mutable; owned by the hub. `stale`: must get a snapshot before anything else."""

    def __init__(self, transport: asyncio.Transport, *, send_timeout_ms: int, packed: bool = False) -> None:
        """`packed`: it agreed to permessage-deflate."""
        self.stale = True
        self.packed = packed
        self._transport = transport
        self._timeout_ms = send_timeout_ms
        self._blocked_since: Millis | None = None
        self._asks = False
        self._asked_at = Millis(0)
        peer = transport.get_extra_info("socket")
        if peer is not None and peer.family != socket.AF_UNIX:
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)

    @property
    def held(self) -> int:
        """Bytes that wait in this process: never more than one message's, for nothing is written behind others."""
        return self._transport.get_write_buffer_size()

    def ready(self, now: Millis) -> Pushed:
        """Whether a frame could be written now; cuts off a viewer that has not drained for too long."""
        if self._transport.is_closing():
            return Pushed.GONE
        if self._transport.get_write_buffer_size() == 0:
            self._blocked_since = None
            return Pushed.SENT
        if self._blocked_since is None:
            self._blocked_since = now
        if now - self._blocked_since < self._timeout_ms:
            return Pushed.SLOW
        self._transport.abort()
        return Pushed.TIMED_OUT

    def ask(self, now: Millis) -> int | None:
        """How long until a snapshot it asks for may be made, ms; None: one is already on its way. One a second: each
        is made of the whole floor."""
        if self.stale or self._asks:
            return None
        self._asks = True
        return max(0, self._asked_at + ASK_EVERY_MS - now)

    def granted(self, now: Millis) -> None:
        self._asks, self._asked_at, self.stale = False, now, True

    def push(self, frame: bytes, now: Millis) -> Pushed:
        """Write, or become stale."""
        answer = self.ready(now)
        if answer is Pushed.SENT:
            self._transport.write(frame)
        else:
            self.stale = True
        return answer
