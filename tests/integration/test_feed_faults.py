"""A source's feed while its bus dies, fills up, forgets, or is replaced: everything accepted arrives, in order."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from streams.bus import names
from streams.bus.connection import client
from streams.collect.spool_disk import SpoolLimits
from streams.vocabulary.codec import decode_event
from streams.vocabulary.events import SourceLost
from tests.integration.proxy import Proxy
from tests.integration.spool_room import SITE, arrived, drained, events, first_times, running_feed
from tests.servers import MakeRedis

pytestmark = pytest.mark.servers
T = TypeVar("T")


def run(body: Callable[[], Awaitable[T]], *, within_s: float = 120) -> T:
    async def bounded() -> T:
        async with asyncio.timeout(within_s):
            return await body()

    return asyncio.run(bounded())


def test_what_is_accepted_arrives_once_and_in_order(redis_url: str, tmp_path: Path) -> None:
    """No fault at all: no repetition, and the cursor lets a restart begin where it stood."""
    room = f"{redis_url}?db=7" if redis_url.startswith("unix") else redis_url.rsplit("/", 1)[0] + "/7"

    async def body() -> list[int]:
        redis = client(room)
        await redis.flushdb()
        await redis.aclose()
        for part in range(3):
            async with running_feed(room, tmp_path) as feed:
                for first in range(part * 1_000 + 1, part * 1_000 + 1_001, 50):
                    await feed.accept(events(first, 50))
                await drained(feed)
        return await arrived(room)

    assert run(body) == list(range(1, 3_001))


def test_a_killed_bus_is_waited_for_and_loses_nothing(make_redis: MakeRedis, tmp_path: Path) -> None:
    """kill -9 and a start on the same file (F6): the collector is never held up; what it told is all there."""
    server = make_redis()

    async def body() -> tuple[list[int], dict[str, object]]:
        async with running_feed(server.url, tmp_path / "spool") as feed:
            for first in range(1, 2_001, 20):
                await feed.accept(events(first, 20))
                if first == 601:
                    await asyncio.to_thread(server.kill)
                if first == 1_401:
                    assert feed.spool.unsent >= 700
                    await asyncio.to_thread(server.start)
            await drained(feed)
            return await arrived(server.url), dict(feed.status(feed.spool._clock()))

    seqs, status = run(body)
    assert first_times(seqs) == list(range(1, 2_001))
    assert status["bus unavailable"]
    assert status["tail lost: another_server"] == 1


def test_a_restarted_bus_that_forgot_its_tail_gets_it_again(make_redis: MakeRedis, tmp_path: Path) -> None:
    """As after a loss of power: the end of the append-only file is cut off. Old events come again before new ones."""
    server = make_redis("--auto-aof-rewrite-percentage", "0")

    async def body() -> list[int]:
        async with running_feed(server.url, tmp_path / "spool") as feed:
            await feed.accept(events(1, 1_000))
            await drained(feed)
            await asyncio.to_thread(server.kill)
            (log,) = (server.folder / "appendonlydir").glob("*.incr.aof")
            os.truncate(log, log.stat().st_size // 2)
            await asyncio.to_thread(server.start)
            await feed.accept(events(1_001, 100))
            await drained(feed)
            assert feed.sender.counts.resent >= 1_000
            return await arrived(server.url)

    seqs = run(body)
    assert set(seqs) == set(range(1, 1_101))
    assert seqs.index(1_000) < seqs.index(1_001)
    assert first_times(seqs) == list(range(1, 1_101))


def test_a_promoted_replica_that_lacks_the_tail_gets_it_again(make_redis: MakeRedis, tmp_path: Path) -> None:
    """The replica was cut off before the last events (F7); nobody but the collector still has them."""
    primary = make_redis()
    replica = make_redis("--replicaof", "127.0.0.1", str(primary.port))

    async def body() -> list[int]:
        async with Proxy(primary.port) as proxy:
            url = f"redis://127.0.0.1:{proxy.port}/0"
            async with running_feed(url, tmp_path / "spool") as feed:
                await feed.accept(events(1, 500))
                await drained(feed)
                other = client(replica.url)
                while await other.xlen(names.events(SITE)) < 500:  # noqa: ASYNC110 - a server sends no event
                    await asyncio.sleep(0.02)
                await other.replicaof("NO", "ONE")
                await feed.accept(events(501, 300))
                await drained(feed)
                assert await other.xlen(names.events(SITE)) == 500
                await other.aclose()
                await proxy.switch_to(replica.port)
                await asyncio.to_thread(primary.kill)
                await feed.accept(events(801, 100))
                await drained(feed)
        return await arrived(replica.url)

    seqs = run(body)
    assert set(seqs) == set(range(1, 901))
    assert seqs.index(800) < seqs.index(801)


def test_a_stream_flushed_under_a_quiet_source_is_told_again(make_redis: MakeRedis, tmp_path: Path) -> None:
    """Nothing new is told, yet the loss is noticed: the same server, but its stream is gone."""
    server = make_redis()

    async def body() -> tuple[list[int], dict[str, int]]:
        async with running_feed(server.url, tmp_path / "spool") as feed:
            await feed.accept(events(1, 300))
            await drained(feed)
            redis = client(server.url)
            await redis.flushall()
            while await redis.xlen(names.events(SITE)) < 300:  # noqa: ASYNC110 - a server sends no event
                await asyncio.sleep(0.02)
            await redis.aclose()
            return await arrived(server.url), dict(feed.sender.counts.tails_lost)

    seqs, lost = run(body)
    assert seqs == list(range(1, 301))
    assert lost == {"stream_gone": 1}


def test_a_trimmed_stream_is_no_lost_tail(make_redis: MakeRedis, tmp_path: Path) -> None:
    """What everybody has read may go, even the last entry, without everything being sent again."""
    server = make_redis()

    async def body() -> dict[str, int]:
        async with running_feed(server.url, tmp_path / "spool") as feed:
            redis = client(server.url)
            await feed.accept(events(1, 300))
            await drained(feed)
            await redis.xadd(names.events(SITE), {"b": b"another source"})
            await redis.xtrim(names.events(SITE), maxlen=1, approximate=False)
            await feed.accept(events(301, 10))
            await drained(feed)
            await asyncio.sleep(0.3)
            await redis.aclose()
            return {**feed.sender.counts.tails_lost, "resent": feed.sender.counts.resent}

    assert run(body) == {"resent": 0}


def test_a_full_bus_is_waited_for(make_redis: MakeRedis, tmp_path: Path) -> None:
    """maxmemory is reached (F8): the spool grows, and drains when readers have made room."""
    server = make_redis("--maxmemory", "4mb", "--maxmemory-policy", "noeviction")

    async def body() -> tuple[int, int]:
        async with running_feed(server.url, tmp_path / "spool") as feed:
            redis = client(server.url)
            last = 0
            while not feed.sender.counts.waits["full"]:
                await feed.accept(events(last + 1, 500))
                last += 500
                await asyncio.sleep(0.01)
            await feed.accept(events(last + 1, 500))
            last += 500
            assert feed.spool.unsent >= 500
            seen: set[int] = set()
            while len(seen) < last:
                rows = await redis.xrange(names.events(SITE))
                seen |= {decode_event(fields[b"b"]).seq for _, fields in rows}
                # only what was read: more may have come meanwhile
                await redis.xtrim(names.events(SITE), minid=rows[-1][0], approximate=False)
                await asyncio.sleep(0.05)
            await redis.aclose()
            return len(seen), last

    seen, told = run(body)
    assert seen == told


def test_a_backlog_drains_faster_than_three_times_the_busiest_hour(make_redis: MakeRedis, tmp_path: Path) -> None:
    """5,000 seats tell about 700 events a second; 20,000 that waited are gone in less than a third of their time."""
    server = make_redis()

    async def body() -> float:
        await asyncio.to_thread(server.kill)
        async with running_feed(server.url, tmp_path / "spool") as feed:
            for first in range(1, 20_001, 500):
                await feed.accept(events(first, 500))
            await asyncio.to_thread(server.start)
            began = time.monotonic()
            await drained(feed)
            return time.monotonic() - began

    assert run(body) < 20_000 / 700 / 3


CHILD = """
import asyncio, sys
from pathlib import Path
from tests.integration.spool_room import events, running_feed

async def main():
    async with running_feed(sys.argv[1], Path(sys.argv[2])) as feed:
        first = 1
        while True:
            await feed.accept(events(first, 7))
            print(first + 6, flush=True)
            first += 7

asyncio.run(main())
"""


@pytest.mark.parametrize("bus_alive", [True, False], ids=["bus-alive", "bus-away"])
def test_a_killed_collector_loses_nothing_it_said_was_safe(
    make_redis: MakeRedis, tmp_path: Path, bus_alive: bool
) -> None:
    """kill -9 in mid-write (F1): the next one sends what was left first, and its own numbers go on behind it."""
    server = make_redis()
    if not bus_alive:
        server.kill()
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, server.url, str(tmp_path / "spool")], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    said = 0
    for line in child.stdout:
        said = int(line) if line.strip().isdigit() else said  # its log speaks too
        if said > 700:
            child.kill()
            break
    child.wait(15)
    child.stdout.close()
    if not bus_alive:
        server.start()

    async def body() -> list[int]:
        async with running_feed(server.url, tmp_path / "spool") as feed:
            (gap,) = feed.resumed()
            assert gap.seq >= said
            await feed.accept([gap])
            await feed.accept(events(feed.after_seq + 1, 10))
            await drained(feed)
        return await arrived(server.url)

    taken = first_times(run(body))
    assert taken == list(range(1, taken[-1] + 1))
    assert taken[-1] >= said + 11


FULL_DISK = """
import asyncio, sys
from pathlib import Path
from streams.collect.feed import SourceCut
from streams.collect.spool_disk import SpoolLimits
from streams.vocabulary.codec import decode_event
from streams.vocabulary.events import SourceLost
from tests.integration.spool_room import arrived, drained, events, running_feed, first_times

LIMITS = SpoolLimits(segment_bytes=200_000, retry_s=0.05, memory_bytes=500_000, append_wait_s=1, cursor_every_s=0.05)

async def main(url, disk):
    filler = disk / "other"
    async with running_feed(url, disk / "spool", limits=LIMITS) as feed:
        await feed.publish(events(1, 1_000))
        await drained(feed)
        filler.write_bytes(b"x" * 500_000)
        try:
            with filler.open("ab", buffering=0) as file:
                while True:
                    file.write(b"x" * 4096)
        except OSError:
            pass
        # the disk is full, the bus is there: events go on from memory
        told = 1_000
        for _ in range(20):
            await feed.publish_surely(events(told + 1, 500))
            told += 500
        await drained(feed)
        assert feed.spool.trouble == "disk_full", feed.spool.trouble
        filler.unlink()
        await feed.accept(events(told + 1, 500))
        while feed.spool.trouble is not None:
            await asyncio.sleep(0.02)
        await feed.accept(events(told + 501, 500))
        await drained(feed)
        print("told", told + 1_000)
        print("unspooled", feed.spool.counts.unspooled > 0)
    async with running_feed(url, disk / "spool", limits=LIMITS) as feed:
        print("missing", feed.spool.disk_counts.missing, feed.spool.disk_counts.torn)
    seqs = await arrived(url)
    print("arrived", first_times(seqs) == list(range(1, told + 1_001)))

asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
"""


def on_small_disk(script: str, url: str, place: Path) -> str:
    """Runs `script URL PLACE` where PLACE is a disk of four megabytes that nobody else sees and that ends with it."""
    place.mkdir()
    mounted = f'mount -t tmpfs -o size=4m tmpfs "{place}" && exec "$0" -c "$1" "$2" "{place}"'
    done = subprocess.run(
        ["unshare", "-Urm", "sh", "-c", mounted, sys.executable, script, url],
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_full_disk_is_served_from_memory_until_there_is_room(make_redis: MakeRedis, tmp_path: Path) -> None:
    """F12 on a real small disk: nothing crashes, nothing is lost, the spool is used again by itself."""
    server = make_redis()
    said = on_small_disk(FULL_DISK, server.url, tmp_path / "disk").split("\n")
    assert [line for line in said if line.split(" ")[0] in ("told", "unspooled", "missing", "arrived")] == [
        "told 12000",
        "unspooled True",
        "missing 0 0",
        "arrived True",
    ]


def test_a_spool_at_its_limit_cuts_the_source_and_says_so(make_redis: MakeRedis, tmp_path: Path) -> None:
    """The bus is away for too long: a gap with its reason stands where the first event found no room."""
    server = make_redis()
    limits = SpoolLimits(bytes_max=60_000, segment_bytes=20_000, memory_bytes=20_000, retry_s=0.02, cursor_every_s=0.02)

    class Source:
        """Tells events for ever; cut off, it begins again with the next number."""

        def __init__(self) -> None:
            self.next = 1
            self.runs = 0
            self.stop = False

        async def run(self) -> None:
            self.runs += 1
            while True:
                batch = [] if self.stop else events(self.next, 20)
                self.next += len(batch)
                await feed_of[0].publish(batch)
                await asyncio.sleep(0.005)

    feed_of = []

    async def body() -> tuple[list[tuple[str, int]], int]:
        await asyncio.to_thread(server.kill)
        async with running_feed(server.url, tmp_path / "spool", limits=limits) as feed:
            feed_of.append(feed)
            source = Source()
            task = asyncio.create_task(feed.collect(source))
            while not feed.counts["cuts"]:  # noqa: ASYNC110 - a counter
                await asyncio.sleep(0.01)
            cut_at = source.next
            await asyncio.sleep(0.2)
            assert source.next == cut_at
            await asyncio.to_thread(server.start)
            while source.runs < 2 or source.next < cut_at + 100:  # noqa: ASYNC110 - a counter
                await asyncio.sleep(0.01)
            source.stop = True
            await drained(feed)
            task.cancel()
            await asyncio.wait({task})
        return await _kinds(server.url), cut_at

    kinds, cut_at = run(body)
    gaps = [(kind, seq) for kind, seq in kinds if kind != "source_heard"]
    assert gaps[0] == ("source_lost spool_full", cut_at - 1)
    before = [seq for kind, seq in kinds if seq < cut_at - 1]
    assert first_times(before) == list(range(1, before[-1] + 1))


async def _kinds(url: str) -> list[tuple[str, int]]:
    redis = client(url)
    rows = await redis.xrange(names.events(SITE))
    await redis.aclose()
    found = [decode_event(fields[b"b"]) for _, fields in rows]
    return [(f"source_lost {one.reason}" if isinstance(one, SourceLost) else "source_heard", one.seq) for one in found]
