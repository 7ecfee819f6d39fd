"""What an operator is. In: nothing. Out: `Spec`: its name, settings, judge; `Field`: one setting.

One file per operator declares one Spec; from its fields the language's parser, the JSON Schema, the editor's form and
the table in docs/rules.md are made, so that they agree. May not know: TOML, schemes, screens.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Generic, TypeVar

from scoring.case import Kind
from scoring.hearing import Scope
from scoring.operators.answer import Answer

A = TypeVar("A")


class FieldKind(StrEnum):
    PHRASES = "phrases"
    """A list of what is said; `…` skips up to 12 characters. tuple[str, ...]"""
    TEXTS = "texts"
    """A list of other texts. tuple[str, ...]"""
    TEXT = "text"
    PATTERN = "pattern"
    """A regular expression of RE2. str"""
    CHOICE = "choice"
    INTEGER = "integer"
    NUMBER = "number"
    SECONDS = "seconds"
    """Written in seconds, held in whole ms: int"""
    FLAG = "flag"
    TABLES = "tables"
    """Written as [[…condition.KEY]]; each has the fields `of` and is held as a `made`. tuple[made, ...]"""


NEEDED: Final = object()
"""The default of a field that must be written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """`key`: as written in TOML; `name`: of the settings type, where it differs (`seconds` is held as `gap_ms`)."""

    key: str
    kind: FieldKind
    zh: str
    en: str
    name: str = ""
    default: Any = NEEDED
    """As held. None: may be left out and then is None."""
    low: float = 0.0
    high: float = 0.0
    choices: tuple[str, ...] = ()
    most: int = 500
    """Entries of a list, characters of a text."""
    of: "tuple[Field, ...]" = ()
    made: type | None = None
    exact: bool = True
    """Of phrases: looked for letter by letter (Scope.hits), so a word the recogniser lacks is never found."""

    @property
    def held_as(self) -> str:
        return self.name or self.key


class Needs(StrEnum):
    """What an operator rests on; where it is not known, the engine answers cannot_tell before asking."""

    WORDS = "words"
    ROLES = "roles"
    """two sides told apart: overlap and who hung up mean nothing on a mono recording"""
    TIMES = "times"
    """word times: a chat or a plain text has none"""
    SOUND = "sound"
    EVENTS = "events"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec(Generic[A]):
    name: str
    asked: type[A]
    """A frozen dataclass; its fields are those of `fields`."""
    fields: tuple[Field, ...]
    judge: Callable[[Scope, A], Answer]
    """Pure. Never asked with a scope of no utterances where `needs` has WORDS and nothing was heard at all."""
    zh: str
    en: str
    """One sentence: hit when …"""
    needs: frozenset[Needs] = frozenset({Needs.WORDS})
    phrases: Callable[[A], Iterable[str]] = lambda asked: ()
    """All it may look for by `Scope.hits`, to be found in one pass over the contact."""
    patterns: Callable[[A], Iterable[str]] = lambda asked: ()
    """All it may look for by `Scope.matches`."""
    faults: Callable[[A], Iterable[tuple[str, str, str]]] = lambda asked: ()
    """(key or "", what is wrong, its mend) beyond what fields can say."""
    ranged: bool = True
    """Whether a range means anything to it."""
    quiet: Callable[[Scope, A], Answer] | None = None
    """The answer when none of its phrases and patterns is anywhere in the contact; None: `judge` must be asked."""

    kinds: frozenset[Kind] | None = None
    """Of happenings that its answer hangs on; None: perhaps any."""

    alike: Callable[[A], Hashable] | None = None
    """Settings with the same key say the same of every range in which none of their phrases and patterns is (nor in an
    utterance's alternatives): one answer then serves all rules that ask it. None: no two do."""


Specs = Sequence[Spec[Any]]
