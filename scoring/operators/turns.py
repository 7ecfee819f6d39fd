"""How often does somebody speak? In: a scope, limits. Out: an Answer.

A turn is what one side says until the other speaks; pauses within do not end it. In a chat it is messages in a row.
"""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from asr.transcript import Utterance
from scoring.formula import Outcome
from scoring.hearing import Scope
from scoring.messages import Reason
from scoring.operators._amount import ENDLESS, Amount, limit_faults, limits, within
from scoring.operators._doubts import coming, unread_in, unread_reason
from scoring.operators.answer import Answer, doubtful, sure
from scoring.operators.spec import FieldKind, Needs, Spec
from scoring.rules import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Turns:
    above: float | None = None
    below: float | None = None


def judge(scope: Scope, asked: Turns) -> Answer:
    counted, clear = scope.once("turns", lambda: _counted(scope))
    unread = unread_in(scope, scope.start_ms, scope.end_ms)
    # A stretch nobody could read may be a turn, and cut another in two.
    high = ENDLESS if coming(scope) else counted + 2 * len(unread)
    outcome, leaning = within(Amount(low=min(clear, counted), best=counted, high=high), asked)
    if outcome is not Outcome.CANNOT_TELL:
        return sure(outcome, Reason("turns", {"count": counted, "role": scope.role.value, "where": scope.where}))
    if coming(scope):
        return doubtful(leaning, Reason("not_over"))
    weak = Reason("turns_unsure", {"count": counted, "least": clear, "role": scope.role.value})
    return doubtful(leaning, unread_reason(unread[0]) if unread else weak)


def _counted(scope: Scope) -> tuple[int, int]:
    """All turns, and those of surely heard words alone."""
    said = _inside(scope)
    clear = [one for one in said if one.confidence >= scope.least_confidence]
    return _turns(said, scope.role), _turns(clear, scope.role)


def _inside(scope: Scope) -> list[Utterance]:
    """The range's utterances of both sides, for the other one's end a turn."""
    if not scope.utterances:
        return []
    first, last = scope.utterances[0].start_ms, max(one.start_ms for one in scope.utterances)
    own = {one.number for one in scope.utterances}
    everybody = scope.transcript.utterances
    return sorted(
        (
            one
            for one in everybody
            if one.number in own
            or (scope.role is not Role.ANY and first <= one.start_ms <= last and _other(one, scope))
        ),
        key=lambda one: one.start_ms,
    )


def _other(one: Utterance, scope: Scope) -> bool:
    return one.role not in (scope.role.value, "unknown")


def _turns(said: Sequence[Utterance], role: Role) -> int:
    speakers: Iterable[str] = (speaker for speaker, _ in itertools.groupby(one.role for one in said))
    return sum(1 for speaker in speakers if role is Role.ANY or speaker == role.value)


SPEC = Spec(
    name="turns",
    asked=Turns,
    fields=limits(FieldKind.NUMBER, "轮数", "the number of turns", high=100_000),
    judge=judge,
    zh="该方说了这么多轮话",
    en="the role takes so many turns",
    needs=frozenset({Needs.WORDS, Needs.ROLES}),
    faults=limit_faults,
)
