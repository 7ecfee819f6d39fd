"""The WebSocket client against real servers: what it sends, what it tells, and by what name each loss goes."""

import asyncio
import base64
import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from monitor.clock import now
from streams.collect.capture import read_file
from streams.collect.connection import Pace
from streams.collect.cti_client import CtiAddress, CtiClient
from streams.floor.fold import Floor
from streams.translate.mapping import MappedTranslator
from streams.translate.mapping_parse import parse_mapping
from streams.translate.mapping_rules import Auth
from streams.vocabulary import events as ev
from streams.vocabulary.ids import SiteId, SourceId
from tests.golden.truth import queue_log_of
from tests.integration.test_ami_client import in_loop

pytestmark = pytest.mark.servers

ROOT = Path(__file__).parents[2]
ARI = (ROOT / "docs" / "examples" / "ari.mapping.toml").read_text(encoding="utf-8")
SMALL = """
[[rule]]
event = "agent_ready"
when = { type = "ready" }
[rule.fields]
agent = { path = "who" }
"""
QUICK = Pace(ping_every_s=0.1, silent_s=0.5, connect_timeout_s=2, first_pause_s=0.05, longest_pause_s=0.1)
Handler = Callable[[ServerConnection], Awaitable[None]]


class Heard(list[ev.Event]):
    """What was published; waits until it holds what a test is about."""

    async def publish(self, events: Sequence[ev.Event]) -> None:
        self.extend(events)

    async def until(self, true: Callable[["Heard"], bool]) -> None:
        async with asyncio.timeout(20):
            while not true(self):  # noqa: ASYNC110 - counters are no events
                await asyncio.sleep(0.01)

    def kinds(self) -> Counter[str]:
        return Counter(str(event.__struct_config__.tag) for event in self)


def client(url: str, heard: Heard, *, mapping: str = SMALL, pace: Pace = QUICK, **address: object) -> CtiClient:
    translator = MappedTranslator(
        parse_mapping(mapping, file="test.toml"), site=SiteId("s"), source=SourceId("cti"), after_seq=0
    )
    return CtiClient(
        CtiAddress(url=url, **address),  # type: ignore[arg-type]
        translator,
        publish=heard.publish,
        clock=now,
        pace=pace,
    )


@asynccontextmanager
async def running(one: CtiClient) -> AsyncIterator[CtiClient]:
    task = asyncio.create_task(one.run())
    try:
        yield one
    finally:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


@asynccontextmanager
async def server(handler: Handler, **options: object) -> AsyncIterator[str]:
    async with serve(handler, "127.0.0.1", 0, **options) as listening:  # type: ignore[arg-type]
        yield f"ws://127.0.0.1:{next(iter(listening.sockets)).getsockname()[1]}/feed"


async def lost(one: CtiClient, reason: str) -> None:
    async with asyncio.timeout(10):
        while not one.counts.lost[reason]:  # noqa: ASYNC110 - counters are no events
            await asyncio.sleep(0.01)


@in_loop
async def test_a_real_asterisks_ari_counts_as_its_queue_log() -> None:
    """The whole centre's: by queue it would not do, ARI names the old one after a blind transfer (docs/switches)."""
    messages = read_file(ROOT / "tests" / "golden" / "ari" / "dev.ndjson").decode().splitlines()
    heard = Heard()

    async def handler(socket: ServerConnection) -> None:
        for message in messages:
            await socket.send(message)
        await socket.wait_closed()

    # on a busy machine half a second of work is soon a silence, after which this server tells everything again
    async with server(handler) as url, running(client(url, heard, mapping=ARI, pace=Pace())) as one:
        await heard.until(lambda _: one.counts.messages >= len(messages))
    floor = Floor(SiteId("s"))
    for event in heard:
        # what the client says of its own connection is of today, the messages are of the capture's day
        if not isinstance(event, ev.ResyncBegan | ev.ResyncEnded | ev.SourceLost | ev.SourceHeard | ev.SourceConnected):
            floor.apply(event)
    truth = queue_log_of("dev")
    sums = {
        name: sum(getattr(queue, name) for queue in truth.values()) for name in ("offered", "answered", "abandoned")
    }
    today = [queue.today for queue in floor.queues.values()]
    turned_away = sum(
        '"QUEUESTATUS"' in one and ('"value":"FULL"' in one or '"value":"JOINEMPTY"' in one) for one in messages
    )
    assert sum(one.answered for one in today) == sums["answered"]
    assert sum(one.abandoned for one in today) == sums["abandoned"]
    # a caller who is blindly transferred to a queue and hangs up at once is shown at its door, and nothing after
    assert 0 <= sum(one.offered for one in today) - sums["offered"] - turned_away <= 2
    assert sum(one.overflowed.get("timeout", 0) for one in today) == sum(
        queue.overflowed.get("timeout", 0) for queue in truth.values()
    )
    assert sum(queue.talking + len(queue.waiting) for queue in floor.queues.values()) <= 2
    assert one.counts.refused["unmatched"] > 0
    assert set(+one.counts.refused) == {"unmatched"}
    devices = {event.agent: event.device for event in heard if isinstance(event, ev.AgentDevice)}
    assert {"2001", "2002", "2003", "2004", "2005"} <= set(devices)


@in_loop
async def test_it_subscribes_shows_its_secret_and_hears_the_pings_answer() -> None:
    got: list[str] = []
    asked: list[Request] = []
    heard = Heard()

    async def handler(socket: ServerConnection) -> None:
        got.append(str(await socket.recv()))
        got.append(str(await socket.recv()))
        await socket.send('{"type": "ready", "who": "1001"}')
        await socket.wait_closed()

    def look(socket: ServerConnection, request: Request) -> None:
        asked.append(request)

    async with server(handler, process_request=look) as url:
        one = client(url, heard, token="user:päss", auth=Auth.BASIC, subscribe=('{"sub": 1}', "two"))
        async with running(one):
            await heard.until(lambda told: {"agent_ready", "source_heard"} <= set(told.kinds()))
    assert got == ['{"sub": 1}', "two"]
    assert asked[0].headers["Authorization"] == "Basic " + base64.b64encode("user:päss".encode()).decode()
    kinds = [str(event.__struct_config__.tag) for event in heard]
    assert kinds[:3] == ["source_lost", "source_connected", "resync_began"]
    assert [event.seq for event in heard] == sorted({event.seq for event in heard})


@in_loop
async def test_a_secret_in_the_query_is_sent_and_never_shown() -> None:
    address = CtiAddress(url="ws://host:8088/ari/events?app=fw", token="u:p w", auth=Auth.QUERY)
    assert address.dialled == "ws://host:8088/ari/events?app=fw&api_key=u%3Ap+w"
    assert address.shown == "ws://host:8088/ari/events"
    assert "p w" not in repr(address)
    assert "app=fw" not in repr(address)


@in_loop
async def test_after_a_broken_connection_it_comes_back_and_says_there_was_a_gap() -> None:
    heard = Heard()

    async def handler(socket: ServerConnection) -> None:
        await socket.send('{"type": "ready", "who": "1001"}')
        await asyncio.sleep(0.05)  # an abort throws away what was not sent yet
        socket.transport.abort()

    async with server(handler) as url, running(client(url, heard)) as one:
        await heard.until(lambda told: told.kinds()["agent_ready"] >= 3)
        assert one.counts.lost["broken"] >= 2
    assert heard.kinds()["source_lost"] >= 3
    assert heard.kinds()["resync_began"] >= 3
    assert [event.seq for event in heard] == sorted({event.seq for event in heard})


def refuse(code: int) -> Callable[[ServerConnection, Request], Response]:
    return lambda socket, request: Response(code, "no", Headers())


@pytest.mark.parametrize(("code", "reason"), [(401, "login_rejected"), (403, "login_rejected"), (503, "refused")])
@in_loop
async def test_a_refused_handshake_has_its_name(code: int, reason: str) -> None:
    async def handler(socket: ServerConnection) -> None:
        raise AssertionError("never connected")

    async with server(handler, process_request=refuse(code)) as url, running(client(url, Heard())) as one:
        await lost(one, reason)


@in_loop
async def test_a_server_that_answers_no_ping_is_silent() -> None:
    async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        key = next(line[19:] for line in request.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key"))
        accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
        writer.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
        )
        await reader.read()
        writer.close()

    listening = await asyncio.start_server(deaf, "127.0.0.1", 0)
    async with listening:
        url = f"ws://127.0.0.1:{listening.sockets[0].getsockname()[1]}/"
        async with running(client(url, Heard())) as one:
            await lost(one, "silent")


@in_loop
async def test_a_message_too_large_ends_the_connection_by_name() -> None:
    async def handler(socket: ServerConnection) -> None:
        await socket.send("x" * 1_100_000)
        await socket.wait_closed()

    async with server(handler) as url, running(client(url, Heard())) as one:
        await lost(one, "message_too_large")


@in_loop
async def test_nobody_there_is_refused_and_tried_again() -> None:
    heard = Heard()
    async with running(client("ws://127.0.0.1:1/", heard)) as one:
        await heard.until(lambda _: one.counts.lost["refused"] >= 2)
    assert heard.kinds() == {"source_lost": 1}


@in_loop
async def test_hostile_messages_are_refused_and_the_next_is_heard() -> None:
    heard = Heard()

    async def handler(socket: ServerConnection) -> None:
        for message in ("[" * 100_000, b"\xff\xfe", "7", "{", '{"type": "ready"}', '{"type": "ready", "who": "1001"}'):
            await socket.send(message)
        await socket.wait_closed()

    async with server(handler) as url, running(client(url, heard)) as one:
        await heard.until(lambda told: told.kinds()["agent_ready"] == 1)
        assert one.counts.refused["not_json"] == 3
        assert one.counts.refused["no_object"] == 1
        assert one.counts.refused["field_missing"] == 1
