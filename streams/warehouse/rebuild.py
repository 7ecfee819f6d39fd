"""Facts and rollups derived anew from stored events. In: a site, a stretch of time, a floor. Out: rows, step by step.

The same fold as the live one, begun at the last checkpoint or a day before; what it does not tell any more is taken
back. Run twice it changes nothing. Memory holds the few hours that are not settled. May not know: clocks, settings.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from streams.floor.fold import Floor
from streams.floor.outputs import Output
from streams.vocabulary.codec import UNREADABLE
from streams.vocabulary.events import Event
from streams.vocabulary.facts import ContactLeg, StateInterval
from streams.vocabulary.ids import Millis, SiteId
from streams.warehouse.compare import Difference, Key, compare, key_of
from streams.warehouse.dirty import Run, Slot, runs
from streams.warehouse.engine import Warehouse
from streams.warehouse.past import PAGE, events_between, last_checkpoint, orders_told
from streams.warehouse.roller import highest_ver, roll_run
from streams.warehouse.rollup_sql import ORIGIN_S, Part
from streams.warehouse.stored import KINDS, Told, stored, write

HOUR_MS: Final = 3_600_000
WARM_UP_MS: Final = 24 * HOUR_MS
"""Without a checkpoint the fold begins so long before: pictures of the switch have named everybody by then."""
OVERLAP_MS: Final = 60_000
"""Before a checkpoint: what was read late or out of order; the floor knows what it has folded already."""
SETTLED_MS: Final = 90 * 60_000
"""So long after it ended a visit may still be amended (the floor itself forgets it after an hour)."""
AFTER_MS: Final = 24 * HOUR_MS
"""How far behind the range visits that began inside it are followed to their end."""
CHANGES_SHOWN: Final = 50

MakeFloor = Callable[[bytes | None], Floor]
"""A floor set up as the live one; from a checkpoint's snapshot, which may be another version's: msgspec.DecodeError."""


@dataclass(slots=True, kw_only=True)
class Progress:
    """What was done so far. `read_to`: the time of the last event; `phase`: reading, rolling, done."""

    phase: str = "reading"
    began_at: int = 0
    from_checkpoint: bool = False
    read_to: int = 0
    events: int = 0
    written: Counter[str] = field(default_factory=Counter)
    retracted: Counter[str] = field(default_factory=Counter)
    unchanged: Counter[str] = field(default_factory=Counter)
    unreadable: Counter[str] = field(default_factory=Counter)
    """events of another vocabulary, by kind: what only they told is taken back"""
    anomalies: dict[str, int] = field(default_factory=dict)
    slots: int = 0
    changes: list[str] = field(default_factory=list)
    more_changes: int = 0
    cut_short: bool = False
    """the end of the stretch lies within SETTLED_MS and was left alone"""


class Rebuild:
    """Mutable; call `step` in the store's thread until it says done. A step costs about as much as one large insert."""

    def __init__(
        self,
        *,
        site: SiteId,
        since: Millis,
        until: Millis,
        now: Millis,
        make_floor: MakeFloor,
        short_abandon_ms: int,
        dry_run: bool = False,
        page: int = PAGE,
    ) -> None:
        """`until` is at most SETTLED_MS before `now`: what may still be amended belongs to the live floor."""
        self._site = site
        self._since = since
        self._until = Millis(min(until, now - SETTLED_MS))
        self._read_until = Millis(min(now, until + AFTER_MS))
        self._now = now
        self._make_floor = make_floor
        self._short_abandon_ms = short_abandon_ms
        self._dry_run = dry_run
        self._page = page
        self._floor: Floor | None = None
        self._after: Event | None = None
        self._told: dict[int, dict[Key, Told]] = {}
        """by the hour of their own time: what was told and not yet compared"""
        self._settled: Millis = Millis(since // HOUR_MS * HOUR_MS)
        self._runs: list[Run] | None = None
        self._ver = 0
        self.progress = Progress(cut_short=self._until < until)

    @property
    def done(self) -> bool:
        return self.progress.phase == "done"

    def step(self, warehouse: Warehouse) -> Progress:
        """One page of events, or one run of rollup slots. Raises StoreError; the step may then be repeated."""
        match self.progress.phase:
            case "reading":
                self._read(warehouse)
            case "rolling":
                self._roll(warehouse)
        return self.progress

    # --- folding -----------------------------------------------------------------------------------------------------

    def _read(self, warehouse: Warehouse) -> None:
        if self._since >= self._until:
            self.progress.phase = "done"
            return
        floor = self._floor or self._begin(warehouse)
        begin = Millis(self.progress.began_at)
        events = events_between(
            warehouse,
            self._site,
            begin,
            self._read_until,
            self._after,
            self._page,
            refused=self.progress.unreadable,
        )
        for event in events:
            self._take(floor.apply(event))
        self.progress.events += len(events)
        if events:
            self._after = events[-1]
            self.progress.read_to = events[-1].at
        last = len(events) < self._page
        if last:
            self._take(floor.advance(self._read_until))
        ended = last or (self.progress.read_to >= self._until + SETTLED_MS and self._oldest(floor) >= self._until)
        self._settle(warehouse, floor, ended=ended)
        if ended:
            self.progress.anomalies = dict(floor.state.anomalies)
            self.progress.phase = "done" if self._dry_run else "rolling"

    def _begin(self, warehouse: Warehouse) -> Floor:
        checkpoint = last_checkpoint(warehouse, self._site, self._since)
        floor: Floor | None = None
        if checkpoint is not None and checkpoint.at >= self._since - WARM_UP_MS:
            try:
                floor = self._make_floor(checkpoint.blob)
                self.progress.began_at = Millis(checkpoint.at - OVERLAP_MS)
                self.progress.from_checkpoint = True
            except UNREADABLE:  # another version's: the longer way leads there too
                floor = None
        if floor is None:
            floor = self._make_floor(None)
            floor.expect(orders_told(warehouse, self._site))
            self.progress.began_at = Millis(max(0, self._since - WARM_UP_MS))
        self._floor = floor
        return floor

    def _take(self, outputs: Iterable[Output]) -> None:
        for output in outputs:
            if isinstance(output, ContactLeg):
                own = output.queued_at
            elif isinstance(output, StateInterval):
                own = output.started_at
            else:
                continue
            if self._since <= own < self._until:
                told = self._told.setdefault(own // HOUR_MS, {})
                told[key_of(output)] = output

    def _oldest(self, floor: Floor) -> Millis:
        return Millis(min((visit.queued_at for visit in floor.state.visits.values()), default=self._read_until))

    # --- comparing ---------------------------------------------------------------------------------------------------

    def _settle(self, warehouse: Warehouse, floor: Floor, *, ended: bool) -> None:
        """Hours long past are compared whole, but for what still runs; what is told of one later, by itself."""
        past = (self.progress.read_to - SETTLED_MS) // HOUR_MS * HOUR_MS
        border = self._until if ended else min(past, self._until)
        running = _running(floor)
        for hour in sorted(one for one in self._told if one * HOUR_MS < self._settled):
            self._compare(warehouse, hour, running, retract=False)
        while self._settled < border:
            self._compare(warehouse, self._settled // HOUR_MS, running, retract=True)
            self._settled = Millis(self._settled + HOUR_MS)

    def _compare(self, warehouse: Warehouse, hour: int, running: set[Key], *, retract: bool) -> None:
        told = self._told.get(hour, {})
        since = Millis(max(self._since, hour * HOUR_MS))
        until = Millis(min(self._until, (hour + 1) * HOUR_MS))
        for table, kind in KINDS.items():
            kept = stored(warehouse, table, site=self._site, since=since, until=until)
            ours = {key: fact for key, fact in told.items() if isinstance(fact, kind)}
            self._write(warehouse, compare(ours, kept, running=running, retract=retract), table)
        self._told.pop(hour, None)

    def _write(self, warehouse: Warehouse, difference: Difference, table: str) -> None:
        progress = self.progress
        if not self._dry_run:
            write(warehouse, difference.written)
            write(warehouse, difference.retracted, retracted=True)
        progress.written[table] += len(difference.written)
        progress.retracted[table] += len(difference.retracted)
        progress.unchanged[table] += difference.unchanged
        room = max(0, CHANGES_SHOWN - len(progress.changes))
        progress.changes += [f"{table} {words}" for words in difference.changes[:room]]
        progress.more_changes += max(0, len(difference.changes) - room)

    # --- counting ----------------------------------------------------------------------------------------------------

    def _roll(self, warehouse: Warehouse) -> None:
        """Every slot of the range: rows from before there were rollups are counted for the first time."""
        if self._runs is None:
            self._runs = list(runs(self._slots()))
            self._ver = max(int(self._now), highest_ver(warehouse) + 1)
        if not self._runs:
            self.progress.phase = "done"
            return
        one = self._runs[0]
        roll_run(warehouse, one, ver=self._ver, short_abandon_ms=self._short_abandon_ms)
        self._runs.pop(0)
        self.progress.slots += len(one.slots)

    def _slots(self) -> Sequence[Slot]:
        first = self._since // 1000 // ORIGIN_S * ORIGIN_S
        return [
            Slot(part, self._site, start) for part in Part for start in range(first, -(-self._until // 1000), ORIGIN_S)
        ]


def _running(floor: Floor) -> set[Key]:
    """What has begun and is not told yet: visits that wait or talk, the state each agent is in."""
    visits: set[Key] = {
        (visit.queued_at, visit.contact, visit.leg, visit.queue) for visit in floor.state.visits.values()
    }
    return visits | {(agent.since, agent.id) for agent in floor.agents.values()}
