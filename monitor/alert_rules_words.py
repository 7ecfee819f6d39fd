"""What a rule says, in one sentence of each language. In: rules, the table of metrics. Out: rows for the page.

May not know: TOML, HTTP.
"""

from collections.abc import Iterable
from typing import Final, assert_never

import msgspec

from alerts.metric import Metric, Unit
from alerts.metrics import METRICS
from alerts.rules import BurnRule, Condition, Mode, Rule, ServiceLevelRule, SourceSilentRule, ThresholdRule, Timing


class ToldRule(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    label_zh: str
    label_en: str
    kind: str
    severity: str
    text_zh: str
    text_en: str


class ToldMetric(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    scope: str
    unit: str
    zh: str
    en: str
    formula: str


_MINUTE_S: Final = 60
_Words = tuple[str, str]
"""zh, en"""


def told_rules(rules: Iterable[Rule]) -> list[ToldRule]:
    return [_told(rule) for rule in rules]


def told_metrics() -> list[ToldMetric]:
    return [
        ToldMetric(name=one.name, scope=one.scope, unit=one.unit, zh=one.zh, en=one.en, formula=one.formula)
        for one in METRICS.values()
    ]


def _told(rule: Rule) -> ToldRule:
    zh, en = _sentence(rule)
    held_zh, held_en = _timing(rule.timing)
    return ToldRule(
        name=rule.name, label_zh=rule.label.zh, label_en=rule.label.en, kind=_kind(rule), severity=rule.severity,
        text_zh=f"{zh}；{held_zh}", text_en=f"{en}; {held_en}",
    )  # fmt: skip


def _kind(rule: Rule) -> str:
    match rule:
        case ServiceLevelRule():
            return "service_level"
        case SourceSilentRule():
            return "source_silent"
        case BurnRule():
            return "burn"
        case ThresholdRule():
            return "threshold"
        case _:
            assert_never(rule)


def _sentence(rule: Rule) -> _Words:
    match rule:
        case ServiceLevelRule():
            return (
                f"近 {rule.window_minutes} 分钟服务水平低于 {rule.fire_below:g}%（至少 {rule.min_sample} 通）",
                f"service level over {rule.window_minutes} min below {rule.fire_below:g} %"
                f" (of {rule.min_sample} contacts at least)",
            )
        case SourceSilentRule():
            return "数据源中断，或不再有数据", "a source is lost, or numbers no longer come"
        case BurnRule():
            return _burn(rule)
        case ThresholdRule():
            word_zh, word_en = ("，且", " and ") if rule.mode is Mode.ALL else ("，或", " or ")
            said = [_condition(one) for one in rule.conditions]
            return word_zh.join(zh for zh, _ in said), word_en.join(en for _, en in said)
        case _:
            assert_never(rule)


def _burn(rule: BurnRule) -> _Words:
    below = 100 - rule.factor * (100 - rule.target)
    zh = (
        f"近 {rule.long_minutes} 分钟与近 {rule.short_minutes} 分钟服务水平都低于 {below:g}%"
        f"（目标 {rule.target:g}%，超耗 {rule.factor:g} 倍，至少 {rule.min_sample} 通）"
    )
    en = (
        f"service level over {rule.long_minutes} and over {rule.short_minutes} min below {below:g} % (target"
        f" {rule.target:g} %, {rule.factor:g} times its budget, of {rule.min_sample} contacts at least)"
    )
    if rule.day_below_target:
        return f"{zh}，且今日低于目标", f"{en} and today below the target"
    return zh, en


def _condition(one: Condition) -> _Words:
    metric = METRICS[one.metric]
    limit_zh, limit_en = _value(one.fire, metric)
    over_zh, over_en = ("达到", "from") if metric.high_is_bad else ("低于", "below")
    asked = one.asked
    window_zh = f"近 {asked.window_minutes} 分钟" if asked.window_minutes else ""
    window_en = f" over {asked.window_minutes} min" if asked.window_minutes else ""
    of = " ".join(word for word in (asked.state, asked.reason, asked.phrase) if word)
    sure_zh, sure_en = ("（有把握）", ", surely") if one.z else ("", "")
    least_zh = f"（至少 {one.min_sample}）" if one.min_sample else ""
    least_en = f" (of {one.min_sample} at least)" if one.min_sample else ""
    return (
        f"{window_zh}{metric.zh}{f'（{of}）' if of else ''}{over_zh} {limit_zh}{sure_zh}{least_zh}",
        f"{metric.en}{f' ({of})' if of else ''}{window_en} {over_en} {limit_en}{sure_en}{least_en}",
    )


def _value(value: float, metric: Metric) -> _Words:
    match metric.unit:
        case Unit.PERCENT:
            return f"{value:g}%", f"{value:g} %"
        case Unit.MS:
            return _duration(value)
        case Unit.COUNT:
            return f"{value:g}", f"{value:g}"
        case Unit.SCORE:
            return f"{value:g} 分", f"{value:g} points"
        case _:
            assert_never(metric.unit)


def _timing(timing: Timing) -> _Words:
    hold, keep = _duration(timing.hold_ms), _duration(timing.keep_firing_ms)
    return f"持续 {hold[0]}触发，好转 {keep[0]}后恢复", f"fires after {hold[1]}, resolves {keep[1]} after it is better"


def _duration(ms: float) -> _Words:
    seconds = ms / 1000
    if seconds >= _MINUTE_S and seconds % _MINUTE_S == 0:
        return f"{seconds / _MINUTE_S:g} 分钟", f"{seconds / _MINUTE_S:g} min"
    return f"{seconds:g} 秒", f"{seconds:g} s"
