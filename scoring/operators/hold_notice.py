"""Was the customer told before a long wait? In: a scope, a length, phrases. Out: an Answer.

A wait is a silence between two utterances, in which neither side says a word the recogniser heard (music counts, too),
or a hold the switch tells of. The tail after the last word is hanging up.
"""

from dataclasses import dataclass

from scoring.case import Happening, Kind
from scoring.formula import Outcome
from scoring.hearing import Scope
from scoring.match import Evidence
from scoring.messages import Reason, seconds
from scoring.operators._doubts import settled, unread_ms, without_times
from scoring.operators._events import evidence, length
from scoring.operators._gaps import announced, gaps, quiet
from scoring.operators.answer import Answer, doubtful, sure
from scoring.operators.spec import Field, FieldKind, Spec


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldNotice:
    """Hit: before each wait of `gap_ms` and more, the role's last turn holds a `notice`. Else not applicable."""

    gap_ms: int
    notice: tuple[str, ...]


def judge(scope: Scope, asked: HoldNotice) -> Answer:
    lacking = without_times(scope)
    if lacking is not None:
        return doubtful(Outcome.MISS, lacking)
    waits = _waits(scope, asked.gap_ms)
    if not waits:
        if not scope.case.ended:
            return doubtful(Outcome.NOT_APPLICABLE, Reason("not_over"))
        return sure(Outcome.NOT_APPLICABLE, Reason("no_silence", {"seconds": seconds(asked.gap_ms)}))
    answers = [_one(scope, asked, wait) for wait in waits]
    all_of = tuple(one for answer in answers for one in answer.evidence)
    for outcome in (Outcome.MISS, Outcome.CANNOT_TELL):
        for answer in answers:
            if answer.outcome is outcome:
                return Answer(outcome=outcome, leaning=answer.leaning, reason=answer.reason, evidence=all_of)
    if not scope.case.ended:
        return doubtful(Outcome.HIT, Reason("not_over"), all_of)
    return sure(Outcome.HIT, Reason("silence_announced", {"count": len(waits)}), all_of)


def _waits(scope: Scope, least_ms: int) -> list[Evidence]:
    """Silences, and the holds that none of them fills: on hold a customer may talk to himself."""
    quiets = [quiet(one.before, scope.role, one.start_ms, one.end_ms) for one in gaps(scope, least_ms)]
    holds = [
        evidence(one, scope, role=scope.role.value)
        for one in scope.case.happenings or ()
        if one.kind is Kind.HOLD and length(one, scope).low >= least_ms and not _filled(one, quiets, scope)
    ]
    return sorted([*quiets, *holds], key=lambda one: one.start_ms)


def _filled(hold: Happening, quiets: list[Evidence], scope: Scope) -> bool:
    end_ms = scope.case.now_ms if hold.end_ms is None else hold.end_ms
    return any(one.start_ms < end_ms and hold.start_ms < one.end_ms for one in quiets)


def _one(scope: Scope, asked: HoldNotice, wait: Evidence) -> Answer:
    if not settled(scope, wait.start_ms if wait.event == Kind.HOLD else wait.end_ms):
        return doubtful(Outcome.MISS, Reason("not_over"), (wait,))
    told = announced(scope, asked.notice, wait.start_ms)
    kept = (*told.evidence, wait)
    if told.outcome is Outcome.HIT:
        return sure(Outcome.HIT, told.reason, kept)
    lasted = wait.end_ms - wait.start_ms
    params = {"at_s": seconds(wait.start_ms), "seconds": seconds(lasted)}
    if told.outcome is Outcome.CANNOT_TELL:
        return doubtful(told.leaning, told.reason, kept)
    if wait.event != Kind.HOLD and 2 * unread_ms(scope, wait.start_ms, wait.end_ms) >= lasted:
        # Somebody may have been speaking all the while.
        return doubtful(Outcome.MISS, Reason("unread_speech", params), (wait,))
    key = "hold_unannounced" if wait.event == Kind.HOLD else "silence_unannounced"
    return sure(Outcome.MISS, Reason(key, params), (wait,))


SPEC = Spec(
    name="hold_notice",
    asked=HoldNotice,
    fields=(
        Field(
            key="seconds",
            name="gap_ms",
            kind=FieldKind.SECONDS,
            low=1,
            high=3_600,
            zh="从多长的静默或保持算起",
            en="how long a silence or hold counts",
        ),
        Field(key="notice", kind=FieldKind.PHRASES, zh="告知的说法", en="what announces it"),
    ),
    judge=judge,
    zh="每次长静默或保持之前，该方最后一轮话里都有告知；没有则不适用",
    en="the role's last turn before each long silence or hold holds a notice; not applicable without any",
    phrases=lambda asked: asked.notice,
    ranged=False,
)
