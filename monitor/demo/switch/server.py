"""The simulated switch on a loopback port. In: AMI clients, a clock. Out: banner, answers, events as they happen.

Shell: asyncio TCP, no rules of a call centre. Each client has a bounded buffer; one that does not read is disconnected
as Asterisk's writetimeout does, counted in `dropped` by reason. The sim begins when the first client has logged in, so
that nobody misses its beginning.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from enum import StrEnum

from monitor.demo.switch.ami_bytes import BANNER, Message, render, render_all
from monitor.demo.switch.answers import Action, answer, fully_booted, success
from monitor.demo.switch.ledger import seconds
from monitor.demo.switch.recordings import put_in_place
from monitor.demo.switch.sim import Sim
from streams.vocabulary.ids import Millis

log = logging.getLogger(__name__)

_LONGEST_ACTION = 64 * 1024
_LOW_WATER = 64 * 1024
_CHUNK_MS = 1000
_SHORTEST_SLEEP_MS, _LONGEST_SLEEP_MS = 5, 200
_LOGIN_TIMEOUT_S = 30
END = b"\r\n\r\n"


class DropReason(StrEnum):
    WRITE_TIMEOUT = "write_timeout"
    BUFFER_FULL = "buffer_full"
    NO_LOGIN = "no_login"
    ACTION_TOO_LONG = "action_too_long"


class Session:
    """One client's socket."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self.writer = writer
        self.events = False
        self.logged_in = False
        self.stalled_since: Millis | None = None

    def send(self, data: bytes) -> None:
        if not self.writer.is_closing():
            self.writer.write(data)

    def buffered(self) -> int:
        return self.writer.transport.get_write_buffer_size()

    def abort(self) -> None:
        self.writer.transport.abort()


class AmiServer:
    """`make_sim` is called with the moment of the first login."""

    def __init__(
        self,
        make_sim: Callable[[Millis], Sim],
        clock: Callable[[], Millis],
        *,
        user: str,
        secret: str,
        write_timeout_ms: int = 5_000,
        buffer_limit: int = 16 * 1024 * 1024,
    ) -> None:
        self._make_sim, self._clock = make_sim, clock
        self._user, self._secret = user, secret
        self._write_timeout_ms, self._buffer_limit = write_timeout_ms, buffer_limit
        self._sessions: set[Session] = set()
        self._begun = asyncio.Event()
        self._server: asyncio.Server | None = None
        self.sim: Sim | None = None
        self.started_s = 0
        self.dropped: Counter[DropReason] = Counter()
        self.events_sent = 0

    async def listen(self, port: int) -> int:
        """On loopback only; returns the port (another one than asked only for 0)."""
        self._server = await asyncio.start_server(self._client, "127.0.0.1", port, limit=_LONGEST_ACTION)
        bound: int = self._server.sockets[0].getsockname()[1]
        return bound

    def begin(self) -> Sim:
        """Let the floor live, now, if it does not yet."""
        if self.sim is None:
            now = self._clock()
            self.sim, self.started_s = self._make_sim(now), seconds(now)
            self._begun.set()
        return self.sim

    async def run(self) -> None:
        """Tell events until cancelled; then say Shutdown and close every socket."""
        try:
            await self._begun.wait()
            while True:
                delay_ms = self.tick()
                await asyncio.sleep(delay_ms / 1000)
        finally:
            await self._close()

    def tick(self) -> int:
        """Step to the clock and send; returns how many ms to sleep."""
        sim = self.begin()
        now = self._clock()
        until = Millis(min(now, sim.now + _CHUNK_MS))
        messages = sim.step(until)
        for due in sim.take_recordings():
            put_in_place(due)
        self._broadcast(messages, now)
        if until < now:
            return 0
        upcoming = sim.next_at()
        wait_ms = _LONGEST_SLEEP_MS if upcoming is None else upcoming - now
        return max(_SHORTEST_SLEEP_MS, min(_LONGEST_SLEEP_MS, wait_ms))

    def _broadcast(self, messages: list[Message], now: Millis) -> None:
        data = render_all(messages)
        self.events_sent += len(messages)
        for session in list(self._sessions):
            if not session.events:
                continue
            if data:
                session.send(data)
            reason = self._too_slow(session, now)
            if reason is not None:
                self._drop(session, reason)

    def _too_slow(self, session: Session, now: Millis) -> DropReason | None:
        buffered = session.buffered()
        if buffered > self._buffer_limit:
            return DropReason.BUFFER_FULL
        if buffered < _LOW_WATER:
            session.stalled_since = None
        elif session.stalled_since is None:
            session.stalled_since = now
        elif now - session.stalled_since > self._write_timeout_ms:
            return DropReason.WRITE_TIMEOUT
        return None

    def _drop(self, session: Session, reason: DropReason) -> None:
        self.dropped[reason] += 1
        log.warning("client_dropped reason=%s buffered=%d", reason, session.buffered())
        self._sessions.discard(session)
        session.abort()

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = Session(writer)
        self._sessions.add(session)
        session.send(BANNER)
        try:
            while not writer.is_closing():
                block = await self._read_action(session, reader)
                if block is None or not self._act(session, parse_action(block)):
                    break
        except (ConnectionError, asyncio.IncompleteReadError):
            # The client went away; a switch takes no notice of that.
            log.info("client_gone")
        finally:
            self._sessions.discard(session)
            writer.close()

    async def _read_action(self, session: Session, reader: asyncio.StreamReader) -> bytes | None:
        try:
            async with asyncio.timeout(None if session.logged_in else _LOGIN_TIMEOUT_S):
                return await reader.readuntil(END)
        except TimeoutError:
            self._drop(session, DropReason.NO_LOGIN)
        except asyncio.LimitOverrunError:
            self._drop(session, DropReason.ACTION_TOO_LONG)
        return None

    def _act(self, session: Session, action: Action) -> bool:
        """False ends the session."""
        name = action.get("action", "").lower()
        if name == "login":
            return self._login(session, action)
        if name == "logoff":
            session.send(render(_goodbye(self._clock(), action)))
            return False
        sim = self.sim
        if not session.logged_in or sim is None:
            session.send(render(_denied(self._clock(), action, "Permission denied")))
            return True
        if name == "events":
            session.events = action.get("eventmask", "on").lower() != "off"
            session.send(render(success(sim, action, f"Events: {'On' if session.events else 'Off'}")))
            return True
        self.tick()
        session.send(render_all(answer(sim, action)))
        self.tick()
        return True

    def _login(self, session: Session, action: Action) -> bool:
        if action.get("username") != self._user or action.get("secret") != self._secret:
            session.send(render(_denied(self._clock(), action, "Authentication failed")))
            return False
        sim = self.begin()
        self.tick()
        session.logged_in = True
        session.events = action.get("events", "on").lower() != "off"
        session.send(render(success(sim, action, "Authentication accepted")))
        if session.events:
            session.send(render(fully_booted(sim, self.started_s)))
        return True

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
        now = self._clock()
        body = (("Event", "Shutdown"), ("Privilege", "system,all"), ("Shutdown", "Cleanly"), ("Restart", "False"))
        for session in list(self._sessions):
            if session.events:
                session.send(render(Message(now, (body,))))
            session.writer.close()


def parse_action(block: bytes) -> Action:
    """`Key: value` lines; a later repetition of a key is ignored."""
    fields: dict[str, str] = {}
    for line in block.split(b"\r\n"):
        key, colon, value = line.partition(b":")
        if colon:
            fields.setdefault(key.strip().decode("utf-8", "replace").lower(), value.strip().decode("utf-8", "replace"))
    return fields


def _id(action: Action) -> tuple[tuple[str, str], ...]:
    return (("ActionID", action["actionid"]),) if action.get("actionid") else ()


def _denied(now: Millis, action: Action, text: str) -> Message:
    return Message(now, ((("Response", "Error"), *_id(action), ("Message", text)),))


def _goodbye(now: Millis, action: Action) -> Message:
    return Message(now, ((("Response", "Goodbye"), *_id(action), ("Message", "Thanks for all the fish.")),))
