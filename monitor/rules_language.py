"""The language of rules for a form. In: the operators' Specs. Out: `Language`: every table, its fields, their words.

What operators declare is read off their Specs; the tables around them are named here. May not know: texts, pages.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from scoring.facts import FACTS
from scoring.operators.registry import SPECS
from scoring.operators.spec import NEEDED, Field, FieldKind, Spec
from scoring.rules import ItemKind, Per, Role

LABELS: Final[Mapping[str, tuple[str, str]]] = {
    "agent": ("座席", "agent"),
    "customer": ("客户", "customer"),
    "any": ("任意一方", "either side"),
    "earn": ("得分", "earn"),
    "add": ("加分", "add"),
    "deduct": ("扣分", "deduct"),
    "fatal": ("一票否决", "fatal"),
    "tag": ("标记", "tag"),
    "contact": ("每次接触一次", "once a contact"),
    "hit": ("每次命中", "each hit"),
    "agent_then_customer": ("座席说完到客户开口", "agent, then customer"),
    "customer_then_agent": ("客户说完到座席开口", "customer, then agent"),
    "same": ("同一方", "same side"),
    "talk": ("通话", "talk"),
    "each": ("每一次", "each"),
    "sum": ("合计", "all together"),
}


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    value: str
    zh: str
    en: str


class FieldTold(msgspec.Struct, frozen=True, kw_only=True):
    """`kind`: scoring.operators.spec.FieldKind; also `id`, `name_of_rule`, `name_of_dimension`, `name_of_condition`."""

    key: str
    kind: str
    zh: str
    en: str
    needed: bool = False
    default: str | float | bool | None = None
    """As written; None: may be left out."""
    low: float | None = None
    high: float | None = None
    choices: list[Choice] = []
    of: list["FieldTold"] = []
    most: int = 500


class OperatorTold(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    zh: str
    en: str
    needs: list[str]
    ranged: bool
    fields: list[FieldTold]


class FactTold(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    kind: str
    zh: str
    en: str
    choices: list[str]


class Language(msgspec.Struct, frozen=True, kw_only=True):
    """Fields of each table; `ranges`: at most one of them, or an anchor."""

    scheme: list[FieldTold]
    dimension: list[FieldTold]
    item: list[FieldTold]
    rule: list[FieldTold]
    condition: list[FieldTold]
    ranges: list[FieldTold]
    anchors: list[FieldTold]
    anchor: list[FieldTold]
    """Of any of the anchors."""
    operators: list[OperatorTold]
    facts: list[FactTold]
    """What `when` and `applies` compare."""


def language() -> Language:
    return Language(
        scheme=SCHEME, dimension=DIMENSION, item=ITEM, rule=RULE, condition=CONDITION, ranges=RANGES, anchors=ANCHORS,
        anchor=ANCHOR, operators=[_operator(spec) for spec in SPECS],
        facts=[FactTold(name=one.name, kind=one.kind.value, zh=one.zh, en=one.en, choices=list(one.choices))
               for one in FACTS.values()],
    )  # fmt: skip


def _operator(spec: Spec[Any]) -> OperatorTold:
    return OperatorTold(
        name=spec.name,
        zh=spec.zh,
        en=spec.en,
        needs=sorted(spec.needs),
        ranged=spec.ranged,
        fields=[_told(field) for field in spec.fields],
    )


def _told(field: Field) -> FieldTold:
    bounded = field.kind in (FieldKind.INTEGER, FieldKind.NUMBER, FieldKind.SECONDS)
    return FieldTold(
        key=field.key,
        kind=field.kind.value,
        zh=field.zh,
        en=field.en,
        needed=field.default is NEEDED,
        default=_default(field),
        low=field.low if bounded else None,
        high=field.high if bounded else None,
        choices=choices(field.choices),
        of=[_told(inner) for inner in field.of],
        most=field.most,
    )


def _default(field: Field) -> str | float | bool | None:
    if field.default is NEEDED or not isinstance(field.default, str | int | float | bool):
        return None
    if field.kind is FieldKind.SECONDS and not isinstance(field.default, str):
        return field.default / 1000
    return str(field.default) if isinstance(field.default, str) else field.default


def choices(values: tuple[str, ...]) -> list[Choice]:
    return [Choice(value=one, zh=LABELS.get(one, (one, one))[0], en=LABELS.get(one, (one, one))[1]) for one in values]


def _text(key: str, zh: str, en: str, *, needed: bool = False, kind: str = "text") -> FieldTold:
    return FieldTold(key=key, kind=kind, zh=zh, en=en, needed=needed)


def _number(
    key: str, zh: str, en: str, low: float, high: float, *, needed: bool = False, default: float | None = None,
    kind: str = "number",
) -> FieldTold:  # fmt: skip
    return FieldTold(key=key, kind=kind, zh=zh, en=en, needed=needed, default=default, low=low, high=high)


ID = _text("id", "标识", "id", needed=True, kind="id")
ZH = _text("zh", "中文名", "Chinese name", needed=True)
EN = _text("en", "英文名", "English name", needed=True)
VERSION = _number("version", "版本", "version", 1, 1_000_000, needed=True, kind="integer")
SCHEME: Final = [
    ZH,
    EN,
    _number("pass_percent", "合格线（%）", "pass mark (%)", 0, 100, default=80, kind="integer"),
    _number("least_confidence", "最低置信度", "least confidence", 0, 1, default=0.6),
    _text("applies", "适用于", "is meant for"),
]
DIMENSION: Final = [
    ID, ZH, EN,
    _number("floor", "至少", "at least", -1_000, 0),
    _number("ceiling", "至多", "at most", 0.1, 1_000),
]  # fmt: skip
ITEM: Final = [
    ID, ZH, EN,
    FieldTold(key="kind", kind="choice", zh="类型", en="kind", needed=True,
              choices=choices(tuple(kind.value for kind in ItemKind))),
    _number("points", "分值", "points", 0.1, 1_000),
    _text("rule", "规则", "rule", needed=True, kind="name_of_rule"),
    _text("dimension", "维度", "dimension", kind="name_of_dimension"),
    FieldTold(key="per", kind="choice", zh="计分", en="counts", default="contact",
              choices=choices(tuple(per.value for per in Per))),
    _number("most", "每次命中累计上限", "each hit: at most", 0.1, 1_000),
]  # fmt: skip
RULE: Final = [
    ID,
    VERSION,
    _text("when", "适用条件", "applies when"),
    _text("formula", "条件组合（and、or、not）", "formula of conditions (and, or, not)"),
]
CONDITION: Final = [
    ID,
    FieldTold(key="operator", kind="operator", zh="算子", en="operator", needed=True),
    FieldTold(key="role", kind="choice", zh="检查谁", en="who", default="any",
              choices=choices(tuple(role.value for role in Role))),
    FieldTold(key="every", kind="flag", zh="每一句都要满足", en="each utterance by itself"),
]  # fmt: skip
RANGES: Final = [
    _number("first_seconds", "前若干秒", "first seconds", 0.1, 36_000),
    _number("last_seconds", "后若干秒", "last seconds", 0.1, 36_000),
    _number("first_utterances", "前若干句", "first utterances", 1, 36_000, kind="integer"),
    _number("last_utterances", "后若干句", "last utterances", 1, 36_000, kind="integer"),
]
ANCHORS: Final = [
    _text("before", "在此条件之前", "before condition", kind="name_of_condition"),
    _text("after", "在此条件之后", "after condition", kind="name_of_condition"),
    _text("around", "在此条件前后", "around condition", kind="name_of_condition"),
    _text("at", "此条件那一句", "utterance of condition", kind="name_of_condition"),
]
ANCHOR: Final = [
    _number("hit", "第几次（-1 末次，0 每次）", "which hit (-1 last, 0 every)", -1, 1_000, default=1, kind="integer"),
    _number("within_utterances", "多少句以内", "within utterances", 1, 36_000, kind="integer"),
    _number("within_seconds", "多少秒以内", "within seconds", 0.1, 36_000),
]
