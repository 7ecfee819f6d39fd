"""Past days at the live cadence, without the instants at which nothing can change. In: a floor, its events. Out: looks.

Live, rules are asked once a second. Here too, but a second is passed over in which nothing was told, no minute ends, no
timer of a rule runs and nobody's wait reaches a limit: rules would say what they said before. So a month costs what
happened in it, and what changes is what changed live, to the second (tests/unit/test_alerts_replay.py). Pure.
"""

from collections.abc import Callable
from typing import Final
from zoneinfo import ZoneInfo

from alerts.backtest import Backtest, wait_limits, windows_of
from alerts.moment import Moment, SiteMoment
from alerts.notification import Change
from streams.floor.fold import Floor
from streams.floor.steady import SteadyFloor
from streams.vocabulary.events import Event
from streams.vocabulary.ids import Millis

MINUTE_MS: Final = 60_000
CADENCE_MS: Final = 1_000
"""As the live floor tells its numbers (monitor/live.py)."""
PEOPLE_MS: Final = 5_000
"""How long an agent's state or a talk lasts grows by itself, so rules about people are asked at least this often. Live,
agents are told every two seconds: what a limit crosses is seen up to this much later than live, never missed."""

NEVER: Final = 1 << 62

People = Callable[[Floor, Millis], SiteMoment]
"""The site's agents and what else its floor knows, at one instant."""


class Replay:
    """Mutable; the one owner of floor and fold. Events in order of time through `tell`, the end through `until`."""

    def __init__(
        self,
        floor: Floor,
        backtest: Backtest,
        *,
        zone: ZoneInfo,
        since: Millis,
        cadence_ms: int = CADENCE_MS,
        people: People | None = None,
        heard: Callable[[Change], None] = lambda change: None,
    ) -> None:
        """`since`: where the floor stands; the first look is at the next instant. `people` None: no rule asks."""
        self.looks = 0
        self.at = since
        self._steady = SteadyFloor(floor, lengths=windows_of(backtest.rules))
        self._limits = tuple(limit + over for limit in wait_limits(backtest.rules) for over in (0, 1))
        self._backtest = backtest
        self._zone = zone
        self._cadence_ms = cadence_ms
        self._people = people
        self._heard = heard
        self._last = self._instant(since) - cadence_ms
        self._told = self._last + cadence_ms
        """the instant at which what was told since the last look is seen"""

    def tell(self, event: Event) -> None:
        """Looks at every instant before this event's, then takes it in."""
        instant = max(self._instant(event.at), self._last + self._cadence_ms)
        self._look_before(instant)
        self._steady.apply(event)
        self._told = min(self._told, max(instant, self._last + self._cadence_ms))
        self.at = event.at

    def until(self, at: Millis) -> None:
        """Looks at every instant before `at`."""
        self._look_before(self._instant(at))
        self.at = at

    def _instant(self, at: int) -> int:
        """The first of the grid at or after `at`."""
        return -(-at // self._cadence_ms) * self._cadence_ms

    def _look_before(self, instant: int) -> None:
        while True:
            must, may = self._must(), self._may()
            due = max(self._last + self._cadence_ms, min(must, may))
            if due >= instant:
                return
            self._look(Millis(due), must=must <= due)

    def _may(self) -> int:
        """When the next thing is seen that may change a number."""
        by_clock = self._steady.next_due()
        return self._told if by_clock is None else min(self._told, self._instant(by_clock))

    def _must(self) -> int:
        """When rules are to be asked next, though nothing may have changed but the time."""
        if self._backtest.restless:
            return self._last + self._cadence_ms
        due = (self._last // MINUTE_MS + 1) * MINUTE_MS
        if self._people is not None:
            due = min(due, self._last + PEOPLE_MS)
        for since, target_ms in self._steady.oldest:
            for limit in (*self._limits, target_ms + 1):
                reached = self._instant(since + limit)
                if self._last < reached < due:
                    due = reached
        return due

    def _look(self, now: Millis, *, must: bool) -> None:
        batch = self._steady.numbers(now)
        self._last, self._told = now, NEVER
        if not must and not self._steady.changed and self._people is None:
            return
        floor = self._steady.floor
        beside = self._people(floor, now) if self._people is not None else None
        moment = Moment(at=now, site=floor.site, zone=self._zone, batch=batch, site_moment=beside)
        self.looks += 1
        for change in self._backtest.see(moment):
            self._heard(change)
