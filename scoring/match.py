"""Phrases to evidence. In: utterances, phrases. Out: readings (joined text), hits, evidence with its time span.

A phrase may be cut by a pause or by the recogniser's words: neighbouring utterances of a channel are read as one text,
and each character knows its word. May not know: schemes, points.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from msgspec import Struct

from asr.text import lay_out
from asr.transcript import Utterance, Word
from scoring.lexical import folded, spellings, within_word
from scoring.rules import Role

JOIN_MS = 1_500
"""A shorter pause does not end a sentence."""
ELLIPSIS = "…"
MOST_SKIPPED = 12
"""Characters an ellipsis may stand for."""


class Evidence(Struct, frozen=True, kw_only=True):
    """What was said, or what was not: a silence has no text."""

    utterance: int
    role: str
    start_ms: int
    end_ms: int
    text: str
    confidence: float
    """Of its weakest word."""
    event: str = ""
    """What happened, where it is no word: silence, or a scoring.case.Kind; screens have a word for each."""


@dataclass(slots=True, eq=False)
class Reading:
    """Neighbouring utterances of one channel as one text. Which word owns a character is worked out when asked."""

    utterances: tuple[Utterance, ...]
    text: str
    """Folded."""
    starts: tuple[int, ...]
    """Where each utterance's own characters begin in it."""
    settled: bool = True
    """False: of a contact that goes on, the next utterance may still lengthen it."""
    _laid: dict[int, tuple[tuple[int, ...], Sequence[Word]]] = field(default_factory=dict)

    def evidence(self, start: int, end: int) -> Evidence:
        """For the characters [start, end); times are those of whole words."""
        first = self._owner(start)
        said = self.utterances[first]
        ends, words = self._words_of(first)
        low, high = bisect_right(ends, start), bisect_left(ends, end)
        if high < len(ends):
            owners = words[low : high + 1]
        else:
            last = self._owner(end - 1)
            further = (word for at in range(first + 1, last + 1) for word in self._touched(at, start, end))
            owners = (*words[low:], *further)
        return Evidence(
            utterance=said.number,
            role=said.role,
            start_ms=owners[0].start_ms,
            end_ms=max([word.end_ms for word in owners]),
            text=self.text[start:end],
            confidence=min([word.confidence for word in owners]),
        )

    def said_at(self, start: int) -> Utterance:
        """Whose words hold that character."""
        return self.utterances[self._owner(start)]

    @property
    def owners(self) -> tuple[tuple[Utterance, Word], ...]:
        """The word of each character; a space belongs to the word behind it."""
        found: list[tuple[Utterance, Word]] = []
        for at, said in enumerate(self.utterances):
            ends, words = self._words_of(at)
            for end, word in zip(ends, words, strict=True):
                found.extend([(said, word)] * (end - len(found)))
        return tuple(found)

    def _owner(self, place: int) -> int:
        """A space between two utterances belongs to the one behind it, as do utterances without words."""
        if len(self.starts) == 1:
            return 0
        at = bisect_right(self.starts, place) - 1
        if place >= self.starts[at] + len(self.utterances[at].text):
            at += 1
        while not self.utterances[at].text:
            at += 1
        return at

    def _touched(self, at: int, start: int, end: int) -> Sequence[Word]:
        ends, words = self._words_of(at)
        first = bisect_right(ends, start)
        return words[first : bisect_left(ends, end) + 1]

    def _words_of(self, at: int) -> tuple[tuple[int, ...], Sequence[Word]]:
        """The words of one utterance and where each ends in the text."""
        found = self._laid.get(at)
        if found is None:
            begin, said = self.starts[at], self.utterances[at]
            words = said.words
            ends = tuple(accumulate((len(word.text) for word in words), initial=begin))[1:]
            if not words or ends[-1] != begin + len(said.text):  # Latin words have spaces between them
                text, laid = lay_out(word.text for word in words)
                ends = tuple(begin + end for _, end in laid)
                if len(text) != len(said.text):  # its words are not known, or are not those of the text
                    words = (_whole(said),) if said.text else ()
                    ends = (begin + len(said.text),) if said.text else ()
            found = self._laid[at] = (ends, words)
        return found


def of_role(utterances: Iterable[Utterance], role: Role) -> list[Utterance]:
    return [said for said in utterances if role is Role.ANY or said.role == role]


def readings(utterances: Sequence[Utterance], *, known: Mapping[int, int] | None = None) -> list[Reading]:
    """One text per run of a channel's utterances with no long pause between; the other side does not split it.

    `known`: of a contact that goes on, by channel up to where its utterances are known; None: it is over.
    """
    groups: list[list[Utterance]] = []
    latest: dict[int, list[Utterance]] = {}
    for said in utterances:
        group = latest.get(said.channel)
        if group is None or said.start_ms - group[-1].end_ms >= JOIN_MS:
            group = latest[said.channel] = []
            groups.append(group)
        group.append(said)
    return [
        _read(group, known is None or known.get(group[0].channel, 0) - group[-1].end_ms >= JOIN_MS) for group in groups
    ]


def _read(group: Sequence[Utterance], settled: bool) -> Reading:
    if len(group) == 1:
        return Reading(tuple(group), folded(group[0].text), (0,), settled)
    text, laid = lay_out([said.text for said in group])
    return Reading(tuple(group), folded(text), tuple(start for start, _ in laid), settled)


def _whole(said: Utterance) -> Word:
    """A transcript from elsewhere may have text only: then the utterance is one word."""
    return Word(text=said.text, start_ms=said.start_ms, end_ms=said.end_ms, confidence=said.confidence)


def hits(found_in: Iterable[Reading], phrases: Sequence[str]) -> list[Evidence]:
    """Every occurrence of every phrase in any of its spellings (scoring/lexical.py), in order of time."""
    found = [
        reading.evidence(start, end)
        for reading in found_in
        for phrase in phrases
        for start, end in places(reading.text, phrase)
    ]
    return sorted(found, key=lambda evidence: (evidence.start_ms, evidence.utterance, evidence.end_ms))


def places(text: str, phrase: str) -> list[tuple[int, int]]:
    """Where the phrase stands in folded text; of spellings that overlap the first and longest."""
    spelt = spellings(phrase)
    if len(spelt) == 1:
        return list(occurrences(text, spelt[0]))
    found: list[tuple[int, int]] = []
    for start, end in sorted(
        (place for one in spelt for place in occurrences(text, one)), key=lambda place: (place[0], -place[1])
    ):
        if not found or start >= found[-1][1]:
            found.append((start, end))
    return found


def occurrences(text: str, phrase: str) -> Iterator[tuple[int, int]]:
    """Half-open places where the phrase stands, not overlapping; its time grows with the text's length only."""
    parts = [part for part in phrase.split(ELLIPSIS) if part]
    at = 0
    while parts and (start := _find(text, parts[0], at, len(text))) >= 0:
        end = _end_of(text, parts, start)
        if end is not None:
            yield start, end
        at = start + 1 if end is None else end


def _end_of(text: str, parts: Sequence[str], start: int) -> int | None:
    end = start + len(parts[0])
    for part in parts[1:]:
        at = _find(text, part, end, end + MOST_SKIPPED + len(part))
        if at < 0:
            return None
        end = at + len(part)
    return end


def _find(text: str, part: str, start: int, end: int) -> int:
    """The first place where it stands by whole words; -1: none."""
    at = text.find(part, start, end)
    while at >= 0 and (within_word(text, at) or within_word(text, at + len(part))):
        at = text.find(part, at + 1, end)
    return at
