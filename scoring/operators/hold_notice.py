"""Was the customer told before a long silence? In: a scope, a length, phrases. Out: an Answer.

A silence is a time in which neither side says a word the recogniser heard: music counts, too. Only silences between
two utterances count; the tail after the last word is hanging up.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from asr.transcript import Utterance
from scoring.formula import Outcome
from scoring.hearing import Scope
from scoring.match import Evidence, hits, of_role, readings
from scoring.messages import Reason, seconds
from scoring.operators.answer import Answer, doubtful, found, sure
from scoring.operators.spec import Field, FieldKind, Spec


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldNotice:
    """Hit: before each silence of `gap_ms` and more, the role's last turn holds a `notice`. Else not applicable."""

    gap_ms: int
    notice: tuple[str, ...]


def judge(scope: Scope, asked: HoldNotice) -> Answer:
    gaps = list(_gaps(scope.transcript.utterances, asked.gap_ms))
    if not gaps:
        if scope.open:
            return doubtful(Outcome.NOT_APPLICABLE, Reason("not_over"))
        return sure(Outcome.NOT_APPLICABLE, Reason("no_silence", {"seconds": seconds(asked.gap_ms)}))
    answers = [_one(scope, asked, gap) for gap in gaps]
    evidence = tuple(one for answer in answers for one in answer.evidence)
    for outcome in (Outcome.MISS, Outcome.CANNOT_TELL):
        for answer in answers:
            if answer.outcome is outcome:
                return Answer(outcome=outcome, leaning=answer.leaning, reason=answer.reason, evidence=evidence)
    if scope.open:
        return doubtful(Outcome.HIT, Reason("not_over"), evidence)
    return sure(Outcome.HIT, Reason("silence_announced", {"count": len(gaps)}), evidence)


def _gaps(utterances: Sequence[Utterance], least_ms: int) -> Iterator[tuple[int, int, int]]:
    """Index of the utterance behind the silence, its start and its end."""
    quiet_from: int | None = None
    for index, said in enumerate(utterances):
        if quiet_from is not None and said.start_ms - quiet_from >= least_ms:
            yield index, quiet_from, said.start_ms
        quiet_from = max(quiet_from or 0, said.end_ms)


def _one(scope: Scope, asked: HoldNotice, gap: tuple[int, int, int]) -> Answer:
    behind, start_ms, end_ms = gap
    silence = Evidence(
        utterance=scope.transcript.utterances[behind - 1].number,
        role=scope.role.value,
        start_ms=start_ms,
        end_ms=end_ms,
        text="",
        confidence=1.0,
    )
    said = of_role(scope.transcript.utterances[:behind], scope.role)
    last_turn = readings(said)[-1:]
    notices = hits(last_turn, asked.notice)
    if notices:
        best = max(notices, key=lambda one: one.confidence)
        if best.confidence < scope.least_confidence:
            return doubtful(Outcome.HIT, found(best, in_doubt=True), (*notices, silence))
        return sure(Outcome.HIT, found(best), (*notices, silence))
    last = [owner for reading in last_turn for owner in {id(o[0]): o[0] for o in reading.owners}.values()]
    unsure = scope.hearing.whole(scope.role).narrowed(0, end_ms).absence(last)
    if unsure is not None and unsure[0].key in ("no_roles", "low_confidence"):
        return doubtful(Outcome.MISS, unsure[0], (silence,))
    params = {"at_s": seconds(start_ms), "seconds": seconds(end_ms - start_ms)}
    if _unread(scope, start_ms, end_ms):
        return doubtful(Outcome.MISS, Reason("unread_speech", params), (silence,))
    return sure(Outcome.MISS, Reason("silence_unannounced", params), (silence,))


def _unread(scope: Scope, start_ms: int, end_ms: int) -> bool:
    """Whether somebody may have been speaking through at least half of the silence."""
    unread = scope.transcript.unread
    overlap = sum(max(0, min(end_ms, span.end_ms) - max(start_ms, span.start_ms)) for span in unread)
    return overlap * 2 >= end_ms - start_ms


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
            zh="从多长的静默算起",
            en="how long a silence counts",
        ),
        Field(key="notice", kind=FieldKind.PHRASES, zh="告知的说法", en="what announces it"),
    ),
    judge=judge,
    zh="每次长静默之前，该方最后一轮话里都有告知；没有长静默则不适用",
    en="the role's last turn before each long silence holds a notice; not applicable without such a silence",
    phrases=lambda asked: asked.notice,
    ranged=False,
)
