"""`/ws/events` over a real socket onto a real bus: one answer a batch, in order; bounds; a lost bus."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from monitor.api.push_words import DoorLimits
from tests.integration.bus_room import room_url, until
from tests.push_room import SOURCE, TOKEN, line
from tests.push_web import Pushed, pushed
from tests.servers import DebianRedis

pytestmark = [pytest.mark.servers, pytest.mark.timeout(180)]
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@asynccontextmanager
async def line_to(web: Pushed, **headers: str) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    async with web.client.ws_connect("/ws/events", headers=headers or BEARER, max_msg_size=0) as socket:
        yield socket


async def said(socket: aiohttp.ClientWebSocketResponse) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(await socket.receive_str(timeout=20))
    return answer


def test_each_batch_has_its_answer_in_order(redis_url: str):
    async def body(web: Pushed) -> None:
        async with line_to(web) as socket:
            await socket.send_str((line(1) + b"\n" + line(2)).decode())
            await socket.send_bytes(line(2) + b"\n{}")
            await socket.send_str("")
            answers = [await said(socket) for _ in range(3)]
        assert answers[0] == {"batch": 1, "accepted": 2, "duplicates": 0, "refused": []}
        assert (answers[1]["batch"], answers[1]["duplicates"], answers[1]["refused"][0]["line"]) == (2, 1, 2)
        assert (answers[2]["batch"], answers[2]["reason"]) == (3, "nothing_sent")
        assert [event.seq for event in await web.events()] == [1, 2]

    pushed(room_url(redis_url), body)


@pytest.mark.parametrize(
    ("headers", "status"), [({"X": "1"}, 401), ({"Authorization": "Bearer wrong"}, 403)], ids=["none", "wrong"]
)
def test_without_its_token_no_socket_opens(valkey_url: str, headers: dict[str, str], status: int):
    async def body(web: Pushed) -> None:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            async with line_to(web, **headers):
                pass
        assert refused.value.status == status

    pushed(room_url(valkey_url), body)


def test_many_sockets_are_bounded_and_a_closed_one_makes_room(valkey_url: str):
    async def body(web: Pushed) -> None:
        async with line_to(web), line_to(web) as second:
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                async with line_to(web):
                    pass
            assert refused.value.status == 429
            await second.close()
            async with line_to(web) as third:
                await third.send_bytes(line(1))
                assert (await said(third))["accepted"] == 1

    pushed(room_url(valkey_url), body, limits=DoorLimits(sockets=2))


def test_a_message_that_is_too_large_closes_the_socket_and_is_counted(valkey_url: str):
    async def body(web: Pushed) -> None:
        async with line_to(web) as socket:
            await socket.send_bytes(b"x" * 5_000)
            closed = await socket.receive(timeout=20)
            assert (closed.type, closed.data) == (aiohttp.WSMsgType.CLOSE, 1009)
        async with asyncio.timeout(20):
            await until(lambda: web.door.open_sockets() == 0)
        assert web.door.refused == {(SOURCE, "body_too_large"): 1}

    pushed(room_url(valkey_url), body, limits=DoorLimits(body_bytes=4_096))


def test_who_is_too_fast_is_told_so_in_its_turn(valkey_url: str):
    async def body(web: Pushed) -> None:
        async with line_to(web) as socket:
            await socket.send_bytes(b"\n".join(line(n) for n in range(1, 21)))
            await socket.send_bytes(line(99))
            assert (await said(socket))["accepted"] == 20
            refused = await said(socket)
            assert (refused["reason"], refused["retry_after_s"]) == ("too_many_events", 1)

    pushed(room_url(valkey_url), body, limits=DoorLimits(events_per_s=10, events_at_once=15))


def test_a_bus_that_is_away_is_said_and_the_same_socket_goes_on_afterwards(tmp_path: Path):
    async def body(web: Pushed) -> None:
        async with line_to(web) as socket:
            server.stop()
            await socket.send_bytes(line(1))
            assert (await said(socket))["reason"] == "not_durable"
            server.start()
            await socket.send_bytes(line(1))
            assert await said(socket) == {"batch": 2, "accepted": 1, "duplicates": 0, "refused": []}

    server = DebianRedis(tmp_path).start()
    try:
        pushed(server.url, body)
    finally:
        server.stop()
