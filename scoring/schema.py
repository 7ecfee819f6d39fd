"""The language as JSON Schema (draft 2020-12), for editors. In: the operators' Specs, FACTS. Out: plain values.

What needs sight of the whole text (ids that must exist, rings of anchors, RE2's syntax) only scoring/parse.py checks.
May not know: texts, files.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from asr.redact_kinds import KINDS
from scoring.facts import BUSINESS, FACTS
from scoring.operators.registry import OPERATORS
from scoring.operators.spec import NEEDED, Field, FieldKind, Spec
from scoring.parse_check import LONGEST_PHRASE
from scoring.parse_item import HIGHEST_POINTS, LEAST_POINTS, LONGEST_NAME
from scoring.parse_known import MOST_CHECKS, MOST_CONDITIONS, MOST_DIMENSIONS, MOST_ITEMS, MOST_RULES
from scoring.parse_rule import HIGHEST_VERSION, ID, LONGEST_ID
from scoring.parse_when import MOST_CHARACTERS as LONGEST_WHEN
from scoring.parse_where import LEAST_SECONDS, LIMITS, MOST_HIT, MOST_SECONDS, MOST_UTTERANCES, RANGES, SIDES
from scoring.patterns import MOST_CHARACTERS as LONGEST_PATTERN
from scoring.rules import ItemKind, Per, Role

Json = dict[str, Any]
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_LONGEST_FORMULA: Final = 4_000


def schema() -> Json:
    """Of a whole scheme, read as TOML."""
    return {
        "$schema": DIALECT,
        "$id": "urn:floorwatch:scheme",
        "title": "Floorwatch scheme · 质检方案",
        **_table(
            {
                "scheme": {"$ref": "#/$defs/scheme"},
                "dimension": _list({"$ref": "#/$defs/dimension"}, MOST_DIMENSIONS),
                "item": _list({"$ref": "#/$defs/item"}, MOST_ITEMS, least=1),
                "rule": _list({"$ref": "#/$defs/rule"}, MOST_RULES, least=1),
            },
            required=("scheme", "item", "rule"),
        ),
        "$defs": {
            "id": _text("an id, unique among its like", "标识，同类中唯一", most=LONGEST_ID, pattern=f"^{ID.pattern}$"),
            "scheme": _scheme(),
            "dimension": _dimension(),
            "item": _item(),
            "rule": _rule(),
            "condition": {"oneOf": [*(_condition(spec) for spec in OPERATORS.values()), _of_checks()]},
            "check": {"oneOf": [_check(spec) for spec in OPERATORS.values()]},
        },
    }


def _scheme() -> Json:
    synonyms = _said("phrases, each with what else stands for it", "同义说法")
    return _table(
        {
            "name": _text("its name, unique", "方案名", most=LONGEST_NAME),
            "version": _number("integer", 1, HIGHEST_VERSION, "its version", "版本"),
            "zh": _text("its Chinese title", "中文标题", most=LONGEST_NAME),
            "en": _text("its English title", "英文标题", most=LONGEST_NAME),
            "applies": _when("which contacts it is meant for", "适用于哪些接触"),
            "pass_percent": _number("integer", 0, 100, "of what could be earned", "及格线（百分比）", default=80),
            "least_confidence": _number(
                "number", 0, 1, "a word heard with less is in doubt", "置信度下限", default=0.6
            ),
            "hide": _said("numbers and names hidden before storing", "入库前隐去的内容")
            | _list({"enum": sorted(KINDS)}, len(KINDS)),
            "synonyms": synonyms | {"type": "object", "additionalProperties": _list(_phrase(), 500)},
        },
        required=("name", "version", "zh", "en"),
    )


def _dimension() -> Json:
    floor = _number("number", -HIGHEST_POINTS, 0, "its items take no more than this", "扣分下限")
    ceiling = _number("number", LEAST_POINTS, HIGHEST_POINTS, "its items give no more than this", "得分上限")
    return _table({**_head(), "floor": floor, "ceiling": ceiling}, required=("id", "zh", "en"))


def _item() -> Json:
    kinds = "what a hit does: earn or add points, deduct them, take all (fatal), only mark (tag)"
    return _table(
        {
            **_head(),
            "kind": _said(kinds, "命中时：得分、加分、扣分、一票否决、只打标签")
            | {"enum": [kind.value for kind in ItemKind]},
            "points": _number("number", LEAST_POINTS, HIGHEST_POINTS, "of earn, add and deduct", "分值"),
            "per": _said("points once per contact, or for each hit", "按通计分，或按次计分")
            | {"enum": [per.value for per in Per], "default": Per.CONTACT.value},
            "most": _number(
                "number", LEAST_POINTS, HIGHEST_POINTS, "what per = hit gives or takes at most", "按次计分上限"
            ),
            "dimension": {"$ref": "#/$defs/id"},
            "rule": {"$ref": "#/$defs/id"},
        },
        required=("id", "zh", "en", "kind", "rule"),
    )


def _rule() -> Json:
    return _table(
        {
            "id": {"$ref": "#/$defs/id"},
            "version": _number("integer", 1, HIGHEST_VERSION, "its version", "版本"),
            "when": _when("which contacts it applies to; others: not applicable", "适用条件；不满足则不适用"),
            "formula": _formula("condition ids with and, or, not, ( )"),
            "condition": _list({"$ref": "#/$defs/condition"}, MOST_CONDITIONS, least=1),
        },
        required=("id", "version", "condition"),
    )


def _condition(spec: Spec[Any]) -> Json:
    own = _settings(spec)
    where = _where() if spec.ranged else {key: value for key, value in _where().items() if key == "role"}
    return _said(spec.en, spec.zh) | _table(
        {**where, **own, "id": {"$ref": "#/$defs/id"}, "operator": {"const": spec.name}},
        required=("id", "operator", *_needed(spec.fields)),
    )


def _check(spec: Spec[Any]) -> Json:
    return _said(spec.en, spec.zh) | _table(
        {**_settings(spec), "id": {"$ref": "#/$defs/id"}, "operator": {"const": spec.name}},
        required=("id", "operator", *_needed(spec.fields)),
    )


def _of_checks() -> Json:
    checks = _list({"$ref": "#/$defs/check"}, MOST_CHECKS, least=1)
    return _said("several operators over one range", "同一范围内的多个算子") | _table(
        {
            **_where(),
            "id": {"$ref": "#/$defs/id"},
            "formula": _formula("check ids with and, or, not, ( )"),
            "check": checks,
        },
        required=("id", "check"),
    )


def _where() -> Json:
    """At most one range or anchor: that parse.py says in better words."""
    seconds = {key for key in (*RANGES, *LIMITS) if key.endswith("_seconds")}
    ranges = {
        key: _said(*_RANGE_WORDS[key])
        | (
            {"type": "number", "minimum": LEAST_SECONDS, "maximum": MOST_SECONDS}
            if key in seconds
            else {"type": "integer", "minimum": 1, "maximum": MOST_UTTERANCES}
        )
        for key in (*RANGES, *LIMITS)
    }
    sides = {key: _said(*_SIDE_WORDS[key]) | {"type": "string"} for key in SIDES}
    hit = _said(
        "which hit of that condition: its number, -1 the last, 0 or every: each", "第几次命中；-1 最后，0 每一次"
    )
    every = _said("each utterance must satisfy it by itself", "范围内每一句都须满足")
    return {
        "role": _said("whose words", "谁说的") | {"enum": [role.value for role in Role], "default": Role.ANY.value},
        **ranges,
        **sides,
        "hit": hit
        | {"anyOf": [{"type": "integer", "minimum": -1, "maximum": MOST_HIT}, {"const": "every"}], "default": 1},
        "every": every | {"type": "boolean", "default": False},
    }


_RANGE_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "first_seconds": ("the first seconds of the contact", "开头多少秒"),
    "last_seconds": ("the last seconds of the contact", "最后多少秒"),
    "first_utterances": ("the first utterances of the role", "该方开头多少句"),
    "last_utterances": ("the last utterances of the role", "该方最后多少句"),
    "within_seconds": ("at most so far from the anchor", "距锚点多少秒以内"),
    "within_utterances": ("at most so many utterances of the role from the anchor", "距锚点该方多少句以内"),
}
_SIDE_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "before": ("before a hit of that condition", "该条件命中之前"),
    "after": ("after a hit of that condition", "该条件命中之后"),
    "around": ("around a hit of that condition", "该条件命中前后"),
    "at": ("in the utterance of that condition's hit", "该条件命中的那句话"),
}


def _settings(spec: Spec[Any]) -> Json:
    return {field.key: _setting(field) for field in spec.fields}


def _needed(fields: Iterable[Field]) -> list[str]:
    return [field.key for field in fields if field.default is NEEDED]


def _setting(field: Field) -> Json:
    said = _said(field.en, field.zh)
    if field.default not in (NEEDED, None, ()):
        said["default"] = field.default / 1000 if field.kind is FieldKind.SECONDS else field.default
    return said | _kind(field)


def _kind(field: Field) -> Json:
    match field.kind:
        case FieldKind.PHRASES:
            return _list(_phrase(), field.most, least=1)
        case FieldKind.TEXTS:
            return _list({"type": "string", "minLength": 1}, field.most, least=1)
        case FieldKind.TEXT:
            return {"type": "string", "minLength": 1, "maxLength": field.most}
        case FieldKind.PATTERN:
            return {"type": "string", "minLength": 1, "maxLength": LONGEST_PATTERN}
        case FieldKind.CHOICE:
            return {"enum": list(field.choices)}
        case FieldKind.INTEGER:
            return {"type": "integer", "minimum": field.low, "maximum": field.high}
        case FieldKind.NUMBER | FieldKind.SECONDS:
            return {"type": "number", "minimum": field.low, "maximum": field.high}
        case FieldKind.FLAG:
            return {"type": "boolean"}
        case FieldKind.TABLES:
            inner = {one.key: _setting(one) for one in field.of}
            return _list(_table(inner, required=_needed(field.of)), field.most)


def _phrase() -> Json:
    return {"type": "string", "minLength": 1, "maxLength": LONGEST_PHRASE}


def _head() -> Json:
    return {
        "id": {"$ref": "#/$defs/id"},
        "zh": _text("its Chinese name", "中文名", most=LONGEST_NAME),
        "en": _text("its English name", "英文名", most=LONGEST_NAME),
    }


def _when(en: str, zh: str) -> Json:
    facts = ", ".join([*FACTS, f"{BUSINESS}NAME"])
    shape = {"type": "string", "maxLength": LONGEST_WHEN, "examples": ['queue in ["sales", "vip"] and hour >= 8']}
    return _said(f"{en}. Facts: {facts}", zh) | shape


def _formula(en: str) -> Json:
    return _said(f"{en}; without it all must hold", "条件的逻辑组合；不写则须全部满足") | {
        "type": "string",
        "maxLength": _LONGEST_FORMULA,
    }


def _said(en: str, zh: str) -> Json:
    return {"description": f"{en} · {zh}"}


def _text(en: str, zh: str, *, most: int, pattern: str = "") -> Json:
    shape: Json = {"type": "string", "minLength": 1, "maxLength": most}
    return _said(en, zh) | shape | ({"pattern": pattern} if pattern else {})


def _number(kind: str, low: float, high: float, en: str, zh: str, *, default: float | None = None) -> Json:
    shape: Json = {"type": kind, "minimum": low, "maximum": high}
    return _said(en, zh) | shape | ({} if default is None else {"default": default})


def _list(of: Json, most: int, *, least: int = 0) -> Json:
    return {"type": "array", "items": of, "maxItems": most} | ({"minItems": least} if least else {})


def _table(properties: Mapping[str, Json], *, required: Iterable[str]) -> Json:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(required),
        "additionalProperties": False,
    }
