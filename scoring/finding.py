"""Where phrases and patterns stand in one contact. In: utterances, the needles of a scheme. Out: hits, each once.

How much one phrase or pattern may be found, and how long one may be looked for, is bounded: `cut` names those that were
left before the end. May not know: rules, ranges.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from asr.transcript import Utterance
from scoring.lexical import spellings
from scoring.match import Evidence, Reading, of_role, places, readings
from scoring.needles import MOST_ENDS, Found, Lines, Needles
from scoring.patterns import compiled
from scoring.rules import Role

MOST_HITS: Final = 300
"""Of one phrase or pattern in one contact; nobody says more, and a hostile text cannot fill the memory."""
MOST_STEPS: Final = 4_000_000
"""One pattern's program times the characters it reads: at its worst 10 ns each."""
_NONE: Final[tuple["Hit", ...]] = ()


@dataclass(slots=True, eq=False)
class Hit:
    """One occurrence. Its evidence is made when somebody wants it: most hits lie outside the range that is asked."""

    said: Utterance
    """Where it begins."""
    reading: Reading
    start: int
    end: int
    _evidence: Evidence | None = None

    @property
    def evidence(self) -> Evidence:
        if self._evidence is None:
            self._evidence = self.reading.evidence(self.start, self.end)
        return self._evidence


class Words:
    """Mutable: what was looked for is kept. Owned by one Hearing."""

    def __init__(self, utterances: Sequence[Utterance], needles: Needles | None, *, known_ms: int | None) -> None:
        """`known_ms`: None where the contact is over."""
        self._utterances = tuple(utterances)
        self._needles = needles
        self.known = None if known_ms is None else _known(self._utterances, known_ms)
        self._said: dict[Role, tuple[Utterance, ...]] = {Role.ANY: self._utterances}
        self._readings: dict[Role, tuple[Reading, ...]] = {}
        self._hits: dict[tuple[Role, str], tuple[Hit, ...]] = {}
        self._matches: dict[tuple[Role, str], tuple[Hit, ...]] = {}
        self._found: dict[Role, Found] = {}
        self._apart: bool | None = None
        self._lines: Lines | None = None
        self.cut: set[str] = set()

    def of_role(self, role: Role) -> tuple[Utterance, ...]:
        said = self._said.get(role)
        if said is None:
            said = self._said[role] = tuple(of_role(self._utterances, role))
        return said

    @property
    def apart(self) -> bool:
        """Whether each reading is one role's, so that all can be looked through for every role at once."""
        if self._apart is None:
            self._apart = all(_of_one(reading.utterances) for reading in self.readings(Role.ANY))
        return self._apart

    def readings(self, role: Role) -> tuple[Reading, ...]:
        found = self._readings.get(role)
        if found is None:
            if role is Role.ANY or not self.apart:
                found = tuple(readings(self.of_role(role), known=self.known))
            else:
                found = tuple(one for one in self.readings(Role.ANY) if one.utterances[0].role == role)
            self._readings[role] = found
        return found

    def found(self, role: Role) -> Found | None:
        """What of the needles may be in the role's words at all; None: they were not asked."""
        if self._needles is None:
            return None
        if self.apart:
            role = Role.ANY
        found = self._found.get(role)
        if found is None:
            found = self._found[role] = self._needles.find([one.text for one in self.readings(role)])
        return found

    def hits(self, role: Role, phrase: str) -> tuple[Hit, ...]:
        found = self.found(role)
        if found is not None and phrase not in found.phrases and self._needles and phrase in self._needles.phrases:
            return _NONE
        key = (role, phrase)
        hits = self._hits.get(key)
        if hits is None:
            hits = self._hits[key] = self._bounded(phrase, self._places(role, phrase, found))
        return hits

    def present(self, role: Role, phrases: Sequence[str]) -> Collection[str]:
        """Those of the phrases that may have been said."""
        found = self.found(role)
        if found is None or self._needles is None or not self._needles.phrases.issuperset(phrases):
            return phrases
        return found.phrases.keys() & phrases

    def _places(self, role: Role, phrase: str, found: Found | None) -> Iterable[Hit]:
        if found is None or phrase not in found.phrases:
            return self._spelt(role, phrase, self.readings(role))
        each = self.readings(Role.ANY if self.apart else role)
        ends = found.ends.get(phrase)
        if ends is not None and len(ends) < MOST_ENDS:
            return self._plain(role, each, ends, len(spellings(phrase)[0]))
        return self._spelt(role, phrase, (each[at] for at in found.phrases[phrase]))

    @staticmethod
    def _spelt(role: Role, phrase: str, looked: Iterable[Reading]) -> Iterator[Hit]:
        for reading in looked:
            if role is not Role.ANY and reading.utterances[0].role != role:
                continue
            for start, end in places(reading.text, phrase):
                yield Hit(reading.said_at(start), reading, start, end)

    @staticmethod
    def _plain(role: Role, each: Sequence[Reading], ends: Sequence[tuple[int, int]], length: int) -> list[Hit]:
        """The places themselves, without those that overlap one before."""
        last_at, last_end = -1, 0
        hits: list[Hit] = []
        for at, end in ends:
            reading = each[at]
            if role is not Role.ANY and reading.utterances[0].role != role:
                continue
            if at == last_at and end - length < last_end:
                continue
            last_at, last_end = at, end
            hits.append(Hit(reading.said_at(end - length), reading, end - length, end))
        return hits

    def matches(self, role: Role, pattern: str) -> tuple[Hit, ...]:
        found = self.found(role)
        if found is not None and pattern not in found.patterns and self._needles and pattern in self._needles.patterns:
            return _NONE
        key = (role, pattern)
        hits = self._matches.get(key)
        if hits is None:
            hits = self._matches[key] = self._bounded(pattern, self._spans(role, pattern))
        return hits

    def _spans(self, role: Role, pattern: str) -> Iterator[Hit]:
        machine = compiled(pattern)
        steps, left = machine.programsize, MOST_STEPS
        perhaps = self._matching(pattern)
        for reading in self.readings(role):
            if not reading.settled:
                continue
            left -= len(reading.text) * steps
            if left < 0:
                self.cut.add(pattern)
                return
            if perhaps is not None and id(reading) not in perhaps:
                continue
            for match in machine.finditer(reading.text):
                start, end = match.span()
                if end > start:
                    yield Hit(reading.said_at(start), reading, start, end)
                left -= (len(reading.text) - end) * steps
                if left < 0:  # the next one may be looked for up to the text's end
                    self.cut.add(pattern)
                    return

    def _matching(self, pattern: str) -> Collection[int] | None:
        """By identity, the readings in which it may match, asked of all texts at once. None: not known."""
        if self._needles is None or not self.apart:
            return None
        each = self.readings(Role.ANY)
        if self._lines is None:
            self._lines = Lines.of([one.text for one in each])
        numbers = self._needles.texts_with(pattern, self._lines)
        return None if numbers is None else {id(each[number]) for number in numbers}

    def _bounded(self, asked: str, hits: Iterable[Hit]) -> tuple[Hit, ...]:
        if isinstance(hits, list) and len(hits) <= MOST_HITS:
            return tuple(hits)
        kept: list[Hit] = []
        for hit in hits:
            if len(kept) == MOST_HITS:
                self.cut.add(asked)
                break
            kept.append(hit)
        return tuple(kept)


def _known(utterances: Sequence[Utterance], known_ms: int) -> dict[int, int]:
    """By channel: each tells its own in order."""
    found: dict[int, int] = {}
    for said in utterances:
        found[said.channel] = max(said.start_ms, found.get(said.channel, known_ms))
    return found


def _of_one(said: Sequence[Utterance]) -> bool:
    role = said[0].role
    return all(one.role == role for one in said)
