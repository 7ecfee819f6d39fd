"""Dirty slots to rollups. In: names out of the dirty set. Out: rollup rows of a higher `ver`; the names forgotten.

One roller at a time (lease); a second one, or one that died anywhere, does harm to nothing: a slot counted twice is
counted right twice. `ver` is taken before the base is read, so what was read later wins. May not know: the bus.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import structlog

from streams.vocabulary.ids import Millis
from streams.warehouse.dirty import DirtySlots, Run, Slot, parse_slot, runs
from streams.warehouse.engine import Warehouse
from streams.warehouse.errors import StoreError
from streams.warehouse.front import AsyncWarehouse
from streams.warehouse.rollup_sql import ROLLUPS, TOUCHES_MS, roll
from streams.warehouse.sql_parts import span

log = structlog.get_logger(__name__)

ROLL_EVERY_S: Final = 30.0
"""Today is read from the base, so rollups may lag. A pass over one quarter costs about nine statements of 70 ms each,
nearly all of it the store's analysis of them, however few the rows (measured, chDB 26)."""
SHORT_ABANDON_MS: Final = 5_000


class Lease(Protocol):
    def held(self) -> bool:
        """Whether this process is the one roller now."""
        ...


def roll_run(warehouse: Warehouse, run: Run, *, ver: int, short_abandon_ms: int = SHORT_ABANDON_MS) -> int:
    """Count one run of slots anew, in every table that its part feeds; returns the number of statements."""
    params = span(Millis(run.since_s * 1000), Millis(run.until_s * 1000)) | {
        "site": run.site,
        "ver": ver,
        "short_abandon_ms": short_abandon_ms,
        "origin_since": run.since_s,
        "origin_until": run.until_s,
        "touched_until": run.until_s + TOUCHES_MS // 1000,
    }
    tables = [rollup for rollup in ROLLUPS if run.part in rollup.parts]
    for rollup in tables:
        warehouse.execute(roll(rollup, run.part), params | {"slot_ms": rollup.slot_ms})
    return len(tables)


def roll_slots(warehouse: Warehouse, slots: Iterable[Slot], *, ver: int, short_abandon_ms: int) -> int:
    """All of them at once, for a rebuild; the roller itself goes run by run."""
    return sum(roll_run(warehouse, run, ver=ver, short_abandon_ms=short_abandon_ms) for run in runs(slots))


def highest_ver(warehouse: Warehouse) -> int:
    """Of all rollup rows: a clock set back must not make new counts look older than old ones."""
    return max(int(warehouse.query(f"SELECT max(ver) FROM {rollup.table}")[0][0]) for rollup in ROLLUPS)  # noqa: S608


@dataclass(frozen=True, slots=True)
class RollupAge:
    """When a rollup was last written; `age_ms` None: never. A quiet night makes it old, a dead roller too."""

    table: str
    rolled_at: Millis
    age_ms: int | None


def rollup_age(warehouse: Warehouse, *, now: Millis) -> list[RollupAge]:
    since = {"since": max(0, (now - TOUCHES_MS) // 1000)}
    found = []
    for rollup in ROLLUPS:
        sql = f"SELECT max(ver) FROM {rollup.table} WHERE slot >= toDateTime({{since}})"  # noqa: S608
        ver = int(warehouse.query(sql, since)[0][0])
        found.append(RollupAge(rollup.table, Millis(ver), now - ver if ver else None))
    return found


@dataclass(slots=True, kw_only=True)
class RollerCounts:
    """For /metrics and /ops. Mutable; owned by one Roller."""

    passes: int = 0
    slots: int = 0
    statements: int = 0
    store_retries: int = 0
    bus_retries: int = 0
    unreadable: int = 0
    """names in the dirty set that no version of ours wrote"""
    backlog: int = 0
    held: bool = False
    last_pass_at: int = 0
    last_pass_ms: int = 0
    last_fault: str = ""


class Roller:
    """Mutable; one per process, idle while another one holds the lease."""

    def __init__(
        self,
        store: AsyncWarehouse,
        dirty: DirtySlots,
        lease: Lease,
        *,
        clock: Callable[[], Millis],
        bus_errors: tuple[type[Exception], ...],
        short_abandon_ms: int = SHORT_ABANDON_MS,
        every_s: float = ROLL_EVERY_S,
    ) -> None:
        """`bus_errors`: what `dirty` raises when the bus is away (BusError)."""
        self._store = store
        self._dirty = dirty
        self._lease = lease
        self._clock = clock
        self._bus_errors = bus_errors
        self._short_abandon_ms = short_abandon_ms
        self._every_s = every_s
        self._ver = 0
        self.counts = RollerCounts()

    async def run(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            await self._patient_pass()
            try:
                await asyncio.wait_for(stop.wait(), self._every_s)
            except TimeoutError:
                continue

    async def _patient_pass(self) -> None:
        self.counts.held = self._lease.held()
        if not self.counts.held:
            self._ver = 0  # somebody else may have written a higher one meanwhile
            return
        try:
            await self.roll_once()
        except self._bus_errors as error:
            self.counts.bus_retries += 1
            self.counts.last_fault = str(error)
        except StoreError as error:
            self.counts.store_retries += 1
            self.counts.last_fault = str(error)

    async def roll_once(self) -> int:
        """One pass; returns how many slots it counted. What fails, or is left when the lease goes, waits on."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        if not self._ver:
            self._ver = await self._store.run(highest_ver)
        slots = self._parsed(await self._dirty.take())
        failed: list[Slot] = []
        for one in runs(slots):
            if not self._lease.held():
                return 0  # taken slots stay taken: the next holder begins with them
            if not await self._roll(one):
                failed.extend(one.slots)
        if failed:
            await self._dirty.mark([slot.name for slot in failed])
        await self._dirty.done()
        self.counts.passes += 1
        self.counts.slots += len(slots) - len(failed)
        self.counts.last_pass_at = self._clock()
        self.counts.last_pass_ms = int((loop.time() - began) * 1000)
        self.counts.backlog = await self._dirty.backlog()
        return len(slots) - len(failed)

    async def _roll(self, run: Run) -> bool:
        """One run that the store refuses must not keep the others waiting."""
        self._ver = max(self._ver + 1, int(self._clock()))
        try:
            self.counts.statements += await self._store.run(
                roll_run, run, ver=self._ver, short_abandon_ms=self._short_abandon_ms
            )
        except StoreError as error:
            self.counts.store_retries += 1
            self.counts.last_fault = str(error)
            log.warning("roll_failed", part=run.part, site=run.site, since=run.since_s, fault=error.fault[:200])
            return False
        return True

    def _parsed(self, names: Sequence[str]) -> set[Slot]:
        slots: set[Slot] = set()
        for name in names:
            slot = parse_slot(name)
            if slot is None:
                self.counts.unreadable += 1
            else:
                slots.add(slot)
        return slots
