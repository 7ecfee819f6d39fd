"""Checkpoints out of the floor's snapshot, and partitions dropped, as the history process does both."""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
import pytest

from monitor.keeper import Keeper
from monitor.live import snapshot_key
from streams.bus.connection import connect
from streams.floor.fold import Floor
from streams.vocabulary.ids import Millis, SiteId
from streams.warehouse.front import AsyncWarehouse
from streams.warehouse.migrate import migrate
from streams.warehouse.past import last_checkpoint
from streams.warehouse.retention import Keeping, partitions
from tests.integration.facts import HOUR, NOON, leg, queued, store
from tests.servers import Place

pytestmark = pytest.mark.servers

DAY = 24 * HOUR


def kept(url: str, place: Place, site: str, body: Callable[[Keeper, AsyncWarehouse, object], Awaitable[None]]) -> None:
    async def connected() -> None:
        redis, opened = await connect(url), AsyncWarehouse(place.open)
        try:
            await opened.run(migrate, now=NOON)
            keeping = Keeping(contacts=300)
            keeper = Keeper(redis, opened, [SiteId(site)], keeping=keeping, clock=lambda: Millis(NOON + HOUR))
            await body(keeper, opened, redis)
        finally:
            await opened.close()
            await redis.aclose()

    asyncio.run(connected())


def test_snapshot_of_the_floor_becomes_a_checkpoint_once(
    valkey_url: str, warehouse_place: Place, fresh_name: str
) -> None:
    """Nothing yet, damaged, new, the same again, moved on: two checkpoints, and one fault counted."""
    site = SiteId(fresh_name)

    async def body(keeper: Keeper, opened: AsyncWarehouse, redis: object) -> None:
        async def save(stored: bytes) -> None:
            await redis.set(snapshot_key(site), stored)  # type: ignore[attr-defined]

        assert not await keeper.checkpoint(site)
        await save(b"\xc1 damaged")
        assert not await keeper.checkpoint(site)
        floor = Floor(site)
        for seq, expected in ((1, True), (1, False), (2, True)):
            floor.apply(queued(seq))
            await save(msgspec.msgpack.encode((f"{seq}-0", floor.snapshot())))
            assert await keeper.checkpoint(site) is expected
        found = await opened.run(last_checkpoint, site, Millis(NOON + HOUR))
        assert found is not None
        assert (found.at, found.position, found.blob) == (NOON + 2, "2-0", floor.snapshot())
        assert keeper.counts == {"snapshot_not_readable": 1, "checkpoints": 2}

    kept(valkey_url, warehouse_place, fresh_name, body)


def test_old_months_go_and_are_counted(valkey_url: str, warehouse_place: Place, fresh_name: str) -> None:
    """Two of four visits are older than they are kept."""

    async def body(keeper: Keeper, opened: AsyncWarehouse, redis: object) -> None:
        await opened.run(store, *[leg(number, after_ms=-number * 200 * DAY) for number in range(4)])
        assert await keeper.tidy() == 2
        assert await keeper.tidy() == 0
        assert [one.rows for one in await opened.run(partitions)] == [1, 1]
        assert keeper.counts == {"dropped_partitions": 2, "dropped_rows": 2}

    kept(valkey_url, warehouse_place, fresh_name, body)
