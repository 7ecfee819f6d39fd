"""A transcript under a scheme. In: Transcript, Scheme, the moment. Out: ScoreResult: points as an interval, evidence.

Pure: the same transcript and scheme give the same score. A doubt widens the interval instead of guessing. May not
know: TOML, stores, screens.
"""

from dataclasses import dataclass
from typing import assert_never

from asr.transcript import Transcript
from scoring.formula import Outcome, evaluate
from scoring.match import Evidence
from scoring.messages import Reason
from scoring.operators.answer import Answer
from scoring.operators.hold_notice import hold_notice
from scoring.operators.keyword import keyword
from scoring.operators.ordered import ordered
from scoring.rules import Condition, HoldNotice, Item, ItemKind, Keyword, Ordered, Rule, Scheme
from streams.vocabulary.ids import Millis


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionEvidence:
    condition: str
    operator: str
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A rule's answer; `leaning` is the better guess where it cannot tell."""

    outcome: Outcome
    leaning: Outcome
    reason: Reason
    evidence: tuple[ConditionEvidence, ...]


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


def score(transcript: Transcript, scheme: Scheme, *, scored_at: Millis) -> ScoreResult:
    results = tuple(_item(transcript, item, scheme.least_confidence) for item in scheme.items)
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


def judge(transcript: Transcript, rule: Rule, least_confidence: float) -> Verdict:
    answers = {one.id: _answer(transcript, one, least_confidence) for one in rule.conditions}
    outcome = evaluate(rule.formula, {name: answer.outcome for name, answer in answers.items()})
    leaning = evaluate(rule.formula, {name: answer.leaning for name, answer in answers.items()})
    return Verdict(
        outcome=outcome,
        leaning=leaning,
        reason=_reason(outcome, list(answers.values())),
        evidence=tuple(
            ConditionEvidence(condition=one.id, operator=operator_name(one), evidence=evidence)
            for one in rule.conditions
            for evidence in answers[one.id].evidence
        ),
    )


def _reason(outcome: Outcome, answers: list[Answer]) -> Reason:
    """The first condition that came out as the rule did explains it; under a `not`, the first one."""
    return next((answer.reason for answer in answers if answer.outcome is outcome), answers[0].reason)


def _answer(transcript: Transcript, condition: Condition, least_confidence: float) -> Answer:
    match condition.operator:
        case Keyword() as asked:
            return keyword(transcript, condition, asked, least_confidence)
        case Ordered() as asked:
            return ordered(transcript, condition, asked, least_confidence)
        case HoldNotice() as asked:
            return hold_notice(transcript, condition, asked, least_confidence)
    assert_never(condition.operator)


def operator_name(condition: Condition) -> str:
    """The word the scheme's text uses."""
    match condition.operator:
        case Keyword():
            return "keyword"
        case Ordered():
            return "ordered"
        case HoldNotice():
            return "hold_notice"
    assert_never(condition.operator)


def _item(transcript: Transcript, item: Item, least_confidence: float) -> ItemResult:
    verdict = judge(transcript, item.rule, least_confidence)
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
        case ItemKind.EARN:
            return item.points if outcome is Outcome.HIT else 0.0
        case ItemKind.DEDUCT:
            return -item.points if outcome is Outcome.HIT else 0.0
        case ItemKind.FATAL | ItemKind.TAG:
            return 0.0
    assert_never(item.kind)
