"""The history process put together: archive, scores, alerts. In: a Config, a task group. Out: running tasks.

Everything is handed what it uses; nobody gets the Config but the wiring. May not know: browsers, the living floor.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import msgspec

from alerts.delivery import Delivery
from alerts.engine import AlertEngine
from alerts.senders.webhook import Webhook
from alerts.store import RedisAlertStore
from monitor import clock, places
from monitor.config import Config
from monitor.history import ARCHIVE, QuestionDesk, Scorer, Trimmer, serve_desk
from monitor.wiring_live import ALERTS_KEPT
from monitor.wiring_past import past_desk
from scoring.library import load_scheme
from streams.bus import names
from streams.bus.consume import Consumer, Follower
from streams.bus.errors import BusError
from streams.bus.publish import Publisher
from streams.floor.numbers import QueueNumbers
from streams.vocabulary.codec import decode_fact, encode
from streams.vocabulary.facts import AlertFact
from streams.warehouse.front import AsyncWarehouse
from streams.warehouse.migrate import migrate
from streams.warehouse.opening import open_warehouse
from streams.warehouse.writer import EVENTS, FACTS, Writer


async def _publish_alert(publisher: Publisher, fact: AlertFact) -> None:
    blob = encode(fact)
    await publisher.publish(names.FACTS, [blob])
    await publisher.publish(names.alerts(fact.site), [blob], cap=ALERTS_KEPT)


async def start_history(tasks: asyncio.TaskGroup, config: Config, redis: Any, roles: Sequence[str]) -> None:
    counted: dict[str, Callable[[], Mapping[str, Any]]] = {}
    publisher = Publisher(redis)
    if "archive" in roles:
        await _start_archive(tasks, config, redis, counted)
    if "score" in roles:
        scorer = Scorer(redis, load_scheme(config.scheme), name="score-0", clock=clock.now)
        counted["score"] = lambda: dict(scorer.counts)
        tasks.create_task(scorer.run())
    if "alert" in roles:
        _start_alerts(tasks, config, redis, publisher, counted)


class _Writing(NamedTuple):
    stream: str
    kind: Any


async def _start_archive(
    tasks: asyncio.TaskGroup, config: Config, redis: Any, counted: dict[str, Callable[[], Mapping[str, Any]]]
) -> None:
    url = places.warehouse_url(config)
    writing = AsyncWarehouse(partial(open_warehouse, url), name="writer")
    asking = AsyncWarehouse(partial(open_warehouse, url), name="questions")
    await writing.run(migrate, now=clock.now())
    stop = asyncio.Event()
    for one in (_Writing(names.events(config.site.id), EVENTS), _Writing(names.FACTS, FACTS)):
        consumer = Consumer(redis, stream=one.stream, group=ARCHIVE, name="archive-0", max_deliveries=20)
        writer: Any = Writer(consumer, writing, kind=one.kind, bus_errors=(BusError,))
        counted[f"archive {one.stream}"] = partial(msgspec.to_builtins, writer.counts)
        tasks.create_task(_write(writer, stop))
    trimmer = Trimmer(redis, config.site.id)
    tasks.create_task(trimmer.run())
    counted["trimmed"] = lambda: dict(trimmer.counts)
    by_hand = AsyncWarehouse(partial(open_warehouse, url), name="by-hand")
    past = past_desk(config)
    counted["past"] = past.status

    def status() -> dict[str, Any]:
        return {name: dict(counts()) for name, counts in counted.items()}

    desk = QuestionDesk(asking, status, by_hand=by_hand, routes=past.routes())
    tasks.create_task(serve_desk(desk, places.history_socket(config)))


async def _write(writer: Any, stop: asyncio.Event) -> None:
    """A stop lets the running batch reach the store before the process ends."""
    task = asyncio.create_task(writer.run(stop))
    try:
        await asyncio.shield(task)
    finally:
        stop.set()
        await asyncio.wait({task}, timeout=10)


def _start_alerts(
    tasks: asyncio.TaskGroup,
    config: Config,
    redis: Any,
    publisher: Publisher,
    counted: dict[str, Callable[[], Mapping[str, Any]]],
) -> None:
    store = RedisAlertStore(redis, site=config.site.id)
    deliveries = {
        one.name: Delivery(Webhook(one, page_url=config.web.public_url), store=store, clock=clock.now)
        for one in config.alerts.webhooks
    }

    async def numbers() -> AsyncIterator[list[QueueNumbers]]:
        follower = Follower(redis, stream=names.metrics(config.site.id))
        decode = msgspec.msgpack.Decoder(list[QueueNumbers]).decode
        position = "$"
        while True:
            for entry in await follower.read_from(position, 1_000, 1_000):
                position = entry.id
                yield decode(entry.blob)

    async def emit(fact: AlertFact) -> None:
        await _publish_alert(publisher, fact)

    engine = AlertEngine(
        site=config.site.id,
        rules=config.alerts.rules,
        numbers=numbers,
        store=store,
        emit=emit,
        deliveries=deliveries,
        clock=clock.now,
    )
    counted["alerts"] = lambda: {
        f"{name} {outcome}": n for name, one in deliveries.items() for outcome, n in one.attempted.items()
    }
    tasks.create_task(engine.run())
    tasks.create_task(_hear_acknowledgements(redis, config, engine))


async def _hear_acknowledgements(redis: Any, config: Config, engine: AlertEngine) -> None:
    """What a person acknowledged on a page; the engine's own facts come by here too and change nothing."""
    follower = Follower(redis, stream=names.alerts(config.site.id))
    position = "0-0"
    heard: dict[str, int] = {}
    while True:
        for entry in await follower.read_from(position, 500, 1_000):
            position = entry.id
            fact = decode_fact(entry.blob)
            if isinstance(fact, AlertFact) and fact.acknowledged_at and heard.get(fact.alert) != fact.acknowledged_at:
                heard[fact.alert] = fact.acknowledged_at
                await engine.acknowledge(fact.alert, by=fact.acknowledged_by, at=fact.acknowledged_at)
        for old in list(heard)[:-ALERTS_KEPT]:
            del heard[old]
