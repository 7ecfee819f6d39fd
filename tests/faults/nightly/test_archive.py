"""The stream cut under the archive; a store that is away for ten minutes, or slow."""
# rows F9, F10 and F11 of docs/faults.md

import time
from pathlib import Path

import pytest
import redis

from streams.warehouse.opening import open_warehouse
from tests.faults.between import Between
from tests.faults.judge import judge
from tests.faults.room import STREAM, Telling, opened, owed, rss_mb, stored, until
from tests.faults.run import tell
from tests.faults.schedule import Fault, FaultKind
from tests.faults.world import World

pytestmark = [pytest.mark.servers, pytest.mark.slow]

KILL_HISTORY = Fault(FaultKind.KILL_HISTORY, 0, 0)
KILL_STORE = Fault(FaultKind.KILL_STORE, 0, 0)
KILL_LIVE = Fault(FaultKind.KILL_LIVE, 0, 0)


def test_what_was_cut_from_under_the_archive_is_counted_to_the_entry(tmp_path: Path) -> None:
    """F9: the archive is away, somebody trims by hand: the counter is what is missing, and the wall shows the gap."""
    world = World(tmp_path, valkey=True, clickhouse=False)
    with opened(world), redis.Redis.from_url(world.bus.url) as client:
        telling = Telling(9)
        tell(world, telling.next(5))
        until(lambda: owed(client) == 0, "the first part is archived")
        world.turn(KILL_HISTORY, begins=True)
        tell(world, telling.next(10))
        time.sleep(11)  # the floor's snapshot passes over what is here
        tell(world, telling.next(10))
        world.turn(KILL_LIVE, begins=True)
        groups = client.xinfo_groups(STREAM)
        behind = client.xrange(STREAM, min="(" + next(one["last-delivered-id"].decode() for one in groups))
        left = 20
        client.xtrim(STREAM, maxlen=left, approximate=False)
        missing = len(behind) - left
        assert missing > 100
        world.turn(KILL_LIVE, begins=False)
        world.turn(KILL_HISTORY, begins=False)
        world.until_ready()
        until(lambda: _lost(world) == missing, f"{missing} counted as lost, and not {_lost(world)}")
        gaps = world.get("/api/v1/floor")["gaps"]
        assert [gap for gap in gaps if gap["reason"] == "bus_trimmed"], gaps
        rows = world.rows("SELECT count() FROM events FINAL WHERE kind != 'source_connected'")
        assert rows == [[len(telling.told) - missing]]


def _lost(world: World) -> int:
    return round(sum(world.metrics("floorwatch_losses_events").values()))


def test_a_slow_store_gets_few_parts(tmp_path: Path) -> None:
    """F11: each answer of the store takes half a second; no second insert is begun meanwhile, batches grow."""
    world = World(tmp_path, valkey=True, clickhouse=True)
    assert world.store is not None

    def slowly(chunk: bytes) -> bool:
        time.sleep(0.5)
        return True

    between = Between(world.store.port)
    try:
        world.configure("history", store_url=f"clickhouse://127.0.0.1:{between.port}")
        with opened(world):
            telling = Telling(11)
            tell(world, telling.next(4))
            until(lambda: stored(world) == len(telling.told), "the first part is archived")
            between.down = slowly
            began = time.monotonic()
            while time.monotonic() - began < 15:
                tell(world, telling.next(2), lines=20)
                time.sleep(0.2)
            between.down = lambda chunk: True
            seconds = time.monotonic() - began
            parts = _parts(world)
            judge(world, telling.told)
            assert 0 < max(parts.values()) <= seconds + 1, (parts, seconds)
    finally:
        between.close()


def _parts(world: World) -> dict[str, int]:
    """Inserts so far, by table: parts that were never merged; what was merged stays there for minutes."""
    assert world.store is not None
    store = open_warehouse(world.store.url)
    try:
        rows = store.query(
            "SELECT table, count() FROM system.parts WHERE database = 'floor' AND level = 0 GROUP BY table"
        )
        return {
            str(table): int(count) for table, count in rows if table in ("events", "contact_legs", "state_intervals")
        }
    finally:
        store.close()


def test_ten_minutes_without_a_store_leave_the_map_alone_and_are_caught_up(tmp_path: Path) -> None:
    """F10: what 500 events a second would tell in ten minutes waits on the bus."""
    world = World(tmp_path, valkey=False, clickhouse=True)
    with opened(world):
        telling = Telling(10, seconds=900, agents=900)
        tell(world, telling.next(5))
        until(lambda: stored(world) == len(telling.told), "the first part is archived")
        before = {name: rss_mb(role.pid) for name, role in world.roles.items()}
        world.turn(KILL_STORE, begins=True)
        telling.story.every_ms = 12.0  # about 500 events a second
        fresh = telling.next(600)
        assert len(fresh) > 270_000
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
