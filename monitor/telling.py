"""What the floor says, told to others. In: the floor's outputs. Out: facts and recogniser jobs on the bus.

Told again if the bus was away, and kept for a while in case it forgets what it took (a server killed within a second of
its answer, a replica that was behind): facts have keys, a job done twice is done once. May not know: how it is folded.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec
import structlog
from msgspec.structs import replace

from asr.jobs import RecordingJob
from monitor.safe_path import PathRefused, below
from streams.bus import names
from streams.bus.patience import patiently
from streams.bus.publish import Publisher
from streams.floor.messages import utterance
from streams.floor.outputs import AgentChange, Anomaly, MessageSaid, Output, RecordingFound
from streams.vocabulary.codec import encode
from streams.vocabulary.facts import ContactLeg, Fact
from streams.vocabulary.ids import AgentId, Millis, SiteId
from streams.vocabulary.states import Outcome

log = structlog.get_logger(__name__)

KEPT_MS: Final = 300_000
"""Far longer than a server takes from its last answer to being replaced, and that to being noticed."""
KEPT_BYTES: Final = 32 * 1024 * 1024
"""Twice what 5,000 busy seats tell in that time; what does not fit is counted as told_not_kept."""

LONGEST_URL: Final = 2_000
URGENT_TIERS: Final = frozenset({"vip"})


class Telling:
    """One site's. `changed` hears of each agent whose label changed; `counts` are shared with the floor's owner."""

    def __init__(
        self,
        redis: Any,
        site: SiteId,
        *,
        changed: Callable[[AgentId], None],
        recordings: Path | None,
        agent_channel: int | None,
        counts: Counter[str],
        clock: Callable[[], Millis],
    ) -> None:
        self._publisher = Publisher(redis, even_full=True)
        self._site = site
        self.changed = changed
        self._recordings = recordings
        self._agent_channel = agent_channel
        self._counts = counts
        self._clock = clock
        self._kept: deque[tuple[Millis, str, Sequence[bytes], int]] = deque()
        self._kept_bytes = 0

    async def publish(self, stream: str, blobs: Sequence[bytes], *, cap: int = 0) -> None:
        """`cap`: numbers, of which only the last matter; everything else is kept to be told again."""
        await patiently(lambda: self._publisher.publish(stream, blobs, cap=cap), f"telling {stream}", self._counts)
        if not cap and blobs:
            self._keep(stream, blobs)

    def _keep(self, stream: str, blobs: Sequence[bytes]) -> None:
        size, now = sum(map(len, blobs)), self._clock()
        self._kept.append((now, stream, blobs, size))
        self._kept_bytes += size
        while self._kept[0][0] <= now - KEPT_MS or self._kept_bytes > KEPT_BYTES:
            at, _, _, size = self._kept.popleft()
            self._kept_bytes -= size
            if at > now - KEPT_MS:
                self._counts["told_not_kept"] += 1

    async def tell_again(self) -> None:
        """To a bus that may have forgotten the last of it."""
        for _, stream, blobs, _ in list(self._kept):
            self._counts["told_again"] += len(blobs)
            publish = partial(self._publisher.publish, stream, blobs)
            await patiently(publish, f"telling {stream} again", self._counts)

    def shown(self, outputs: Sequence[Output]) -> None:
        """Only what browsers of this process see; another process tells the rest."""
        for output in outputs:
            if isinstance(output, AgentChange):
                self.changed(output.agent)

    async def told(self, outputs: Sequence[Output]) -> None:
        facts: list[Fact] = []
        found: list[RecordingFound] = []
        for output in outputs:
            match output:
                case AgentChange():
                    self.changed(output.agent)
                case Anomaly():
                    log.debug("anomaly", anomaly=output.kind)
                case MessageSaid():
                    facts.append(utterance(output, self._site))
                case RecordingFound():
                    found.append(output)
                case _:
                    facts.append(output)
        awaited = expected_of(facts, self._agent_channel) if self._recordings is not None else []
        jobs = [*awaited, *await self._recording_jobs(found)]
        if facts:
            self._counts["facts"] += len(facts)
            await self.publish(names.FACTS, [encode(fact) for fact in facts])
        if jobs:
            self._counts["recordings"] += len(jobs) - len(awaited)
            await self.publish(names.JOBS_ASR, [msgspec.msgpack.encode(job) for job in jobs])

    async def _recording_jobs(self, found: Sequence[RecordingFound]) -> list[RecordingJob]:
        if not found:
            return []
        if self._recordings is None:
            self._counts["recording_without_folder"] += len(found)
            return []
        # the folder may be a slow mount: off the loop, and once for all of a batch
        return await asyncio.to_thread(lambda: [self._job(one) for one in found])

    def _job(self, found: RecordingFound) -> RecordingJob:
        """An announcement; one that is refused says that this recording will never be transcribed."""
        if found.path.startswith(("http://", "https://")):  # which of them are fetched is the intake's to say
            return self._recording_job(found, path=found.path[:LONGEST_URL])
        try:
            path = str(below(self._recordings, found.path)) if self._recordings else ""
        except PathRefused as error:
            self._counts[f"recording_{error.reason}"] += 1
            log.warning("recording_refused", reason=error.reason)
            # the path itself is hostile and goes no further
            return replace(self._recording_job(found, path=""), refused=f"path_{error.reason}")
        return self._recording_job(found, path=path)

    def _recording_job(self, found: RecordingFound, *, path: str) -> RecordingJob:
        return RecordingJob(
            site=self._site,
            contact=found.contact,
            contact_at=found.contact_at,
            path=path,
            queue=found.queue,
            agent=found.agent,
            agent_channel=self._agent_channel,
            moments=found.moments,
            over_at=found.over_at,
        )


def expected_of(facts: Sequence[Fact], agent_channel: int | None) -> list[RecordingJob]:
    """A talk that ended and that its switch said to record: its file must come."""
    return [
        RecordingJob(
            site=leg.site,
            contact=leg.contact,
            contact_at=leg.queued_at,
            path="",
            queue=leg.queue,
            agent=leg.agent,
            agent_channel=agent_channel,
            moments=(leg.queued_at, *([leg.answered_at] if leg.answered_at else [])),
            over_at=leg.ended_at,
            expected=True,
            urgent=leg.tier.lower() in URGENT_TIERS,
        )
        for leg in facts
        if isinstance(leg, ContactLeg) and leg.recording and leg.outcome is Outcome.ANSWERED
    ]
