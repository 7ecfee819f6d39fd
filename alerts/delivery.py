"""One channel's way out: a bounded queue, in order, with retries. In: outbox entries. Out: attempts, dead letters.

One at a time for each channel, so `resolved` never overtakes `firing`; channels do not wait for each other. Above the
service's limits messages wait and become one. What waits here also stands in the outbox, so a crash loses nothing. May
not know: what a channel is made of.
"""

import asyncio
import random
import traceback
from collections import Counter
from collections.abc import Awaitable, Callable
from enum import StrEnum

import structlog

from alerts.group import Manner
from alerts.outbox import TellChannel
from alerts.senders.channel import Around, Attempt, Channel, Grouping, Outcome, Reply
from alerts.senders.pace import Pace
from alerts.senders.retry import GiveUp, RetryPolicy, after
from alerts.store import AlertStore, DeadLetter
from streams.vocabulary.ids import Millis

log = structlog.get_logger()

CAPACITY = 1000
CANNOT_BEAR = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What a sender raises over words or an answer it was not made for; what is of the wire, it answers itself."""
Heard = Callable[[TellChannel, Attempt], Awaitable[None]]
"""What somebody does who wants to know of attempts that say something new."""


async def _nobody(entry: TellChannel, attempt: Attempt) -> None:
    """Nobody wants to know."""


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
        pace: Pace | None = None,
        groups: bool = False,
        capacity: int = CAPACITY,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._channel = channel
        self._store = store
        self._clock = clock
        self._policy = policy or RetryPolicy()
        self._pace = pace or Pace()
        self._grouping = channel if isinstance(channel, Grouping) else None
        self._together = groups and self._grouping is not None
        self._queue: asyncio.Queue[TellChannel] = asyncio.Queue(capacity)
        self._sleep = sleep
        self._chance = chance
        self._gone = False
        self._heard: Heard = _nobody
        self.attempted: Counter[Outcome] = Counter()
        self.buried: Counter[Outcome] = Counter()
        self.paced = 0
        """Times a message waited for the service's limit."""
        self.grouped = 0
        """Messages that went out inside another."""

    @property
    def manner(self) -> Manner:
        """How what is decided becomes messages for this channel."""
        if self._grouping is None:
            return Manner.EACH
        return Manner.TOGETHER if self._together else Manner.INCIDENTS

    def listen(self, heard: Heard) -> None:
        """`heard`: called with the first attempt of a message, and whenever the outcome is another one."""
        self._heard = heard

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
            first = await self._queue.get()
            await self._await_room()
            await self._deliver(first, *self._others())

    async def _await_room(self) -> None:
        if wait_ms := self._pace.wait_ms(self._clock()):
            self.paced += 1
            log.info("channel_paced", channel=self._channel.name, wait_ms=wait_ms, waiting=self.waiting)
        while wait_ms := self._pace.wait_ms(self._clock()):  # another engine may have taken the room meanwhile
            await self._sleep(wait_ms / 1000)

    def _others(self) -> list[TellChannel]:
        """All that wait, if they are more than the service takes now: one message tells them in their order."""
        room = self._pace.room(self._clock())
        if not self._together or room is None or 1 + self.waiting <= room:
            return []
        others = [self._queue.get_nowait() for _ in range(self.waiting)]
        self.grouped += len(others)
        return others

    async def bury(self, entry: TellChannel, reply: Reply, *, number: int = 0) -> None:
        self.buried[reply.outcome] += 1
        attempt = self._attempt(entry, reply, number)
        log.warning("notification_given_up", channel=entry.channel, outcome=reply.outcome.value, attempts=number)
        await self._store.bury(DeadLetter(entry=entry, attempt=attempt))
        if not number:
            await self._heard(entry, attempt)

    async def _deliver(self, *entries: TellChannel) -> None:
        """`entries`: one, or several that become one message and share its fate."""
        if self._gone:
            for entry in entries:
                await self.bury(entry, Reply(outcome=Outcome.GONE, text="the channel said 410 before"))
            return
        began, number, outcome = self._clock(), 0, None
        while True:
            number += 1
            await self._store.still_ours()  # who lost the lease says nothing more: its successor says it
            reply = await self._try(entries)
            for entry in entries:
                await self._store.tried(self._attempt(entry, reply, number))
            if reply.outcome is Outcome.DELIVERED:
                await self._store.said(entries)
            if reply.outcome is not outcome:
                for entry in entries:
                    await self._heard(entry, self._attempt(entry, reply, number))
            outcome = reply.outcome
            if outcome is Outcome.DELIVERED:
                return
            tried_for_ms = max(0, self._clock() - began)
            decision = after(
                reply, number=number, tried_for_ms=tried_for_ms, chance=self._chance(), policy=self._policy
            )
            if isinstance(decision, GiveUp):
                self._gone = decision.outcome is Outcome.GONE
                for entry in entries:
                    await self.bury(entry, reply, number=number)
                return
            await self._sleep(decision.ms / 1000)
            await self._await_room()

    async def _try(self, entries: tuple[TellChannel, ...]) -> Reply:
        now = self._clock()
        self._pace.take(now)
        try:
            reply = await self._sent(entries, now)
        except CANNOT_BEAR as error:  # one message must not end every alert of the site
            *_, last = traceback.extract_tb(error.__traceback__)
            # not what it says: that may hold an address with its secret
            log.error(
                "sender_failed", channel=self._channel.name, error=type(error).__name__, at=f"{last.name}:{last.lineno}"
            )
            reply = Reply(outcome=Outcome.UNKNOWN, text=f"the sender failed: {type(error).__name__}")
        self.attempted[reply.outcome] += 1
        return reply

    async def _sent(self, entries: tuple[TellChannel, ...], now: Millis) -> Reply:
        if self._grouping is None:
            return await self._channel.send(entries[0].notification, at=now)
        told = tuple(one for entry in entries for one in entry.notifications)
        return await self._grouping.send_group(told, at=now, around=_around(entries))

    def _attempt(self, entry: TellChannel, reply: Reply, number: int) -> Attempt:
        return Attempt(
            at=self._clock(), channel=entry.channel, notification=entry.notification.id, number=number, reply=reply
        )


def _around(entries: tuple[TellChannel, ...]) -> Around:
    """Of several that became one: what they stand for adds up, and it is for all they were for."""
    if len(entries) == 1:
        return entries[0].around
    return Around(
        more=sum(entry.around.more for entry in entries),
        mobiles=tuple(dict.fromkeys(mobile for entry in entries for mobile in entry.around.mobiles)),
    )
