"""One channel's way out: a bounded queue, in order, with retries. In: outbox entries. Out: attempts, dead letters.

One at a time for each channel, so `resolved` never overtakes `firing`; channels do not wait for each other. What waits
here also stands in the outbox, so a crash loses nothing. May not know: what a channel is made of.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from enum import StrEnum

import structlog

from alerts.outbox import TellChannel
from alerts.senders.channel import Attempt, Channel, Outcome, Reply
from alerts.senders.retry import GiveUp, RetryPolicy, after
from alerts.store import AlertStore, DeadLetter
from streams.vocabulary.ids import Millis

log = structlog.get_logger()

CAPACITY = 1000


class Offered(StrEnum):
    QUEUED = "queued"
    QUEUE_FULL = "queue_full"
    """The caller buries the entry: whoever is so far behind needs people, not more messages."""


class Delivery:
    """Owns one channel's queue and its counters: outcomes of attempts, reasons of dead letters."""

    def __init__(
        self,
        channel: Channel,
        *,
        store: AlertStore,
        clock: Callable[[], Millis],
        policy: RetryPolicy | None = None,
        capacity: int = CAPACITY,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._channel = channel
        self._store = store
        self._clock = clock
        self._policy = policy or RetryPolicy()
        self._queue: asyncio.Queue[TellChannel] = asyncio.Queue(capacity)
        self._sleep = sleep
        self._chance = chance
        self._gone = False
        self.attempted: Counter[Outcome] = Counter()
        self.buried: Counter[Outcome] = Counter()

    @property
    def waiting(self) -> int:
        return self._queue.qsize()

    def offer(self, entry: TellChannel) -> Offered:
        try:
            self._queue.put_nowait(entry)
        except asyncio.QueueFull:
            return Offered.QUEUE_FULL
        return Offered.QUEUED

    async def run(self) -> None:
        """For ever; ends only by cancellation or when the store fails."""
        while True:
            await self._deliver(await self._queue.get())

    async def bury(self, entry: TellChannel, reply: Reply, *, number: int = 0) -> None:
        self.buried[reply.outcome] += 1
        attempt = self._attempt(entry, reply, number)
        log.warning("notification_given_up", channel=entry.channel, outcome=reply.outcome.value, attempts=number)
        await self._store.bury(DeadLetter(entry=entry, attempt=attempt))

    async def _deliver(self, entry: TellChannel) -> None:
        if self._gone:
            await self.bury(entry, Reply(outcome=Outcome.GONE, text="the channel said 410 before"))
            return
        began, number = self._clock(), 0
        while True:
            number += 1
            reply = await self._channel.send(entry.notification, at=self._clock())
            self.attempted[reply.outcome] += 1
            await self._store.tried(self._attempt(entry, reply, number))
            if reply.outcome is Outcome.DELIVERED:
                await self._store.said(entry)
                return
            tried_for_ms = max(0, self._clock() - began)
            decision = after(
                reply, number=number, tried_for_ms=tried_for_ms, chance=self._chance(), policy=self._policy
            )
            if isinstance(decision, GiveUp):
                self._gone = decision.outcome is Outcome.GONE
                await self.bury(entry, reply, number=number)
                return
            await self._sleep(decision.ms / 1000)

    def _attempt(self, entry: TellChannel, reply: Reply, number: int) -> Attempt:
        return Attempt(
            at=self._clock(), channel=entry.channel, notification=entry.notification.id, number=number, reply=reply
        )
