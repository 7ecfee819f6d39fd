"""One live CTI feed over a WebSocket. In: its messages. Out: events, in batches, to whoever publishes them.

Connects, shows its secret, subscribes, pings, reconnects with growing, jittered pauses. A message too large, a silence,
a refused handshake each have their name. May not know: what a message says, Redis, the floor.
"""

import asyncio
import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final
from urllib.parse import urlencode, urlsplit, urlunsplit

import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI

from streams.collect.connection import CollectorCounts, LostError, Pace, Publish, first_lost, keep_connected
from streams.collect.samples import RefusedSamples
from streams.translate.mapping import MappedTranslator
from streams.translate.mapping_rules import Auth
from streams.vocabulary.events import Event
from streams.vocabulary.ids import Millis

log = structlog.get_logger(__name__)

MESSAGE_BYTES: Final = 1024 * 1024
MOST_AT_ONCE: Final = 500
UNMATCHED: Final = "unmatched"
_TOO_BIG: Final = 1009
_WITHOUT_A_WORD: Final = 1006


class CtiLost(StrEnum):
    """Why a connection ended; each is counted."""

    REFUSED = "refused"
    LOGIN_REJECTED = "login_rejected"
    CLOSED = "closed"
    BROKEN = "broken"
    SILENT = "silent"
    MESSAGE_TOO_LARGE = "message_too_large"


@dataclass(frozen=True, slots=True, kw_only=True)
class CtiAddress:
    """`url` may carry a password and so is never shown whole; `subscribe`: texts sent after connecting."""

    url: str = field(repr=False)
    token: str = field(default="", repr=False)
    auth: Auth = Auth.BEARER
    subscribe: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.hostname or ''}:{parts.port or ''}{parts.path}"

    @property
    def dialled(self) -> str:
        if not self.token or self.auth is not Auth.QUERY:
            return self.url
        parts = urlsplit(self.url)
        query = "&".join(part for part in (parts.query, urlencode({"api_key": self.token})) if part)
        return urlunsplit(parts._replace(query=query))

    @property
    def headers(self) -> dict[str, str]:
        if not self.token or self.auth is Auth.QUERY:
            return {}
        shown = self.token if self.auth is Auth.BEARER else base64.b64encode(self.token.encode()).decode()
        return {"Authorization": f"{self.auth.capitalize()} {shown}"}


class CtiClient:
    """Runs for ever; every event goes to `publish` in order. Cancel to stop."""

    def __init__(
        self,
        address: CtiAddress,
        translator: MappedTranslator,
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
        self._telling = asyncio.Lock()
        self.counts = CollectorCounts()
        self.samples = RefusedSamples()

    async def run(self) -> None:
        await self._publish(self._translator.started(self._clock()))
        await keep_connected(
            self._connection, counts=self.counts, pace=self._pace, clock=self._clock, where=self._address.shown
        )

    async def _connection(self) -> None:
        socket = await self._dial()
        try:
            await self._publish(self._translator.connected(self._clock()))
            self.counts.connections += 1
            self.counts.connected = True
            try:
                await self._subscribe(socket)
                async with asyncio.TaskGroup() as tasks:
                    ready: asyncio.Queue[str | bytes] = asyncio.Queue(MOST_AT_ONCE)
                    tasks.create_task(self._ping(socket))
                    tasks.create_task(self._read(socket, ready))
                    await self._tell(ready)
            except* LostError as group:
                raise first_lost(group) from None
            finally:
                await self._publish(self._translator.lost(self._clock()))
        finally:
            socket.transport.abort()  # nothing is left to say, and a peer that hangs must not hold up the next try

    async def _dial(self) -> ClientConnection:
        address, pace = self._address, self._pace
        try:
            return await connect(
                address.dialled,
                additional_headers=address.headers,
                max_size=MESSAGE_BYTES,
                ping_interval=None,
                open_timeout=pace.connect_timeout_s,
                proxy=None,
            )
        except InvalidStatus as error:
            status = error.response.status_code
            if status in (401, 403):
                raise LostError(CtiLost.LOGIN_REJECTED, f"HTTP {status}: the secret is wrong") from error
            raise LostError(CtiLost.REFUSED, f"HTTP {status}") from error
        except (OSError, TimeoutError, InvalidHandshake, InvalidURI, ConnectionClosed) as error:
            raise LostError(CtiLost.REFUSED, type(error).__name__) from error

    async def _subscribe(self, socket: ClientConnection) -> None:
        try:
            for text in self._address.subscribe:
                await socket.send(text)
        except ConnectionClosed as closed:
            raise _loss_of(closed) from closed

    async def _read(self, socket: ClientConnection, ready: "asyncio.Queue[str | bytes]") -> None:
        """A full queue makes the reader wait, and TCP the server: nothing is dropped here."""
        try:
            while True:
                data = await socket.recv()
                self.counts.bytes += len(data)
                await ready.put(data)
        except ConnectionClosed as closed:
            await ready.join()  # what came before the end is told before it
            raise _loss_of(closed) from closed

    async def _tell(self, ready: "asyncio.Queue[str | bytes]") -> None:
        """Messages that come close together are published together."""
        while True:
            data = await ready.get()
            taken = 1
            async with self._telling:  # events are numbered as they are made: nobody else may publish in between
                events = self._events_of(data)
                while not ready.empty() and len(events) < MOST_AT_ONCE:
                    events += self._events_of(ready.get_nowait())
                    taken += 1
                if events:
                    self.counts.events += len(events)
                    await self._publish(events)
            for _ in range(taken):
                ready.task_done()

    def _events_of(self, data: str | bytes) -> list[Event]:
        now = self._clock()
        events = [*self._translator.translate(data, now), *self._translator.advance(now)]
        self.counts.messages = self._translator.messages
        self.counts.refused = self._translator.refused.copy()
        self.counts.refused[UNMATCHED] = self._translator.unmatched
        self.samples.note(self.counts.refused, data, now)
        return events

    async def _ping(self, socket: ClientConnection) -> None:
        while True:
            await asyncio.sleep(self._pace.ping_every_s)
            try:
                async with asyncio.timeout(self._pace.silent_s):
                    await (await socket.ping())
            except TimeoutError as error:
                raise LostError(CtiLost.SILENT, f"{self._pace.silent_s} s without an answer") from error
            except ConnectionClosed as closed:
                raise _loss_of(closed) from closed
            async with self._telling:
                await self._publish(self._translator.heard(self._clock()))


def _loss_of(closed: ConnectionClosed) -> LostError:
    if closed.sent is not None and closed.sent.code == _TOO_BIG:
        return LostError(CtiLost.MESSAGE_TOO_LARGE, f"over {MESSAGE_BYTES} bytes: have the feed send less at once")
    code = closed.rcvd.code if closed.rcvd is not None else _WITHOUT_A_WORD
    return LostError(CtiLost.CLOSED if code in (1000, 1001) else CtiLost.BROKEN, f"code {code}")
