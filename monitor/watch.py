"""What the service says of itself, for /ops, /readyz and /metrics. In: counters of all parts. Out: one nested mapping.

The history process is asked every few seconds, never by a page that waits. May not know: how a page shows it.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final

import structlog

from monitor.api.history import HistoryUnavailable
from monitor.disk import DiskState, DiskWatch
from monitor.gauges import Ledger, Looked, StoreWatch, gauges_of
from monitor.history_client import HistoryClient
from monitor.live import UNSEEN, FloorOwner
from monitor.rules_drift import DriftWatch
from monitor.wiring_collect import Collectors
from streams.bus import names
from streams.bus.errors import BusError, bounded
from streams.bus.lag import lags_ms
from streams.collect.samples import RefusedSample, RefusedSamples
from streams.vocabulary.ids import Millis, SiteId

log = structlog.get_logger(__name__)

EVERY_S: Final = 5.0
DROPS: Final = ("recording_", "event_")


class StatusWatch:
    """Mutable; `status` is cheap and always answers from the last look."""

    def __init__(
        self,
        *,
        owners: Mapping[SiteId, FloorOwner],
        collectors: Collectors,
        history: HistoryClient,
        redis: Any,
        disk: DiskWatch,
        clock: Callable[[], Millis],
        more: Callable[[], Mapping[str, Mapping[str, int]]] = dict,
        ledger: Callable[[SiteId], Ledger | None] = lambda site: None,
    ) -> None:
        """`more`: further sections, of processes that have no page of their own. `ledger`: a site's recordings."""
        self._owners = owners
        self._collectors = collectors
        self._history = history
        self._redis = redis
        self._disk = disk
        self._clock = clock
        self._more = more
        self._ledger = ledger
        self._store_watch = StoreWatch()
        self._drift = DriftWatch(history, tuple(owners), clock)
        self._store_away: bool | None = None
        self._streams = (*map(names.events, owners), names.FACTS, names.JOBS_ASR, names.JOBS_SCORE)
        self._lengths: dict[str, int] = {}
        self._dead: dict[str, int] = {}
        self._lags: dict[str, float] = {}
        self._history_says: dict[str, Any] = {}
        self._history_state = "not asked yet"
        self._bus_state = "not asked yet"

    async def run(self) -> None:
        while True:
            try:
                self._history_says = await self._history.status()
                self._history_state = "ok"
                self._store_away = self._store_watch.take(self._history_says)
            except HistoryUnavailable as error:
                self._history_state = error.reason
                self._store_away = True
            try:
                async with bounded(EVERY_S, "measuring streams"):
                    for stream in self._streams:
                        self._lengths[stream] = int(await self._redis.xlen(stream))
                        self._dead[stream] = int(await self._redis.xlen(names.dead(stream)))
                    self._lags = await self._behind()
                self._bus_state = "ok"
            except BusError as error:
                self._bus_state = str(error)
            await self._drift.look()
            await asyncio.to_thread(self._disk.look)
            await asyncio.sleep(EVERY_S)

    def status(self) -> dict[str, Any]:
        floor = self._floor_counts()
        caught_up = all(owner.caught_up.is_set() for owner in self._owners.values())
        return {
            "ready": True if caught_up else "the floor is still catching up with the bus",
            "stores": {"bus": self._bus_state, "history": self._history_state, "disk": self._disk.state},
            "disk": self._disk.status(),
            "sources": self._sources(),
            "spools": self._spools(),
            "drops": {**self._refused(), **{name: n for name, n in floor.items() if _of(name).startswith(DROPS)}},
            "retries": self._lost(),
            "quarantine": {f"dead letters of {stream}": n for stream, n in self._dead.items()},
            "anomalies": self._anomalies(),
            "repairs": self._repairs(),
            "lag": dict(self._lags),
            "streams": dict(self._lengths),
            "floor": {name: n for name, n in floor.items() if not _of(name).startswith(DROPS)},
            **self._more(),
            **{
                f"history {section}": {name: value for name, value in values.items() if not isinstance(value, dict)}
                for section, values in self._history_says.items()
            },
        }

    def gauges(self, site: SiteId) -> dict[str, float]:
        """What of this rules may watch, from the last look; a name that is absent is not known."""
        bus = self._bus_state == "ok"
        disk = self._disk.state is not DiskState.NOT_KNOWN
        looked = Looked(
            disk_free_percent=100.0 - self._disk.percent if disk else None,
            lags_s=self._lags if bus else None,
            dead=self._dead if bus else None,
            store_away=self._store_away,
            rules_drifting=self._drift.count,
        )
        return gauges_of(looked, site=site, first=site == next(iter(self._owners)), ledger=self._ledger(site))

    def samples(self) -> dict[str, list[RefusedSample]]:
        """What each collector refused lately, where it keeps that."""
        found = {str(name): getattr(client, "samples", None) for name, client in self._collectors.clients.items()}
        return {name: kept.newest_first() for name, kept in found.items() if isinstance(kept, RefusedSamples)}

    def _floor_counts(self) -> dict[str, int]:
        """The first site's by their plain names, others' behind the site's."""
        counts: dict[str, int] = {}
        for number, (site, owner) in enumerate(self._owners.items()):
            before = f"{site}: " if number else ""
            counts |= {f"{before}{name}": n for name, n in owner.counts.items()}
            counts[f"{before}owning"] = int(owner.owning)
        return counts

    def _sources(self) -> dict[str, Any]:
        told: dict[str, Any] = {}
        for name, client in self._collectors.clients.items():
            counts: Any = getattr(client, "counts", None)
            for what in ("connected", "bytes", "messages", "events"):
                if counts is not None:
                    told[f"{name} {what}"] = getattr(counts, what)
        return told

    def _counted(self, what: str) -> dict[str, Mapping[str, int]]:
        clients = self._collectors.clients.items()
        return {str(name): getattr(getattr(client, "counts", None), what, {}) for name, client in clients}

    def _refused(self) -> dict[str, int]:
        return {f"{name}: {why}": n for name, one in self._counted("refused").items() for why, n in one.items()}

    def _lost(self) -> dict[str, int]:
        return {f"{name} lost: {why}": n for name, one in self._counted("lost").items() for why, n in one.items()}

    def _spools(self) -> dict[str, Any]:
        now = self._clock()
        return {
            f"{name} {what}": value
            for name, feed in self._collectors.all_feeds().items()
            for what, value in feed.status(now).items()
        }

    async def _behind(self) -> dict[str, float]:
        """Seconds by reader and stream; the caller bounds the time."""
        floors = {names.events(site): {"floor": owner.position} for site, owner in self._owners.items()}
        return {
            f"{reader} {stream}": behind / 1000
            for stream in self._streams
            for reader, behind in (await lags_ms(self._redis, stream, also=floors.get(stream))).items()
        }

    def _repairs(self) -> dict[str, int]:
        return {
            f"{site}: {kind}" if number else kind: n
            for number, (site, owner) in enumerate(self._owners.items())
            for kind, n in owner.floor.state.repairs.items()
        }

    def _anomalies(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for number, (site, owner) in enumerate(self._owners.items()):
            before = f"{site}: " if number else ""
            found |= {f"{before}{kind}": n for kind, n in owner.floor.state.anomalies.items()}
            if unseen := owner.counts[UNSEEN]:
                found[f"{before}{UNSEEN}"] = unseen
        return found


def _of(name: str) -> str:
    """Without the site."""
    return name.rpartition(": ")[2]
