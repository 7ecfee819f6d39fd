"""The live ESL collector against a recorded FreeSWITCH on loopback: its bytes, its lists, every way a line ends."""

import asyncio
import logging
from contextlib import suppress

import pytest

from monitor import clock
from streams.collect.esl_client import COMMAND_DENIED, LOST_EVENTS, PING, WATCH_LOSSES, EslAddress, EslClient
from streams.collect.freeswitch_lists import LIST_REFUSED
from streams.translate.freeswitch import SUBSCRIPTION, FreeswitchTranslator
from streams.vocabulary import events as ev
from streams.vocabulary.ids import Millis, QueueName, SiteId, SourceId
from streams.vocabulary.states import AgentState, GapReason
from tests.golden.freeswitch_runs import AGENT_LIST, slim, truth
from tests.integration.esl_room import (
    CALM,
    GREETING,
    PASSWORD,
    QUICK,
    Heard,
    Line,
    Script,
    collecting,
    eventually,
    healthy,
    in_loop,
    pictured,
    reply,
    sized,
)

pytestmark = pytest.mark.servers

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
