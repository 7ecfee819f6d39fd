"""The tables of docs/rules.md, made from the operators and facts. Out: Markdown; as a program it writes the file.

What stands between `<!-- made: NAME -->` and `<!-- end -->` is made; the words around it are people's.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from scoring.facts import BUSINESS, FACTS, FactSpec
from scoring.operators.registry import SPECS
from scoring.operators.spec import NEEDED, Field, FieldKind, Needs, Spec

FILE = Path(__file__).parents[2] / "docs" / "rules.md"
_MADE = re.compile(r"(<!-- made: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
_NEEDS = {
    Needs.ROLES: "two sides told apart",
    Needs.TIMES: "word times",
    Needs.SOUND: "loudness",
    Needs.EVENTS: "the switch's events",
}
_KINDS = {
    FieldKind.PHRASES: "phrases",
    FieldKind.TEXTS: "texts",
    FieldKind.TEXT: "a text",
    FieldKind.PATTERN: "a pattern",
    FieldKind.FLAG: "true or false",
}


def document(text: str) -> str:
    """The file's text with every made part anew."""
    parts = {"operators": "".join(map(_operator, SPECS)), "overview": _overview(), "facts": _facts(FACTS.values())}
    return _MADE.sub(lambda found: f"{found[1]}{parts[found[2]]}{found[3]}", text)


def _overview() -> str:
    rows = [f"| [`{one.name}`](#{one.name}) | {one.en} | {one.zh} |\n" for one in SPECS]
    return "| operator | hit when | 命中条件 |\n|---|---|---|\n" + "".join(rows)


def _operator(spec: Spec[Any]) -> str:
    rests = [_NEEDS[need] for need in Needs if need in spec.needs and need in _NEEDS]
    lines = [f"\n#### `{spec.name}`\n\n{_sentence(spec.en)} {spec.zh}。\n"]
    if rests:
        lines.append(f"Cannot tell without {' and '.join(rests)}.\n")
    if not spec.ranged:
        lines.append("Looks at the whole contact: takes no range.\n")
    if spec.fields:
        lines.append("\n| key | takes | left out | meaning | 含义 |\n|---|---|---|---|---|\n")
        lines += [row for field in spec.fields for row in _rows(field, "")]
    return "".join(lines)


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _rows(field: Field, inside: str) -> Iterable[str]:
    name = f"{inside}{field.key}"
    yield f"| `{name}` | {_takes(field)} | {_left_out(field)} | {field.en} | {field.zh} |\n"
    for one in field.of:
        yield from _rows(one, f"{name}.")


def _takes(field: Field) -> str:
    match field.kind:
        case FieldKind.CHOICE:
            return ", ".join(f"`{one}`" for one in field.choices)
        case FieldKind.INTEGER:
            return f"a whole number, {field.low:g} to {field.high:g}"
        case FieldKind.NUMBER:
            return f"a number, {field.low:g} to {field.high:g}"
        case FieldKind.SECONDS:
            return f"seconds, {field.low:g} to {field.high:g}"
        case FieldKind.TABLES:
            return f"`[[rule.condition.{field.key}]]` tables"
    return _KINDS[field.kind]


def _left_out(field: Field) -> str:
    if field.default is NEEDED:
        return "a fault"
    if field.default in (None, (), ""):
        return "–"
    if isinstance(field.default, bool):
        return f"`{str(field.default).lower()}`"
    if field.kind is FieldKind.SECONDS:
        return f"`{field.default / 1000:g}`"
    return f"`{field.default:g}`" if isinstance(field.default, int | float) else f"`{field.default}`"


def _facts(facts: Iterable[FactSpec]) -> str:
    lines = ["| fact | kind | meaning | 含义 |\n|---|---|---|---|\n"]
    for one in facts:
        kind = ", ".join(f"`{choice}`" for choice in one.choices) or one.kind.value
        lines.append(f"| `{one.name}` | {kind} | {one.en} | {one.zh} |\n")
    lines.append(f"| `{BUSINESS}NAME` | text, number or true/false | what other systems told of it | 业务字段 |\n")
    return "".join(lines)


if __name__ == "__main__":
    FILE.write_text(document(FILE.read_text(encoding="utf-8")), encoding="utf-8")
