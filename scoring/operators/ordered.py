"""Is one thing said before another? In: a transcript, phrases, role and range. Out: an Answer.

Made for “confirm before the change is reported”: a later confirmation does not heal a missing one.
"""

from asr.transcript import Transcript
from scoring.formula import Outcome
from scoring.match import Evidence, hits, in_range, readings
from scoring.messages import Params, Reason, seconds
from scoring.operators.answer import Answer, doubtful, found, sure
from scoring.operators.doubt import doubt
from scoring.rules import Condition, Ordered, Range


def ordered(transcript: Transcript, condition: Condition, asked: Ordered, least_confidence: float) -> Answer:
    heard = in_range(transcript, condition.role, condition.range)
    texts = readings(heard)
    reports = hits(texts, asked.then)
    firsts = hits(texts, asked.first)
    if not reports:
        if transcript.utterances and any(said.role != "unknown" for said in transcript.utterances):
            return sure(Outcome.NOT_APPLICABLE, Reason("not_reported"))
        unsure = doubt(transcript, condition.role, condition.range, heard, least_confidence)
        return (
            doubtful(Outcome.NOT_APPLICABLE, unsure[0])
            if unsure
            else sure(Outcome.NOT_APPLICABLE, Reason("not_reported"))
        )
    # The first report decides: what is confirmed before it is confirmed before the later ones too.
    report = reports[0]
    before = [one for one in firsts if one.start_ms < report.start_ms]
    if before:
        return _confirmed(before, report, least_confidence)
    return _unconfirmed(transcript, condition, report, least_confidence)


def _confirmed(before: list[Evidence], report: Evidence, least_confidence: float) -> Answer:
    best = max(before, key=lambda one: one.confidence)
    if best.confidence < least_confidence:
        return doubtful(Outcome.HIT, found(best, in_doubt=True), (*before, report))
    return sure(Outcome.HIT, Reason("confirmed_first", {"at_s": seconds(best.start_ms)}), (*before, report))


def _unconfirmed(transcript: Transcript, condition: Condition, report: Evidence, least_confidence: float) -> Answer:
    if report.confidence < least_confidence:
        return doubtful(Outcome.MISS, found(report, in_doubt=True), (report,))
    earlier = Range(first_ms=report.start_ms)
    heard = in_range(transcript, condition.role, earlier)
    unsure = doubt(transcript, condition.role, earlier, heard, least_confidence)
    if unsure is not None:
        return doubtful(Outcome.MISS, unsure[0], (report, *unsure[1]))
    params: Params = {"at_s": seconds(report.start_ms), "text": report.text}
    return sure(Outcome.MISS, Reason("not_confirmed_first", params), (report,))
