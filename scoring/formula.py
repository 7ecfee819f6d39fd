"""Conditions joined by and, or, not. In: text. Out: a tree; and its value over four outcomes.

Kleene's three values, with `cannot_tell` for unknown; `not_applicable` is the fourth and leaves the rest as it is.
May not know: operators, transcripts.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never


class Outcome(StrEnum):
    HIT = "hit"
    MISS = "miss"
    CANNOT_TELL = "cannot_tell"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True)
class Name:
    id: str


@dataclass(frozen=True, slots=True)
class Not:
    inner: "Formula"


@dataclass(frozen=True, slots=True)
class And:
    parts: "tuple[Formula, ...]"


@dataclass(frozen=True, slots=True)
class Or:
    parts: "tuple[Formula, ...]"


Formula = Name | Not | And | Or

_TOKEN = re.compile(r"\s*(?:([()])|([A-Za-z0-9_]+)|(\S))")
WORDS = frozenset({"and", "or", "not"})
_DEEPEST = 50
_LONGEST = 4_000


class FormulaFault(ValueError):
    """The text is no formula; says where."""


def parse_formula(text: str) -> Formula:
    """`a and not (b or c)`; not binds before and, and before or. Raises FormulaFault."""
    if len(text) > _LONGEST:
        raise FormulaFault(f"it has {len(text)} characters of at most {_LONGEST}")
    tokens: list[str] = []
    for match in _TOKEN.finditer(text.rstrip()):
        if match.group(3):
            raise FormulaFault(f"unexpected {match.group(3)!r} at character {match.start(3) + 1}")
        tokens.append(match.group(1) or match.group(2))
    tree, rest = _any_of(tokens, 0)
    if rest:
        raise FormulaFault(f"unexpected {rest[0]!r} after a complete formula")
    return tree


def _any_of(tokens: list[str], depth: int) -> tuple[Formula, list[str]]:
    part, tokens = _all_of(tokens, depth)
    parts = [part]
    while tokens and tokens[0] == "or":
        part, tokens = _all_of(tokens[1:], depth)
        parts.append(part)
    return (Or(tuple(parts)) if len(parts) > 1 else part), tokens


def _all_of(tokens: list[str], depth: int) -> tuple[Formula, list[str]]:
    part, tokens = _single(tokens, depth)
    parts = [part]
    while tokens and tokens[0] == "and":
        part, tokens = _single(tokens[1:], depth)
        parts.append(part)
    return (And(tuple(parts)) if len(parts) > 1 else part), tokens


def _single(tokens: list[str], depth: int) -> tuple[Formula, list[str]]:
    if depth > _DEEPEST:
        raise FormulaFault(f"nested deeper than {_DEEPEST}")
    if not tokens:
        raise FormulaFault("it ends where a condition is expected")
    word, rest = tokens[0], tokens[1:]
    if word == "not":
        inner, rest = _single(rest, depth + 1)
        return Not(inner), rest
    if word == "(":
        inner, rest = _any_of(rest, depth + 1)
        if not rest or rest[0] != ")":
            raise FormulaFault("a parenthesis is never closed")
        return inner, rest[1:]
    if word == ")" or word in WORDS:
        raise FormulaFault(f"{word!r} where a condition is expected")
    return Name(word), rest


def names(formula: Formula) -> frozenset[str]:
    match formula:
        case Name(id):
            return frozenset({id})
        case Not(inner):
            return names(inner)
        case And(parts) | Or(parts):
            return frozenset().union(*(names(part) for part in parts))
    assert_never(formula)


def evaluate(formula: Formula, known: Mapping[str, Outcome]) -> Outcome:
    match formula:
        case Name(id):
            return known[id]
        case Not(inner):
            return _NEGATED[evaluate(inner, known)]
        case And(parts):
            return _strongest([evaluate(part, known) for part in parts], _AND_ORDER)
        case Or(parts):
            return _strongest([evaluate(part, known) for part in parts], _OR_ORDER)
    assert_never(formula)


def all_of(outcomes: Sequence[Outcome]) -> Outcome:
    """What `and` makes of them; of none: not applicable."""
    return _strongest(outcomes, _AND_ORDER) if outcomes else Outcome.NOT_APPLICABLE


_NEGATED = {
    Outcome.HIT: Outcome.MISS,
    Outcome.MISS: Outcome.HIT,
    Outcome.CANNOT_TELL: Outcome.CANNOT_TELL,
    Outcome.NOT_APPLICABLE: Outcome.NOT_APPLICABLE,
}
_AND_ORDER = (Outcome.MISS, Outcome.CANNOT_TELL, Outcome.HIT, Outcome.NOT_APPLICABLE)
_OR_ORDER = (Outcome.HIT, Outcome.CANNOT_TELL, Outcome.MISS, Outcome.NOT_APPLICABLE)


def _strongest(outcomes: Sequence[Outcome], order: tuple[Outcome, ...]) -> Outcome:
    return next(outcome for outcome in order if outcome in outcomes)
