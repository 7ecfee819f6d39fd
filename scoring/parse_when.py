"""Which contacts a rule or scheme is meant for, from text. In: `queue in ["a"] and tier == "gold"`. Out: `WhenRead`.

Comparisons of facts, joined as scoring/formula.py joins conditions. Every fault is told, each with its character.
May not know: TOML, the contacts.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from scoring.facts import BUSINESS, FACTS, FactKind, FactSpec
from scoring.formula import Formula, FormulaFault, parse_formula
from scoring.rules import Comparison, FactTest
from streams.toml_table import suggest

MOST_CHARACTERS = 2_000
MOST_COMPARISONS = 50
_TOKEN = re.compile(
    r"""\s*+(?:(?P<text>"(?:[^"\\]|\\.)*+"|'[^']*+')|(?P<number>-?\d++(?:\.\d++)?+(?![\w.]))
    |(?P<sign>==|!=|>=|<=|[><()\[\],])|(?P<name>[^\W\d]\w*+(?:\.\w++)*+)|(?P<odd>\S))""",
    re.VERBOSE,
)
_FULL_WIDTH = {
    "“": '"', "”": '"', "‘": "'", "’": "'", "（": "(", "）": ")", "，": ",", "＝": "==", "＞": ">", "＜": "<", 
    "【": "[", "】": "]", "≥": ">=", "≤": "<=", "≠": "!=", "=": "==", "&": "and", "|": "or", "!": "not",
}  # fmt: skip
_JOINTS = frozenset({"and", "or", "not", "(", ")"})
_SIGNS = {one.value: one for one in Comparison}
_ORDERED = frozenset({Comparison.ABOVE, Comparison.AT_LEAST, Comparison.BELOW, Comparison.AT_MOST})
_BUSINESS = FactSpec(name=BUSINESS, kind=FactKind.ANY, zh="业务字段", en="a business field")
_EXAMPLE = 'queue in ["sales", "vip"] and not (tier == "gold" or business.amount > 100)'


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    """text | number | sign | name | odd"""
    text: str
    at: int


Value = str | float | bool


@dataclass(slots=True)
class WhenRead:
    """`faults` and the formula's tests; `formula` None: it has faults. Filled while reading."""

    formula: Formula | None = None
    tests: dict[str, FactTest] = field(default_factory=dict)
    faults: list[tuple[str, str]] = field(default_factory=list)
    """(what is wrong, its mend)"""


def read_when(text: str) -> WhenRead:
    """Never raises."""
    read = WhenRead()
    if len(text) > MOST_CHARACTERS:
        read.faults.append((f"has {len(text)} characters", f"write at most {MOST_CHARACTERS}, or two rules"))
        return read
    tokens = list(_tokens(text))
    parts: list[str] = []
    shown: dict[str, str] = {}
    at = 0
    while at < len(tokens):
        if tokens[at].text in _JOINTS and tokens[at].kind in ("sign", "name"):
            parts.append(tokens[at].text)
            at += 1
            continue
        start = at
        name, at = _comparison(tokens, at, read)
        shown[name.removeprefix("not ")] = text[tokens[start].at : _end(tokens, at)].strip()
        parts.append(f"({name})" if name.startswith("not ") else name)
    if len(read.tests) > MOST_COMPARISONS:
        read.faults.append((f"has {len(read.tests)} comparisons", f"write at most {MOST_COMPARISONS}"))
    if not read.faults:
        _join(" ".join(parts), shown, read)
    return read


def _join(text: str, shown: dict[str, str], read: WhenRead) -> None:
    try:
        read.formula = parse_formula(text)
    except FormulaFault as fault:
        told = re.sub(r"'(f\d+)'", lambda found: f"{shown.get(found[1], found[1])!r}", str(fault))
        told = told.replace("a condition is expected", "a comparison is expected")
        read.faults.append((f"cannot be read: {told}", f"write it like {_EXAMPLE}"))


def _tokens(text: str) -> Iterator[_Token]:
    for found in _TOKEN.finditer(text.rstrip()):
        kind = str(found.lastgroup)
        yield _Token(kind, found[kind], found.start(kind))


def _end(tokens: list[_Token], at: int) -> int:
    return tokens[at - 1].at + len(tokens[at - 1].text)


def _comparison(tokens: list[_Token], at: int, read: WhenRead) -> tuple[str, int]:
    """Its id in the formula (with `not ` before it for `not in`), and where it ends."""
    subject = tokens[at]
    found = _sign(tokens, at + 1)
    if subject.kind != "name" or found is None:
        return _odd(tokens, at, read)
    comparison, negated, at = found
    values, at = _values(tokens, at)
    spec = _spec(subject, read)
    if values is None and at < len(tokens) and tokens[at].kind == "odd":
        return _odd(tokens, at, read)
    if values is None:
        _told(
            read, tokens[at - 1], f"{subject.text} {comparison.value} is compared with nothing", _like(spec, comparison)
        )
        return "f0", _past(tokens, at)
    if spec is not None:
        _check(subject, spec, comparison, values, read)
    test = FactTest(fact=subject.text, comparison=comparison, values=values)
    name = next((known for known, other in read.tests.items() if other == test), f"f{len(read.tests)}")
    read.tests[name] = test
    return f"not {name}" if negated else name, at


def _sign(tokens: list[_Token], at: int) -> tuple[Comparison, bool, int] | None:
    words = [token.text if token.kind in ("sign", "name") else "" for token in tokens[at : at + 2]]
    if words[:2] == ["not", "in"]:
        return Comparison.IN, True, at + 2
    if words and words[0] in _SIGNS:
        return _SIGNS[words[0]], False, at + 1
    return None


def _values(tokens: list[_Token], at: int) -> tuple[tuple[Value, ...] | None, int]:
    """One value, or several in [ ]; None where there is none."""
    if at < len(tokens) and tokens[at].kind == "sign" and tokens[at].text == "[":
        values: list[Value] = []
        at += 1
        while at < len(tokens) and (value := _value(tokens[at])) is not None:
            values.append(value)
            at += 1
            if at >= len(tokens) or tokens[at].text != ",":
                break
            at += 1
        closed = at < len(tokens) and tokens[at].text == "]"
        return (tuple(values) if closed and values else None), at + closed
    value = _value(tokens[at]) if at < len(tokens) else None
    return (None, at) if value is None else ((value,), at + 1)


def _value(token: _Token) -> Value | None:
    match token.kind:
        case "text" if token.text[0] == '"':
            return re.sub(r"\\(.)", r"\1", token.text[1:-1])
        case "text":
            return token.text[1:-1]
        case "number":
            return float(token.text)
        case "name" if token.text in ("true", "false"):
            return token.text == "true"
    return None


def _odd(tokens: list[_Token], at: int, read: WhenRead) -> tuple[str, int]:
    """No comparison begins here: say why, and go on behind it."""
    token = tokens[at]
    odd = next((one for one in tokens[at : at + 3] if one.text in _FULL_WIDTH), None)
    if odd is not None:
        _told(read, odd, f"{odd.text!r} is no sign of this language", f"write {_FULL_WIDTH[odd.text]}")
    elif token.kind == "name":
        follows = "a comparison" if at + 1 >= len(tokens) else f"a comparison before {tokens[at + 1].text!r}"
        _told(read, token, f"{token.text!r} lacks {follows}", _like(_known(token.text), Comparison.IS))
    else:
        _told(read, token, f"unexpected {token.text!r}", f"write it like {_EXAMPLE}")
    return "f0", _past(tokens, at + 1)


def _past(tokens: list[_Token], at: int) -> int:
    """To the next joint, so that one slip is one fault."""
    while at < len(tokens) and not (tokens[at].kind in ("sign", "name") and tokens[at].text in _JOINTS):
        at += 1
    return at


def _known(name: str) -> FactSpec | None:
    return _BUSINESS if name.startswith(BUSINESS) else FACTS.get(name)


def _spec(subject: _Token, read: WhenRead) -> FactSpec | None:
    spec = _known(subject.text)
    if spec is None or subject.text == BUSINESS:
        mend = suggest(subject.text[:60], FACTS)
        _told(read, subject, f"no fact is called {subject.text[:60]!r}", f"{mend} (and business.NAME)")
    return spec


def _check(subject: _Token, spec: FactSpec, comparison: Comparison, values: tuple[Value, ...], read: WhenRead) -> None:
    mend = _like(spec, comparison)
    if comparison in _ORDERED and (spec.kind not in (FactKind.NUMBER, FactKind.ANY)):
        _told(read, subject, f"{subject.text} is {_a(spec)}, which is neither more nor less", mend)
        return
    if len(values) > 1 and comparison is not Comparison.IN:
        _told(read, subject, f"{comparison.value} takes one value", f"write {subject.text} in [ … ]")
        return
    if comparison is Comparison.CONTAINS and spec.kind is FactKind.NUMBER:
        _told(read, subject, f"{subject.text} is a number and contains nothing", _like(spec, Comparison.IS))
        return
    if len({type(value) for value in values}) > 1:
        _told(read, subject, f"{subject.text} is compared with values of different kinds", mend)
        return
    for value in values:
        wrong = _wrong(spec, comparison, value)
        if wrong:
            _told(read, subject, f"{subject.text} {wrong}", suggest(str(value), spec.choices) if spec.choices else mend)


def _wrong(spec: FactSpec, comparison: Comparison, value: Value) -> str:
    is_number = isinstance(value, float)
    if spec.kind is FactKind.ANY:
        return "is compared with a text" if comparison in _ORDERED and not is_number else ""
    if spec.kind is FactKind.NUMBER:
        if not is_number:
            return "is a number, and compared with something else"
        low, high = spec.low, spec.high
        return f"is never {value:g}" if high and not low <= float(value) <= high else ""
    if not isinstance(value, str):
        return f"is {_a(spec)}, and compared with something else"
    if spec.choices and comparison is not Comparison.CONTAINS and value not in spec.choices:
        return f"is never {value!r}"
    return ""


def _a(spec: FactSpec) -> str:
    return "a set of texts" if spec.kind is FactKind.WORDS else f"a {spec.kind.value}"


def _like(spec: FactSpec | None, comparison: Comparison) -> str:
    if spec is None:
        return f"write it like {_EXAMPLE}"
    name = "business.NAME" if spec is _BUSINESS else spec.name
    if spec.kind is FactKind.NUMBER:
        low, high = f"{spec.low:g}", f"{spec.high:g}"
        return f"write {name} >= {'a number' if not spec.high else f'a number from {low} to {high}'}"
    if comparison is Comparison.IN:
        return f'write {name} in ["…", "…"]'
    if spec.kind is FactKind.WORDS:
        return f'write {name} contains "…"'
    if spec.kind is FactKind.ANY and comparison in _ORDERED:
        return f"write {name} {comparison.value} 100"
    return f'write {name} == "{spec.choices[0] if spec.choices else "…"}"'


def _told(read: WhenRead, token: _Token, problem: str, mend: str) -> None:
    read.faults.append((f"{problem} (character {token.at + 1})", mend))
