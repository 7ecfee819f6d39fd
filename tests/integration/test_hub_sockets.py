"""The hub over real sockets: a snapshot first, deltas in turn, and nobody slow can slow the others."""

import asyncio
import json
import socket as sockets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from asr.peaks import peaks_of_file
from dashboards.columns import Goals
from monitor.api.board import AlertBoard
from monitor.api.parts import Parts
from monitor.api.viewers import SEND_BUFFER
from monitor.app import create_app
from monitor.hub import Hub, HubCount, HubSettings
from seat_map.columns import SeatColumns
from seat_map.frames import FrameKind, View, decode
from seat_map.generate import generate
from seat_map.palette import SeatCode
from streams.vocabulary.ids import AgentId, Millis
from streams.vocabulary.states import AgentState
from tests.browser.canned import CALLS, CannedHistory
from tests.browser.synthetic import SyntheticFloor

pytestmark = [pytest.mark.servers, pytest.mark.timeout(180)]


def now() -> Millis:
    return Millis(time.time_ns() // 1_000_000)


class Served:
    """A running web with its parts at hand."""

    def __init__(self, agents: int, settings: HubSettings) -> None:
        self.floor = SyntheticFloor(agents=agents, now=now())
        self.board = AlertBoard()
        self.history = CannedHistory(now())
        self.hub = Hub(
            floor=self.floor, plan=generate(agents), goals=Goals(), alerts=self.board, clock=now, settings=settings
        )
        self.port = 0

    def put(self, agent: str, state: AgentState) -> None:
        self.floor.put(AgentId(agent), state, now())
        self.hub.changed(AgentId(agent))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@asynccontextmanager
async def served(agents: int = 20, settings: HubSettings | None = None) -> AsyncIterator[Served]:
    made = Served(agents, settings or HubSettings())
    parts = Parts(
        floor=made.floor,
        hub=made.hub,
        history=made.history,
        alerts=made.board,
        recordings=CALLS,
        site="hz",
        clock=now,
        status=dict,
        peaks=peaks_of_file,
        origins=frozenset({"https://wall.example"}),
    )
    runner = web.AppRunner(create_app(parts), access_log=None, shutdown_timeout=0.2, auto_decompress=False)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.port = runner.addresses[0][1]
    ticking = asyncio.create_task(made.hub.run())
    try:
        yield made
    finally:
        ticking.cancel()
        await asyncio.gather(ticking, return_exceptions=True)
        await runner.cleanup()


async def next_frame(line: aiohttp.ClientWebSocketResponse) -> bytes:
    while True:
        message = await line.receive(timeout=20)
        if message.type is aiohttp.WSMsgType.BINARY:
            return bytes(message.data)
        assert message.type is aiohttp.WSMsgType.TEXT, message


async def next_word(line: aiohttp.ClientWebSocketResponse, name: str) -> dict[str, object]:
    while True:
        message = await line.receive(timeout=20)
        if message.type is aiohttp.WSMsgType.TEXT:
            word = json.loads(message.data)
            if word["t"] == name:
                return word


def test_a_viewer_gets_a_snapshot_then_deltas_in_turn():
    async def run() -> None:
        async with served() as web_, aiohttp.ClientSession() as client:
            web_.put("8001", AgentState.READY)
            async with client.ws_connect(web_.url + "/ws/floor") as line:
                view = View(SeatColumns(0))
                first = decode(await next_frame(line))
                assert first.kind is FrameKind.SNAPSHOT
                view.apply(first)
                for state, code in ((AgentState.OFFERED, 2), (AgentState.ON_CONTACT, 3), (AgentState.WRAP_UP, 5)):
                    web_.put("8001", state)
                    view.apply(decode(await next_frame(line)))
                    assert view.columns.code[0] == code

    asyncio.run(run())


def test_changes_within_a_tick_are_one_delta():
    async def run() -> None:
        async with (
            served() as web_,
            aiohttp.ClientSession() as client,
            client.ws_connect(web_.url + "/ws/floor") as line,
        ):
            await next_frame(line)
            for agent in ("8003", "8001", "8002"):
                web_.put(agent, AgentState.ON_HOLD)
            frame = decode(await next_frame(line))
            assert frame.index.tolist() == [0, 1, 2]
            assert set(frame.code.tolist()) == {SeatCode.ON_HOLD}

    asyncio.run(run())


def test_numbers_come_whole_once_then_what_changed_each_second():
    async def run() -> None:
        async with (
            served() as web_,
            aiohttp.ClientSession() as client,
            client.ws_connect(web_.url + "/ws/floor") as line,
        ):
            first = await next_word(line, "numbers")
            one, two = await next_word(line, "news"), await next_word(line, "news")
            assert 900 <= int(str(two["at"])) - int(str(one["at"])) <= 1500
            queue = first["queues"][0]  # type: ignore[index]
            assert (queue["level"], queue["formula"], queue["threshold_ms"]) == (
                [87, 94],
                "answered_abandoned",
                20_000,
            )
            assert set(two) <= {"t", "at", "queues", "total"}

    asyncio.run(run())


def test_a_viewer_who_asks_gets_a_snapshot():
    async def run() -> None:
        async with (
            served() as web_,
            aiohttp.ClientSession() as client,
            client.ws_connect(web_.url + "/ws/floor") as line,
        ):
            await next_frame(line)
            await line.send_str('{"t":"snapshot"}')
            assert decode(await next_frame(line)).kind is FrameKind.SNAPSHOT

    asyncio.run(run())


def test_a_browser_that_takes_deflate_is_told_the_same():
    """Each message by itself; pings in between, which a compressor with a memory would break."""

    async def run() -> None:
        async with (
            served(200) as web_,
            aiohttp.ClientSession() as client,
            client.ws_connect(web_.url + "/ws/floor", compress=15) as packed,
            client.ws_connect(web_.url + "/ws/floor") as plain,
        ):
            assert (packed.compress, plain.compress) == (15, 0)
            views = [View(SeatColumns(0)), View(SeatColumns(0))]
            for line, view in zip((packed, plain), views, strict=True):
                view.apply(decode(await next_frame(line)))
            for turn in range(20):
                for agent in web_.floor.step(now(), 30):
                    web_.hub.changed(agent)
                await packed.send_str(json.dumps({"t": "ping", "at": turn}))
                for line, view in zip((packed, plain), views, strict=True):
                    view.apply(decode(await next_frame(line)))
            assert (await next_word(packed, "news"))["t"] == "news"
            assert views[0].columns.code.tolist() == views[1].columns.code.tolist()
            assert views[0].columns.since.tolist() == views[1].columns.since.tolist()

    asyncio.run(run())


def test_a_packed_snapshot_is_a_fraction_of_the_plain_one():
    async def run() -> None:
        async with served(5000) as web_, aiohttp.ClientSession() as client:
            sizes = []
            for compress in (0, 15):
                before = web_.hub.counts[HubCount.BYTES_SENT]
                async with client.ws_connect(web_.url + "/ws/floor", compress=compress) as line:
                    await next_frame(line)
                sizes.append(web_.hub.counts[HubCount.BYTES_SENT] - before)
            assert sizes[1] < sizes[0] / 2

    asyncio.run(run())


def test_a_viewer_who_stops_reading_is_cut_off_and_slows_nobody():
    """No frame is queued for it: its stale mark, then its end, are counted."""

    async def run() -> None:
        settings = HubSettings(send_timeout_ms=600, tick_ms=20)
        async with served(3000, settings) as web_, aiohttp.ClientSession() as client:
            deaf = sockets.socket()
            deaf.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
            deaf.setblocking(False)
            loop = asyncio.get_running_loop()
            await loop.sock_connect(deaf, ("127.0.0.1", web_.port))
            ask = (
                f"GET /ws/floor HTTP/1.1\r\nHost: 127.0.0.1:{web_.port}\r\nUpgrade: websocket\r\n"
                "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                "Sec-WebSocket-Version: 13\r\n\r\n"
            )
            await loop.sock_sendall(deaf, ask.encode())
            async with client.ws_connect(web_.url + "/ws/floor") as line:
                await next_frame(line)
                late, held = [], 0
                for turn in range(120):
                    for agent in web_.floor.step(now(), 1500):
                        web_.hub.changed(agent)
                    began = time.monotonic()
                    await next_frame(line)
                    late.append(time.monotonic() - began)
                    held = max([held, *(viewer.held for viewer in web_.hub.viewers)])
                    if web_.hub.counts[HubCount.TIMED_OUT] and turn > 20:
                        break
                assert web_.hub.counts[HubCount.SLOW] > 0
                assert web_.hub.counts[HubCount.TIMED_OUT] == 1
                assert len(web_.hub.viewers) == 1
                assert held + 2 * SEND_BUFFER < 1_000_000  # ours, and what the kernel keeps
                assert sorted(late)[len(late) // 2] < 0.5
            deaf.close()

    asyncio.run(run())


@pytest.mark.parametrize(
    ("origin", "status"),
    [("https://evil.example", 403), ("null", 403), ("https://wall.example", 101), (None, 101)],
)
def test_only_our_own_pages_may_open_the_socket(origin: str | None, status: int):
    async def run() -> None:
        async with served() as web_, aiohttp.ClientSession() as client:
            headers = {} if origin is None else {"Origin": origin}
            if status == 101:
                async with client.ws_connect(web_.url + "/ws/floor", headers=headers) as line:
                    await next_frame(line)
                return
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await client.ws_connect(web_.url + "/ws/floor", headers=headers)
            assert refused.value.status == status
            assert web_.hub.counts[HubCount.REFUSED_ORIGIN] == 1

    asyncio.run(run())


def test_the_page_s_own_origin_may_open_the_socket():
    async def run() -> None:
        async with (
            served() as web_,
            aiohttp.ClientSession() as client,
            client.ws_connect(web_.url + "/ws/floor", headers={"Origin": web_.url}) as line,
        ):
            await next_frame(line)

    asyncio.run(run())


def test_a_change_nobody_told_of_is_healed_and_counted():
    async def run() -> None:
        async with (
            served(settings=HubSettings(scan_ms=200)) as web_,
            aiohttp.ClientSession() as client,
            client.ws_connect(web_.url + "/ws/floor") as line,
        ):
            await next_frame(line)
            web_.floor.put(AgentId("8004"), AgentState.ON_HOLD, now())
            assert decode(await next_frame(line)).index.tolist() == [3]
            assert web_.hub.counts[HubCount.HEALED] == 1

    asyncio.run(run())


@pytest.mark.parametrize(
    "said",
    [
        b'{"t":"ping","x":' + b"[" * 4_000,
        b'{"t":"ping","at":1e999}',
        b'{"t":["ping"]}',
        b"\x00" * 4_000,
        b"",
        '{"t":"ping","at":"\u202e"}'.encode(),
        b'{"t":"snapshot","t":"snapshot"}',
    ],
    ids=["nested", "infinite", "list", "nul", "empty", "bidi", "twice"],
)
def test_what_no_page_says_ends_nothing(said: bytes) -> None:
    async def run() -> None:
        async with (
            served() as room,
            aiohttp.ClientSession() as client,
            client.ws_connect(room.url + "/ws/floor") as line,
        ):
            await next_frame(line)
            await line.send_str(said.decode())
            await line.send_str('{"t":"ping","at":7}')
            word: dict[str, object] = {}
            while word.get("at") != 7:
                word = await next_word(line, "pong")

    asyncio.run(run())


def test_who_asks_for_snapshots_all_the_time_gets_one_a_second() -> None:
    """Each is made of the whole floor."""

    async def run() -> None:
        async with (
            served() as room,
            aiohttp.ClientSession() as client,
            client.ws_connect(room.url + "/ws/floor") as line,
        ):
            await next_frame(line)
            for _ in range(60):
                await line.send_str('{"t":"snapshot"}')
                await asyncio.sleep(0.025)
            assert 2 <= room.hub.counts[HubCount.SNAPSHOTS] <= 4

    asyncio.run(run())


def test_a_browser_that_says_too_much_is_cut_off() -> None:
    async def run() -> None:
        async with (
            served() as room,
            aiohttp.ClientSession() as client,
            client.ws_connect(room.url + "/ws/floor") as line,
        ):
            for _ in range(201):
                await line.send_str("{}")
            while (await line.receive(timeout=20)).type not in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED):
                pass
            assert line.close_code == 1008
            assert room.hub.counts[HubCount.TALKED_TOO_MUCH] == 1
            await asyncio.sleep(0.1)
            assert not room.hub.viewers

    asyncio.run(run())


def test_an_unwatched_hub_rests_and_the_first_viewer_sees_the_present_at_once() -> None:
    async def run() -> None:
        settings = HubSettings(idle_ms=30_000)
        async with served(settings=settings) as room, aiohttp.ClientSession() as client:
            await asyncio.sleep(0.2)
            room.put("8003", AgentState.ON_HOLD)
            await asyncio.sleep(0.2)
            row = room.hub.picture.seating.places[AgentId("8003")].index
            assert room.hub.picture.columns.code[row] != SeatCode.ON_HOLD
            async with client.ws_connect(room.url + "/ws/floor") as line:
                view = View(SeatColumns(0))
                began = time.monotonic()
                view.apply(decode(await next_frame(line)))
                assert time.monotonic() - began < 10  # not the 30 s of its rest
                assert view.columns.code[row] == SeatCode.ON_HOLD

    asyncio.run(run())
