"""How much of the talking does the role do? In: a scope, limits in percent. Out: an Answer.

The role's speech in the range over everybody's speech there.
"""

from dataclasses import dataclass

from asr.transcript import Utterance
from scoring.formula import Outcome
from scoring.hearing import Scope
from scoring.messages import Reason
from scoring.operators._amount import Amount, limit_faults, limits, within
from scoring.operators._doubts import coming, unread_ms
from scoring.operators.answer import Answer, doubtful, sure
from scoring.operators.spec import FieldKind, Needs, Spec


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkShare:
    above: float | None = None
    below: float | None = None


def judge(scope: Scope, asked: TalkShare) -> Answer:
    own, others = scope.once("talk_share", lambda: _both(scope))
    if not own + others:
        silent = Reason("nobody_spoke", {"where": scope.where, "role": "any"})
        if coming(scope):
            return doubtful(Outcome.NOT_APPLICABLE, Reason("not_over"))
        return sure(Outcome.NOT_APPLICABLE, silent)
    share = 100 * own / (own + others)
    if coming(scope):
        return doubtful(within(Amount(low=share, best=share, high=share), asked)[0], Reason("not_over"))
    unread = unread_ms(scope, scope.start_ms, scope.end_ms)
    known = own + others + unread
    outcome, leaning = within(Amount(low=100 * own / known, best=share, high=100 * (own + unread) / known), asked)
    params = {"percent": round(share), "role": scope.role.value}
    if outcome is Outcome.CANNOT_TELL:
        return doubtful(leaning, Reason("share_unsure", {**params, "seconds": round(unread / 1000, 1)}))
    return sure(outcome, Reason("share", params))


def _both(scope: Scope) -> tuple[int, int]:
    others = [one for one in scope.transcript.utterances if scope.role != "any" and one.role != scope.role.value]
    return _spoken(scope, scope.utterances), _spoken(scope, others)


def _spoken(scope: Scope, said: list[Utterance] | tuple[Utterance, ...]) -> int:
    return sum(max(0, min(one.end_ms, scope.end_ms) - max(one.start_ms, scope.start_ms)) for one in said)


SPEC = Spec(
    name="talk_share",
    asked=TalkShare,
    fields=limits(FieldKind.NUMBER, "说话时间占比（%）", "the share of speech in percent", high=100),
    judge=judge,
    zh="该方说话时间占双方说话时间的比例",
    en="the role does so much of the talking",
    needs=frozenset({Needs.WORDS, Needs.ROLES, Needs.TIMES}),
    faults=limit_faults,
)
