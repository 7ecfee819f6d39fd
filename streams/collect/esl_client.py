"""One live FreeSWITCH. In: a TCP connection to its event socket. Out: events, in batches, to whoever publishes them.

It subscribes to what the floor needs and no more, asks for all lists when connected and every minute, and asks a small
question in between so that a half-open connection is noticed. May not know: Redis, the floor.
Source: mod_event_socket.c (a listener that reads too slowly loses events; only the log says so).
"""

import asyncio
import re
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

import structlog

from streams.collect.connection import (
    CollectorCounts,
    LostError,
    Pace,
    Publish,
    first_lost,
    keep_connected,
    tls_context,
)
from streams.collect.freeswitch_lists import ListsAsked
from streams.translate.freeswitch import SUBSCRIPTION, WANTED, FreeswitchTranslator
from streams.vocabulary.events import Event
from streams.vocabulary.ids import Millis
from streams.vocabulary.states import GapReason
from streams.wire.esl import ANSWER, AUTH, GOODBYE, LOG, REJECTED, REPLY, EslParser
from streams.wire.esl_message import MalformedError, Message

log = structlog.get_logger(__name__)

READ_BYTES: Final = 256 * 1024
PING: Final = "api global_getvar core_uuid"
WATCH_LOSSES: Final = "log CRIT"
LOST_EVENTS: Final = "lost_events"
COMMAND_DENIED: Final = "command_denied"

_LOST: Final = re.compile(rb"Lost \[(\d{1,9})\] events")


class EslLostReason(StrEnum):
    """Why a connection ended; each is counted."""

    REFUSED = "refused"
    NOT_ALLOWED = "not_allowed"
    LOGIN_REJECTED = "login_rejected"
    SUBSCRIPTION_REJECTED = "subscription_rejected"
    GOODBYE = "goodbye"
    CLOSED = "closed"
    BROKEN = "broken"
    SILENT = "silent"
    UNANSWERED = "unanswered"
    """Events come, answers do not: no picture could ever be drawn."""
    GARBLED = "garbled"
    """A frame's length cannot be trusted, so nothing after it can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EslAddress:
    """`username` "": the socket's own password; else a directory user (`user@domain`). `tls`: through a TLS proxy."""

    host: str
    port: int = 8021
    password: str = field(repr=False)
    username: str = ""
    tls: bool = False
    tls_ca: Path | None = None
    """who signed the proxy's certificate; None: the system's authorities"""


@dataclass(frozen=True, slots=True)
class _Command:
    """One command that waits for its answer; answers come in the order of the commands."""

    text: str
    sent_at: Millis
    lists: ListsAsked | None = None


@dataclass(slots=True, kw_only=True)
class _Session:
    """One connection's talk with the switch."""

    writer: asyncio.StreamWriter
    heard_at: Millis
    waiting: deque[_Command] = field(default_factory=deque)
    subscribed: bool = False
    picture_wanted: bool = True
    lists: ListsAsked | None = None
    refused: bool = False
    """The last picture was refused: it is asked for again with the next sign of life, not at once."""


class EslClient:
    """Runs for ever; every event goes to `publish` in order. Cancel to stop."""

    def __init__(
        self,
        address: EslAddress,
        translator: FreeswitchTranslator,
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
        self._context = tls_context(ca=address.tls_ca) if address.tls else None
        self.counts = CollectorCounts()
        self._refused: Counter[str] = Counter()

    async def run(self) -> None:
        await self._publish(self._translator.started(self._clock()))
        where = f"{self._address.host}:{self._address.port}"
        await keep_connected(self._connection, counts=self.counts, pace=self._pace, clock=self._clock, where=where)

    async def _connection(self) -> None:
        address = self._address
        try:
            async with asyncio.timeout(self._pace.connect_timeout_s):
                reader, writer = await asyncio.open_connection(address.host, address.port, ssl=self._context)
        except (OSError, TimeoutError) as error:
            raise LostError(EslLostReason.REFUSED, type(error).__name__) from error
        session = _Session(writer=writer, heard_at=self._clock())
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._keep(session))
                await self._read(reader, session)
        except* LostError as group:
            raise first_lost(group) from None
        finally:
            writer.close()
            if session.subscribed:
                # blind since the last byte, however late that was noticed
                await self._publish(self._translator.lost(session.heard_at))

    async def _read(self, reader: asyncio.StreamReader, session: _Session) -> None:
        parser = EslParser(WANTED)
        messages_before = self.counts.messages
        while True:
            try:
                async with asyncio.timeout(self._pace.silent_s):
                    data = await reader.read(READ_BYTES)
            except TimeoutError as error:
                raise LostError(EslLostReason.SILENT, f"{self._pace.silent_s} s without a byte") from error
            except OSError as error:
                raise LostError(EslLostReason.BROKEN, type(error).__name__) from error
            if not data:
                raise LostError(EslLostReason.CLOSED)
            now = session.heard_at = self._clock()
            self.counts.bytes += len(data)
            events: list[Event] = []
            try:
                for message in parser.feed(data):
                    events += await self._message(message, session, now)
                events += await self._ask_if_due(session, now)
            finally:
                self.counts.messages = messages_before + parser.messages
                self._refused.update(parser.malformed)
                parser.malformed.clear()
                self.counts.refused = self._refused + self._translator.malformed + self._translator.untold
                if events:
                    self.counts.events += len(events)
                    await self._publish(events)
            if parser.broken is not None:
                raise LostError(EslLostReason.GARBLED, parser.broken)

    async def _message(self, message: Message, session: _Session, now: Millis) -> list[Event]:
        if message.name == AUTH:
            await self._log_in(session)
        elif message.name in (REPLY, ANSWER):
            return await self._answered(message, session, now)
        elif message.name == REJECTED:
            raise LostError(EslLostReason.NOT_ALLOWED, "this address is not in the event socket's apply-inbound-acl")
        elif message.name == GOODBYE:
            raise LostError(EslLostReason.GOODBYE)
        elif message.name == LOG:
            return self._logged(message, session, now)
        else:
            return self._translator.translate(message, now)
        return []

    async def _log_in(self, session: _Session) -> None:
        address = self._address
        if address.username:
            await self._send(session, f"userauth {address.username}:{address.password}")
        else:
            await self._send(session, f"auth {address.password}")

    async def _answered(self, message: Message, session: _Session, now: Millis) -> list[Event]:
        if not session.waiting:
            self._refused["answer_without_command"] += 1
            return []
        command = session.waiting.popleft()
        if message.name == REPLY:
            return await self._replied(command, _reply(message), session, now)
        if command.text == PING:
            core = message.answer.strip()
            return self._translator.heard(now, "" if core.startswith("-") else core)
        lists = command.lists
        if lists is None or lists is not session.lists:
            return []  # of a picture that was given up
        for following in lists.answered(command.text.removeprefix("api "), message.answer):
            await self._send(session, f"api {following}", lists)
        return self._drawn(session, lists, now) if lists.is_complete else []

    async def _replied(self, command: _Command, reply: str, session: _Session, now: Millis) -> list[Event]:
        accepted = reply.startswith("+OK")
        if command.text.startswith(("auth ", "userauth ")):
            if not accepted:
                mend = "the password is wrong (event_socket.conf.xml), or the directory user may not use the socket"
                raise LostError(EslLostReason.LOGIN_REJECTED, mend)
            await self._send(session, SUBSCRIPTION)
            await self._send(session, WATCH_LOSSES)
        elif command.text == SUBSCRIPTION:
            if not accepted:
                raise LostError(EslLostReason.SUBSCRIPTION_REJECTED, reply[:80])
            session.subscribed = True
            self.counts.connections += 1
            return self._translator.connected(now)
        elif not accepted:
            self._denied(command.text, reply)
            if command.lists is not None and command.lists is session.lists:
                session.lists = None
                session.refused = True
                self._translator.picture_failed()
        return []

    def _drawn(self, session: _Session, lists: ListsAsked, now: Millis) -> list[Event]:
        session.lists = None
        drawn = lists.lists()
        self._refused.update(lists.refused)
        if drawn is None:
            # without its lists the agents stay unknown: somebody must be told why
            self._denied(lists.complaint, "")
            self._translator.picture_failed()
            session.refused = True
            return []
        self.counts.connected = True
        return self._translator.picture(drawn, now)

    def _denied(self, command: str, reply: str) -> None:
        self._refused[COMMAND_DENIED] += 1
        mend = "load mod_callcenter; a directory user needs esl-allowed-api callcenter_config, show, global_getvar"
        log.warning("command_denied", host=self._address.host, command=command[:80], reply=reply[:80], mend=mend)

    def _logged(self, message: Message, session: _Session, now: Millis) -> list[Event]:
        """The switch drops events of a listener that reads too slowly, and says so in its log only."""
        found = _LOST.search(message.body)
        if found is None:
            return []
        self._refused[LOST_EVENTS] += int(found[1])
        session.lists = None
        log.warning("events_lost", host=self._address.host, events=int(found[1]))
        return self._translator.lost(now, GapReason.MISSING_NUMBERS)

    async def _ask_if_due(self, session: _Session, now: Millis) -> list[Event]:
        due = session.picture_wanted or self._translator.picture_due
        if not session.subscribed or session.lists is not None or session.refused or not due:
            return []
        session.picture_wanted = False
        lists = session.lists = ListsAsked()
        for command in ListsAsked.first_commands():
            await self._send(session, f"api {command}", lists)
        return self._translator.picture_asked(now)

    async def _keep(self, session: _Session) -> None:
        """A small question now and then, whose answer also brings on the next picture; nothing is translated here."""
        pace = self._pace
        rounds = max(1, round(pace.resync_every_s / pace.ping_every_s))
        count = 0
        while True:
            await asyncio.sleep(pace.ping_every_s)
            if session.waiting and self._clock() - session.waiting[0].sent_at > 1000 * pace.silent_s:
                raise LostError(EslLostReason.UNANSWERED, session.waiting[0].text.partition(" ")[0])
            if session.subscribed:
                count += 1
                session.picture_wanted = session.picture_wanted or count % rounds == 0
                session.refused = False
                await self._send(session, PING)

    async def _send(self, session: _Session, command: str, lists: ListsAsked | None = None) -> None:
        session.waiting.append(_Command(command, self._clock(), lists))
        session.writer.write((command.replace("\r", "").replace("\n", "") + "\n\n").encode())
        try:
            async with asyncio.timeout(self._pace.write_timeout_s):
                await session.writer.drain()
        except (OSError, TimeoutError) as error:
            raise LostError(EslLostReason.BROKEN, type(error).__name__) from error


def _reply(message: Message) -> str:
    try:
        return message.find(b"Reply-Text") or ""
    except MalformedError:
        return ""
