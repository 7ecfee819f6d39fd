"""One side's words as one line of plain characters. In: utterances. Out: the line, and where each character stood.

Digits of every script become 0-9 and letters small, one character for one, so that a rule's match points back at words.
May not know: what is sensitive.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from asr.transcript import Utterance

DIGITS: Mapping[str, str] = MappingProxyType(
    dict(zip("零〇幺一二两三四五六七八九", "0011223456789", strict=True))
    | dict(zip("０１２３４５６７８９", "0123456789", strict=True))
    | dict(zip("壹贰叁肆伍陆柒捌玖", "123456789", strict=True))
    | {digit: digit for digit in "0123456789"}
)
BREAK_MS = 10_000
"""A number may be dictated in pieces; a longer pause ends it."""
NEXT, LATER = "\n", "\f"
"""Between two utterances of one side: soon after, and after a break."""

_D: Final = "".join(DIGITS)
_NO_DIGIT: Final = re.compile(
    rf"(?<![{_D}])一(?:(?=[下遍会样定直些起共般边种次旦切方串]|个(?![{_D}]))|(?=点(?![{_D}])))"
    rf"|(?<=[第统唯万之周期])一(?![{_D}])"
)
"""一 that counts nothing: 等一下, 再说一遍, 一共, 第一, 周一."""


@dataclass(frozen=True, slots=True)
class Place:
    """One character: which utterance, word and character of the word."""

    utterance: int
    word: int
    offset: int


@dataclass(frozen=True, slots=True)
class Flat:
    channel: int
    text: str
    places: tuple[Place | None, ...]
    """As long as `text`; None: a separator that nobody said."""

    def said_between(self, start: int, end: int) -> Iterator[Place]:
        return (place for place in self.places[start:end] if place is not None)


def flatten(utterances: Sequence[Utterance], channel: int) -> Flat:
    raw: list[str] = []
    places: list[Place | None] = []
    last_end: int | None = None
    for index, utterance in enumerate(utterances):
        if utterance.channel != channel:
            continue
        if last_end is not None:
            raw.append(LATER if utterance.start_ms - last_end > BREAK_MS else NEXT)
            places.append(None)
        last_end = utterance.end_ms
        for number, word in enumerate(utterance.words):
            if raw and number and word.text and _latin(raw[-1]) and _latin(word.text[0]):
                raw.append(" ")
                places.append(None)
            raw.extend(_plain(character) for character in word.text)
            places.extend(Place(index, number, offset) for offset in range(len(word.text)))
    text = "".join(raw)
    kept = {match.start() for match in _NO_DIGIT.finditer(text)}
    plain = (character if at in kept else DIGITS.get(character, character) for at, character in enumerate(text))
    return Flat(channel, "".join(plain), tuple(places))


@lru_cache(maxsize=20_000)
def _plain(character: str) -> str:
    if character in DIGITS:
        return character
    plain = unicodedata.normalize("NFKC", character).lower()
    return plain if len(plain) == 1 and plain not in (NEXT, LATER) else " " if not plain.strip() else character


def _latin(character: str) -> bool:
    return character.isascii() and character.isalpha()
