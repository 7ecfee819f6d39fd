"""Past days at the live cadence, without the instants at which nothing can change. In: a floor, its events. Out: looks.

Live, rules are asked once a second. Here too, but a second in which nothing was told, nobody waits, no timer of a rule
runs and no minute ends is passed over: its numbers are those of the second before. So a month costs what happened in
it, and the looks that are left say what all of them would have said (tests/unit/test_alerts_replay.py). Pure.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from alerts.backtest import Backtest
from alerts.evaluate import MAX_STEP_MS
from alerts.moment import Moment, SiteMoment
from alerts.notification import Change
from streams.floor.fold import Floor
from streams.floor.numbers import WINDOW_MINUTES
from streams.floor.steady import SteadyFloor
from streams.vocabulary.events import Event
from streams.vocabulary.ids import Millis

MINUTE_MS: Final = 60_000
CADENCE_MS: Final = 1_000
"""As the live floor tells its numbers (monitor/live.py)."""
PEOPLE_MS: Final = 5_000
"""How long an agent's state or a talk lasts grows by itself, so rules about people are asked at least this often. Live,
agents are told every two seconds: what a limit crosses is seen up to this much later than live, never missed."""

People = Callable[[Floor, Millis], SiteMoment]
"""The site's agents and what else its floor knows, at one instant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """`cadence_ms`: the grid of instants; `idle_ms`: the longest step. No longer than what one look may add to a timer,
    or rules would hold and resolve later than they did."""

    cadence_ms: int = CADENCE_MS
    idle_ms: int = MAX_STEP_MS


class Replay:
    """Mutable; the one owner of floor and fold. Events in order of time through `tell`, the end through `until`."""

    def __init__(
        self,
        floor: Floor,
        backtest: Backtest,
        *,
        zone: ZoneInfo,
        since: Millis,
        pace: Pace | None = None,
        people: People | None = None,
        windows: Collection[int] = WINDOW_MINUTES,
        heard: Callable[[Change], None] = lambda change: None,
    ) -> None:
        """`since`: where the floor stands; the first look is at the next instant. `people` None: no rule asks."""
        pace = pace or Pace()
        self.looks = 0
        self._steady = SteadyFloor(floor, lengths=tuple(windows))
        self._backtest = backtest
        self._zone = zone
        self._cadence_ms = pace.cadence_ms
        self._idle_ms = min(pace.idle_ms, PEOPLE_MS) if people is not None else pace.idle_ms
        self._people = people
        self._heard = heard
        self._last = self._instant(since) - pace.cadence_ms
        self._told = self._last + pace.cadence_ms
        """the instant at which what was told since the last look is seen"""
        self.at = since

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
        while (due := self._next()) < instant:
            self._look(Millis(due))

    def _next(self) -> int:
        soonest = self._last + self._cadence_ms
        if self._backtest.restless or self._steady.waiting or self._told <= soonest:
            return soonest
        due = min(self._told, self._last + self._idle_ms, (self._last // MINUTE_MS + 1) * MINUTE_MS)
        by_clock = self._steady.next_due()
        return due if by_clock is None else max(soonest, min(due, self._instant(by_clock)))

    def _look(self, now: Millis) -> None:
        batch = self._steady.numbers(now)
        floor = self._steady.floor
        beside = self._people(floor, now) if self._people is not None else None
        moment = Moment(at=now, site=floor.site, zone=self._zone, batch=batch, site_moment=beside)
        for change in self._backtest.see(moment):
            self._heard(change)
        self.looks += 1
        self._last = now
        self._told = 1 << 62
