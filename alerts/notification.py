"""What is said about an alert: AlertFact to the store, Notification to people. In: a Change. Out: both, as values.

Ids come from the alert and what is said, never from a clock or chance, so saying it again after a crash is the same
message. May not know: senders' formats, how anything is delivered.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import msgspec
from msgspec import Struct

from alerts.evaluate import Notice, Reading, State, Watch
from alerts.rules import Rule, ServiceLevelRule, SourceSilentRule
from streams.vocabulary.facts import AlertFact
from streams.vocabulary.ids import Millis, SiteId


class Says(StrEnum):
    FIRING = "firing"
    RESOLVED = "resolved"


class Detail(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What the value rests on; JSON in AlertFact.detail. `formula` "" : the rule counts queues without data."""

    label_zh: str = ""
    label_en: str = ""
    formula: str = ""
    window_minutes: int = 0
    part: int = 0
    whole: int = 0
    queues: tuple[str, ...] = ()


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
        """More than the time of the last look changed."""
        was, now = self.before, self.watch
        return (was.state, was.held_ms, was.clear_ms, was.version, was.raised_at, was.told) != (
            now.state,
            now.held_ms,
            now.clear_ms,
            now.version,
            now.raised_at,
            now.told,
        )


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
        threshold=_threshold(change.rule),
        resolved_at=watch.since if state == "resolved" else Millis(0),
        acknowledged_at=watch.acknowledged_at,
        acknowledged_by=watch.acknowledged_by,
        detail=msgspec.json.encode(_detail(change)).decode(),
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
        threshold=_threshold(change.rule),
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


def _threshold(rule: Rule | None) -> float:
    return rule.fire_below if isinstance(rule, ServiceLevelRule) else 0.0


def _detail(change: Change) -> Detail:
    match change.rule:
        case ServiceLevelRule() as rule:
            return Detail(
                label_zh=rule.label.zh,
                label_en=rule.label.en,
                formula=rule.formula,
                window_minutes=rule.window_minutes,
                part=change.reading.part,
                whole=change.reading.whole,
            )
        case SourceSilentRule() as rule:
            return Detail(
                label_zh=rule.label.zh,
                label_en=rule.label.en,
                part=change.reading.part,
                whole=change.reading.whole,
                queues=change.reading.queues,
            )
        case None:
            return Detail(label_zh=change.watch.rule, label_en=change.watch.rule)
