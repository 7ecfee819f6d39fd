"""The archive ended between its insert and its acknowledgement, and while the bus answers that."""
# row F2 of docs/faults.md

import threading
from pathlib import Path

import pytest
import redis

from tests.faults.between import Between, pass_all
from tests.faults.judge import judge
from tests.faults.room import STREAM, Telling, opened, owed, until
from tests.faults.run import tell
from tests.faults.world import World

pytestmark = [pytest.mark.servers, pytest.mark.slow]


@pytest.mark.parametrize("heard", [False, True], ids=["before the bus hears it", "before the bus answers"])
def test_a_writer_killed_at_its_acknowledgement_loses_and_doubles_nothing(tmp_path: Path, heard: bool) -> None:
    """F2: its first word of an acknowledgement, or the bus's answer to it, kills it. What is owed comes again, once."""
    world = World(tmp_path, valkey=False, clickhouse=True)
    said, killed = threading.Event(), threading.Event()

    def kill() -> bool:
        world.kill("history")
        killed.set()
        return False

    def up(chunk: bytes) -> bool:
        if b"'XACK'" not in chunk or STREAM.encode() not in chunk or said.is_set():
            return True
        said.set()
        return True if heard else kill()

    def down(chunk: bytes) -> bool:
        return True if not said.is_set() or killed.is_set() else kill()

    between = Between(world.bus.port)
    try:
        world.configure("history", redis_url=f"redis://127.0.0.1:{between.port}/0")
        with opened(world), redis.Redis.from_url(world.bus.url) as client:
            telling = Telling(2)
            tell(world, telling.next(4))
            until(lambda: owed(client) == 0, "the first part is archived")
            between.up, between.down = up, down if heard else pass_all
            tell(world, telling.next(8))
            until(killed.is_set, "the archive acknowledges")
            (inserted,) = world.rows("SELECT count() FROM events WHERE kind != 'source_connected'")
            assert heard or owed(client) > 0
            world.start("history")
            judge(world, telling.told)
            until(lambda: owed(client) == 0, "all is acknowledged", seconds=30)
            raw, once = world.rows("SELECT count(), uniqExact(source, seq) FROM events")[0]
            assert raw - once <= inserted[0], "more than what was owed came again"
    finally:
        between.close()
