"""The live ESL collector against a recorded FreeSWITCH on loopback: its bytes, its lists, every way a line ends."""

import asyncio
import functools
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress

import pytest

from monitor import clock
from streams.collect.connection import Pace
from streams.collect.esl_client import COMMAND_DENIED, LOST_EVENTS, PING, WATCH_LOSSES, EslAddress, EslClient
from streams.collect.freeswitch_lists import LIST_REFUSED
from streams.floor.fold import Floor
from streams.translate.freeswitch import SUBSCRIPTION, FreeswitchTranslator
from streams.vocabulary import events as ev
from streams.vocabulary.ids import Millis, QueueName, SiteId, SourceId
from streams.vocabulary.states import AgentState, GapReason
from tests.golden.freeswitch_runs import AGENT_LIST, agent_lists, slim, truth

pytestmark = pytest.mark.servers

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


LAST = (ev.ContactEnded, ev.ContactAbandoned, ev.ContactOverflowed, ev.RecordingReady)


@in_loop
async def test_the_recorded_bytes_give_the_recorded_truth() -> None:
    """The first lists, then every byte of the real switch in odd pieces: the queues' counts are those of truth.json."""
    data = slim().connections[0].data
    data = data[data.index(b"Content-Length: ") : data.rindex(b"Content-Type: command/reply")]

    async def recorded(line: Line) -> None:
        await line.log_in()
        await line.serve_until("api show channels as json")
        for start in range(0, len(data), 65_521):
            line.say(data[start : start + 65_521])
            await line.writer.drain()
        await line.until_gone()

    async with collecting(recorded, pace=CALM) as (client, heard, _):
        await heard.until(lambda one: [len(one.of(kind)) for kind in LAST] == [98, 25, 8, 77])
        for name, true in truth()["events_by_queue"].items():
            today = heard.floor.queues[QueueName(name)].today
            assert (today.offered, today.answered, today.abandoned) == (
                true["start"] + true["resume"],
                true["bridged"],
                true["cancel"]["BREAK_OUT"],
            )
        assert (dict(client.counts.refused), client.counts.connected) == ({}, True)
        assert client.counts.bytes > len(data)


@in_loop
async def test_it_asks_for_no_more_than_the_floor_needs() -> None:
    """One subscription, the log of lost events, the lists queue by queue; no `event plain ALL`."""
    async with collecting(healthy) as (_, heard, switch):
        await heard.until(pictured)
        commands = switch.lines[0].heard
    assert commands[:6] == [
        f"auth {PASSWORD}",
        SUBSCRIPTION,
        WATCH_LOSSES,
        f"api {AGENT_LIST}",
        "api callcenter_config tier list",
        "api callcenter_config queue list",
    ]
    assert commands[6:10] == [
        "api callcenter_config queue list members sales@default",
        "api callcenter_config queue list members support@default",
        "api callcenter_config queue list members vip@default",
        "api show channels as json",
    ]


@in_loop
async def test_pictures_come_again_and_again_and_pings_are_signs_of_life() -> None:
    async with collecting(healthy) as (client, heard, _):
        await heard.until(lambda one: len(one.of(ev.ResyncEnded)) >= 3 and len(one.of(ev.SourceHeard)) >= 3)
        assert client.counts.connected


@in_loop
async def test_agents_are_unknown_until_the_lists_are_there_again() -> None:
    """Closed in the middle; the second connection's lists name everybody anew."""

    async def closes(line: Line) -> None:
        await line.log_in()
        line.poll = 10
        await line.serve_until("api show channels as json")

    async def late(line: Line) -> None:
        await line.log_in()
        line.poll = 12
        await asyncio.sleep(0.1)
        await line.until_gone()

    async with collecting(closes, late) as (client, heard, _):
        await heard.until(lambda one: bool(one.of(ev.SourceLost)[1:]))
        assert {one.state for one in heard.floor.agents.values()} == {AgentState.UNKNOWN}
        await heard.until(lambda one: len(one.of(ev.ResyncEnded)) >= 2)
        assert AgentState.UNKNOWN not in {one.state for one in heard.floor.agents.values()}
        assert (client.counts.lost["closed"], client.counts.connections) == (1, 2)


@in_loop
async def test_a_gap_begins_with_the_last_byte_heard() -> None:
    """Silence is noticed late; the blindness is not younger for that."""

    async def falls_silent(line: Line) -> None:
        await line.log_in()
        await line.serve_until("api show channels as json")
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                await line.command()

    async with collecting(falls_silent, healthy) as (client, heard, _):
        await heard.until(lambda one: bool(one.of(ev.SourceLost)[1:]))
        noticed = clock.now()
        assert client.counts.lost["silent"] + client.counts.lost["unanswered"] == 1
        assert heard.of(ev.SourceLost)[1].at <= noticed - 500


@in_loop
async def test_lost_events_are_a_gap_of_their_own() -> None:
    """The switch says so only in its log; the lists are asked for at once."""

    async def drops(line: Line) -> None:
        await line.log_in()
        await line.serve_until("api show channels as json")
        line.say(sized("log/data", b"mod_event_socket.c:392 Lost [12] events! Event Queue size: [0/100000]\n"))
        await line.until_gone()

    async with collecting(drops, pace=CALM) as (client, heard, _):
        await heard.until(lambda one: len(one.of(ev.ResyncEnded)) >= 2)
        assert client.counts.refused[LOST_EVENTS] == 12
        gap = heard.floor.gaps[-1]
        assert (gap.reason, gap.ended is not None) == (GapReason.MISSING_NUMBERS, True)
        assert client.counts.lost == {}


@in_loop
async def test_a_restart_behind_the_same_address_is_noticed() -> None:
    """Another Core-UUID in the ping's answer: everything of the old process is over."""

    async def restarted(line: Line) -> None:
        await line.log_in()
        await line.serve_until(PING)
        while True:
            text = await line.command()
            line.say(sized("api/response", b"another-core") if text == PING else line.answer(text))

    async with collecting(restarted) as (_, heard, _switch):
        await heard.until(lambda one: len(one.of(ev.ResyncEnded)) >= 2)
        assert GapReason.RESTARTED in {one.reason for one in heard.of(ev.SourceLost) if isinstance(one, ev.SourceLost)}


@in_loop
async def test_a_refused_list_leaves_the_agents_unknown_and_is_counted() -> None:
    """mod_callcenter is not loaded: an empty floor would look calm."""

    async def unloaded(line: Line) -> None:
        line.answers = {AGENT_LIST: "-ERR callcenter_config Command not found!\n"}
        await healthy(line)

    async with collecting(unloaded) as (client, heard, switch):
        await eventually(lambda: client.counts.refused[COMMAND_DENIED] >= 2)
        assert client.counts.refused[LIST_REFUSED] >= 2
        assert (heard.of(ev.ResyncEnded), client.counts.connected) == ([], False)
        commands = switch.lines[0].heard
        # asked again with the next sign of life, not as fast as the line can carry it
        assert commands.count(f"api {AGENT_LIST}") <= commands.count(PING) + 1


async def rejects(line: Line) -> None:
    line.say(GREETING)
    await line.command()
    line.say(reply("-ERR invalid"))
    await line.until_gone()


async def denies(line: Line) -> None:
    line.say(sized("text/rude-rejection", b"Access Denied, go away.\n"))
    await asyncio.sleep(0.2)


async def takes_leave(line: Line) -> None:
    await line.log_in()
    line.say(sized("text/disconnect-notice", b"Disconnected, goodbye.\n"))
    await line.until_gone()


async def garbles(line: Line) -> None:
    await line.log_in()
    line.say(b"Content-Length: many\nContent-Type: text/event-plain\n\n")
    await line.until_gone()


async def never_subscribes(line: Line) -> None:
    await line.log_in()
    await line.command()
    line.say(reply("-ERR permission denied"))
    await line.until_gone()


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (rejects, "login_rejected"),
        (denies, "not_allowed"),
        (takes_leave, "goodbye"),
        (garbles, "garbled"),
        (never_subscribes, "subscription_rejected"),
    ],
)
@in_loop
async def test_every_way_a_line_ends_has_its_reason(script: Script, reason: str) -> None:
    """And the next connection works as if nothing had been."""
    async with collecting(script, healthy) as (client, heard, _):
        await heard.until(pictured)
        assert dict(client.counts.lost) == {reason: 1}


@in_loop
async def test_nobody_there_is_refused_and_tried_again() -> None:
    heard = Heard()
    client = EslClient(
        EslAddress(host="127.0.0.1", port=1, password=PASSWORD),
        FreeswitchTranslator(site=SiteId("s"), source=SourceId("fs")),
        publish=heard.publish,
        clock=lambda: Millis(1),
        pace=QUICK,
    )
    task = asyncio.create_task(client.run())
    await eventually(lambda: client.counts.lost["refused"] >= 3)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    (started,) = heard.events
    assert isinstance(started, ev.SourceLost)
    assert started.reason is GapReason.STARTED_LATE


@in_loop
async def test_the_password_is_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    """Nor in the address as it prints itself."""
    caplog.set_level(logging.DEBUG)
    async with collecting(rejects, healthy) as (client, heard, _):
        await heard.until(pictured)
    assert PASSWORD not in caplog.text + repr(client._address)
