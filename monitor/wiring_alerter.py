"""One alerter for each site put together. In: a Config, a task group. Out: running tasks; what they count.

May not know: browsers, the living floor, the archive.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
import structlog

from alerts.engine import AlertEngine
from alerts.notes import changed
from alerts.store import RedisAlertStore
from monitor import clock, places
from monitor.alert_silences import SilenceStore
from monitor.channels import Lines
from monitor.config import Config, Site
from monitor.history_client import HistoryClient
from monitor.moment_follower import MomentFollower
from monitor.quality import QualityWatch
from monitor.wiring_alerts import note_teller, rules_shelf
from monitor.wiring_floor import holder
from monitor.wiring_live import ALERTS_KEPT
from streams.bus import names
from streams.bus.consume import Follower
from streams.bus.lease import Lease, while_held
from streams.bus.patience import lasting, patiently
from streams.bus.publish import Publisher
from streams.floor.numbers import QueueNumbers
from streams.vocabulary.codec import UNREADABLE, decode_fact, encode
from streams.vocabulary.facts import AlertFact, AlertNoteFact

log = structlog.get_logger(__name__)

DESK_POLL_S: Final = 1.0
Counted = dict[str, Callable[[], Mapping[str, Any]]]


def start_alerts(tasks: asyncio.TaskGroup, config: Config, redis: Any, counted: Counted) -> None:
    """All sites share the channels' paces and the last hour's scores."""
    lines = Lines(config)
    history = HistoryClient(places.history_socket(config))
    quality = QualityWatch(redis, [site.id for site in config.sites], history=history, clock=clock.now)
    counted["quality"] = quality.status
    tasks.create_task(_watch_quality(quality, history), name="quality")
    for site in config.sites:
        _start_alerts(tasks, config, site, redis, counted, lines, quality)


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
    terms: list[_AlertTerm] = []

    async def under_lease() -> None:
        term = _AlertTerm(config, site, redis, store, counts, lines, quality)
        terms.append(term)
        try:
            await term.run()
        finally:
            terms.remove(term)
            attempted.update(term.attempted())

    def status() -> dict[str, int]:
        """Of the terms that are over and of the one that goes on."""
        now = sum((Counter(term.attempted()) for term in terms), attempted)
        left_out = sum(term.left_out() for term in terms)
        return {**now, **counts, "left_out": left_out, "held": int(lease.held())}

    counted[f"alerts {site.id}" if site is not config.site else "alerts"] = status
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
        counts |= {what.value: n for what, n in self._engine.damaged.items()}
        for name, one in self._deliveries.items():
            told = {outcome.value: n for outcome, n in one.attempted.items()}
            also = {what: n for what, n in (("paced", one.paced), ("grouped", one.grouped)) if n}
            counts |= {f"{name} {what}": n for what, n in (told | also).items()}
        return counts

    def left_out(self) -> int:
        """Scopes in breach now that their rules have no room for."""
        return sum(self._engine.left_out.values())

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
                try:
                    batch = decode(entry.blob)
                except UNREADABLE as error:  # of another version: no numbers, and after ten seconds that is told
                    self._counts["numbers_not_readable"] += 1
                    log.warning("numbers_not_readable", site=self._site, fault=str(error), mend="restart both services")
                    continue
                yield batch

    async def _emit(self, facts: Sequence[AlertFact]) -> None:
        blobs = [encode(fact) for fact in facts]
        await patiently(lambda: self._publisher.publish(names.FACTS, blobs), "telling an alert", self._counts)
        shown = names.alerts(self._site)
        await patiently(
            lambda: self._publisher.publish(shown, blobs, cap=ALERTS_KEPT), "showing an alert", self._counts
        )
        # the store keeps an alert's newest version; its way is told by notes
        await self._note([changed(fact) for fact in facts])

    async def _note(self, notes: Sequence[AlertNoteFact]) -> None:
        await patiently(lambda: self._teller.tell_all(notes), "noting an alert", self._counts)

    async def _hear_acknowledgements(self) -> None:
        """What a person acknowledged on a page; the engine's own facts come by here too and change nothing."""
        follower = Follower(self._redis, stream=names.alerts(self._site))
        position = "0-0"
        heard: dict[str, int] = {}
        while True:
            read = partial(follower.read_from, position, 500, 1_000)
            for entry in await patiently(read, "hearing acknowledgements", self._counts):
                position = entry.id
                try:
                    fact = decode_fact(entry.blob)
                except UNREADABLE:
                    self._counts["alerts_not_decodable"] += 1  # history keeps it as a dead letter
                    continue
                if (
                    isinstance(fact, AlertFact)
                    and fact.acknowledged_at
                    and heard.get(fact.alert) != fact.acknowledged_at
                ):
                    heard[fact.alert] = fact.acknowledged_at
                    await self._engine.acknowledge(fact.alert, by=fact.acknowledged_by, at=fact.acknowledged_at)
            for old in list(heard)[:-ALERTS_KEPT]:
                del heard[old]
