"""What a mapping says: which messages of a feed mean which event. In: nothing. Out: frozen rules and what they take.

A rule tells one event of each message it matches; a message may match several. May not know: TOML, events' meaning.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from streams.translate.iso_time import iso_millis
from streams.vocabulary.states import Order

JsonPath = tuple[str, ...]
"""Keys and element numbers from the message's root."""
Scalar = str | int | bool
MISSING: Final = object()
_LONGEST_TEXT: Final = 20_000
_DIGITS: Final = 10**18


class Convert(StrEnum):
    TEXT = "text"
    LOWER = "lower"
    UPPER = "upper"
    INT = "int"
    FLAG = "flag"
    ISO = "iso"
    EPOCH_S = "epoch_s"
    EPOCH_MS = "epoch_ms"
    SECONDS = "seconds"
    """a duration in seconds, to whole ms"""


class Stage(StrEnum):
    """How far the rules before have brought a contact. NONE: not heard of, or over."""

    NONE = "none"
    WAITING = "waiting"
    TALKING = "talking"


class Auth(StrEnum):
    """How the secret is shown to the server; QUERY: as api_key, as Asterisk's REST interface wants it."""

    BEARER = "bearer"
    BASIC = "basic"
    QUERY = "query"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """All that are given must hold."""

    path: JsonPath
    one_of: tuple[Scalar, ...] = ()
    starts: str = ""
    exists: bool | None = None

    def holds(self, message: Any) -> bool:
        value = find(message, self.path)
        if self.exists is not None and self.exists is (value is MISSING or value is None or value == ""):
            return False
        if self.starts and not (isinstance(value, str) and value.startswith(self.starts)):
            return False
        # True == 1 in Python, but not in a message
        return not self.one_of or any(type(one) is type(value) and one == value for one in self.one_of)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taking:
    """A value out of a message: cut, looked up, converted, in this order. `before`: up to the first of these."""

    path: JsonPath
    after: str = ""
    before: tuple[str, ...] = ()
    table: Mapping[str, Scalar] | None = None
    convert: Convert = Convert.TEXT
    default: Scalar | None = None

    def take(self, message: Any) -> Any:
        """MISSING where the message has none and there is no default; None where what it has cannot be used."""
        value = find(message, self.path)
        if value is MISSING or value is None or value == "":
            return MISSING if self.default is None else self.default
        if self.after or self.before:
            value = self._cut(value)
        if self.table is not None:
            key = _text(value)
            found = self.table.get(key) if key is not None else None
            return self.default if found is None else found
        return _CONVERTERS[self.convert](value)

    def _cut(self, value: Any) -> str | None:
        text = _text(value)
        if text is None:
            return None
        if self.after:
            text = text.partition(self.after)[2]
        for sign in self.before:
            text = text.partition(sign)[0]
        return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """`number` from 1, as in the file. `stage`: only for contacts that stand so."""

    number: int
    kind: str
    conditions: tuple[Condition, ...]
    stage: Stage | None
    fields: Mapping[str, Taking | Scalar]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedMapping:
    """A whole file. `at` None: the time of arrival. `id` None: the message itself is what it is known by."""

    rules: tuple[Rule, ...]
    order: Order
    auth: Auth
    at: Taking | None
    id: Taking | None
    picture_ms: int


def find(message: Any, path: JsonPath) -> Any:
    """The value at `path`, MISSING if there is none."""
    for step in path:
        if isinstance(message, dict) and step in message:
            message = message[step]
        elif (
            isinstance(message, list)
            and step.isascii()
            and step.isdigit()
            and len(step) < 6
            and int(step) < len(message)
        ):
            message = message[int(step)]
        else:
            return MISSING
    return message


def _text(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and -_DIGITS < value < _DIGITS:
        return str(value)
    return value if isinstance(value, str) and len(value) <= _LONGEST_TEXT else None


def _int(value: Any) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    text = value.strip() if isinstance(value, str) else ""
    return int(text) if text.isascii() and text.removeprefix("-").isdigit() and len(text) < 19 else None


def _times(factor: int, value: Any) -> int | None:
    """A number, or a text of one, as whole ms."""
    if isinstance(value, str) and len(value) < 32 and value.isascii():
        whole, dot, fraction = value.strip().partition(".")
        if not whole.isdigit() or (dot and not fraction.isdigit()):
            return None
        value = int(whole) if not dot else float(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < _DIGITS:
        return None
    return round(value * factor)


def _iso(value: Any) -> int | None:
    return iso_millis(value) if isinstance(value, str) else None


def _lower(value: Any) -> str | None:
    text = _text(value)
    return None if text is None else text.lower()


def _upper(value: Any) -> str | None:
    text = _text(value)
    return None if text is None else text.upper()


def _flag(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}.get(_lower(value) or "")


_CONVERTERS: Final[Mapping[Convert, Callable[[Any], Any]]] = {
    Convert.TEXT: _text,
    Convert.LOWER: _lower,
    Convert.UPPER: _upper,
    Convert.INT: _int,
    Convert.FLAG: _flag,
    Convert.ISO: _iso,
    Convert.EPOCH_S: lambda value: _times(1000, value),
    Convert.EPOCH_MS: lambda value: _times(1, value),
    Convert.SECONDS: lambda value: _times(1000, value),
}
