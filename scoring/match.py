"""Phrases to evidence. In: utterances, phrases. Out: readings (joined text), hits, evidence with its time span.

A phrase may be cut by a pause or by the recogniser's words: neighbouring utterances of a channel are read as one text,
and each character knows its word. May not know: schemes, points.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from asr.text import lay_out
from asr.transcript import Utterance, Word
from scoring.lexical import folded, spellings, within_word
from scoring.rules import Role

JOIN_MS = 1_500
"""A shorter pause does not end a sentence."""
ELLIPSIS = "…"
MOST_SKIPPED = 12
"""Characters an ellipsis may stand for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
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


@dataclass(frozen=True, slots=True)
class Reading:
    """The words of neighbouring utterances of one channel as one text; `owners[i]` is the word of character i."""

    text: str
    owners: tuple[tuple[Utterance, Word], ...]

    def evidence(self, start: int, end: int) -> Evidence:
        """For the characters [start, end); times are those of whole words."""
        owners = self.owners[start:end]
        return Evidence(
            utterance=owners[0][0].number,
            role=owners[0][0].role,
            start_ms=owners[0][1].start_ms,
            end_ms=max(word.end_ms for _, word in owners),
            text=self.text[start:end],
            confidence=min(word.confidence for _, word in owners),
        )


def of_role(utterances: Iterable[Utterance], role: Role) -> list[Utterance]:
    return [said for said in utterances if role is Role.ANY or said.role == role]


def readings(utterances: Sequence[Utterance]) -> list[Reading]:
    """One text per run of a channel's utterances with no long pause between; the other side does not split it."""
    groups: list[list[Utterance]] = []
    latest: dict[int, list[Utterance]] = {}
    for said in utterances:
        group = latest.get(said.channel)
        if group is None or said.start_ms - group[-1].end_ms >= JOIN_MS:
            group = latest[said.channel] = []
            groups.append(group)
        group.append(said)
    return [_read(group) for group in groups]


def _read(group: Sequence[Utterance]) -> Reading:
    owned = [(said, word) for said in group for word in _words(said)]
    text, places = lay_out(word.text for _, word in owned)
    owners: list[tuple[Utterance, Word]] = []
    for owner, (_, end) in zip(owned, places, strict=True):
        owners.extend([owner] * (end - len(owners)))  # a space belongs to the word behind it
    return Reading(folded(text), tuple(owners))


def _words(said: Utterance) -> Sequence[Word]:
    """A transcript from elsewhere may have text only: then the utterance is one word."""
    if said.words or not said.text:
        return said.words
    return (Word(text=said.text, start_ms=said.start_ms, end_ms=said.end_ms, confidence=said.confidence),)


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
