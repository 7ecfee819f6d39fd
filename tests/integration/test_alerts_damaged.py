"""What another version wrote into Redis, or a disk spoiled, stops no engine: it is set aside and counted."""

import asyncio
import itertools
import os
from collections.abc import Sequence

import msgspec
import pytest
from redis.asyncio import Redis

from alerts.delivery import Delivery
from alerts.engine import AlertEngine
from alerts.evaluate import State, Watch
from alerts.store import Damaged, RedisAlertStore
from monitor.alert_backtest_jobs import AlertBacktest, AlertBacktests
from monitor.alert_silences import SilenceStore, silences_key
from streams.bus.connection import client
from streams.vocabulary.facts import AlertFact
from streams.vocabulary.ids import Millis, SiteId
from tests.alerts_floor import AT_ONCE, RULE, SITE, START, Feed, HandClock, RememberingChannel, numbers, until

pytestmark = pytest.mark.servers

_sites = itertools.count(1)
NEWER = msgspec.msgpack.encode({"rule": "sl", "scope": "queue:sales", "of_the_next_version": 1})
NO_TEXT = msgspec.msgpack.encode({"rule": "sl", "scope": "queue:xx"}).replace(b"xx", b"\xff\xfe")
PAGES: list[str | bytes] = ["a/x", "t/x", "s/x", "time", b"\xff"]
DAMAGES = [b"", b"\xc1", b"\x91" * 50, NO_TEXT, NEWER]


def test_damage_is_set_aside_once_and_what_is_whole_is_loaded(redis_url: str) -> None:
    async def scenario() -> None:
        redis, site = client(redis_url), _site()
        store = RedisAlertStore(redis, site=site)
        watch = Watch(rule="sl", scope="queue:b", state=State.FIRING, raised_at=Millis(5))
        await store.commit(watches=[watch], forget=[], outbox=[])
        await _spoil(redis, site)
        saved = await store.load()
        assert saved.watches == {("sl", "queue:b"): watch}
        assert saved.damaged == dict.fromkeys(Damaged, len(DAMAGES))
        assert await redis.hlen(f"alerts:{{{site}}}:damaged") == 3 * len(DAMAGES)
        assert (await store.load()).damaged == {}
        assert await store.attempts() == []
        assert await store.dead_letters() == []
        await redis.aclose()

    asyncio.run(scenario())


def test_an_engine_over_damage_fires_and_tells(redis_url: str) -> None:
    async def scenario() -> None:
        redis, site = client(redis_url), _site()
        await _spoil(redis, site)
        store, clock, feed, duty = RedisAlertStore(redis, site=site), HandClock(), Feed(), RememberingChannel("duty")

        async def emit(facts: Sequence[AlertFact]) -> None:
            """Nobody listens."""

        engine = AlertEngine(
            site=site, rules=[RULE], numbers=feed.numbers, store=store, emit=emit, clock=clock.now, routing=AT_ONCE,
            deliveries={duty.name: Delivery(duty, store=store, clock=clock.now)}, tick_ms=5,
        )  # fmt: skip
        running = asyncio.create_task(engine.run())
        for second in (0, 10):
            clock.at = START + 1000 * second
            feed.put(numbers(second, 70))
            await until(lambda at=clock.at: engine.looked_at == at, seconds=60)  # type: ignore[misc]
        await until(lambda: len(duty.got) == 1, seconds=60)
        assert engine.damaged == dict.fromkeys(Damaged, len(DAMAGES))
        running.cancel()
        await asyncio.wait({running})
        await redis.aclose()

    asyncio.run(scenario())


def test_damaged_silences_silence_nothing_and_stop_nobody(redis_url: str) -> None:
    async def scenario() -> None:
        redis, site = client(redis_url), _site()
        for place, blob in enumerate(DAMAGES):
            await redis.hset(silences_key(site), str(place), blob)
        silences = SilenceStore(redis, site=site, clock=lambda: Millis(START))
        assert await silences.all() == []
        assert silences.counts["silences_damaged"] == len(DAMAGES)
        await redis.aclose()

    asyncio.run(scenario())


def test_damaged_backtests_are_forgotten_and_the_next_is_worked_at(redis_url: str) -> None:
    """Else the process that archives would end with each look for work."""

    async def scenario() -> None:
        redis, site = client(redis_url), _site()
        jobs, key = AlertBacktests(redis), f"alerts:{{{site}}}:backtests"
        job = AlertBacktest(id="whole", site=site, since=Millis(1), until=Millis(2), by="b", at=Millis(3))
        for place, blob in enumerate([*DAMAGES, b"{}"]):
            await redis.hset(key, mapping={f"j{place}": blob, f"@by/{place}": f"j{place}"})
        await jobs.begin(job, "rules")
        assert await jobs.next(site) == job
        assert set(await redis.hkeys(key)) == {b"whole", b"@by/b"}
        assert jobs.counts["backtests_damaged"] == len(DAMAGES) + 1
        await redis.hset(f"{key}:kept", "asked/whole", b"\xff")
        assert await jobs.text(job) is None
        await redis.aclose()

    asyncio.run(scenario())


def _site() -> SiteId:
    return SiteId(f"{SITE}-damaged-{os.getpid()}-{next(_sites)}")


async def _spoil(redis: Redis, site: SiteId) -> None:
    """Every part of what an engine keeps, in every way."""
    for place, blob in enumerate(DAMAGES):
        await redis.hset(f"alerts:{{{site}}}:watches", f"sl|{place}", blob)
        await redis.hset(f"alerts:{{{site}}}:outbox", f"x{place}", blob)
        await redis.hset(f"alerts:{{{site}}}:book", PAGES[place], blob)
        await redis.lpush(f"alerts:{{{site}}}:attempts", blob)
        await redis.lpush(f"alerts:{{{site}}}:dead", blob)
