"""From a source's spool to the bus. In: a spool. Out: entries of one stream, in order, none lost.

A bus that is away or full is waited for while the spool grows. A bus that may have lost what it acknowledged gets the
last minutes again before anything new; the events' own numbers make that harmless. May not know: what a blob means.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import structlog

from streams.bus.errors import BusFull, BusUnavailable
from streams.bus.guarded import GuardedPublisher, TailLost
from streams.bus.stood import Stood
from streams.collect.spool import Batch, Spool
from streams.vocabulary.ids import Millis

log = structlog.get_logger(__name__)

BATCH: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderPace:
    """`look_s`: a source that tells nothing still looks so often whether the bus is the one it knew."""

    look_s: float = 2.0
    again_ms: int = 600_000
    first_pause_s: float = 0.1
    longest_pause_s: float = 2.0


@dataclass(slots=True, kw_only=True)
class SenderCounts:
    """For /metrics. Mutable; owned by one sender."""

    sent: int = 0
    resent: int = 0
    tails_lost: Counter[str] = field(default_factory=Counter)
    waits: Counter[str] = field(default_factory=Counter)
    """how often the bus was away (`unavailable`) or took nothing (`full`)"""


class Sender:
    """Drains one spool. `run` until cancelled."""

    def __init__(
        self, spool: Spool, publisher: GuardedPublisher, *, clock: Callable[[], Millis], pace: SenderPace | None = None
    ) -> None:
        self._spool = spool
        self._publisher = publisher
        self._clock = clock
        self._pace = pace or SenderPace()
        self._stood = spool.stood
        self._again_until = 0
        self.counts = SenderCounts()

    async def run(self) -> None:
        pause_s = self._pace.first_pause_s
        while True:
            batch = await self._spool.take(BATCH, wait_s=self._pace.look_s)
            try:
                await self._send(batch)
            except TailLost as lost:
                await self._again(lost)
            except (BusUnavailable, BusFull) as error:
                self.counts.waits["full" if isinstance(error, BusFull) else "unavailable"] += 1
                if pause_s == self._pace.first_pause_s:
                    log.warning("bus_away", doing="sending a spool", fault=error.fault)
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, self._pace.longest_pause_s)
            else:
                pause_s = self._pace.first_pause_s

    async def _send(self, batch: Batch | None) -> None:
        if batch is None:
            self._stood = await self._publisher.check(self._stood)
            return
        self._stood = await self._publisher.publish(batch.blobs, self._stood)
        if batch.end <= self._again_until:
            self.counts.resent += len(batch.blobs)
        self.counts.sent += len(batch.blobs)
        self._spool.confirmed(batch.end, self._stood)

    async def _again(self, lost: TailLost) -> None:
        """Until the bus has all of it again, the spool's own cursor still names the bus that had it before."""
        self.counts.tails_lost[lost.reason] += 1
        self._again_until = max(self._again_until, self._spool.sent_until)
        records = await self._spool.again_since(Millis(self._clock() - self._pace.again_ms))
        self._stood = Stood(lost.server)
        log.warning("bus_tail_lost", reason=lost.reason, again=records)
