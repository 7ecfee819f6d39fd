"""The live collector against a scripted switch on loopback: every way a connection ends, and what follows it."""

import asyncio
import functools
import itertools
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress

import pytest

from monitor import clock
from streams.collect.ami_client import AmiAddress, AmiClient
from streams.collect.connection import Pace
from streams.translate.asterisk import AsteriskTranslator
from streams.translate.asterisk_words import SwitchSettings
from streams.vocabulary.events import Event
from streams.vocabulary.ids import SiteId, SourceId
from tests.ami_story import frame, names

pytestmark = pytest.mark.servers

SECRET = "top-secret-7"
QUICK = Pace(ping_every_s=0.05, silent_s=0.5, resync_every_s=0.2, first_pause_s=0.01, longest_pause_s=0.05)
BANNER = b"Asterisk Call Manager/11.0.0\r\n"
ACCEPTED = b"Response: Success\r\nActionID: fw-1\r\nMessage: Authentication accepted\r\n\r\n"
BOOTED = frame("FullyBooted", Status="Fully Booted")
JOIN = frame("QueueCallerJoin", Uniqueid="1.1", Queue="sales", CallerIDNum="138", Position=1)


def in_loop(test: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    @functools.wraps(test)
    def run(*args: object, **fixtures: object) -> None:
        asyncio.run(_awaited(test(*args, **fixtures)))

    return run


async def _awaited(one: Awaitable[None]) -> None:
    await one


class Line:
    """One accepted connection, from the switch's side. `heard`: the actions the client sent."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.heard: list[dict[str, str]] = []

    async def action(self) -> str:
        block = (await self.reader.readuntil(b"\r\n\r\n")).decode()
        fields = dict(line.split(": ", 1) for line in block.strip().split("\r\n"))
        self.heard.append(fields)
        return fields["Action"]

    def say(self, *parts: bytes) -> None:
        self.writer.write(b"".join(parts))

    async def until_gone(self) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                await self.action()


class ScriptedSwitch:
    """Runs `scripts` one per connection, the last one for all that follow."""

    def __init__(self, *scripts: Callable[[Line], Awaitable[None]]) -> None:
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


class Running:
    def __init__(self, client: AmiClient, told: list[Event], switch: ScriptedSwitch) -> None:
        self.client, self.told, self.switch = client, told, switch

    async def until(self, done: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            for _ in itertools.takewhile(lambda _: not done(), itertools.count()):
                await asyncio.sleep(0.005)

    async def lost(self, reason: str, times: int = 1) -> None:
        await self.until(lambda: self.client.counts.lost[reason] >= times)


@asynccontextmanager
async def running(*scripts: Callable[[Line], Awaitable[None]], pace: Pace = QUICK) -> AsyncIterator[Running]:
    switch = ScriptedSwitch(*scripts)
    server = await asyncio.start_server(switch.accept, "127.0.0.1", 0)
    port: int = server.sockets[0].getsockname()[1]
    told: list[Event] = []

    async def publish(events: Sequence[Event]) -> None:
        await asyncio.sleep(0)
        told.extend(events)

    translator = AsteriskTranslator(site=SiteId("gz"), source=SourceId("ast"), settings=SwitchSettings())
    address = AmiAddress(host="127.0.0.1", port=port, username="fw\r\nAction: Command", secret=SECRET)
    client = AmiClient(address, translator, publish=publish, clock=clock.now, pace=pace)
    task = asyncio.create_task(client.run())
    try:
        yield Running(client, told, switch)
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        server.close()
        for line in switch.lines:
            line.writer.close()
        await asyncio.sleep(0.01)


async def healthy(line: Line) -> None:
    line.say(BANNER)
    await line.action()
    line.say(ACCEPTED, BOOTED)
    await line.until_gone()


async def rejecting(line: Line) -> None:
    line.say(BANNER)
    await line.action()
    line.say(b"Response: Error\r\nMessage: Authentication failed\r\n\r\n")
    await line.until_gone()


async def hanging_up(line: Line) -> None:
    line.say(BANNER)
    await line.action()
    line.say(ACCEPTED, BOOTED, JOIN)
    await line.writer.drain()


async def silent(line: Line) -> None:
    line.say(BANNER)
    await line.until_gone()


async def resetting(line: Line) -> None:
    line.say(BANNER)
    await line.action()
    line.say(ACCEPTED, BOOTED)
    await line.action()
    line.writer.transport.abort()


@in_loop
async def test_a_rejected_login_is_counted_and_tried_again() -> None:
    async with running(rejecting, healthy) as seen:
        await seen.lost("login_rejected")
        await seen.until(lambda: seen.client.counts.connected)


@in_loop
async def test_a_closed_connection_is_a_gap_and_the_next_one_follows() -> None:
    async with running(hanging_up, healthy) as seen:
        await seen.lost("closed")
        await seen.until(lambda: len(seen.told) >= 5)
        assert names(seen.told[:5]) == [
            "SourceLost",
            "SourceConnected",
            "ContactQueued",
            "SourceLost",
            "SourceConnected",
        ]
        assert [event.seq for event in seen.told] == sorted({event.seq for event in seen.told})


@in_loop
async def test_a_reset_connection_is_lost_too() -> None:
    async with running(resetting, healthy) as seen:
        await seen.until(lambda: sum(seen.client.counts.lost.values()) >= 1)
        assert set(seen.client.counts.lost) <= {"broken", "closed"}
        await seen.until(lambda: seen.client.counts.connections >= 2)


@in_loop
async def test_a_half_open_connection_is_noticed_by_its_silence() -> None:
    """No FIN, no RST: only that nothing comes, not even an answer to a ping."""
    async with running(silent, healthy, pace=Pace(silent_s=0.1, first_pause_s=0.01)) as seen:
        await seen.lost("silent")
        await seen.until(lambda: seen.client.counts.connected)


@in_loop
async def test_a_line_without_an_end_is_no_sign_of_life() -> None:
    """Bytes alone held such a connection for ever, unanswered, and the source stayed unknown."""

    async def endless(line: Line) -> None:
        line.say(BANNER)
        while True:
            line.say(b"A" * 1000)
            await line.writer.drain()
            await asyncio.sleep(0.01)

    async with running(endless, healthy, pace=Pace(silent_s=0.2, first_pause_s=0.01)) as seen:
        await seen.lost("silent")
        await seen.until(lambda: seen.client.counts.connected)


@in_loop
async def test_a_switch_that_is_down_is_refused_and_tried_with_growing_pauses() -> None:
    """Pauses of 10, 20, 40, 50, 50 ms, each between half and all of that: the tenth try is no sooner than 170 ms."""
    async with running(healthy) as seen:
        port = seen.client._address.port
    told: list[Event] = []

    async def publish(events: Sequence[Event]) -> None:
        told.extend(events)

    translator = AsteriskTranslator(site=SiteId("gz"), source=SourceId("ast"), settings=SwitchSettings())
    address = AmiAddress(host="127.0.0.1", port=port, username="fw", secret=SECRET)
    client = AmiClient(address, translator, publish=publish, clock=clock.now, pace=QUICK)
    began = clock.now()
    task = asyncio.create_task(client.run())
    async with asyncio.timeout(20):
        for _ in itertools.takewhile(lambda _: client.counts.lost["refused"] < 10, itertools.count()):
            await asyncio.sleep(0.005)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert clock.now() - began >= 170
    assert names(told) == ["SourceLost"]


@in_loop
async def test_the_full_picture_is_asked_for_only_when_the_switch_is_ready_and_again_later() -> None:
    """After a restart Asterisk accepts the login before its queues exist."""

    async def slow_to_boot(line: Line) -> None:
        line.say(BANNER)
        await line.action()
        line.say(ACCEPTED, frame("VarSet", Uniqueid="1.1", Variable="X", Value="1"))
        with suppress(TimeoutError):
            async with asyncio.timeout(0.15):
                await line.action()
        assert [one["Action"] for one in line.heard] == ["Login"]
        line.say(BOOTED)
        await line.until_gone()

    def asked(seen: Running) -> list[str]:
        return [one["Action"] for one in seen.switch.lines[0].heard]

    async with running(slow_to_boot) as seen:
        await seen.until(lambda: bool(seen.switch.lines) and asked(seen).count("QueueStatus") >= 2)
        actions = asked(seen)
    assert actions[1:5] == ["QueueStatus", "BridgeList", "CoreShowChannels", "Ping"]
    assert actions.count("Ping") >= 3


@in_loop
async def test_events_are_published_in_the_order_of_the_wire() -> None:
    async def chatty(line: Line) -> None:
        line.say(BANNER)
        await line.action()
        line.say(ACCEPTED, BOOTED)
        data = b"".join(frame("QueueCallerJoin", Uniqueid=f"1.{n}", Queue="sales", Position=1) for n in range(300))
        for start in range(0, len(data), 997):
            line.say(data[start : start + 997])
            await line.writer.drain()
        await line.until_gone()

    async with running(chatty) as seen:
        await seen.until(lambda: len(seen.told) >= 302)
        assert [getattr(event, "contact", None) for event in seen.told[2:]] == [f"1.{n}" for n in range(300)]
        assert seen.client.counts.events == 300


@in_loop
async def test_counters_go_on_over_connections() -> None:
    """A counter that falls back looks like a restart to whoever draws it."""

    async def forged(line: Line) -> None:
        line.say(BANNER)
        await line.action()
        line.say(ACCEPTED, BOOTED, b"no head\r\n\r\n", JOIN)
        await line.writer.drain()

    async with running(forged, forged, healthy) as seen:
        await seen.until(lambda: seen.client.counts.connections >= 3 and seen.client.counts.connected)
        assert seen.client.counts.refused["headless"] == 2
        assert seen.client.counts.messages >= 2 * 4


@in_loop
async def test_an_action_the_switch_denies_is_counted_by_name() -> None:
    """A manager user without rights never gets its picture: the agents stay unknown, and this says why."""

    async def stingy(line: Line) -> None:
        line.say(BANNER)
        await line.action()
        line.say(ACCEPTED, BOOTED)
        await line.action()
        line.say(b"Response: Error\r\nActionID: fw-2\r\nMessage: Permission denied\r\n\r\n")
        await line.until_gone()

    async with running(stingy) as seen:
        await seen.until(lambda: seen.client.counts.refused["action_denied"] == 1)
        assert seen.client.counts.lost == {}


@in_loop
async def test_the_secret_is_sent_once_and_stands_in_no_log(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    async with running(rejecting, hanging_up, healthy) as seen:
        await seen.lost("closed")
        heard = seen.switch.lines[0].heard
        assert heard[0]["Secret"] == SECRET
        assert SECRET not in repr(seen.client._address)
    shown = capsys.readouterr()
    assert SECRET not in caplog.text + shown.out + shown.err


@in_loop
async def test_a_line_break_in_a_setting_forges_no_action() -> None:
    async with running(healthy) as seen:
        await seen.until(lambda: bool(seen.switch.lines) and bool(seen.switch.lines[0].heard))
        assert seen.switch.lines[0].heard[0]["Username"] == "fwAction: Command"


@in_loop
async def test_cancelling_says_that_the_source_is_lost() -> None:
    """Whoever reads the bus must not believe the floor to be watched still."""
    async with running(healthy) as seen:
        await seen.until(lambda: seen.client.counts.connected)
    assert names(seen.told)[-1] == "SourceLost"
