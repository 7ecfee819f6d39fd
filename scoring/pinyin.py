"""What sounds alike in Mandarin. In: texts, phrases. Out: places where a phrase may have been misheard.

The only import of pypinyin. Any reading of a character counts; sounds that the country or an 8 kHz line merges cost
nothing (asr/vocabulary_sounds.py). 儿 behind a word, spaces and signs are not heard. May not know: transcripts.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from asr.vocabulary_sounds import ALIKE_FINALS, ALIKE_INITIALS, initial_and_final
from scoring.lexical import folded, suffixes

MOST_PLACES: Final = 200
"""Of one phrase in one text: more tell nobody anything."""
_DIGITS: Final = dict(zip("0123456789", ("零", "一幺", "二两", "三", "四", "五", "六", "七", "八", "九"), strict=True))
_SANDHI: Final = {"一": ("yi2", "yi4"), "不": ("bu2",)}
"""Tones they take before others."""
_ALIKE_FINALS: Final = ALIKE_FINALS & {frozenset(("in", "ing")), frozenset(("en", "eng"))}
_BEHIND_F: Final = {"a": "ua", "an": "uan", "ang": "uang", "ei": "ui", "en": "un", "eng": "ong", "o": "uo"}
_BEHIND_H: Final = {other: one for one, other in _BEHIND_F.items()}
"""Who says h for f rounds it: fan is heard as huan."""
_MARKS: Final = {"\u0304": "1", "\u0301": "2", "\u030c": "3", "\u0300": "4"}


@dataclass(frozen=True, slots=True)
class Place:
    """Characters [start, end) of a text sound like the phrase, but for so many syllables."""

    start: int
    end: int
    edits: int


@dataclass(frozen=True, slots=True, eq=False)
class Syllables:
    """What is heard of a text: a number for each different character, and where each stood."""

    at: NDArray[np.intp]
    """The place in the text of each syllable."""
    codes: NDArray[np.intp]
    by_code: tuple[NDArray[np.intp], ...]
    """Where in `codes` each stands, in order."""
    by_sound: Mapping[str, tuple[int, ...]]
    """Codes of the characters that may have it; with tones and without."""
    sounds: frozenset[str]


@lru_cache(maxsize=16)
def syllables(text: str) -> Syllables:
    """Of folded text."""
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    different, codes, counts = np.unique(points, return_inverse=True, return_counts=True)
    characters = [chr(point) for point in different]
    heard = np.array([_heard(one) for one in characters], np.bool_)[codes]
    heard[list(suffixes(text))] = False
    at = np.flatnonzero(heard)
    codes = codes[at]
    counts = np.bincount(codes, minlength=len(characters))
    by_sound: dict[str, list[int]] = {}
    for code, character in enumerate(characters):
        if counts[code]:
            for sound in _sounds_both(character):
                by_sound.setdefault(sound, []).append(code)
    return Syllables(
        at=at,
        codes=codes,
        by_code=tuple(np.split(np.argsort(codes, kind="stable"), np.cumsum(counts)[:-1])),
        by_sound={sound: tuple(found) for sound, found in by_sound.items()},
        sounds=frozenset(by_sound),
    )


def alike(text: Syllables, phrases: Sequence[str], *, distance: int, tones: bool) -> Iterator[tuple[str, Place]]:
    """Each phrase's places, the likest first where they overlap, at most MOST_PLACES of each."""
    for phrase in phrases:
        wanted = sounds_of(phrase, tones=tones)
        present = sum(1 for one in wanted if not one.isdisjoint(text.sounds))
        if not wanted or present < len(wanted) - distance:
            continue
        for start, end, edits in _exact(text, wanted) if distance == 0 else _near(text, wanted, distance):
            yield phrase, Place(int(text.at[start]), int(text.at[end - 1]) + 1, edits)


@lru_cache(maxsize=4_096)
def heard_in(text: str) -> frozenset[str]:
    """All sounds of a text's characters, with tones and without."""
    return frozenset().union(*map(_sounds_both, set(text)))


@cache
def _sounds_both(character: str) -> frozenset[str]:
    return sounds(character, tones=True) | sounds(character, tones=False)


def may_hold(heard: frozenset[str], phrase: str, *, distance: int, tones: bool) -> bool:
    """False: nothing in a text with these sounds is like the phrase."""
    missing = 0
    for one in sounds_of(phrase, tones=tones):
        if one.isdisjoint(heard):
            missing += 1
            if missing > distance:
                return False
    return True


def may_follow(text: str, phrase: str, *, tones: bool) -> bool:
    """False: nowhere in the folded text do all the phrase's sounds follow one another."""
    if "儿" in text:  # it may be silent there
        return True
    heard, wanted = _in_order(text), sounds_of(phrase, tones=tones)
    places = range(len(heard) - len(wanted) + 1)
    return bool(wanted) and any(
        all(not heard[at + number].isdisjoint(one) for number, one in enumerate(wanted)) for at in places
    )


@lru_cache(maxsize=4_096)
def _in_order(text: str) -> tuple[frozenset[str], ...]:
    return tuple(_sounds_both(one) for one in text if _heard(one))


@lru_cache(maxsize=8_192)
def sounds_of(phrase: str, *, tones: bool) -> tuple[frozenset[str], ...]:
    """For each syllable of a phrase all that it may be heard as."""
    text = folded(phrase)
    silent = suffixes(text)
    return tuple(
        frozenset(heard for sound in sounds(character, tones=tones) for heard in _heard_as(sound))
        for place, character in enumerate(text)
        if place not in silent and character != "\0" and _heard(character)
    )


def count_syllables(phrase: str) -> int:
    """How many syllables are heard of it; asks no dictionary."""
    silent = suffixes(folded(phrase))
    return sum(1 for place, one in enumerate(folded(phrase)) if place not in silent and _heard(one))


@cache
def sounds(character: str, *, tones: bool) -> frozenset[str]:
    """Empty for a border; what has no pinyin sounds like itself."""
    if character == "\0":
        return frozenset()
    if character in _DIGITS:
        return frozenset(sound for one in _DIGITS[character] for sound in sounds(one, tones=tones))
    found = {*_readings(character), *_SANDHI.get(character, ())}
    if not found:
        return frozenset((character,))
    return frozenset(found if tones else (reading[:-1] for reading in found))


def _heard(character: str) -> bool:
    return character.isalnum() or character == "\0" or character == "●"


def _readings(character: str) -> list[str]:
    """zhong4, chong2; 5 where it has no tone."""
    # Imported where it is needed: its dictionaries take 57 MB and a second, and most processes never ask.
    from pypinyin.constants import PINYIN_DICT

    return [_numbered(one) for one in PINYIN_DICT.get(ord(character), "").split(",") if one]


def _numbered(marked: str) -> str:
    """zhòng is zhong4; ü is v."""
    letters: list[str] = []
    tone = "5"
    for one in unicodedata.normalize("NFD", marked):
        tone = _MARKS.get(one, tone)
        if one == "\u0308":
            letters[-1] = "v"
        elif one not in _MARKS and one.isalpha():
            letters.append(one)
    return "".join(letters) + tone


@cache
def _heard_as(sound: str) -> frozenset[str]:
    """The sound and all that is commonly taken for it."""
    letters = sound.rstrip("12345")
    if len(letters) < 2 or not letters.isascii():
        return frozenset((sound,))
    tone = sound[len(letters) :]
    initial, final = initial_and_final(letters)
    finals = _partners(final, _ALIKE_FINALS)
    found = {one + other for one in _partners(initial, ALIKE_INITIALS) for other in finals}
    if initial == "f" and final in _BEHIND_F:
        found.add("h" + _BEHIND_F[final])
    if initial == "h" and final in _BEHIND_H:
        found.add("f" + _BEHIND_H[final])
    return frozenset(one + tone for one in found)


def _partners(sound: str, alike: frozenset[frozenset[str]]) -> frozenset[str]:
    return frozenset((sound,)).union(*(pair for pair in alike if sound in pair))


def _codes(text: Syllables, wanted: frozenset[str]) -> list[int]:
    """The characters of the text that may be heard as one syllable."""
    return [code for sound in wanted for code in text.by_sound.get(sound, ())]


def _starts(text: Syllables, wanted: Sequence[frozenset[str]]) -> NDArray[np.intp]:
    """Where the syllables stand one behind the other, in order: from the rarest of them outwards."""
    codes = [_codes(text, one) for one in wanted]
    counts = [sum(len(text.by_code[code]) for code in each) for each in codes]
    if not all(counts):
        return np.empty(0, np.intp)
    rarest = counts.index(min(counts))
    found = np.unique(np.concatenate([text.by_code[code] for code in codes[rarest]])) - rarest
    found = found[(found >= 0) & (found + len(wanted) <= len(text.codes))]
    for number, each in enumerate(codes):
        if number != rarest and len(found):
            found = found[_are(text, each)[text.codes[found + number]]]
    return found


def _are(text: Syllables, codes: Sequence[int]) -> NDArray[np.bool_]:
    """For each character and, last, for none: whether it is one of them."""
    table = np.zeros(len(text.by_code) + 1, np.bool_)
    table[list(codes)] = True
    return table


def _exact(text: Syllables, wanted: Sequence[frozenset[str]]) -> list[tuple[int, int, int]]:
    """(start, end, 0) of places that do not overlap."""
    taken: list[tuple[int, int, int]] = []
    for start in _starts(text, wanted):
        if not taken or start >= taken[-1][1]:
            taken.append((int(start), int(start) + len(wanted), 0))
            if len(taken) == MOST_PLACES:
                break
    return taken


def _near(text: Syllables, wanted: Sequence[frozenset[str]], distance: int) -> list[tuple[int, int, int]]:
    """Sellers' table, a row for each syllable of the phrase, over those parts of the text that may hold it."""
    around = _parts(text, wanted, distance)
    codes = np.append(text.codes, len(text.by_code))[around]
    heard = [_are(text, _codes(text, one))[codes] for one in wanted]
    row = np.zeros(len(codes) + 1, np.int8)
    for column in heard:
        above = row + np.int8(1)
        above[1:] = np.minimum(above[1:], row[:-1] + ~column)
        row = above.copy()
        for skipped in range(1, distance + 1):
            row[skipped:] = np.minimum(row[skipped:], above[:-skipped] + np.int8(skipped))
    ends = np.flatnonzero(row <= distance)
    ends = ends[np.argsort(row[ends], kind="stable")][: 4 * MOST_PLACES]
    chosen = _chosen(heard, [(int(row[end]), int(end)) for end in ends])
    return [(int(around[start]), int(around[end - 1]) + 1, edits) for start, end, edits in chosen]


def _parts(text: Syllables, wanted: Sequence[frozenset[str]], distance: int) -> NDArray[np.intp]:
    """Places that may belong to a match, -1 (no syllable) between parts.

    Of a phrase cut into distance + 1 pieces one is heard as it is: no edit is left for it.
    """
    cuts = [round(number * len(wanted) / (distance + 1)) for number in range(distance + 2)]
    inside = np.zeros(len(text.codes) + 1, np.int32)
    for start, end in pairwise(cuts):
        place = _starts(text, wanted[start:end]) - start
        np.add.at(inside, np.clip(place - distance, 0, len(text.codes)), 1)
        np.add.at(inside, np.clip(place + len(wanted) + distance, 0, len(text.codes)), -1)
    around = np.flatnonzero(np.cumsum(inside[:-1]) > 0)
    gaps = np.flatnonzero(np.diff(around) > 1) + 1
    return np.insert(around, np.repeat(gaps, distance + 1), -1)


def _chosen(heard: Sequence[NDArray[np.bool_]], ends: Iterable[tuple[int, int]]) -> list[tuple[int, int, int]]:
    """(start, end, edits) of places that do not overlap, in order of place; `ends`: (edits, end), the likest first."""
    taken: list[tuple[int, int, int]] = []
    used: set[int] = set()
    for edits, end in ends:
        start = _start(heard, end, edits)
        if start < end and used.isdisjoint(range(start, end)):
            used.update(range(start, end))
            taken.append((start, end, edits))
            if len(taken) == MOST_PLACES:
                break
    return sorted(taken)


def _start(heard: Sequence[NDArray[np.bool_]], end: int, edits: int) -> int:
    """Where a match that ends there began: the shortest stretch with so few edits."""
    row = list(range(len(heard) + 1))  # edits between nothing and the phrase's last n syllables
    for back in range(1, min(end, len(heard) + edits) + 1):
        ahead = [back]
        for number in range(1, len(heard) + 1):
            same = bool(heard[-number][end - back])
            ahead.append(min(row[number - 1] + (not same), row[number] + 1, ahead[number - 1] + 1))
        row = ahead
        if row[-1] <= edits:
            return end - back
    return end
