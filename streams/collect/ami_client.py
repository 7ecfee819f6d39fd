"""One live Asterisk. In: a TCP connection to AMI. Out: events, in batches, to whoever publishes them.

The reader only frames and translates; it reconnects with growing, jittered pauses, asks for the full picture after
FullyBooted and every minute, and pings so that a half-open connection is noticed. May not know: Redis, the floor.
Source: asterisk main/manager.c (default writetimeout 100 ms: a slow reader is cut off); traces README, "Disconnects".
"""

import asyncio
import random
import ssl
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import structlog

from streams.translate.asterisk import WANTED, AsteriskTranslator
from streams.vocabulary.events import Event
from streams.vocabulary.ids import Millis
from streams.wire.ami import AmiParser, Message

log = structlog.get_logger(__name__)

READ_BYTES: Final = 256 * 1024
ACTION_DENIED: Final = "action_denied"
PICTURE: Final = ("QueueStatus", "CoreShowChannels")

Publish = Callable[[Sequence[Event]], Awaitable[None]]


class LostReason(StrEnum):
    """Why a connection ended; each is counted."""

    REFUSED = "refused"
    LOGIN_REJECTED = "login_rejected"
    CLOSED = "closed"
    BROKEN = "broken"
    SILENT = "silent"


class LostError(Exception):
    """The connection is of no more use. `reason` is counted and shown."""

    def __init__(self, reason: LostReason, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else str(reason))
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class AmiAddress:
    host: str
    port: int
    username: str
    secret: str = field(repr=False)
    tls: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How long is waited for what, in seconds. A pause between connections doubles from the first to the longest."""

    ping_every_s: float = 10.0
    silent_s: float = 30.0
    resync_every_s: float = 60.0
    connect_timeout_s: float = 10.0
    write_timeout_s: float = 5.0
    first_pause_s: float = 0.5
    longest_pause_s: float = 30.0


@dataclass(slots=True, kw_only=True)
class CollectorCounts:
    """For /metrics. Mutable; owned by one client."""

    connections: int = 0
    bytes: int = 0
    messages: int = 0
    events: int = 0
    lost: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    connected: bool = False


class AmiClient:
    """Runs for ever; every event goes to `publish` in order. Cancel to stop."""

    def __init__(
        self,
        address: AmiAddress,
        translator: AsteriskTranslator,
        *,
        publish: Publish,
        clock: Callable[[], Millis],
        pace: Pace | None = None,
    ) -> None:
        self._address = address
        self._translator = translator
        self._publish = publish
        self._clock = clock
        self._pace = pace or Pace()
        self.counts = CollectorCounts()
        self._action = 0
        self._malformed: Counter[str] = Counter()

    async def run(self) -> None:
        await self._publish(self._translator.started(self._clock()))
        pace = self._pace
        pause_s = pace.first_pause_s
        while True:
            began = self._clock()
            try:
                await self._connection()
            except LostError as error:
                self.counts.lost[error.reason] += 1
                log.warning("source_lost", host=self._address.host, port=self._address.port, reason=str(error))
            finally:
                self.counts.connected = False
            _go_on_unless_cancelled()
            # a connection that lived has earned a quick return; the jitter keeps many collectors apart
            if self._clock() - began > 2000 * pace.silent_s:
                pause_s = pace.first_pause_s
            await asyncio.sleep(pause_s * (0.5 + random.random() / 2))  # noqa: S311 - jitter, no secret
            pause_s = min(pause_s * 2, pace.longest_pause_s)

    async def _connection(self) -> None:
        address = self._address
        context = ssl.create_default_context() if address.tls else None
        try:
            async with asyncio.timeout(self._pace.connect_timeout_s):
                reader, writer = await asyncio.open_connection(address.host, address.port, ssl=context)
        except (OSError, TimeoutError) as error:
            raise LostError(LostReason.REFUSED, type(error).__name__) from error
        connected = False
        try:
            parser = AmiParser({**WANTED, b"FullyBooted": None})
            await self._send(writer, "Login", Username=address.username, Secret=address.secret, Events="on")
            await self._publish(self._translator.connected(self._clock()))
            connected = True
            self.counts.connections += 1
            try:
                async with asyncio.TaskGroup() as tasks:
                    ready = asyncio.Event()
                    tasks.create_task(self._keep(writer, ready))
                    await self._read(reader, parser, ready)
            except* LostError as group:
                raise _first_lost(group) from None
        finally:
            writer.close()
            if connected:
                await self._publish(self._translator.lost(self._clock()))

    async def _read(self, reader: asyncio.StreamReader, parser: AmiParser, ready: asyncio.Event) -> None:
        messages_before = self.counts.messages
        while True:
            try:
                async with asyncio.timeout(self._pace.silent_s):
                    data = await reader.read(READ_BYTES)
            except TimeoutError as error:
                raise LostError(LostReason.SILENT, f"{self._pace.silent_s} s without a byte") from error
            except OSError as error:
                raise LostError(LostReason.BROKEN, type(error).__name__) from error
            if not data:
                raise LostError(LostReason.CLOSED)
            now = self._clock()
            self.counts.bytes += len(data)
            events: list[Event] = []
            for message in parser.feed(data):
                if message.name in (b"Response", b"FullyBooted", b"Banner"):
                    self._answered(message, ready)
                else:
                    events += self._translator.translate(message, now)
            self.counts.messages = messages_before + parser.messages
            self._malformed += parser.malformed
            parser.malformed.clear()
            self.counts.refused = self._malformed + self._translator.malformed + self._translator.untold
            if events:
                self.counts.events += len(events)
                await self._publish(events)

    def _answered(self, message: Message, ready: asyncio.Event) -> None:
        if message.name == b"FullyBooted":
            self.counts.connected = True
            ready.set()
        elif message.name == b"Response" and b"Response: Error" in message.raw and b"uthentication" in message.raw:
            raise LostError(LostReason.LOGIN_REJECTED, "user name or secret is wrong (manager.conf)")
        elif message.name == b"Response" and b"Response: Error" in message.raw:
            # without its answers the picture never ends and the agents stay unknown: somebody must be told why
            self._malformed[ACTION_DENIED] += 1
            log.warning("action_denied", host=self._address.host, mend="give the manager user read and write rights")

    async def _keep(self, writer: asyncio.StreamWriter, ready: asyncio.Event) -> None:
        """The full picture when the switch is ready and every minute, a ping in between."""
        await ready.wait()
        while True:
            for action in PICTURE:
                await self._send(writer, action)
            for _ in range(max(1, round(self._pace.resync_every_s / self._pace.ping_every_s))):
                await asyncio.sleep(self._pace.ping_every_s)
                await self._send(writer, "Ping")

    async def _send(self, writer: asyncio.StreamWriter, action: str, **fields: str) -> None:
        self._action += 1
        lines = [f"Action: {action}", f"ActionID: fw-{self._action}"]
        lines += [f"{key}: {_one_line(value)}" for key, value in fields.items()]
        writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        try:
            async with asyncio.timeout(self._pace.write_timeout_s):
                await writer.drain()
        except (OSError, TimeoutError) as error:
            raise LostError(LostReason.BROKEN, type(error).__name__) from error


def _go_on_unless_cancelled() -> None:
    """Python 3.11's TaskGroup forgets a cancellation that arrives while it is ending with an error of its own."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def _one_line(value: str) -> str:
    return value.replace("\r", "").replace("\n", "")


def _first_lost(group: BaseExceptionGroup[LostError]) -> LostError:
    first = group.exceptions[0]
    return _first_lost(first) if isinstance(first, BaseExceptionGroup) else first
