"""What a TOML text says, for a form beside it. In: a text that was read. Out: values as JSON has them, lines of tables.

May not know: what keys mean.
"""

from collections.abc import Mapping
from typing import Any

from streams.toml_lines import KeyPath, TomlText


def table_lines(toml: TomlText) -> dict[str, int]:
    found: dict[str, int] = {}

    def walk(value: Any, path: KeyPath) -> None:
        if isinstance(value, Mapping):
            found["/".join(map(str, path))] = toml.line_of(path)
            for key, inner in value.items():
                walk(inner, (*path, key))
        elif isinstance(value, list):
            for number, inner in enumerate(value):
                walk(inner, (*path, number))

    walk(toml.values, ())
    return found


def plain(value: Any) -> Any:
    """Without what JSON has no word for: dates, numbers that are none."""
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    if isinstance(value, bool | str | None):
        return value
    if isinstance(value, int):
        return value if abs(value) < 1 << 53 else str(value)
    return value if isinstance(value, float) and value == value and abs(value) != float("inf") else str(value)
