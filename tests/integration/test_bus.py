"""The bus against real servers: the embedded valkey and Debian's redis, the same bodies on both."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from redis.asyncio import Redis

from streams.bus import names
from streams.bus.connection import connect
from streams.bus.consume import Consumer, DeadReason, Entry, Follower, id_order
from streams.bus.errors import BusFull, BusRefused, BusUnavailable
from streams.bus.publish import Publisher
from streams.bus.trim import TrimReason, trim
from tests.servers import DebianRedis, free_port

pytestmark = pytest.mark.servers


def on(url: str, body: Any) -> None:
    """Run `body(redis)` with a connected client."""

    async def connected() -> None:
        redis = await connect(url)
        try:
            await body(redis)
        finally:
            await redis.aclose()

    coroutine: Coroutine[Any, Any, None] = connected()
    asyncio.run(coroutine)


def blobs(count: int) -> list[bytes]:
    return [b"%06d" % number for number in range(count)]


async def consumer(redis: Redis, stream: str, name: str = "one", **options: Any) -> Consumer:
    member = Consumer(redis, stream=stream, group="archive", name=name, **options)
    await member.ensure_group()
    return member


def test_entries_come_out_as_they_went_in(redis_url: str, fresh_name: str) -> None:
    """Any bytes, in order, ids rising, across script batches."""

    async def body(redis: Redis) -> None:
        sent = [*blobs(1_203), b"", bytes(range(256)), b"x" * 5_000_000, b"y" * 1_000_000]
        ids = await Publisher(redis).publish(fresh_name, sent)
        reader = await consumer(redis, fresh_name)
        got = await reader.read(2_000, 0)
        assert [entry.blob for entry in got] == sent
        assert [entry.id for entry in got] == ids == sorted(ids, key=id_order)

    on(redis_url, body)


def test_group_made_later_reads_from_the_beginning(redis_url: str, fresh_name: str) -> None:
    """An archive that starts an hour late archives that hour too."""

    async def body(redis: Redis) -> None:
        await Publisher(redis).publish(fresh_name, blobs(3))
        assert len(await (await consumer(redis, fresh_name)).read(10, 0)) == 3

    on(redis_url, body)


def test_forgotten_script_is_loaded_again(redis_url: str, fresh_name: str) -> None:
    """A restarted server knows no scripts; the publisher counts it and goes on."""

    async def body(redis: Redis) -> None:
        publisher = Publisher(redis)
        await publisher.publish(fresh_name, blobs(1))
        await redis.script_flush()
        await publisher.publish(fresh_name, blobs(1))
        assert publisher.counts.scripts_reloaded == 1
        assert await redis.xlen(fresh_name) == 2

    on(redis_url, body)


def test_capped_stream_stays_short(redis_url: str, fresh_name: str) -> None:
    """Streams whose past nobody needs (metrics) keep about `cap` entries."""

    async def body(redis: Redis) -> None:
        await Publisher(redis).publish(fresh_name, blobs(3_000), cap=100)
        assert 100 <= await redis.xlen(fresh_name) <= 300

    on(redis_url, body)


def test_unacknowledged_entries_come_again_to_the_same_name(redis_url: str, fresh_name: str) -> None:
    """A restart under the same name begins with what it owes."""

    async def body(redis: Redis) -> None:
        await Publisher(redis).publish(fresh_name, blobs(4))
        first = await consumer(redis, fresh_name)
        entries = await first.read(4, 0)
        await first.ack([entries[0].id])
        again = await consumer(redis, fresh_name)
        assert await again.read_own_pending(10) == entries[1:]
        assert await again.read(10, 0) == []

    on(redis_url, body)


def test_stale_entries_are_taken_over(redis_url: str, fresh_name: str) -> None:
    """What a dead consumer was given goes to the living, once it is old enough."""

    async def body(redis: Redis) -> None:
        await Publisher(redis).publish(fresh_name, blobs(4))
        dead = await consumer(redis, fresh_name, "dead")
        entries = await dead.read(4, 0)
        heir = await consumer(redis, fresh_name, "heir")
        assert (await heir.claim_stale(60_000, 10)).entries == ()
        assert list((await heir.claim_stale(0, 10)).entries) == entries
        await heir.ack([entry.id for entry in entries])
        assert (await redis.xpending(fresh_name, "archive"))["pending"] == 0
        assert heir.counts.claimed == heir.counts.acknowledged == 4

    on(redis_url, body)


def test_claims_pass_over_everything_pending(redis_url: str, fresh_name: str) -> None:
    """Each claim goes on where the last one stopped, so a long list is worked through in small steps."""

    async def body(redis: Redis) -> None:
        await Publisher(redis).publish(fresh_name, blobs(10))
        await (await consumer(redis, fresh_name, "dead")).read(10, 0)
        heir = await consumer(redis, fresh_name, "heir")
        seen = [entry.blob for _ in range(4) for entry in (await heir.claim_stale(0, 3)).entries]
        assert seen == blobs(10)

    on(redis_url, body)


def test_poison_goes_to_the_dead_letters(redis_url: str, fresh_name: str) -> None:
    """An entry that kills every reader stops after max_deliveries, with its reason, its id and its bytes kept."""

    async def body(redis: Redis) -> None:
        await Publisher(redis).publish(fresh_name, [b"poison"])
        reader = await consumer(redis, fresh_name, max_deliveries=3)
        (entry,) = await reader.read(1, 0)
        for _ in range(2):
            assert (await reader.claim_stale(0, 10)).entries == (entry,)
        claim = await reader.claim_stale(0, 10)
        assert claim.entries == ()
        assert [(poison.entry, poison.deliveries) for poison in claim.poisoned] == [(entry, 4)]
        ((_, fields),) = await redis.xrange(names.dead(fresh_name))
        assert fields[b"b"] == b"poison"
        assert fields[b"reason"].decode() == DeadReason.TOO_MANY_DELIVERIES
        assert fields[b"id"].decode() == entry.id
        assert (await redis.xpending(fresh_name, "archive"))["pending"] == 0

    on(redis_url, body)


def test_entries_deleted_before_acknowledgement_count_as_lost(redis_url: str, fresh_name: str) -> None:
    """Somebody trimmed with MAXLEN by hand: the loss is named, never silent."""

    async def body(redis: Redis) -> None:
        ids = await Publisher(redis).publish(fresh_name, blobs(5))
        reader = await consumer(redis, fresh_name)
        await reader.read(5, 0)
        await redis.xtrim(fresh_name, maxlen=2, approximate=False)
        claim = await reader.claim_stale(0, 10)
        assert list(claim.lost) == ids[:3]
        assert [entry.id for entry in claim.entries] == ids[3:]
        assert reader.counts.lost == 3

    on(redis_url, body)


def test_lost_group_is_made_again(redis_url: str, fresh_name: str) -> None:
    """A server restored from an older state has forgotten the group: the reader starts over, counted."""

    async def body(redis: Redis) -> None:
        reader = await consumer(redis, fresh_name)
        await redis.delete(fresh_name)
        await Publisher(redis).publish(fresh_name, blobs(2))
        assert await reader.read(10, 0) == []
        assert [entry.blob for entry in await reader.read(10, 0)] == blobs(2)
        assert reader.counts.groups_recreated == 1

    on(redis_url, body)


def test_follower_reads_on_from_its_own_position(redis_url: str, fresh_name: str) -> None:
    """The floor keeps its position in its snapshot; no group, no acknowledgement."""

    async def body(redis: Redis) -> None:
        ids = await Publisher(redis).publish(fresh_name, blobs(5))
        follower = Follower(redis, stream=fresh_name)
        assert [entry.id for entry in await follower.read_from("0-0", 10, 0)] == ids
        assert await follower.read_from(ids[2], 1, 0) == [Entry(ids[3], b"000003")]
        assert await follower.read_from(ids[4], 10, 20) == []
        assert not await follower.missed_after("0-0")
        await redis.xtrim(fresh_name, maxlen=2, approximate=False)
        assert not await follower.missed_after(ids[3])
        assert await follower.missed_after(ids[1])
        assert await follower.missed_after("0-0")

    on(redis_url, body)


def test_waiting_read_wakes_at_the_first_entry(redis_url: str, fresh_name: str) -> None:
    """A blocking read returns long before its limit once something comes."""

    async def body(redis: Redis) -> None:
        reader = await consumer(redis, fresh_name)
        waiting = asyncio.create_task(reader.read(10, 20_000))
        await asyncio.sleep(0.05)
        await Publisher(redis).publish(fresh_name, [b"now"])
        async with asyncio.timeout(15):
            assert [entry.blob for entry in await waiting] == [b"now"]

    on(redis_url, body)


def test_trim_keeps_what_the_slowest_group_needs(redis_url: str, fresh_name: str) -> None:
    """Pending, undelivered, and behind the floor's snapshot: nothing of it is ever trimmed."""

    async def body(redis: Redis) -> None:
        ids = await Publisher(redis).publish(fresh_name, blobs(1_000))
        fast = await consumer(redis, fresh_name)
        await fast.ack([entry.id for entry in await fast.read(1_000, 0)])
        slow = Consumer(redis, stream=fresh_name, group="slow", name="s")
        await slow.ensure_group()
        assert (await trim(redis, fresh_name, groups=["archive", "slow"], exact=True)).removed == 0
        held = await slow.read(500, 0)
        await slow.ack([entry.id for entry in held[:300]])
        done = await trim(redis, fresh_name, groups=["archive", "slow"], exact=True)
        assert (done.removed, done.slowest, done.kept_from) == (300, "slow", ids[300])
        rest = [entry.id for entry in await slow.read(1_000, 0)]
        assert [entry.id for entry in await slow.read_own_pending(1_000)] == ids[300:]
        assert rest == ids[500:]
        await slow.ack(ids)
        behind = await trim(redis, fresh_name, groups=["archive", "slow"], floor_id=ids[400], exact=True)
        assert (behind.removed, behind.slowest) == (100, "floor")

    on(redis_url, body)


def test_trim_waits_for_a_group_that_has_not_started(redis_url: str, fresh_name: str) -> None:
    """The archive's process is down since before its group existed: everything is still its."""

    async def body(redis: Redis) -> None:
        await Publisher(redis).publish(fresh_name, blobs(10))
        done = await trim(redis, fresh_name, groups=["archive"], floor_id="9999999999999-0", exact=True)
        assert (done.removed, done.reason) == (0, TrimReason.MISSING_GROUP)
        assert (await trim(redis, "nowhere", groups=[])).reason is TrimReason.NO_STREAM
        assert (await trim(redis, fresh_name, groups=[])).reason is TrimReason.NO_READERS

    on(redis_url, body)


def test_server_that_evicts_is_refused(tmp_path_factory: pytest.TempPathFactory) -> None:
    """An eviction policy would drop events without a trace; the error names the mend."""
    server = DebianRedis(tmp_path_factory.mktemp("evicting"), "--maxmemory-policy", "allkeys-lru").start()
    try:
        with pytest.raises(BusRefused, match=r"allkeys-lru.*noeviction"):
            asyncio.run(connect(server.url))
    finally:
        server.stop()


def test_full_server_says_so_and_still_lets_consumers_drain(tmp_path_factory: pytest.TempPathFactory) -> None:
    """At maxmemory a publisher gets BusFull (and keeps its events); reading, acknowledging and trimming go on."""
    server = DebianRedis(tmp_path_factory.mktemp("full"), "--maxmemory", "8mb").start()

    async def body(redis: Redis) -> None:
        publisher = Publisher(redis)
        with pytest.raises(BusFull):
            await publisher.publish("s", [b"x" * 100_000] * 1_000)
        reader = await consumer(redis, "s")
        while entries := await reader.read(100, 0):
            await reader.ack([entry.id for entry in entries])
        assert (await trim(redis, "s", groups=["archive"], exact=True)).removed > 0
        assert len(await publisher.publish("s", [b"again"])) == 1

    try:
        on(server.url, body)
    finally:
        server.stop()


def test_nobody_there_is_told_in_time() -> None:
    """A wrong address costs seconds, not a hanging start."""
    with pytest.raises(BusUnavailable, match=r"redis\.url"):
        asyncio.run(connect(f"redis://127.0.0.1:{free_port()}/0", timeout_s=2))


def test_silent_server_does_not_hang_a_publisher() -> None:
    """A half-open connection ends in BusUnavailable after the timeout."""

    async def silent() -> None:
        gone = asyncio.Event()

        async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await gone.wait()
            writer.close()

        server = await asyncio.start_server(swallow, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        redis = Redis.from_url(f"redis://127.0.0.1:{port}/0", protocol=2)
        try:
            with pytest.raises(BusUnavailable):
                await Publisher(redis, timeout_s=0.3).publish("s", [b"x"])
        finally:
            gone.set()
            await redis.aclose()
            server.close()
            await server.wait_closed()

    asyncio.run(silent())
