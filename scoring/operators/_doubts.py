"""What may still come, or was not heard. In: a scope. Out: Reasons to doubt.

An utterance is told when it is over: of a contact that goes on, a silence is none for certain until it is known that
nobody was speaking all the while.
"""

from collections.abc import Sequence

from asr.measures import subtract, total, union
from asr.transcript import Span, Utterance
from scoring.formula import Outcome
from scoring.hearing import Scope
from scoring.match import Evidence
from scoring.messages import Params, Reason, seconds
from scoring.operators.answer import Answer, doubtful, sure
from scoring.rules import Role


def settled(scope: Scope, until_ms: int) -> bool:
    """Whether every word that began before is known."""
    return scope.hearing.known_ms >= until_ms


def coming(scope: Scope) -> bool:
    """Whether words of the range may still become known."""
    return scope.open or not settled(scope, scope.end_ms)


def unheard(scope: Scope) -> Reason | None:
    """Why something in the range may be otherwise than it was heard."""
    if coming(scope):
        return Reason("not_over")
    unsure = scope.absence(())
    return None if unsure is None else unsure[0]


def without_roles(scope: Scope) -> Reason | None:
    transcript = scope.transcript
    if transcript.channels < 2 or all(said.role == "unknown" for said in transcript.utterances):
        return Reason("no_roles")
    return None


def without_times(scope: Scope) -> Reason | None:
    """A chat has times, though not of words; a plain text has none at all."""
    if all(said.end_ms == 0 for said in scope.transcript.utterances):
        return Reason("no_times")
    return None


def unread_in(scope: Scope, start_ms: int, end_ms: int, *, role: Role = Role.ANY) -> list[Span]:
    """Speech nobody could read that touches [start_ms, end_ms) and may be the role's."""
    transcript = scope.transcript
    if not transcript.unread:
        return []
    found = [span for span in transcript.unread if span.start_ms < end_ms and start_ms < span.end_ms]
    return [span for span in found if role is Role.ANY or _may_speak(span.channel, role, transcript.utterances)]


def _may_speak(channel: int, role: Role, utterances: Sequence[Utterance]) -> bool:
    roles = {said.role for said in utterances if said.channel == channel}
    return not roles or role.value in roles or "unknown" in roles


def unread_ms(scope: Scope, start_ms: int, end_ms: int, *, role: Role = Role.ANY) -> int:
    if not scope.transcript.unread:
        return 0
    return total(
        union(
            (max(start_ms, span.start_ms), min(end_ms, span.end_ms))
            for span in unread_in(scope, start_ms, end_ms, role=role)
        )
    )


def unread_reason(span: Span) -> Reason:
    return Reason("unread_speech", {"at_s": seconds(span.start_ms), "seconds": seconds(span.end_ms - span.start_ms)})


def free_of_unread(scope: Scope, start_ms: int, end_ms: int) -> list[tuple[int, int]]:
    spans = union((span.start_ms, span.end_ms) for span in unread_in(scope, start_ms, end_ms))
    return subtract([(start_ms, end_ms)], spans)


def weakly(scope: Scope, evidence: tuple[Evidence, ...], reason: Reason) -> Answer:
    """A hit by what was heard; one occurrence heard surely is enough. `evidence` is not empty."""
    best = max(evidence, key=lambda one: one.confidence)
    if best.confidence >= scope.least_confidence:
        return sure(Outcome.HIT, reason, evidence)
    weak: Params = {"at_s": seconds(best.start_ms), "text": best.text, "confidence": round(best.confidence, 2)}
    return doubtful(Outcome.HIT, Reason("heard_weakly", weak), evidence)


def nobody(scope: Scope) -> Answer:
    """The range has no words of the role to measure."""
    reason = Reason("nobody_spoke", {"where": scope.where, "role": scope.role.value})
    unsure = unheard(scope)
    return sure(Outcome.NOT_APPLICABLE, reason) if unsure is None else doubtful(Outcome.NOT_APPLICABLE, unsure)
