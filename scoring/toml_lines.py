"""Where in a TOML text a value stands. In: text that tomllib accepts. Out: line numbers by path.

tomllib keeps no places. This reads only structure (headers, keys, strings, brackets); whatever it does not find, it
answers with the nearest thing around it, so a fault always has a line.
"""

import re
from collections.abc import Iterator, Mapping

Path = tuple[str | int, ...]

_KEY = r"(?:[A-Za-z0-9_-]+|\"(?:[^\"\\]|\\.)*\"|'[^']*')"
_DOTTED = rf"{_KEY}(?:\s*\.\s*{_KEY})*"
_HEADER = re.compile(rf"^\s*(\[\[?)\s*({_DOTTED})\s*\]\]?")
_ASSIGNMENT = re.compile(rf"^\s*({_DOTTED})\s*=")
_KEY_PART = re.compile(_KEY)
_SKIPPED = re.compile(r'"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'|#[^\n]*', re.DOTALL)


def lines_of(text: str) -> Mapping[Path, int]:
    """Line numbers from 1; entries of `[[item]]` are numbered from 0 as tomllib's lists are."""
    found: dict[Path, int] = {(): 1}
    counts: dict[Path, int] = {}
    table: Path = ()
    for number, line in _logical_lines(text):
        if header := _HEADER.match(line):
            table = _resolved(_parts(header.group(2)), counts, new_entry=header.group(1) == "[[")
            found.setdefault(table, number)
        elif assignment := _ASSIGNMENT.match(line):
            path = table
            for part in _parts(assignment.group(1)):
                path = (*path, part)
                found.setdefault(path, number)
    return found


def line_at(lines: Mapping[Path, int], path: Path) -> int:
    """The line of the path, or of the nearest thing around it."""
    while path not in lines:
        path = path[:-1]
    return lines[path]


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines on which a statement begins: not inside brackets or multi-line strings."""
    # Strings and comments lose their brackets, hashes and line meaning; their length and line breaks stay.
    blank = _SKIPPED.sub(lambda match: re.sub(r"[^\n]", "_", match.group()), text)
    original = text.split("\n")
    depth, inside = 0, _string_continues(text)
    for number, line in enumerate(blank.split("\n"), 1):
        if depth == 0 and number not in inside:
            yield number, original[number - 1]
        is_header = depth == 0 and line.lstrip().startswith("[")
        if not is_header:
            depth = max(0, depth + line.count("[") + line.count("{") - line.count("]") - line.count("}"))


def _string_continues(text: str) -> frozenset[int]:
    """Lines that begin inside a multi-line string."""
    inside: set[int] = set()
    for match in _SKIPPED.finditer(text):
        first = text.count("\n", 0, match.start()) + 1
        inside.update(range(first + 1, first + match.group().count("\n") + 1))
    return frozenset(inside)


def _parts(dotted: str) -> list[str]:
    return [part.strip("\"'") for part in _KEY_PART.findall(dotted)]


def _resolved(parts: list[str], counts: dict[Path, int], *, new_entry: bool) -> Path:
    """`[[rule.condition]]` under the second `[[rule]]` is ("rule", 1, "condition", n)."""
    path: Path = ()
    for index, part in enumerate(parts):
        path = (*path, part)
        if new_entry and index == len(parts) - 1:
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path
