"""What is said about an alert: AlertFact to the store, Notification to people. In: a Change. Out: both, as values.

Ids come from the alert and what is said, never from a clock or chance, so saying it again after a crash is the same
message. May not know: senders' formats, how anything is delivered.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import msgspec
from msgspec import Struct

from alerts.evaluate import Measured, Notice, Reading, State, Watch
from alerts.metric import Trait, Unit
from alerts.metrics import METRICS
from alerts.rules import BurnRule, Rule, ServiceLevelRule, SourceSilentRule, ThresholdRule
from streams.vocabulary.facts import AlertFact
from streams.vocabulary.ids import Millis, SiteId


class Says(StrEnum):
    FIRING = "firing"
    RESOLVED = "resolved"


BURN = "burn"


class Detail(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What the value rests on; JSON in AlertFact.detail. `formula`: of a share, whose `part` and `whole` are counts.

    `metric`: of alerts/metrics.py, "burn", or "" of the kinds service_level and source_silent (which has no unit).
    """

    label_zh: str = ""
    label_en: str = ""
    formula: str = ""
    window_minutes: int = 0
    part: int = 0
    whole: int = 0
    queues: tuple[str, ...] = ()
    metric: str = ""
    unit: str = ""
    """percent | ms | count | score: of the value and the threshold"""
    target: float = 0.0
    """of a burn rate"""
    mode: str = ""
    """of several conditions: all | any"""
    measured: tuple[Measured, ...] = ()
    """everything looked at, the decisive one first"""
    why: str = ""
    """why it is not known or not watched now, a SuppressedReason"""
    who: str = ""
    """whom it is about besides its scope: a contact's agent"""


class Notification(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One message to one or more channels. `at`: when it was decided; `resolved_at` 0 while firing."""

    id: str
    says: Says
    at: Millis
    site: SiteId
    alert: str
    rule: str
    scope: str
    severity: str
    reason: str
    raised_at: Millis
    resolved_at: Millis = Millis(0)
    value: float | None = None
    threshold: float = 0.0
    detail: Detail = Detail()


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One evaluation's result. `rule` None: the rule was removed from the configuration."""

    before: Watch
    watch: Watch
    notice: Notice
    reading: Reading
    rule: Rule | None

    @property
    def worth_telling(self) -> bool:
        """Something about an alert in progress changed (docs/alerts.md names the cases)."""
        was, now = self.before, self.watch
        return (was.raised_at, was.version) != (now.raised_at, now.version)

    @property
    def worth_keeping(self) -> bool:
        """More than the time and the value of the last look changed."""
        return _kept(self.before) != _kept(self.watch)


def _kept(watch: Watch) -> tuple[object, ...]:
    return watch.state, watch.why, watch.held_ms, watch.clear_ms, watch.version, watch.raised_at, watch.told


def fact_of(change: Change, *, site: SiteId) -> AlertFact:
    watch = change.watch
    state = _FACT_STATES[watch.resting]
    return AlertFact(
        site=site,
        ver=watch.version,
        raised_at=watch.raised_at,
        alert=watch.alert,
        rule=watch.rule,
        scope=watch.scope,
        severity=_severity(change.rule),
        state=state,
        reason=change.notice.value,
        value=watch.value,
        threshold=_threshold(change),
        resolved_at=watch.since if state == "resolved" else Millis(0),
        acknowledged_at=watch.acknowledged_at,
        acknowledged_by=watch.acknowledged_by,
        detail=msgspec.json.encode(_detail(change)).decode(),
        changed_at=watch.acknowledged_at if change.notice is Notice.ACKNOWLEDGED else watch.seen_at,
    )


def notification_of(change: Change, *, site: SiteId) -> Notification | None:
    """None: nothing to say to people (everything but fired, resolved, rule removed)."""
    says = _SAID.get(change.notice)
    if says is None:
        return None
    watch = change.watch
    return Notification(
        id=f"{watch.alert}/{says}",
        says=says,
        at=watch.seen_at,
        site=site,
        alert=watch.alert,
        rule=watch.rule,
        scope=watch.scope,
        severity=_severity(change.rule),
        reason=change.notice.value,
        raised_at=watch.raised_at,
        resolved_at=watch.since if says is Says.RESOLVED else Millis(0),
        value=watch.value,
        threshold=_threshold(change),
        detail=_detail(change),
    )


_FACT_STATES: Mapping[State, str] = {
    State.INACTIVE: "resolved",
    State.PENDING: "pending",
    State.FIRING: "firing",
    State.RECOVERING: "firing",
}

_SAID: Mapping[Notice, Says] = {
    Notice.FIRED: Says.FIRING,
    Notice.RESOLVED: Says.RESOLVED,
    Notice.RULE_REMOVED: Says.RESOLVED,
}


def _severity(rule: Rule | None) -> str:
    return "info" if rule is None else rule.severity.value


def _threshold(change: Change) -> float:
    """What the value was held against; of a look without numbers, the rule's own."""
    if change.reading.threshold is not None:
        return change.reading.threshold
    name = change.watch.scope.partition(":")[2]
    match change.rule:
        case ServiceLevelRule() as rule:
            return rule.fire_below
        case BurnRule() as rule:
            return rule.threshold_of(name)
        case ThresholdRule() as rule:
            return rule.conditions[0].fire_of(name)
        case SourceSilentRule() | None:
            return 0.0


def _detail(change: Change) -> Detail:
    rule, reading = change.rule, change.reading
    if rule is None:
        return Detail(label_zh=change.watch.rule, label_en=change.watch.rule)
    detail = Detail(
        label_zh=_joined(rule.label.zh, "：", reading.label_zh),
        label_en=_joined(rule.label.en, ": ", reading.label_en),
        part=reading.part,
        whole=reading.whole,
        why=change.watch.why,
        who=change.watch.who,
    )
    match rule:
        case ServiceLevelRule():
            return msgspec.structs.replace(
                detail, formula=rule.formula, window_minutes=rule.window_minutes, unit=Unit.PERCENT.value
            )
        case SourceSilentRule():
            return msgspec.structs.replace(detail, queues=reading.queues)
        case BurnRule():
            return msgspec.structs.replace(
                detail,
                metric=BURN,
                unit=Unit.PERCENT.value,
                formula=rule.formula,
                window_minutes=rule.long_minutes,
                target=rule.target_of(change.watch.scope.partition(":")[2]),
                measured=reading.measured,
            )
        case ThresholdRule():
            return _of_conditions(rule, reading, detail)


def _of_conditions(rule: ThresholdRule, reading: Reading, detail: Detail) -> Detail:
    """`formula` only of a share: a message then shows it with its counts and its window."""
    first = rule.conditions[0]
    metric = METRICS[reading.measured[0].metric if reading.measured else first.metric]
    asked = next((one.asked for one in rule.conditions if one.metric == metric.name), first.asked)
    named = asked.formula if metric.has(Trait.NAMED_FORMULA) else metric.formula
    return msgspec.structs.replace(
        detail,
        metric=metric.name,
        unit=metric.unit.value,
        formula=named if metric.has(Trait.SHARE) and metric.has(Trait.WINDOWED) else "",
        window_minutes=asked.window_minutes,
        measured=reading.measured,
        queues=reading.queues,
        mode=rule.mode.value if len(rule.conditions) > 1 else "",
    )


def _joined(label: str, colon: str, about: str) -> str:
    return f"{label}{colon}{about}" if about else label
