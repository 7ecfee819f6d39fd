"""The floor's owner. In: the stream `events:{site}` from the last snapshot on. Out: facts, jobs and numbers on the bus.

One task reads, folds and tells, so nothing here is locked. A restart reads the snapshot and the stream behind it again:
the same events give the same facts, which the warehouse keeps once. May not know: switches, browsers, SQL.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec
import structlog

from asr.jobs import RecordingJob
from asr.ledger import Step, recording_fact
from monitor.safe_path import PathRefused, below
from streams.bus import names
from streams.bus.consume import Entry, Follower
from streams.bus.patience import asked, patiently
from streams.bus.publish import Publisher
from streams.floor.fold import Floor
from streams.floor.messages import utterance
from streams.floor.outputs import AgentChange, Anomaly, MessageSaid, Output, RecordingFound
from streams.vocabulary.codec import decode_event, encode
from streams.vocabulary.facts import Fact, RecordingFact
from streams.vocabulary.ids import AgentId, Millis, SiteId

log = structlog.get_logger(__name__)

T = TypeVar("T")

BATCH: Final = 2_000
BLOCK_MS: Final = 100
SNAPSHOT_EVERY_MS: Final = 10_000
NUMBERS_EVERY_MS: Final = 1_000
NUMBERS_KEPT: Final = 600
START: Final = "0-0"


def snapshot_key(site: SiteId) -> str:
    return f"floor:{{{site}}}:snapshot"


class FloorOwner:
    """Mutable; the only writer of its `floor`. `changed` hears of each agent whose label changed."""

    def __init__(
        self,
        redis: Any,
        floor: Floor,
        *,
        clock: Callable[[], Millis],
        changed: Callable[[AgentId], None],
        recordings: Path | None,
        agent_channel: int | None,
    ) -> None:
        self._redis = redis
        self.floor = floor
        self._clock = clock
        self.changed = changed
        self._recordings = recordings
        self._agent_channel = agent_channel
        self._follower = Follower(redis, stream=names.events(floor.site))
        self._publisher = Publisher(redis)
        self.position = START
        self._all_told = True
        self.counts: Counter[str] = Counter()
        self.caught_up = asyncio.Event()

    async def restore(self, *, utc_offset_ms: int, targets_ms: dict[Any, int]) -> None:
        """Take the snapshot if there is one that this version can read; else the stream from its first entry."""
        stored: Any = await asked(lambda: self._redis.get(snapshot_key(self.floor.site)), "reading the snapshot")
        if stored is not None:
            try:
                position, blob = msgspec.msgpack.decode(stored, type=tuple[str, bytes])
                self.floor = Floor.restore(blob, utc_offset_ms=utc_offset_ms, targets_ms=targets_ms)
                self.position = position
            except msgspec.DecodeError as error:  # another version's, or damaged
                log.warning("snapshot_refused", detail=str(error))
                self.counts["snapshot_refused"] += 1
        if await self._follower.missed_after(self.position):
            self.counts["events_trimmed_unseen"] += 1
            log.warning("events_trimmed_unseen", after=self.position)

    async def run(self) -> None:
        next_snapshot = next_numbers = self._clock()
        while True:
            entries = await self._patiently(self._read, "reading events")
            self._all_told = False
            outputs = self._apply(entries)
            if len(entries) < BATCH:
                self.caught_up.set()
            now = self._clock()
            outputs += self.floor.advance(now)
            await self._tell(outputs)
            if entries:
                self.position = entries[-1].id
            self._all_told = True
            if now >= next_numbers:
                next_numbers = Millis(now + NUMBERS_EVERY_MS)
                blob = msgspec.msgpack.encode(self.floor.numbers(now))
                await self._publish(names.metrics(self.floor.site), [blob], cap=NUMBERS_KEPT)
            if now >= next_snapshot:
                next_snapshot = Millis(now + SNAPSHOT_EVERY_MS)
                await self._patiently(self.save, "saving the floor")

    async def _read(self) -> list[Entry]:
        return await self._follower.read_from(self.position, BATCH, BLOCK_MS)

    async def _publish(self, stream: str, blobs: Sequence[bytes], *, cap: int = 0) -> None:
        """Told again if the bus was away: facts have keys, numbers are capped, a job done twice is done once."""
        await self._patiently(lambda: self._publisher.publish(stream, blobs, cap=cap), f"telling {stream}")

    async def _patiently(self, exchange: Callable[[], Awaitable[T]], doing: str) -> T:
        return await patiently(exchange, doing, self.counts)

    async def save(self) -> None:
        """After this, entries up to `position` are needed by the floor no more.

        Passed over while what was folded is not told: after a restart the floor would take those events for
        redelivered ones, and their facts would never be told. The last snapshot still leads to them.
        """
        if not self._all_told:
            self.counts["snapshot_passed_over"] += 1
            return
        blob = msgspec.msgpack.encode((self.position, self.floor.snapshot()))
        await asked(lambda: self._redis.set(snapshot_key(self.floor.site), blob), "saving the floor")

    def _apply(self, entries: Sequence[Entry]) -> list[Output]:
        outputs: list[Output] = []
        for entry in entries:
            try:
                event = decode_event(entry.blob)
            except msgspec.DecodeError:
                # the archive's consumer keeps the blob itself in the dead letters
                self.counts["event_not_decodable"] += 1
                continue
            self.counts["events"] += 1
            outputs += self.floor.apply(event)
        return outputs

    async def _tell(self, outputs: Sequence[Output]) -> None:
        facts: list[Fact] = []
        found: list[RecordingFound] = []
        for output in outputs:
            match output:
                case AgentChange():
                    self.changed(output.agent)
                case Anomaly():
                    log.debug("anomaly", anomaly=output.kind)
                case MessageSaid():
                    facts.append(utterance(output, self.floor.site))
                case RecordingFound():
                    found.append(output)
                case _:
                    facts.append(output)
        jobs = await self._recording_jobs(found, facts)
        facts += [recording_fact(job, Step.QUEUED, attempts=0) for job in jobs]
        if facts:
            self.counts["facts"] += len(facts)
            await self._publish(names.FACTS, [encode(fact) for fact in facts])
        if jobs:
            self.counts["recordings"] += len(jobs)
            await self._publish(names.JOBS_ASR, [msgspec.msgpack.encode(job) for job in jobs])

    async def _recording_jobs(self, found: Sequence[RecordingFound], facts: list[Fact]) -> list[RecordingJob]:
        """Jobs; what is refused is told as a fact instead."""
        if not found:
            return []
        if self._recordings is None:
            self.counts["recording_without_folder"] += len(found)
            return []
        # the folder may be a slow mount: off the loop, and once for all of a batch
        resolved = await asyncio.to_thread(lambda: [self._job(one) for one in found])
        facts += [one for one in resolved if isinstance(one, RecordingFact)]
        return [one for one in resolved if isinstance(one, RecordingJob)]

    def _job(self, found: RecordingFound) -> RecordingJob | RecordingFact:
        """A job, or a fact in quarantine, which says that this recording will never be transcribed."""
        try:
            path = str(below(self._recordings, found.path)) if self._recordings else ""
        except PathRefused as error:
            self.counts[f"recording_{error.reason}"] += 1
            log.warning("recording_refused", reason=error.reason)
            # the path itself is hostile and goes no further
            refused = self._recording_job(found, path="")
            return recording_fact(refused, Step.QUARANTINED, attempts=0, reason=f"path_{error.reason}")
        return self._recording_job(found, path=path)

    def _recording_job(self, found: RecordingFound, *, path: str) -> RecordingJob:
        return RecordingJob(
            site=self.floor.site,
            contact=found.contact,
            contact_at=found.contact_at,
            path=path,
            queue=found.queue,
            agent=found.agent,
            agent_channel=self._agent_channel,
        )
