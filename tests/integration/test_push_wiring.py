"""Pushed sources as the service wires them: a configuration, spools on disk, the bus. What is answered 200 arrives."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import zstandard

from monitor.api.push_connect import ConnectJudge, connect_lines
from monitor.config_read import load_config
from monitor.wiring_collect import start_feeds
from monitor.wiring_push import open_door
from streams.bus import names
from streams.bus.connection import client
from streams.translate.amazon_connect import ConnectTranslator
from streams.translate.iso_time import iso_millis
from streams.vocabulary.codec import decode_event
from streams.vocabulary.events import Event, ResyncBegan, SourceConnected, SourceLost
from streams.vocabulary.ids import Millis, SiteId, SourceId
from streams.vocabulary.states import Order
from tests.integration.bus_room import until
from tests.push_room import line
from tests.push_web import now, parts_of, serving
from tests.servers import DebianRedis

pytestmark = [pytest.mark.servers, pytest.mark.timeout(180)]
DAY = Path(__file__).parents[1] / "golden/connect/day.ndjson.zst"
CONFIG = """
[site]
id = "hz"
[store]
data = "data"
[store_redis]
[[source]]
kind = "push"
id = "crm-1"
secret = "token-of-crm-1"
[[source]]
kind = "connect"
id = "connect-1"
secret = "token-of-connect-1"
"""


class Service:
    """A running door over real feeds. `post` answers status and body."""

    def __init__(self, url: str, bus: str) -> None:
        self.url = url
        self.bus = bus

    async def post(self, body: bytes, *, token: str = "token-of-crm-1") -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self.url}/api/v1/events", data=body, headers=headers) as answer,
        ):
            return answer.status, await answer.json()

    async def events(self) -> list[Event]:
        redis = client(self.bus)
        rows: Any = await redis.xrange(names.events(SiteId("hz")))
        await redis.aclose()
        return [decode_event(fields[b"b"]) for _, fields in rows]

    async def arrived(self, count: int) -> list[Event]:
        """All events on the bus, once there are so many."""

        async def there() -> bool:
            return len(await self.events()) >= count

        async with asyncio.timeout(15):
            await until(there)
        return await self.events()


@asynccontextmanager
async def service(folder: Path, bus: str) -> AsyncIterator[Service]:
    file = folder / "floorwatch.toml"
    file.write_text(CONFIG.replace("[store_redis]", f'[redis]\nurl = "{bus}"'), encoding="utf-8")
    config = load_config(file)
    redis = client(bus)

    try:
        async with asyncio.TaskGroup() as tasks:
            collectors = await start_feeds(tasks, config, redis, collected=False, pushed=True)
            door, desk = await open_door(config, collectors.doors, redis)
            async with serving(parts_of(door, desk)) as address:
                yield Service(address, bus)

            for task in asyncio.all_tasks():
                if task.get_name().startswith("feed "):
                    task.cancel()
    finally:
        await redis.aclose()


async def pushed_first(web: Service, seqs: list[int]) -> bool:
    """Whether these events are on the bus, in this order where each came first."""
    told = [event.seq for event in await web.events() if not isinstance(event, SourceConnected)]
    return list(dict.fromkeys(told)) == seqs


def run(body: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(50):
            await body()

    asyncio.run(bounded())


@pytest.fixture
def server(tmp_path: Path):
    place = tmp_path / "redis"
    place.mkdir()
    running = DebianRedis(place).start()
    yield running
    running.stop()


def test_the_source_says_first_how_its_events_arrive(server: DebianRedis, tmp_path: Path):
    async def body() -> None:
        async with service(tmp_path, server.url) as web:
            assert (await web.post(line(1, at=now())))[0] == 200
            first, second = await web.arrived(2)
            assert isinstance(first, SourceConnected)
            assert (first.order, second.seq) == (Order.TIMED, 1)

    run(body)


def test_what_is_accepted_while_the_bus_is_away_arrives_after_a_restart_of_both(server: DebianRedis, tmp_path: Path):
    """200 means: on disk. The service ends and starts again before the bus is back."""

    async def body() -> None:
        async with service(tmp_path, server.url) as web:
            assert (await web.post(line(1, at=now())))[0] == 200
            await web.arrived(2)
            await asyncio.to_thread(server.stop)
            assert (await web.post(line(2, at=now())))[1]["accepted"] == 1
        await asyncio.to_thread(server.start)
        async with service(tmp_path, server.url) as web:
            async with asyncio.timeout(15):
                # a bus that was started again gets the last minutes again: by their ids they count once
                await until(lambda: pushed_first(web, [1, 2]))
            # after a restart the door has forgotten the ids; the floor has not
            assert (await web.post(line(2, at=now())))[0] == 200

    run(body)


def test_a_day_of_amazon_connect_comes_in_by_kinesis(server: DebianRedis, tmp_path: Path):
    records = zstandard.ZstdDecompressor().decompressobj().decompress(DAY.read_bytes()).splitlines()

    async def body() -> None:
        async with service(tmp_path, server.url) as web:
            data = [{"kinesis": {"data": base64.b64encode(record).decode()}} for record in records]
            data.append({"kinesis": {"data": base64.b64encode(b"{}").decode()}})
            status, answer = await web.post(json.dumps({"Records": data}).encode(), token="token-of-connect-1")
            assert status == 200
            assert answer["accepted"] > 50
            assert [one["line"] for one in answer["refused"]][-1] == len(data)
            told = await web.arrived(answer["accepted"])
            assert {event.source for event in told} == {"connect-1"}

    run(body)


def test_records_of_connect_a_line_each_are_read_too():
    whole = b'{"a":1}\n{"b":2}'
    assert list(connect_lines(whole)) == [b'{"a":1}', b'{"b":2}']
    wrapped = json.dumps({"records": [{"data": base64.b64encode(b'{\n"a":1}').decode()}]}).encode()
    assert list(connect_lines(wrapped)) == [b'{ "a":1}']


def test_what_connect_told_but_nobody_kept_is_a_gap_afterwards():
    """Else the full picture's beginning would be missing for ever."""
    record = zstandard.ZstdDecompressor().decompressobj().decompress(DAY.read_bytes()).splitlines()[0]
    at = iso_millis(json.loads(record)["EventTimestamp"])
    assert at is not None
    judge = ConnectJudge(ConnectTranslator(site=SiteId("hz"), source=SourceId("connect-1")), now=Millis(at - 2_000))
    first = judge.judge(record, Millis(at + 100))
    assert isinstance(first.events[1], SourceLost)
    judge.undone(Millis(at - 1_000))
    again = judge.judge(record, Millis(at + 200))
    assert isinstance(again.events[0], SourceLost)
    assert any(isinstance(event, ResyncBegan) for event in again.events)
