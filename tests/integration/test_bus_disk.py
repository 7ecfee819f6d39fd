"""A bus whose disk is full: a typed fault that says so, and the same client goes on once there is room."""

import asyncio
import shutil
from pathlib import Path

import pytest

from streams.bus.connection import connect
from streams.bus.errors import BusFull
from streams.bus.publish import Publisher
from tests.servers import DebianRedis

pytestmark = pytest.mark.servers


async def saved(redis: object, *, status: str) -> None:
    """Waits for the outcome of a save to disk."""
    for _ in range(500):
        info = await redis.info("persistence")  # type: ignore[attr-defined]
        if not info["rdb_bgsave_in_progress"] and info["rdb_last_bgsave_status"] == status:
            return
        await asyncio.sleep(0.02)
    pytest.fail(f"the last save is not {status}")


def test_a_bus_that_cannot_write_to_its_disk_is_full(tmp_path: Path) -> None:
    """The server answers MISCONF to every write; before, that ended whoever published."""
    disk = tmp_path / "disk"
    disk.mkdir()
    server = DebianRedis(tmp_path, "--appendonly", "no", "--save", "900 1", "--dir", str(disk)).start()

    async def body() -> None:
        redis = await connect(server.url)
        await Publisher(redis).publish("s", [b"x"])
        shutil.rmtree(disk)
        await redis.bgsave()
        await saved(redis, status="err")
        with pytest.raises(BusFull, match="disk"):
            await Publisher(redis).publish("s", [b"y"])
        await redis.aclose()

    try:
        asyncio.run(body())
    finally:
        server.stop()
