"""What a kind of channel is. In: nothing. Out: `Spec`: its name, settings, limits, send; `Field`: one setting.

One file per service declares one Spec, as operators of scoring do; the configuration is read by its fields, so that a
new service is a file and a line in registry.py. May not know: TOML, screens, retries.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Generic, TypeVar

from alerts.senders.channel import Reply
from alerts.senders.message import Message
from alerts.senders.pace import Limit
from streams.vocabulary.ids import Millis

S = TypeVar("S")


class FieldKind(StrEnum):
    TEXT = "text"
    TEXTS = "texts"
    URL = "url"
    SECRET = "secret"  # noqa: S105 a kind, not a secret
    """Written as KEY, KEY_env (a variable's name) or KEY_file; never shown."""
    SECRET_URL = "secret_url"  # noqa: S105
    """A URL that carries a token of its own: written and hidden as a SECRET."""
    CHOICE = "choice"
    INTEGER = "integer"
    FILE = "file"
    """Absolute path, "" for none."""
    TEMPLATE = "template"
    PAIRS = "pairs"
    """A table of texts: tuple[tuple[str, str], ...]; values may be templates."""


SECRETS: Final = frozenset({FieldKind.SECRET, FieldKind.SECRET_URL})
NEEDED: Final = object()
"""The default of a field that must be written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """`key`: as written in TOML and as held in the settings."""

    key: str
    kind: FieldKind
    zh: str
    en: str
    default: Any = NEEDED
    low: int = 0
    high: int = 0
    choices: tuple[str, ...] = ()
    schemes: tuple[str, ...] = ("https", "http")


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How far a channel may reach. `allow_private`: into our own network, and without TLS."""

    allow_private: bool = False
    timeout_ms: int = 10_000


Send = Callable[[Message, S, Way, Millis], Awaitable[Reply]]
"""One try. Never raises for what the other side does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec(Generic[S]):
    name: str
    asked: type[S]
    """A frozen dataclass; its fields are those of `fields`."""
    fields: tuple[Field, ...]
    send: Send[S]
    zh: str
    en: str
    limits: tuple[Limit, ...] = ()
    faults: Callable[[S], tuple[tuple[str, str, str], ...]] = lambda asked: ()
    """What single fields cannot show: (key, what is wrong, mend)."""
    groups: bool = True
    """Several notifications may become one message when they come faster than the limits."""
    closes: bool = False
    """What fires stays open there until it is resolved: a test must close what it opened."""
    unknown_tries: int = 3
