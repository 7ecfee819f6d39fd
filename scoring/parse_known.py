"""What reading a scheme yields and rests on. In: nothing. Out: Reading, SchemeFaults, Known; `Notes` of one reading.

Limits stand here: whatever the text, reading it ends within a second. May not know: TOML's grammar, operators.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from asr.vocabulary import Vocabulary, Writable, judge, split
from scoring.lexical import ALTERNATIVE
from scoring.match import ELLIPSIS
from scoring.rules import Scheme
from streams.toml_lines import Fault
from streams.toml_table import Table, suggest

MOST_CHARACTERS: Final = 250_000
MOST_SIGNS: Final = 20_000
"""Commas, equals signs, brackets: each is a value somebody has to look at."""
MOST_FAULTS: Final = 500
MOST_RULES: Final = 1_000
MOST_ITEMS: Final = 1_000
MOST_DIMENSIONS: Final = 100
MOST_CONDITIONS: Final = 50
MOST_CHECKS: Final = 20
MOST_PATTERNS: Final = 500
MOST_SYNONYMS: Final = 500
MOST_FOR_ONE: Final = 30
"""Of synonyms for one phrase."""
_MOST_NEAR: Final = 20
"""Keywords for which words alike are looked up: each takes a look through the whole vocabulary."""


class SchemeFaults(Exception):
    """Everything that is wrong with a scheme, in order of lines."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """`scheme` None: it has faults. Warnings never block."""

    scheme: Scheme | None
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...] = ()


_TOLD_BY: Final = {
    "team": "publish a plan with teams at /plan; until then the rule cannot tell",
    "skill": 'write skills = ["…"] below [queues.NAME] of floorwatch.toml; until then the rule cannot tell',
}
"""What fills facts that no event tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the caller can tell of the centre; what it cannot is never warned of."""

    facts: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Of scoring.facts.FACTS by name (queue, site, skill, team, tier): the values there are."""
    vocabulary: Vocabulary | None = None
    """The words the recogniser in use can write."""


@dataclass(slots=True)
class Notes:
    """Of one reading: what it knows, and its warnings and counts so far. Owned by parse.read_scheme."""

    known: Known
    synonyms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    synonyms_used: set[str] = field(default_factory=set)
    warnings: list[Fault] = field(default_factory=list)
    patterns: int = 0
    _near_left: int = _MOST_NEAR
    _judged: dict[str, str] = field(default_factory=dict)

    def fact(self, table: Table, key: str, fact: str, values: Iterable[object]) -> None:
        """Warns of values that the centre does not have."""
        there = self.known.facts.get(fact)
        if there is not None and not there and fact in _TOLD_BY:
            self.warnings.append(table.told(f"nobody here tells the {fact} of a contact", _TOLD_BY[fact], key))
            return
        for value in values:
            if there is not None and isinstance(value, str) and value not in there:
                told = table.told(f"no {fact} is called {value[:80]!r} here", suggest(value, there), key)
                self.warnings.append(told)

    def heard(self, table: Table, key: str, phrases: Sequence[str]) -> None:
        """Warns of phrases that the recogniser cannot write."""
        if self.known.vocabulary is None:
            return
        for number, phrase in enumerate(phrases):
            for part in phrase.replace(ALTERNATIVE, ELLIPSIS).split(ELLIPSIS):
                mend = self._unheard(part.strip(), self.known.vocabulary)
                if mend:
                    lacks = f"the recogniser has no word for {part.strip()[:80]!r}"
                    self.warnings.append(table.told(f"{lacks}, so it is never heard", mend, key, number))

    def _unheard(self, part: str, vocabulary: Vocabulary) -> str:
        """The mend; "" where it can be written."""
        if part not in self._judged:
            text = "".join(part.split())[:40]
            unknown = "".join(word for word, known in split(text, vocabulary) if not known)
            self._judged[part] = self._mend(text, unknown, vocabulary) if unknown else ""
        return self._judged[part]

    def _mend(self, text: str, unknown: str, vocabulary: Vocabulary) -> str:
        plain = f"it lacks {unknown}: ask by sound (sounds_like), or use another word"
        if self._near_left <= 0:
            return plain
        self._near_left -= 1
        judged = judge(text, vocabulary, most=3)
        if judged.writable is not Writable.CANNOT or not judged.near:
            return plain
        return f"it writes {', '.join(one.text for one in judged.near)} for it: add that, or ask by sound (sounds_like)"


def full(table: Table) -> bool:
    """Whether more faults would help nobody."""
    return len(table.faults) >= MOST_FAULTS


def first_of(table: Table, key: str, tables: list[Table], most: int) -> list[Table]:
    """At most so many; a fault where there are more."""
    if len(tables) > most:
        table.fault(key, f"stands {len(tables)} times", f"write at most {most}")
    return tables[:most]
