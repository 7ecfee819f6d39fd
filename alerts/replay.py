"""Past days at the live cadence, without the instants at which nothing can change. In: a floor, its events. Out: looks.

Live, rules are asked once a second. Here too, but a second is passed over in which nothing was told, no minute ends, no
timer of a rule runs and no wait, state or talk reaches a limit: rules would say what they said before. So a month costs
what happened in it, and what changes is what changed live, to the second (tests/unit/test_alerts_replay.py). Pure.
"""

from collections.abc import Callable, Collection
from itertools import chain
from typing import Final
from zoneinfo import ZoneInfo

from alerts.backtest import STATES, TALKS, WAITS, Backtest, limits_of, windows_of
from alerts.moment import Moment, SiteMoment
from alerts.notification import Change
from streams.floor.certainty import STALE_AFTER_MS
from streams.floor.fold import Floor
from streams.floor.steady import SteadyFloor
from streams.vocabulary.events import Event
from streams.vocabulary.ids import Millis

MINUTE_MS: Final = 60_000
CADENCE_MS: Final = 1_000
"""As the live floor tells its numbers (monitor/live.py)."""
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
        self._waits, self._states, self._talks = (_either_side(backtest, of) for of in (WAITS, STATES, TALKS))
        self._backtest = backtest
        self._zone = zone
        self._cadence_ms = cadence_ms
        self._people = people
        self._heard = heard
        self._last = self._instant(since) - cadence_ms
        self._told = self._last + cadence_ms
        """the instant at which what was told since the last look is seen"""
        self._grown = NEVER
        """when some agent's state or talk reaches a limit, or its source has been silent for too long"""

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
        due = min(due, self._grown)
        for since, target_ms in self._steady.oldest:
            for limit in (*self._waits, target_ms + 1):
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
        beside = None
        if self._people is not None:
            beside = self._people(floor, now)
            self._grown = self._next_grown(beside, floor)
        moment = Moment(at=now, site=floor.site, zone=self._zone, batch=batch, site_moment=beside)
        self.looks += 1
        for change in self._backtest.see(moment):
            self._heard(change)

    def _next_grown(self, beside: SiteMoment, floor: Floor) -> int:
        silent = (heard + STALE_AFTER_MS + 1 for heard in floor.state.heard.values())
        states = (one.since + limit for one in beside.agents for limit in self._states)
        talks = (one.contact_since + limit for one in beside.agents if one.contact for limit in self._talks)
        last = self._last
        return min((at for one in chain(silent, states, talks) if (at := self._instant(one)) > last), default=NEVER)


def _either_side(backtest: Backtest, metrics: Collection[str]) -> tuple[int, ...]:
    """Limits and what lies right behind them: some are passed when reached, some when exceeded."""
    return tuple(limit + over for limit in limits_of(backtest.rules, metrics) for over in (0, 1))
