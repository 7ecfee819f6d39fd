"""Past days at the live cadence, without the instants at which nothing can change. In: a floor, its events. Out: looks.

Live, rules are asked once a second. Here too, but a second is passed over in which nothing was told, no minute ends, no
timer of a rule runs and no wait, state or talk reaches a limit: rules would say what they said before. So a month costs
what happened in it, and what changes is what changed live, to the second (tests/unit/test_alerts_replay.py). Pure.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import structs

from alerts.backtest import MOST_FIRINGS, NEVER, STATES, TALKS, WAITS, Backtest, limits_of, needs_people, windows_of
from alerts.moment import Moment, SiteMoment
from alerts.notification import Change
from alerts.rules import Rule, ThresholdRule
from streams.floor.certainty import STALE_AFTER_MS
from streams.floor.fold import Floor
from streams.floor.steady import SteadyFloor
from streams.vocabulary.events import Event
from streams.vocabulary.ids import Millis

MINUTE_MS: Final = 60_000
CADENCE_MS: Final = 1_000
"""As the live floor tells its numbers (monitor/live.py)."""
People = Callable[[Floor, Millis], SiteMoment]
"""The site's agents and what else its floor knows, at one instant."""


class Replay:
    """Mutable; the one owner of floor and folds. Events in order of time through `tell`, the end through `until`."""

    def __init__(
        self,
        floor: Floor,
        rules: Sequence[Rule],
        *,
        zone: ZoneInfo,
        since: Millis,
        cadence_ms: int = CADENCE_MS,
        people: People,
        most_firings: int = MOST_FIRINGS,
        heard: Callable[[Change], None] = lambda change: None,
    ) -> None:
        """`since`: where the floor stands; the first look is at the next instant. `people` is asked if a rule does."""
        self.looks = 0
        """how often a rule was asked"""
        self.at = since
        self.rules = tuple(rules)
        self._asked = tuple(_Asked(rule, most_firings) for rule in rules)
        self._steady = SteadyFloor(floor, lengths=windows_of(rules))
        self._zone = zone
        self._cadence_ms = cadence_ms
        self._people = people
        self._beside: SiteMoment | None = None
        self._silent = NEVER
        """when a source has been silent for so long that its agents are no longer known"""
        self._heard = heard
        self._last = self._instant(since) - cadence_ms
        self._told = self._last + cadence_ms
        """the instant at which what was told since the last look is seen"""
        self._must = self._told

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

    def backtest_of(self, rule: str) -> Backtest:
        """Raises StopIteration for a rule that was not asked."""
        return next(one.backtest for one in self._asked if one.backtest.rule.name == rule)

    def _instant(self, at: int) -> int:
        """The first of the grid at or after `at`."""
        return -(-at // self._cadence_ms) * self._cadence_ms

    def _look_before(self, instant: int) -> None:
        while (due := max(self._last + self._cadence_ms, min(self._must, self._may()))) < instant:
            self._look(Millis(due))

    def _may(self) -> int:
        """When the next thing is seen that may change a number."""
        by_clock = self._steady.next_due()
        return self._told if by_clock is None else min(self._told, self._instant(by_clock))

    def _look(self, now: Millis) -> None:
        steady, border = self._steady, now % MINUTE_MS == 0
        moment = Moment(at=now, site=steady.floor.site, zone=self._zone, batch=steady.numbers(now))
        self._last, self._told = now, NEVER
        with_people: Moment | None = None
        for rule in self._asked:
            moved = steady.happened if rule.needs_people else steady.changed
            if not (moved or border or rule.must <= now):
                continue
            if rule.needs_people and with_people is None:
                with_people = replace(moment, site_moment=self._beside_now(now))
            for change in rule.backtest.see(with_people if with_people and rule.needs_people else moment):
                self._heard(change)
            self.looks += 1
        self._must = self._next_must(now)

    def _beside_now(self, now: Millis) -> SiteMoment:
        floor = self._steady.floor
        if self._beside is None or self._steady.happened or now >= self._silent or now % MINUTE_MS == 0:
            self._beside = self._people(floor, now)
            silent = (self._instant(heard + STALE_AFTER_MS + 1) for heard in floor.state.heard.values())
            self._silent = min((at for at in silent if at > now), default=NEVER)
        return structs.replace(self._beside, at=now)

    def _next_must(self, now: int) -> int:
        """When some rule is to be asked, though nothing happens till then but that time passes."""
        border = (now // MINUTE_MS + 1) * MINUTE_MS
        soonest = border
        for rule in self._asked:
            due = border if rule.backtest.due is None else min(border, rule.backtest.due)
            for since, limits in self._growing(rule):
                for limit in limits:
                    if now < since + limit < due:
                        due = since + limit
            if rule.needs_people:
                due = min(due, self._silent)
            rule.must = self._instant(due)
            soonest = min(soonest, rule.must)
        return soonest

    def _growing(self, rule: "_Asked") -> Iterator[tuple[Millis, tuple[int, ...]]]:
        """Since when something lasts, and at how many ms of that the rule's answer may change."""
        for since, target_ms in self._steady.oldest:
            yield since, (*rule.waits, target_ms + 1)
        if self._beside is None:
            return
        if rule.states:
            for agent in self._beside.agents:
                if agent.state in rule.named_states:
                    yield agent.since, rule.states
        if rule.talks:
            for agent in self._beside.agents:
                if agent.contact:
                    yield agent.contact_since, rule.talks


class _Asked:
    """One rule. Mutable: when it is to be asked next though nothing happens."""

    __slots__ = ("backtest", "must", "named_states", "needs_people", "states", "talks", "waits")

    def __init__(self, rule: Rule, most_firings: int) -> None:
        self.backtest = Backtest(rule, most_firings=most_firings)
        self.needs_people = needs_people([rule])
        self.waits, self.states, self.talks = (_either_side(rule, of) for of in (WAITS, STATES, TALKS))
        self.named_states = {one.asked.state for one in rule.conditions} if isinstance(rule, ThresholdRule) else set()
        self.must = 0


def _either_side(rule: Rule, metrics: Collection[str]) -> tuple[int, ...]:
    """Limits and what lies right behind them: some are passed when reached, some when exceeded."""
    return tuple(limit + over for limit in limits_of([rule], metrics) for over in (0, 1))
