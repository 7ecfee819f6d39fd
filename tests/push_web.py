"""A running web with a door for pushed events and a desk for dead letters. In: a bus. Out: its address and parts."""

import asyncio
import io
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp import web
from redis.asyncio import Redis

from asr.peaks import peaks_of_file
from dashboards.columns import Goals
from monitor.api.board import AlertBoard
from monitor.api.dead_desk import DeadDesk, keeper
from monitor.api.parts import Parts
from monitor.api.push_door import PushDoor
from monitor.api.push_words import DoorLimits, DoorSource
from monitor.app import create_app
from monitor.hub import Hub
from seat_map.generate import generate
from streams.bus import names
from streams.bus.connection import connect
from streams.bus.dead import DeadLetters
from streams.bus.publish import Publisher
from streams.vocabulary.codec import decode_event, encode
from streams.vocabulary.events import Event
from streams.vocabulary.ids import Millis
from tests.browser.canned import CALLS, CannedHistory
from tests.browser.synthetic import SyntheticFloor
from tests.push_room import SITE, SOURCE, TOKEN, own_judge


def now() -> Millis:
    return Millis(time.time_ns() // 1_000_000)


@dataclass
class Pushed:
    """What a test looks at. Events go straight to the bus: durable there as far as this test's bus is."""

    url: str
    door: PushDoor
    desk: DeadDesk
    redis: Redis
    client: aiohttp.ClientSession

    async def post(self, body: bytes, *, path: str = "/api/v1/events", **headers: str) -> tuple[int, Any]:
        told = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/x-ndjson", **headers}
        told = {name.replace("_", "-"): value for name, value in told.items() if value}
        async with self.client.post(path, data=io.BytesIO(body), headers=told) as answer:
            return answer.status, await answer.json()

    async def events(self) -> list[Event]:
        rows: Any = await self.redis.xrange(names.events(SITE))
        return [decode_event(fields[b"b"]) for _, fields in rows]


def to_bus(redis: Redis) -> Callable[[Sequence[Event]], Awaitable[None]]:
    publisher = Publisher(redis, timeout_s=3)

    async def accept(events: Sequence[Event]) -> None:
        await publisher.publish(names.events(SITE), [encode(event) for event in events])

    return accept


def door_and_desk(
    redis: Redis, *, limits: DoorLimits | None = None, sources: Sequence[DoorSource] | None = None
) -> tuple[PushDoor, DeadDesk]:
    letters = DeadLetters(redis, timeout_s=5)
    own = DoorSource(id=SOURCE, site=SITE, token=TOKEN, judge=own_judge, accept=to_bus(redis))
    door = PushDoor([own] if sources is None else sources, clock=now, limits=limits, keep=keeper(letters))
    return door, DeadDesk(letters, streams=(names.events(SITE), names.FACTS), door=door)


def parts_of(door: PushDoor | None, desk: DeadDesk | None) -> Parts:
    floor = SyntheticFloor(agents=20, now=now())
    board = AlertBoard()
    hub = Hub(floor=floor, plan=generate(20), goals=Goals(), alerts=board, clock=now)
    return Parts(
        floor=floor,
        hub=hub,
        history=CannedHistory(now()),
        alerts=board,
        recordings=CALLS,
        site="hz",
        clock=now,
        status=dict,
        peaks=peaks_of_file,
        push=door,
        dead=desk,
    )


@asynccontextmanager
async def serving(parts: Parts) -> AsyncIterator[str]:
    runner = web.AppRunner(create_app(parts), access_log=None, shutdown_timeout=0.2, auto_decompress=False)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def pushed(
    url: str,
    body: Callable[[Pushed], Awaitable[None]],
    *,
    limits: DoorLimits | None = None,
    sources: Callable[[Redis], Sequence[DoorSource]] | None = None,
) -> None:
    """`body` with everything running on the bus at `url`, emptied first (a database of its own: see bus_room)."""

    async def run() -> None:
        redis = await connect(url)
        await redis.flushdb()
        door, desk = door_and_desk(redis, limits=limits, sources=sources(redis) if sources else None)
        try:
            async with serving(parts_of(door, desk)) as address, aiohttp.ClientSession(address) as client:
                await body(Pushed(address, door, desk, redis, client))
        finally:
            await redis.aclose()

    asyncio.run(run())
