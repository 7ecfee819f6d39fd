"""A province and its city as the service wires them: two floors behind one door, and their sum."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from monitor.config_read import load_config
from monitor.wiring_live import start_live
from streams.bus import names
from streams.bus.connection import client
from streams.bus.publish import Publisher
from streams.vocabulary import events as ev
from streams.vocabulary.codec import encode
from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName, SiteId, SourceId
from tests.push_web import now
from tests.servers import DebianRedis, free_port

pytestmark = [pytest.mark.servers, pytest.mark.timeout(180)]
CONFIG = """
[site]
id = "gd"
name = "广东"
[[branch]]
id = "gz"
name = "广州"
[[branch]]
id = "sz"
name = "深圳"
[store]
data = "data"
[redis]
url = "{bus}"
[web]
port = {port}
[[source]]
kind = "push"
id = "crm-gz"
site = "gz"
secret = "token-of-crm-gz"
[[source]]
kind = "push"
id = "crm-sz"
site = "sz"
secret = "token-of-crm-sz"
"""


@pytest.fixture
def server(tmp_path: Path):
    place = tmp_path / "redis"
    place.mkdir()
    running = DebianRedis(place).start()
    yield running
    running.stop()


def a_call(site: str, at: int, waiting: int) -> list[ev.Event]:
    """One agent, and contacts that wait."""
    about: dict[str, Any] = {"site": SiteId(site), "source": SourceId(f"pbx-{site}"), "queue": QueueName("sales")}
    joined = ev.AgentJoinedQueue(**about, seq=1, at=Millis(at), agent=AgentId("8001"))
    queued = (
        ev.ContactQueued(**about, seq=2 + number, at=Millis(at), contact=ContactId(f"{site}.{number}"), leg=1)
        for number in range(waiting)
    )
    return [joined, *queued]


async def becomes(ask: Callable[[], Awaitable[Any]], wanted: Any) -> None:
    """The answer, once it is so; else what it was last."""
    answer: Any = None
    for _ in range(150):
        answer = await ask()
        if answer == wanted:
            return
        await asyncio.sleep(0.1)
    assert answer == wanted


def test_a_province_adds_up_its_cities_and_each_keeps_its_own_floor(server: DebianRedis, tmp_path: Path):
    """The province has no source of its own: it is not missing, it is above."""
    file, port = tmp_path / "floorwatch.toml", free_port()
    file.write_text(CONFIG.format(bus=server.url, port=port), encoding="utf-8")
    config = load_config(file)

    async def body() -> None:
        redis = client(server.url)
        publisher = Publisher(redis, timeout_s=5)
        for site, waiting in (("gz", 2), ("sz", 3)):
            events = [encode(event) for event in a_call(site, now(), waiting)]
            await publisher.publish(names.events(SiteId(site)), events)
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(live(tasks, redis))
            async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
                await look(session)
            running.cancel()
            for task in asyncio.all_tasks() - {asyncio.current_task()}:
                task.cancel()
        await redis.aclose()

    async def live(tasks: asyncio.TaskGroup, redis: Any) -> None:
        await start_live(tasks, config, redis, ["floor", "web"])

    async def look(session: aiohttp.ClientSession) -> None:
        async def get(path: str) -> Any:
            try:
                async with session.get(path) as answer:
                    return await answer.json()
            except aiohttp.ClientConnectorError:
                return {"sites": []}

        async def totals() -> list[tuple[str, int, dict[str, int], list[str]]]:
            rows = (await get("/api/v1/sites"))["sites"]
            return [
                (row["site"], row["total"]["waiting"], row["total"]["seats"], row["total"]["missing"]) for row in rows
            ]

        await becomes(totals, [("gd", 5, {"ready": 2}, []), ("gz", 2, {"ready": 1}, []), ("sz", 3, {"ready": 1}, [])])
        floors = [(await get(f"/api/v1/queues?site={site}"))[0]["waiting"] for site in ("gz", "sz")]
        agent = await get("/api/v1/agents/8001?site=sz")
        assert (floors, agent["certainty"], (await get("/api/v1/floor"))["agents"]) == ([2, 3], "sure", [])

    asyncio.run(body())
