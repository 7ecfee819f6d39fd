"""A feed on a real bus, and what arrived. In: a server, a folder. Out: the numbers of all events on the stream."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from redis.asyncio import Redis

from streams.bus import names
from streams.bus.connection import client
from streams.bus.guarded import GuardedPublisher
from streams.collect.feed import Feed
from streams.collect.sender import SenderPace
from streams.collect.spool_disk import SpoolLimits
from streams.vocabulary import events as ev
from streams.vocabulary.codec import decode_event
from streams.vocabulary.ids import Millis, SiteId, SourceId

SITE, SOURCE = SiteId("hz"), SourceId("pbx")
PACE = SenderPace(look_s=0.1, again_ms=600_000, first_pause_s=0.02, longest_pause_s=0.1)
LIMITS = SpoolLimits(segment_bytes=20_000, cursor_every_s=0.05)


class Ticking:
    """A clock that a test moves; every look is a millisecond later."""

    def __init__(self, now: int = 1_795_262_400_000) -> None:
        self.now = now

    def __call__(self) -> Millis:
        self.now += 1
        return Millis(self.now)


def events(first: int, count: int) -> list[ev.Event]:
    return [ev.SourceHeard(at=Millis(first + n), site=SITE, source=SOURCE, seq=first + n) for n in range(count)]


@asynccontextmanager
async def running_feed(
    url: str, folder: Path, *, limits: SpoolLimits = LIMITS, pace: SenderPace = PACE
) -> AsyncIterator[Feed]:
    redis = client(url, connect_timeout_s=1)
    feed = await Feed.open(
        folder,
        GuardedPublisher(redis, names.events(SITE), timeout_s=2),
        site=SITE,
        source=SOURCE,
        clock=Ticking(),
        limits=limits,
        pace=pace,
        wait_s=1,
    )
    task = asyncio.create_task(feed.run())
    try:
        yield feed
    finally:
        task.cancel()
        await asyncio.wait({task})
        await redis.aclose()


async def drained(feed: Feed) -> None:
    """The caller's own deadline bounds this."""
    while feed.spool.unsent:  # noqa: ASYNC110 - counters are no events
        await asyncio.sleep(0.01)


async def arrived(url: str) -> list[int]:
    """The seq of every event on the stream, in order, as often as it stands there."""
    redis: Redis = client(url)
    try:
        rows = await redis.xrange(names.events(SITE))
        return [decode_event(fields[b"b"]).seq for _, fields in rows]
    finally:
        await redis.aclose()


def first_times(seqs: Sequence[int]) -> list[int]:
    """As a floor takes them: a number not above the last one is a redelivery."""
    taken: list[int] = []
    for seq in seqs:
        if not taken or seq > taken[-1]:
            taken.append(seq)
    return taken
