"""Runs the jobs of rules, in the process that may open the store. In: jobs on the bus. Out: their progress, results.

One service runs one at a time, under a lease. A step is followed by a pause of a share of its time: who inserts comes
first. Begun again after a restart: a back-test from its beginning, a re-scoring from where it was. May not know:
HTTP, what rules say.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace as changed
from datetime import tzinfo
from typing import Any, Final

import structlog
from msgspec.structs import replace

from monitor.roster import Rosters, no_roster
from monitor.rule_jobs import Asked, JobKind, JobReason, JobState, RuleJob, RuleJobs
from monitor.rule_work import Backtest, Rescore, Undo
from monitor.rules_check import look
from scoring.rules import Scheme
from streams.vocabulary.ids import ContactId, Millis, SiteId
from streams.warehouse.case_pages import Place, Range
from streams.warehouse.errors import StoreError
from streams.warehouse.front import AsyncWarehouse

log = structlog.get_logger(__name__)
LOOK_EVERY_S: Final = 1.0
PAUSE_SHARE: Final = 0.25
MOST_STARTS: Final = 3
TRIES: Final = 6
PAUSE_S: Final = 2.0
Doing = Backtest | Rescore | Undo


class RuleRunner:
    """Mutable counters. One per process; only one of a service works at a time (`run` under a lease)."""

    def __init__(
        self,
        jobs: RuleJobs,
        store: AsyncWarehouse,
        *,
        zones: Mapping[SiteId, tzinfo],
        clock: Callable[[], Millis],
        rosters: Rosters = no_roster,
        look_every_s: float = LOOK_EVERY_S,
    ) -> None:
        self._jobs = jobs
        self._rosters = rosters
        self._store = store
        self._zones = zones
        self._clock = clock
        self._look_every_s = look_every_s
        self.counts: Counter[str] = Counter()

    async def run(self) -> None:
        """For ever. Raises BusError: run again, it takes up what it was at."""
        while True:
            for site in self._zones:
                job = await self._jobs.busy(site)
                if job is not None:
                    await self.do(job)
            await asyncio.sleep(self._look_every_s)

    async def do(self, job: RuleJob) -> None:
        """To its end, whichever that is."""
        told = await self._jobs.asked(job.site, job.id)
        job = replace(job, starts=job.starts + 1, begun_at=job.begun_at or self._clock())
        if job.starts > MOST_STARTS:
            await self._failed(job, JobReason.KILLED, f"begun {MOST_STARTS} times")
            return
        undoing = job.state is JobState.UNDO
        job = replace(job, state=JobState.UNDO if undoing else JobState.RUNNING)
        await self._jobs.tell(job)
        doing = await asyncio.to_thread(self._doing, job, told)
        if isinstance(doing, JobReason):
            await self._failed(job, doing, "")
            return
        log.info("rule_job_begun", job=job.id, kind=job.kind, scheme=job.scheme, starts=job.starts)
        await self._work(job, doing)

    def _doing(self, job: RuleJob, told: Asked | None) -> Doing | JobReason:
        asked = Range(site=job.site, since=job.since, until=job.until, queues=tuple(job.queues))
        if job.state is JobState.UNDO:
            return Undo(asked, job=job.id)
        scheme = None if told is None else scheme_of(told.text, job.version)
        if told is None or scheme is None:
            return JobReason.NOT_READABLE
        zone, roster = self._zones.get(job.site), self._rosters(job.site)
        if job.kind is JobKind.BACKTEST:
            before = scheme_of(told.before, told.before_version) if told.before else None
            return Backtest(before, scheme, asked, zone=zone, now=self._clock(), roster=roster)
        place = Place(job.place_at, ContactId(job.place)) if job.place else None
        return Rescore(
            scheme, asked, job=job.id, zone=zone, clock=self._clock, roster=roster, place=place, done=job.done,
            written=job.written,
        )  # fmt: skip

    async def _work(self, job: RuleJob, doing: Doing) -> None:
        loop, tries, spent, first = asyncio.get_running_loop(), 0, 0.0, doing.done
        while not doing.ended:
            if job.state is not JobState.UNDO and await self._jobs.cancelled(job.site, job.id):
                await self._over(replace(_stand(job, doing), state=JobState.CANCELLED), None)
                return
            began = loop.time()
            try:
                await self._store.run(doing.step)
                tries = 0
            except StoreError as error:
                tries += 1
                self.counts["store_faults"] += 1
                if tries >= TRIES:
                    await self._failed(_stand(job, doing), JobReason.STORE, str(error))
                    return
                await asyncio.sleep(PAUSE_S)
                continue
            spent += loop.time() - began
            job = replace(_stand(job, doing), spent_ms=job.spent_ms + round(1000 * (loop.time() - began)))
            await self._jobs.tell(replace(job, eta_ms=_eta(doing, first, spent)))
            await asyncio.sleep(PAUSE_SHARE * (loop.time() - began))
        state = JobState.UNDONE if isinstance(doing, Undo) else JobState.DONE
        effect = await asyncio.to_thread(lambda: doing.effect) if isinstance(doing, Backtest) else None
        await self._over(replace(_stand(job, doing), state=state), effect)

    async def _over(self, job: RuleJob, effect: Any) -> None:
        self.counts[f"{job.kind}_{job.state}"] += 1
        log.info("rule_job_over", job=job.id, state=job.state, contacts=job.done, written=job.written)
        await self._jobs.end(replace(job, ended_at=self._clock(), eta_ms=None, starts=0), effect)

    async def _failed(self, job: RuleJob, fault: JobReason, detail: str) -> None:
        await self._over(replace(job, state=JobState.FAILED, fault=fault, detail=detail[:500]), None)


def scheme_of(text: str, version: int) -> Scheme | None:
    """With the number its scores bear. None: it is no scheme to this version of the language."""
    scheme = look(text, file="scheme").scheme
    return None if scheme is None else changed(scheme, version=version)


def _stand(job: RuleJob, doing: Doing) -> RuleJob:
    match doing:
        case Backtest():
            return replace(job, done=doing.done, total=doing.total, draw=doing.asked.draw, found=doing.found)
        case Rescore():
            place = doing.place or Place(job.place_at, ContactId(job.place))
            return replace(
                job, done=doing.done, total=doing.total, found=doing.total, written=doing.written, place_at=place.at,
                place=place.contact,
            )  # fmt: skip
        case Undo():
            return replace(job, done=doing.done, total=doing.total, written=doing.withdrawn)


def _eta(doing: Doing, first: int, spent_s: float) -> int | None:
    """With its pauses. None: too early to say."""
    done = doing.done - first
    if done <= 0 or not doing.total:
        return None
    return round(1000 * spent_s * (1 + PAUSE_SHARE) / done * max(0, doing.total - doing.done))
