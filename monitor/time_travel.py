"""The floor of any past instant. In: a site's stored events and checkpoints, an instant. Out: the same `Floor`, then.

Nearest state at or before the instant, then the events between, through the one fold that runs live. What was folded
stays a while, so a step of a second costs a second of events. Work per call is bounded: a long way answers `Underway`
and goes on at the next call. May not know: SQL, sockets, clocks.
"""

from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from monitor.past_answers import MINUTE_MS, Basis, Limits, NoPast, PastStore, Refused, Seen, Span, Underway
from streams.floor.fold import Floor
from streams.floor.outputs import AnomalyKind
from streams.vocabulary.codec import UNREADABLE
from streams.vocabulary.events import Event
from streams.vocabulary.ids import Millis, SourceId
from streams.vocabulary.states import Order


@dataclass(slots=True, kw_only=True)
class Cursor:
    """A floor on its way. Mutable; one owner. Every event before `read_to` is folded or in `ahead`."""

    floor: Floor
    at: Millis
    basis: Basis
    began: Millis
    read_to: Millis
    made: Millis
    rejoin_until: Millis
    """Events before this may be in the checkpoint already: the floor knows them and passes over them."""
    marked: Millis
    moved: bool = False
    after: Event | None = None
    ahead: deque[Event] = field(default_factory=deque)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A state on the way, to go back to."""

    at: Millis
    blob: bytes
    basis: Basis
    began: Millis
    made: Millis


class Traveller:
    """One site's past. Mutable; lives in the store's thread. Bounded: cursors, bytes of marks, events per call."""

    def __init__(
        self,
        store: PastStore,
        *,
        day_of: Callable[[Millis], Span],
        new_floor: Callable[[], Floor],
        restore: Callable[[bytes], Floor],
        limits: Limits | None = None,
    ) -> None:
        """`day_of`: the local day that holds a moment. `restore` raises msgspec.ValidationError."""
        self.limits = limits or Limits()
        self._store = store
        self._day_of = day_of
        self._new_floor = new_floor
        self._restore = restore
        self._cursors: list[Cursor] = []
        self._marks: OrderedDict[Millis, Mark] = OrderedDict()
        self._marks_bytes = 0
        self._first: Millis | None = None
        self._last: Millis | None = None
        self._first_at = self._last_at = Millis(0)
        self._went_back_to: Mark | None = None
        self._gone: list[Cursor] = []

    def go(self, at: Millis, *, now: Millis) -> Seen | Underway | Refused:
        """The floor at `at`. Raises what the store raises."""
        if at > now:
            return Refused(reason=NoPast.AFTER_NOW, at=at, last=now)
        first, last = self.extent(now)
        if first is None or last is None:
            return Refused(reason=NoPast.NOTHING_STORED, at=at)
        if at < first and not self._known_before(first, at):
            reason = NoPast.DROPPED if self._store.anything_before(at) else NoPast.BEFORE_FIRST
            return Refused(reason=reason, at=at, first=first, last=last)
        settled = Millis(min(now - self.limits.settled_ms, last))
        self._forget(now)
        try:
            cursor = self._take(at, first, now)
            arrived = self._fold(cursor, at, settled, now)
        except UNREADABLE as error:
            return Refused(reason=NoPast.NOT_READABLE, at=at, first=first, last=last, detail=str(error))
        if cursor.at <= settled:
            self._keep(cursor)
        if not arrived:
            return Underway(at=at, began=cursor.began, reached=cursor.at)
        return Seen(floor=cursor.floor, at=at, basis=cursor.basis, began=cursor.began, first=first, last=last)

    def prepare(self) -> None:
        """When nobody waits: who stepped back once steps back again, so the mark is unpacked once more beforehand."""
        self._gone = []
        mark, self._went_back_to = self._went_back_to, None
        if mark is None or any(mark.at <= one.at < mark.at + self.limits.mark_every_ms // 3 for one in self._cursors):
            return
        self._keep(self._from_mark(mark))

    def extent(self, now: Millis) -> tuple[Millis | None, Millis | None]:
        """The store's first and last event of the site."""
        if self._first is None or now - self._first_at > self.limits.first_ms:
            self._first, self._first_at = self._store.first_event(), now
        if self._last is None or now - self._last_at > self.limits.last_ms:
            self._last, self._last_at = self._store.last_event(now), now
        return self._first, self._last

    def _known_before(self, first: Millis, at: Millis) -> bool:
        """A checkpoint may tell of a time whose events are gone, within the same ten minutes."""
        found = self._store.checkpoint(at)
        return found is not None and first - found.at <= 10 * MINUTE_MS

    # --- where to begin

    def _take(self, at: Millis, first: Millis, now: Millis) -> Cursor:
        cursor = max((one for one in self._cursors if one.at <= at), key=lambda one: one.at, default=None)
        mark = max((one for one in self._marks.values() if one.at <= at), key=lambda one: one.at, default=None)
        best = max((one.at for one in (cursor, mark) if one is not None), default=None)
        if best is None or at - best > self.limits.near_ms:
            found = self._from_checkpoint(at, best, now)
            if found is not None:
                return found
        if cursor is not None and cursor.at == best:
            self._cursors.remove(cursor)
            if mark is not None and cursor.at == mark.at:
                self._went_back_to = mark
            return cursor
        if mark is not None:
            self._marks.move_to_end(mark.at)
            self._went_back_to = mark
            return self._from_mark(mark)
        return self._from_nothing(at, first, now)

    def _from_checkpoint(self, at: Millis, better_than: Millis | None, now: Millis) -> Cursor | None:
        """None: there is none, or what is kept lies closer."""
        before = at
        while (found := self._store.checkpoint(before)) is not None:
            if better_than is not None and found.at <= better_than:
                return None
            floor = self._restore(found.blob)
            reaches = floor.state.at
            if reaches <= at:
                since = Millis(reaches - self.limits.overlap_ms)
                cursor = _begin(floor, reaches, Basis.CHECKPOINT, now)
                cursor.read_to, cursor.rejoin_until = since, Millis(reaches + 1)
                return cursor
            before = Millis(found.at - 1)  # written in time, but it had heard of later moments
        return None

    def _from_mark(self, mark: Mark) -> Cursor:
        cursor = _begin(self._restore(mark.blob), mark.at, mark.basis, mark.made)
        cursor.began, cursor.read_to = mark.began, Millis(mark.at + 1)
        return cursor

    def _from_nothing(self, at: Millis, first: Millis, now: Millis) -> Cursor:
        midnight = self._day_of(at)[0]
        if first >= midnight or at - first <= self.limits.from_first_event_ms:
            basis, began = Basis.FIRST_EVENT, first
        else:
            basis, began = Basis.DAY_START, midnight
        floor = self._new_floor()
        floor.expect(self._store.orders())
        return _begin(floor, began, basis, now)

    # --- the way

    def _fold(self, cursor: Cursor, at: Millis, settled: Millis, now: Millis) -> bool:
        """Up to `at`, or as far as one call goes; True: arrived."""
        left = self.limits.events_per_call
        while True:
            left -= self._apply_ahead(cursor, at, settled, now)
            if cursor.read_to > at:
                cursor.floor.advance(at)
                cursor.at = at
                cursor.moved = True
                return True
            if left <= 0:
                return False
            self._read(cursor, at, settled)

    def _apply_ahead(self, cursor: Cursor, at: Millis, settled: Millis, now: Millis) -> int:
        floor, ahead, count = cursor.floor, cursor.ahead, 0
        while ahead and ahead[0].at <= at:
            event = ahead[0]
            if event.at >= cursor.rejoin_until:
                self._mark(cursor, event.at, at, settled, now)
                floor.apply(event)
            else:
                _rejoin(floor, event)
            ahead.popleft()
            cursor.at = max(cursor.at, event.at)
            count += 1
        return count

    def _read(self, cursor: Cursor, at: Millis, settled: Millis) -> None:
        # who has just begun may never come this way again; who goes on gets the next half minute with it
        ahead_ms = self.limits.ahead_ms if cursor.moved else 0
        until = Millis(max(at + 1, min(at + ahead_ms, settled)))
        page = self._store.events(cursor.read_to, until, after=cursor.after, limit=self.limits.page)
        cursor.ahead.extend(as_told(page, cursor.floor))
        if len(page) < self.limits.page:
            cursor.read_to, cursor.after = until, None
        else:
            # the next page begins behind this one's last, within the same moment
            cursor.read_to, cursor.after = page[-1].at, page[-1]

    # --- what is kept

    def _mark(self, cursor: Cursor, next_at: Millis, wanted: Millis, settled: Millis, now: Millis) -> None:
        """Before the first event behind a border of time: the state is whole there, whatever comes."""
        every = self.limits.mark_every_ms
        if next_at < wanted - self.limits.marks_before_ms:
            every = 10 * MINUTE_MS
        border = Millis(next_at - next_at % every)
        at = Millis(border - 1)
        if at <= cursor.marked or at < cursor.at or at > settled:
            return
        cursor.marked = at
        if at in self._marks:
            return
        cursor.floor.advance(at)
        blob = cursor.floor.snapshot()
        self._marks[at] = Mark(at=at, blob=blob, basis=cursor.basis, began=cursor.began, made=now)
        self._marks_bytes += len(blob)
        while self._marks_bytes > self.limits.marks_bytes and len(self._marks) > 1:
            _, gone = self._marks.popitem(last=False)
            self._marks_bytes -= len(gone.blob)

    def _keep(self, cursor: Cursor) -> None:
        self._cursors.append(cursor)
        # letting 100,000 objects go takes time: that is done when nobody waits, two at most are put off
        self._gone = [*self._gone, *self._cursors[: -self.limits.cursors]][-2:]
        del self._cursors[: -self.limits.cursors]

    def _forget(self, now: Millis) -> None:
        limit = now - self.limits.kept_ms
        self._cursors = [one for one in self._cursors if one.made > limit]
        for at in [at for at, one in self._marks.items() if one.made <= limit]:
            self._marks_bytes -= len(self._marks.pop(at).blob)

    @property
    def kept(self) -> dict[str, int]:
        """For /ops."""
        return {"cursors": len(self._cursors), "marks": len(self._marks), "marks_bytes": self._marks_bytes}


def _begin(floor: Floor, at: Millis, basis: Basis, made: Millis) -> Cursor:
    return Cursor(floor=floor, at=at, basis=basis, began=at, read_to=at, made=made, rejoin_until=Millis(0), marked=at)


def as_told(page: Sequence[Event], floor: Floor) -> Sequence[Event]:
    """In order of time, but a source that numbers as it tells keeps its numbers' order.

    Where a clock was set back, order of time puts high numbers first, and the floor would take what follows them for
    told twice.
    """
    orders = floor.state.intake.orders
    told: dict[SourceId, list[int]] = {}
    disordered = set()
    for place, event in enumerate(page):
        places = told.setdefault(event.source, [])
        if places and page[places[-1]].seq > event.seq and orders.get(event.source) is not Order.TIMED:
            disordered.add(event.source)
        places.append(place)
    if not disordered:
        return page
    ordered = list(page)
    for source in disordered:
        events = sorted((page[place] for place in told[source]), key=lambda event: event.seq)
        for place, event in zip(told[source], events, strict=True):
            ordered[place] = event
    return ordered


def _rejoin(floor: Floor, event: Event) -> None:
    """An event that the checkpoint may hold: what it holds already must not count as told twice."""
    anomalies = floor.state.anomalies
    before = anomalies.get(AnomalyKind.DUPLICATE, 0)
    floor.apply(event)
    if before:
        anomalies[AnomalyKind.DUPLICATE] = before
    else:
        anomalies.pop(AnomalyKind.DUPLICATE, None)
