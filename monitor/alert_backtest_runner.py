"""Works at back-tests of alert rules, in the process that may open the store. In: jobs on the bus. Out: what was found.

One at a time for the service, the oldest first, under a lease. Each step is followed by a pause: whoever inserts comes
first. One that was begun and lost with its process is begun anew, three times at most. May not know: HTTP.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

import structlog
from msgspec.structs import replace

from alerts.parse import AlertFaults
from alerts.rules import Rule
from monitor.alert_backtest import AlertBacktestWork
from monitor.alert_backtest_found import BacktestRange
from monitor.alert_backtest_jobs import (
    AlertBacktest,
    AlertBacktests,
    BacktestFound,
    BacktestReason,
    BacktestState,
)
from monitor.alert_backtest_rules import rules_of
from monitor.past_desk import PastSite
from streams.vocabulary.ids import Millis, SiteId
from streams.warehouse.errors import StoreError
from streams.warehouse.front import AsyncWarehouse

log = structlog.get_logger(__name__)
LOOK_EVERY_S: Final = 1.0
PAUSE_SHARE: Final = 0.1
"""Of a step's time. A step holds the interpreter like any thread of this process; the live process is another one."""
MOST_STARTS: Final = 3
MOST_SPENT_MS: Final = 15 * 60_000
"""Of work: a year of a large centre with rules about every agent."""
TRIES: Final = 6
PAUSE_S: Final = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestSite:
    """How floors of one site's past are made, and its clock on the wall."""

    past: PastSite
    zone: ZoneInfo


class AlertBacktestRunner:
    """Mutable counters. One per process; only one of a service works at a time (`run` under a lease)."""

    def __init__(
        self,
        jobs: AlertBacktests,
        store: AsyncWarehouse,
        *,
        sites: Mapping[SiteId, BacktestSite],
        clock: Callable[[], Millis],
        look_every_s: float = LOOK_EVERY_S,
        most_spent_ms: int = MOST_SPENT_MS,
    ) -> None:
        self._jobs = jobs
        self._store = store
        self._sites = sites
        self._clock = clock
        self._look_every_s = look_every_s
        self._most_spent_ms = most_spent_ms
        self.counts: Counter[str] = Counter()

    async def run(self) -> None:
        """For ever. Raises BusError: run again, it takes up what it was at."""
        while True:
            for site in self._sites:
                job = await self._jobs.next(site)
                if job is not None:
                    await self.do(job)
            await asyncio.sleep(self._look_every_s)

    async def do(self, job: AlertBacktest) -> None:
        """To its end, whichever that is."""
        text = await self._jobs.text(job)
        if job.starts >= MOST_STARTS:
            await self._failed(job, BacktestReason.KILLED, f"begun {MOST_STARTS} times")
            return
        job = replace(job, starts=job.starts + 1, begun_at=job.begun_at or self._clock(), state=BacktestState.RUNNING)
        await self._jobs.tell(job)
        rules = await asyncio.to_thread(_readable, text or "", job.rule)
        if not rules:
            await self._failed(job, BacktestReason.RULES, "")
            return
        site = self._sites[job.site]
        asked = BacktestRange(site=job.site, since=job.since, until=job.until, queues=tuple(job.queues))
        work = AlertBacktestWork(rules, asked, past=site.past, zone=site.zone, now=self._clock())
        log.info("alert_backtest_begun", job=job.id, rules=len(rules), starts=job.starts)
        await self._work(job, work)

    async def _work(self, job: AlertBacktest, work: AlertBacktestWork) -> None:
        loop, tries = asyncio.get_running_loop(), 0
        while not work.ended:
            if await self._jobs.cancelled(job):
                await self._over(replace(job, state=BacktestState.CANCELLED), None)
                return
            if job.spent_ms > self._most_spent_ms:
                await self._failed(job, BacktestReason.TOO_LONG, f"{100 * work.progress:.0f} % of the days")
                return
            began = loop.time()
            try:
                await self._store.run(work.step)
                tries = 0
            except StoreError as error:
                tries += 1
                self.counts["store_faults"] += 1
                if tries >= TRIES:
                    await self._failed(job, BacktestReason.STORE, str(error))
                    return
                await asyncio.sleep(PAUSE_S)
                continue
            took = loop.time() - began
            job = replace(job, progress=work.progress, spent_ms=job.spent_ms + round(1000 * took))
            await self._jobs.tell(job)
            await asyncio.sleep(PAUSE_SHARE * took)
        if work.refused is not None:
            await self._failed(job, work.refused, work.detail)
            return
        await self._over(replace(job, state=BacktestState.DONE, progress=1.0), work.found)

    async def _over(self, job: AlertBacktest, found: BacktestFound | None) -> None:
        self.counts[job.state] += 1
        log.info("alert_backtest_over", job=job.id, state=job.state, reason=job.reason, spent_ms=job.spent_ms)
        await self._jobs.end(replace(job, ended_at=self._clock()), found)

    async def _failed(self, job: AlertBacktest, reason: BacktestReason, detail: str) -> None:
        await self._over(replace(job, state=BacktestState.FAILED, reason=reason, detail=detail[:500]), None)


def _readable(text: str, only: str) -> tuple[Rule, ...]:
    """None where another version of the language reads it."""
    try:
        return rules_of(text, only=only)
    except AlertFaults:
        return ()
