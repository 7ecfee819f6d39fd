"""Does the role begin to speak late? In: a scope, a length. Out: an Answer.

Counted from the answer where the switch tells it and the recording has it, else from the recording's start; the reason
says which.
"""

from dataclasses import dataclass

from scoring.case import Kind
from scoring.formula import Outcome
from scoring.hearing import Scope
from scoring.match import Evidence
from scoring.messages import Params, Reason, seconds
from scoring.operators._amount import ENDLESS, Amount, at_least
from scoring.operators._doubts import settled, unread_in, unread_reason, without_times
from scoring.operators.answer import Answer, doubtful
from scoring.operators.spec import Field, FieldKind, Spec


@dataclass(frozen=True, slots=True, kw_only=True)
class LateStart:
    gap_ms: int


def judge(scope: Scope, asked: LateStart) -> Answer:
    known = [one for one in scope.transcript.utterances if one.role != "unknown"]
    lacking = without_times(scope) or (Reason("no_roles") if scope.role != "any" and not known else None)
    if lacking is not None:
        return doubtful(Outcome.MISS, lacking)
    answers = [one.start_ms for one in scope.case.happenings or () if one.kind is Kind.ANSWERED]
    if not answers and not scope.case.ended and scope.case.happenings is not None:
        return doubtful(Outcome.MISS, Reason("not_over"))
    answered = min(answers, default=-1)
    origin, since = (answered, "answer") if answered >= 0 else (0, "recording")
    said = [one for one in scope.utterances if one.end_ms > origin]
    first = min((one.start_ms for one in said), default=None)
    clear = min((one.start_ms for one in said if one.confidence >= scope.least_confidence), default=None)
    over = scope.case.ended
    last_ms = scope.case.now_ms if over else max((one.start_ms for one in scope.transcript.utterances), default=0)
    silent_until = last_ms if first is None else first
    unread = unread_in(scope, origin, silent_until, role=scope.role)
    sure_of_first = over or (first is not None and settled(scope, first))
    high: float = ENDLESS if not over and clear is None else max(0, (last_ms if clear is None else clear) - origin)
    best = max(0, silent_until - origin)
    low = max(0, unread[0].start_ms - origin) if unread else best
    outcome, leaning = at_least(Amount(low=low if sure_of_first else 0, best=best, high=high), asked.gap_ms)
    params: Params = {"seconds": seconds(best), "role": scope.role.value}
    evidence = (_waiting(scope, origin, silent_until),) if leaning is Outcome.HIT else ()
    if outcome is not Outcome.CANNOT_TELL:
        key = f"first_word_after_{since}" if first is not None else f"no_word_after_{since}"
        return Answer(outcome=outcome, leaning=outcome, reason=Reason(key, params), evidence=evidence)
    if not sure_of_first or high == ENDLESS:
        return doubtful(leaning, Reason("not_over"), evidence)
    weak = Reason("first_word_unsure", {"at_s": seconds(silent_until), "role": scope.role.value})
    return doubtful(leaning, unread_reason(unread[0]) if unread else weak, evidence)


def _waiting(scope: Scope, start_ms: int, end_ms: int) -> Evidence:
    return Evidence(
        utterance=min((one.number for one in scope.transcript.utterances), default=0),
        role=scope.role.value,
        start_ms=start_ms,
        end_ms=end_ms,
        text="",
        confidence=1.0,
        event="silence",
    )


SPEC = Spec(
    name="late_start",
    asked=LateStart,
    fields=(
        Field(
            key="seconds",
            name="gap_ms",
            kind=FieldKind.SECONDS,
            low=0.1,
            high=600,
            zh="接通后过了多久还没有说话",
            en="how long after the answer, at least",
        ),
    ),
    judge=judge,
    zh="接通后过了这么久，该方才说第一句话",
    en="the role's first word comes so long after the answer",
    ranged=False,
)
