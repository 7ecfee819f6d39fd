"""The history process put together: archive, scores, alerts. In: a Config, a task group. Out: running tasks.

Everything is handed what it uses; nobody gets the Config but the wiring. May not know: browsers, the living floor.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import msgspec

from monitor import clock, places
from monitor.config import Config
from monitor.history import ARCHIVE, QuestionDesk, Trimmer, serve_desk
from monitor.keeper import Keeper
from monitor.rebuild_desk import RebuildDesk
from monitor.wiring_alerter import start_alerts
from monitor.wiring_backtest import start_backtests
from monitor.wiring_floor import holder
from monitor.wiring_intake import start_intake
from monitor.wiring_past import past_desk
from monitor.wiring_score import start_scoring
from streams.bus import names
from streams.bus.consume import Consumer
from streams.bus.dirty import DirtyNames
from streams.bus.errors import BusError
from streams.bus.lease import Lease, strive
from streams.bus.losses import watch_losses
from streams.warehouse.front import AsyncWarehouse
from streams.warehouse.migrate import migrate
from streams.warehouse.opening import open_warehouse
from streams.warehouse.retention import Keeping
from streams.warehouse.roller import Roller
from streams.warehouse.writer import EVENTS, FACTS, Writer

Counted = dict[str, Callable[[], Mapping[str, Any]]]


async def start_history(tasks: asyncio.TaskGroup, config: Config, redis: Any, roles: Sequence[str]) -> None:
    counted: Counted = {}
    if "archive" in roles:
        await _start_archive(tasks, config, redis, counted)
    if "score" in roles:
        await start_scoring(tasks, config, redis, roles, counted)
    if "alert" in roles:
        start_alerts(tasks, config, redis, counted)


class _Writing(NamedTuple):
    stream: str
    kind: Any


async def _start_archive(tasks: asyncio.TaskGroup, config: Config, redis: Any, counted: Counted) -> None:
    url = places.warehouse_url(config)
    writing = AsyncWarehouse(partial(open_warehouse, url), name="writer")
    asking = AsyncWarehouse(partial(open_warehouse, url), name="questions")
    await writing.run(migrate, now=clock.now(), cluster=config.store.clickhouse_cluster)
    stop = asyncio.Event()
    name = places.member_of(config, "archive").name
    streams = [_Writing(names.events(site.id), EVENTS) for site in config.sites]
    losses = Counter[str]()
    for one in (*streams, _Writing(names.FACTS, FACTS)):
        consumer = Consumer(redis, stream=one.stream, group=ARCHIVE, name=name, max_deliveries=20)
        writer: Any = Writer(
            consumer, writing, dirty=DirtyNames(redis), clock=clock.now, kind=one.kind, bus_errors=(BusError,)
        )
        counted[f"archive {one.stream}"] = partial(_counts_of, writer, consumer)
        tasks.create_task(_write(writer, stop), name=f"archive {one.stream}")
        tasks.create_task(watch_losses(consumer, losses), name=f"losses {one.stream}")
    counted["losses"] = lambda: dict(losses)
    lease = Lease(redis, "roller", holder=holder())
    roller = Roller(
        AsyncWarehouse(partial(open_warehouse, url), name="roller"),
        DirtyNames(redis),
        lease,
        clock=clock.now,
        bus_errors=(BusError,),
        short_abandon_ms=config.short_abandon_ms,
    )
    counted["roller"] = partial(msgspec.to_builtins, roller.counts)
    tasks.create_task(strive(lease), name="roller's lease")
    tasks.create_task(roller.run(stop), name="roller")
    trimmer = Trimmer(redis, [site.id for site in config.sites])
    tasks.create_task(trimmer.run(), name="trim")
    counted["trimmed"] = lambda: dict(trimmer.counts)
    by_hand = AsyncWarehouse(partial(open_warehouse, url), name="by-hand")
    past = past_desk(config)
    counted["past"] = past.status
    rebuilding = RebuildDesk(
        config, AsyncWarehouse(partial(open_warehouse, url), timeout_s=300, name="rebuild"), clock=clock.now
    )
    counted["rebuild"] = lambda: dict(rebuilding.counts)
    kept = config.retention
    keeper = Keeper(
        redis,
        asking,
        [site.id for site in config.sites],
        keeping=Keeping(
            events=kept.events_days,
            contacts=kept.contacts_days,
            transcripts=kept.transcripts_days,
            alerts=kept.alerts_days,
        ),
        clock=clock.now,
        cluster=config.store.clickhouse_cluster,
    )
    counted["keeper"] = lambda: dict(keeper.counts)
    tasks.create_task(keeper.run_checkpoints(), name="checkpoints")
    tasks.create_task(keeper.run_retention(), name="retention")
    await start_intake(tasks, config, redis, asking, counted)
    start_backtests(tasks, config, redis, counted)

    def status() -> dict[str, Any]:
        return {name: dict(counts()) for name, counts in counted.items()}

    desk = QuestionDesk(asking, status, by_hand=by_hand, routes=[*past.routes(), *rebuilding.routes()])
    tasks.create_task(serve_desk(desk, places.history_socket(config)), name="questions")


def _counts_of(writer: Any, consumer: Consumer) -> dict[str, Any]:
    counts: dict[str, Any] = msgspec.to_builtins(writer.counts)
    return {**counts, "lost": consumer.counts.lost, "claimed": consumer.counts.claimed}


async def _write(writer: Any, stop: asyncio.Event) -> None:
    """A stop lets the running batch reach the store before the process ends."""
    task = asyncio.create_task(writer.run(stop))
    try:
        await asyncio.shield(task)
    finally:
        stop.set()
        await asyncio.wait({task}, timeout=10)
