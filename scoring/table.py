"""A TOML table read strictly. In: tomllib's dict and its place. Out: typed values, and a Fault for each that is wrong.

A wrong value yields a harmless default, so that reading goes on and every fault is found at once. May not know: what
the values mean.
"""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from scoring.toml_lines import Path, line_at


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Fault:
    file: str
    line: int
    problem: str
    mend: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.problem} {self.mend}"


class Faults:
    """Collects faults of one file."""

    def __init__(self, file: str, lines: Mapping[Path, int]) -> None:
        self._file = file
        self._lines = lines
        self.all: list[Fault] = []

    def add(self, path: Path, problem: str, mend: str) -> None:
        self.all.append(Fault(file=self._file, line=line_at(self._lines, path), problem=problem, mend=mend))


class Table:
    def __init__(self, values: Mapping[str, object], path: Path, faults: Faults) -> None:
        self._values = values
        self._asked: list[str] = []
        self.path = path
        self.faults = faults

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def text(self, key: str, default: str | None = None) -> str:
        value = self._get(key, required=default is None)
        if value is None:
            return default or ""
        if not isinstance(value, str) or not value.strip():
            self.wrong(key, "must be a text that is not empty", f'Write {key} = "…".')
            return default or ""
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; () when absent."""
        value = self._get(key, required=False)
        if value is None:
            return ()
        if not isinstance(value, list) or not value or not all(isinstance(one, str) and one.strip() for one in value):
            self.wrong(key, "must be a list of texts, none of them empty", f'Write {key} = ["…", "…"].')
            return ()
        return tuple(value)

    def whole(self, key: str, default: int | None = None, *, least: int, most: int) -> int:
        value = self._get(key, required=default is None)
        if value is None:
            return least if default is None else default
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            self.wrong(key, "must be a whole number", f"Write a whole number from {least} to {most}.")
            return least
        return value

    def number(self, key: str, default: float | None = None, *, least: float, most: float) -> float:
        value = self._get(key, required=default is None)
        if value is None:
            return least if default is None else default
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            self.wrong(key, "must be a number", f"Write a number from {least:g} to {most:g}.")
            return least
        return float(value)

    def choice(self, key: str, among: Sequence[str], default: str | None = None) -> str:
        value = self._get(key, required=default is None)
        if value is None:
            return default or among[0]
        if value not in among:
            self.wrong(key, f"is {value!r}", f"Write one of: {', '.join(among)}.{_meant(str(value), among)}")
            return default or among[0]
        return str(value)

    def table(self, key: str) -> "Table":
        value = self._get(key, required=True)
        if value is not None and not isinstance(value, dict):
            self.wrong(key, "must be a table", f"Write [{key}] and its values below.")
        return Table(value if isinstance(value, dict) else {}, (*self.path, key), self.faults)

    def tables(self, key: str) -> Iterator["Table"]:
        value = self._get(key, required=True)
        if value is None:
            return
        if not isinstance(value, list) or not value:
            self.wrong(key, "must be a list of tables", f"Begin each with [[{key}]].")
            return
        for index, entry in enumerate(value):
            path = (*self.path, key, index)
            if isinstance(entry, dict):
                yield Table(entry, path, self.faults)
            else:
                self.faults.add(path, f"{key} number {index + 1} is not a table.", f"Begin it with [[{key}]].")

    def wrong(self, key: str, problem: str, mend: str) -> None:
        self.faults.add((*self.path, key), f"{key} {problem}.", mend)

    def finish(self) -> None:
        """Call when everything known was asked for: what is left is unknown."""
        for key in self._values:
            if key not in self._asked:
                known = ", ".join(dict.fromkeys(self._asked))
                self.faults.add(
                    (*self.path, key), f"{key} is not known here.", f"Known: {known}.{_meant(key, self._asked)}"
                )

    def _get(self, key: str, *, required: bool) -> object | None:
        self._asked.append(key)
        if required and key not in self._values:
            self.faults.add(self.path, f"{key} is missing.", f"Add {key} here.")
        return self._values.get(key)


def _meant(word: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(word, known, n=1)
    return f" Did you mean {close[0]}?" if close else ""
