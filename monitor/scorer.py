"""Transcripts to scores. In: `jobs:score`, the schemes in use. Out: facts, one for each scheme that fits.

Several scorers share the stream; what one that died was given is claimed by another. A score has the transcript's own
key, so one told twice is one. May not know: rules, stores.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Final

import msgspec

from asr.transcript import Transcript
from monitor.history import SCORE
from scoring.case import Case
from scoring.facts import meant_for
from scoring.formula import Outcome
from scoring.rules import Scheme
from scoring.service import score_case
from streams.bus import names
from streams.bus.consume import Consumer, Entry
from streams.bus.patience import asked, patiently
from streams.bus.publish import Publisher
from streams.vocabulary.codec import encode, reading
from streams.vocabulary.ids import Millis, QueueName, SiteId

Schemes = Callable[[SiteId, QueueName], Sequence[Scheme]]
"""By which contacts of a site and queue are scored now."""
CaseOf = Callable[[Transcript], Awaitable[Case]]
"""What else is known of the contact: monitor/case_reader.py."""
SCORE_ATTEMPTS: Final = "score:attempts"
MOST_ATTEMPTS: Final = 3
"""A transcript that was taken up more often and never got its score ended its process each time."""
STALE_MS: Final = 60_000
BATCH: Final = 10
"""What is in hand must be scored well before it counts as stale, or another scorer does it too."""


class Scorer:
    """Mutable counters; owned by the history process. `name`: no other living process has it."""

    def __init__(
        self,
        redis: Any,
        schemes: Schemes,
        *,
        name: str,
        clock: Callable[[], Millis],
        stale_ms: int = STALE_MS,
        case_of: CaseOf | None = None,
    ) -> None:
        """`case_of` None: rules ask the words alone; what they ask of events and facts, they cannot tell."""
        self._consumer = Consumer(redis, stream=names.JOBS_SCORE, group=SCORE, name=name, max_deliveries=20)
        self._redis = redis
        self._publisher = Publisher(redis, even_full=True)
        self._schemes = schemes
        self._clock = clock
        self._case_of = case_of
        self._stale_ms = stale_ms
        self._decode = reading(msgspec.msgpack.Decoder(Transcript).decode)
        self.counts: Counter[str] = Counter()

    async def run(self) -> None:
        """For ever. Raises BusUnavailable where a step cannot be repeated; run again, it begins with what it had."""
        await self._consumer.ensure_group()
        while entries := await self._consumer.read_own_pending(BATCH):
            await self._take(entries)
        loop = asyncio.get_running_loop()
        claim_at = loop.time()
        while True:
            if loop.time() >= claim_at:
                claim_at = loop.time() + self._stale_ms / 2000
                claim = await self._consumer.claim_stale(self._stale_ms, BATCH)
                if claim.entries:
                    self.counts["claimed"] += len(claim.entries)
                    await self._take(claim.entries)
            wait_ms = min(1_000, self._stale_ms)
            read = partial(self._consumer.read, BATCH, wait_ms)
            await self._take(await patiently(read, "reading transcripts", self.counts))

    async def _take(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            try:
                transcript = self._decode(entry.blob)
            except msgspec.DecodeError as error:
                self.counts["not_decodable"] += 1
                await self._consumer.bury(entry, reason="not_decodable", detail=str(error))
                continue
            if await self._attempts(entry) > MOST_ATTEMPTS:
                self.counts["ended_its_process"] += 1
                await self._consumer.bury(entry, reason="ended_its_process", detail=transcript.contact)
            else:
                await self._score(entry, transcript)
            await asked(partial(self._redis.hdel, SCORE_ATTEMPTS, entry.id), "forgetting attempts")

    async def _attempts(self, entry: Entry) -> int:
        return int(await asked(lambda: self._redis.hincrby(SCORE_ATTEMPTS, entry.id, 1), "counting attempts"))

    async def _score(self, entry: Entry, transcript: Transcript) -> None:
        schemes = self._schemes(transcript.site, transcript.queue)
        case = Case(transcript=transcript) if self._case_of is None else await self._case_of(transcript)
        blobs = await asyncio.to_thread(_scores, case, schemes, self._clock())
        if blobs:
            await patiently(lambda: self._publisher.publish(names.FACTS, blobs), "telling scores", self.counts)
        await patiently(lambda: self._consumer.ack([entry.id]), "acknowledging a transcript", self.counts)
        self.counts["scored" if blobs else "no_scheme"] += 1


def _scores(case: Case, schemes: Sequence[Scheme], at: Millis) -> list[bytes]:
    """Under each scheme that may be meant for such a contact."""
    meant = [scheme for scheme in schemes if meant_for(scheme, case.facts) is not Outcome.MISS]
    return [encode(score_case(case, scheme, scored_at=at)) for scheme in meant]
