"""The history process put together: archive, scores, alerts. In: a Config, a task group. Out: running tasks.

Everything is handed what it uses; nobody gets the Config but the wiring. May not know: browsers, the living floor.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from alerts.engine import AlertEngine
from alerts.notes import changed
from alerts.store import RedisAlertStore
from monitor import clock, places
from monitor.alert_silences import SilenceStore
from monitor.channels import Lines
from monitor.config import Config, Site
from monitor.history import ARCHIVE, QuestionDesk, Trimmer, serve_desk
from monitor.history_client import HistoryClient
from monitor.keeper import Keeper
from monitor.moment_follower import MomentFollower
from monitor.quality import QualityWatch
from monitor.rebuild_desk import RebuildDesk
from monitor.wiring_alerts import note_teller, rules_shelf
from monitor.wiring_backtest import start_backtests
from monitor.wiring_floor import holder
from monitor.wiring_intake import start_intake
from monitor.wiring_live import ALERTS_KEPT
from monitor.wiring_past import past_desk
from monitor.wiring_score import start_scoring
from streams.bus import names
from streams.bus.consume import Consumer, Follower
from streams.bus.dirty import DirtyNames
from streams.bus.errors import BusError
from streams.bus.lease import Lease, strive, while_held
from streams.bus.losses import watch_losses
from streams.bus.patience import lasting, patiently
from streams.bus.publish import Publisher
from streams.floor.numbers import QueueNumbers
from streams.vocabulary.codec import decode_fact, encode
from streams.vocabulary.facts import AlertFact, AlertNoteFact
from streams.warehouse.front import AsyncWarehouse
from streams.warehouse.migrate import migrate
from streams.warehouse.opening import open_warehouse
from streams.warehouse.retention import Keeping
from streams.warehouse.roller import Roller
from streams.warehouse.writer import EVENTS, FACTS, Writer

DESK_POLL_S = 1.0
Counted = dict[str, Callable[[], Mapping[str, Any]]]


async def start_history(tasks: asyncio.TaskGroup, config: Config, redis: Any, roles: Sequence[str]) -> None:
    counted: Counted = {}
    if "archive" in roles:
        await _start_archive(tasks, config, redis, counted)
    if "score" in roles:
        await start_scoring(tasks, config, redis, roles, counted)
    if "alert" in roles:
        lines = Lines(config)
        history = HistoryClient(places.history_socket(config))
        quality = QualityWatch(redis, [site.id for site in config.sites], history=history, clock=clock.now)
        counted["quality"] = quality.status
        tasks.create_task(_watch_quality(quality, history), name="quality")
        for site in config.sites:
            _start_alerts(tasks, config, site, redis, counted, lines, quality)


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


async def _watch_quality(quality: QualityWatch, history: HistoryClient) -> None:
    try:
        await quality.run()
    finally:
        await history.close()


def _start_alerts(
    tasks: asyncio.TaskGroup,
    config: Config,
    site: Site,
    redis: Any,
    counted: Counted,
    lines: Lines,
    quality: QualityWatch,
) -> None:
    """One engine per site among all processes. A bus that is away ends it; it goes on from what it had stored."""
    lease = Lease(redis, f"alerts:{{{site.id}}}", holder=holder())
    store = RedisAlertStore(redis, site=site.id, fence=lease)
    counts: Counter[str] = Counter()
    attempted: Counter[str] = Counter()

    async def under_lease() -> None:
        term = _AlertTerm(config, site, redis, store, counts, lines, quality)
        try:
            await term.run()
        finally:
            attempted.update(term.attempted())

    counted[f"alerts {site.id}" if site is not config.site else "alerts"] = lambda: {
        **attempted,
        **counts,
        "held": int(lease.held()),
    }
    watching = partial(while_held, lease, partial(lasting, under_lease, "watching alerts", counts))
    tasks.create_task(lasting(watching, "asking for the alerts' lease", counts), name=f"alerts {site.id}")


class _AlertTerm:
    """One engine's life, from the store's state to the end of the lease or of the bus."""

    def __init__(
        self,
        config: Config,
        site: Site,
        redis: Any,
        store: RedisAlertStore,
        counts: Counter[str],
        lines: Lines,
        quality: QualityWatch,
    ) -> None:
        self._redis = redis
        self._site = site.id
        self._counts = counts
        self._publisher = Publisher(redis, even_full=True)
        self._teller = note_teller(redis)
        self._deliveries = lines.deliveries(store)
        self._moments = MomentFollower(redis, site.id, quality=quality, clock=clock.now, counts=counts)
        self._engine = AlertEngine(
            site=site.id,
            rules=config.alerts.rules,
            numbers=self._numbers,
            store=store,
            emit=self._emit,
            deliveries=self._deliveries,
            clock=clock.now,
            passing=clock.monotonic_ms,
            zone=ZoneInfo(site.timezone),
            beside=self._moments.latest,
            routing=config.alerts.routing,
            note=self._note,
        )
        self._silences = SilenceStore(redis, site=site.id, clock=clock.now)
        self._shelf = rules_shelf(config, redis)
        self._version = self._shelf.first.running

    def attempted(self) -> dict[str, int]:
        counts = {f"withheld {reason}": n for reason, n in self._engine.withheld.items()}
        for name, one in self._deliveries.items():
            told = {outcome.value: n for outcome, n in one.attempted.items()}
            also = {what: n for what, n in (("paced", one.paced), ("grouped", one.grouped)) if n}
            counts |= {f"{name} {what}": n for what, n in (told | also).items()}
        return counts

    async def run(self) -> None:
        await self._shelf.settle()  # or alerts of published rules would be taken for those of rules that are gone
        await self._take_up()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._engine.run())
            tasks.create_task(self._moments.run())
            tasks.create_task(self._hear_acknowledgements())
            tasks.create_task(self._shelf.run())
            tasks.create_task(self._follow_desk())

    async def _follow_desk(self) -> None:
        while True:
            await asyncio.sleep(DESK_POLL_S)
            await self._take_up()

    async def _take_up(self) -> None:
        """Silences and rules as people wrote them."""
        self._engine.use_silences(await patiently(self._silences.all, "reading silences", self._counts))
        version, rules = self._shelf.current()
        if version != self._version:
            await self._engine.use(rules)
            self._version = version

    async def _numbers(self) -> AsyncIterator[list[QueueNumbers]]:
        follower = Follower(self._redis, stream=names.metrics(self._site))
        decode = msgspec.msgpack.Decoder(list[QueueNumbers]).decode
        position = "$"
        while True:
            read = partial(follower.read_from, position, 1_000, 1_000)
            for entry in await patiently(read, "reading numbers", self._counts):
                position = entry.id
                yield decode(entry.blob)

    async def _emit(self, fact: AlertFact) -> None:
        blob = encode(fact)
        await patiently(lambda: self._publisher.publish(names.FACTS, [blob]), "telling an alert", self._counts)
        shown = names.alerts(fact.site)
        await patiently(
            lambda: self._publisher.publish(shown, [blob], cap=ALERTS_KEPT), "showing an alert", self._counts
        )
        await self._note(changed(fact))  # the store keeps an alert's newest version; its way is told by notes

    async def _note(self, note: AlertNoteFact) -> None:
        await patiently(lambda: self._teller.tell(note), "noting an alert", self._counts)

    async def _hear_acknowledgements(self) -> None:
        """What a person acknowledged on a page; the engine's own facts come by here too and change nothing."""
        follower = Follower(self._redis, stream=names.alerts(self._site))
        position = "0-0"
        heard: dict[str, int] = {}
        while True:
            read = partial(follower.read_from, position, 500, 1_000)
            for entry in await patiently(read, "hearing acknowledgements", self._counts):
                position = entry.id
                fact = decode_fact(entry.blob)
                if (
                    isinstance(fact, AlertFact)
                    and fact.acknowledged_at
                    and heard.get(fact.alert) != fact.acknowledged_at
                ):
                    heard[fact.alert] = fact.acknowledged_at
                    await self._engine.acknowledge(fact.alert, by=fact.acknowledged_by, at=fact.acknowledged_at)
            for old in list(heard)[:-ALERTS_KEPT]:
                del heard[old]
