"""Is nobody speaking for long? In: a scope, a length. Out: an Answer.

A silence lies between two utterances of whatever side, and belongs to the range it begins in. Speech nobody could read
is no silence; music and ring-back are, and are named.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from asr.measures import total, union
from scoring.case import Kind
from scoring.formula import Outcome
from scoring.hearing import Scope
from scoring.messages import Params, Reason, seconds
from scoring.operators._doubts import (
    coming,
    free_of_unread,
    settled,
    unread_in,
    unread_reason,
    without_roles,
    without_times,
)
from scoring.operators._events import ended_ms
from scoring.operators._gaps import Gap, announced, gaps, quiet
from scoring.operators.answer import Answer, doubtful, sure
from scoring.operators.doubt import whole
from scoring.operators.spec import Field, FieldKind, Spec


class Between(StrEnum):
    ANY = "any"
    AGENT_THEN_CUSTOMER = "agent_then_customer"
    CUSTOMER_THEN_AGENT = "customer_then_agent"
    SAME = "same"


_SIDES: Final = {
    Between.AGENT_THEN_CUSTOMER: ("agent", "customer"),
    Between.CUSTOMER_THEN_AGENT: ("customer", "agent"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    gap_ms: int
    between: str = Between.ANY
    unless: tuple[str, ...] = ()
    unless_held: bool = False
    tail: bool = False


def judge(scope: Scope, asked: Silence) -> Answer:
    lacking = without_times(scope) or (without_roles(scope) if asked.between != Between.ANY else None)
    if lacking is not None:
        return doubtful(Outcome.MISS, lacking)
    answers = [_one(scope, asked, gap) for gap in _candidates(scope, asked)]
    for wanted in ((Outcome.HIT, Outcome.HIT), (Outcome.CANNOT_TELL, Outcome.HIT), (Outcome.CANNOT_TELL, Outcome.MISS)):
        chosen = [one for one in answers if (one.outcome, one.leaning) == wanted]
        if chosen:
            evidence = tuple(each for one in chosen for each in one.evidence)
            return Answer(outcome=wanted[0], leaning=wanted[1], reason=chosen[0].reason, evidence=evidence)
    if coming(scope):
        return doubtful(Outcome.MISS, Reason("not_over"))
    hidden = _hidden(scope, asked)
    if hidden is not None:
        return hidden
    exempt = next((one.reason for one in answers), None)
    return sure(Outcome.MISS, exempt or Reason("no_silence", {"seconds": seconds(asked.gap_ms)}))


def _candidates(scope: Scope, asked: Silence) -> Iterator[Gap]:
    until = ended_ms(scope) if asked.tail and scope.case.ended else None
    for gap in gaps(scope, asked.gap_ms, until_ms=until):
        if scope.start_ms <= gap.start_ms < scope.end_ms and _between(gap, asked):
            yield gap


def _between(gap: Gap, asked: Silence) -> bool:
    if asked.between == Between.ANY:
        return True
    if gap.behind is None:
        return False
    if asked.between == Between.SAME:
        return gap.before.role == gap.behind.role
    return (gap.before.role, gap.behind.role) == _SIDES[Between(asked.between)]


def _one(scope: Scope, asked: Silence, gap: Gap) -> Answer:
    unread = unread_in(scope, gap.start_ms, gap.end_ms)
    pieces = free_of_unread(scope, gap.start_ms, gap.end_ms) if unread else [(gap.start_ms, gap.end_ms)]
    free = max(pieces, key=lambda one: one[1] - one[0], default=(0, 0))
    evidence = (quiet(gap.before, scope.role, gap.start_ms, gap.end_ms),)
    if not settled(scope, gap.end_ms):
        return doubtful(Outcome.HIT, Reason("not_over"), evidence)
    exempt = _exempt(scope, asked, gap)
    if exempt is not None:
        return exempt if exempt.outcome is Outcome.MISS else doubtful(exempt.leaning, exempt.reason, evidence)
    if unread and (free[1] - free[0] < asked.gap_ms or asked.between != Between.ANY):
        mostly = 2 * total(pieces) > gap.end_ms - gap.start_ms
        return doubtful(Outcome.HIT if mostly else Outcome.MISS, unread_reason(unread[0]), evidence)
    if unread:
        evidence = (quiet(gap.before, scope.role, *free),)
    return sure(Outcome.HIT, _reason(scope, *free), evidence)


def _exempt(scope: Scope, asked: Silence, gap: Gap) -> Answer | None:
    """A sure miss where it does not count, a doubt where perhaps it does not; None: it counts."""
    told = announced(scope, asked.unless, gap.start_ms) if asked.unless else None
    if told is not None and told.outcome is Outcome.HIT:
        return sure(Outcome.MISS, Reason("silence_exempt", {"at_s": seconds(gap.start_ms), **told.reason.params}))
    if asked.unless_held:
        held = [(one.start_ms, _end(one.end_ms, scope)) for one in scope.case.happenings or () if one.kind is Kind.HOLD]
        sounds = [(one.start_ms, one.end_ms) for one in scope.transcript.non_speech]
        if 2 * _covered(held + sounds, gap.start_ms, gap.end_ms) >= gap.end_ms - gap.start_ms:
            return sure(Outcome.MISS, Reason("silence_held", {"at_s": seconds(gap.start_ms)}))
        if scope.case.happenings is None:
            return doubtful(Outcome.HIT, Reason("no_events"))
    if told is not None and told.outcome is Outcome.CANNOT_TELL:
        return doubtful(Outcome.MISS if told.leaning is Outcome.HIT else Outcome.HIT, told.reason)
    return None


def _end(end_ms: int | None, scope: Scope) -> int:
    return scope.case.now_ms if end_ms is None else end_ms


def _covered(spans: list[tuple[int, int]], start_ms: int, end_ms: int) -> int:
    return total(union((max(start_ms, one[0]), min(end_ms, one[1])) for one in spans))


def _reason(scope: Scope, start_ms: int, end_ms: int) -> Reason:
    params: Params = {"at_s": seconds(start_ms), "seconds": seconds(end_ms - start_ms)}
    for kind in ("music", "ring_back") if scope.transcript.non_speech else ():
        spans = [(one.start_ms, one.end_ms) for one in scope.transcript.non_speech if one.kind == kind]
        if 2 * _covered(spans, start_ms, end_ms) >= end_ms - start_ms:
            return Reason(f"silence_{kind}", params)
    return Reason("silence", params)


def _hidden(scope: Scope, asked: Silence) -> Answer | None:
    """A silence that only weakly heard words interrupt: a tone or a breath is often heard as a word."""
    for gap in gaps(scope, asked.gap_ms, clear=True):
        inside = (one for one in scope.transcript.utterances if gap.start_ms <= one.start_ms < gap.end_ms)
        weak = next((one for one in inside if one.confidence < scope.least_confidence), None)
        if weak is None or not (scope.start_ms <= gap.start_ms < scope.end_ms and _between(gap, asked)):
            continue
        if asked.unless and announced(scope, asked.unless, gap.start_ms).leaning is Outcome.HIT:
            continue
        params: Params = {"at_s": seconds(weak.start_ms), "text": weak.text, "confidence": round(weak.confidence, 2)}
        return doubtful(Outcome.MISS, Reason("silence_or_word", params), (whole(weak),))
    return None


SPEC = Spec(
    name="silence",
    asked=Silence,
    fields=(
        Field(
            key="seconds",
            name="gap_ms",
            kind=FieldKind.SECONDS,
            low=0.5,
            high=3_600,
            zh="从多长的静默算起",
            en="how long a silence counts",
        ),
        Field(
            key="between",
            kind=FieldKind.CHOICE,
            choices=tuple(Between),
            default=Between.ANY.value,
            zh="在谁的话之间",
            en="between whose words",
        ),
        Field(
            key="unless",
            kind=FieldKind.PHRASES,
            default=(),
            zh="该方在静默前最后一轮话里说到这些则不算",
            en="does not count where the role's last turn before it holds one of these",
        ),
        Field(
            key="unless_held",
            kind=FieldKind.FLAG,
            default=False,
            zh="大半时间在保持或放音乐、回铃音的静默不算",
            en="does not count where the customer was on hold, or music or ring-back played, for most of it",
        ),
        Field(
            key="tail",
            kind=FieldKind.FLAG,
            default=False,
            zh="最后一句话到结束之间也算",
            en="the time from the last word to the end counts too",
        ),
    ),
    judge=judge,
    zh="在这么长的时间里双方都没有说话",
    en="neither side speaks for so long",
    phrases=lambda asked: asked.unless,
)
