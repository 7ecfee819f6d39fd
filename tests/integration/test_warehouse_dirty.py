"""Insert, mark, acknowledge; take, count, forget: whoever dies anywhere in between, rollups come out right."""
# ruff: noqa: ASYNC110 -- what is waited for lies in other processes; no event tells of it

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import pytest
from msgspec.structs import replace
from redis.asyncio import Redis

from streams.bus import names
from streams.bus.connection import connect
from streams.bus.consume import Consumer
from streams.bus.dirty import DirtyNames
from streams.bus.errors import BusError
from streams.bus.publish import Publisher
from streams.vocabulary.codec import encode
from streams.vocabulary.ids import Millis, SiteId
from streams.vocabulary.states import AgentState
from streams.warehouse.engine import Limits, Result, Row, Warehouse
from streams.warehouse.errors import BatchTooLarge, StoreRefused
from streams.warehouse.front import AsyncWarehouse
from streams.warehouse.literals import Value
from streams.warehouse.migrate import migrate
from streams.warehouse.ranges import queue_line
from streams.warehouse.roller import Roller
from streams.warehouse.writer import FACTS, DeadReason, Writer
from tests.integration.facts import HOUR, NOON, interval, leg
from tests.servers import Place

pytestmark = pytest.mark.servers


class Killed(BaseException):
    """What a kill -9 looks like to the code it ends."""


class Steps(DirtyNames):
    """Dies at the named step, as often as told."""

    def __init__(self, redis: Any, *, dies: str = "") -> None:
        super().__init__(redis)
        self.dies = dies

    def _step(self, name: str) -> None:
        if self.dies == name:
            raise Killed

    async def mark(self, names: Sequence[str]) -> None:
        self._step("before marking")
        await super().mark(names)
        self._step("after marking")

    async def take(self) -> Sequence[str]:
        taken = await super().take()
        self._step("after taking")
        return taken

    async def done(self) -> None:
        self._step("after rolling")
        await super().done()


class Always:
    """A lease that nobody contests, or nobody gives."""

    def __init__(self, *, held: bool = True) -> None:
        self.ours = held

    def held(self) -> bool:
        return self.ours


class Narrow:
    """A store without memory for large batches, and with tables it does not want to count."""

    def __init__(self, store: Warehouse, *, rows: int = 10**9, refuses: str = "nothing") -> None:
        self._store = store
        self._rows = rows
        self._refuses = refuses
        self.engine, self.database, self.version, self.close = store.engine, store.database, store.version, store.close

    def execute(self, sql: str, params: Mapping[str, Value] | None = None) -> None:
        if params and self._refuses == params.get("site"):
            raise StoreRefused("no", mend="")
        self._store.execute(sql, params)

    def query(self, sql: str, params: Mapping[str, Value] | None = None) -> list[Row]:
        return self._store.query(sql, params)

    def select(
        self, sql: str, params: Mapping[str, Value] | None = None, *, limits: Limits | None = None, raw: bool = False
    ) -> Result:
        return self._store.select(sql, params, limits=limits, raw=raw)

    def insert(self, table: str, columns: Mapping[str, Sequence[Any]]) -> int:
        if len(next(iter(columns.values()))) > self._rows:
            raise BatchTooLarge("Memory limit (for query) exceeded", mend="", code=241)
        return self._store.insert(table, columns)


class Room:
    def __init__(self, redis: Redis, store: AsyncWarehouse, stream: str) -> None:
        self.redis, self.store, self.stream = redis, store, stream

    def writer(self, dirty: DirtyNames, **options: Any) -> Writer:
        consumer = Consumer(self.redis, stream=self.stream, group="archive", name="a")
        settings: dict[str, Any] = {"linger_ms": 30, "first_pause_s": 0.05, **options}
        return Writer(
            consumer, self.store, kind=FACTS, dirty=dirty, clock=lambda: NOON, bus_errors=(BusError,), **settings
        )

    def roller(self, dirty: DirtyNames, lease: Always | None = None) -> Roller:
        clock = lambda: Millis(NOON + HOUR)  # noqa: E731
        return Roller(self.store, dirty, lease or Always(), clock=clock, bus_errors=(BusError,), every_s=0.05)

    async def publish(self, *facts: Any) -> None:
        await Publisher(self.redis).publish(self.stream, [encode(fact) for fact in facts])

    async def written(self, dirty: DirtyNames, **options: Any) -> Writer:
        """One writer from its start until nothing is left to do for it."""
        writer, stop = self.writer(dirty, **options), asyncio.Event()
        running = asyncio.create_task(writer.run(stop))
        try:
            async with asyncio.timeout(30):
                while not running.done():
                    groups = await self.redis.xinfo_groups(self.stream)
                    if groups and not int(groups[0]["pending"]) + int(groups[0]["lag"]):
                        break
                    await asyncio.sleep(0.02)
        finally:
            stop.set()
            await running
        return writer

    async def dead(self) -> Any:
        return await self.redis.xrange(names.dead(self.stream))

    async def offered(self, *, today: Millis | None = None, site: Any = None) -> int:
        asked: dict[str, Any] = {"since": NOON, "until": Millis(NOON + HOUR), "today": today, "site": site}
        return sum(row.counters.offered for row in await self.store.run(queue_line, **asked))


def in_a_room(
    url: str, open_store: Callable[[], Warehouse], stream: str, body: Callable[[Room], Awaitable[None]]
) -> None:
    async def connected() -> None:
        redis = await connect(url)
        store = AsyncWarehouse(open_store)
        try:
            await redis.flushdb()
            await store.run(migrate, now=NOON)
            await body(Room(redis, store, stream))
        finally:
            await store.close()
            await redis.aclose()

    asyncio.run(connected())


@pytest.fixture
def own_bus(debian_redis_url: str) -> str:
    """A database of the shared server for this file alone: the dirty set has one name."""
    return debian_redis_url.removesuffix("/0") + "/9"


@pytest.mark.parametrize("dies", ["before marking", "after marking"])
def test_writer_killed_before_its_acknowledgement_leaves_rollups_right(
    own_bus: str, warehouse_place: Place, fresh_name: str, dies: str
) -> None:
    """Rows in, slots not yet named or named: the successor does it again, and the roller counts each visit once."""

    async def body(room: Room) -> None:
        await room.publish(*[leg(number, after_ms=number) for number in range(500)])
        with pytest.raises(Killed):
            await room.written(Steps(room.redis, dies=dies))
        dirty = DirtyNames(room.redis)
        await room.roller(dirty).roll_once()
        await room.written(dirty, batch_rows=77)
        assert await room.roller(dirty).roll_once() == 1
        assert await room.offered() == await room.offered(today=NOON) == 500
        assert await dirty.backlog() == 0

    in_a_room(own_bus, warehouse_place.open, fresh_name, body)


@pytest.mark.parametrize("dies", ["after taking", "after rolling"])
def test_roller_killed_anywhere_is_finished_by_the_next_one(
    own_bus: str, warehouse_place: Place, fresh_name: str, dies: str
) -> None:
    """What it had taken stays taken; what came meanwhile waits behind it."""

    async def body(room: Room) -> None:
        await room.publish(*[leg(number) for number in range(50)])
        dirty = DirtyNames(room.redis)
        await room.written(dirty)
        with pytest.raises(Killed):
            await room.roller(Steps(room.redis, dies=dies)).roll_once()
        assert await room.redis.exists("dirty:{rollups}:taken")
        await room.publish(
            leg(77), leg(78, after_ms=20 * 60_000), interval(1, start_ms=0, lasts_ms=5, state=AgentState.READY)
        )
        await room.written(dirty)
        assert await dirty.backlog() == 4
        roller = room.roller(dirty)
        assert await roller.roll_once() == 1
        assert await roller.roll_once() == 3
        assert await room.offered() == 52

    in_a_room(own_bus, warehouse_place.open, fresh_name, body)


def test_only_the_holder_of_the_lease_rolls(own_bus: str, warehouse_place: Place, fresh_name: str) -> None:
    """One that loses it in mid-pass leaves what it took for the next holder."""

    async def body(room: Room) -> None:
        await room.publish(leg(1))
        dirty, lease = DirtyNames(room.redis), Always(held=False)
        await room.written(dirty)
        roller = room.roller(dirty, lease)
        assert await roller.roll_once() == 0
        assert await dirty.backlog() == 1
        stop = asyncio.Event()
        running = asyncio.create_task(roller.run(stop))
        await asyncio.sleep(0.2)
        assert roller.counts.passes == 0
        lease.ours = True
        async with asyncio.timeout(20):
            while not roller.counts.slots:
                await asyncio.sleep(0.02)
        stop.set()
        await running
        assert (await room.offered(), await dirty.backlog()) == (1, 0)

    in_a_room(own_bus, warehouse_place.open, fresh_name, body)


def test_slot_the_store_refuses_does_not_keep_the_others_waiting(
    own_bus: str, warehouse_place: Place, fresh_name: str
) -> None:
    """It waits on and is tried again; a name that no version of ours wrote is counted and forgotten."""

    async def body(room: Room) -> None:
        bad = replace(leg(2), site=SiteId("bad"))
        await room.publish(leg(1), bad)
        dirty = DirtyNames(room.redis)
        await room.written(dirty)
        await dirty.mark(["nonsense", "contacts:x:y", "weather:900:hz"])
        roller = room.roller(dirty)
        assert await roller.roll_once() == 1
        assert (roller.counts.unreadable, roller.counts.store_retries) == (3, 1)
        assert list(await dirty.take()) == [f"contacts:{NOON // 1000}:bad"]
        assert await room.offered(site="hz") == 1

    in_a_room(own_bus, lambda: Narrow(warehouse_place.open(), refuses="bad"), fresh_name, body)


def test_batch_too_large_for_the_store_goes_in_by_halves(own_bus: str, warehouse_place: Place, fresh_name: str) -> None:
    """Code 241 (memory): smaller batches, and the usual ones again when they fit."""

    async def body(room: Room) -> None:
        await room.publish(*[leg(number, after_ms=number) for number in range(3_000)])
        dirty = DirtyNames(room.redis)
        writer = await room.written(dirty, batch_rows=2_000)
        assert writer.counts.halved >= 2
        assert writer.counts.rows == {"contact_legs": 3_000}
        await room.roller(dirty).roll_once()
        assert await room.offered() == 3_000

    in_a_room(own_bus, lambda: Narrow(warehouse_place.open(), rows=600), fresh_name, body)


def test_rows_of_an_absurd_time_are_buried_with_their_reason(
    own_bus: str, warehouse_place: Place, fresh_name: str
) -> None:
    """One clock gone mad must not make ten thousand partitions; its neighbours go in."""

    async def body(room: Room) -> None:
        years = [leg(number, after_ms=number * 40 * 24 * HOUR) for number in range(1, 9)]
        old = [leg(50, after_ms=-NOON + 1_000), leg(51, after_ms=-17 * 365 * 24 * HOUR)]
        ends = leg(60, ended_at=NOON + 3 * 24 * HOUR)
        endless = interval(1, start_ms=0, lasts_ms=3 * 24 * HOUR, state=AgentState.READY)
        fine = [
            leg(70),
            leg(71, after_ms=47 * HOUR),
            interval(2, start_ms=0, lasts_ms=47 * HOUR, state=AgentState.READY),
        ]
        await room.publish(*years, *fine, *old, ends, endless)
        writer = await room.written(DirtyNames(room.redis))
        assert writer.counts.dead == {DeadReason.ABSURD_TIME: 12}
        assert writer.counts.rows == {"contact_legs": 2, "state_intervals": 1}
        letters = [fields for _, fields in await room.dead()]
        assert {letter[b"reason"] for letter in letters} == {b"absurd_time"}
        assert any(b"ended_at is" in letter[b"detail"] for letter in letters)

    in_a_room(own_bus, warehouse_place.open, fresh_name, body)
