"""One live Asterisk. In: a connection to AMI, TLS or not. Out: events, in batches, to whoever publishes them.

The reader only frames and translates; it reconnects with growing, jittered pauses, asks for the full picture after
FullyBooted and every minute, and pings so that a half-open connection is noticed. May not know: Redis, the floor.
Source: asterisk main/manager.c (default writetimeout 100 ms: a slow reader is cut off); traces README, "Disconnects".
"""

import asyncio
import ssl
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

import structlog

from streams.collect.ami_log import AmiLog
from streams.collect.connection import (
    CollectorCounts,
    LostError,
    Pace,
    Publish,
    first_lost,
    keep_connected,
    tls_context,
)
from streams.translate.asterisk import WANTED, AsteriskTranslator
from streams.translate.asterisk_filters import READ_RIGHTS, WRITE_RIGHTS
from streams.vocabulary.events import Event
from streams.vocabulary.ids import Millis
from streams.wire.ami import AmiParser, MalformedError, Message

log = structlog.get_logger(__name__)

READ_BYTES: Final = 256 * 1024
ACTION_DENIED: Final = "action_denied"
PICTURE: Final = ("QueueStatus", "BridgeList", "CoreShowChannels")
"""In this order: CoreShowChannels closes the picture."""
_ASKED: Final = 32
"""Actions remembered by their ActionID, so that a refusal is known by name."""
_SECOND_WITNESS_S: Final = 1.0

_NEVER: Final = Millis(0)


class LostReason(StrEnum):
    """Why a connection ended; each is counted."""

    REFUSED = "refused"
    LOGIN_REJECTED = "login_rejected"
    CLOSED = "closed"
    BROKEN = "broken"
    SILENT = "silent"


@dataclass(frozen=True, slots=True, kw_only=True)
class AmiAddress:
    host: str
    port: int
    username: str
    secret: str = field(repr=False)
    tls: bool = False
    tls_ca: Path | None = None
    """who signed the switch's certificate; None: the system's authorities"""
    tls_certificate: Path | None = None
    """our own, with its key in the same file, where the switch asks for one"""
    tls_name: str | None = None
    """the name in the switch's certificate where it is not `host`"""

    def context(self) -> ssl.SSLContext | None:
        """Raises TlsFileError. The switch's certificate is always verified."""
        if not self.tls:
            return None
        return tls_context(ca=self.tls_ca, certificate=self.tls_certificate)


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
        queue_log: AmiLog | None = None,
    ) -> None:
        """Raises TlsFileError."""
        self._address = address
        self._context = address.context()
        self._log = queue_log
        self._telling = asyncio.Lock()
        self._heard_at = _NEVER
        self._asked: dict[str, str] = {}
        self._denied: set[str] = set()
        self._translator = translator
        self._publish = publish
        self._clock = clock
        self._pace = pace or Pace()
        self.counts = CollectorCounts()
        self._action = 0
        self._malformed: Counter[str] = Counter()

    async def run(self) -> None:
        await self._publish(self._translator.started(self._clock()))
        async with asyncio.TaskGroup() as tasks:
            if self._log is not None:
                tasks.create_task(self._follow_log(self._log))
            where = f"{self._address.host}:{self._address.port}"
            await keep_connected(self._connection, counts=self.counts, pace=self._pace, clock=self._clock, where=where)

    async def _connection(self) -> None:
        address = self._address
        name = address.tls_name if self._context is not None else None
        try:
            async with asyncio.timeout(self._pace.connect_timeout_s):
                reader, writer = await asyncio.open_connection(
                    address.host, address.port, ssl=self._context, server_hostname=name, limit=READ_BYTES
                )
        except ssl.SSLCertVerificationError as error:
            # the mend is not ours to guess: an expired, a foreign or a misnamed certificate
            raise LostError(LostReason.REFUSED, f"certificate not trusted: {error.verify_message}") from error
        except (OSError, TimeoutError) as error:
            raise LostError(LostReason.REFUSED, type(error).__name__) from error
        connected = False
        try:
            parser = AmiParser({**WANTED, b"FullyBooted": None})
            self._denied.clear()
            await self._send(writer, "Login", Username=address.username, Secret=address.secret, Events="on")
            self._heard_at = self._clock()
            async with self._telling:
                await self._publish(self._translator.connected(self._heard_at))
            connected = True
            self.counts.connections += 1
            try:
                async with asyncio.TaskGroup() as tasks:
                    ready = asyncio.Event()
                    tasks.create_task(self._keep(writer, ready))
                    await self._read(reader, parser, ready)
            except* LostError as group:
                raise first_lost(group) from None
        finally:
            writer.close()
            if connected:
                async with self._telling:
                    # blind since the last byte, not since somebody noticed
                    await self._publish(self._translator.lost(self._heard_at))

    async def _read(self, reader: asyncio.StreamReader, parser: AmiParser, ready: asyncio.Event) -> None:
        messages_before, passed_before = self.counts.messages, self.counts.passed_by
        loop = asyncio.get_running_loop()
        messages, spoke_at = parser.messages, loop.time()
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
            self._heard_at = now = self._clock()
            counts = self.counts
            counts.bytes += len(data)
            async with self._telling:
                events: list[Event] = []
                for message in parser.feed(data):
                    if message.name in (b"Response", b"FullyBooted", b"Banner"):
                        events += self._answered(message, ready, now)
                    else:
                        events += self._translator.translate(message, now)
                counts.messages = messages_before + parser.messages
                counts.passed_by = passed_before + parser.messages - parser.kept
                self._malformed += parser.malformed
                parser.malformed.clear()
                self._tally()
                if events:
                    counts.events += len(events)
                    await self._publish(events)
            if parser.messages != messages:
                messages, spoke_at = parser.messages, loop.time()
            elif loop.time() - spoke_at >= self._pace.silent_s:
                # a line without an end: bytes are no sign of life
                raise LostError(LostReason.SILENT, f"{self._pace.silent_s} s without a message")

    def _tally(self) -> None:
        self.counts.refused = self._malformed + self._translator.malformed + self._translator.untold
        if self._log is not None:
            self.counts.refused += self._log.counts

    async def _follow_log(self, queue_log: AmiLog) -> None:
        while True:
            data = await queue_log.read()
            async with self._telling:
                now = self._clock()
                if events := queue_log.tell(data, now):
                    self.counts.events += len(events)
                    await self._publish(events)
            await queue_log.keep_place(now)
            self._tally()
            await asyncio.sleep(_SECOND_WITNESS_S)

    def _answered(self, message: Message, ready: asyncio.Event, now: Millis) -> list[Event]:
        if message.name == b"FullyBooted":
            self.counts.connected = True
            ready.set()
        elif message.name == b"Response" and b"Response: Error" in message.raw:
            return self._refused(message, now)
        elif b"\r\nPing: Pong" in message.raw:
            return self._translator.heard(now)
        return []

    def _refused(self, message: Message, now: Millis) -> list[Event]:
        """What is refused is not asked again on this connection; the picture goes on without it, poorer."""
        if b"uthentication" in message.raw:
            raise LostError(LostReason.LOGIN_REJECTED, "user name or secret is wrong (manager.conf)")
        try:
            action = self._asked.get(message.find(b"ActionID") or "", "")
        except MalformedError:
            action = ""
        self._malformed[ACTION_DENIED] += 1
        self._denied.add(action)
        log.warning(
            "action_denied",
            host=self._address.host,
            action=action,
            mend=f"give the manager user read = {READ_RIGHTS} and write = {WRITE_RIGHTS} in manager.conf",
        )
        return self._translator.without_channels(now) if action == PICTURE[-1] else []

    async def _keep(self, writer: asyncio.StreamWriter, ready: asyncio.Event) -> None:
        """The full picture when the switch is ready and every minute, a ping in between."""
        await ready.wait()
        while True:
            for action in PICTURE:
                if action not in self._denied:
                    await self._send(writer, action)
                elif action == PICTURE[-1]:
                    await self._end_picture(writer)
            for _ in range(max(1, round(self._pace.resync_every_s / self._pace.ping_every_s))):
                await asyncio.sleep(self._pace.ping_every_s)
                await self._send(writer, "Ping")

    async def _end_picture(self, writer: asyncio.StreamWriter) -> None:
        """Channels are denied: the answer to a ping that follows says that the queues' own list is complete."""
        await self._send(writer, "Ping")
        await asyncio.sleep(self._pace.ping_every_s)
        async with self._telling:
            if events := self._translator.without_channels(self._clock()):
                await self._publish(events)

    async def _send(self, writer: asyncio.StreamWriter, action: str, **fields: str) -> None:
        self._action += 1
        self._asked[f"fw-{self._action}"] = action
        if len(self._asked) > _ASKED:
            del self._asked[next(iter(self._asked))]
        lines = [f"Action: {action}", f"ActionID: fw-{self._action}"]
        lines += [f"{key}: {_one_line(value)}" for key, value in fields.items()]
        writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        try:
            async with asyncio.timeout(self._pace.write_timeout_s):
                await writer.drain()
        except (OSError, TimeoutError) as error:
            raise LostError(LostReason.BROKEN, type(error).__name__) from error


def _one_line(value: str) -> str:
    return value.replace("\r", "").replace("\n", "")
