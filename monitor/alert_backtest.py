"""What rules would have said of stored days, step by step. In: a Warehouse, rules, a range. Out: what was found.

Each step folds a page of events, short enough that others get the store and the processor in between; memory is one
floor, one page and the firings. Runs in the store's thread. May not know: the bus, who asked.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from alerts.backtest import Backtest, Firing, answerable, needs_people
from alerts.moment import SiteMoment
from alerts.replay import CADENCE_MS, Replay
from alerts.rules import BurnRule, Rule, ServiceLevelRule, SourceSilentRule, ThresholdRule
from monitor.alert_backtest_jobs import (
    BacktestFound,
    BacktestReason,
    FiringFound,
    QueueTruth,
    RuleFound,
    RuleUnanswered,
)
from monitor.moments import agent_of
from monitor.past_answers import Limits, NoPast, Refused, Underway
from monitor.past_desk import PastSite, collector_paused
from monitor.past_store import StoredPast
from monitor.time_travel import Traveller, as_told
from streams.floor.days import QUARTER_MS
from streams.floor.fold import Floor
from streams.floor.numbers import DEFAULT_FORMULA, FORMULAS
from streams.vocabulary.events import Event
from streams.vocabulary.ids import Millis, QueueName, SiteId
from streams.warehouse.engine import Warehouse
from streams.warehouse.past import events_between
from streams.warehouse.ranges import queue_line

PAGE: Final = 4_000
"""Events a step: about a third of a second."""
DAY_MS: Final = 86_400_000
SETTLED_MS: Final = 15_000
"""Younger events may still be on their way into the store."""
TRUTH_MINUTES: Final = 15
MOST_TRUTHS: Final = 20
"""Queues whose service level comes along; a month of one is 1,400 points."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestRange:
    """[since, until) of one site. `queues` empty: every queue; a rule of the site or of agents is never narrowed."""

    site: SiteId
    since: Millis
    until: Millis
    queues: tuple[QueueName, ...] = ()


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
        page: int = PAGE,
    ) -> None:
        self.ended = False
        self.refused: BacktestReason | None = None
        self.detail = ""
        self.events = 0
        self.found: BacktestFound | None = None
        self._asked, self._past, self._zone, self._now = asked, past, zone, now
        self._cadence_ms, self._page = cadence_ms, page
        self._rules, self._unanswered = answerable(rules)
        self._backtest = Backtest(self._rules)
        self._traveller: Traveller | None = None
        self._replay: Replay | None = None
        self._floor: Floor | None = None
        self._since = asked.since
        self._until = Millis(min(asked.until, now - SETTLED_MS))
        self._after: Event | None = None
        self._read_to = asked.since
        self._days: set[Millis] = set()
        self._queues: set[QueueName] = set()
        self._unreadable: Counter[str] = Counter()

    @property
    def progress(self) -> float:
        """0 to 1."""
        if self.ended:
            return 1.0
        whole = self._until - self._since
        reached = (self._replay.at if self._replay is not None else self._since) - self._since
        return min(1.0, max(0.0, reached / whole)) if whole > 0 else 0.0

    def step(self, warehouse: Warehouse) -> None:
        """Raises StoreError; the step may then be done again."""
        if self.ended:
            return
        with collector_paused():
            if self._replay is None:
                self._begin(warehouse)
            elif self._read_to < self._until:
                self._go_on(warehouse, self._replay)
            else:
                self._end(warehouse, self._replay)

    def _begin(self, warehouse: Warehouse) -> None:
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
            kept = "" if first is None or last is None else f"events are kept from {first} to {last}"
            self._refuse(BacktestReason.NO_EVENTS, kept)
            return
        if first > self._since:
            self._since = self._read_to = first
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
            floor,
            self._backtest,
            zone=self._zone,
            since=self._since,
            cadence_ms=self._cadence_ms,
            people=people if needs_people(self._rules) else None,
        )

    def _go_on(self, warehouse: Warehouse, replay: Replay) -> None:
        page = events_between(
            warehouse, self._asked.site, self._read_to, self._until, self._after, self._page, refused=self._unreadable
        )
        assert self._floor is not None
        for event in as_told(page, self._floor):
            replay.tell(event)
        self.events += len(page)
        quarters = {event.at // QUARTER_MS for event in page}
        self._days |= {self._past.day_of(Millis(quarter * QUARTER_MS))[0] for quarter in quarters}
        self._queues |= self._floor.queues.keys()
        if len(page) == self._page:
            self._after, self._read_to = page[-1], page[-1].at
        else:
            self._read_to = self._until
            replay.until(self._until)

    def _end(self, warehouse: Warehouse, replay: Replay) -> None:
        found = [self._rule_found(rule) for rule in self._rules]
        wanted, left = self._with_truth(found)
        formula = next((rule.formula for rule in self._rules if isinstance(rule, ServiceLevelRule | BurnRule)), "")
        formula = formula or DEFAULT_FORMULA
        self.found = BacktestFound(
            since=self._since,
            until=self._until,
            days=len(self._days),
            asked_days=(self._asked.until - self._asked.since) / DAY_MS,
            queues=sorted(self._watched(())),
            events=self.events,
            looks=replay.looks,
            formula=formula,
            rules=found,
            unanswered=[RuleUnanswered(rule=o.rule, metric=o.metric, reason=o.reason) for o in self._unanswered],
            truth=[self._truth(warehouse, queue, formula) for queue in wanted],
            no_truth=left,
            unreadable=dict(self._unreadable),
        )
        self.ended = True

    def _refuse(self, reason: BacktestReason, detail: str) -> None:
        self.refused, self.detail, self.ended = reason, detail, True

    def _rule_found(self, rule: Rule) -> RuleFound:
        tally = self._backtest.tallies[rule.name]
        firings = [one for one in self._backtest.firings(rule.name) if self._wanted(one.scope)]
        fired = tally.fired - (len(self._backtest.firings(rule.name)) - len(firings))
        return RuleFound(
            rule=rule.name,
            label_zh=rule.label.zh,
            label_en=rule.label.en,
            severity=rule.severity,
            fired=fired,
            nearly=tally.nearly,
            per_queue_day=fired / max(1, len(self._days) * self._scopes_of(rule)),
            left_off=tally.left_off,
            firings=[_firing(one) for one in firings],
        )

    def _scopes_of(self, rule: Rule) -> int:
        """Queues it watched; 1 for a rule of the site."""
        match rule:
            case ServiceLevelRule() | BurnRule():
                return len(self._watched(rule.queues))
            case ThresholdRule():
                return len(self._watched(rule.among.queues))
            case SourceSilentRule():
                return 1

    def _watched(self, only: Sequence[QueueName]) -> set[QueueName]:
        queues = self._queues & set(only) if only else self._queues
        return queues & set(self._asked.queues) if self._asked.queues else queues

    def _wanted(self, scope: str) -> bool:
        queue = queue_of(scope)
        return queue is None or not self._asked.queues or queue in self._asked.queues

    def _with_truth(self, found: Sequence[RuleFound]) -> tuple[list[QueueName], list[QueueName]]:
        """Where it fired most first; without any firing, whatever was watched."""
        fired = Counter(queue for rule in found for one in rule.firings if (queue := queue_of(one.scope)) is not None)
        queues = [queue for queue, _ in fired.most_common()] or sorted(self._watched(()))
        return queues[:MOST_TRUTHS], queues[MOST_TRUTHS:]

    def _truth(self, warehouse: Warehouse, queue: QueueName, formula: str) -> QueueTruth:
        rows = queue_line(
            warehouse,
            since=self._since,
            until=self._until,
            queue=queue,
            site=self._asked.site,
            slot_minutes=TRUTH_MINUTES,
            today=self._past.day_of(self._now)[0],
        )
        points = [(row.at, FORMULAS[formula].of(row.counters).percent, row.counters.offered) for row in rows]
        return QueueTruth(queue=queue, points=points)


def people(floor: Floor, now: Millis) -> SiteMoment:
    """Of what the live process tells (monitor/moments.py), what the floor itself knows."""
    lost = sum(gap.ended is None for gap in floor.gaps)
    agents = [agent_of(one, floor, "", now) for one in floor.agents.values()]
    return SiteMoment(at=now, site=floor.site, agents=agents, gauges={"sources_lost": float(lost)}, hits=[], quality=[])


def queue_of(scope: str) -> QueueName | None:
    """None: it is about something else."""
    kind, _, name = scope.partition(":")
    if kind == "tier":
        return QueueName(name.rpartition("/")[0])
    return QueueName(name) if kind == "queue" else None


def _firing(one: Firing) -> FiringFound:
    return FiringFound(
        scope=one.scope,
        raised_at=one.raised_at,
        fired_at=one.fired_at,
        resolved_at=one.resolved_at,
        value=one.value,
        part=one.part,
        whole=one.whole,
        ended="" if one.ended is None else one.ended.value,
    )
