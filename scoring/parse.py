"""A scheme's text to values. In: TOML. Out: Scheme; or SchemeFaults with every fault, its line and its mend.

The language is described in docs/scoring.md. Nothing but SchemeFaults is raised, whatever the text. May not know:
files (scoring/library.py does), transcripts.
"""

import re
from collections.abc import Container

from asr.redact_kinds import KINDS
from scoring.formula import And, Formula, FormulaFault, Name, names, parse_formula
from scoring.parse_check import read_check
from scoring.rules import Condition, Item, ItemKind, Role, Rule, Scheme, Where
from streams.toml_lines import Fault, read_toml
from streams.toml_table import Table, suggest

_ID = re.compile(r"[a-z][a-z0-9_]*")
_RANGES = ("first_seconds", "last_seconds", "first_utterances", "last_utterances")
_HIGHEST_VERSION = 1_000_000
_HIGHEST_POINTS = 1_000.0


class SchemeFaults(Exception):
    """Everything that is wrong with a scheme, in order of lines."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


def parse_scheme(text: str, *, file: str) -> Scheme:
    """`file` is what faults are told of. Raises SchemeFaults."""
    try:
        toml = read_toml(text, file=file)
    except (ValueError, RecursionError) as error:  # a number of thousands of digits; brackets in brackets in …
        fault = Fault(file, 1, f"cannot be read: {type(error).__name__}", "a scheme needs no such depth or numbers")
        raise SchemeFaults((fault,)) from error
    root = Table(toml, file=file, faults=list(toml.faults))
    scheme = _scheme(root) if toml.values or not toml.faults else None
    if scheme is None or root.faults:
        raise SchemeFaults(tuple(sorted(root.faults)))
    return scheme


def _scheme(root: Table) -> Scheme | None:
    rules = _rules(root)
    items = _items(root, rules)
    head = root.table("scheme")
    if head is None:
        if not any(fault.message.startswith("scheme") for fault in root.faults):
            root.fault(None, "[scheme] is missing", 'begin with [scheme] and its name = "…"')
        root.close()
        return None
    scheme = Scheme(
        name=head.text("name"),
        version=head.integer("version", low=1, high=_HIGHEST_VERSION),
        zh=head.text("zh"),
        en=head.text("en"),
        pass_percent=head.integer("pass_percent", low=0, high=100, default=80),
        least_confidence=head.number("least_confidence", low=0.0, high=1.0, default=0.6),
        items=items,
        hide=_hide(head),
    )
    head.close()
    root.close()
    return scheme


def _hide(head: Table) -> frozenset[str]:
    asked = head.texts("hide", default=tuple(sorted(KINDS)))
    for kind in asked:
        if kind not in KINDS:
            head.fault("hide", f"hide knows no {kind!r}", f"one or more of {', '.join(sorted(KINDS))}")
    return frozenset(asked) & KINDS


def _rules(root: Table) -> dict[str, Rule | None]:
    """By id; None for a rule that could not be read, so that items naming it are not told it is missing."""
    rules: dict[str, Rule | None] = {}
    for table in root.tables("rule"):
        name = _new_id(table, rules)
        rule = _rule(name, table)
        rules.setdefault(name, rule)
    return rules


def _rule(name: str, table: Table) -> Rule | None:
    version = table.integer("version", low=1, high=_HIGHEST_VERSION)
    conditions: dict[str, Condition] = {}
    for one in table.tables("condition"):
        condition = _condition(_new_id(one, conditions), one)
        conditions.setdefault(condition.id, condition)
    if not conditions:
        table.fault(None, "has no condition", "add [[rule.condition]] below it")
    formula = _formula(conditions, table)
    table.close()
    if formula is None:
        return None
    return Rule(id=name, version=version, formula=formula, conditions=tuple(conditions.values()))


def _formula(conditions: dict[str, Condition], table: Table) -> Formula | None:
    """Without one, every condition must hold."""
    text = table.text("formula", default="")
    if not conditions:
        return None
    if not text:
        return And(tuple(Name(name) for name in conditions))
    try:
        formula = parse_formula(text)
    except FormulaFault as fault:
        table.fault("formula", f"cannot be read: {fault}", "join condition ids with and, or, not and parentheses")
        return None
    for missing in sorted(names(formula) - conditions.keys()):
        table.fault("formula", f"names {missing!r}, which is no condition here", suggest(missing, conditions))
    for idle in sorted(conditions.keys() - names(formula)):
        table.fault("formula", f"leaves out condition {idle!r}", "name every condition, or remove it")
    return formula if names(formula) == conditions.keys() else None


def _condition(name: str, table: Table) -> Condition:
    check, spec = read_check(name, table)
    role = Role(table.choice("role", [role.value for role in Role], default=Role.ANY.value))
    where = _range(table, role)
    if spec is not None and not spec.ranged and where != Where(role=role):
        table.fault(None, f"{spec.name} looks at the whole contact", "remove the range")
    table.close()
    return Condition(id=name, checks=(check,), formula=Name(check.id), where=where)


def _range(table: Table, role: Role) -> Where:
    given = [name for name in _RANGES if table.has(name)]
    amounts = {name: table.integer(name, low=1, high=36_000) for name in given}
    if len(given) > 1:
        table.fault(given[1], f"stands beside {given[0]}", "one range is enough: remove the others")
        return Where(role=role)
    first_s, last_s = amounts.get("first_seconds"), amounts.get("last_seconds")
    return Where(
        role=role,
        first_ms=first_s * 1000 if first_s else None,
        last_ms=last_s * 1000 if last_s else None,
        first_utterances=amounts.get("first_utterances"),
        last_utterances=amounts.get("last_utterances"),
    )


def _items(root: Table, rules: dict[str, Rule | None]) -> tuple[Item, ...]:
    items: dict[str, Item | None] = {}
    used: set[str] = set()
    for table in root.tables("item"):
        name = _new_id(table, items)
        rule_name, item = _item(name, table, rules)
        used.add(rule_name)
        items.setdefault(name, item)
    if not items:
        root.fault(None, "no item: nothing would be scored", "add [[item]] and its rule")
    for table in root.tables("rule"):
        name = table.text("id", default="")
        if name in rules and name not in used and items:
            table.fault("id", f"no item uses the rule {name!r}", "remove it, or give it an item")
    return tuple(item for item in items.values() if item is not None)


def _item(name: str, table: Table, rules: dict[str, Rule | None]) -> tuple[str, Item | None]:
    kind = ItemKind(table.choice("kind", [kind.value for kind in ItemKind]))
    points = 0.0
    if kind in (ItemKind.EARN, ItemKind.DEDUCT):
        points = table.number("points", low=0.1, high=_HIGHEST_POINTS)
    elif table.has("points"):
        table.fault("points", f"a {kind.value} item has no points of its own", "remove it")
    rule_name = table.text("rule")
    if rule_name and rule_name not in rules:
        table.fault("rule", f"names {rule_name!r}, which is no rule here", suggest(rule_name, rules))
    zh, en = table.text("zh"), table.text("en")
    table.close()
    rule = rules.get(rule_name)
    item = None if rule is None else Item(id=name, zh=zh, en=en, kind=kind, points=points, rule=rule)
    return rule_name, item


def _new_id(table: Table, taken: Container[str]) -> str:
    name = table.text("id")
    if name and not _ID.fullmatch(name):
        table.fault("id", "is no id", "use small letters, digits and _, beginning with a letter")
    if name and name in taken:
        table.fault("id", f"{name!r} is there twice", "give each its own id")
    return name
