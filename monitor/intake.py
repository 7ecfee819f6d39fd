"""The door of the ledger. In: recordings from switches, folders, the API, manifests; people. Out: moves, facts.

Whatever is announced may be announced again. A recording is named by its contact; a second file of one contact gets
`#` and a digest behind it; one whose contact nobody knows is named by its content until it is matched.
"""

import hashlib
from collections import Counter
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from asr.intake_names import OWN
from asr.intake_states import IntakeReason, State
from asr.intake_turns import lane_of
from asr.jobs import RecordingJob
from asr.ledger import Step, recording_fact
from monitor.intake_store import IntakeStore, Moved, NotMoved, Stays
from streams.bus import names
from streams.bus.publish import Publisher
from streams.vocabulary.codec import encode
from streams.vocabulary.ids import ContactId, Millis, QueueName, SiteId


class Announced(StrEnum):
    """What became of an announcement."""

    EXPECTED = "expected"
    QUEUED = "queued"
    WAITS = "waits"
    """arrived; its contact or its URL comes first"""
    KNOWN = "known"
    """told before"""
    QUARANTINED = "quarantined"


class Intake:
    """Owns no state: the ledger is on the bus, and any number of processes may hold this door open."""

    def __init__(
        self, redis: Any, *, clock: Callable[[], Millis], urgent_queues: frozenset[QueueName] = frozenset()
    ) -> None:
        self.store = IntakeStore(redis)
        self._publisher = Publisher(redis, even_full=True)
        self._clock = clock
        self._urgent = urgent_queues
        self.counts: Counter[str] = Counter()

    async def announce(self, job: RecordingJob) -> tuple[Announced, str]:
        """And the ledger's name of the recording. Raises BusError: announce it again."""
        if job.expected:
            return await self._expect(job)
        name = name_of(job)
        job = await self._as_expected(job, name)
        moved = await self._arrive(job, name)
        if isinstance(moved, Stays) and moved.why is NotMoved.OTHER_PATH:
            digest = _digest(job.path)
            name = f"{job.contact}#{digest[:8]}" if job.contact else OWN + digest[:24]
            job = replace(job, contact=ContactId(name)) if job.contact else replace(job, sha256=digest)
            moved = await self._arrive(job, name)
        if isinstance(moved, Stays) and moved.state is not State.ARRIVED:
            self.counts["already_known"] += 1
            return Announced.KNOWN, name
        if isinstance(moved, Moved):
            job = moved.job
            await self._known_by_path(job, name)
            await self.tell(job, Step.ARRIVED, name=name, reason=why_it_waits(job))
        elif (row := await self.store.row(job.site, name)) is not None:
            job = row.job
        told = await self._go_on(job, name)
        return Announced.KNOWN if told is Announced.WAITS and isinstance(moved, Stays) else told, name

    async def _expect(self, job: RecordingJob) -> tuple[Announced, str]:
        name = name_of(job)
        awaited = replace(job, expected=False)
        moved = await self.store.move(job.site, name, State.EXPECTED, now=self._clock(), job=awaited)
        if isinstance(moved, Stays):
            return Announced.KNOWN, name
        await self.tell(awaited, Step.EXPECTED)
        return Announced.EXPECTED, name

    async def _as_expected(self, job: RecordingJob, name: str) -> RecordingJob:
        """Who told it first knows the contact's own time, queue and agent, and they name the facts."""
        if job.matched == "told" or (row := await self.store.row(job.site, name)) is None:
            return job
        first = row.job
        if first.contact != job.contact:
            return job
        return replace(
            job, contact_at=first.contact_at, queue=job.queue or first.queue, agent=job.agent or first.agent,
            moments=first.moments, over_at=first.over_at,
        )  # fmt: skip

    async def _arrive(self, job: RecordingJob, name: str) -> Moved | Stays:
        moved = await self.store.move(
            job.site, name, State.ARRIVED, now=self._clock(), job=job, path=job.path, reason=why_it_waits(job)
        )
        self.counts["arrived"] += isinstance(moved, Moved)
        return moved

    async def _known_by_path(self, job: RecordingJob, name: str) -> None:
        """A folder may bring the same file under a name that does not tell the contact: before or after."""
        told_by_name = job.contact in Path(job.path).name
        if not job.contact or not job.path or job.sha256 or told_by_name or is_address(job.path):
            return  # posted, fetched and matched ones have their own names
        alike = OWN + _digest(job.path)[:24]
        if (row := await self.store.row(job.site, alike)) is not None:
            await self.tell(row.job, Step.MATCHED, name=alike, attempts=row.attempts)
        await self.store.merge(job.site, alike, into=name)

    async def _go_on(self, job: RecordingJob, name: str) -> Announced:
        if job.refused:
            await self.quarantine(job, name, job.refused)
            return Announced.QUARANTINED
        if why_it_waits(job):
            return Announced.WAITS
        return await self.enqueue(job, name)

    async def enqueue(self, job: RecordingJob, name: str, *, by_hand: bool = False) -> Announced:
        """Into its site's lane. `by_hand`: out of quarantine."""
        now = self._clock()
        lane = lane_of(job, now=now, urgent_queues=self._urgent)
        since = State.QUARANTINED if by_hand else State.ARRIVED
        moved = await self.store.move(job.site, name, State.QUEUED, now=now, lane=lane, job=job, only_from=(since,))
        if isinstance(moved, Stays):
            return Announced.KNOWN
        self.counts["queued"] += 1
        await self.tell(job, Step.QUEUED, attempts=moved.attempts)
        return Announced.QUEUED

    async def fetched(self, job: RecordingJob, name: str, path: str) -> Announced:
        """Its file lies below the recordings folder now: on into the queue, or to wait for its contact."""
        here = replace(job, path=path)
        reason = why_it_waits(here)
        await self.store.move(
            job.site, name, State.ARRIVED, now=self._clock(), job=here, reason=reason, only_from=(State.ARRIVED,)
        )
        return Announced.WAITS if reason else await self.enqueue(here, name)

    async def quarantine(self, job: RecordingJob, name: str, reason: str) -> bool:
        """One that never came into the queue."""
        moved = await self.store.move(
            job.site, name, State.QUARANTINED, now=self._clock(), reason=reason, only_from=(State.ARRIVED,)
        )
        if isinstance(moved, Stays):
            return False
        self.counts[f"quarantined_{reason}"] += 1
        await self.tell(job, Step.QUARANTINED, name=name, attempts=moved.attempts, reason=reason)
        return True

    async def missing(self, job: RecordingJob, name: str) -> bool:
        moved = await self.store.move(job.site, name, State.MISSING, now=self._clock())
        if isinstance(moved, Stays):
            return False
        self.counts["missing"] += 1
        await self.tell(job, Step.MISSING)
        return True

    # ---- what people do ----------------------------------------------------------------------------------------------
    async def retry(self, site: SiteId, name: str) -> bool:
        """Out of quarantine, into the queue again."""
        row = await self.store.row(site, name)
        if row is None or row.state is not State.QUARANTINED or not row.job.path or not row.job.contact:
            return False
        if is_address(row.job.path):
            return False
        return await self.enqueue(row.job, name, by_hand=True) is Announced.QUEUED

    async def discard(self, site: SiteId, name: str) -> bool:
        """It stays in quarantine, with that reason; nothing vanishes."""
        row = await self.store.row(site, name)
        if row is None or row.state is not State.QUARANTINED:
            return False
        reason = IntakeReason.DISCARDED
        moved = await self.store.move(
            site, name, State.QUARANTINED, now=self._clock(), reason=reason, only_from=(State.QUARANTINED,)
        )
        if isinstance(moved, Stays):
            return False
        await self.tell(row.job, Step.DISCARDED, name=name, attempts=moved.attempts, reason=reason)
        return True

    async def match(self, site: SiteId, name: str, job: RecordingJob) -> Announced | None:
        """An unmatched recording goes on as `job`, which has its contact now. None: it is not unmatched any more."""
        row = await self.store.row(site, name)
        if row is None or row.job.contact or row.state not in (State.ARRIVED, State.QUARANTINED):
            return None
        # the new name first: a crash between the two leaves one recording twice in sight, never none
        told, new_name = await self.announce(job)
        await self.tell(row.job, Step.MATCHED, name=name, attempts=row.attempts)
        await self.store.merge(site, name, into=new_name)
        self.counts[f"matched_{job.matched}"] += 1
        return told

    async def tell(self, job: RecordingJob, step: Step, *, name: str = "", attempts: int = 0, reason: str = "") -> None:
        """As a fact; one without a contact stands under its ledger `name` in history too."""
        if not job.contact:
            job = replace(job, contact=ContactId(name or name_of(job)), matched="none")
        fact = recording_fact(job, step, attempts=attempts, reason=reason)
        await self._publisher.publish(names.FACTS, [encode(fact)])


def name_of(job: RecordingJob) -> str:
    return job.contact or OWN + (job.sha256 or _digest(job.path))[:24]


def why_it_waits(job: RecordingJob) -> str:
    """Why it does not go into the queue at once."""
    if job.refused:
        return job.refused
    if is_address(job.path):
        return IntakeReason.FETCHING
    return "" if job.contact else IntakeReason.UNMATCHED


def is_address(path: str) -> bool:
    return path.startswith(("http://", "https://"))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
