"""Was the customer told before a long silence? In: a transcript, a length, phrases. Out: an Answer.

A silence is a time in which neither side says a word the recogniser heard: music counts, too. Only silences between
two utterances count; the tail after the last word is hanging up.
"""

from collections.abc import Iterator, Sequence

from asr.transcript import Transcript, Utterance
from scoring.formula import Outcome
from scoring.match import Evidence, hits, of_role, readings
from scoring.messages import Reason, seconds
from scoring.operators.answer import Answer, doubtful, found, sure
from scoring.operators.doubt import doubt
from scoring.rules import Condition, HoldNotice, Range


def hold_notice(transcript: Transcript, condition: Condition, asked: HoldNotice, least_confidence: float) -> Answer:
    gaps = list(_gaps(transcript.utterances, asked.gap_ms))
    if not gaps:
        if not transcript.utterances:
            return doubtful(Outcome.NOT_APPLICABLE, Reason("nothing_heard"))
        return sure(Outcome.NOT_APPLICABLE, Reason("no_silence", {"seconds": seconds(asked.gap_ms)}))
    answers = [_one(transcript, condition, asked, gap, least_confidence) for gap in gaps]
    evidence = tuple(one for answer in answers for one in answer.evidence)
    for outcome in (Outcome.MISS, Outcome.CANNOT_TELL):
        for answer in answers:
            if answer.outcome is outcome:
                return Answer(outcome=outcome, leaning=answer.leaning, reason=answer.reason, evidence=evidence)
    return sure(Outcome.HIT, Reason("silence_announced", {"count": len(gaps)}), evidence)


def _gaps(utterances: Sequence[Utterance], least_ms: int) -> Iterator[tuple[int, int, int]]:
    """Index of the utterance behind the silence, its start and its end."""
    quiet_from: int | None = None
    for index, said in enumerate(utterances):
        if quiet_from is not None and said.start_ms - quiet_from >= least_ms:
            yield index, quiet_from, said.start_ms
        quiet_from = max(quiet_from or 0, said.end_ms)


def _one(
    transcript: Transcript,
    condition: Condition,
    asked: HoldNotice,
    gap: tuple[int, int, int],
    least_confidence: float,
) -> Answer:
    behind, start_ms, end_ms = gap
    silence = Evidence(
        utterance=transcript.utterances[behind - 1].number,
        role=condition.role.value,
        start_ms=start_ms,
        end_ms=end_ms,
        text="",
        confidence=1.0,
    )
    said = of_role(transcript.utterances[:behind], condition.role)
    last_turn = readings(said)[-1:]
    notices = hits(last_turn, asked.notice)
    if notices:
        best = max(notices, key=lambda one: one.confidence)
        if best.confidence < least_confidence:
            return doubtful(Outcome.HIT, found(best, in_doubt=True), (*notices, silence))
        return sure(Outcome.HIT, found(best), (*notices, silence))
    turn = Range(first_ms=end_ms)
    last = [owner for reading in last_turn for owner in {id(o[0]): o[0] for o in reading.owners}.values()]
    unsure = doubt(transcript, condition.role, turn, last, least_confidence)
    if unsure is not None and unsure[0].key in ("no_roles", "low_confidence"):
        return doubtful(Outcome.MISS, unsure[0], (silence,))
    if _unread(transcript, start_ms, end_ms):
        params = {"at_s": seconds(start_ms), "seconds": seconds(end_ms - start_ms)}
        return doubtful(Outcome.MISS, Reason("unread_speech", params), (silence,))
    params = {"at_s": seconds(start_ms), "seconds": seconds(end_ms - start_ms)}
    return sure(Outcome.MISS, Reason("silence_unannounced", params), (silence,))


def _unread(transcript: Transcript, start_ms: int, end_ms: int) -> bool:
    """Whether somebody may have been speaking through at least half of the silence."""
    overlap = sum(max(0, min(end_ms, span.end_ms) - max(start_ms, span.start_ms)) for span in transcript.unread)
    return overlap * 2 >= end_ms - start_ms
