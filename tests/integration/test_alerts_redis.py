"""Watches, outbox and dead letters in a real Redis, and the whole way from numbers to a receiver across a restart."""

import asyncio
import itertools
import os
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import orjson
import pytest
from redis.asyncio import Redis
from redis.exceptions import OutOfMemoryError

from alerts.delivery import Delivery
from alerts.engine import AlertEngine
from alerts.evaluate import State, Watch
from alerts.routing import Routing
from alerts.senders.channel import Attempt, Outcome, Reply
from alerts.senders.retry import RetryPolicy
from alerts.senders.webhook import Webhook, WebhookSettings
from alerts.store import DeadLetter, RedisAlertStore
from streams.bus.connection import client
from streams.bus.errors import BusUnavailable, FencedOff
from streams.bus.lease import Lease
from streams.vocabulary.facts import AlertFact
from streams.vocabulary.ids import Millis, SiteId
from tests.alerts_floor import AT_ONCE, RULE, SITE, SL_KEY, START, Feed, HandClock, numbers, until
from tests.integration.alerts_receiver import Answer, Receiver
from tests.servers import DebianRedis

pytestmark = pytest.mark.servers

_sites = itertools.count(1)


def on(url: str, scenario: Callable[[Redis, SiteId], Awaitable[None]]) -> None:
    """Runs the scenario with a client and a site of its own."""

    async def run() -> None:
        redis = client(url)
        try:
            await scenario(redis, SiteId(f"{SITE}-{os.getpid()}-{next(_sites)}"))
        finally:
            await redis.aclose()

    asyncio.run(run())


def test_what_was_committed_is_loaded(redis_url: str) -> None:
    async def scenario(redis: Redis, site: SiteId) -> None:
        store = RedisAlertStore(redis, site=site)
        watch = Watch(rule="sl", scope="queue:热线|a", state=State.FIRING, raised_at=Millis(5), told=("duty",))
        await store.commit(watches=[watch], forget=[], outbox=[])
        assert (await store.load()).watches == {("sl", "queue:热线|a"): watch}
        await store.commit(watches=[], forget=[("sl", "queue:热线|a")], outbox=[])
        assert (await store.load()).watches == {}

    on(redis_url, scenario)


def test_a_full_server_still_keeps_what_is_to_be_told(tmp_path: Path) -> None:
    """That it is full is one of the things people must hear of."""
    server = DebianRedis(tmp_path).start()

    async def scenario(redis: Redis, site: SiteId) -> None:
        store = RedisAlertStore(redis, site=site)
        await redis.config_set("maxmemory", "100kb")
        with pytest.raises(OutOfMemoryError):
            await redis.set("anything", "more")
        watch = Watch(rule="sl", scope="site", state=State.FIRING, raised_at=Millis(5), told=())
        await store.commit(watches=[watch], forget=[], outbox=[])
        assert list((await store.load()).watches.values()) == [watch]

    try:
        on(server.url, scenario)
    finally:
        server.stop()


def test_attempts_are_kept_newest_first(redis_url: str) -> None:
    async def scenario(redis: Redis, site: SiteId) -> None:
        store = RedisAlertStore(redis, site=site)
        for number in (1, 2):
            reply = Reply(outcome=Outcome.SERVER_ERROR, status=500, text="boom")
            await store.tried(Attempt(at=Millis(number), channel="duty", notification="n", number=number, reply=reply))
        assert [attempt.number for attempt in await store.attempts()] == [2, 1]

    on(redis_url, scenario)


def test_a_restart_while_the_receiver_is_down_loses_and_doubles_nothing(redis_url: str) -> None:
    """The first life never gets through; the second one delivers the same message id, once."""

    async def scenario(redis: Redis, site: SiteId) -> None:
        facts: list[AlertFact] = []
        async with Receiver(Answer(status=503)) as down:
            engine, feed, task = start(redis, site, down, facts)
            feed.put(numbers(0, 70))
            await until(lambda: SL_KEY in engine.watches)
            feed.put(numbers(10, 70))
            await down.until(2)
            await stop(task)
            refused = {got.headers["webhook-id"] for got in down.received}
        async with Receiver() as up:
            engine, feed, task = start(redis, site, up, facts)
            feed.put(numbers(12, 70))
            got = await up.until(1)
            feed.put(numbers(20, 95))
            await until(lambda: engine.watches[SL_KEY].state is State.RECOVERING)
            feed.put(numbers(25, 95))
            await up.until(2)
            store = RedisAlertStore(redis, site=site)
            await outbox_empties(store)
            await stop(task)
            assert {got[0].headers["webhook-id"]} == refused
            assert len(up.received) == 2
        assert [fact.reason for fact in facts] == ["first_breach", "fired", "recovering", "resolved"]

    on(redis_url, scenario)


def test_a_hanging_receiver_does_not_delay_another(redis_url: str) -> None:
    async def scenario(redis: Redis, site: SiteId) -> None:
        async with Receiver(Answer(hang_s=30)) as hanging, Receiver() as healthy:
            fields = {name: getattr(RULE, name) for name in RULE.__dataclass_fields__}
            rule = type(RULE)(**fields | {"channels": ("duty", "mail")})
            engine, feed, task = start(redis, site, hanging, [], mail=healthy, rule=rule)
            feed.put(numbers(0, 70))
            await until(lambda: SL_KEY in engine.watches)
            feed.put(numbers(10, 70))
            await healthy.until(1, within_s=10)
            await stop(task)
            assert len(healthy.received) == 1

    on(redis_url, scenario)


def test_a_refused_message_becomes_a_dead_letter_with_what_came_back(redis_url: str) -> None:
    async def scenario(redis: Redis, site: SiteId) -> None:
        async with Receiver(Answer(status=404, text="no such hook")) as receiver:
            engine, feed, task = start(redis, site, receiver, [])
            feed.put(numbers(0, 70))
            await until(lambda: SL_KEY in engine.watches)
            feed.put(numbers(10, 70))
            await receiver.until(1)
            store = RedisAlertStore(redis, site=site)
            await outbox_empties(store)
            await stop(task)
        (letter,) = await store.dead_letters()
        assert isinstance(letter, DeadLetter)
        assert (letter.attempt.reply.status, letter.attempt.reply.text) == (404, "no such hook")
        assert letter.entry.notification.says == "firing"

    on(redis_url, scenario)


def test_two_engines_tell_once_and_the_one_that_lost_its_lease_writes_nothing(redis_url: str) -> None:
    """The first slept through the end of its lease; both see the breach last."""

    async def scenario(redis: Redis, site: SiteId) -> None:
        first, second = (Lease(redis, f"alerts:{{{site}}}", holder=name) for name in ("first", "second"))
        assert await first.take()
        async with Receiver() as duty:
            engine, feed, task = start(redis, site, duty, [], lease=first)
            feed.put(numbers(0, 70))
            await until(lambda: SL_KEY in engine.watches)
            await redis.delete(f"alerts:{{{site}}}:lease")  # it ran out
            assert await second.take()
            other, others_feed, others_task = start(redis, site, duty, [], lease=second)
            await until(lambda: SL_KEY in other.watches)
            feed.put(numbers(10, 70))
            with pytest.raises(ExceptionGroup) as failed:
                await asyncio.wait_for(task, 10)
            assert failed.group_contains(FencedOff)
            assert not await redis.hgetall(f"alerts:{{{site}}}:outbox")
            others_feed.put(numbers(10, 70))
            await duty.until(1)
            await outbox_empties(RedisAlertStore(redis, site=site))
            await stop(others_task)
            assert len(duty.received) == 1

    on(redis_url, scenario)


def test_a_message_that_waits_is_left_to_the_engine_that_has_the_lease(redis_url: str) -> None:
    """It was queued for a channel when the lease went: nothing leaves the house any more, nothing is lost."""

    async def scenario(redis: Redis, site: SiteId) -> None:
        first, second = (Lease(redis, f"alerts:{{{site}}}", holder=name) for name in ("first", "second"))
        assert await first.take()
        async with Receiver(Answer(status=503)) as duty:
            engine, feed, task = start(redis, site, duty, [], lease=first)
            feed.put(numbers(0, 70))
            await until(lambda: SL_KEY in engine.watches)
            feed.put(numbers(10, 70))
            await duty.until(1)
            await redis.delete(f"alerts:{{{site}}}:lease")
            assert await second.take()
            with pytest.raises(ExceptionGroup) as failed:
                await asyncio.wait_for(task, 10)
            assert failed.group_contains(FencedOff)
        async with Receiver() as up:
            _, _, others_task = start(redis, site, up, [], lease=second)
            await up.until(1)
            await outbox_empties(RedisAlertStore(redis, site=site))
            await stop(others_task)
            assert [got.headers["webhook-id"] for got in up.received] == [duty.received[0].headers["webhook-id"]]

    on(redis_url, scenario)


def test_what_was_told_to_whom_survives_in_the_real_store(redis_url: str) -> None:
    """With the default timing: told after its wait; the next life does not tell it again, and tells the end."""

    async def scenario(redis: Redis, site: SiteId) -> None:
        async with Receiver() as duty:
            engine, feed, task = start(redis, site, duty, [], routing=Routing(), clock=(clock := HandClock()))
            for second in (0, 10, 12, 16):
                clock.at = START + 1000 * second
                feed.put(numbers(second, 70))
                await until(lambda at=clock.at: SL_KEY in engine.watches and engine.watches[SL_KEY].seen_at >= at)
            await duty.until(1)
            await outbox_empties(RedisAlertStore(redis, site=site))
            await stop(task)
            engine, feed, task = start(redis, site, duty, [], routing=Routing(), clock=clock)
            for second in range(20, 110, 10):
                clock.at = START + 1000 * second
                feed.put(numbers(second, 95))
                await until(lambda at=clock.at: SL_KEY in engine.watches and engine.watches[SL_KEY].seen_at >= at)
            await duty.until(2)
            await outbox_empties(RedisAlertStore(redis, site=site))
            await stop(task)
            assert [orjson.loads(got.body)["status"] for got in duty.received] == ["firing", "resolved"]
            assert (await RedisAlertStore(redis, site=site).load()).book.alerts == {}

    on(redis_url, scenario)


def test_a_store_that_does_not_answer_is_named() -> None:
    """The engine then ends, its supervisor starts it again, and the outbox is said."""

    async def scenario(redis: Redis, site: SiteId) -> None:
        with pytest.raises(BusUnavailable):
            await RedisAlertStore(redis, site=site, timeout_s=1.0).load()

    on("redis://127.0.0.1:9/0", scenario)


def start(
    redis: Redis,
    site: SiteId,
    duty: Receiver,
    facts: list[AlertFact],
    *,
    mail: Receiver | None = None,
    rule: object = RULE,
    lease: Lease | None = None,
    routing: Routing = AT_ONCE,
    clock: HandClock | None = None,
) -> tuple[AlertEngine, Feed, "asyncio.Task[None]"]:
    clock, feed = clock or HandClock(), Feed()
    store = RedisAlertStore(redis, site=site, fence=lease)
    receivers = {"duty": duty} | ({"mail": mail} if mail is not None else {})
    deliveries = {
        name: Delivery(
            Webhook(WebhookSettings(name=name, url=receiver.url(), allow_private=True, timeout_ms=5_000)),
            store=store,
            clock=clock.now,
            policy=RetryPolicy(first_ms=20, most_ms=20),
        )
        for name, receiver in receivers.items()
    }

    async def emit(told: Sequence[AlertFact]) -> None:
        facts.extend(told)

    engine = AlertEngine(
        site=site,
        rules=[rule],  # type: ignore[list-item]
        numbers=feed.numbers,
        store=store,
        emit=emit,
        deliveries=deliveries,
        clock=clock.now,
        routing=routing,
    )
    return engine, feed, asyncio.create_task(engine.run())


async def stop(task: "asyncio.Task[None]") -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def outbox_empties(store: RedisAlertStore) -> None:
    async with asyncio.timeout(20):
        for _ in itertools.count():
            if not (await store.load()).outbox:
                return
            await asyncio.sleep(0.01)
