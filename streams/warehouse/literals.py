"""Values into SQL text, the same way for every engine. In: SQL with `{name}` places, values. Out: SQL.

18.16 knows no server-side parameters, so we quote ourselves: every byte that is not plain printable ASCII or UTF-8 text
is written as an escape. SQL itself is always a constant of ours (or passed sql_guard); only values come from outside.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

Value = str | int | float | bool | None | Sequence[str] | Sequence[int]

PLACE: Final = re.compile(r"\{([a-z][a-z0-9_]*)\}")
UNSAFE: Final = re.compile(r"[\x00-\x1f\x7f\\'`\"]")
SURROGATE: Final = re.compile(r"[\ud800-\udfff]")


def bind(sql: str, params: Mapping[str, Value]) -> str:
    """Each `{name}` replaced by its value's literal, in one pass: a value that holds `{x}` is not looked at again.

    Raises KeyError for a place without a value, TypeError for a value that has no literal: both are our bugs.
    """
    return PLACE.sub(lambda place: literal(params[place[1]]), sql)


def literal(value: Value) -> str:
    match value:
        case None:
            return "NULL"
        case bool():
            return "1" if value else "0"
        case int():
            return str(int(value))
        case float():
            return repr(float(value)) if value == value and abs(value) != float("inf") else "nan"
        case str():
            return "'" + UNSAFE.sub(lambda found: f"\\x{ord(found[0]):02X}", scrub(value)) + "'"
        case list() | tuple():
            if not value:
                # `IN ()` is a syntax error everywhere; an empty list must match nothing.
                return "(NULL)"
            return "(" + ", ".join(literal(item) for item in value) + ")"
        case _:
            raise TypeError(f"no SQL literal for {type(value).__name__}")


def scrub(text: str) -> str:
    """Lone surrogates cannot be stored in UTF-8: U+FFFD stands where one was, in rows and in questions alike."""
    return text if text.isascii() else SURROGATE.sub("�", text)
