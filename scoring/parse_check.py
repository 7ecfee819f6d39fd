"""One operator's settings from text. In: a table of TOML, the operators' Specs. Out: a Check; faults in the table.

What may be written is read off each operator's fields, so a new operator needs no line here. May not know: ranges,
formulas, what an operator does.
"""

from typing import Any

from scoring.match import ELLIPSIS
from scoring.operators.registry import OPERATORS
from scoring.operators.spec import NEEDED, Field, FieldKind, Spec
from scoring.rules import Check
from streams.toml_table import Table


def read_check(name: str, table: Table) -> tuple[Check, Spec[Any] | None]:
    """The Spec is None where there is no such operator."""
    operator = table.choice("operator", OPERATORS)
    spec = OPERATORS[operator]
    faults_before = len(table.faults)
    values = {field.held_as: _value(field, table) for field in spec.fields}
    asked = spec.asked(**values)
    if len(table.faults) == faults_before:
        for key, message, mend in spec.faults(asked):
            table.fault(key or None, message, mend)
    return Check(id=name, operator=operator, asked=asked), spec


def _value(field: Field, table: Table) -> Any:
    key, default = field.key, field.default
    if default is not NEEDED and not table.has(key):
        return default
    match field.kind:
        case FieldKind.PHRASES | FieldKind.TEXTS:
            return _list(field, table)
        case FieldKind.TEXT | FieldKind.PATTERN:
            return table.text(key)
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
            return tuple(_made(field, one) for one in table.tables(key))


def _made(field: Field, table: Table) -> Any:
    values = {inner.held_as: _value(inner, table) for inner in field.of}
    table.close()
    return None if field.made is None else field.made(**values)


def _list(field: Field, table: Table) -> tuple[str, ...]:
    key = field.key
    found = table.texts(key)
    if not found and table.has(key):
        table.fault(key, "is an empty list", f'write {key} = ["…"]')
    if field.kind is FieldKind.PHRASES:
        for phrase in found:
            if not phrase.strip(ELLIPSIS + " \t"):
                table.fault(key, "has a phrase without characters", "write what is said")
    return found
