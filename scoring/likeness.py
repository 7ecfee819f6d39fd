"""What is said nearly in these words. In: texts, phrases. Out: stretches of a text that are like a phrase, with scores.

The only import of rapidfuzz. A stretch is as long as the phrase, and its score is the share of the phrase's characters
that it holds in their order, so that more text never makes a likeness less. May not know: transcripts, operators.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import ceil

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz
from rapidfuzz.distance import LCSseq

MOST_STRETCHES = 50
"""Of one phrase in one text."""


@dataclass(frozen=True, slots=True)
class Stretch:
    start: int
    end: int
    score: float
    """0 to 100."""


@dataclass(frozen=True, slots=True, eq=False)
class _Coded:
    codes: NDArray[np.intp]
    numbers: Mapping[str, int]


@lru_cache(maxsize=16)
def _coded(text: str) -> _Coded:
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    different, codes = np.unique(points, return_inverse=True)
    return _Coded(codes, {chr(point): number for number, point in enumerate(different)})


def stretches(text: str, phrase: str, *, score: float) -> list[Stretch]:
    """Those with at least the score that do not overlap, the likest first chosen; `text` has wide borders."""
    coded, size = _coded(text), len(phrase)
    least = least_held(phrase, score=score)
    held = [coded.numbers[one] for one in phrase if one in coded.numbers]
    if len(held) < least or len(text) < size:
        return []
    chosen: list[Stretch] = []
    for first, last in _runs(coded, held, size, least):
        scored = [(-LCSseq.similarity(phrase, text[at : at + size]), at) for at in range(first, last + 1)]
        for like, at in sorted(one for one in scored if -one[0] >= least):
            if any(at < one.end and one.start < at + size for one in chosen[-MOST_STRETCHES:]):
                continue
            chosen.append(Stretch(at, at + size, -100 * like / size))
            if len(chosen) == MOST_STRETCHES:
                return sorted(chosen, key=lambda one: one.start)
    return sorted(chosen, key=lambda one: one.start)


def least_held(phrase: str, *, score: float) -> int:
    """So many of its characters a stretch must hold."""
    return max(1, ceil(len(phrase) * score / 100))


def _runs(coded: _Coded, held: list[int], size: int, least: int) -> Iterator[tuple[int, int]]:
    """First and last start of neighbouring stretches that hold enough of the phrase's characters in any order."""
    table = np.zeros(len(coded.numbers), np.int32)
    table[held] = 1
    sums = np.concatenate([np.zeros(1, np.int32), np.cumsum(table[coded.codes], dtype=np.int32)])
    starts = np.flatnonzero(sums[size:] - sums[:-size] >= least)
    if len(starts):
        for run in np.split(starts, np.flatnonzero(np.diff(starts) > 1) + 1):
            yield int(run[0]), int(run[-1])


def likeness(one: str, other: str, *, least: float) -> float:
    """Of two whole texts, 0 to 100; 0 where it is below `least`."""
    return fuzz.ratio(one, other, score_cutoff=least)
