"""Is one thing said before another? In: a scope, phrases. Out: an Answer.

Made for “confirm before the change is reported”: a later confirmation does not heal a missing one.
"""

from dataclasses import dataclass

from scoring.formula import Outcome
from scoring.hearing import Scope
from scoring.match import Evidence
from scoring.messages import Params, Reason, seconds
from scoring.operators.answer import Answer, doubtful, found, sure
from scoring.operators.spec import Field, FieldKind, Spec
from scoring.operators.words import settled_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """Hit: before the first `then`, some `first` was said. Not applicable where `then` is never said."""

    first: tuple[str, ...]
    then: tuple[str, ...]


def judge(scope: Scope, asked: Ordered) -> Answer:
    reports = scope.hits(asked.then)
    if not reports:
        return scope.once("ordered", lambda: _unreported(scope))
    firsts = scope.hits(asked.first)
    # The first report decides: what is confirmed before it is confirmed before the later ones too.
    report = reports[0]
    before = [one for one in firsts if one.start_ms < report.start_ms]
    answer = _confirmed(before, report, scope.least_confidence) if before else _unconfirmed(scope, report)
    if report.start_ms >= settled_ms(scope) and answer.outcome is not Outcome.CANNOT_TELL:
        return doubtful(answer.leaning, Reason("not_over"), answer.evidence)
    return answer


def _unreported(scope: Scope) -> Answer:
    # Something unheard is no reason to suppose a report; but a contact without roles, or not over, is.
    known = scope.transcript.utterances and any(said.role != "unknown" for said in scope.transcript.utterances)
    unsure = None if known and not scope.open else scope.absence()
    if unsure is not None:
        return doubtful(Outcome.NOT_APPLICABLE, unsure[0])
    return sure(Outcome.NOT_APPLICABLE, Reason("not_reported"))


def _confirmed(before: list[Evidence], report: Evidence, least_confidence: float) -> Answer:
    best = max(before, key=lambda one: one.confidence)
    if best.confidence < least_confidence:
        return doubtful(Outcome.HIT, found(best, in_doubt=True), (*before, report))
    return sure(Outcome.HIT, Reason("confirmed_first", {"at_s": seconds(best.start_ms)}), (*before, report))


def _unconfirmed(scope: Scope, report: Evidence) -> Answer:
    if report.confidence < scope.least_confidence:
        return doubtful(Outcome.MISS, found(report, in_doubt=True), (report,))
    unsure = scope.narrowed(scope.start_ms, report.start_ms).absence()
    if unsure is not None:
        return doubtful(Outcome.MISS, unsure[0], (report, *unsure[1]))
    params: Params = {"at_s": seconds(report.start_ms), "text": report.text}
    return sure(Outcome.MISS, Reason("not_confirmed_first", params), (report,))


SPEC = Spec(
    name="ordered",
    asked=Ordered,
    fields=(
        Field(key="first", kind=FieldKind.PHRASES, zh="先要说的", en="what must come first"),
        Field(key="then", kind=FieldKind.PHRASES, zh="之后才说的", en="what may only come after it"),
    ),
    judge=judge,
    zh="说“之后”的话以前先说了“之前”的话；没有说到“之后”的话则不适用",
    en="something of `first` is said before the first `then`; not applicable where no `then` is said",
    phrases=lambda asked: (*asked.first, *asked.then),
)
