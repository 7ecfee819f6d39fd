"""A floor for the alert engine: a clock that stands, numbers fed by hand, stores and channels that fail on command.

In: what a test wants to happen. Out: an engine to run, and everything it emitted and sent.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Collection

from alerts.board import WatchKey
from alerts.book import Pages, opened
from alerts.evaluate import Watch
from alerts.notification import Notification
from alerts.outbox import Entry
from alerts.routing import Route, Routing
from alerts.rules import Label, ServiceLevelRule, Severity, SourceSilentRule, Timing
from alerts.senders.channel import Attempt, Outcome, Reply
from alerts.store import NO_PAGES, DeadLetter, Saved
from streams.floor.numbers import Counters, QueueNumbers
from streams.vocabulary.ids import Millis, QueueName, SiteId

START = 1_795_291_200_000
SITE = SiteId("gz")
RULE = ServiceLevelRule(
    name="sl",
    label=Label(zh="服务水平低", en="Service level low"),
    severity=Severity.WARNING,
    channels=("duty",),
    timing=Timing(hold_ms=10_000, keep_firing_ms=5_000),
    queues=(),
    formula="answered_abandoned",
    window_minutes=15,
    fire_below=80,
    clear_above=90,
    min_sample=10,
)
SILENT = SourceSilentRule(
    name="source_silent",
    label=Label(zh="数据源中断", en="Source silent"),
    severity=Severity.CRITICAL,
    channels=("duty",),
    timing=Timing(hold_ms=10_000, keep_firing_ms=5_000),
)
AT_ONCE = Routing(routes=(Route(name="at_once", group_wait_ms=0, group_interval_ms=0),))
"""Tells what a look decides at that look."""
SL_KEY = ("sl", "queue:sales")
SILENT_KEY = ("source_silent", "site:gz")


def numbers(second: int, in_target: int, *, certain: bool = True, queue: str = "sales") -> QueueNumbers:
    """`in_target` of 100 contacts."""
    return QueueNumbers(
        at=Millis(START + 1000 * second),
        site=SITE,
        queue=QueueName(queue),
        target_ms=20_000,
        certain=certain,
        waiting=0,
        longest_wait_ms=0,
        talking=0,
        agents={},
        today=Counters(),
        windows={15: Counters(answered=100, answered_in_target=in_target)},
        line=[],
    )


async def until(done: Callable[[], bool], *, seconds: float = 5.0) -> None:
    async with asyncio.timeout(seconds):
        for _ in itertools.takewhile(lambda _: not done(), itertools.count()):
            await asyncio.sleep(0.0005)


class HandClock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.at = START

    def now(self) -> Millis:
        return Millis(self.at)


class Feed:
    """A source of numbers; `put` hands over one batch."""

    def __init__(self) -> None:
        self._batches: asyncio.Queue[list[QueueNumbers]] = asyncio.Queue()

    def put(self, *batch: QueueNumbers) -> None:
        self._batches.put_nowait(list(batch))

    async def numbers(self) -> AsyncIterator[list[QueueNumbers]]:
        while True:
            yield await self._batches.get()


class Crash(Exception):
    """The process dies here."""


class Fuse:
    """Burns at the n-th call, wherever that is; None never does."""

    def __init__(self, calls: int | None = None) -> None:
        self._left = calls

    def spend(self) -> None:
        if self._left is None:
            return
        self._left -= 1
        if self._left < 0:
            raise Crash


class Memory:
    """What outlives a crash."""

    def __init__(self) -> None:
        self.watches: dict[WatchKey, Watch] = {}
        self.outbox: dict[str, Entry] = {}
        self.book: dict[str, bytes] = {}
        self.attempts: list[Attempt] = []
        self.dead: list[DeadLetter] = []


class CrashingStore:
    """An AlertStore in memory; the fuse burns before or after each of its writes."""

    def __init__(self, memory: Memory, fuse: Fuse) -> None:
        self._memory = memory
        self._fuse = fuse

    async def load(self) -> Saved:
        entries = sorted(self._memory.outbox.values(), key=lambda entry: entry.order)
        book, _ = opened({name.encode(): blob for name, blob in self._memory.book.items()})
        return Saved(watches=dict(self._memory.watches), outbox=tuple(entries), book=book)

    async def commit(
        self,
        *,
        watches: Collection[Watch],
        forget: Collection[WatchKey],
        outbox: Collection[Entry],
        book: Pages = NO_PAGES,
    ) -> None:
        self._fuse.spend()
        for key in forget:
            self._memory.watches.pop(key, None)
        self._memory.watches |= {(watch.rule, watch.scope): watch for watch in watches}
        self._memory.outbox |= {entry.key: entry for entry in outbox}
        self._memory.book |= book.put
        for name in book.remove:
            self._memory.book.pop(name, None)
        self._fuse.spend()

    async def still_ours(self) -> None:
        """Nobody else is there to take it."""

    async def said(self, entries: Collection[Entry]) -> None:
        self._fuse.spend()
        for entry in entries:
            self._memory.outbox.pop(entry.key, None)
        self._fuse.spend()

    async def tried(self, attempt: Attempt) -> None:
        self._fuse.spend()
        self._memory.attempts.append(attempt)

    async def bury(self, letter: DeadLetter) -> None:
        self._fuse.spend()
        self._memory.outbox.pop(letter.entry.key, None)
        self._memory.dead.append(letter)


class RememberingChannel:
    """Takes everything and remembers it."""

    def __init__(self, name: str, *replies: Outcome) -> None:
        self.name = name
        self.got: list[Notification] = []
        self._replies = replies or (Outcome.DELIVERED,)

    async def send(self, notification: Notification, *, at: Millis) -> Reply:
        reply = self._replies[min(len(self.got), len(self._replies) - 1)]
        self.got.append(notification)
        return Reply(outcome=reply)
