"""From `jobs:asr` into the ledger and the lanes. In: announcements. Out: moves; what nobody can read is buried.

Every process that transcribes or archives sorts: together they are one consumer group. May not know: audio, pages.
"""

import asyncio
from collections import Counter
from functools import partial
from typing import Any, Final

import msgspec

from asr.jobs import RecordingJob
from monitor.intake import Intake
from monitor.intake_store import GROUP
from streams.bus import names
from streams.bus.consume import Consumer, Entry
from streams.bus.patience import patiently
from streams.vocabulary.codec import reading

STALE_MS: Final = 30_000
CLAIM_EVERY_S: Final = 10.0
BATCH: Final = 200

_decode = reading(msgspec.msgpack.Decoder(RecordingJob).decode)


class Sorter:
    def __init__(self, redis: Any, intake: Intake, *, name: str) -> None:
        self._intake = intake
        self._consumer = Consumer(redis, stream=names.JOBS_ASR, group=GROUP, name=name, max_deliveries=20)
        self._claimed = float("-inf")
        self.counts: Counter[str] = Counter()

    async def open(self) -> None:
        await self._consumer.ensure_group()
        await self._sort(await self._consumer.read_own_pending(BATCH))

    async def run(self) -> None:
        while True:
            await self.sort_once(block_ms=1_000)

    async def sort_once(self, *, block_ms: int) -> int:
        entries = await patiently(lambda: self._consumer.read(BATCH, block_ms), "reading announcements", self.counts)
        now = asyncio.get_running_loop().time()
        if now - self._claimed > CLAIM_EVERY_S:
            self._claimed = now
            claim = await patiently(
                lambda: self._consumer.claim_stale(STALE_MS, BATCH), "claiming announcements", self.counts
            )
            entries = [*claim.entries, *entries]
        await self._sort(entries)
        return len(entries)

    async def _sort(self, entries: list[Entry]) -> None:
        sorted_in: list[str] = []
        for entry in entries:
            try:
                job = _decode(entry.blob)
            except msgspec.DecodeError as error:
                self.counts["job_not_decodable"] += 1
                detail = str(error)
                bury = partial(self._consumer.bury, entry, reason="not_decodable", detail=detail)
                await patiently(bury, "burying a job", self.counts)
                continue
            told, _ = await patiently(partial(self._intake.announce, job), "sorting recordings", self.counts)
            self.counts[told] += 1
            sorted_in.append(entry.id)
        await patiently(lambda: self._consumer.ack(sorted_in), "acknowledging announcements", self.counts)
