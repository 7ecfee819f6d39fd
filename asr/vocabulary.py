"""The words a model can write. In: its list of words, a keyword. Out: can it be heard, and what sounds like it.

A keyword that the model cannot write never hits; one of several words hits when all of them are heard.
May not know: files, the recogniser.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from asr.vocabulary_sounds import UNLIKE, costs_from, sounds_of

LONGEST_KEYWORD = 40
_LONGEST_NEAR = 8
"""Characters of a word that is looked for by its sound."""
NEAR_COST = 0.5
"""Per character: above this nobody takes one for the other."""
CONFUSABLE_COST = 0.13
"""Per character: what a keyword that can be heard is still likely to be taken for."""
_PER_WORD = 0.1
"""Few long words are likelier than many short ones."""
_PLANE = 0x10000
_UNKNOWN = 1_000


class Writable(StrEnum):
    """Whether a model can write a keyword at all."""

    ONE_WORD = "one_word"
    SEVERAL_WORDS = "several_words"
    CANNOT = "cannot_be_written"


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    text: str
    words: tuple[str, ...]
    """The model's, of which `text` consists."""
    sounds: str
    """Pinyin without tones."""
    distance: float
    """Per character: up to 0.02 the same sounds, tones aside; 1 nothing alike."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    keyword: str
    writable: Writable
    words: tuple[str, ...]
    """The model's words and, where it has none, the characters that it lacks, in order."""
    unknown: tuple[str, ...]
    near: tuple[Near, ...]
    """What the model may write instead, likest first."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Sorted rows of code points by length: half a million words take some 10 MB."""

    rows: Mapping[int, NDArray[np.str_]] = field(repr=False)

    def __len__(self) -> int:
        return sum(map(len, self.rows.values()))

    def __contains__(self, word: str) -> bool:
        row = self.rows.get(len(word))
        if row is None:
            return False
        at = int(np.searchsorted(row, word))
        return at < len(row) and str(row[at]) == word

    def words(self) -> Iterator[str]:
        for row in self.rows.values():
            yield from map(str, row)


def vocabulary_of(words: Iterable[str]) -> Vocabulary:
    """Without what is no word: `<eps>`, `#0`, `[unk]`, `!SIL`."""
    by_length: dict[int, set[str]] = {}
    for word in words:
        if word and word[0] not in "<#[!":
            by_length.setdefault(len(word), set()).add(word)
    rows = {length: np.array(sorted(found), dtype=f"<U{length}") for length, found in sorted(by_length.items())}
    return Vocabulary(MappingProxyType(rows))


def judge(keyword: str, vocabulary: Vocabulary, *, most: int = 5) -> Judged:
    """`keyword` as it stands in a rule; spaces do not count. At most LONGEST_KEYWORD characters are looked at."""
    text = "".join(keyword.split())[:LONGEST_KEYWORD]
    pieces = split(text, vocabulary)
    words = tuple(word for word, _ in pieces)
    unknown = tuple(word for word, known in pieces if not known)
    writable = Writable.CANNOT if unknown else Writable.ONE_WORD if len(words) == 1 else Writable.SEVERAL_WORDS
    within = NEAR_COST if unknown else CONFUSABLE_COST
    found = near(text, vocabulary, most=most, within=within) if text else ()
    return Judged(
        keyword=keyword,
        writable=writable if text else Writable.CANNOT,
        words=words,
        unknown=unknown,
        near=tuple(one for one in found if one.text != text),
    )


def split(text: str, vocabulary: Vocabulary) -> tuple[tuple[str, bool], ...]:
    """The fewest words of the vocabulary that spell `text`, longer ones first; what it lacks stands alone, False."""
    best: list[tuple[int, tuple[tuple[str, bool], ...]]] = [(0, ())]
    for end in range(1, len(text) + 1):
        options = []
        for start in range(end):
            piece = text[start:end]
            written = piece if piece in vocabulary else piece.casefold()
            if written in vocabulary:
                options.append((best[start][0] + 1, (*best[start][1], (written, True))))
        cost, pieces = best[end - 1]
        options.append((cost + _UNKNOWN, (*pieces, (text[end - 1], False))))
        best.append(min(options, key=lambda option: (option[0], [-len(word) for word, _ in option[1]])))
    return _joined(best[-1][1])


def _joined(pieces: Iterable[tuple[str, bool]]) -> tuple[tuple[str, bool], ...]:
    """Neighbouring unknown characters as one piece."""
    joined: list[tuple[str, bool]] = []
    for word, known in pieces:
        if joined and not known and not joined[-1][1]:
            joined[-1] = (joined[-1][0] + word, False)
        else:
            joined.append((word, known))
    return tuple(joined)


def near(text: str, vocabulary: Vocabulary, *, most: int, within: float) -> tuple[Near, ...]:
    """Words and rows of words as long as `text` that sound like it, likest first, within a cost per character."""
    found: dict[str, tuple[float, tuple[str, ...]]] = {}
    for cost, word in _alike(text, vocabulary, most + 1):
        found[word] = (cost, (word,))
    for cost, words in _rows_of_words(text, vocabulary, most + 1):
        found.setdefault("".join(words), (cost, words))
    ranked = sorted((cost / len(text), len(words), spelt, words) for spelt, (cost, words) in found.items())
    return tuple(
        Near(text=spelt, words=words, sounds=_spoken(spelt), distance=round(distance, 3))
        for distance, _, spelt, words in ranked
        if distance <= within and spelt != text
    )[:most]


def _alike(piece: str, vocabulary: Vocabulary, most: int) -> list[tuple[float, str]]:
    """The words as long as `piece` that cost least, with their costs; numpy over the whole row, a few ms."""
    row = vocabulary.rows.get(len(piece))
    if row is None or len(piece) > _LONGEST_NEAR:
        return []
    codes = np.ascontiguousarray(row).view(np.uint32).reshape(len(row), len(piece))
    costs = np.zeros(len(row), np.float32)
    for place, character in enumerate(piece):
        column = codes[:, place]
        known = costs_from(character)[np.minimum(column, _PLANE - 1)]
        costs += np.where(column < _PLANE, known, np.float32(UNLIKE))
    likest = np.argpartition(costs, most - 1)[:most] if len(row) > most else np.arange(len(row))
    chosen = sorted((float(costs[at]), str(row[at])) for at in likest)
    return [(cost, word) for cost, word in chosen if cost <= NEAR_COST * len(piece)]


def _rows_of_words(text: str, vocabulary: Vocabulary, most: int) -> list[tuple[float, tuple[str, ...]]]:
    """The cheapest rows of words over the whole text: the few best up to each place are kept, the rest forgotten."""
    best: list[list[tuple[float, float, tuple[str, ...]]]] = [[(0.0, 0.0, ())]]
    for end in range(1, len(text) + 1):
        options = []
        for start in range(max(0, end - _LONGEST_NEAR), end):
            if not best[start]:
                continue
            for cost, word in _alike(text[start:end], vocabulary, most):
                options += [(rank + cost + _PER_WORD, total + cost, (*row, word)) for rank, total, row in best[start]]
        best.append(sorted(options)[:most])
    return [(total, row) for _, total, row in best[-1]]


def _spoken(text: str) -> str:
    return " ".join(next(iter(sounds_of(character)), character) for character in text)
