"""What a rule says, in one sentence of each language. In: rules, the table of metrics. Out: rows for the page.

May not know: TOML, HTTP.
"""

from collections.abc import Iterable
from typing import Final, assert_never

import msgspec

from alerts.metric import Metric, Unit
from alerts.metrics import METRICS
from alerts.rules import BurnRule, Condition, Mode, Rule, ServiceLevelRule, SourceSilentRule, ThresholdRule, Timing
from streams.vocabulary.states import AgentState


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
STATES_ZH: Final = {
    AgentState.SIGNED_OUT: "未签入",
    AgentState.READY: "示闲",
    AgentState.OFFERED: "振铃",
    AgentState.ON_CONTACT: "通话",
    AgentState.ON_HOLD: "保持",
    AgentState.WRAP_UP: "话后",
    AgentState.NOT_READY: "示忙",
    AgentState.UNKNOWN: "未知",
}
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
    when_zh, when_en = _when(rule)
    return ToldRule(
        name=rule.name, label_zh=rule.label.zh, label_en=rule.label.en, kind=_kind(rule), severity=rule.severity,
        text_zh=f"{zh}{when_zh}；{held_zh}", text_en=f"{en}{when_en}; {held_en}",
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
                f"近 {rule.window_minutes} 分钟服务水平 < {rule.fire_below:g}%（至少 {rule.min_sample} 通）",
                f"service level over {rule.window_minutes} min < {rule.fire_below:g} %"
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
    sign = "≥" if metric.high_is_bad else "<"
    asked = one.asked
    window_zh = f"近 {asked.window_minutes} 分钟" if asked.window_minutes else ""
    window_en = f" over {asked.window_minutes} min" if asked.window_minutes else ""
    beside = [word for word in (asked.reason, asked.phrase) if word]
    of_zh = "·".join([*([_state_zh(asked.state)] if asked.state else []), *beside])
    of_en = " · ".join([*([asked.state] if asked.state else []), *beside])
    more = [
        (bool(one.z), "有把握", "surely"),
        (bool(one.min_sample), f"至少 {one.min_sample}", f"of {one.min_sample} at least"),
        (bool(one.fire_by), f"{len(one.fire_by)} 个另有阈值", f"{len(one.fire_by)} with thresholds of their own"),
    ]
    also_zh = "，".join(zh for said, zh, _ in more if said)
    also_en = ", ".join(en for said, _, en in more if said)
    return (
        f"{window_zh}{metric.zh}{_zh(of_zh)} {sign} {limit_zh}{_zh(also_zh)}",
        f"{metric.en}{_en(of_en)}{window_en} {sign} {limit_en}{_en(also_en)}",
    )


def _zh(words: str) -> str:
    return f"（{words}）" if words else ""


def _en(words: str) -> str:
    return f" ({words})" if words else ""


def _state_zh(state: str) -> str:
    return STATES_ZH[AgentState(state)] if state in tuple(AgentState) else state


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


def _when(rule: Rule) -> _Words:
    """Whom and when it watches, where that is not everybody and always."""
    zh, en = [], []
    if isinstance(rule, ServiceLevelRule | BurnRule) and rule.queues:
        zh.append("队列 " + "、".join(rule.queues))
        en.append("queues " + ", ".join(rule.queues))
    if isinstance(rule, ThresholdRule):
        among = rule.among
        for word_zh, word_en, names in (
            ("队列", "queues", among.queues), ("班组", "teams", among.teams), ("座席", "agents", among.agents),
            ("客户等级", "tiers", among.tiers),
        ):  # fmt: skip
            if names:
                zh.append(f"{word_zh} {'、'.join(names)}")
                en.append(f"{word_en} {', '.join(names)}")
    if not isinstance(rule, SourceSilentRule) and rule.traffic is not None:
        least, below = rule.traffic.least, rule.traffic.below
        if least:
            zh.append(f"每小时 {least} 通起")
            en.append(f"from {least} contacts an hour on")
        if below is not None:
            zh.append(f"每小时 {below} 通以下")
            en.append(f"under {below} contacts an hour")
    if rule.schedule is not None:
        zh.append(f"时段 {rule.schedule.name}")
        en.append(f"schedule {rule.schedule.name}")
    return _zh("；".join(zh)), f" [{'; '.join(en)}]" if en else ""


def _timing(timing: Timing) -> _Words:
    hold, keep = _duration(timing.hold_ms), _duration(timing.keep_firing_ms)
    fires = (f"持续 {hold[0]}触发", f"fires after {hold[1]}") if timing.hold_ms else ("立即触发", "fires at once")
    ends = (f"好转 {keep[0]}后恢复", f"resolves after {keep[1]} of better")
    if not timing.keep_firing_ms:
        ends = ("好转即恢复", "resolves as soon as it is better")
    return f"{fires[0]}，{ends[0]}", f"{fires[1]}, {ends[1]}"


def _duration(ms: float) -> _Words:
    seconds = ms / 1000
    if seconds >= _MINUTE_S and seconds % _MINUTE_S == 0:
        return f"{seconds / _MINUTE_S:g} 分钟", f"{seconds / _MINUTE_S:g} min"
    return f"{seconds:g} 秒", f"{seconds:g} s"
