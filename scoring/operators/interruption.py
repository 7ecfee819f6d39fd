"""Does somebody break in on the other? In: a scope, a length of speaking together. Out: an Answer.

An interruption is an utterance of the role that begins while the other side speaks. Both must be on channels of their
own: a mono recording cannot show it.
"""

from dataclasses import dataclass

from asr.measures import characters
from asr.transcript import Span, Utterance
from scoring.formula import Outcome
from scoring.hearing import Scope
from scoring.match import Evidence
from scoring.messages import Reason, seconds
from scoring.operators._doubts import coming, unread_reason, weakly
from scoring.operators.answer import Answer, doubtful, sure
from scoring.operators.spec import Field, FieldKind, Needs, Spec
from scoring.rules import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Interruption:
    overlap_ms: int
    characters: int = 4
    after_ms: int = 0


def judge(scope: Scope, asked: Interruption) -> Answer:
    found = [
        evidence
        for said in scope.utterances
        if (others := _spoken_into(scope).get(said.number)) and characters(said.text) >= asked.characters
        for evidence in [_broken_in(said, others, asked)]
        if evidence is not None
    ]
    if found:
        first = found[0]
        params = {"at_s": seconds(first.start_ms), "seconds": seconds(first.end_ms - first.start_ms)}
        return weakly(scope, tuple(found), Reason("interrupted", {**params, "count": len(found)}))
    if coming(scope):
        return doubtful(Outcome.MISS, Reason("not_over"))
    unsure = scope.absence(())
    if unsure is not None and unsure[0].key != "unread_speech":
        return doubtful(Outcome.MISS, unsure[0])
    span = next((span for span in scope.transcript.unread if _perhaps(span, scope, asked)), None)
    if span is not None:
        return doubtful(Outcome.MISS, unread_reason(span))
    params = {"utterances": len(scope.utterances), "seconds": seconds(asked.overlap_ms)}
    return sure(Outcome.MISS, Reason("not_interrupted", {**params, "role": scope.role.value}))


def _spoken_into(scope: Scope) -> dict[int, list[Utterance]]:
    """By an utterance's number, those of the other side that were going on when it began."""
    return scope.hearing.once("interruption", lambda: _all_spoken_into(scope.transcript.utterances))


def _all_spoken_into(utterances: tuple[Utterance, ...]) -> dict[int, list[Utterance]]:
    found: dict[int, list[Utterance]] = {}
    going_on: list[Utterance] = []
    for said in sorted(utterances, key=lambda one: one.start_ms):
        going_on = [one for one in going_on if one.end_ms > said.start_ms]
        others = [one for one in going_on if one.channel != said.channel and one.role != said.role]
        if others:
            found[said.number] = others
        going_on.append(said)
    return found


def _broken_in(said: Utterance, others: list[Utterance], asked: Interruption) -> Evidence | None:
    """The longest time it speaks together with one who had the floor."""
    best: Evidence | None = None
    for other in others:
        together = min(said.end_ms, other.end_ms) - said.start_ms
        if together < asked.overlap_ms or other.start_ms + max(1, asked.after_ms) > said.start_ms:
            continue
        if best is None or together > best.end_ms - best.start_ms:
            best = Evidence(
                utterance=said.number,
                role=said.role,
                start_ms=said.start_ms,
                end_ms=said.start_ms + together,
                text=said.text,
                confidence=min(said.confidence, other.confidence),
            )
    return best


def _perhaps(span: Span, scope: Scope, asked: Interruption) -> bool:
    """Whether unread speech may have broken in, or have been broken in on."""
    if span.end_ms <= scope.start_ms or span.start_ms >= scope.end_ms:
        return False
    for said in scope.transcript.utterances:
        if said.channel == span.channel or min(said.end_ms, span.end_ms) - max(said.start_ms, span.start_ms) <= 0:
            continue
        breaks_in = scope.role is Role.ANY or said.role != scope.role.value
        first, second = (said.start_ms, span.start_ms) if breaks_in else (span.start_ms, said.start_ms)
        if scope.role is Role.ANY:
            first, second = sorted((first, second))
        together = min(said.end_ms, span.end_ms) - second
        if first < second and together >= asked.overlap_ms:
            return True
    return False


SPEC = Spec(
    name="interruption",
    asked=Interruption,
    fields=(
        Field(
            key="seconds",
            name="overlap_ms",
            kind=FieldKind.SECONDS,
            low=0.1,
            high=60,
            zh="同时说话至少多久",
            en="how long both speak at once, at least",
        ),
        Field(
            key="characters",
            kind=FieldKind.INTEGER,
            default=4,
            low=1,
            high=1_000,
            zh="插话至少多少字（“嗯”不算）",
            en="how many characters break in, at least: a listener's 嗯 is none",
        ),
        Field(
            key="after_seconds",
            name="after_ms",
            kind=FieldKind.SECONDS,
            default=0,
            low=0,
            high=600,
            zh="对方已经说了多久",
            en="how long the other side had been speaking",
        ),
    ),
    judge=judge,
    zh="该方在对方说话时插话",
    en="the role begins to speak while the other side speaks, and both go on",
    needs=frozenset({Needs.WORDS, Needs.ROLES, Needs.TIMES}),
)
