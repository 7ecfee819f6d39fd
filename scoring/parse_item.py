"""Items and dimensions from text. In: the tables of a scheme, its rules. Out: Item, Dimension; faults in the tables.

May not know: conditions, operators.
"""

from collections.abc import Mapping
from typing import Final

from scoring.parse_known import MOST_DIMENSIONS, MOST_ITEMS, first_of, full
from scoring.parse_rule import new_id
from scoring.rules import Dimension, Item, ItemKind, Per, Rule
from streams.toml_table import Table, suggest

LEAST_POINTS: Final = 0.1
HIGHEST_POINTS: Final = 1_000.0
LONGEST_NAME: Final = 200
WITH_POINTS: Final = frozenset({ItemKind.EARN, ItemKind.ADD, ItemKind.DEDUCT})


def read_dimensions(tables: list[Table], root: Table) -> dict[str, Dimension]:
    found: dict[str, Dimension] = {}
    for table in first_of(root, "dimension", tables, MOST_DIMENSIONS):
        name = new_id(table, found)
        zh, en = read_name(table, "zh"), read_name(table, "en")
        floor = _limit(table, "floor", low=-HIGHEST_POINTS, high=0.0)
        ceiling = _limit(table, "ceiling", low=LEAST_POINTS, high=HIGHEST_POINTS)
        table.close()
        found.setdefault(name, Dimension(id=name, zh=zh, en=en, floor=floor, ceiling=ceiling))
    return found


def read_name(table: Table, key: str) -> str:
    name = table.text(key)
    if len(name) > LONGEST_NAME:
        table.fault(key, f"has {len(name)} characters", f"write at most {LONGEST_NAME}")
    return name


def _limit(table: Table, key: str, *, low: float, high: float) -> float | None:
    return table.number(key, low=low, high=high) if table.has(key) else None


def read_items(
    tables: list[Table], root: Table, rules: Mapping[str, Rule | None], dimensions: Mapping[str, Dimension]
) -> tuple[Item, ...]:
    items: dict[str, Item | None] = {}
    rules_used: set[str] = set()
    dimensions_used: set[str] = set()
    for table in first_of(root, "item", tables, MOST_ITEMS):
        name = new_id(table, items)
        rule, item = _item(name, table, rules, dimensions)
        rules_used.add(rule)
        dimensions_used.add(item.dimension if item is not None else str(table.scalar("dimension")))
        items.setdefault(name, item)
        if full(root):
            break
    if not tables:
        root.fault(None, "no item: nothing would be scored", "add [[item]] and its rule")
    elif not full(root) and len(tables) <= MOST_ITEMS:
        _idle(root, "rule", rules, rules_used)
        _idle(root, "dimension", dimensions, dimensions_used)
    return tuple(item for item in items.values() if item is not None)


def _idle(root: Table, what: str, known: Mapping[str, object], used: set[str]) -> None:
    for table in root.tables(what):
        name = table.scalar("id")
        if isinstance(name, str) and name in known and name not in used:
            table.fault("id", f"no item uses the {what} {name[:80]!r}", "remove it, or give it an item")


def _item(
    name: str, table: Table, rules: Mapping[str, Rule | None], dimensions: Mapping[str, Dimension]
) -> tuple[str, Item | None]:
    kind = ItemKind(table.choice("kind", [kind.value for kind in ItemKind]))
    points = _points(kind, table)
    per = Per(table.choice("per", [per.value for per in Per], default=Per.CONTACT.value))
    most = _most(kind, per, points, table)
    rule_name = table.text("rule")
    if rule_name and rule_name not in rules:
        table.fault("rule", f"names {rule_name[:80]!r}, which is no rule here", suggest(rule_name, rules))
    dimension = table.text("dimension", default="")
    if dimension and dimension not in dimensions:
        problem = f"names {dimension[:80]!r}, which is no dimension here"
        table.fault("dimension", problem, suggest(dimension, dimensions) if dimensions else "add a [[dimension]]")
    zh, en = read_name(table, "zh"), read_name(table, "en")
    table.close()
    rule = rules.get(rule_name)
    if rule is None:
        return rule_name, None
    return rule_name, Item(
        id=name, zh=zh, en=en, kind=kind, points=points, rule=rule, per=per, most=most, dimension=dimension
    )


def _points(kind: ItemKind, table: Table) -> float:
    if kind in WITH_POINTS:
        return table.number("points", low=LEAST_POINTS, high=HIGHEST_POINTS)
    for key in ("points", "per", "most"):
        if table.has(key):
            table.fault(key, f"a {kind.value} item has no points of its own", "remove it")
    return 0.0


def _most(kind: ItemKind, per: Per, points: float, table: Table) -> float | None:
    if kind not in WITH_POINTS:
        return None
    if not table.has("most"):
        if per is Per.HIT and kind is ItemKind.EARN:
            table.fault("per", "for each hit, and nothing says how much can be earned", "add most = 20, say")
        return None
    if per is Per.CONTACT:
        table.fault("most", "is the limit of an item counted per hit", 'add per = "hit", or remove most')
        return None
    return table.number("most", low=points or LEAST_POINTS, high=HIGHEST_POINTS)
