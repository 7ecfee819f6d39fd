"""A scheme made ready for many contacts. In: a Scheme. Out: `Compiled`; with a Case, a verdict for each item.

Most rules find nothing in most contacts. One pass over the words tells which those are, and rules that then say the
same (of one shape) are judged once. The answers are those of scoring/judge.py, rule by rule. May not know: points.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

from msgspec.structs import replace as with_fields

from scoring.case import Case
from scoring.facts import applies
from scoring.formula import And, Formula, Name, Not, Or, Outcome
from scoring.hearing import Hearing
from scoring.judge import ConditionEvidence, Verdict, judge
from scoring.lexical import folded
from scoring.messages import Reason
from scoring.needles import Found, Needles
from scoring.operators.registry import OPERATORS
from scoring.rules import Condition, Role, Rule, Scheme, Where

_KEPT: Final = 64
"""Compiled schemes: all that are published, and drafts being tried."""


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """Rules that say the same while nothing they ask for is in the contact. Known by identity."""


@dataclass(frozen=True, slots=True, eq=False)
class Compiled:
    scheme: Scheme
    rules: Sequence[Rule]
    """In order of the scheme's items."""
    needles: Needles
    shapes: tuple[Shape | None, ...]
    """By rule; None: it must be judged for itself."""
    touched_by: Mapping[str, Mapping[str, int]]
    """By role as transcripts have it, then by phrase: the rules that ask for it, as bits. Other roles: `any`."""
    touched_by_pattern: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Same:
    """A scheme as itself: schemes hold mappings, which have no hash."""

    scheme: Scheme

    def __hash__(self) -> int:
        return id(self.scheme)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.scheme is self.scheme


def compile_scheme(scheme: Scheme) -> Compiled:
    return _compiled(_Same(scheme))


@lru_cache(maxsize=_KEPT)
def _compiled(same: _Same) -> Compiled:
    wheres: dict[Where, Where] = {}
    rules = tuple(_sharing(item.rule, wheres) for item in same.scheme.items)
    phrases: dict[Role, dict[str, int]] = {role: {} for role in Role}
    patterns: dict[str, int] = {}
    for number, rule in enumerate(rules):
        for condition in rule.conditions:
            asked, searched = _asked(condition)
            for phrase in asked:
                phrases[condition.where.role][phrase] = phrases[condition.where.role].get(phrase, 0) | 1 << number
            for pattern in searched:
                patterns[pattern] = patterns.get(pattern, 0) | 1 << number
    every = {phrase for each in phrases.values() for phrase in each}
    shapes: dict[Hashable, Shape] = {}
    return Compiled(
        scheme=same.scheme,
        rules=rules,
        needles=Needles(every, patterns),
        shapes=tuple(_shape(rule, shapes) for rule in rules),
        touched_by={
            role.value: {
                phrase: phrases[Role.ANY].get(phrase, 0) | (phrases[role].get(phrase, 0) if role is not Role.ANY else 0)
                for phrase in every
            }
            for role in Role
        },
        touched_by_pattern=patterns,
    )


def _sharing(rule: Rule, wheres: dict[Where, Where]) -> Rule:
    """Equal ranges as one value, so that each is worked out once for a contact."""
    conditions = (replace(one, where=wheres.setdefault(one.where, one.where)) for one in rule.conditions)
    return replace(rule, conditions=tuple(conditions))


def _asked(condition: Condition) -> tuple[set[str], set[str]]:
    phrases: set[str] = set()
    patterns: set[str] = set()
    for check in condition.checks:
        spec = OPERATORS[check.operator]
        phrases.update(spec.phrases(check.asked))
        patterns.update(spec.patterns(check.asked))
    return phrases, patterns


# --- shapes ----------------------------------------------------------------------------------------------------------


def _shape(rule: Rule, known: dict[Hashable, Shape]) -> Shape | None:
    """Two rules have one where they differ in words, names and versions only."""
    names = {condition.id: f"{number}" for number, condition in enumerate(rule.conditions)}
    keys = [_key(_renamed(condition, names)) for condition in rule.conditions]
    if any(key is None for key in keys):
        return None
    return known.setdefault((_formula(rule.formula, names), *keys), Shape())


def _renamed(condition: Condition, names: Mapping[str, str]) -> Condition:
    checks = {check.id: f"{number}" for number, check in enumerate(condition.checks)}
    where = condition.where
    if where.anchor is not None:
        where = replace(where, anchor=replace(where.anchor, condition=names[where.anchor.condition]))
    return Condition(
        id=names[condition.id],
        checks=tuple(replace(check, id=checks[check.id]) for check in condition.checks),
        formula=_formula(condition.formula, checks),
        where=where,
    )


def _formula(formula: Formula, names: Mapping[str, str]) -> Formula:
    match formula:
        case Name(id):
            return Name(names[id])
        case Not(inner):
            return Not(_formula(inner, names))
        case And(parts):
            return And(tuple(_formula(part, names) for part in parts))
        case Or(parts):
            return Or(tuple(_formula(part, names) for part in parts))


def _key(condition: Condition) -> Hashable | None:
    keys: list[Hashable] = []
    for check in condition.checks:
        spec = OPERATORS[check.operator]
        if spec.alike is None:
            return None
        keys.append((spec.name, spec.alike(check.asked)))
    return condition.where, condition.formula, tuple(keys)


# --- one contact -----------------------------------------------------------------------------------------------------


def hear(case: Case, compiled: Compiled) -> Hearing:
    return Hearing(case=case, least_confidence=compiled.scheme.least_confidence, needles=compiled.needles)


def verdicts(hearing: Hearing, compiled: Compiled) -> tuple[Verdict, ...]:
    """One for each item of the scheme, as `judge` gives it for the item's rule."""
    touched = touched_rules(hearing, compiled)
    said: dict[Shape, tuple[Rule, Verdict]] = {}
    return tuple(
        judge(hearing, rule) if shape is None or touched >> number & 1 else _untouched(hearing, rule, shape, said)
        for number, (rule, shape) in enumerate(zip(compiled.rules, compiled.shapes, strict=True))
    )


def touched_rules(hearing: Hearing, compiled: Compiled) -> int:
    """As bits: the rules of which a phrase or a pattern may be in the contact. The others find nothing."""
    words = hearing.words
    if not words.apart:
        return (1 << len(compiled.rules)) - 1
    found = words.found(Role.ANY)
    if found is None:
        return (1 << len(compiled.rules)) - 1
    roles = [one.utterances[0].role for one in words.readings(Role.ANY)]
    return bits_of(compiled, found, roles) | _otherwise(hearing, compiled)


def bits_of(compiled: Compiled, found: Found, roles: Sequence[str], *, anybody: bool = False) -> int:
    """The rules that ask for what was found; `roles`: whose each of the texts is; `anybody`: that is not known."""
    touched = 0
    by_role = compiled.touched_by
    any_role = by_role[Role.ANY.value]
    if anybody:
        for phrase in found.phrases:
            for masks in by_role.values():
                touched |= masks[phrase]
    else:
        each = [by_role.get(role, any_role) for role in roles]
        for phrase, places in found.phrases.items():
            for at in places:
                touched |= each[at][phrase]
    for pattern in found.patterns:
        touched |= compiled.touched_by_pattern[pattern]
    return touched


def _otherwise(hearing: Hearing, compiled: Compiled) -> int:
    """What stands in other readings of doubtful utterances touches, too."""
    texts = [folded(text) for said in hearing.transcript.utterances for text in said.alternatives]
    return bits_of(compiled, compiled.needles.find(texts), (), anybody=True) if texts else 0


def _untouched(hearing: Hearing, rule: Rule, shape: Shape, said: dict[Shape, tuple[Rule, Verdict]]) -> Verdict:
    if rule.when is not None:
        fits = applies(rule, hearing.case.facts)
        if fits is None or fits.outcome is not Outcome.HIT:
            return judge(hearing, rule)
    known = said.get(shape)
    if known is None:
        verdict = judge(hearing, rule)
        said[shape] = rule, verdict
        return verdict
    first, verdict = known
    if not verdict.evidence and "condition" not in verdict.reason.params:
        return verdict
    return _named(verdict, {old.id: new.id for old, new in zip(first.conditions, rule.conditions, strict=True)})


def _named(verdict: Verdict, names: Mapping[str, str]) -> Verdict:
    """With the rule's own names of its conditions."""
    reason = verdict.reason
    if "condition" in reason.params:
        params: dict[str, Any] = {**reason.params, "condition": names[str(reason.params["condition"])]}
        reason = Reason(reason.key, params)
    evidence = tuple(
        ConditionEvidence(condition=names[one.condition], operator=one.operator, evidence=one.evidence)
        for one in verdict.evidence
    )
    return with_fields(verdict, reason=reason, evidence=evidence)
