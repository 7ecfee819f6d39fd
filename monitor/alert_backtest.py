"""What rules would have said of stored days, step by step. In: a Warehouse, rules, a range. Out: `BacktestFound`.

Each step folds for a third of a second, so that others get the store and the processor in between; memory is one floor,
one page of events and the firings. Runs in the store's thread. May not know: the bus, who asked.
"""

from collections import Counter, deque
from collections.abc import Callable, Sequence
from typing import Final
from zoneinfo import ZoneInfo

from alerts.backtest import answerable
from alerts.moment import SiteMoment
from alerts.replay import CADENCE_MS, Replay
from alerts.rules import Rule
from monitor import clock
from monitor.alert_backtest_found import BacktestRange, Folded, found
from monitor.alert_backtest_jobs import BacktestFound, BacktestReason
from monitor.moments import agent_of
from monitor.past_answers import Limits, NoPast, Refused, Underway
from monitor.past_desk import PastSite, collector_paused
from monitor.past_store import StoredPast
from monitor.time_travel import Traveller, as_told
from streams.floor.days import QUARTER_MS
from streams.floor.fold import Floor
from streams.vocabulary.events import Event
from streams.vocabulary.ids import Millis
from streams.warehouse.engine import Warehouse
from streams.warehouse.past import events_between

PAGE: Final = 4_000
STEP_MS: Final = 300
"""How long a step folds; reading its page comes on top of it."""
STRETCH_MS: Final = 3_600_000
"""Of a time in which nothing is told: so much before the clock is looked at again."""
FOLDED: Final = 0.98
SETTLED_MS: Final = 15_000
"""Younger events may still be on their way into the store."""


class AlertBacktestWork:
    """Mutable; one thread at a time. `step` until `ended`; then `found`, or `refused`."""

    def __init__(
        self,
        rules: Sequence[Rule],
        asked: BacktestRange,
        *,
        past: PastSite,
        zone: ZoneInfo,
        now: Millis,
        cadence_ms: int = CADENCE_MS,
        passing: Callable[[], int] = clock.monotonic_ms,
        page: int = PAGE,
    ) -> None:
        """`passing`: ms that only ever grow."""
        self.ended = False
        self.refused: BacktestReason | None = None
        self.detail = ""
        self.found: BacktestFound | None = None
        self._asked, self._past, self._zone, self._now = asked, past, zone, now
        self._cadence_ms, self._passing, self._page = cadence_ms, passing, page
        self._rules, self._unanswered = answerable(rules)
        self._traveller: Traveller | None = None
        self._floor: Floor | None = None
        self._replay: Replay | None = None
        self._since = self._read_to = asked.since
        self._until = Millis(min(asked.until, now - SETTLED_MS))
        self._after: Event | None = None
        self._left: deque[Event] = deque()
        self._arrived = False
        self._events = 0
        self._days: set[Millis] = set()
        self._unreadable: Counter[str] = Counter()

    @property
    def progress(self) -> float:
        """0 to 1; the last of it is the truth beside the firings."""
        whole = self._until - self._since
        if self.ended or whole <= 0:
            return 1.0
        reached = (self._since if self._replay is None else self._replay.at) - self._since
        return min(FOLDED, max(0.0, FOLDED * reached / whole))

    def step(self, warehouse: Warehouse) -> None:
        """Raises StoreError; the step may then be done again."""
        if self.ended:
            return
        with collector_paused():
            if self._floor is None or self._replay is None:
                self._begin(warehouse)
            elif not self._arrived:
                self._go_on(warehouse, self._floor, self._replay)
            else:
                self.found = found(
                    warehouse,
                    self._replay,
                    self._asked,
                    self._folded(self._floor),
                    today=self._past.day_of(self._now)[0],
                )
                self.ended = True

    def _begin(self, warehouse: Warehouse) -> None:
        """The floor as it was where the range begins, or at the first stored event."""
        if self._traveller is None:
            self._traveller = Traveller(
                StoredPast(warehouse, self._asked.site),
                day_of=self._past.day_of,
                new_floor=self._past.new_floor,
                restore=self._past.restore,
                limits=Limits(ahead_ms=0, marks_before_ms=-1),
            )
        first, last = self._traveller.extent(self._now)
        if first is None or last is None or last < self._since or first >= self._until:
            self._refuse(BacktestReason.NO_EVENTS, "" if first is None else f"events are kept from {first} to {last}")
            return
        if first > self._since:
            self._since = first
        match self._traveller.go(self._since, now=self._now):
            case Refused() as refused:
                readable = refused.reason is not NoPast.NOT_READABLE
                self._refuse(BacktestReason.NO_EVENTS if readable else BacktestReason.NOT_READABLE, refused.detail)
            case Underway():
                return
            case seen:
                self._traveller = None
                self._start(seen.floor)

    def _start(self, floor: Floor) -> None:
        self._floor = floor
        self._read_to = Millis(self._since + 1)
        self._replay = Replay(
            floor, self._rules, zone=self._zone, since=self._since, cadence_ms=self._cadence_ms, people=people
        )

    def _go_on(self, warehouse: Warehouse, floor: Floor, replay: Replay) -> None:
        """Reads a page if none is left, and folds for a while."""
        if not self._left and self._read_to < self._until:
            self._read(warehouse, floor)
        enough = self._passing() + STEP_MS
        while self._left and self._passing() < enough:
            if self._reach(replay, self._left[0].at, enough):
                replay.tell(self._left.popleft())
        if not self._left and self._read_to >= self._until:
            self._arrived = self._reach(replay, self._until, enough)
            if self._arrived:
                replay.until(self._until)

    def _reach(self, replay: Replay, at: Millis, enough: int) -> bool:
        """Over a time in which nothing is told; False: the step is over before it is."""
        while replay.at + STRETCH_MS < at:
            if self._passing() >= enough:
                return False
            replay.until(Millis(replay.at + STRETCH_MS))
        return True

    def _read(self, warehouse: Warehouse, floor: Floor) -> None:
        page = events_between(
            warehouse, self._asked.site, self._read_to, self._until, self._after, self._page, refused=self._unreadable
        )
        self._left.extend(as_told(page, floor))
        self._events += len(page)
        quarters = {event.at // QUARTER_MS for event in page}
        self._days |= {self._past.day_of(Millis(quarter * QUARTER_MS))[0] for quarter in quarters}
        if len(page) == self._page:
            self._after, self._read_to = page[-1], page[-1].at
        else:
            self._after, self._read_to = None, self._until

    def _folded(self, floor: Floor) -> Folded:
        return Folded(
            since=self._since,
            until=self._until,
            days=len(self._days),
            events=self._events,
            queues=frozenset(floor.queues),
            unanswered=self._unanswered,
            unreadable=dict(self._unreadable),
        )

    def _refuse(self, reason: BacktestReason, detail: str) -> None:
        self.refused, self.detail, self.ended = reason, detail, True


def people(floor: Floor, now: Millis) -> SiteMoment:
    """Of what the live process tells (monitor/moments.py), what the floor itself knows."""
    lost = sum(gap.ended is None for gap in floor.gaps)
    agents = [agent_of(one, floor, "", now) for one in floor.agents.values()]
    return SiteMoment(at=now, site=floor.site, agents=agents, gauges={"sources_lost": float(lost)}, hits=[], quality=[])
