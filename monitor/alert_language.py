"""The language of alert rules for a form. In: nothing. Out: `AlertLanguage`: each kind, its fields, their words.

The parser decides what is right (alerts/parse.py); this names what a form offers. May not know: texts, pages.
"""

from typing import Final

import msgspec

from alerts.metric import Trait
from alerts.metric_words import FORMULAS_ZH
from alerts.metrics import METRICS
from monitor.rules_language import Choice, FieldTold
from streams.floor.numbers import FORMULAS, WINDOW_MINUTES

Start = str | float | int | bool | list[str]


class KindTold(msgspec.Struct, frozen=True, kw_only=True):
    """`start`: what a new rule of it begins with. `where`: which of the common limits it takes."""

    name: str
    zh: str
    en: str
    hint_zh: str
    hint_en: str
    fields: list[FieldTold]
    where: list[str]
    conditions: bool
    start: dict[str, Start]


class AlertLanguage(msgspec.Struct, frozen=True, kw_only=True):
    """`common`: of every rule; `where`: limits by queue, traffic and time; `condition`: of a threshold's conditions."""

    common: list[FieldTold]
    where: list[FieldTold]
    condition: list[FieldTold]
    kinds: list[KindTold]
    windowed: list[str]
    """Metrics over a trailing window."""
    sampled: list[str]
    """Metrics that are a share of a sample, for which a bound has a meaning."""


def _field(key: str, kind: str, zh: str, en: str, **more: object) -> FieldTold:
    return msgspec.convert({"key": key, "kind": kind, "zh": zh, "en": en, **more}, FieldTold)


def _chosen(key: str, zh: str, en: str, choices: dict[str, tuple[str, str]], default: str | None = None) -> FieldTold:
    offered = [Choice(value=value, zh=words[0], en=words[1]) for value, words in choices.items()]
    return FieldTold(key=key, kind="choice", zh=zh, en=en, choices=offered, default=default)


SEVERITIES: Final = {
    "critical": ("紧急（呼叫）", "critical (a page)"),
    "warning": ("注意（便条）", "warning (a note)"),
    "info": ("提示", "info"),
}
TIERS: Final = {"fast_page": ("快速呼叫", "fast page"), "day_at_risk": ("当日有风险", "day at risk")}
_FORMULA: Final = _chosen(
    "formula",
    "公式",
    "formula",
    {name: (FORMULAS_ZH[name], name) for name in FORMULAS},
    default="answered_abandoned",
)
_WINDOW: Final = _field(
    "window_minutes",
    "choice_number",
    "窗口（分钟）",
    "window (minutes)",
    choices=[{"value": str(one), "zh": f"{one} 分钟", "en": f"{one} min"} for one in WINDOW_MINUTES],
)
_SAMPLE: Final = _field(
    "min_sample", "integer", "最小样本（接触数）", "minimum sample (contacts)", low=1, high=1_000_000
)
_CONFIDENCE: Final = _field("confidence", "number", "置信度（%）", "confidence (%)", low=50, high=99.9)

COMMON: Final = [
    _field("name", "id", "名称（告警编号的一部分）", "name (part of an alert's id)", needed=True),
    _chosen("severity", "级别", "severity", SEVERITIES, default="warning"),
    _field("label_zh", "text", "中文标签", "label in Chinese"),
    _field("label_en", "text", "英文标签", "label in English"),
    _field("hold_s", "seconds", "持续多久才告警（秒）", "hold before it fires (s)", low=0, high=86_400),
    _field("keep_firing_s", "seconds", "恢复多久才解除（秒）", "recovered before it resolves (s)", low=0, high=86_400),
    _field("channels", "texts", "渠道（每行一个；不写即全部）", "channels (one a line; left out: all)"),
]
WHERE: Final = [
    _field("queues", "texts", "队列（每行一个；不写即全部）", "queues (one a line; left out: all)"),
    _field("teams", "texts", "班组", "teams"),
    _field("agents", "texts", "座席", "agents"),
    _field("tiers", "texts", "客户等级", "customer tiers"),
    _field("traffic_from", "number", "话务不低于（接触/小时）", "traffic from (contacts an hour)", low=0, high=1e6),
    _field("traffic_below", "number", "话务低于（接触/小时）", "traffic below (contacts an hour)", low=0, high=1e6),
    _field("schedule", "text", "时段名称（[alerts.schedule.*]）", "schedule (its name)"),
    _field("most_scopes", "integer", "最多同时告警的对象数", "most scopes at once", low=1, high=100_000),
]
CONDITION: Final = [
    _field("metric", "choice", "指标", "metric", needed=True),
    _field("fire", "amount", "告警阈值", "fires at"),
    _field("clear", "amount", "解除阈值（不写即同上）", "clears at (left out: the same)"),
    _WINDOW,
    _FORMULA,
    _SAMPLE,
    _chosen("bound", "统计界", "statistical bound", {"wilson": ("Wilson 区间", "Wilson interval")}),
    _CONFIDENCE,
    _field("state", "text", "状态（如 not_ready）", "state (as not_ready)"),
    _field("reason", "text", "原因", "reason"),
    _field("phrase", "text", "实时规则名称", "name of the live rule"),
]
_LABELS: Final = ("label_zh", "label_en")
_QUEUE_WHERE: Final = ["queues", "traffic_from", "traffic_below", "schedule"]


def _start(kind: str, name: str, zh: str, en: str, **more: Start) -> dict[str, Start]:
    return {"kind": kind, "name": name, **dict(zip(_LABELS, (zh, en), strict=True)), **more}


KINDS: Final = [
    KindTold(
        name="threshold",
        zh="阈值",
        en="threshold",
        hint_zh="任何指标越过阈值，可组合条件",
        hint_en="any metric over a limit; conditions can be combined",
        fields=[],
        where=[one.key for one in WHERE],
        conditions=True,
        start=_start(
            "threshold",
            "long-wait",
            "等待过长",
            "Long wait",
            severity="critical",
            metric="longest_wait",
            fire=120,
            clear=60,
        ),
    ),
    KindTold(
        name="burn",
        zh="消耗率",
        en="burn rate",
        hint_zh="服务水平预算消耗过快：先于“低于阈值”发现，且误报少",
        hint_en="the day's service level is being used up too fast: found early, few false ones",
        fields=[
            _chosen("tier", "档位", "tier", TIERS),
            _FORMULA,
            _field("target", "number", "当日目标（%）", "target of the day (%)", low=1, high=99.9),
            _field("factor", "number", "消耗倍数", "factor", low=1, high=100),
            _field("long_minutes", "integer", "长窗口（分钟）", "long window (minutes)", low=1, high=60),
            _field("short_minutes", "integer", "短窗口（分钟）", "short window (minutes)", low=1, high=60),
            _SAMPLE,
            _field("bound_below", "number", "Wilson 上界须低于（%）", "Wilson upper end below (%)", low=0, high=100),
            _CONFIDENCE,
            _field("day_below_target", "flag", "仅当当日累计低于目标", "only while the day is below target"),
        ],
        where=_QUEUE_WHERE,
        conditions=False,
        start=_start(
            "burn", "burn-page", "服务水平快速恶化", "Service level burns", severity="critical", tier="fast_page"
        ),
    ),
    KindTold(
        name="service_level",
        zh="服务水平",
        en="service level",
        hint_zh="窗口内服务水平低于阈值；单独使用时误报较多",
        hint_en="service level of a window under a limit; alone it speaks often",
        fields=[
            _FORMULA,
            _WINDOW,
            _field("fire_below", "number", "低于（%）告警", "fires below (%)", low=0.1, high=100),
            _field("clear_above", "number", "高于（%）解除", "clears above (%)", low=0.1, high=100),
            _SAMPLE,
        ],
        where=_QUEUE_WHERE,
        conditions=False,
        start=_start("service_level", "low-level", "服务水平低", "Service level low", fire_below=80, clear_above=85),
    ),
    KindTold(
        name="source_silent",
        zh="数据源中断",
        en="source silent",
        hint_zh="数据源中断：依赖它的规则暂不判断",
        hint_en="a source tells nothing: what rests on it is not judged",
        fields=[],
        where=[],
        conditions=False,
        start=_start("source_silent", "source-silent", "数据源中断", "Source silent", severity="critical"),
    ),
]


def alert_language() -> AlertLanguage:
    return AlertLanguage(
        common=COMMON,
        where=WHERE,
        condition=CONDITION,
        kinds=KINDS,
        windowed=[one.name for one in METRICS.values() if one.has(Trait.WINDOWED)],
        sampled=[one.name for one in METRICS.values() if one.has(Trait.SAMPLED)],
    )
