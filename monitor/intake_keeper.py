"""What the ledger does by itself. In: the ledger, folders, contacts. Out: files taken in, URLs fetched, matches.

One process of an installation does it, under a lease. May not know: HTTP, the recogniser.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import structlog
from msgspec.structs import replace

from asr.intake_names import Candidate, nearest
from asr.intake_states import IntakeReason, State
from monitor.intake import Intake
from monitor.intake_fetch import Fetcher, FetchRefused, NotFetched
from monitor.intake_files import Surroundings, job_of_file
from monitor.intake_store import KEPT_MS, LedgerRow
from monitor.intake_watch import FolderWatch, Whole
from streams.bus.patience import patiently
from streams.vocabulary.ids import AgentId, Millis, SiteId

log = structlog.get_logger(__name__)

EVERY_S: Final = 1.0
STUCK_MS: Final = 30_000
"""An arrived recording that nothing keeps from the queue was left by a process that died in between."""
MATCH_EVERY_MS: Final = 20_000
FETCHES_AT_ONCE: Final = 4
MOST_FETCHES: Final = 5
FETCH_PAUSE_MS: Final = 15_000
FORGET_EVERY: Final = 60

Candidates = Callable[[SiteId, AgentId, Millis], Awaitable[Sequence[Candidate]]]
"""Contacts of an agent around a moment."""


class IntakeKeeper:
    """Mutable; `run` until cancelled."""

    def __init__(
        self,
        intake: Intake,
        around: Surroundings,
        *,
        watch: FolderWatch | None,
        fetcher: Fetcher | None,
        candidates: Candidates,
        clock: Callable[[], Millis],
        missing_after_ms: int,
        match_for_ms: int,
    ) -> None:
        self._intake = intake
        self._around = around
        self._watch = watch
        self._fetcher = fetcher
        self._candidates = candidates
        self._clock = clock
        self._missing_after_ms = missing_after_ms
        self._match_for_ms = match_for_ms
        self._looked: dict[str, Millis] = {}
        self._tries: Counter[str] = Counter()
        self._fetching: dict[str, asyncio.Task[None]] = {}
        self.counts: Counter[str] = Counter()

    async def run(self) -> None:
        rounds = 0
        try:
            async with asyncio.TaskGroup() as tasks:
                while True:
                    await self.look_into_folders()
                    for site in self._around.sites:
                        await self.look_after(site, tasks)
                        if rounds % FORGET_EVERY == 0:
                            await self._forget(site)
                    rounds += 1
                    await asyncio.sleep(EVERY_S)
        finally:
            self._fetching.clear()

    def status(self) -> dict[str, int]:
        watched = {} if self._watch is None else {f"watch_{what}": n for what, n in self._watch.counts.items()}
        return {**self.counts, **watched, **self._intake.counts}

    # ---- folders -----------------------------------------------------------------------------------------------------
    async def look_into_folders(self) -> None:
        if self._watch is None:
            return
        for whole in await asyncio.to_thread(self._watch.look, self._clock()):
            await self._take(whole)

    async def _take(self, whole: Whole) -> None:
        job = job_of_file(whole.path, self._around, changed_at=whole.changed_at, now=self._clock())
        told, _ = await patiently(lambda: self._intake.announce(job), "taking a recording in", self.counts)
        self.counts[f"folder_{told}"] += 1

    # ---- what waits --------------------------------------------------------------------------------------------------
    async def look_after(self, site: SiteId, tasks: asyncio.TaskGroup) -> None:
        now = self._clock()
        store = self._intake.store

        async def late() -> list[LedgerRow]:
            return await store.changed_before(site, State.EXPECTED, Millis(now - self._missing_after_ms))

        async def arrived() -> list[LedgerRow]:
            return await store.changed_before(site, State.ARRIVED, now, limit=2_000)

        for row in await patiently(late, "looking for what is late", self.counts):
            name, job = row.recording, row.job
            await self._patiently(lambda job=job, name=name: self._intake.missing(job, name))  # type: ignore[misc]
        for row in await patiently(arrived, "looking for what waits", self.counts):
            await self._look_at(row, now, tasks)

    async def _look_at(self, row: LedgerRow, now: Millis, tasks: asyncio.TaskGroup) -> None:
        name, job = row.recording, row.job
        match row.reason:
            case IntakeReason.FETCHING:
                self._fetch(row, now, tasks)
            case IntakeReason.UNMATCHED:
                if now - self._looked.get(name, 0) >= MATCH_EVERY_MS:
                    self._looked[name] = now
                    await self._match(row, now)
            case _ if now - row.changed_at >= STUCK_MS:
                self.counts["unstuck"] += 1
                if job.refused:
                    await self._patiently(lambda: self._intake.quarantine(job, name, job.refused))
                else:
                    await self._patiently(lambda: self._intake.enqueue(job, name))

    async def _match(self, row: LedgerRow, now: Millis) -> None:
        """By agent and time, the last resort; it says so and names who else was near."""
        job = row.job
        agent = AgentId(job.agent or job.extension)
        found = nearest(job.contact_at, await self._candidates(job.site, agent, job.contact_at) if agent else ())
        if found.chosen is not None:
            matched = replace(
                job,
                contact=found.chosen.contact,
                contact_at=found.chosen.contact_at,
                queue=job.queue or found.chosen.queue,
                agent=agent,
                matched="time",
                candidates=found.distances,
            )
            self.counts["matched_by_time"] += 1
            await self._patiently(lambda: self._intake.match(job.site, row.recording, matched))
        elif now - row.changed_at >= self._match_for_ms:
            self.counts["never_matched"] += 1
            await self._patiently(lambda: self._intake.quarantine(job, row.recording, IntakeReason.UNMATCHED))
        else:
            return
        self._looked.pop(row.recording, None)

    # ---- addresses ---------------------------------------------------------------------------------------------------
    def _fetch(self, row: LedgerRow, now: Millis, tasks: asyncio.TaskGroup) -> None:
        name = row.recording
        if name in self._fetching or len(self._fetching) >= FETCHES_AT_ONCE:
            return
        if now - self._looked.get(name, 0) < FETCH_PAUSE_MS * self._tries[name]:
            return
        self._looked[name] = now
        self._fetching[name] = tasks.create_task(self._fetched(row))

    async def _fetched(self, row: LedgerRow) -> None:
        job, name = row.job, row.recording
        try:
            if self._fetcher is None:
                raise NotFetched(FetchRefused.URL_NOT_LISTED, final=True)
            path = await self._fetcher.fetch(job.path)
        except NotFetched as error:
            reason = str(error.reason)
            self._tries[name] += 1
            self.counts[f"fetch_{reason}"] += 1
            if error.final or self._tries[name] >= MOST_FETCHES:
                await self._patiently(lambda: self._intake.quarantine(job, name, reason))
                self._forget_fetch(name)
        else:
            self.counts["fetched"] += 1
            await self._patiently(lambda: self._intake.fetched(job, name, str(path)))
            self._forget_fetch(name)
        finally:
            self._fetching.pop(name, None)

    def _forget_fetch(self, name: str) -> None:
        self._tries.pop(name, None)
        self._looked.pop(name, None)

    async def _forget(self, site: SiteId) -> None:
        before = Millis(self._clock() - KEPT_MS)
        for state in (State.DONE, State.MISSING):

            async def forget(state: State = state) -> int:
                return await self._intake.store.forget(site, state, before)

            self.counts["forgotten"] += await patiently(forget, "forgetting old recordings", self.counts)

    async def _patiently(self, call: Callable[[], Awaitable[object]]) -> None:
        await patiently(call, "keeping the ledger", self.counts)
