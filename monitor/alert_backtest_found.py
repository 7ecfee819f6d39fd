"""What a back-test tells when it is over. In: the replay, what was asked, a Warehouse. Out: `BacktestFound`.

Beside the firings the truth: the queues' stored service level by quarters of an hour, from the roll-ups. May not know:
how events were folded, the bus.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from alerts.backtest import Firing, Unanswered
from alerts.metric import ScopeKind
from alerts.replay import Replay
from alerts.rules import BurnRule, Rule, ServiceLevelRule, SourceSilentRule, ThresholdRule
from alerts.scopes import scope_kind, split
from monitor.alert_backtest_jobs import BacktestFound, FiringFound, QueueTruth, RuleFound, RuleUnanswered
from streams.floor.numbers import DEFAULT_FORMULA, FORMULAS
from streams.vocabulary.ids import Millis, QueueName, SiteId
from streams.warehouse.engine import Warehouse
from streams.warehouse.ranges import queue_line

DAY_MS: Final = 86_400_000
TRUTH_MINUTES: Final = 15
MOST_TRUTHS: Final = 20
"""Queues whose service level comes along; a month of one is some 1,400 points."""
OF_QUEUES: Final = frozenset({ScopeKind.QUEUE, ScopeKind.TIER})


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestRange:
    """[since, until) of one site. `queues` empty: every queue; a rule of the site or of agents is never narrowed."""

    site: SiteId
    since: Millis
    until: Millis
    queues: tuple[QueueName, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """[since, until): what of the asked range is stored and was folded. `queues`: all that were told of."""

    since: Millis
    until: Millis
    days: int
    events: int
    queues: frozenset[QueueName]
    unanswered: tuple[Unanswered, ...]
    unreadable: dict[str, int]


def found(
    warehouse: Warehouse, replay: Replay, asked: BacktestRange, folded: Folded, *, today: Millis
) -> BacktestFound:
    """Raises StoreError. `today`: when the local day began; the roll-ups reach so far."""
    rules = [_rule_found(replay, rule, asked, folded) for rule in replay.rules]
    fired = Counter(queue for rule in rules for one in rule.firings if (queue := queue_of(one.scope)) is not None)
    shown = [queue for queue, _ in fired.most_common()] or sorted(_watched((), asked, folded))
    formula = formula_of(replay.rules)
    return BacktestFound(
        since=folded.since,
        until=folded.until,
        days=folded.days,
        asked_days=(asked.until - asked.since) / DAY_MS,
        queues=sorted(_watched((), asked, folded)),
        events=folded.events,
        looks=replay.looks,
        formula=formula,
        rules=rules,
        unanswered=[RuleUnanswered(rule=o.rule, metric=o.metric, reason=o.reason) for o in folded.unanswered],
        truth=[_truth(warehouse, queue, formula, asked.site, folded, today) for queue in shown[:MOST_TRUTHS]],
        no_truth=shown[MOST_TRUTHS:],
        unreadable=folded.unreadable,
    )


def formula_of(rules: Sequence[Rule]) -> str:
    """The one the rules measure by; of several the first rule's."""
    for rule in rules:
        if isinstance(rule, ServiceLevelRule | BurnRule):
            return rule.formula
        for condition in rule.conditions if isinstance(rule, ThresholdRule) else ():
            if condition.asked.formula:
                return condition.asked.formula
    return DEFAULT_FORMULA


def queue_of(scope: str) -> QueueName | None:
    """None: it is about something else."""
    kind, name = split(scope)
    if kind == ScopeKind.TIER:
        return QueueName(name.rpartition("/")[0])
    return QueueName(name) if kind == ScopeKind.QUEUE else None


def _rule_found(replay: Replay, rule: Rule, asked: BacktestRange, folded: Folded) -> RuleFound:
    backtest = replay.backtest_of(rule.name)
    tally, kept = backtest.tally, backtest.firings
    firings = [one for one in kept if _wanted(one.scope, asked)]
    fired = tally.fired - (len(kept) - len(firings))
    return RuleFound(
        rule=rule.name,
        label_zh=rule.label.zh,
        label_en=rule.label.en,
        severity=rule.severity,
        fired=fired,
        nearly=tally.nearly,
        per_queue_day=fired / max(1, folded.days * _queues_watched(rule, asked, folded)),
        left_off=tally.left_off,
        firings=[_firing(one) for one in firings],
    )


def _queues_watched(rule: Rule, asked: BacktestRange, folded: Folded) -> int:
    """1 for a rule that watches no queues."""
    match rule:
        case ServiceLevelRule() | BurnRule():
            return len(_watched(rule.queues, asked, folded))
        case ThresholdRule() if scope_kind(rule) in OF_QUEUES:
            return len(_watched(rule.among.queues, asked, folded))
        case ThresholdRule() | SourceSilentRule():
            return 1


def _watched(only: Collection[QueueName], asked: BacktestRange, folded: Folded) -> frozenset[QueueName]:
    queues = folded.queues & frozenset(only) if only else folded.queues
    return queues & frozenset(asked.queues) if asked.queues else queues


def _wanted(scope: str, asked: BacktestRange) -> bool:
    queue = queue_of(scope)
    return queue is None or not asked.queues or queue in asked.queues


def _truth(
    warehouse: Warehouse, queue: QueueName, formula: str, site: SiteId, folded: Folded, today: Millis
) -> QueueTruth:
    rows = queue_line(
        warehouse,
        since=folded.since,
        until=folded.until,
        queue=queue,
        site=site,
        slot_minutes=TRUTH_MINUTES,
        today=today,
    )
    points = [(row.at, FORMULAS[formula].of(row.counters).percent, row.counters.offered) for row in rows]
    return QueueTruth(queue=queue, points=points)


def _firing(one: Firing) -> FiringFound:
    return FiringFound(
        scope=one.scope,
        raised_at=one.raised_at,
        fired_at=one.fired_at,
        resolved_at=one.resolved_at,
        value=one.value,
        unit=one.unit,
        part=one.part,
        whole=one.whole,
        ended="" if one.ended is None else one.ended.value,
    )
