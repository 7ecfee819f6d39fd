"""The JSON Schema of schemes says what the parser says, as far as a schema can."""

import re
import tomllib
from typing import Any

import pytest

from scoring.library import packs, scheme_text
from scoring.operators.registry import OPERATORS
from scoring.operators.spec import NEEDED, Field, FieldKind
from scoring.parse import read_scheme
from scoring.schema import schema
from tests.unit.test_scoring_language import CHECKS, HEAD, ITEM, RULE, condition
from tests.unit.test_scoring_parse import TWENTY_FAULTS

SCHEMA = schema()
TYPES = {"string": str, "array": list, "object": dict, "boolean": bool}


def fits(value: Any, asked: dict[str, Any]) -> bool:
    """The keywords our schema uses, as draft 2020-12 defines them."""
    if "$ref" in asked:
        return fits(value, SCHEMA["$defs"][asked["$ref"].removeprefix("#/$defs/")])
    if "oneOf" in asked:
        return sum(fits(value, one) for one in asked["oneOf"]) == 1
    if "anyOf" in asked:
        return any(fits(value, one) for one in asked["anyOf"])
    if "const" in asked:
        return bool(value == asked["const"])
    if "enum" in asked:
        return value in asked["enum"]
    return _of_type(value, asked["type"]) and _limits(value, asked) and _inside(value, asked)


def _of_type(value: Any, name: str) -> bool:
    if name in ("number", "integer"):
        return isinstance(value, int if name == "integer" else int | float) and not isinstance(value, bool)
    return isinstance(value, TYPES[name])


def _limits(value: Any, asked: dict[str, Any]) -> bool:
    if isinstance(value, str):
        matches = re.search(asked.get("pattern", ""), value) is not None
        return asked.get("minLength", 0) <= len(value) <= asked.get("maxLength", 10**9) and matches
    if isinstance(value, list):
        return bool(asked.get("minItems", 0) <= len(value) <= asked.get("maxItems", 10**9))
    if isinstance(value, int | float):
        return bool(asked.get("minimum", value) <= value <= asked.get("maximum", value))
    return True


def _inside(value: Any, asked: dict[str, Any]) -> bool:
    if isinstance(value, list):
        return all(fits(one, asked["items"]) for one in value)
    if not isinstance(value, dict):
        return True
    known, more = asked.get("properties", {}), asked.get("additionalProperties", True)
    for key, one in value.items():
        if key in known:
            if not fits(one, known[key]):
                return False
        elif more is False or (isinstance(more, dict) and not fits(one, more)):
            return False
    return all(key in value for key in asked.get("required", ()))


def is_scheme(text: str) -> bool:
    return fits(tomllib.loads(text), SCHEMA)


@pytest.mark.parametrize("name", packs())
def test_the_packaged_schemes_fit(name: str) -> None:
    assert is_scheme(scheme_text(name))


GOOD = HEAD + ITEM + RULE + condition("x") + condition("y", 'after = "x"\nhit = "every"\nwithin_seconds = 30')


@pytest.mark.parametrize(
    "text",
    [GOOD, HEAD + ITEM + RULE + CHECKS, HEAD + '[scheme.synonyms]\n"a" = ["b"]\n' + ITEM + RULE + condition("x")],
)
def test_what_the_parser_reads_fits(text: str) -> None:
    """Anchors, checks, synonyms."""
    assert read_scheme(text, file="t.toml").scheme is not None
    assert is_scheme(text)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('operator = "keyword"', 'operator = "keywrd"'),
        ('any = ["退订"]', "any = []"),
        ('any = ["退订"]', "any = [1]"),
        ('any = ["退订"]', 'anny = ["退订"]'),
        ('hit = "every"', "hit = -2"),
        ("within_seconds = 30", "within_seconds = 0"),
        ('kind = "tag"', 'kind = "label"'),
        ('rule = "r"', ""),
        ("version = 1", 'version = "1"'),
        ('id = "a"', 'id = "A"'),
        ("[[rule]]", "[rule]"),
    ],
)
def test_what_the_parser_refuses_does_not_fit(old: str, new: str) -> None:
    """Each slip that one table by itself shows."""
    text = GOOD.replace(old, new, 1)
    assert text != GOOD
    assert read_scheme(text, file="t.toml").scheme is None
    assert not is_scheme(text)


def test_a_scheme_of_twenty_faults_does_not_fit() -> None:
    assert not is_scheme(TWENTY_FAULTS)


def example(field: Field) -> Any:
    """A value in the middle of what the field takes."""
    match field.kind:
        case FieldKind.PHRASES | FieldKind.TEXTS:
            return ["您好"]
        case FieldKind.TEXT | FieldKind.PATTERN:
            return "好"
        case FieldKind.CHOICE:
            return field.choices[-1]
        case FieldKind.INTEGER:
            return int((field.low + field.high) / 2)
        case FieldKind.NUMBER | FieldKind.SECONDS:
            return (field.low + field.high) / 2
        case FieldKind.FLAG:
            return True
        case FieldKind.TABLES:
            return [{one.key: example(one) for one in field.of}]


@pytest.mark.parametrize("name", OPERATORS)
def test_every_operator_has_its_settings_in_the_schema(name: str) -> None:
    """With all of them, and with those alone that must be there; not with a stranger's, nor without a needed one."""
    fields = OPERATORS[name].fields
    whole = {"id": "a", "operator": name} | {one.key: example(one) for one in fields}
    needed = {one.key for one in fields if one.default is NEEDED}
    least = {key: value for key, value in whole.items() if key in {"id", "operator", *needed}}
    for kind in ("condition", "check"):
        asked = SCHEMA["$defs"][kind]
        assert fits(whole, asked)
        assert fits(least, asked)
        assert not fits(whole | {"stranger": 1}, asked)
        assert not any(fits({k: v for k, v in least.items() if k != key}, asked) for key in needed)


def test_everything_an_editor_shows_is_worded_twice() -> None:
    """English first, Chinese behind the point."""
    told = [one for name, one in _descriptions(SCHEMA)]
    assert len(told) > 100
    assert [one for one in told if not re.search(r"[a-z].* · .*[\u4e00-\u9fff]", one)] == []


def _descriptions(value: Any) -> list[tuple[str, str]]:
    if isinstance(value, list):
        return [found for one in value for found in _descriptions(one)]
    if not isinstance(value, dict):
        return []
    own = [("description", value["description"])] if isinstance(value.get("description"), str) else []
    return own + [found for one in value.values() for found in _descriptions(one)]
