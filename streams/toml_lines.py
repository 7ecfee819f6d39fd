"""Where each key of a TOML text stands. In: the text. Out: values, the line and span of every key, faults with a mend.

tomllib tells values but no positions, and stops at the first slip; people who mend a file want all slips with lines.
`read_toml` goes on behind a broken `key = value` line, so the remaining checks still run. May not know: files.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

KeyPath = tuple[str | int, ...]
"""("alerts", "rule", 0, "window_minutes"): names of tables and keys, numbers of array elements."""


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing to mend in a file written by a person. `path` is the file as the person named it."""

    path: str
    line: int
    message: str
    mend: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}\n    mend: {self.mend}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TomlText:
    """What a text said. `broken` holds the last name of each key whose value could not be read."""

    values: Mapping[str, Any]
    lines: Mapping[KeyPath, int]
    faults: tuple[Fault, ...]
    broken: frozenset[str]

    def line_of(self, path: KeyPath) -> int:
        """The line of the key, else of the nearest table around it, else 1."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


_PLACE = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)$")
_KEY_LINE = re.compile(r"\s*([A-Za-z0-9_.-]+)\s*=")
_LONG_NUMBER = re.compile(r"[0-9_]{4301,}")
_QUOTED_OR_COMMENT = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'[^']*'|#.*")
_DEEPEST = 100
_PART = r"(?:[A-Za-z0-9_-]++|\"[^\"\n]*+\"|'[^'\n]*+')"
_DEEP_KEY = re.compile(rf"(?<![A-Za-z0-9_-]){_PART}(?:[ \t]*+\.[ \t]*+{_PART}){{32}}")
"""Of a key with n parts tomllib keeps n(n+1)/2 of them: 120 KB of dots would take 3 GB."""
_MOST_BROKEN_LINES = 50
_LEAST_BROKEN_LINES = 3
_MOST_REREAD = 600_000
"""Characters: each broken line costs one more reading of the whole text."""
_LONGEST_ROW = 10_000


def read_toml(text: str, *, file: str) -> TomlText:
    """Values, lines and syntax faults of `text`; never raises on what a person wrote."""
    rows = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    faults: list[Fault] = []
    broken: set[str] = set()
    if (deep := _deep_key(rows)) is not None:
        mend = "write a key with at most 32 parts"
        return TomlText(values={}, lines={}, faults=(Fault(file, deep, "not TOML: a key of too many parts", mend),),
                        broken=frozenset())  # fmt: skip
    readings = max(_LEAST_BROKEN_LINES, min(_MOST_BROKEN_LINES, _MOST_REREAD // (len(text) + 1)))
    for _ in range(readings):
        valid = "\n".join(rows)
        try:
            values = tomllib.loads(valid)
            return TomlText(values=values, lines=locate(valid), faults=tuple(faults), broken=frozenset(broken))
        except tomllib.TOMLDecodeError as error:
            line, column, reason = _place(str(error), last=len(rows))
            mend = _mend(rows[line - 1], column, reason)
        except ValueError:  # int() refuses so many digits, by Python's own limit
            line, column, reason, mend = *_long_number(rows), "a number with more than 4,300 digits", "write fewer"
        except RecursionError:
            line, column, reason, mend = _deepest(valid), 1, "nested too deeply", "close brackets where they belong"
        faults.append(Fault(file, line, f"not TOML: {reason}", mend))
        key = _KEY_LINE.match(rows[line - 1])
        if key is None or column <= key.end():
            break  # the structure is broken, not one value: what follows would be noise
        broken.add(key[1].rpartition(".")[2])
        rows[line - 1] = ""
    return TomlText(values={}, lines={}, faults=tuple(faults), broken=frozenset(broken))


def _deep_key(rows: list[str]) -> int | None:
    """The line of a key that nests deeper than anybody means."""
    return next((line for line, row in enumerate(rows, 1) if row.count(".") > 32 and _DEEP_KEY.search(row)), None)


def _place(message: str, *, last: int) -> tuple[int, int, str]:
    found = _PLACE.search(message)
    if found is None or found[1] is None:
        return last, 1, _PLACE.sub("", message)
    return int(found[1]), int(found[2]), message[: found.start()]


def _long_number(rows: list[str]) -> tuple[int, int]:
    """Line and column (behind the key) of what int() refused."""
    found = ((line, _LONG_NUMBER.search(row)) for line, row in enumerate(rows, 1))
    return next(((line, match.start() + 1) for line, match in found if match), (len(rows), 1))


def _deepest(text: str) -> int:
    """The line where brackets outside of texts first nest deeper than anybody means."""
    depth = 0
    for line, row in enumerate(text.split("\n"), 1):
        for sign in _QUOTED_OR_COMMENT.sub("", row[:_LONGEST_ROW]):
            depth += (sign in "[{") - (sign in "]}")
            if depth > _DEEPEST:
                return line
    return 1


def _mend(row: str, column: int, reason: str) -> str:
    if reason.startswith(("Cannot overwrite", "Cannot declare", "Duplicate")):
        return "it stands twice: keep one"
    if _KEY_LINE.match(row) is None:
        return "write one `key = value` a line, tables as [name]; close every quote and bracket"
    return f'look at column {column}; a text needs quotes: key = "text"'


def locate(text: str) -> Mapping[KeyPath, int]:
    """The line (from 1) of every key, table and array element of a text that tomllib accepts."""
    scanner = _Scanner(text.replace("\r\n", "\n"))
    scanner.document()
    return scanner.lines


@dataclass(frozen=True, slots=True)
class Place:
    """Offsets of a key or of an array's element: where it begins, where its value begins and ends. Of a [table] or
    [[table]] all of its header, `value` being where it ends."""

    start: int
    value: int
    end: int
    header: bool = False


def spans(text: str) -> Mapping[KeyPath, Place]:
    """Of a text that tomllib accepts and that has no carriage returns, each behind what it holds. Of a table that
    neither a header nor an inline value makes (`a.b = 1`) nothing is told."""
    scanner = _Scanner(text)
    scanner.document()
    return scanner.places


class _Scanner:
    """Walks valid TOML once. Owns its position, the lines found and the count of each array of tables."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line = 1
        self._counts: dict[KeyPath, int] = {}
        self.lines: dict[KeyPath, int] = {}
        self.places: dict[KeyPath, Place] = {}

    def document(self) -> None:
        table: KeyPath = ()
        while self._skip_blank():
            if self._text.startswith("[", self._at):
                table = self._header()
            else:
                self._pair(table)

    def _header(self) -> KeyPath:
        repeated = self._text.startswith("[[", self._at)
        start, line = self._at, self._line
        self._move(2 if repeated else 1)
        *parents, name = self._key()
        self._skip_spaces()
        self._move(2 if repeated else 1)
        path: KeyPath = ()
        for parent in parents:
            path = self._into((*path, parent))
            self.lines.setdefault(path, line)
        path = (*path, name)
        if repeated:
            self.lines.setdefault(path, line)
            self._counts[path] = self._counts.get(path, -1) + 1
            path = self._into(path)
        self.lines[path] = line
        self.places[path] = Place(start, self._at, self._at, header=True)
        return path

    def _into(self, path: KeyPath) -> KeyPath:
        return (*path, self._counts[path]) if path in self._counts else path

    def _pair(self, table: KeyPath) -> None:
        start, line = self._at, self._line
        path = table
        for name in self._key():
            path = (*path, name)
            self.lines.setdefault(path, line)
        self._skip_spaces()
        self._move(1)  # the "="
        self._skip_spaces()
        value = self._at
        self._value(path)
        self.places[path] = Place(start, value, self._behind())

    def _key(self) -> list[str]:
        names = []
        while True:
            self._skip_spaces()
            if self._text[self._at] in "\"'":
                start = self._at
                self._string()
                names.append(_unquoted(self._text[start : self._at]))
            else:
                found = _BARE_KEY.match(self._text, self._at)
                assert found is not None  # tomllib accepted the text
                self._move(len(found[0]))
                names.append(found[0])
            self._skip_spaces()
            if not self._text.startswith(".", self._at):
                return names
            self._move(1)

    def _value(self, path: KeyPath) -> None:
        match self._text[self._at]:
            case '"' | "'":
                self._string()
            case "[":
                self._array(path)
            case "{":
                self._inline_table(path)
            case _:
                found = _BARE_VALUE.match(self._text, self._at)
                assert found is not None
                self._move(len(found[0]))

    def _array(self, path: KeyPath) -> None:
        self._move(1)
        number = 0
        while self._skip_blank() and self._text[self._at] != "]":
            if self._text[self._at] == ",":
                self._move(1)
                continue
            self.lines[(*path, number)] = self._line
            start = self._at
            self._value((*path, number))
            self.places[(*path, number)] = Place(start, start, self._behind())
            number += 1
        self._move(1)

    def _inline_table(self, path: KeyPath) -> None:
        self._move(1)
        while self._skip_blank() and self._text[self._at] != "}":
            if self._text[self._at] == ",":
                self._move(1)
            else:
                self._pair(path)
        self._move(1)

    def _string(self) -> None:
        for pattern in _STRINGS:
            if found := pattern.match(self._text, self._at):
                self._move(len(found[0]))
                return
        raise AssertionError("tomllib accepted a string this scanner does not know")

    def _behind(self) -> int:
        """The end of the value just read: of a number or a word without the spaces behind it."""
        end = self._at
        while self._text[end - 1] in " \t":
            end -= 1
        return end

    def _skip_spaces(self) -> None:
        while self._text.startswith((" ", "\t"), self._at):
            self._at += 1

    def _skip_blank(self) -> bool:
        """Past spaces, newlines and comments; False at the end of the text."""
        found = _BLANK.match(self._text, self._at)
        assert found is not None  # it also matches nothing
        self._move(len(found[0]))
        return self._at < len(self._text)

    def _move(self, length: int) -> None:
        self._line += self._text.count("\n", self._at, self._at + length)
        self._at += length


_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_BARE_VALUE = re.compile(r"[^,\]}\n#]+")
_BLANK = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_STRINGS = (
    re.compile(r'"""(?:[^"\\]|\\[\s\S]|"{1,2}(?!"))*"{3,5}'),
    re.compile(r"'''(?:[^']|'{1,2}(?!'))*'{3,5}"),
    re.compile(r'"(?:[^"\\\n]|\\.)*"'),
    re.compile(r"'[^'\n]*'"),
)


def _unquoted(quoted: str) -> str:
    return str(tomllib.loads(f"x = {quoted}")["x"])
