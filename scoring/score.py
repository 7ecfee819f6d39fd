"""A contact under a scheme. In: Case, Scheme, the moment. Out: ScoreResult: points as an interval, evidence.

Pure: the same contact and scheme give the same score. A doubt widens the interval instead of guessing. May not
know: TOML, stores, screens.
"""

from dataclasses import dataclass
from typing import assert_never

from scoring.case import Case
from scoring.formula import Outcome
from scoring.index import compile_scheme, hear, verdicts
from scoring.judge import Verdict
from scoring.rules import Item, ItemKind, Scheme
from streams.vocabulary.ids import Millis


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    low: float
    best: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemResult:
    item: Item
    verdict: Verdict
    points: Points
    """What the item gives; negative where it takes."""
    points_max: float
    """What it could give here: 0 for what only takes, and where it does not apply."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreResult:
    scheme: Scheme
    items: tuple[ItemResult, ...]
    points: Points
    points_max: float
    passed: bool
    """By the best value; `doubt_decides` says whether doubt could turn it."""
    doubt_decides: bool
    fatal: bool
    """A fatal item surely hit. A doubtful one only lowers `points.low`."""
    scored_at: Millis


def score(case: Case, scheme: Scheme, *, scored_at: Millis) -> ScoreResult:
    compiled = compile_scheme(scheme)
    each = verdicts(hear(case, compiled), compiled)
    results = tuple(_item(item, verdict) for item, verdict in zip(scheme.items, each, strict=True))
    most = sum(result.points_max for result in results)
    fatal = [result.verdict for result in results if result.item.kind is ItemKind.FATAL]
    surely = any(verdict.outcome is Outcome.HIT for verdict in fatal)
    perhaps = any(verdict.outcome is Outcome.CANNOT_TELL for verdict in fatal)
    points = Points(
        low=0.0 if surely or perhaps else max(0.0, sum(result.points.low for result in results)),
        best=0.0 if surely else max(0.0, sum(result.points.best for result in results)),
        high=0.0 if surely else max(0.0, sum(result.points.high for result in results)),
    )
    could_pass = [_passes(value, most, scheme) and not surely for value in (points.low, points.best, points.high)]
    return ScoreResult(
        scheme=scheme,
        items=results,
        points=points,
        points_max=most,
        passed=could_pass[1],
        doubt_decides=could_pass[0] != could_pass[2] or (perhaps and could_pass[2]),
        fatal=surely,
        scored_at=scored_at,
    )


def _passes(points: float, most: float, scheme: Scheme) -> bool:
    return points * 100 >= most * scheme.pass_percent


def _item(item: Item, verdict: Verdict) -> ItemResult:
    possible = _possible(verdict)
    gains = [_gain(item, outcome) for outcome in possible]
    applies = verdict.leaning is not Outcome.NOT_APPLICABLE
    return ItemResult(
        item=item,
        verdict=verdict,
        points=Points(low=min(gains), best=_gain(item, verdict.leaning), high=max(gains)),
        points_max=item.points if item.kind is ItemKind.EARN and applies else 0.0,
    )


def _possible(verdict: Verdict) -> tuple[Outcome, ...]:
    """What the truth may be. Where the guess is that it does not apply, it counts on neither side."""
    if verdict.outcome is not Outcome.CANNOT_TELL:
        return (verdict.outcome,)
    if verdict.leaning is Outcome.NOT_APPLICABLE:
        return (Outcome.NOT_APPLICABLE,)
    return (Outcome.HIT, Outcome.MISS)


def _gain(item: Item, outcome: Outcome) -> float:
    match item.kind:
        case ItemKind.EARN | ItemKind.ADD:
            return item.points if outcome is Outcome.HIT else 0.0
        case ItemKind.DEDUCT:
            return -item.points if outcome is Outcome.HIT else 0.0
        case ItemKind.FATAL | ItemKind.TAG:
            return 0.0
    assert_never(item.kind)
