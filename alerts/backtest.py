"""What rules would have said of days that are over. In: moments in order of time. Out: changes, `Firing`s.

The same `consider` that the engine asks, folded over other moments: the same moments give the same alerts
(tests/unit/test_alerts_backtest.py holds it against the engine). Bounded: firings beyond a limit are only counted. May
not know: where moments come from, stores, clocks.
"""

import math
from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import assert_never

from alerts.board import WatchKey, consider, spent
from alerts.evaluate import MAX_STEP_MS, Notice, State, Watch
from alerts.metric import Metric, RestsOn, ScopeKind, Unit
from alerts.metrics import METRICS
from alerts.moment import Moment
from alerts.notification import Change
from alerts.rules import BurnRule, Rule, ServiceLevelRule, SourceSilentRule, ThresholdRule, Timing
from streams.floor.numbers import WINDOW_MINUTES
from streams.vocabulary.ids import Millis

TIDY_MS = 60_000
NEVER = 1 << 62
TIMED = frozenset({State.PENDING, State.RECOVERING})
MOST_FIRINGS = 2_000
"""Of one rule. More: they are counted, but not kept one by one."""
HOUR_MINUTES = 60
"""What `traffic` counts contacts over."""
WAITS = frozenset({"longest_wait", "site_longest_wait"})
STATES = frozenset({"state_time"})
TALKS = frozenset({"contact_length"})
"""The metrics that grow by themselves while nothing happens: of queues, of agents, of their contacts."""
SOURCES_LOST = "sources_lost"
"""The one gauge that the floor itself knows."""


class UnansweredReason(StrEnum):
    """Why a rule cannot be asked of stored events."""

    TEAMS = "backtest_teams_not_kept"
    """who sat where, and so in which team, is known of now only"""
    PLAN = "backtest_plan_not_kept"
    SCORES = "backtest_scores_not_kept"
    PHRASES = "backtest_phrases_not_kept"
    GAUGES = "backtest_gauges_not_kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered:
    """A rule that was left out, and the metric that made it so ("": whom it watches)."""

    rule: str
    metric: str
    reason: UnansweredReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Firing:
    """`raised_at`: the first breach. `resolved_at` None: it still fired at the end. `ended`: why it ended. `value` in
    `unit` (percent, ms, count, score)."""

    rule: str
    scope: str
    raised_at: Millis
    fired_at: Millis
    value: float | None
    unit: str
    part: int
    whole: int
    resolved_at: Millis | None = None
    ended: Notice | None = None


@dataclass(slots=True, kw_only=True)
class Tally:
    """Mutable. `nearly`: breaches that were over before the hold time; `left_off`: firings that are
    counted in `fired` and not in `firings`."""

    fired: int = 0
    nearly: int = 0
    left_off: int = 0


class Backtest:
    """One rule's days. Mutable; one owner. `see` moments in order; what it returns the engine would have told."""

    def __init__(self, rule: Rule, *, most_firings: int = MOST_FIRINGS) -> None:
        self.rule = rule
        self.tally = Tally()
        self.due: Millis | None = None
        """When a timer of the rule ends, or has run for as long as one look may add, though nothing happens till then.
        None: none runs."""
        self._most = most_firings
        self._watches: dict[WatchKey, Watch] = {}
        self._tidy_at = Millis(0)
        self._firings: list[Firing] = []
        self._open: dict[WatchKey, int] = {}
        """where the firing that goes on stands in the list; -1: it is only counted"""

    @property
    def firings(self) -> tuple[Firing, ...]:
        """In order of firing."""
        return tuple(self._firings)

    def see(self, moment: Moment) -> list[Change]:
        """What changed about an alert in progress; most moments change nothing."""
        told, due = [], NEVER
        for change in consider((self.rule,), moment, self._watches, now=moment.at):
            watch = change.watch
            self._watches[watch.rule, watch.scope] = watch
            if watch.state in TIMED:
                due = min(due, _timer_ends(self.rule.timing, watch))
            if change.worth_telling:
                told.append(change)
                self._note(change, moment.at)
        self.due = Millis(due) if due < NEVER else None
        if moment.at >= self._tidy_at:
            self._tidy_at = Millis(moment.at + TIDY_MS)
            for key in spent(self._watches, now=moment.at):
                del self._watches[key]
        return told

    def _note(self, change: Change, at: Millis) -> None:
        watch = change.watch
        key = (watch.rule, watch.scope)
        match change.notice:
            case Notice.FIRED:
                self.tally.fired += 1
                self._begin(change, key, at)
            case Notice.CLEARED_BEFORE_HOLD:
                self.tally.nearly += 1
            case _ if watch.state is State.INACTIVE and key in self._open:
                place = self._open.pop(key)
                if place >= 0:
                    self._firings[place] = replace(self._firings[place], resolved_at=at, ended=change.notice)
            case _:
                pass

    def _begin(self, change: Change, key: WatchKey, at: Millis) -> None:
        if len(self._firings) >= self._most:
            self.tally.left_off += 1
            self._open[key] = -1
            return
        self._open[key] = len(self._firings)
        reading = change.reading
        self._firings.append(
            Firing(
                rule=change.watch.rule,
                scope=change.watch.scope,
                raised_at=change.watch.raised_at,
                fired_at=at,
                value=reading.value,
                unit=reading.measured[0].unit if reading.measured else _unit_of(self.rule),
                part=reading.part,
                whole=reading.whole,
            )
        )


def _unit_of(rule: Rule) -> str:
    """Of kinds that name no metric."""
    return Unit.COUNT if isinstance(rule, SourceSilentRule) else Unit.PERCENT


def _timer_ends(timing: Timing, watch: Watch) -> int:
    """A look adds at most MAX_STEP_MS to a timer."""
    left = timing.hold_ms - watch.held_ms if watch.state is State.PENDING else timing.keep_firing_ms - watch.clear_ms
    return watch.seen_at + min(max(1, left), MAX_STEP_MS)


def answerable(rules: Collection[Rule]) -> tuple[tuple[Rule, ...], tuple[Unanswered, ...]]:
    """Those that stored events can answer, and why the others not: silence would look like "never fired"."""
    left: list[Unanswered] = []
    for rule in rules:
        why = _why_not(rule)
        if why is not None:
            left.append(why)
    out = {one.rule for one in left}
    return tuple(rule for rule in rules if rule.name not in out), tuple(left)


def needs_people(rules: Collection[Rule]) -> bool:
    """Whether some rule looks at agents or gauges, not only at queues' numbers."""
    return any(metric.rests_on is not RestsOn.NUMBERS for rule in rules for metric in metrics_of(rule))


def windows_of(rules: Collection[Rule]) -> tuple[int, ...]:
    """The trailing windows these rules look at, minutes in order; the others need not be counted."""
    found: set[int] = set()
    for rule in rules:
        match rule:
            case ServiceLevelRule():
                found.add(rule.window_minutes)
            case BurnRule():
                found |= {rule.long_minutes, rule.short_minutes}
            case ThresholdRule():
                found |= {condition.asked.window_minutes for condition in rule.conditions}
            case SourceSilentRule():
                continue
            case _:
                assert_never(rule)
        if rule.traffic is not None:
            found.add(HOUR_MINUTES)
    return tuple(minutes for minutes in WINDOW_MINUTES if minutes in found)


def limits_of(rules: Collection[Rule], growing: Collection[str]) -> tuple[int, ...]:
    """At how many ms of these metrics, which grow by themselves, some rule's answer may change; in order.

    A queue's target is one more limit of its wait (too few contacts, but one who waits beyond it, is not quiet).
    """
    found: set[int] = set()
    for rule in rules:
        for condition in rule.conditions if isinstance(rule, ThresholdRule) else ():
            if condition.metric in growing:
                between = condition.clear - condition.fire
                for fire in (condition.fire, *condition.fire_by.values()):
                    found |= {math.ceil(fire), math.ceil(fire + between)}
    return tuple(sorted(found))


def metrics_of(rule: Rule) -> list[Metric]:
    """Those a rule names; the kinds that have a measure of their own rest on queues' numbers."""
    if not isinstance(rule, ThresholdRule):
        return []
    return [METRICS[condition.metric] for condition in rule.conditions]


def _why_not(rule: Rule) -> Unanswered | None:
    if isinstance(rule, ThresholdRule) and rule.among.teams:
        return Unanswered(rule=rule.name, metric="", reason=UnansweredReason.TEAMS)
    for metric in metrics_of(rule):
        reason = _not_kept(metric)
        if reason is not None:
            return Unanswered(rule=rule.name, metric=metric.name, reason=reason)
    return None


def _not_kept(metric: Metric) -> UnansweredReason | None:
    match metric.rests_on:
        case RestsOn.NUMBERS:
            return None
        case RestsOn.AGENTS:
            return UnansweredReason.TEAMS if metric.scope is ScopeKind.TEAM else None
        case RestsOn.PLAN:
            return UnansweredReason.PLAN
        case RestsOn.QUALITY:
            return UnansweredReason.SCORES
        case RestsOn.HITS:
            return UnansweredReason.PHRASES
        case RestsOn.GAUGES:
            return None if metric.name == SOURCES_LOST else UnansweredReason.GAUGES
        case _:
            assert_never(metric.rests_on)
