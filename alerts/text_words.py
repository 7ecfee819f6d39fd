"""The two languages of a message. In: values. Out: pieces of a line.

Numbers are written as people say them: 135 s as 2 min 15 s, 12 % with one digit. May not know: alerts, rules.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from alerts.evaluate import Measured
from alerts.metric_words import FORMULAS_ZH
from alerts.metrics import METRICS

_NO_ANSWER = "—"


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    firing: str
    resolved: str
    head_of: str
    about_of: str
    colon: str
    comma: str
    removed: str
    unknown: str
    all_of: str
    any_of: str
    window_of: str
    counts_of: str
    plain_counts_of: str
    threshold_of: str
    target_of: str
    back_of: str
    blind_of: str
    nothing_of: str
    between_queues: str
    about_metric: str
    kinds: Mapping[str, str]
    states: Mapping[str, str]
    length: Callable[[int], str]
    chinese: bool

    def head(self, label: str, *, resolved: bool) -> str:
        return self.head_of.format(says=self.resolved if resolved else self.firing, label=label)

    def about(self, subject: str) -> str:
        return self.about_of.format(subject=subject) if subject else ""

    def named(self, kind: str, name: str) -> str:
        return f"{self.kinds[kind]} {name}"

    def joined(self, parts: Sequence[str], *, any_of: bool) -> str:
        return (self.any_of if any_of else self.all_of).join(parts)

    def target(self, percent: float, burn: float) -> str:
        return self.target_of.format(percent=f"{percent:g}%", burn=f"{burn:.1f}")

    def back(self, scope: str) -> str:
        return self.back_of.format(scope=scope)

    def blind(self, queues: Sequence[str]) -> str:
        return self.blind_of.format(queues=self.between_queues.join(queues))

    def nothing(self, scope: str) -> str:
        return self.nothing_of.format(scope=scope)

    def one(self, told: Measured) -> str:
        metric = METRICS.get(told.metric)
        name = told.metric if metric is None else metric.zh if self.chinese else metric.en
        head = self.window_of if told.window_minutes else "{name} {value}"
        if told.about:
            state, _, reason = told.about.partition("/")
            name = self.about_metric.format(name=name, about=self.states.get(state, state) + (reason and f"/{reason}"))
        text = head.format(minutes=told.window_minutes, name=name, value=self.amount(told.value, told.unit))
        if told.unit == "percent" and told.whole:
            counts = self.counts_of if told.formula else self.plain_counts_of
            text += counts.format(part=told.part, whole=told.whole, formula=self.formula(told.formula))
        return text + self.threshold_of.format(value=self.amount(told.threshold, told.unit, exact=True))

    def formula(self, named: str) -> str:
        return FORMULAS_ZH.get(named, named) if self.chinese else named

    def amount(self, value: float | None, unit: str, *, exact: bool = False) -> str:
        """`exact`: as it was written in the rule."""
        if value is None:
            return _NO_ANSWER
        match unit:
            case "percent":
                return f"{value:g}%" if exact else f"{value:.1f}%"
            case "ms":
                return self.length(round(value / 1000))
            case _:
                return f"{value:g}" if exact or value == int(value) else f"{value:.2f}"


def _length_zh(seconds: int) -> str:
    return _length(seconds, (" 小时", " 分", " 秒"))


def _length_en(seconds: int) -> str:
    return _length(seconds, (" h", " min", " s"))


def _length(seconds: int, units: tuple[str, str, str]) -> str:
    parts = (seconds // 3600, seconds // 60 % 60, seconds % 60)
    told = [f"{part}{unit}" for part, unit in zip(parts, units, strict=True) if part]
    return " ".join(told) or f"0{units[2]}"


ZH = Words(
    firing="告警",
    resolved="恢复",
    head_of="【{says}】{label}",
    about_of="（{subject}）",
    colon="：",
    comma="，",
    removed="规则已删除",
    unknown="没有数据",
    all_of="，且",
    any_of="；或",
    window_of="近 {minutes} 分钟{name} {value}",
    counts_of="（{part}/{whole}，公式 {formula}）",
    plain_counts_of="（{part}/{whole}）",
    threshold_of="，阈值 {value}",
    target_of="目标 {percent}，差错额度消耗速度 {burn} 倍",
    back_of="{scope} 数据已恢复",
    blind_of="队列 {queues} 的数据未知",
    nothing_of="{scope} 没有任何数据",
    between_queues="、",
    kinds={"agent": "座席", "team": "班组", "contact": "通话", "tier": "客户等级"},
    about_metric="{name}（{about}）",
    states={
        "ready": "示闲",
        "offered": "振铃",
        "on_contact": "通话",
        "on_hold": "保持",
        "wrap_up": "话后",
        "not_ready": "示忙",
    },
    length=_length_zh,
    chinese=True,
)
EN = Words(
    firing="firing",
    resolved="resolved",
    head_of="[{says}] {label}",
    about_of=" ({subject})",
    colon=": ",
    comma=", ",
    removed="the rule was removed",
    unknown="no data",
    all_of=" and ",
    any_of=", or ",
    window_of="{name} {value} over {minutes} min",
    counts_of=" ({part}/{whole}, formula {formula})",
    plain_counts_of=" ({part}/{whole})",
    threshold_of=", threshold {value}",
    target_of="target {percent}, its budget burns {burn} times too fast",
    back_of="{scope} sends data again",
    blind_of="the numbers of {queues} are unknown",
    nothing_of="{scope} sends nothing at all",
    between_queues=", ",
    kinds={"agent": "agent", "team": "team", "contact": "contact", "tier": "tier"},
    about_metric="{name} {about}",
    states={
        "ready": "ready",
        "offered": "offered",
        "on_contact": "on contact",
        "on_hold": "on hold",
        "wrap_up": "wrap-up",
        "not_ready": "not ready",
    },
    length=_length_en,
    chinese=False,
)
