"""F10, F11: the store away for ten minutes' worth of events, and a slow one. Memory stays bounded, nothing is lost."""
# ruff: noqa: ASYNC110 -- what is waited for lies in other processes; no event tells of it

import asyncio
import gc
import time
from functools import partial
from pathlib import Path

import pytest

from streams.bus.connection import connect
from streams.bus.consume import Consumer
from streams.bus.dirty import DirtyNames
from streams.bus.errors import BusError
from streams.bus.publish import Publisher
from streams.vocabulary.codec import encode
from streams.warehouse.front import AsyncWarehouse
from streams.warehouse.migrate import migrate
from streams.warehouse.opening import open_warehouse
from streams.warehouse.writer import EVENTS, MOST_ROWS, Writer
from tests.integration.facts import NOON, queued
from tests.servers import DebianClickHouse

pytestmark = [pytest.mark.servers, pytest.mark.slow]

TEN_MINUTES = 300_000
"""Events at 500 a second."""
MOST_MB = 200
PATIENCE_S = 240


def rss_bytes() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4096


def test_ten_minutes_without_a_store_are_caught_up_in_bounded_memory(
    valkey_url: str, tmp_path_factory: pytest.TempPathFactory, fresh_name: str
) -> None:
    """Killed, 300,000 events come, it returns: all there, few large parts, the writer grew by less than 200 MB."""
    server = DebianClickHouse(tmp_path_factory.mktemp("f10")).start()

    async def body() -> None:
        redis, store = await connect(valkey_url), AsyncWarehouse(partial(open_warehouse, server.url))
        stop = asyncio.Event()
        running = None
        try:
            await store.run(migrate, now=NOON)
            writer = Writer(
                Consumer(redis, stream=fresh_name, group="archive", name="a"),
                store,
                kind=EVENTS,
                dirty=DirtyNames(redis, what=fresh_name),
                clock=lambda: NOON,
                bus_errors=(BusError,),
                first_pause_s=0.1,
                longest_pause_s=1.0,
            )
            running = asyncio.create_task(writer.run(stop))
            server.stop()
            gc.collect()
            before = rss_bytes()
            publisher = Publisher(redis)
            for start in range(0, TEN_MINUTES, 5_000):
                await publisher.publish(fresh_name, [encode(queued(seq)) for seq in range(start, start + 5_000)])
                assert writer.counts.holding <= MOST_ROWS
            assert writer.counts.rows == {}
            server.start()
            began = time.monotonic()
            async with asyncio.timeout(PATIENCE_S):
                while writer.counts.rows.get("events", 0) < TEN_MINUTES:
                    await asyncio.sleep(0.05)
            caught_up_s = time.monotonic() - began
            grown_mb = (rss_bytes() - before) / 1e6
            stored = await store.run(lambda opened: opened.query("SELECT uniqExact(seq), count() FROM events"))
            assert stored == [(TEN_MINUTES, TEN_MINUTES)]
            assert writer.counts.batches <= TEN_MINUTES // 5_000
            told = f"{caught_up_s:.1f} s, {writer.counts.batches} batches, +{grown_mb:.0f} MB"
            print(f"{TEN_MINUTES} events caught up: {told}")
            assert grown_mb < MOST_MB
        finally:
            stop.set()
            if running is not None:
                await running
            await store.close()
            await redis.aclose()

    try:
        asyncio.run(body())
    finally:
        server.stop()


class Slow:
    """Half a second for each insert, whatever is in it."""

    def __init__(self) -> None:
        self.inserts: list[int] = []

    def insert(self, table: str, columns: dict[str, list[object]]) -> int:
        time.sleep(0.5)
        self.inserts.append(len(columns["seq"]))
        return len(columns["seq"])

    def close(self) -> None:
        return


def test_slow_store_gets_fewer_and_larger_batches(valkey_url: str, fresh_name: str) -> None:
    """Batches double while inserts take longer than gathering: 20,000 rows in a handful of parts, not in a hundred."""

    async def body() -> None:
        redis, slow = await connect(valkey_url), Slow()
        store = AsyncWarehouse(lambda: slow)  # type: ignore[arg-type, return-value]
        writer = Writer(
            Consumer(redis, stream=fresh_name, group="archive", name="a"),
            store,
            kind=EVENTS,
            dirty=DirtyNames(redis, what=fresh_name),
            clock=lambda: NOON,
            bus_errors=(BusError,),
            batch_rows=200,
            linger_ms=200,
        )
        await Publisher(redis).publish(fresh_name, [encode(queued(seq)) for seq in range(20_000)])
        stop = asyncio.Event()
        running = asyncio.create_task(writer.run(stop))
        async with asyncio.timeout(60):
            while sum(slow.inserts) < 20_000:
                await asyncio.sleep(0.02)
        stop.set()
        await running
        await store.close()
        await redis.aclose()
        assert slow.inserts[:3] == [200, 400, 800]
        assert len(slow.inserts) <= 25

    asyncio.run(body())
