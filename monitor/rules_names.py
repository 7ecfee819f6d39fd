"""A new id wherever the old one is named. In: what a scheme's text says, an id's place. Out: `Edit`s, or EditFault.

Pure. May not know: how a text is changed.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from monitor.rules_text import Act, Edit, EditFault, EditReason

_ANCHORS: Final = ("before", "after", "around", "at")


def renamed(values: Mapping[str, Any], path: list[str | int], new: str) -> list[Edit]:
    """`path`: of the table whose `id` changes: ["rule", 3], ["rule", 3, "condition", 0] …"""
    old = _at(values, path).get("id")
    edits = [Edit(act=Act.SET, path=[*path, "id"], value=new)]
    if not isinstance(old, str) or not old:
        return edits
    match path:
        case ["rule", int()]:
            edits += _said_by_items(values, "rule", old, new)
        case ["dimension", int()]:
            edits += _said_by_items(values, "dimension", old, new)
        case ["rule", int() as rule, "condition", int()]:
            edits += _in_formula(values, ["rule", rule], old, new)
            edits += _anchored(values, rule, old, new)
        case ["rule", int() as rule, "condition", int() as condition, "check", int()]:
            edits += _in_formula(values, ["rule", rule, "condition", condition], old, new)
    return edits


def _said_by_items(values: Mapping[str, Any], key: str, old: str, new: str) -> Iterator[Edit]:
    for number, item in enumerate(values.get("item", ())):
        if isinstance(item, dict) and item.get(key) == old:
            yield Edit(act=Act.SET, path=["item", number, key], value=new)


def _in_formula(values: Mapping[str, Any], path: list[str | int], old: str, new: str) -> Iterator[Edit]:
    formula = _at(values, path).get("formula")
    if isinstance(formula, str):
        text = re.sub(rf"(?<![A-Za-z0-9_]){re.escape(old)}(?![A-Za-z0-9_])", lambda _: new, formula)
        if text != formula:
            yield Edit(act=Act.SET, path=[*path, "formula"], value=text)


def _anchored(values: Mapping[str, Any], rule: int, old: str, new: str) -> Iterator[Edit]:
    for number, condition in enumerate(_at(values, ["rule", rule]).get("condition", ())):
        for key in _ANCHORS:
            if isinstance(condition, dict) and condition.get(key) == old:
                yield Edit(act=Act.SET, path=["rule", rule, "condition", number, key], value=new)


def _at(values: Mapping[str, Any], path: list[str | int]) -> Mapping[str, Any]:
    found: Any = values
    try:
        for step in path:
            found = found[step]
    except (KeyError, IndexError, TypeError) as error:
        raise EditFault(EditReason.NO_SUCH_PLACE, f"there is nothing at {path}") from error
    if not isinstance(found, dict):
        raise EditFault(EditReason.NO_SUCH_PLACE, f"{path} is no table")
    return found
