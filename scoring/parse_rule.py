"""Rules from text. In: the tables of a scheme. Out: Rule by id; faults in the tables.

A rule that could not be read is None, so that items naming it are not told that it is missing. May not know: items,
points.
"""

import re
from collections.abc import Container, Iterable, Mapping
from typing import Any, Final

from scoring.facts import FACTS, FactKind
from scoring.formula import WORDS, And, Formula, FormulaFault, Name, names, parse_formula
from scoring.operators.spec import Spec
from scoring.parse_check import read_check, spec_of
from scoring.parse_known import MOST_CHECKS, MOST_CONDITIONS, MOST_RULES, Notes, first_of, full
from scoring.parse_when import read_when
from scoring.parse_where import in_order, read_where
from scoring.rules import Check, Condition, FactTest, Rule, Where
from streams.toml_table import Table, suggest

HIGHEST_VERSION: Final = 1_000_000
LONGEST_ID: Final = 80
ID: Final = re.compile(r"[a-z][a-z0-9_]*")


def read_rules(tables: list[Table], root: Table, notes: Notes) -> dict[str, Rule | None]:
    rules: dict[str, Rule | None] = {}
    for table in first_of(root, "rule", tables, MOST_RULES):
        name = new_id(table, rules)
        rules.setdefault(name, _rule(name, table, notes))
        if full(root):
            break
    return rules


def new_id(table: Table, taken: Container[str]) -> str:
    name = table.text("id")
    if name and (not ID.fullmatch(name) or len(name) > LONGEST_ID):
        table.fault("id", "is no id", "use small letters, digits and _, beginning with a letter")
    elif name in WORDS:
        table.fault("id", f"{name!r} is a word of formulas", f"call it {name}_1")
    if name and name in taken:
        table.fault("id", f"{name[:LONGEST_ID]!r} is there twice", "give each its own id")
    return name


def read_applies(table: Table, key: str, notes: Notes) -> tuple[Formula | None, Mapping[str, FactTest]]:
    """`when` of a rule, `applies` of a scheme: None where there is none, or where it has faults."""
    text = table.text(key, default="") if table.has(key) else ""
    if not text:
        return None, {}
    read = read_when(text)
    for problem, mend in read.faults:
        table.fault(key, problem, mend)
    for test in read.tests.values():
        spec = FACTS.get(test.fact)
        if spec is not None and spec.kind in (FactKind.TEXT, FactKind.WORDS):
            notes.fact(table, key, test.fact, test.values)
    return read.formula, read.tests


def _rule(name: str, table: Table, notes: Notes) -> Rule | None:
    version = table.integer("version", low=1, high=HIGHEST_VERSION)
    when, facts = read_applies(table, "when", notes)
    conditions: dict[str, Condition] = {}
    tables: dict[str, Table] = {}
    readable = True
    found = table.tables("condition")
    for one in first_of(table, "condition", found, MOST_CONDITIONS):
        id = new_id(one, conditions)
        condition = _condition(id, one, notes)
        readable = readable and condition is not None
        conditions.setdefault(id, condition or Condition(id=id, checks=(), formula=Name(id)))
        tables.setdefault(id, one)
        if full(table):
            break
    if not found:
        table.fault(None, "has no condition", "add [[rule.condition]] below it")
    anchors = {one.where.anchor.condition for one in conditions.values() if one.where.anchor is not None}
    formula = _formula(table, conditions, anchors, "condition")
    ordered = in_order(tables, conditions)
    table.close()
    if formula is None or not readable:
        return None
    return Rule(id=name, version=version, formula=formula, conditions=ordered, when=when, facts=facts)


def _formula(table: Table, given: Mapping[str, object], anchors: Container[str], what: str) -> Formula | None:
    """Without one, all must hold that no other stands on."""
    text = table.text("formula", default="")
    if not given:
        return None
    if not text:
        ends = [name for name in given if name not in anchors] or list(given)
        return And(tuple(Name(name) for name in ends))
    try:
        formula = parse_formula(text)
    except FormulaFault as fault:
        table.fault("formula", f"cannot be read: {fault}", f"join {what} ids with and, or, not and parentheses")
        return None
    named = names(formula)
    for missing in sorted(named - given.keys()):
        problem = f"names {missing[:LONGEST_ID]!r}, which is no {what} here"
        table.fault("formula", problem, suggest(missing, given))
    for idle in given:
        if idle not in named and idle not in anchors:
            table.fault("formula", f"leaves out {what} {idle!r}", f"name every {what}, or remove it")
    return formula if named <= given.keys() else None


def _condition(name: str, table: Table, notes: Notes) -> Condition | None:
    """None where its operator is not known: then nothing in it can be judged."""
    if table.has("check"):
        return _of_checks(name, table, notes)
    spec = spec_of(table)
    if table.has("formula"):
        table.fault(
            "formula", "joins checks, and there are none", "write [[rule.condition.check]] tables, or remove it"
        )
    if spec is None:
        return None
    where = read_where(table)
    check = read_check(name, table, spec, notes)
    _ranged(table, where, (spec,))
    table.close()
    return Condition(id=name, checks=(check,), formula=Name(check.id), where=where)


def _of_checks(name: str, table: Table, notes: Notes) -> Condition | None:
    if table.has("operator"):
        table.fault("operator", "stands beside [[rule.condition.check]]", "write it into a check of its own")
    where = read_where(table)
    checks: dict[str, Check] = {}
    specs: list[Spec[Any]] = []
    readable = True
    found = table.tables("check")
    for one in first_of(table, "check", found, MOST_CHECKS):
        id = new_id(one, checks)
        spec = spec_of(one)
        if spec is None:
            readable = False
            continue
        checks.setdefault(id, read_check(id, one, spec, notes))
        specs.append(spec)
        one.close()
    _ranged(table, where, specs)
    formula = _formula(table, checks, (), "check") if readable else None
    if not checks and readable:
        table.fault("check", "holds nothing", "add [[rule.condition.check]] below it")
    if readable:
        table.close()
    if formula is None:
        return None
    return Condition(id=name, checks=tuple(checks.values()), formula=formula, where=where)


def _ranged(table: Table, where: Where, specs: Iterable[Spec[Any]]) -> None:
    if where == Where(role=where.role):
        return
    for spec in specs:
        if not spec.ranged:
            table.fault(None, f"{spec.name} looks at the whole contact", "remove the range")
