"""How fast does somebody speak? In: a scope, limits in characters a minute. Out: an Answer.

Characters are Chinese characters, digits and Latin words, as asr/measures.py counts them; pauses between utterances do
not count.
"""

from dataclasses import dataclass

from asr.measures import characters
from asr.transcript import Utterance
from scoring.formula import Outcome
from scoring.hearing import Scope
from scoring.messages import Reason, seconds
from scoring.operators._amount import ENDLESS, Amount, exactly, limit_faults, limits, within
from scoring.operators._doubts import coming, nobody, unheard, unread_in, unread_ms, unread_reason, weakly
from scoring.operators.answer import Answer, doubtful, sure
from scoring.operators.doubt import whole
from scoring.operators.spec import Field, FieldKind, Needs, Spec

_MOST_UNREAD = 0.2
"""Of what the role said: with more of it unread, nobody knows how fast the whole was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechRate:
    above: float | None = None
    below: float | None = None
    each: bool = False
    characters: int = 10


def judge(scope: Scope, asked: SpeechRate) -> Answer:
    if not scope.utterances:
        return nobody(scope)
    return _each(scope, asked) if asked.each else _mean(scope, asked)


def _each(scope: Scope, asked: SpeechRate) -> Answer:
    long_enough = [(one, speed) for one, count, speed in _measured(scope) if count >= asked.characters]
    rated = [(one, speed) for one, speed in long_enough if speed is not None]
    found = [(one, speed) for one, speed in rated if within(exactly(speed), asked)[0] is Outcome.HIT]
    if found:
        first, speed = found[0]
        params = {"at_s": seconds(first.start_ms), "rate": round(speed)}
        return weakly(scope, tuple(whole(one) for one, _ in found), Reason("rate_at", params))
    unsure = unheard(scope)
    if unsure is not None:
        return doubtful(Outcome.MISS, unsure)
    return sure(Outcome.MISS, Reason("rate_each", {"utterances": len(rated), "role": scope.role.value}))


def _measured(scope: Scope) -> list[tuple[Utterance, int, float | None]]:
    """Each utterance with its characters and its rate."""
    return scope.once("speech_rate", lambda: [_measure(one) for one in scope.utterances])


def _measure(said: Utterance) -> tuple[Utterance, int, float | None]:
    count, lasted = characters(said.text), said.end_ms - said.start_ms
    return said, count, 60_000 * count / lasted if lasted > 0 else None


def _mean(scope: Scope, asked: SpeechRate) -> Answer:
    spoken_ms = sum(one.end_ms - one.start_ms for one in scope.utterances)
    count = sum(each for _, each, _ in _measured(scope))
    if count < asked.characters or not spoken_ms:
        few = Reason("too_few_characters", {"count": count, "wanted": asked.characters})
        unsure = unheard(scope)
        return sure(Outcome.NOT_APPLICABLE, few) if unsure is None else doubtful(Outcome.NOT_APPLICABLE, unsure)
    speed = 60_000 * count / spoken_ms
    missing = unread_ms(scope, scope.start_ms, scope.end_ms, role=scope.role)
    known = not coming(scope) and missing <= _MOST_UNREAD * (spoken_ms + missing)
    outcome, leaning = within(exactly(speed) if known else Amount(low=0, best=speed, high=ENDLESS), asked)
    reason = Reason("rate_mean", {"rate": round(speed), "count": count, "role": scope.role.value})
    if outcome is Outcome.CANNOT_TELL:
        unread = unread_in(scope, scope.start_ms, scope.end_ms, role=scope.role)
        return doubtful(leaning, Reason("not_over") if coming(scope) or not unread else unread_reason(unread[0]))
    if outcome is Outcome.MISS:
        return sure(outcome, reason)
    rated = [(speed or 0.0, one) for one, _, speed in _measured(scope)]
    extreme = min if asked.above is None else max
    return sure(outcome, reason, (whole(extreme(rated, key=lambda pair: pair[0])[1]),))


SPEC = Spec(
    name="speech_rate",
    asked=SpeechRate,
    fields=(
        *limits(FieldKind.NUMBER, "每分钟字数", "characters a minute", low=1, high=2_000),
        Field(
            key="each",
            kind=FieldKind.FLAG,
            default=False,
            zh="任何一句话都算，而不是看平均",
            en="any single utterance counts, not the mean of the range",
        ),
        Field(
            key="characters",
            kind=FieldKind.INTEGER,
            default=10,
            low=1,
            high=1_000,
            zh="少于这么多字的不算",
            en="fewer characters than this do not count",
        ),
    ),
    judge=judge,
    zh="该方的语速在限度之外",
    en="the role speaks faster or slower than that",
    needs=frozenset({Needs.WORDS, Needs.TIMES}),
    faults=limit_faults,
)
