"""One operator's settings from text. In: a table of TOML, the operators' Specs. Out: a Check; faults in the table.

What may be written is read off each operator's fields, so a new operator needs no line here. May not know: ranges,
formulas, what an operator does.
"""

import difflib
from collections.abc import Iterable
from typing import Any, Final

from scoring.lexical import ALTERNATIVE
from scoring.match import ELLIPSIS
from scoring.operators.registry import OPERATORS
from scoring.operators.spec import NEEDED, Field, FieldKind, Spec
from scoring.parse_known import MOST_PATTERNS, Notes
from scoring.patterns import PatternFault, compiled
from scoring.rules import Check
from streams.toml_table import Table

LONGEST_PHRASE: Final = 200


def spec_of(table: Table) -> Spec[Any] | None:
    """The operator named there, or a fault and the one that was probably meant."""
    operator = table.choice("operator", OPERATORS)
    given = table.scalar("operator")
    if not isinstance(given, str) or given in OPERATORS:
        return OPERATORS[operator] if given == operator else None
    near = difflib.get_close_matches(given[:80], OPERATORS, n=1)
    return OPERATORS[near[0]] if near else None


def read_check(name: str, table: Table, spec: Spec[Any], notes: Notes) -> Check:
    faults_before = len(table.faults)
    values = {field.held_as: _value(field, table, notes) for field in spec.fields}
    asked = spec.asked(**values)
    if len(table.faults) == faults_before:
        for key, message, mend in spec.faults(asked):
            table.fault(key or None, message, mend)
    return Check(id=name, operator=spec.name, asked=asked)


def _value(field: Field, table: Table, notes: Notes) -> Any:
    key, default = field.key, field.default
    if default is not NEEDED and not table.has(key):
        return default
    match field.kind:
        case FieldKind.PHRASES:
            return _phrases(field, table, notes)
        case FieldKind.TEXTS:
            return _list(field, table)
        case FieldKind.TEXT:
            return _text(field, table)
        case FieldKind.PATTERN:
            return _pattern(field, table, notes)
        case FieldKind.CHOICE:
            return table.choice(key, field.choices)
        case FieldKind.INTEGER:
            return table.integer(key, low=int(field.low), high=int(field.high))
        case FieldKind.NUMBER:
            return table.number(key, low=field.low, high=field.high)
        case FieldKind.SECONDS:
            return round(table.number(key, low=field.low, high=field.high) * 1000)
        case FieldKind.FLAG:
            return table.flag(key, default=False)
        case FieldKind.TABLES:
            return _tables(field, table, notes)


def _tables(field: Field, table: Table, notes: Notes) -> tuple[Any, ...]:
    found = table.tables(field.key)
    if not found and field.default is NEEDED and not table.has(field.key):
        table.fault(None, f"{field.key} is missing", f"write [[rule.condition.{field.key}]] below it, once for each")
    if len(found) > field.most:
        table.fault(field.key, f"stands {len(found)} times", f"write at most {field.most}")
    return tuple(_made(field, one, notes) for one in found[: field.most])


def _made(field: Field, table: Table, notes: Notes) -> Any:
    values = {inner.held_as: _value(inner, table, notes) for inner in field.of}
    table.close()
    return None if field.made is None else field.made(**values)


def _text(field: Field, table: Table) -> str:
    found = table.text(field.key)
    if len(found) > field.most:
        table.fault(field.key, f"has {len(found)} characters", f"write at most {field.most}")
    return found


def _pattern(field: Field, table: Table, notes: Notes) -> str:
    pattern = table.text(field.key)
    notes.patterns += 1
    if notes.patterns > MOST_PATTERNS:
        if notes.patterns == MOST_PATTERNS + 1:
            table.fault(field.key, f"is pattern number {notes.patterns}", f"write at most {MOST_PATTERNS} in a scheme")
        return pattern
    if pattern:
        try:
            compiled(pattern)
        except PatternFault as fault:
            table.fault(field.key, fault.problem, fault.mend)
    return pattern


def _list(field: Field, table: Table) -> tuple[str, ...]:
    key, faults_before = field.key, len(table.faults)
    found = table.texts(key)
    if not found and table.has(key) and len(table.faults) == faults_before:
        table.fault(key, "is an empty list", f'write {key} = ["…"]')
    if len(found) > field.most:
        table.fault(key, f"has {len(found)} entries", f"write at most {field.most}, or two conditions")
    return found[: field.most]


def _phrases(field: Field, table: Table, notes: Notes) -> tuple[str, ...]:
    found = _list(field, table)
    for number, phrase in enumerate(found):
        parts = phrase.split(ALTERNATIVE)
        if not all(part.strip(ELLIPSIS + ". \t\n\u3000") for part in parts):
            table.faults.append(table.told("is a phrase without characters", "write what is said", field.key, number))
        if len(phrase) > LONGEST_PHRASE:
            told = f"is a phrase of {len(phrase)} characters"
            mend = f"write at most {LONGEST_PHRASE}: nobody says more in the same words twice"
            table.faults.append(table.told(told, mend, field.key, number))
    if field.exact:
        notes.heard(table, field.key, found)
    return with_synonyms(found, notes, together=field.exact)


def with_synonyms(phrases: Iterable[str], notes: Notes, *, together: bool) -> tuple[str, ...]:
    """Each with what else stands for it: as one phrase with alternatives, or as phrases of their own."""
    widened = [_alternatives(phrase, notes) for phrase in phrases]
    if together:
        return tuple(ALTERNATIVE.join(each) for each in widened)
    return tuple(dict.fromkeys(one for each in widened for one in each))


def _alternatives(phrase: str, notes: Notes) -> tuple[str, ...]:
    given = [part.strip() for part in phrase.split(ALTERNATIVE)]
    found = dict.fromkeys(given)
    for one in given:
        if one in notes.synonyms:
            notes.synonyms_used.add(one)
            found |= dict.fromkeys(notes.synonyms[one])
    return tuple(found)
