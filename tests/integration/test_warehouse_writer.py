"""From a real bus into a real store: what is acknowledged is stored, what is stored twice counts once."""

# ruff: noqa: ASYNC110 -- what is waited for lies in other processes; no event tells of it

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from redis.asyncio import Redis

from streams.bus import names
from streams.bus.connection import connect
from streams.bus.consume import Consumer
from streams.bus.dirty import DirtyNames
from streams.bus.errors import BusError
from streams.bus.publish import Publisher
from streams.vocabulary.codec import encode
from streams.vocabulary.facts import ContactLeg, Fact
from streams.vocabulary.ids import Millis
from streams.warehouse import queries
from streams.warehouse.front import AsyncWarehouse
from streams.warehouse.migrate import migrate
from streams.warehouse.opening import open_warehouse
from streams.warehouse.writer import EVENTS, FACTS, DeadReason, Kind, Writer
from tests.integration.facts import HOUR, NOON, SITE, leg, queued, score, utterance
from tests.servers import DebianClickHouse, Place

pytestmark = pytest.mark.servers

PATIENCE_S = 30


@dataclass(frozen=True, slots=True)
class Archive:
    """One bus, one store, one stream."""

    redis: Redis
    store: AsyncWarehouse
    stream: str

    def consumer(self, name: str = "archive-1") -> Consumer:
        return Consumer(self.redis, stream=self.stream, group="archive", name=name, max_deliveries=20)

    def writer(self, source: Any = None, *, kind: Kind = FACTS, **options: Any) -> Writer:
        settings = {"linger_ms": 30, "stale_ms": 0, "first_pause_s": 0.05, **options}
        return Writer(
            source or self.consumer(),
            self.store,
            kind=kind,
            dirty=self.dirty,
            clock=lambda: NOON,
            bus_errors=(BusError,),
            **settings,
        )

    @property
    def dirty(self) -> DirtyNames:
        return DirtyNames(self.redis)

    async def publish(self, *items: Any) -> None:
        await Publisher(self.redis).publish(self.stream, [encode(item) for item in items])

    async def owed(self) -> int:
        """Entries the group has not acknowledged, delivered or not."""
        (group,) = await self.redis.xinfo_groups(self.stream)
        return int(group["pending"]) + int(group["lag"])

    async def counts(self) -> dict[str, int]:
        return {row.table: row.rows for row in await self.store.run(queries.table_counts)}

    async def day(self) -> list[queries.QueueDay]:
        return await self.store.run(queries.queue_day, since=NOON, until=Millis(NOON + HOUR))

    async def run_until_empty(self, writer: Writer) -> None:
        stop = asyncio.Event()
        running = asyncio.create_task(writer.run(stop))
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not running.done() and (not await self.redis.exists(self.stream) or await self._owed_yet()):
                    await asyncio.sleep(0.02)
        finally:
            stop.set()
            await running

    async def _owed_yet(self) -> bool:
        return not await self.redis.xinfo_groups(self.stream) or await self.owed() > 0


def archiving(url: str, place: Place, stream: str, body: Callable[[Archive], Awaitable[None]]) -> None:
    async def connected() -> None:
        redis = await connect(url)
        store = AsyncWarehouse(place.open)
        try:
            await store.run(migrate, now=NOON)
            await body(Archive(redis, store, stream))
        finally:
            await store.close()
            await redis.aclose()

    asyncio.run(connected())


def facts() -> list[Fact]:
    return [*[leg(number, wait_ms=1_000) for number in range(1_500)], utterance(1, 1, "您好"), score(1, passed=True)]


def test_everything_published_is_stored_and_acknowledged(
    redis_url: str, warehouse_place: Place, fresh_name: str
) -> None:
    """Facts of several tables in one stream, each in its own table."""

    async def body(archive: Archive) -> None:
        await archive.publish(*facts())
        writer = archive.writer()
        await archive.run_until_empty(writer)
        counts = await archive.counts()
        assert (counts["contact_legs"], counts["utterances"], counts["scores"]) == (1_500, 1, 1)
        assert await archive.owed() == 0
        assert writer.counts.rows == {"contact_legs": 1_500, "utterances": 1, "scores": 1}

    archiving(redis_url, warehouse_place, fresh_name, body)


def test_events_are_archived(valkey_url: str, warehouse_place: Place, fresh_name: str) -> None:
    """The events' stream goes to the events' table."""

    async def body(archive: Archive) -> None:
        await archive.publish(*[queued(number) for number in range(700)])
        await archive.run_until_empty(archive.writer(kind=EVENTS))
        assert (await archive.counts())["events"] == 700

    archiving(valkey_url, warehouse_place, fresh_name, body)


class DiesBeforeAcknowledging(Consumer):
    """A process killed between the insert and the acknowledgement looks like this from outside."""

    async def ack(self, ids: Any) -> None:
        raise asyncio.CancelledError


def test_writer_killed_between_insert_and_acknowledgement_counts_once(
    redis_url: str, warehouse_place: Place, fresh_name: str
) -> None:
    """Its successor inserts the same rows again, in other batches; no number changes."""

    async def body(archive: Archive) -> None:
        await archive.publish(*facts())
        dying = DiesBeforeAcknowledging(archive.redis, stream=archive.stream, group="archive", name="first")
        with pytest.raises(asyncio.CancelledError):
            await archive.writer(dying).run(asyncio.Event())
        before = await archive.day()
        assert before[0].offered > 0
        assert await archive.owed() == 1_502
        await archive.run_until_empty(archive.writer(archive.consumer("second"), batch_rows=333))
        (day,) = await archive.day()
        assert (day.offered, day.wait_ms) == (1_500, 1_500_000)
        assert await archive.owed() == 0

    archiving(redis_url, warehouse_place, fresh_name, body)


def test_writer_under_its_old_name_takes_up_what_it_owed(
    valkey_url: str, warehouse_place: Place, fresh_name: str
) -> None:
    """A restart does not wait until its own entries are stale."""

    async def body(archive: Archive) -> None:
        await archive.publish(*facts())
        source = archive.consumer()
        await source.ensure_group()
        await source.read(10_000, 0)
        await archive.run_until_empty(archive.writer(stale_ms=3_600_000))
        assert (await archive.counts())["contact_legs"] == 1_500

    archiving(valkey_url, warehouse_place, fresh_name, body)


def test_bad_entries_go_to_the_dead_letters_and_the_rest_goes_in(
    valkey_url: str, warehouse_place: Place, fresh_name: str
) -> None:
    """Undecodable blobs and rows that fit no column: each with its reason, none in the way of the others."""

    async def body(archive: Archive) -> None:
        good = [leg(number) for number in range(100)]
        publisher = Publisher(archive.redis)
        await archive.publish(*good[:50], leg(200, wait_ms=-1))
        nested = b"\x91" * 100_000 + b"\xc0"
        garbage = [b"", b"not msgpack", b"\xc1", b"\x81\xa5table\xa4nope", encode({"table": "contact_legs"}), nested]
        await publisher.publish(archive.stream, garbage)
        await archive.publish(*good[50:], leg(201, talk_ms=2**40))
        writer = archive.writer()
        await archive.run_until_empty(writer)
        assert (await archive.counts())["contact_legs"] == 100
        assert writer.counts.dead == {DeadReason.NOT_DECODABLE: 6, DeadReason.DOES_NOT_FIT: 2}
        letters = [fields for _, fields in await archive.redis.xrange(names.dead(archive.stream))]
        assert {letter[b"b"] for letter in letters} >= set(garbage)
        assert any(b"wait_ms" in letter[b"detail"] for letter in letters)
        assert await archive.owed() == 0

    archiving(valkey_url, warehouse_place, fresh_name, body)


def test_rows_scattered_over_ten_years_go_in(valkey_url: str, warehouse_place: Place, fresh_name: str) -> None:
    """More months than a server takes in one insert: the batch is halved until it is taken."""

    async def body(archive: Archive) -> None:
        month = 31 * 24 * HOUR
        await archive.publish(*[leg(number, after_ms=-number * month) for number in range(120)])
        writer = archive.writer()
        await archive.run_until_empty(writer)
        stored = await archive.store.run(lambda store: store.query("SELECT uniqExact(contact) FROM contact_legs"))
        assert stored == [(120,)]
        assert writer.counts.dead == {}

    archiving(valkey_url, warehouse_place, fresh_name, body)


def test_store_outage_delays_and_loses_nothing(
    valkey_url: str, tmp_path_factory: pytest.TempPathFactory, fresh_name: str
) -> None:
    """ClickHouse killed in mid-work, facts keep coming, it returns: all there once, acknowledged only then."""
    server = DebianClickHouse(tmp_path_factory.mktemp("outage")).start()

    async def body() -> None:
        redis = await connect(valkey_url)
        store = AsyncWarehouse(partial(open_warehouse, server.url))
        archive = Archive(redis, store, fresh_name)
        stop = asyncio.Event()
        try:
            await store.run(migrate, now=NOON)
            writer = archive.writer()
            running = asyncio.create_task(writer.run(stop))
            await archive.publish(*[leg(number) for number in range(500)])
            await until(lambda: writer.counts.batches > 0)
            assert server.process is not None
            server.process.kill()
            server.process.wait()
            await archive.publish(*[leg(number) for number in range(500, 1_000)])
            await until(lambda: writer.counts.store_retries > 2)
            assert await archive.owed() == 500
            assert writer.counts.holding <= 500
            await asyncio.to_thread(server.start)
            async with asyncio.timeout(PATIENCE_S):
                while await archive.owed():
                    await asyncio.sleep(0.05)
            assert (await archive.counts())["contact_legs"] == 1_000
            assert "clickhouse.url" in writer.counts.last_fault
            stop.set()
            await running
        finally:
            stop.set()
            await store.close()
            await redis.aclose()

    try:
        asyncio.run(body())
    finally:
        server.stop()


async def until(reached: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not reached():
            await asyncio.sleep(0.02)


def test_stop_during_an_outage_leaves_the_batch_for_later(
    valkey_url: str, tmp_path_factory: pytest.TempPathFactory, fresh_name: str
) -> None:
    """A shutdown does not hang on a dead store; what was not stored stays unacknowledged."""
    server = DebianClickHouse(tmp_path_factory.mktemp("stopping"))

    async def body() -> None:
        redis = await connect(valkey_url)
        store = AsyncWarehouse(partial(open_warehouse, server.url))
        archive = Archive(redis, store, fresh_name)
        stop = asyncio.Event()
        try:
            await archive.publish(leg(1))
            writer = archive.writer()
            running = asyncio.create_task(writer.run(stop))
            await until(lambda: writer.counts.store_retries > 0)
            stop.set()
            async with asyncio.timeout(PATIENCE_S):
                await running
            assert await archive.owed() == 1
        finally:
            await store.close()
            await redis.aclose()

    asyncio.run(body())


def test_two_writers_share_one_stream(redis_url: str, warehouse_place: Place, fresh_name: str) -> None:
    """Scaled out, each entry is stored once as seen by a report."""

    async def body(archive: Archive) -> None:
        writers = [archive.writer(archive.consumer(f"w{number}"), batch_rows=200) for number in range(2)]
        await archive.consumer().ensure_group()
        stop = asyncio.Event()
        running = [asyncio.create_task(writer.run(stop)) for writer in writers]
        for start in range(0, 2_000, 250):
            await archive.publish(*[leg(number) for number in range(start, start + 250)])
        async with asyncio.timeout(PATIENCE_S):
            while await archive.owed():
                await asyncio.sleep(0.02)
        stop.set()
        await asyncio.gather(*running)
        (day,) = await archive.day()
        assert day.offered == 2_000

    archiving(redis_url, warehouse_place, fresh_name, body)


def test_fact_of_another_site_keeps_its_key(valkey_url: str, warehouse_place: Place, fresh_name: str) -> None:
    """Two sites may give the same contact id at the same second."""

    async def body(archive: Archive) -> None:
        fields: dict[str, Any] = {"ver": 1, "queued_at": NOON, "contact": "1795262400.1", "leg": 1, "queue": "vip"}
        await archive.publish(ContactLeg(site=SITE, **fields), ContactLeg(site="nb", **fields))  # type: ignore[arg-type]
        await archive.run_until_empty(archive.writer())
        assert (await archive.counts())["contact_legs"] == 2

    archiving(valkey_url, warehouse_place, fresh_name, body)
