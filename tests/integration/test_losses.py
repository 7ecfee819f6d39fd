"""What somebody cut from a stream under its readers is counted, never silent: the counter is what is missing."""

import asyncio
from collections import Counter

import pytest
from redis.asyncio import Redis

from streams.bus.consume import Consumer
from streams.bus.losses import cut_away, watch_losses
from streams.bus.publish import Publisher
from tests.integration.bus_room import in_own_room, until

pytestmark = pytest.mark.servers


def consumer(redis: Redis) -> Consumer:
    return Consumer(redis, stream="facts", group="archive", name="one")


async def all_read(reader: Consumer) -> int:
    read = 0
    while entries := await reader.read(100, 10):
        read += len(entries)
        await reader.ack([entry.id for entry in entries])
    return read


def test_entries_cut_before_they_were_given_out_are_counted(redis_url: str) -> None:
    """F9: 1,000 told, 200 read, all but 100 cut: 700 are missing, and the server itself says so nowhere."""

    async def body(redis: Redis) -> tuple[int, int | None, int]:
        reader = consumer(redis)
        await reader.ensure_group()
        await Publisher(redis).publish("facts", [b"x"] * 1_000)
        first = await reader.read(200, 10)
        await reader.ack([entry.id for entry in first])
        await redis.xtrim("facts", maxlen=100, approximate=False)
        before = await cut_away(reader)
        read = len(first) + await all_read(reader)
        counts: Counter[str] = Counter()
        task = asyncio.create_task(watch_losses(reader, counts, every_s=0.02))
        await until(lambda: counts["facts"] > 0)
        task.cancel()
        await asyncio.wait({task})
        return read, before, counts["facts"]

    assert in_own_room(redis_url, body) == (300, None, 700)


def test_entries_cut_after_they_were_given_out_are_counted_by_the_claim(redis_url: str) -> None:
    """Given to a consumer that died, then cut: whoever claims them learns how many."""

    async def body(redis: Redis) -> tuple[int, int | None]:
        reader = consumer(redis)
        await reader.ensure_group()
        await Publisher(redis).publish("facts", [b"x"] * 50)
        await reader.read(50, 10)
        await redis.xtrim("facts", maxlen=10, approximate=False)
        other = Consumer(redis, stream="facts", group="archive", name="two")
        left: set[str] = set()
        for _ in range(10):
            left |= {entry.id for entry in (await other.claim_stale(0, 20)).entries}
        await other.ack(sorted(left))
        return other.counts.lost, await cut_away(other)

    assert in_own_room(redis_url, body) == (40, 40)


def test_what_everybody_had_read_is_no_loss(redis_url: str) -> None:
    """An ordinary trim, and a group that begins on a trimmed stream, count nothing."""

    async def body(redis: Redis) -> tuple[int | None, int | None]:
        reader = consumer(redis)
        await reader.ensure_group()
        await Publisher(redis).publish("facts", [b"x"] * 500)
        await all_read(reader)
        await redis.xtrim("facts", maxlen=3, approximate=False)
        late = Consumer(redis, stream="facts", group="late", name="one")
        await late.ensure_group()
        await Publisher(redis).publish("facts", [b"x"] * 5)
        await all_read(reader)
        await all_read(late)
        return await cut_away(reader), await cut_away(late)

    assert in_own_room(redis_url, body) == (0, 0)
