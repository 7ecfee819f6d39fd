"""A recorded FreeSWITCH on loopback, as tests script it, and what a live collector heard of it.

Its lists are answered as the real one answered; nothing here judges the collector.
"""

import asyncio
import functools
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress

from monitor import clock
from streams.collect.connection import Pace
from streams.collect.esl_client import PING, EslAddress, EslClient
from streams.floor.fold import Floor
from streams.translate.freeswitch import FreeswitchTranslator
from streams.vocabulary import events as ev
from streams.vocabulary.ids import SiteId, SourceId
from tests.golden.freeswitch_runs import agent_lists, slim

PASSWORD = "top-secret-9"
QUICK = Pace(ping_every_s=0.05, silent_s=0.6, resync_every_s=0.2, first_pause_s=0.01, longest_pause_s=0.05)
CALM = Pace(ping_every_s=0.1, silent_s=5, resync_every_s=60, first_pause_s=0.01, longest_pause_s=0.05)
CORE = "debcb302-abfd-49fc-8ee5-f4eccd6538dd"
GREETING = b"Content-Type: auth/request\n\n"


def in_loop(test: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    @functools.wraps(test)
    def run(*args: object, **fixtures: object) -> None:
        asyncio.run(_awaited(test(*args, **fixtures)))

    return run


async def _awaited(one: Awaitable[None]) -> None:
    await one


def reply(text: str) -> bytes:
    return f"Content-Type: command/reply\nReply-Text: {text}\n\n".encode()


def sized(kind: str, body: bytes) -> bytes:
    return f"Content-Type: {kind}\nContent-Length: {len(body)}\n\n".encode() + body


class Line:
    """One accepted connection, from the switch's side; lists are answered as the real one answered at `poll`."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.heard: list[str] = []
        self.poll = 0
        self.answers: dict[str, str] = {}

    def say(self, *parts: bytes) -> None:
        self.writer.write(b"".join(parts))

    async def command(self) -> str:
        text = (await self.reader.readuntil(b"\n\n")).decode().strip()
        self.heard.append(text)
        return text

    async def log_in(self) -> None:
        self.say(GREETING)
        await self.command()
        self.say(reply("+OK accepted"))

    async def serve_until(self, last: str) -> None:
        """Answer as a switch does until `last` was answered."""
        while True:
            text = await self.command()
            self.say(self.answer(text))
            if text == last:
                return

    def answer(self, text: str) -> bytes:
        if not text.startswith("api "):
            return reply("+OK")
        if text == PING:
            return sized("api/response", CORE.encode())
        command = text.removeprefix("api ")
        asked_at = agent_lists(slim())[self.poll].t
        recorded = next(one.answer for one in slim().polls if one.cmd == command and one.t >= asked_at)
        return sized("api/response", self.answers.get(command, recorded).encode())

    async def until_gone(self) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                await self.serve_until("")


Script = Callable[[Line], Awaitable[None]]


class RecordedSwitch:
    """Runs `scripts` one per connection, the last one for all that follow."""

    def __init__(self, *scripts: Script) -> None:
        self.scripts = list(scripts)
        self.lines: list[Line] = []

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = Line(reader, writer)
        script = self.scripts[min(len(self.lines), len(self.scripts) - 1)]
        self.lines.append(line)
        try:
            await script(line)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


class Heard:
    """What the collector published, folded as it comes."""

    def __init__(self) -> None:
        self.events: list[ev.Event] = []
        self.floor = Floor(SiteId("s"))

    async def publish(self, events: Sequence[ev.Event]) -> None:
        for event in events:
            self.floor.apply(event)
        self.events += events

    def of(self, kind: type[ev.Event]) -> list[ev.Event]:
        return [one for one in self.events if isinstance(one, kind)]

    async def until(self, what: Callable[["Heard"], bool]) -> None:
        await eventually(lambda: what(self))


async def eventually(what: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not what():  # noqa: ASYNC110 - counters of the code under test cannot wake anybody
            await asyncio.sleep(0.005)


@asynccontextmanager
async def collecting(*scripts: Script, pace: Pace = QUICK) -> AsyncIterator[tuple[EslClient, Heard, RecordedSwitch]]:
    switch, heard = RecordedSwitch(*scripts), Heard()
    server = await asyncio.start_server(switch.accept, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    client = EslClient(
        EslAddress(host="127.0.0.1", port=port, password=PASSWORD),
        FreeswitchTranslator(site=SiteId("s"), source=SourceId("fs")),
        publish=heard.publish,
        clock=clock.now,
        pace=pace,
    )
    task = asyncio.create_task(client.run())
    try:
        yield client, heard, switch
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        server.close()
        await server.wait_closed()


async def healthy(line: Line) -> None:
    await line.log_in()
    await line.until_gone()


def pictured(heard: Heard) -> bool:
    return bool(heard.of(ev.ResyncEnded))
