"""The archive ended between its insert and its acknowledgement, and its store away for long."""
# rows F2 and F10 of docs/faults.md

import threading
import time
from pathlib import Path

import pytest
import redis

from tests.faults.between import Between, pass_all
from tests.faults.judge import judge
from tests.faults.room import NIGHTLY, STREAM, Telling, opened, owed, rss_mb, stored, until
from tests.faults.run import tell
from tests.faults.schedule import Fault, FaultKind
from tests.faults.world import World

pytestmark = [pytest.mark.servers, pytest.mark.slow]

KILL_STORE = Fault(FaultKind.KILL_STORE, 0, 0)


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


def test_ten_minutes_without_a_store_leave_the_map_alone_and_are_caught_up(tmp_path: Path) -> None:
    """F10: what 500 events a second would tell in ten minutes waits on the bus; a tenth of it outside of the night."""
    world = World(tmp_path, valkey=False, clickhouse=True)
    with opened(world):
        telling = Telling(10, seconds=900)
        tell(world, telling.next(5))
        until(lambda: stored(world) == len(telling.told), "the first part is archived")
        before = {name: rss_mb(role.pid) for name, role in world.roles.items()}
        world.turn(KILL_STORE, begins=True)
        telling.story.every_ms = 3.8  # with two dozen agents most contacts give up: about 500 events a second
        fresh = telling.next(600 if NIGHTLY else 60)
        assert len(fresh) > (300_000 if NIGHTLY else 30_000) * 0.9
        answered: list[float] = []
        for start in range(0, len(fresh), 2_000):
            tell(world, fresh[start : start + 2_000], lines=2_000)
            began = time.monotonic()
            world.get("/api/v1/queues")
            answered.append(time.monotonic() - began)
        grown = {name: rss_mb(role.pid) - before[name] for name, role in world.roles.items()}
        world.turn(KILL_STORE, begins=False)
        began = time.monotonic()
        until(lambda: stored(world) == len(telling.told), "caught up", seconds=300)
        after = {name: rss_mb(role.pid) - before[name] for name, role in world.roles.items()}
        answered.sort()
        print(f"{len(fresh)} events waited: map p95 {answered[len(answered) * 95 // 100]:.2f} s; caught up in")
        print(f"{time.monotonic() - began:.0f} s; RSS grew by {grown} MB while it was away, by {after} MB in the end")
        assert answered[len(answered) * 95 // 100] < 1
        assert max(*grown.values(), *after.values()) < 200
        assert world.rows("SELECT uniqExact(seq) FROM events WHERE kind != 'source_connected'") == [[len(telling.told)]]
