"""From the bus into the warehouse. In: consumers of event and fact streams. Out: rows, dirty slots, acknowledgements.

At least once, in this order: a row goes in, its rollup slot is marked dirty, its entry is acknowledged. A replay writes
the same row, of which the table keeps one. What cannot be stored goes to the dead letters with a reason; an unreachable
store delays, it loses nothing.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Protocol

import msgspec

from streams.vocabulary.codec import decode_event, decode_fact
from streams.vocabulary.facts import Fact
from streams.vocabulary.ids import Millis
from streams.warehouse.dirty import DirtySlots, slots_of
from streams.warehouse.errors import BatchTooLarge, RowsRefused, StoreError
from streams.warehouse.front import AsyncWarehouse
from streams.warehouse.rows import absurd_times, event_columns, fact_columns, table_of

BATCH_ROWS: Final = 10_000
MOST_ROWS: Final = 40_000
"""A batch grows to this while the store is slow, so that it gets few large parts and a backlog is worked off. With
BATCH_BYTES the bound of this writer's memory: what the store does not take is kept, and nothing more is read."""
FEWEST_ROWS: Final = 256
"""A batch that is too large for the store is halved down to this; what is still too large then waits for more room."""
BATCH_BYTES: Final = 32 * 1024 * 1024
LINGER_MS: Final = 1_000
STALE_MS: Final = 60_000
"""What another consumer was given so long ago without acknowledging it, we take over."""


class Entry(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def blob(self) -> bytes: ...


class Claimed(Protocol):
    @property
    def entries(self) -> Sequence[Entry]: ...


class Source(Protocol):
    """What we need of a bus consumer (streams.bus.consume.Consumer is one)."""

    stream: str

    async def ensure_group(self) -> None: ...
    async def read(self, count: int, block_ms: int) -> Sequence[Entry]: ...
    async def read_own_pending(self, count: int, after: str = "0-0") -> Sequence[Entry]: ...
    async def ack(self, ids: Sequence[str]) -> None: ...
    async def claim_stale(self, min_idle_ms: int, count: int) -> Claimed: ...
    async def bury(self, entry: Any, *, reason: str, detail: str = "") -> None: ...


class DeadReason(StrEnum):
    """Why an entry never became a row."""

    NOT_DECODABLE = "not_decodable"
    DOES_NOT_FIT = "does_not_fit"
    ABSURD_TIME = "absurd_time"
    """before 2010 or more than two days ahead: one such clock would make thousands of partitions"""


@dataclass(slots=True, kw_only=True)
class WriterCounts:
    """For /metrics. Mutable; owned by one Writer."""

    rows: dict[str, int] = field(default_factory=dict)
    batches: int = 0
    store_retries: int = 0
    bus_retries: int = 0
    halved: int = 0
    """batches that were too large for the store"""
    marked: int = 0
    """dirty slots named to the roller"""
    batch_rows: int = 0
    """what a batch may hold now"""
    last_insert_ms: int = 0
    dead: dict[str, int] = field(default_factory=dict)
    holding: int = 0
    """Entries read and not yet acknowledged."""
    last_fault: str = ""


@dataclass(slots=True)
class _Rows:
    """Entries of one table and what they decoded to, side by side (a value for each pair cost more than decoding)."""

    entries: list[Entry] = field(default_factory=list)
    items: list[Any] = field(default_factory=list)

    def __getitem__(self, part: slice) -> "_Rows":
        return _Rows(self.entries[part], self.items[part])

    def __len__(self) -> int:
        return len(self.items)


Columns = Callable[[str, Sequence[Any]], dict[str, list[Any]]]


@dataclass(frozen=True, slots=True)
class Kind:
    """How blobs of a stream become rows."""

    decode: Callable[[bytes], Any]
    table_of: Callable[[Any], str]
    columns: Columns


EVENTS: Final = Kind(decode_event, lambda event: "events", lambda table, events: event_columns(events))
FACTS: Final = Kind(decode_fact, table_of, fact_columns)


class Writer:
    """Empties one stream into the warehouse. Several writers, here or on other machines, may share a group."""

    def __init__(
        self,
        source: Source,
        store: AsyncWarehouse,
        *,
        kind: Kind,
        dirty: DirtySlots,
        clock: Callable[[], Millis],
        bus_errors: tuple[type[Exception], ...],
        batch_rows: int = BATCH_ROWS,
        linger_ms: int = LINGER_MS,
        stale_ms: int = STALE_MS,
        first_pause_s: float = 0.2,
        longest_pause_s: float = 30.0,
    ) -> None:
        """`bus_errors`: what `source` and `dirty` raise when the bus is away (BusError)."""
        self._source = source
        self._store = store
        self._kind = kind
        self._dirty = dirty
        self._clock = clock
        self._bus_errors = bus_errors
        self._batch_rows = batch_rows
        self._linger_ms = linger_ms
        self._stale_ms = stale_ms
        self._first_pause_s = first_pause_s
        self._longest_pause_s = longest_pause_s
        self.counts = WriterCounts(batch_rows=batch_rows)

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set; the batch in hand is finished, unless the store is away: then it comes again later."""
        pause_s = self._first_pause_s
        claimed_at: float | None = None
        while not stop.is_set():
            try:
                if claimed_at is None:
                    await self._source.ensure_group()
                    await self._take_up_own(stop)
                now = asyncio.get_running_loop().time()
                if claimed_at is None or (now - claimed_at) * 1000 >= self._stale_ms / 2:
                    claimed_at = now
                    await self._take_over_stale(stop)
                await self.write(await self._gather(stop), stop)
                pause_s = self._first_pause_s
            except self._bus_errors as error:
                self.counts.bus_retries += 1
                self.counts.last_fault = str(error)
                await _pause(stop, pause_s)
                pause_s = min(pause_s * 2, self._longest_pause_s)

    async def _take_up_own(self, stop: asyncio.Event) -> None:
        """What our own name was given before a restart. Unlike `read`, this does not move on by itself."""
        after = "0-0"
        while not stop.is_set() and (entries := await self._source.read_own_pending(self._batch_rows, after)):
            await self.write(entries, stop)
            after = entries[-1].id

    async def _take_over_stale(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            claim = await self._source.claim_stale(self._stale_ms, 500)
            if not claim.entries:
                return
            await self.write(claim.entries, stop)

    async def _gather(self, stop: asyncio.Event) -> list[Entry]:
        """Up to a full batch, or what came within `linger_ms` of the first entry."""
        entries: list[Entry] = []
        size = 0
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._linger_ms / 1000
        most = self.counts.batch_rows
        while len(entries) < most and size < BATCH_BYTES and not stop.is_set():
            left_ms = int((deadline - loop.time()) * 1000)
            if left_ms <= 0:
                break
            # Small reads keep one huge run of blobs from passing BATCH_BYTES by far.
            fresh = await self._source.read(min(1_000, most - len(entries)), left_ms)
            entries.extend(fresh)
            size += sum([len(entry.blob) for entry in fresh])
            self.counts.holding = len(entries)
        return entries

    async def write(self, entries: Sequence[Entry], stop: asyncio.Event) -> None:
        """Insert, mark, acknowledge. Returns without acknowledging only if `stop` is set while the store is away."""
        self.counts.holding = len(entries)
        for table, whole in self._by_table(await self._decoded(entries)).items():
            rows = await self._of_our_time(table, whole)
            if rows.items and await self._insert(table, rows, stop):
                await self._mark(rows)
                await self._source.ack([entry.id for entry in rows.entries])
        self.counts.holding = 0

    async def _decoded(self, entries: Sequence[Entry]) -> _Rows:
        decode = self._kind.decode
        try:
            return _Rows(list(entries), [decode(entry.blob) for entry in entries])
        except msgspec.MsgspecError:
            rows = _Rows()  # some of them: one by one, then
        for entry in entries:
            try:
                rows.items.append(decode(entry.blob))
                rows.entries.append(entry)
            except msgspec.MsgspecError as error:
                await self._bury(entry, DeadReason.NOT_DECODABLE, str(error))
        return rows

    def _by_table(self, rows: _Rows) -> dict[str, _Rows]:
        tables = list(map(self._kind.table_of, rows.items))
        found = {table: _Rows() for table in dict.fromkeys(tables)}  # in order of first coming, run after run
        if len(found) == 1:
            return dict.fromkeys(found, rows)
        for table, entry, item in zip(tables, rows.entries, rows.items, strict=True):
            there = found[table]
            there.entries.append(entry)
            there.items.append(item)
        return found

    async def _of_our_time(self, table: str, rows: _Rows) -> _Rows:
        absurd = absurd_times(table, rows.items, now=self._clock())
        if not absurd:
            return rows
        for place, detail in absurd.items():
            await self._bury(rows.entries[place], DeadReason.ABSURD_TIME, detail)
        kept = [place for place in range(len(rows)) if place not in absurd]
        return _Rows([rows.entries[place] for place in kept], [rows.items[place] for place in kept])

    async def _mark(self, rows: _Rows) -> None:
        """After the insert: a slot counted before its row is in would be counted without it and forgotten."""
        if slots := slots_of(rows.items):
            await self._dirty.mark(sorted(slot.name for slot in slots))
            self.counts.marked += len(slots)

    async def _insert(self, table: str, rows: _Rows, stop: asyncio.Event) -> bool:
        """True when every row is either in the table or in the dead letters."""
        pause_s = self._first_pause_s
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            try:
                await self._store.run(_insert_rows, table, self._kind.columns, rows.items)
            except RowsRefused as error:
                if len(rows) == 1:
                    await self._bury(rows.entries[0], DeadReason.DOES_NOT_FIT, error.fault)
                    return True
                # Half by half down to the rows at fault; the others go in.
                return await self._halves(table, rows, stop)
            except StoreError as error:
                self.counts.store_retries += 1
                self.counts.last_fault = str(error)
                if isinstance(error, BatchTooLarge) and len(rows) > FEWEST_ROWS:
                    self.counts.halved += 1
                    self.counts.batch_rows = max(FEWEST_ROWS, len(rows) // 2)
                    return await self._halves(table, rows, stop)
                if stop.is_set():
                    return False
                await _pause(stop, pause_s)
                pause_s = min(pause_s * 2, self._longest_pause_s)
            else:
                self.counts.batches += 1
                self.counts.rows[table] = self.counts.rows.get(table, 0) + len(rows)
                self._pace(loop.time() - began)
                return True

    async def _halves(self, table: str, rows: _Rows, stop: asyncio.Event) -> bool:
        middle = len(rows) // 2
        first = await self._insert(table, rows[:middle], stop)
        return await self._insert(table, rows[middle:], stop) and first

    def _pace(self, seconds: float) -> None:
        """A store that takes longer for a batch than we gather one gets more at once; a quick one the usual again."""
        counts, usual = self.counts, self._batch_rows
        counts.last_insert_ms = int(seconds * 1000)
        if counts.last_insert_ms > self._linger_ms:
            counts.batch_rows = min(2 * counts.batch_rows, max(usual, MOST_ROWS))
        elif counts.batch_rows < usual:
            counts.batch_rows = min(2 * counts.batch_rows, usual)
        else:
            counts.batch_rows = max(usual, counts.batch_rows // 2)

    async def _bury(self, entry: Entry, reason: DeadReason, detail: str) -> None:
        await self._source.bury(entry, reason=reason, detail=detail)
        self.counts.dead[reason] = self.counts.dead.get(reason, 0) + 1


def _insert_rows(store: Any, table: str, columns: Columns, items: Sequence[Fact]) -> int:
    return int(store.insert(table, columns(table, items)))


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
