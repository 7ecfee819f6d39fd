"""How right a rule is by what people said of it, and whether it drifts. In: counts. Out: shares with bounds, a drift.

Precision: of its hits that a person judged, those agreed with. Recall: of true hits, those found; misses are far more
than hits and judged more rarely, so each group's share is scaled to all its answers before they are compared:
H·p / (H·p + M·m), H hits and M misses told, p hits agreed with, m misses overruled. Bounds: Wilson, 95 %. Pure.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

Z: Final = 1.959964
"""95 %"""
Z_DRIFT: Final = 3.0
"""Of a rule that does not drift, one look in 370 says it does."""
RECENT_DAYS: Final = 7
BAND_DAYS: Final = 28
FEWEST_ANSWERS: Final = (50, 200)
"""Recent, and of the band: below them a share says nothing."""
FEWEST_VERDICTS: Final = (10, 20)
LEAST_CHANGE: Final = 0.02
"""Two points of a hundred: less is no news, however sure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """`part` of `whole`, with where the true share lies; `value` None: nothing to tell it from."""

    part: int
    whole: int
    value: float | None
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What people said of one rule's answers, and how often it gave them."""

    hits: int
    misses: int
    hits_right: int
    hits_wrong: int
    misses_right: int
    misses_wrong: int


class DriftOf(StrEnum):
    HIT_RATE = "hit_rate"
    PRECISION = "precision"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """The share of the last days left the band of those before."""

    of: DriftOf
    recent: Share
    before: Share
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Day:
    """`ago`: 0 the last 24 hours."""

    ago: int
    part: int
    whole: int


def wilson(part: int, whole: int, *, z: float = Z) -> Share:
    """Wilson, E. B. (1927): also right of few, and of none or all."""
    if whole <= 0:
        return Share(part=0, whole=0, value=None, low=0.0, high=1.0)
    p, square = part / whole, z * z
    middle = (p + square / (2 * whole)) / (1 + square / whole)
    reach = z / (1 + square / whole) * math.sqrt(p * (1 - p) / whole + square / (4 * whole * whole))
    low = 0.0 if part == 0 else max(0.0, middle - reach)
    high = 1.0 if part == whole else min(1.0, middle + reach)
    return Share(part=part, whole=whole, value=p, low=low, high=high)


def precision(judged: Judged) -> Share:
    return wilson(judged.hits_right, judged.hits_right + judged.hits_wrong)


def recall(judged: Judged) -> Share:
    """`part` of `whole`: true hits among what was judged, as they are. No value until hits and misses were judged."""
    right, missed = precision(judged), wilson(judged.misses_wrong, judged.misses_wrong + judged.misses_right)
    part, whole = judged.hits_right, judged.hits_right + judged.misses_wrong
    if right.value is None or missed.value is None:
        return Share(part=part, whole=whole, value=None, low=0.0, high=1.0)

    def of(hit: float, miss: float) -> float | None:
        found, lost = judged.hits * hit, judged.misses * miss
        return found / (found + lost) if found + lost > 0 else None

    low, high = of(right.low, missed.high), of(right.high, missed.low)
    value = of(right.value, missed.value)
    return Share(
        part=part, whole=whole, value=value, low=0.0 if low is None else low, high=1.0 if high is None else high
    )


def drift(days: Sequence[Day], *, of: DriftOf) -> Drift | None:
    """The last week against the band of the four before: its share ± 3 standard errors of the difference, those of two
    binomials widened by how much more the band's days differ than chance alone would (Pearson's chi² per day, at least
    1): a rule that swings with the weekday is not said to drift. None: inside, or too few to say."""
    fewest = FEWEST_ANSWERS if of is DriftOf.HIT_RATE else FEWEST_VERDICTS
    recent = [day for day in days if day.ago < RECENT_DAYS]
    before = [day for day in days if RECENT_DAYS <= day.ago < RECENT_DAYS + BAND_DAYS]
    now, was = _sum(recent), _sum(before)
    if now.whole < fewest[0] or was.whole < fewest[1]:
        return None
    pooled = (now.part + was.part) / (now.whole + was.whole)
    error = math.sqrt(pooled * (1 - pooled) * (1 / now.whole + 1 / was.whole) * _spread(before, was))
    middle = was.part / was.whole
    reach = max(Z_DRIFT * error, LEAST_CHANGE)
    low, high = max(0.0, middle - reach), min(1.0, middle + reach)
    if low <= now.part / now.whole <= high:
        return None
    return Drift(of=of, recent=now, before=was, low=low, high=high)


def _sum(days: Sequence[Day]) -> Share:
    return wilson(sum(day.part for day in days), sum(day.whole for day in days))


def _spread(days: Sequence[Day], all_of_them: Share) -> float:
    p = all_of_them.value
    told = [day for day in days if day.whole]
    if p is None or p in (0.0, 1.0) or len(told) < 2:
        return 1.0
    chi = sum((day.part - p * day.whole) ** 2 / (p * (1 - p) * day.whole) for day in told)
    return max(1.0, chi / (len(told) - 1))


def judged_of(answers: Mapping[str, int], verdicts: Mapping[tuple[str, bool], int]) -> Judged:
    """`answers`: by outcome. `verdicts`: by outcome and whether the person agreed; a settled doubt is neither."""
    return Judged(
        hits=answers.get("hit", 0),
        misses=answers.get("miss", 0),
        hits_right=verdicts.get(("hit", True), 0),
        hits_wrong=verdicts.get(("hit", False), 0),
        misses_right=verdicts.get(("miss", True), 0),
        misses_wrong=verdicts.get(("miss", False), 0),
    )
