"""Changes of a scheme's text that leave the rest as it is. In: TOML, `Edit`s. Out: the text, or EditFault.

Only the key or table that is meant changes: comments, order and blank lines stay. Pure. May not know: what keys mean,
but that ids are named elsewhere (monitor/rules_names.py renames them there).
"""

import math
import re
import tomllib
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any, Final

import msgspec

from streams.toml_lines import KeyPath, Place, spans

Value = str | int | float | bool | list[str]
_WIDE: Final = 110
"""Columns after which a list goes on in the next line."""
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Act(StrEnum):
    SET = "set"
    """Gives the key at `path` a value; without one the key goes."""
    ADD = "add"
    """Puts a [[table]] with `values` behind the others at `path`, or after the element `after`."""
    REMOVE = "remove"
    """Takes the table at `path` away, with all below it."""


class Edit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    act: Act
    path: list[str | int]
    value: Value | None = None
    values: dict[str, Value] = {}
    after: int | None = None


class EditReason(StrEnum):
    """Why a text stayed as it is."""

    NOT_TOML = "text_not_toml"
    NO_SUCH_PLACE = "no_such_place"
    NO_VALUE = "value_not_writable"


class EditFault(Exception):
    def __init__(self, reason: EditReason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


def edited(text: str, edits: Sequence[Edit]) -> str:
    """One after the other. Raises EditFault, and then none is done."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    for edit in edits:
        text = _Editing(text).done(edit)
    return text


def written(value: Value) -> str:
    """As TOML. Raises EditFault."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return _quoted(value)
        case int():
            return str(value)
        case float():
            if not math.isfinite(value):
                raise EditFault(EditReason.NO_VALUE, "a number must be finite")
            return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
        case list():
            return _listed([_quoted(one) for one in value])


def _listed(quoted: Sequence[str]) -> str:
    line = f"[{', '.join(quoted)}]"
    if len(line) <= _WIDE:
        return line
    rows: list[str] = []
    for one in quoted:
        if rows and len(rows[-1]) + len(one) + 2 <= _WIDE:
            rows[-1] += f" {one},"
        else:
            rows.append(f"  {one},")
    return "\n".join(["[", *rows, "]"])


def _quoted(value: str) -> str:
    if "\\" in value and "'" not in value and not _CONTROL.search(value):
        return f"'{value}'"  # a pattern stays as it was written
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    escaped = _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", escaped)
    if any("\ud800" <= sign <= "\udfff" for sign in value):
        raise EditFault(EditReason.NO_VALUE, "half a character")
    return f'"{escaped}"'


class _Editing:
    """One edit of one text. Holds the text, what it says and where."""

    def __init__(self, text: str) -> None:
        try:
            self._values: Mapping[str, Any] = tomllib.loads(text)
        except (ValueError, RecursionError) as error:
            raise EditFault(EditReason.NOT_TOML, str(error)) from error
        self._text = text
        self._places = spans(text)
        self._own_ends = _own_ends(self._places)

    def done(self, edit: Edit) -> str:
        path = tuple(edit.path)
        if not path:
            raise EditFault(EditReason.NO_SUCH_PLACE, "an edit needs a path")
        match edit.act:
            case Act.SET:
                return self._unset(path) if edit.value is None else self._set(path, edit.value)
            case Act.ADD:
                return self._add(path, edit)
            case Act.REMOVE:
                return self._remove(path)

    # --- keys --------------------------------------------------------------------------------------------------------

    def _set(self, path: KeyPath, value: Value) -> str:
        place = self._places.get(path)
        if place is not None and place.header:
            raise EditFault(EditReason.NO_SUCH_PLACE, f"{path} is a table")
        before = self._at(path)
        if place is None:
            if before is not None:
                raise EditFault(EditReason.NO_SUCH_PLACE, f"{path} is a table")
            return self._new_key(path, written(value))
        if isinstance(value, list) and isinstance(before, list) and before:
            return self._changed_list(path, before, value)
        return self._put(place.value, place.end, written(value))

    def _new_key(self, path: KeyPath, value: str) -> str:
        table, name = path[:-1], _key(path[-1])
        line = f"{name} = {value}"
        where = self._places.get(table)
        if where is None:
            if table or not isinstance(self._at(table), Mapping):
                raise EditFault(EditReason.NO_SUCH_PLACE, f"there is no table {table}")
            return line + "\n" + self._text
        if not where.header:  # an inline table
            empty = not self._at(table)
            return self._put(where.value + 1, where.value + 1, f" {line}{' ' if empty else ','}")
        end = self._line_end(self._own_end(table))
        return self._put(end, end, f"\n{line}")

    def _unset(self, path: KeyPath) -> str:
        place = self._places.get(path)
        if place is None or place.header:
            if self._at(path) is None:
                return self._text
            raise EditFault(EditReason.NO_SUCH_PLACE, f"{path} is a table")
        parent = self._places.get(path[:-1])
        if parent is not None and not parent.header:
            return self._without_inline(place, parent)
        start, end = self._text.rfind("\n", 0, place.start) + 1, self._line_end(place.end)
        if rest := self._text[place.end : end].strip():  # a comment behind it stays
            return self._put(start, end, rest)
        return self._put(start, min(end + 1, len(self._text)), "")

    def _without_inline(self, place: Place, parent: Place) -> str:
        after = re.compile(r"[ \t]*,[ \t]*").match(self._text, place.end)
        if after:
            return self._put(place.start, after.end(), "")
        comma = re.compile(r",[ \t]*$").search(self._text, parent.value, place.start)
        return self._put(comma.start() if comma else place.start, place.end, "")

    def _changed_list(self, path: KeyPath, before: list[Any], after: list[str]) -> str:
        """Elements that stay keep their line and their comment."""
        text = self._text
        same = SequenceMatcher(None, [repr(one) for one in before], [repr(one) for one in after], autojunk=False)
        for kind, i, j, k, m in reversed(same.get_opcodes()):
            if kind == "equal":
                continue
            shared = min(j - i, m - k)
            for gone in range(j - 1, i + shared - 1, -1):
                text = _without_element(text, self._places[(*path, gone)])
            if new := after[k + shared : m]:
                text = self._inserted(text, path, i + shared, len(before), new)
            for one in range(shared - 1, -1, -1):
                place = self._places[(*path, i + one)]
                text = text[: place.value] + _quoted(after[k + one]) + text[place.end :]
        if _reads(text, path, after):
            return text
        place = self._places[path]  # commas in lines of their own, and the like: written anew
        return self._put(place.value, place.end, written(after))

    def _inserted(self, text: str, path: KeyPath, at: int, count: int, new: Sequence[str]) -> str:
        """Before element `at`, or behind the last one; in a list of lines on a line of its own where it grows wide."""
        quoted = ", ".join(_quoted(one) for one in new)
        if at < count:
            start = self._places[(*path, at)].start
            return f"{text[:start]}{quoted}, {text[start:]}"
        end = self._places[(*path, count - 1)].end
        start = text.rfind("\n", 0, end) + 1
        wide = end - start + len(quoted) > _WIDE
        indent = re.compile(r"[ \t]*").match(text, start)
        between = f"\n{indent[0] if indent else ''}" if wide else " "
        return f"{text[:end]},{between}{quoted}{text[end:]}"

    # --- tables ------------------------------------------------------------------------------------------------------

    def _add(self, path: KeyPath, edit: Edit) -> str:
        parent, name = path[:-1], path[-1]
        there = self._at(path)
        if not isinstance(name, str) or not isinstance(self._at(parent), Mapping):
            raise EditFault(EditReason.NO_SUCH_PLACE, f"there is no {parent}")
        if there is not None and (not isinstance(there, list) or (*path, 0) not in self._places):
            raise EditFault(EditReason.NO_SUCH_PLACE, f"{path} is no list of tables")
        if there and not self._places[(*path, 0)].header:
            raise EditFault(EditReason.NO_SUCH_PLACE, f"{path} is written inline: change the text")
        count = len(there or ())
        end = self._extent(self._before(path, count, edit.after))
        header = ".".join(_key(step) for step in path if isinstance(step, str))
        lines = [f"[[{header}]]", *(f"{_key(key)} = {written(value)}" for key, value in edit.values.items())]
        block = "\n".join(lines)
        if not self._text.strip():
            return block + "\n"
        end = self._line_end(end)
        close = bool(parent)  # a condition stands right below its rule
        return self._put(end, end, f"{'' if close else chr(10)}\n{block}")

    def _before(self, path: KeyPath, count: int, after: int | None) -> KeyPath:
        """What a new table follows: of the text's own tables all of it, for items and rules may stand by turns."""
        if after is not None and 0 <= after < count:
            return (*path, after)
        return (*path, count - 1) if count and len(path) > 1 else path[:-1]

    def _remove(self, path: KeyPath) -> str:
        place = self._places.get(path)
        if place is None or not place.header:
            raise EditFault(EditReason.NO_SUCH_PLACE, f"there is no [[table]] at {path}")
        inside = [one for one, where in self._places.items() if one[: len(path)] == path and where.header]
        text = self._text
        # each header with its own keys, the last one first: what stands between them is somebody else's
        for one in sorted(inside, key=lambda path: -self._places[path].start):
            start, end = text.rfind("\n", 0, self._places[one].start) + 1, self._line_end(self._own_ends[one])
            text = _joined(text[:start], text[min(end + 1, len(text)) :])
        return text

    def _extent(self, path: KeyPath) -> int:
        """Where the table ends, with all tables below it."""
        ends = (self._own_end(one) for one in self._places if one[: len(path)] == path)
        return max(ends, default=0)

    def _own_end(self, path: KeyPath) -> int:
        """Where its header and its own keys end, without the tables below it."""
        return self._own_ends.get(path, self._places[path].end)

    # --- places ------------------------------------------------------------------------------------------------------

    def _at(self, path: KeyPath) -> Any:
        found: Any = self._values
        for step in path:
            try:
                found = found[step]
            except (KeyError, IndexError, TypeError):
                return None
        return found

    def _line_end(self, at: int) -> int:
        end = self._text.find("\n", at)
        return len(self._text) if end < 0 else end

    def _put(self, start: int, end: int, new: str) -> str:
        return self._text[:start] + new + self._text[end:]


def _without_element(text: str, place: Place) -> str:
    """With the comma behind it; TOML allows one that is left before a closing bracket."""
    comma = re.compile(r"[ \t]*,[ \t]*").match(text, place.end)
    if comma is not None:
        return text[: place.start] + text[comma.end() :]
    before = re.compile(r",[ \t]*$").search(text, 0, place.start)
    return text[: before.start() if before else place.start] + text[place.end :]


def _own_ends(places: Mapping[KeyPath, Place]) -> dict[KeyPath, int]:
    """Of each header: where its last key ends."""
    ends: dict[KeyPath, int] = {}
    header: KeyPath | None = None
    for path, place in sorted(places.items(), key=lambda pair: pair[1].start):
        if place.header:
            header, ends[path] = path, place.end
        elif header is not None:
            ends[header] = max(ends[header], place.end)
    return ends


def _joined(before: str, behind: str) -> str:
    """Without the second of two blank lines where something went."""
    if behind.startswith("\n") and (not before or before.endswith("\n\n")):
        return before + behind[1:]
    return before + behind


def _reads(text: str, path: KeyPath, value: object) -> bool:
    try:
        found: Any = tomllib.loads(text)
        for step in path:
            found = found[step]
    except (tomllib.TOMLDecodeError, KeyError, IndexError):
        return False
    return bool(found == value)


def _key(step: str | int) -> str:
    name = str(step)
    return name if _BARE.fullmatch(name) else _quoted(name)
