"""The service's roles in several processes over one Redis and one ClickHouse: nothing twice, nothing lost."""

import asyncio
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from monitor.history import SCORE
from streams.bus import names
from streams.bus.connection import client
from streams.bus.publish import Publisher
from streams.vocabulary.codec import encode
from streams.vocabulary.facts import ContactLeg
from streams.vocabulary.ids import ContactId, Millis, QueueName, SiteId
from streams.vocabulary.states import Outcome
from streams.warehouse.opening import open_warehouse
from tests.integration.bus_room import packed
from tests.integration.test_floor_takeover import abandons
from tests.integration.test_history_scorer import heard
from tests.servers import DebianRedis

pytestmark = [pytest.mark.servers, pytest.mark.slow]
SITE = SiteId("hz")
CONFIG = """
[site]
id = "hz"
timezone = "UTC"
[store]
data = "{data}"
[redis]
url = "{redis}"
[clickhouse]
url = "{clickhouse}"
"""


def legs(count: int) -> list[ContactLeg]:
    return [
        ContactLeg(
            site=SITE,
            ver=n + 1,
            queued_at=Millis(1_795_262_400_000 + n * 10),
            contact=ContactId(f"{1_795_262_400 + n}.1"),
            leg=1,
            queue=QueueName("vip"),
            outcome=Outcome.ABANDONED,
            ended_at=Millis(1_795_262_401_000 + n * 10),
        )
        for n in range(count)
    ]


def serving(folder: Path, number: int, redis: str, clickhouse: str) -> "subprocess.Popen[bytes]":
    """`serve --roles archive,score` as on a machine of its own."""
    file = folder / f"machine-{number}.toml"
    file.write_text(CONFIG.format(data=folder / f"data-{number}", redis=redis, clickhouse=clickhouse))
    with (folder / f"machine-{number}.log").open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "monitor.cli", "serve", "-c", str(file), "--roles", "archive,score"],
            stdout=output,
            stderr=output,
        )


async def worked_off(url: str) -> None:
    """The caller's own deadline bounds this."""
    redis = client(url)
    streams = ((names.events(SITE), "archive"), (names.FACTS, "archive"), (names.JOBS_SCORE, SCORE))
    while True:
        left = 0
        for stream, group in streams:
            groups = await redis.xinfo_groups(stream) if await redis.exists(stream) else []
            found = [one for one in groups if one["name"].decode() == group]
            left += sum((one["lag"] or 0) + one["pending"] for one in found) if found else 1
        if not left:
            break
        await asyncio.sleep(0.2)
    await redis.aclose()


def test_two_machines_archive_and_score_at_once(tmp_path: Path, clickhouse_url: str) -> None:
    """Raw rows, not only those that FINAL keeps, are exactly what was told; both processes did a part."""
    server = DebianRedis(tmp_path).start()

    async def body() -> None:
        redis = client(server.url)
        publisher = Publisher(redis)
        processes = [serving(tmp_path, number, server.url, clickhouse_url) for number in (1, 2)]
        try:
            for part in range(20):
                events = abandons(1 + part * 500, 500)
                await publisher.publish(names.events(SITE), [encode(event) for event in events])
                await publisher.publish(
                    names.FACTS, [encode(leg) for leg in legs(10_000)[part * 500 : part * 500 + 500]]
                )
                transcripts = [packed(heard(f"{part}-{n}", "您好", at=1_795_262_400_000)) for n in range(10)]
                await publisher.publish(names.JOBS_SCORE, transcripts)
                await asyncio.sleep(0.5)
            await worked_off(server.url)
            consumers = await redis.xinfo_consumers(names.events(SITE), "archive")
        finally:
            for process in processes:
                process.send_signal(signal.SIGTERM)
            codes = [await asyncio.to_thread(process.wait, 30) for process in processes]
        await redis.aclose()
        assert codes == [0, 0], (tmp_path / "machine-1.log").read_text()[-2000:]
        assert len({one["name"] for one in consumers}) == 2

    async def bounded() -> None:
        async with asyncio.timeout(120):
            await body()

    began = time.monotonic()
    try:
        asyncio.run(bounded())
    finally:
        server.stop()
    opened = Rows(clickhouse_url)
    assert opened.count("events") == (20_000, 20_000)
    assert opened.count("contact_legs") == (10_000, 10_000)
    assert opened.count("scores") == (200, 200)
    assert time.monotonic() - began < 120


class Rows:
    """How many rows a table has, raw and after its duplicates are folded."""

    def __init__(self, url: str) -> None:
        self._url = url

    def count(self, table: str) -> tuple[int, int]:
        warehouse = open_warehouse(self._url)
        try:
            ((raw,),) = warehouse.query(f"SELECT count() FROM {table} WHERE site = 'hz'")
            ((final,),) = warehouse.query(f"SELECT count() FROM {table} FINAL WHERE site = 'hz'")
        finally:
            warehouse.close()
        return int(raw), int(final)
