"""What a rule says of a contact. In: Hearing, Rule. Out: `Verdict`: outcome, leaning, reason, evidence.

Conditions are decided in order, each over its ranges; formulas carry doubt on. May not know: points, TOML.
"""

from collections.abc import Container, Mapping
from typing import Final

from msgspec import Struct

from scoring.case import Case
from scoring.facts import applies
from scoring.formula import And, Formula, Name, Or, Outcome, all_of, evaluate
from scoring.hearing import Hearing, Scope
from scoring.match import Evidence
from scoring.messages import Reason
from scoring.operators.answer import Answer, doubtful
from scoring.operators.registry import OPERATORS
from scoring.operators.spec import Needs
from scoring.ranges import NOT_OVER, Range, scopes
from scoring.rules import Check, Condition, Role, Rule


class ConditionEvidence(Struct, frozen=True, kw_only=True):
    condition: str
    operator: str
    evidence: Evidence


class Unsure(Struct, frozen=True, kw_only=True):
    """A range in which a condition could not tell; a person who listens there settles it."""

    reason: Reason
    role: Role
    start_ms: int
    end_ms: int


class Verdict(Struct, frozen=True, kw_only=True):
    """A rule's answer; `leaning` is the better guess where it cannot tell."""

    outcome: Outcome
    leaning: Outcome
    reason: Reason
    evidence: tuple[ConditionEvidence, ...] = ()
    hits: int = 0
    """How often its first condition that hit was found; what `per = hit` counts."""
    hits_sure: int = 0
    """Of these, how many were surely heard; 0 where the outcome is not a hit."""
    unsure: tuple[Unsure, ...] = ()


_NO_ANSWERS: Final[Mapping[str, Answer]] = {}


def judge(hearing: Hearing, rule: Rule) -> Verdict:
    fits = applies(rule, hearing.case.facts)
    if fits is not None and fits.leaning is not Outcome.HIT:
        return Verdict(outcome=fits.outcome, leaning=fits.leaning, reason=fits.reason)
    evidence: list[ConditionEvidence] = []
    unsure: list[Unsure] = []
    answers = _conditions(hearing, rule, evidence, unsure)
    outcome, leaning = _evaluated(rule.formula, answers)
    reason = _reason(outcome, answers)
    if fits is not None and fits.outcome is Outcome.CANNOT_TELL and outcome is not Outcome.NOT_APPLICABLE:
        outcome, reason = Outcome.CANNOT_TELL, fits.reason
    if leaning is not Outcome.HIT:
        return Verdict(outcome=outcome, leaning=leaning, reason=reason, evidence=tuple(evidence), unsure=tuple(unsure))
    counted: tuple[Evidence, ...] = ()
    if evidence:
        counted = next((one.evidence for one in answers.values() if one.leaning is Outcome.HIT and one.evidence), ())
    heard = sum(one.confidence >= hearing.least_confidence for one in counted)
    return Verdict(
        outcome=outcome,
        leaning=leaning,
        reason=reason,
        evidence=tuple(evidence),
        hits=max(1, len(counted)),
        hits_sure=max(1, heard) if outcome is Outcome.HIT else 0,
        unsure=tuple(unsure),
    )


def _conditions(
    hearing: Hearing, rule: Rule, kept: list[ConditionEvidence], unsure: list[Unsure]
) -> Mapping[str, Answer]:
    if len(rule.conditions) == 1:
        only = rule.conditions[0]
        return {only.id: _condition(hearing, only, _NO_ANSWERS, kept, unsure, ())}
    answers: dict[str, Answer] = {}
    steady: set[str] = set()
    for condition in rule.conditions:
        answers[condition.id] = _condition(hearing, condition, answers, kept, unsure, steady)
        if len(condition.checks) == 1:
            steady.add(condition.id)
    return answers


def _evaluated(formula: Formula, answers: Mapping[str, Answer]) -> tuple[Outcome, Outcome]:
    """Outcome and leaning. Most formulas are one name."""
    if isinstance(formula, And | Or) and len(formula.parts) == 1:
        formula = formula.parts[0]
    if isinstance(formula, Name):
        answer = answers[formula.id]
        return answer.outcome, answer.leaning
    outcome = evaluate(formula, {name: answer.outcome for name, answer in answers.items()})
    return outcome, evaluate(formula, {name: answer.leaning for name, answer in answers.items()})


def _reason(outcome: Outcome, answers: Mapping[str, Answer]) -> Reason:
    """The first condition that came out as the rule did explains it; under a `not`, the first one."""
    first: Answer | None = None
    for answer in answers.values():
        if answer.outcome is outcome:
            return answer.reason
        first = first or answer
    assert first is not None, "a rule has a condition, a condition a check"
    return first.reason


def _condition(
    hearing: Hearing,
    condition: Condition,
    answers: Mapping[str, Answer],
    kept: list[ConditionEvidence],
    unsure: list[Unsure],
    steady: Container[str],
) -> Answer:
    looked = scopes(hearing, condition.where, answers, steady=steady)
    if isinstance(looked, Answer):
        kept += [ConditionEvidence(condition=condition.id, operator="", evidence=one) for one in looked.evidence]
        return looked
    if len(looked.ranges) == 1:
        answer = _range(looked.ranges[0], condition, kept, unsure)
    else:
        each = [_range(one, condition, kept, unsure) for one in looked.ranges]
        outcome = all_of([one.outcome for one in each])
        answer = Answer(
            outcome=outcome,
            leaning=all_of([one.leaning for one in each]),
            reason=next((one.reason for one in each if one.outcome is outcome), each[0].reason),
            evidence=tuple(e for one in each for e in one.evidence),
        )
    if looked.more and answer.outcome in (Outcome.HIT, Outcome.NOT_APPLICABLE):
        return doubtful(answer.leaning, NOT_OVER, answer.evidence)
    return answer


def _range(one: Range, condition: Condition, kept: list[ConditionEvidence], unsure: list[Unsure]) -> Answer:
    answer = _scope(one.scope, condition, kept)
    if one.doubt is not None and answer.outcome is not Outcome.CANNOT_TELL:
        answer = doubtful(answer.leaning, one.doubt, answer.evidence)
    if answer.outcome is Outcome.CANNOT_TELL:
        scope = one.scope
        unsure.append(Unsure(reason=answer.reason, role=scope.role, start_ms=scope.start_ms, end_ms=scope.end_ms))
    return answer


def _scope(scope: Scope, condition: Condition, kept: list[ConditionEvidence]) -> Answer:
    if len(condition.checks) == 1:
        return _only(scope, condition, kept)
    given: dict[str, Answer] = {}
    for check in condition.checks:
        answer = given[check.id] = _check(scope, check)
        for one in answer.evidence:
            kept.append(ConditionEvidence(condition=condition.id, operator=check.operator, evidence=one))
    each = (e for one in given.values() for e in one.evidence)
    evidence = tuple(sorted(each, key=lambda one: (one.start_ms, one.end_ms)))
    outcome, leaning = _evaluated(condition.formula, given)
    return Answer(outcome=outcome, leaning=leaning, reason=_reason(outcome, given), evidence=evidence)


def _only(scope: Scope, condition: Condition, kept: list[ConditionEvidence]) -> Answer:
    (check,) = condition.checks
    answer = _check(scope, check)
    if answer.evidence:
        kept += [
            ConditionEvidence(condition=condition.id, operator=check.operator, evidence=e) for e in answer.evidence
        ]
    if isinstance(condition.formula, Name):
        return answer
    outcome, leaning = _evaluated(condition.formula, {check.id: answer})
    return Answer(outcome=outcome, leaning=leaning, reason=answer.reason, evidence=answer.evidence)


def _check(scope: Scope, check: Check) -> Answer:
    spec = OPERATORS[check.operator]
    lacking = scope.hearing.lacks(spec.needs, _lacking)
    if lacking is not None:
        return doubtful(Outcome.MISS, lacking)
    answer = spec.judge(scope, check.asked)
    cut = scope.hearing.words.cut
    if cut and answer.outcome is not Outcome.CANNOT_TELL:
        left = cut.intersection((*spec.phrases(check.asked), *spec.patterns(check.asked)))
        if left and answer.outcome is not Outcome.HIT:
            return doubtful(answer.leaning, Reason("cut_off", {"text": min(left)}), answer.evidence)
    return answer


def _lacking(case: Case, needs: frozenset[Needs]) -> Reason | None:
    """What the operator rests on and nobody knows."""
    transcript = case.transcript
    if Needs.EVENTS in needs and case.happenings is None:
        return Reason("no_events")
    if Needs.WORDS in needs and not transcript.utterances:
        return Reason("nothing_heard" if case.ended else "not_over")
    if Needs.ROLES in needs and (
        transcript.channels < 2 or all(said.role == "unknown" for said in transcript.utterances)
    ):
        return Reason("no_roles")
    if Needs.TIMES in needs and transcript.utterances and not any(said.words for said in transcript.utterances):
        return Reason("no_times")
    if Needs.SOUND in needs and all(said.loudness_db is None for said in transcript.utterances):
        return Reason("no_loudness")
    return None
