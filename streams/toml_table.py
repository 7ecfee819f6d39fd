"""Reads a TOML table field by field and keeps every fault. In: a TomlText. Out: plain typed values; faults in one list.

A field that is wrong yields a harmless value of its type, so reading goes on; whoever reads looks at `faults` before
using anything. `close` refuses keys nobody asked for. May not know: what the fields mean, the file system.
"""

import difflib
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from streams.toml_lines import Fault, KeyPath, TomlText

_MOST_UNKNOWN = 50
"""Keys of one table that are told one by one."""
_DURATION = re.compile(r"(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?")
_LONGEST_TOLD = 80
"""Characters of a name in a fault."""


class Table:
    """One table while it is read. Owns which keys were asked for; shares `faults` with its sub-tables."""

    def __init__(
        self,
        text: TomlText,
        *,
        file: str,
        faults: list[Fault],
        path: KeyPath = (),
        values: Mapping[str, Any] | None = None,
    ) -> None:
        self.faults = faults
        self.file = file
        self.path = path
        self._text = text
        self._values = text.values if values is None else values
        self._asked: dict[str, None] = {}

    @property
    def line(self) -> int:
        return self._text.line_of(self.path)

    def names(self) -> Collection[str]:
        return self._values.keys()

    def has(self, key: str) -> bool:
        self._asked[key] = None
        return key in self._values

    def fault(self, key: str | None, message: str, mend: str) -> None:
        """Keeps a fault at `key`, or at the table itself for None."""
        self.faults.append(self.told(message, mend, *(() if key is None else (key,))))

    def told(self, message: str, mend: str, *steps: str | int) -> Fault:
        """One at a key, or at an element of its list, that is not kept here: a warning, say."""
        path = (*self.path, *steps)
        return Fault(self.file, self._text.line_of(path), f"{dotted(path)}: {message}", mend)

    def text(self, key: str, *, default: str | None = None) -> str:
        """A text that is not empty; `default` None: required."""
        value = self._get(key, str, default, example='"…"')
        if value == "" and self.has(key) and default != "":
            self.fault(key, "is empty", f'write {key} = "…", or leave the key out' if default else f'write {key} = "…"')
        return str(value or default or "")

    def integer(self, key: str, *, low: int, high: int, default: int | None = None) -> int:
        value = self._get(key, int, default, example=str(low if default is None else default))
        if value is None:
            return low
        if not low <= value <= high:
            self.fault(key, f"{value} is out of range", f"write a whole number from {low} to {high}")
            return low
        return int(value)

    def number(self, key: str, *, low: float, high: float, default: float | None = None) -> float:
        value = self._get(key, (int, float), default, example=f"{low if default is None else default:g}")
        if value is None:
            return low
        if not low <= value <= high:  # also refuses nan
            self.fault(key, f"{value} is out of range", f"write a number from {low:g} to {high:g}")
            return low
        return float(value)

    def seconds(self, key: str, *, low: float, high: float, default: float | None = None) -> float:
        """A number of seconds, or a text such as "90s", "2m", "1h30m"."""
        value = self._get(key, (int, float, str), default, example=f"{low if default is None else default:g}")
        if not isinstance(value, str):
            return self.number(key, low=low, high=high, default=default)
        found = _DURATION.fullmatch(value.strip())
        if found is None or not value.strip():
            self.fault(key, "is no length of time", f'write seconds, or {key} = "90s", "2m", "1h30m"')
            return low
        hours, minutes, seconds = (int(part or 0) for part in found.groups())
        told = 3600.0 * hours + 60 * minutes + seconds
        if not low <= told <= high:
            self.fault(key, f"{value} is out of range", f"write {low:g} to {high:g} seconds")
            return low
        return told

    def flag(self, key: str, *, default: bool) -> bool:
        return bool(self._get(key, bool, default, example="true"))

    def scalar(self, key: str) -> str | int | bool | None:
        """A text, a whole number or true/false; None if there is none."""
        self._asked[key] = None
        value = self._values.get(key)
        if value is None or isinstance(value, str | int | bool):
            return value
        self.fault(key, f"{_shown(value)} is {_kind_of(value)}", f'write {key} = "…", a whole number or true')
        return None

    def choice(self, key: str, choices: Iterable[str], *, default: str | None = None) -> str:
        known = list(choices)
        value = self._get(key, str, default, example=f'"{known[0]}"')
        if value is not None and value not in known:
            self.fault(key, f"unknown {key} {value[:_LONGEST_TOLD]!r}", suggest(value, known))
            return known[0]
        return str(value or known[0])

    def texts(self, key: str, *, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        values = self._get(key, list, default, example='["…"]')
        if values is None:
            return ()
        for number, value in enumerate(values):
            if not isinstance(value, str) or not value:
                self.faults.append(self.told(f"{_shown(value)} is not a text", f'write {key} = ["…"]', key, number))
        return tuple(value for value in values if isinstance(value, str))

    def words(self, key: str) -> tuple[str, ...]:
        """A text, or a list of them; () if there is none."""
        if isinstance(self._values.get(key), str):
            return (self.text(key),)
        return self.texts(key, default=())

    def table(self, key: str) -> "Table | None":
        """The sub-table, None if there is none (or a fault if it is something else)."""
        value = self._get(key, dict, {}, example=f"a table: [{dotted((*self.path, key))}]")
        return self._sub((key,), value) if key in self._values and isinstance(value, dict) else None

    def tables(self, key: str) -> list["Table"]:
        """The tables written as [[key]]."""
        found = self._get(key, list, [], example=f"tables: [[{dotted((*self.path, key))}]]") or []
        if not all(isinstance(value, dict) for value in found):
            self.fault(key, "is not a list of tables", f"write [[{dotted((*self.path, key))}]] above each")
        return [self._sub((key, number), value) for number, value in enumerate(found) if isinstance(value, dict)]

    def named_tables(self, key: str) -> dict[str, "Table"]:
        """The tables written as [key.NAME]."""
        parent = self.table(key)
        if parent is None:
            return {}
        found = {name: parent.table(name) for name in parent.names()}
        return {name: table for name, table in found.items() if table is not None}

    def close(self) -> None:
        """Refuses every key that was never asked for."""
        unknown = [key for key in self._values if key not in self._asked]
        for key in unknown[:_MOST_UNKNOWN]:
            self.fault(key, "unknown key", suggest(key, self._asked))
        if len(unknown) > _MOST_UNKNOWN:
            self.fault(None, f"has {len(unknown) - _MOST_UNKNOWN} more unknown keys", "remove them")

    def _sub(self, steps: KeyPath, values: Mapping[str, Any]) -> "Table":
        return Table(self._text, file=self.file, faults=self.faults, path=self.path + steps, values=values)

    def _get(self, key: str, kind: type | tuple[type, ...], default: Any, *, example: str) -> Any:
        self._asked[key] = None
        if key not in self._values:
            if default is None and key not in self._text.broken:
                self.fault(None, f"{key} is missing", f"add {key} = {example}")
            return default
        value = self._values[key]
        wanted_bool = kind is bool
        if not isinstance(value, kind) or isinstance(value, bool) != wanted_bool:
            wanted = example if example.startswith(("a table", "tables")) else f"{key} = {example}"
            self.fault(key, f"{_shown(value)} is {_kind_of(value)}", f"write {wanted}")
            return default
        return value


def suggest(wrong: str, known: Iterable[str]) -> str:
    """What was probably meant, or all that is known."""
    names = sorted(known)
    near = difflib.get_close_matches(wrong[:_LONGEST_TOLD], names, n=1, cutoff=0.6)
    return f"did you mean {near[0]!r}?" if near else f"known here: {', '.join(names) or 'nothing'}"


def dotted(path: KeyPath) -> str:
    """("alerts", "rule", 0, "window") as a person writes it: alerts.rule[0].window."""
    name = "".join(f"[{step}]" if isinstance(step, int) else f".{step[:_LONGEST_TOLD]}" for step in path)
    return name.removeprefix(".") or "the file"


def _kind_of(value: object) -> str:
    match value:
        case bool():
            return "true/false"
        case str():
            return "a text"
        case int() | float():
            return "a number"
        case list():
            return "a list"
        case dict():
            return "a table"
        case _:
            return "a date or time"


def _shown(value: object) -> str:
    """Short, and never the value of a text: it may be a secret in the wrong place."""
    match value:
        case str() | list() | dict():
            return "this"
        case _:
            return str(value).lower() if isinstance(value, bool) else str(value)
