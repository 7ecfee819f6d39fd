"""One source's way to the bus. In: its events, from a collector or at the door. Out: spooled, then sent.

A source that cannot be asked to wait is cut off when there is no more room: a gap with a reason, from its first event
that found none. No event goes on from a time to come. May not know: how a source is connected.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec
import structlog
from msgspec.structs import replace

from streams.bus.guarded import GuardedPublisher
from streams.collect.sender import Sender, SenderPace
from streams.collect.spool import Appended, Spool, SpoolRefused
from streams.collect.spool_disk import SpoolLimits
from streams.vocabulary.codec import decode_event, encode
from streams.vocabulary.events import Event, SourceLost
from streams.vocabulary.ids import Millis, SiteId, SourceId
from streams.vocabulary.states import GapReason

log = structlog.get_logger(__name__)

LOOK_FOR_ROOM_S: Final = 0.5
RECALL_MS: Final = 600_000
RECALL_BYTES: Final = 64 * 1024 * 1024
"""Ten minutes at 5,000 seats are 25 MB. Each minute's picture names again whoever waits or talks, so less is enough
but for callers between two queues."""
AHEAD_MS: Final = 5_000
"""How far a source's clock may run before ours. The floor goes by its events' time: one from an hour ahead would end
everybody's pauses and the day, and make late whatever the site's other sources say until then."""


class SourceCut(Exception):
    """There is no room for what the source tells: let go of it until there is (`Feed.collect` does)."""


class Client(Protocol):
    """A live connection (AmiClient, EslClient, …)."""

    def run(self) -> Coroutine[Any, Any, None]: ...


class Memory(Protocol):
    """A translator that goes on where another one was killed. `recall` is called once, before it translates."""

    def recall(self, events: Iterable[Event]) -> None: ...


@dataclass(slots=True)
class _Cut:
    since: Millis
    seq: int


class Feed:
    """Mutable; owned by the process that holds the spool's lock. `run` drains it until cancelled."""

    def __init__(
        self, spool: Spool, sender: Sender, *, site: SiteId, source: SourceId, clock: Callable[[], Millis]
    ) -> None:
        self.spool = spool
        self._clock = clock
        self.sender = sender
        self._site = site
        self._source = source
        self._cut: _Cut | None = None
        self._last = _decoded(spool.last_blob)
        self.counts: Counter[str] = Counter()

    @classmethod
    async def open(
        cls,
        folder: Path,
        publisher: GuardedPublisher,
        *,
        site: SiteId,
        source: SourceId,
        clock: Callable[[], Millis],
        limits: SpoolLimits | None = None,
        pace: SenderPace | None = None,
        wait_s: float = 15.0,
    ) -> "Feed":
        """Raises SpoolInUse, OSError."""
        spool = await Spool.open(folder, clock=clock, limits=limits, wait_s=wait_s)
        return cls(spool, Sender(spool, publisher, clock=clock, pace=pace), site=site, source=source, clock=clock)

    async def run(self) -> None:
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self.spool.run(), name=f"spool {self._source}")
                tasks.create_task(self.sender.run(), name=f"sender {self._source}")
        finally:
            await asyncio.shield(self.spool.close())

    # --- a collector's side ----------------------------------------------------------------------------------------

    def resumed(self) -> list[Event]:
        """What a new collector tells first: nobody listened since the last event the old one spooled."""
        last = self._last
        if last is None or isinstance(last, SourceLost):
            return []
        found = self.spool.disk_counts
        reason = GapReason.SPOOL_TORN if found.torn or found.quarantined or found.missing else GapReason.STARTED_LATE
        return [SourceLost(at=last.at, site=self._site, source=self._source, seq=last.seq + 1, reason=reason)]

    @property
    def after_seq(self) -> int:
        """The highest number ever told: a clock set back must not make new events look like old ones."""
        return 0 if self._last is None else self._last.seq + 1

    async def recall(self, memory: Memory) -> None:
        """A new collector hears what the one before it told last, of which the spool keeps some minutes."""
        await self.spool.recall(
            lambda blobs: memory.recall(self._readable(blobs)), back_ms=RECALL_MS, bytes_max=RECALL_BYTES
        )

    def _readable(self, blobs: Iterable[bytes]) -> Iterator[Event]:
        for blob in blobs:
            event = _decoded(blob)
            if event is None:
                self.counts["unrecalled"] += 1
            else:
                yield event

    async def publish(self, events: Sequence[Event]) -> None:
        """For a collector: quick, and never longer than the spool's bound. Raises SourceCut."""
        if not events:
            return
        if self._cut is not None:
            self._refused(events)
        try:
            await self.spool.append(self._blobs(events), hurry=True)
        except SpoolRefused as refused:
            log.error("source_cut", source=self._source, reason=GapReason.SPOOL_FULL, detail=str(refused))
            self.counts["cuts"] += 1
            self._refused(events)

    async def publish_surely(self, events: Sequence[Event]) -> None:
        """For a collector whose source waits (files): returns when `events` are safe, however long that takes."""
        blobs = self._blobs(events)
        while True:
            try:
                await self.spool.append(blobs)
            except SpoolRefused:
                self.counts["waits_for_room"] += 1
                await asyncio.sleep(LOOK_FOR_ROOM_S)
            else:
                return

    def _blobs(self, events: Sequence[Event]) -> list[bytes]:
        """As they are kept. What says to happen later than now happens now; each is told again under its number."""
        now = self._clock()
        blobs = []
        for event in events:
            if event.at > now + AHEAD_MS:
                self.counts["clock_ahead"] += 1
                blobs.append(encode(replace(event, at=now)))
            else:
                blobs.append(encode(event))
        return blobs

    def _refused(self, events: Sequence[Event]) -> None:
        self.counts["refused"] += len(events)
        if self._cut is None:
            self._cut = _Cut(since=events[0].at, seq=0)
        self._cut.seq = max(self._cut.seq, events[-1].seq)
        raise SourceCut(self._source)

    async def collect(self, client: Client, *, first: Sequence[Event] = ()) -> None:
        """Runs the client for ever; where it was cut off, again once there is room, behind a gap that says so."""
        await self._told(list(first))
        while True:
            try:
                # a task of its own: in Python 3.11 a TaskGroup that fails may leave the task it ran in cancelled
                await asyncio.create_task(client.run())
            except* SourceCut:
                pass  # counted, and told below
            await self._until_room()
            if (cut := self._cut) is not None:
                # the gap takes the number of the last event it swallowed, which nobody will ever see
                self._cut = None
                gap = SourceLost(
                    at=cut.since, site=self._site, source=self._source, seq=cut.seq, reason=GapReason.SPOOL_FULL
                )
                await self._told([gap])

    async def _told(self, events: Sequence[Event]) -> None:
        try:
            await self.publish(events)
        except SourceCut:  # it says so again when there is room
            await self._until_room()

    async def _until_room(self) -> None:
        while not self.spool.has_room:  # noqa: ASYNC110 - the disk sends no event
            await asyncio.sleep(LOOK_FOR_ROOM_S)

    # --- the door's side -------------------------------------------------------------------------------------------

    async def accept(self, events: Sequence[Event]) -> Appended:
        """For who can send again: returns when `events` are as safe as they will be. Raises SpoolRefused."""
        try:
            return await self.spool.append(self._blobs(events))
        except SpoolRefused:
            self.counts["refused"] += len(events)
            raise

    # --- for pages -------------------------------------------------------------------------------------------------

    def status(self, now: Millis) -> dict[str, int | float | bool | str]:
        spool, sent, disk = self.spool, self.sender.counts, self.spool.disk_counts
        return {
            "spooled": sum(spool.counts.appended.values()),
            "sent": sent.sent,
            "resent": sent.resent,
            "unsent": spool.unsent,
            "oldest_unsent_s": round(spool.oldest_unsent_ms(now) / 1000, 1),
            "bytes": spool.size,
            "full_percent": round(spool.full_percent, 1),
            "syncs": spool.counts.syncs,
            "torn": disk.torn,
            "quarantined": disk.quarantined,
            "missing": disk.missing,
            "unspooled": spool.counts.unspooled,
            "refused": self.counts["refused"],
            "cuts": self.counts["cuts"],
            "clock_ahead": self.counts["clock_ahead"],
            "unrecalled": self.counts["unrecalled"],
            "trouble": str(spool.trouble or ""),
            **{f"bus {name}": n for name, n in sent.waits.items()},
            **{f"tail lost: {reason}": n for reason, n in sent.tails_lost.items()},
            **{f"disk {reason}": n for reason, n in disk.faults.items()},
        }


def _decoded(blob: bytes | None) -> Event | None:
    """None: the spool is new, or its last record is another version's."""
    if blob is None:
        return None
    try:
        event: Event = decode_event(blob)
    except msgspec.DecodeError:
        return None
    return event
