"""What differs between two texts of a scheme. In: both texts. Out: changes by rule, item, dimension; lines; numbering.

Pure. Of a text that is no TOML only the lines are told. May not know: versions, stores.
"""

import difflib
import tomllib
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, Final

import msgspec

from monitor.rules_text import Act, Edit

LISTS: Final = ("dimension", "item", "rule")
MOST_LINES: Final = 20_000
"""Of a text whose lines are compared."""
MOST_ROWS: Final = 1_500
_CONTEXT: Final = 3
_NO_CHANGE: Final = frozenset({"version"})
"""A number that follows the rest."""


class Change(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


class PartChange(msgspec.Struct, frozen=True, kw_only=True):
    """Of one rule, item or dimension, or of the scheme's head (`id` ""). `keys`: which of its keys, dotted by ids."""

    kind: str
    id: str
    change: Change
    keys: list[str]


class Row(msgspec.Struct, frozen=True, array_like=True):
    """A line: its number before (0: it is new) and after (0: it is gone), its text. Both 0: lines are left out."""

    before: int
    after: int
    text: str


class SchemeChanges(msgspec.Struct, frozen=True, kw_only=True):
    parts: list[PartChange]
    rows: list[Row]
    cut: bool
    """More lines differ than are told."""

    @property
    def nothing(self) -> bool:
        return not (self.parts or self.rows or self.cut)


def differ(before: str, after: str) -> SchemeChanges:
    rows, cut = _rows(before.split("\n"), after.split("\n"))
    return SchemeChanges(parts=list(_parts(read_values(before), read_values(after))), rows=rows, cut=cut)


def read_values(text: str) -> Mapping[str, Any]:
    """What it says; nothing where it cannot be read."""
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError):
        return {}


def numbering(before: str, after: str, number: int) -> list[Edit]:
    """The version into the scheme's head; and a rule that changed while its version did not has the next one."""
    values, old = read_values(after), _by_id(read_values(before), "rule")
    edits = [Edit(act=Act.SET, path=["scheme", "version"], value=number)]
    for place, rule in enumerate(values.get("rule", ())):
        was = old.get(str(rule.get("id", ""))) if isinstance(rule, dict) else None
        if was is None or not list(_keys(was, rule)):
            continue
        version, earlier = rule.get("version"), was.get("version")
        if isinstance(version, int) and isinstance(earlier, int) and version <= earlier:
            edits.append(Edit(act=Act.SET, path=["rule", place, "version"], value=earlier + 1))
    return edits


def _parts(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[PartChange]:
    one, other = ({key: value for key, value in values.items() if key not in LISTS} for values in (before, after))
    if keys := list(_keys(one, other)):
        yield PartChange(kind="scheme", id="", change=Change.CHANGED, keys=keys)
    for kind in LISTS:
        old, new = _by_id(before, kind), _by_id(after, kind)
        for name in [*old, *(name for name in new if name not in old)]:
            if name not in new:
                yield PartChange(kind=kind, id=name, change=Change.REMOVED, keys=[])
            elif name not in old:
                yield PartChange(kind=kind, id=name, change=Change.ADDED, keys=[])
            elif keys := list(_keys(old[name], new[name])):
                yield PartChange(kind=kind, id=name, change=Change.CHANGED, keys=keys)


def _by_id(values: Mapping[str, Any], kind: str) -> dict[str, Mapping[str, Any]]:
    found = values.get(kind, ())
    tables = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    return {str(one.get("id", number)): one for number, one in enumerate(tables)}


def _keys(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for key in [*before, *(key for key in after if key not in before)]:
        one, other = before.get(key), after.get(key)
        if one == other or (key in _NO_CHANGE and key in before and key in after):
            continue
        if isinstance(one, dict) and isinstance(other, dict):
            yield from (f"{key}.{inner}" for inner in _keys(one, other))
        elif _tables(one) and _tables(other):
            yield from (f"{key}.{inner}" for inner in _keys(_by_id(before, key), _by_id(after, key)))
        else:
            yield key


def _tables(value: object) -> bool:
    return isinstance(value, list) and any(isinstance(one, dict) for one in value)


def _rows(before: list[str], after: list[str]) -> tuple[list[Row], bool]:
    if max(len(before), len(after)) > MOST_LINES:
        return [], before != after
    rows: list[Row] = []
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=len(before) > 4_000)
    for group in matcher.get_grouped_opcodes(_CONTEXT):
        if rows:
            rows.append(Row(0, 0, ""))
        for kind, i, j, k, m in group:
            if kind == "equal":
                rows += [Row(i + n + 1, k + n + 1, before[i + n]) for n in range(j - i)]
                continue
            rows += [Row(i + n + 1, 0, before[i + n]) for n in range(j - i)]
            rows += [Row(0, k + n + 1, after[k + n]) for n in range(m - k)]
        if len(rows) > MOST_ROWS:
            return rows[:MOST_ROWS], True
    return rows, False
