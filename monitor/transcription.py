"""The recogniser's port over the bus. In: `jobs:asr`. Out: facts, transcripts for scoring, acknowledgements.

How often a job was handed out is counted beside the stream before the work begins, so that a job which kills its
worker is known by its number of attempts. May not know: audio, vosk.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, TypeVar

import msgspec
import structlog

from asr.jobs import RecordingJob
from asr.transcript import Transcript
from streams.bus import names
from streams.bus.consume import Consumer, Entry
from streams.bus.patience import asked, patiently
from streams.bus.publish import Publisher
from streams.vocabulary.codec import encode
from streams.vocabulary.facts import Fact, RecordingFact

log = structlog.get_logger(__name__)

T = TypeVar("T")

GROUP: Final = "transcribe"
ATTEMPTS_KEY: Final = "asr:attempts"
DONE_KEY: Final = "asr:done:"
DONE_KEPT_S: Final = 7 * 86_400
STALE_MS: Final = 10 * 60_000
"""Longer than any recogniser deadline: what is idle for so long belongs to a worker that died."""
CLAIM_EVERY: Final = 50
PAUSED_S: Final = 5.0

_decode = msgspec.msgpack.Decoder(RecordingJob).decode


class BusPort:
    """asr.worker.Port. Mutable; owned by one worker."""

    def __init__(self, redis: Any, *, name: str, may_take: Callable[[], bool] = lambda: True) -> None:
        """`may_take`: asked before each job; where it says no, nothing is taken for a while (a full disk)."""
        self._redis = redis
        self._may_take = may_take
        self._publisher = Publisher(redis, even_full=True)
        self._consumer = Consumer(redis, stream=names.JOBS_ASR, group=GROUP, name=name, max_deliveries=20)
        self._waiting: deque[Entry] = deque()
        self._jobs: dict[str, RecordingJob] = {}
        self._takes = 0
        self.counts: Counter[str] = Counter()

    async def open(self) -> None:
        """What this worker's predecessor of the same name was given and never finished comes first."""
        await self._consumer.ensure_group()
        self._waiting.extend(await self._consumer.read_own_pending(100))

    async def take(self) -> tuple[str, RecordingJob, int] | None:
        if not await asyncio.to_thread(self._may_take):
            self.counts["paused_disk_full"] += 1
            await asyncio.sleep(PAUSED_S)
            return None
        if not self._waiting:
            self._takes += 1
            if self._takes % CLAIM_EVERY == 0:
                claim = await patiently(lambda: self._consumer.claim_stale(STALE_MS, 1), "claiming jobs", self.counts)
                self._waiting.extend(claim.entries)
            if not self._waiting:
                entries = await patiently(lambda: self._consumer.read(1, 1_000), "reading jobs", self.counts)
                self._waiting.extend(entries)
        if not self._waiting:
            return None
        entry = self._waiting.popleft()
        try:
            job = _decode(entry.blob)
        except msgspec.DecodeError as error:
            self.counts["job_not_decodable"] += 1
            await self._consumer.bury(entry, reason="not_decodable", detail=str(error))
            return None
        if await self._asked(lambda: self._redis.exists(_done_key(job)), "looking whether a job is done"):
            self.counts["already_done"] += 1
            await self._consumer.ack([entry.id])
            return None
        attempts = int(await self._asked(lambda: self._redis.hincrby(ATTEMPTS_KEY, entry.id, 1), "counting attempts"))
        self._jobs[entry.id] = job
        return entry.id, job, attempts

    async def state(self, job: RecordingJob, fact: RecordingFact) -> None:
        await self._publish(names.FACTS, [encode(fact)])

    async def done(self, token: str, facts: Sequence[Fact], transcript: Transcript) -> None:
        await self._publish(names.FACTS, [encode(fact) for fact in facts])
        await self._publish(names.JOBS_SCORE, [msgspec.msgpack.encode(transcript)])
        await self._close(token)
        self.counts["done"] += 1

    async def fail(self, token: str, reason: str, *, final: bool) -> None:
        self.counts[f"failed_{reason}"] += 1
        log.warning("recording_failed", reason=reason, final=final)
        if final:
            await self._close(token)
            return
        job = self._jobs.pop(token)
        self._waiting.append(Entry(id=token, blob=msgspec.msgpack.encode(job)))

    async def _close(self, token: str) -> None:
        job = self._jobs.pop(token)
        await self._asked(lambda: self._redis.set(_done_key(job), b"1", ex=DONE_KEPT_S), "marking a job done")
        await patiently(lambda: self._consumer.ack([token]), "acknowledging a job", self.counts)
        await self._asked(lambda: self._redis.hdel(ATTEMPTS_KEY, token), "forgetting attempts")

    async def _publish(self, stream: str, blobs: Sequence[bytes]) -> None:
        await patiently(lambda: self._publisher.publish(stream, blobs), f"telling {stream}", self.counts)

    async def _asked(self, call: Callable[[], Awaitable[T]], doing: str) -> T:
        return await patiently(lambda: asked(call, doing), doing, self.counts)


def _done_key(job: RecordingJob) -> str:
    return f"{DONE_KEY}{job.site}:{job.contact}:{job.path}"
