"""What did the customer say of it? In: a scope, limits. Out: an Answer. Marks come as `contact_surveyed` events."""

from dataclasses import dataclass

from scoring.case import Kind
from scoring.formula import Outcome
from scoring.hearing import Scope
from scoring.messages import Reason
from scoring.operators._amount import exactly, limit_faults, limits, within
from scoring.operators._events import evidence
from scoring.operators.answer import Answer, doubtful, sure
from scoring.operators.spec import Field, FieldKind, Needs, Spec


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    above: float | None = None
    below: float | None = None
    question: str = ""


def judge(scope: Scope, asked: Survey) -> Answer:
    marks = [
        (one, one.value)
        for one in scope.case.happenings or ()
        if one.kind is Kind.SURVEY and one.value is not None and asked.question in ("", one.reason)
    ]
    found = [(one, mark) for one, mark in marks if within(exactly(mark), asked)[0] is Outcome.HIT]
    if found:
        kept = tuple(evidence(one, scope, role="customer") for one, _ in found)
        return sure(Outcome.HIT, Reason("marked", {"value": found[0][1]}), kept)
    if not scope.case.ended:
        return doubtful(Outcome.MISS if marks else Outcome.NOT_APPLICABLE, Reason("not_over"))
    if not marks:
        return sure(Outcome.NOT_APPLICABLE, Reason("not_surveyed"))
    return sure(Outcome.MISS, Reason("marked", {"value": marks[-1][1]}))


SPEC = Spec(
    name="survey",
    asked=Survey,
    fields=(
        *limits(FieldKind.NUMBER, "客户评分", "the customer's mark", low=-1_000, high=1_000),
        Field(
            key="question",
            kind=FieldKind.TEXT,
            default="",
            zh="哪个问题；不写则任何一个",
            en="of which question; without, of any",
        ),
    ),
    judge=judge,
    zh="客户在满意度调查中给了这样的分；没有评价则不适用",
    en="the customer gives such a mark; not applicable where he gave none",
    needs=frozenset({Needs.EVENTS}),
    kinds=frozenset({Kind.SURVEY}),
    faults=limit_faults,
    ranged=False,
)
