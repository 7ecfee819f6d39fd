"""Dead letters on real servers: shown, counted, sent back to their stream, discarded; never lost in between."""

import asyncio
from typing import Any

import pytest
from redis.asyncio import Redis

from streams.bus import names
from streams.bus.consume import Entry
from streams.bus.dead import DeadLetters, Redriven
from streams.bus.errors import BusFull
from streams.bus.lag import lags_ms
from streams.bus.publish import Publisher
from tests.integration.test_bus import consumer, on
from tests.servers import DebianRedis

pytestmark = [pytest.mark.servers, pytest.mark.timeout(180)]


async def buried(redis: Redis, stream: str, blobs: list[bytes], *, reason: str = "not_decodable") -> list[str]:
    """Entries given up by a reader; the ids of their letters, oldest first."""
    reader = await consumer(redis, stream)
    await Publisher(redis).publish(stream, blobs)
    for entry in await reader.read(1_000, 0):
        await reader.bury(entry, reason=reason, detail="why")
    rows: Any = await redis.xrange(names.dead(stream))
    return [row[0].decode() for row in rows[-len(blobs) :]]


async def length(redis: Redis, key: str) -> int:
    return int(await redis.xlen(key))


def test_a_letter_tells_what_it_was(redis_url: str, fresh_name: str) -> None:
    async def body(redis: Redis) -> None:
        (name,) = await buried(redis, fresh_name, [b"\xff\x00"])
        (letter,) = await DeadLetters(redis).page(fresh_name, limit=10)
        assert (letter.id, letter.blob, letter.reason, letter.detail) == (name, b"\xff\x00", "not_decodable", "why")
        assert (letter.group, letter.entry.count("-")) == ("archive", 1)
        assert letter.at > 1_600_000_000_000
        assert await DeadLetters(redis).get(fresh_name, name) == letter

    on(redis_url, body)


def test_pages_go_from_the_newest_to_the_oldest(redis_url: str, fresh_name: str) -> None:
    async def body(redis: Redis) -> None:
        dead = DeadLetters(redis)
        ids = await buried(redis, fresh_name, [b"%d" % n for n in range(5)])
        first = await dead.page(fresh_name, limit=3)
        rest = await dead.page(fresh_name, limit=3, before=first[-1].id)
        assert [letter.id for letter in (*first, *rest)] == ids[::-1]

    on(redis_url, body)


def test_reasons_are_counted_and_looked_for(redis_url: str, fresh_name: str) -> None:
    async def body(redis: Redis) -> None:
        dead = DeadLetters(redis)
        await buried(redis, fresh_name, [b"x"] * 1_000)
        await buried(redis, fresh_name, [b"y"] * 300, reason="理由 <b>")
        await buried(redis, fresh_name, [b"x"] * 700)
        tally = await dead.tally(fresh_name)
        assert (tally.letters, tally.counted) == (2_000, 2_000)
        assert tally.reasons == {"not_decodable": 1_700, "理由 <b>": 300}
        assert {letter.blob for letter in await dead.page(fresh_name, limit=50, reason="理由 <b>")} == {b"y"}
        assert (await dead.tally("nothing")).letters == 0

    on(redis_url, body)


def test_a_redriven_letter_is_read_again_and_lies_there_no_more(redis_url: str, fresh_name: str) -> None:
    async def body(redis: Redis) -> None:
        dead = DeadLetters(redis)
        reader = await consumer(redis, fresh_name)
        one, two = await buried(redis, fresh_name, [b"one", b"two"])
        assert await dead.redrive(fresh_name, two) is Redriven.REDRIVEN
        assert [entry.blob for entry in await reader.read(10, 0)] == [b"two"]
        assert [letter.id for letter in await dead.page(fresh_name, limit=10)] == [one]
        assert await dead.redrive(fresh_name, two) is Redriven.GONE

    on(redis_url, body)


def test_ten_at_once_redrive_one_letter_once(redis_url: str, fresh_name: str) -> None:
    async def body(redis: Redis) -> None:
        dead = DeadLetters(redis)
        (name,) = await buried(redis, fresh_name, [b"one"])
        before = await length(redis, fresh_name)
        answers = await asyncio.gather(*(dead.redrive(fresh_name, name) for _ in range(10)))
        assert sorted(answers) == [*[Redriven.GONE] * 9, Redriven.REDRIVEN]
        assert await length(redis, fresh_name) == before + 1

    on(redis_url, body)


def test_an_empty_letter_stays(redis_url: str, fresh_name: str) -> None:
    async def body(redis: Redis) -> None:
        dead = DeadLetters(redis)
        reader = await consumer(redis, fresh_name)
        await reader.bury(Entry("1-1", b""), reason="not_decodable")
        (letter,) = await dead.page(fresh_name, limit=1)
        assert await dead.redrive(fresh_name, letter.id) is Redriven.EMPTY
        assert await length(redis, names.dead(fresh_name)) == 1
        assert await dead.discard(fresh_name, letter.id)
        assert not await dead.discard(fresh_name, letter.id)

    on(redis_url, body)


def test_all_letters_of_one_reason_go_back_in_order(redis_url: str, fresh_name: str) -> None:
    async def body(redis: Redis) -> None:
        dead = DeadLetters(redis)
        reader = await consumer(redis, fresh_name)
        sent = [b"%03d" % n for n in range(250)]
        await buried(redis, fresh_name, sent[:120], reason="does_not_fit")
        await buried(redis, fresh_name, [b"other"], reason="not_decodable")
        await buried(redis, fresh_name, sent[120:], reason="does_not_fit")
        assert await dead.redrive_reason(fresh_name, "does_not_fit") == 250
        assert [entry.blob for entry in await reader.read(1_000, 0)] == sent
        assert (await dead.tally(fresh_name)).reasons == {"not_decodable": 1}
        assert await dead.redrive_reason("nothing", "does_not_fit") == 0

    on(redis_url, body)


def test_a_stream_with_a_site_in_its_name_has_letters_too(redis_url: str, fresh_name: str) -> None:
    async def body(redis: Redis) -> None:
        stream = f"events:{{{fresh_name}}}"
        (name,) = await buried(redis, stream, [b"one"])
        assert await DeadLetters(redis).redrive(stream, name) is Redriven.REDRIVEN

    on(redis_url, body)


def test_a_bus_without_room_keeps_the_letter(tmp_path: Any, fresh_name: str) -> None:
    """Both or neither: the letter is still there when its stream takes nothing."""
    server = DebianRedis(tmp_path, "--maxmemory-policy", "noeviction").start()

    async def body(redis: Redis) -> None:
        (name,) = await buried(redis, fresh_name, [b"x" * 100_000])
        await redis.config_set("maxmemory", "1mb")
        with pytest.raises(BusFull):
            await DeadLetters(redis).redrive(fresh_name, name)
        await redis.config_set("maxmemory", "0")
        assert [letter.id for letter in await DeadLetters(redis).page(fresh_name, limit=5)] == [name]
        assert await DeadLetters(redis).redrive(fresh_name, name) is Redriven.REDRIVEN

    try:
        on(server.url, body)
    finally:
        server.stop()


def test_refused_input_is_kept_within_bounds(redis_url: str, fresh_name: str) -> None:
    async def body(redis: Redis) -> None:
        dead = DeadLetters(redis)
        for _ in range(5):
            await dead.keep(fresh_name, [{"b": b"x", "reason": "not_json", "source": "crm"}] * 200, most=100)
        assert 100 <= await length(redis, names.dead(fresh_name)) < 300
        (letter,) = await dead.page(fresh_name, limit=1)
        assert (letter.reason, letter.more) == ("not_json", {"source": "crm"})

    on(redis_url, body)


def test_how_far_a_reader_is_behind(redis_url: str, fresh_name: str) -> None:
    """By the ids on the bus: no clock of ours is asked."""

    async def body(redis: Redis) -> None:
        for at in (1_000, 5_000, 8_000):
            await redis.xadd(fresh_name, {"b": b"x"}, id=f"{at}-0")
        reader = await consumer(redis, fresh_name)
        assert await lags_ms(redis, fresh_name, also={"floor": "5000-0"}) == {"archive": 7_000, "floor": 3_000}
        await reader.read(10, 0)
        assert await lags_ms(redis, fresh_name, also={"floor": "8000-0"}) == {"archive": 0, "floor": 0}
        assert await lags_ms(redis, "nothing") == {}

    on(redis_url, body)
