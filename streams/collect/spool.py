"""A durable queue between one source and the bus. In: batches of blobs. Out: the same in order, until the bus has them.

What comes together is synced together, in a thread; nothing goes to the bus before it is on disk. While the disk takes
nothing, memory serves up to a bound; then appends are refused, and taken again by themselves when there is room. May
not know: how the bus works, what a blob means.
"""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

import structlog

from streams.bus.stood import Stood
from streams.collect.spool_disk import DiskCounts, SpoolFault, SpoolLimits, SpoolLog, SpoolReason
from streams.collect.spool_files import Cursor
from streams.vocabulary.ids import Millis

log = structlog.get_logger(__name__)

T = TypeVar("T")
GROUP_BYTES: Final = 4 * 1024 * 1024
READ_AHEAD_BYTES: Final = 8 * 1024 * 1024
"""Of what is on disk already, so much stays in memory for the sender; beyond, it is read back."""
ALERT_PERCENT: Final = 85


class Appended(StrEnum):
    """How safe a batch is. All of them go out in order."""

    DURABLE = "durable"
    SOON = "soon"
    """with the next sync, some milliseconds from now: for a source that could not be asked to tell it again"""
    LATE = "late"
    """the disk is slower than the bound; it is being written"""
    IN_MEMORY = "in_memory"
    """the disk takes nothing; a crash before the bus has it would lose it"""


class SpoolRefused(Exception):
    """Neither disk nor memory has room. Nothing of the batch was taken."""

    def __init__(self, reason: SpoolReason | None) -> None:
        super().__init__(f"the spool is full ({reason or 'slow_disk'}): free disk space, or let the bus catch up")
        self.reason = reason


@dataclass(slots=True, kw_only=True)
class SpoolCounts:
    appended: Counter[str] = field(default_factory=Counter)
    """records, by how safe they were when the append returned"""
    refused: int = 0
    syncs: int = 0
    unspooled: int = 0
    """records that reached the bus from memory, without ever being on disk"""


@dataclass(slots=True)
class _Chunk:
    first: int
    blobs: list[bytes]
    size: int
    at: int

    @property
    def end(self) -> int:
        return self.first + len(self.blobs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Records to send. `end`: what to confirm once the bus has them."""

    blobs: list[bytes]
    end: int


class Spool:
    """Mutable; lives in one event loop. `run` must run for anything to reach the disk."""

    def __init__(self, disk: SpoolLog, *, limits: SpoolLimits, clock: Callable[[], Millis]) -> None:
        self._disk = disk
        self._limits = limits
        self._clock = clock
        self._hurry_bytes = min(limits.hurry_bytes, limits.memory_bytes // 2)
        self._thread = ThreadPoolExecutor(1, "spool")
        self._chunks: deque[_Chunk] = deque()
        self._fresh: deque[_Chunk] = deque()
        self._in_memory = 0
        self._waiting = 0
        self._next = disk.next
        self._durable = disk.next
        self._unsent = min(disk.cursor.position, disk.next)
        self._confirmed = disk.cursor.position
        self._written = asyncio.Event()
        self._work = asyncio.Event()
        self._news = asyncio.Event()
        self._cursor_due = 0.0
        self._cursor_old = False
        self._slow = False
        self.stood = disk.cursor.stood
        self.trouble: SpoolReason | None = None
        self.counts = SpoolCounts()

    @classmethod
    async def open(
        cls, folder: Path, *, clock: Callable[[], Millis], limits: SpoolLimits | None = None, wait_s: float = 15.0
    ) -> "Spool":
        """Raises SpoolInUse, OSError."""
        limits = limits or SpoolLimits()
        disk = await asyncio.to_thread(SpoolLog.open, folder, limits=limits, wait_s=wait_s)
        return cls(disk, limits=limits, clock=clock)

    # --- what a page or a caller may ask ---------------------------------------------------------------------------

    @property
    def last_blob(self) -> bytes | None:
        """The last record found at the start."""
        return self._disk.last_blob

    @property
    def disk_counts(self) -> DiskCounts:
        return self._disk.counts

    @property
    def unsent(self) -> int:
        """How many records the bus does not have."""
        return self._next - self._unsent

    @property
    def sent_until(self) -> int:
        """The bus has everything below (or had it once)."""
        return self._confirmed

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return self._disk.size

    @property
    def full_percent(self) -> float:
        """Of the limit, by what the bus does not have: what is only kept for a second sending gives way."""
        return 100 * self._disk.size / self._limits.bytes_max if self.unsent else 0.0

    def oldest_unsent_ms(self, now: Millis) -> int:
        if not self.unsent:
            return 0
        chunk = next((one for one in self._chunks if one.end > self._unsent), None)
        if chunk is not None and chunk.first <= self._unsent:
            return now - chunk.at
        written_at = self._disk.written_at(self._unsent)
        return 0 if written_at is None else max(0, now - written_at)

    # --- the source's side -----------------------------------------------------------------------------------------

    async def append(self, blobs: Sequence[bytes], *, hurry: bool = False) -> Appended:
        """Returns when `blobs` are on disk, or (`hurry`) as soon as not too much waits for it. Raises SpoolRefused."""
        if not blobs:
            return Appended.DURABLE
        size = sum(map(len, blobs))
        if self._waiting + size > self._limits.memory_bytes and self._waiting:
            self.counts.refused += len(blobs)
            raise SpoolRefused(self.trouble)
        chunk = _Chunk(self._next, list(blobs), size, self._clock())
        self._chunks.append(chunk)
        self._fresh.append(chunk)
        self._next += len(blobs)
        self._in_memory += size
        self._waiting += size
        self._work.set()
        if hurry and self._waiting <= self._hurry_bytes and self.trouble is None:
            safe = Appended.SOON
        else:
            safe = await self._until_safe(self._next)
        self.counts.appended[safe] += len(blobs)
        return safe

    async def _until_safe(self, end: int) -> Appended:
        deadline = time.monotonic() + self._limits.append_wait_s
        while self._durable < end:
            if self.trouble is not None:
                self._news.set()
                return Appended.IN_MEMORY
            try:
                async with asyncio.timeout(deadline - time.monotonic()):
                    await self._written.wait()
            except TimeoutError:
                self._slow = True
                self._news.set()
                return Appended.LATE
        return Appended.DURABLE

    @property
    def has_room(self) -> bool:
        """Whether a source that was cut off may come back: half of the bound must be free, so it does not flap."""
        return self.trouble is None or self._waiting * 2 < self._limits.memory_bytes

    # --- the disk's side -------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._until_work()
            while self._durable < self._next:
                began = time.monotonic()
                await self._write_group()
                await asyncio.sleep(max(0.0, began + self._limits.sync_every_s - time.monotonic()))
            if self._cursor_old and time.monotonic() >= self._cursor_due:
                await self.save_cursor()

            if self.trouble is not None:
                await self._probe()

    async def _until_work(self) -> None:
        waits_s = [max(0.0, self._cursor_due - time.monotonic())] if self._cursor_old else []
        if self.trouble is not None:
            waits_s.append(self._limits.retry_s)
        try:
            async with asyncio.timeout(min(waits_s, default=None)):
                await self._work.wait()
        except TimeoutError:
            return
        self._work.clear()

    async def _probe(self) -> None:
        """Everything went out from memory: nothing but a look tells that the disk takes something again."""
        try:
            await self._in_thread(self._disk.probe)
        except SpoolFault as fault:
            self.trouble = fault.reason
        else:
            self._recovered()

    def _recovered(self) -> None:
        if self.trouble is not None:
            log.warning("spool_recovered", after=self.trouble)
            self.trouble = None

    async def _write_group(self) -> None:
        # the bus has them from memory; where the disk is only slow they are written all the same: the bus may forget
        if self._confirmed > self._durable and self.trouble is not None:
            self.counts.unspooled += self._confirmed - self._durable
            await self._in_thread(partial(self._disk.skip_to, self._confirmed))
            self._now_durable(self._confirmed)
            return
        group, size = [], 0
        for chunk in self._fresh:
            group += chunk.blobs[max(0, self._durable - chunk.first) :]
            size += chunk.size
            if size >= GROUP_BYTES:
                break
        try:
            await self._in_thread(partial(self._disk.write, group, now=self._clock()))
        except SpoolFault as fault:
            if self.trouble is None:
                log.error("spool_trouble", reason=fault.reason, detail=str(fault), mend="free disk space")
            self.trouble = fault.reason
            self._wake()
            await asyncio.sleep(self._limits.retry_s)
            return
        self.counts.syncs += 1
        self._recovered()
        self._now_durable(self._durable + len(group))

    def _now_durable(self, number: int) -> None:
        self._durable = max(self._durable, number)
        self._slow = False
        while self._fresh and self._fresh[0].end <= self._durable:
            self._waiting -= self._fresh.popleft().size
        self._forget()
        self._wake()

    def _wake(self) -> None:
        written, self._written = self._written, asyncio.Event()
        written.set()
        self._news.set()

    def _forget(self) -> None:
        """Memory keeps what is on no disk, and some of what was not sent yet."""
        chunks = self._chunks
        while chunks and chunks[0].end <= max(self._durable, self._confirmed):
            if chunks[0].end > self._confirmed and self._in_memory <= READ_AHEAD_BYTES:
                break
            self._in_memory -= chunks.popleft().size

    async def _in_thread(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, call)

    # --- the bus's side --------------------------------------------------------------------------------------------

    async def take(self, records_max: int, *, wait_s: float) -> Batch | None:
        """The next records to send, the same ones until they are confirmed; None if there are none for `wait_s`."""
        deadline = time.monotonic() + wait_s
        while True:
            batch = await self._have(records_max)
            if batch is not None:
                return batch
            self._news.clear()
            try:
                async with asyncio.timeout(deadline - time.monotonic()):
                    await self._news.wait()
            except TimeoutError:
                return None

    async def _have(self, records_max: int) -> Batch | None:
        # a record that is on no disk yet may go out only while the disk takes nothing, or hangs
        until = self._next if self._slow or self.trouble is not None else self._durable
        while self._unsent < until:
            blobs: list[bytes] = []
            at = self._unsent
            for chunk in self._chunks:
                if len(blobs) >= records_max or at >= until or chunk.first > at:
                    break
                if chunk.end > at:
                    part = chunk.blobs[at - chunk.first : min(until, at + records_max - len(blobs)) - chunk.first]
                    blobs += part
                    at += len(part)
            if blobs:
                return Batch(blobs=blobs, end=at)
            found = await self._in_thread(partial(self._disk.read, self._unsent, records_max=records_max))
            if found.blobs:
                return Batch(blobs=found.blobs, end=found.next)
            self._unsent = max(self._unsent, found.next)  # nothing but damage lay there
        return None

    def confirmed(self, position: int, stood: Stood) -> None:
        """The bus has everything below `position`. The disk hears of it once a second; a crash may repeat that much."""
        self._unsent = max(self._unsent, position)
        if position >= self._confirmed:
            self._confirmed, self.stood = position, stood
            self._cursor_old = True
            self._work.set()
        self._forget()

    async def save_cursor(self) -> None:
        cursor = Cursor(position=self._confirmed, stood=self.stood)
        self._cursor_old, self._cursor_due = False, time.monotonic() + self._limits.cursor_every_s
        try:
            await self._in_thread(partial(self._disk.confirm, cursor, now=self._clock()))
        except SpoolFault as fault:  # an older cursor stays, which only repeats what is harmless
            self._cursor_old = True
            log.warning("cursor_not_saved", reason=fault.reason)

    async def again_since(self, at: Millis) -> int:
        """What was written since `at` will be taken once more, before anything new. Returns how many records."""
        first = await self._in_thread(partial(self._disk.first_since, at))
        before = self._unsent
        self._unsent = min(self._unsent, first)
        self._news.set()
        return before - self._unsent

    async def recall(self, read: Callable[[Iterator[bytes]], T], *, back_ms: int, bytes_max: int) -> T:
        """What `read` makes of the last records, oldest first, in the thread that owns the disk. Before `run` only."""
        return await self._in_thread(lambda: read(self._disk.recent(back_ms=back_ms, bytes_max=bytes_max)))

    async def close(self) -> None:
        """After `run` has ended."""
        await self.save_cursor()
        await self._in_thread(self._disk.close)
        self._thread.shutdown(wait=True)
