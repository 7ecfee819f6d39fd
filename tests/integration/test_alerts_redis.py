"""Watches, outbox and dead letters in a real Redis, and the whole way from numbers to a receiver across a restart."""

import asyncio
import itertools
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.exceptions import OutOfMemoryError

from alerts.delivery import Delivery
from alerts.engine import AlertEngine
from alerts.evaluate import State, Watch
from alerts.senders.channel import Attempt, Outcome, Reply
from alerts.senders.retry import RetryPolicy
from alerts.senders.webhook import Webhook, WebhookSettings
from alerts.store import DeadLetter, RedisAlertStore
from streams.bus.connection import client
from streams.bus.errors import BusUnavailable
from streams.vocabulary.facts import AlertFact
from streams.vocabulary.ids import Millis, SiteId
from tests.alerts_floor import RULE, SITE, SL_KEY, Feed, HandClock, numbers, until
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
) -> tuple[AlertEngine, Feed, "asyncio.Task[None]"]:
    clock, feed = HandClock(), Feed()
    store = RedisAlertStore(redis, site=site)
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

    async def emit(fact: AlertFact) -> None:
        facts.append(fact)

    engine = AlertEngine(
        site=site,
        rules=[rule],  # type: ignore[list-item]
        numbers=feed.numbers,
        store=store,
        emit=emit,
        deliveries=deliveries,
        clock=clock.now,
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
