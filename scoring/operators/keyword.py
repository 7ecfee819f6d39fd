"""Is it said? In: a transcript, phrases, role and range. Out: an Answer.

`any`, `all` and `none` of one condition must all hold. A hit on weakly heard words, or a miss where something was not
heard, is cannot_tell.
"""

from asr.transcript import Transcript
from scoring.formula import Outcome
from scoring.match import Evidence, Reading, hits, in_range, readings
from scoring.messages import Params, Reason
from scoring.operators.answer import Answer, doubtful, found, sure
from scoring.operators.doubt import doubt, where_code
from scoring.rules import Condition, Keyword


def keyword(transcript: Transcript, condition: Condition, asked: Keyword, least_confidence: float) -> Answer:
    heard = in_range(transcript, condition.role, condition.range)
    texts = readings(heard)
    params: Params = {
        "where": where_code(condition.range),
        "role": condition.role.value,
        "utterances": len(heard),
    }
    if banned := hits(texts, asked.none):
        return _weigh(banned, least_confidence, hit=Outcome.MISS)
    wanted = [[phrase] for phrase in asked.all] + ([list(asked.any)] if asked.any else [])
    evidence, missing = _gather(texts, wanted)
    unsure = doubt(transcript, condition.role, condition.range, heard, least_confidence)
    if missing or not wanted:
        leaning = Outcome.MISS if missing else Outcome.HIT
        if unsure is not None:
            return doubtful(leaning, unsure[0], unsure[1])
        return sure(leaning, Reason("looked" if missing else "none_said", params))
    if asked.none and unsure is not None:
        return doubtful(Outcome.HIT, unsure[0], (*evidence, *unsure[1]))
    return _weigh(evidence, least_confidence, hit=Outcome.HIT)


def _gather(texts: list[Reading], wanted: list[list[str]]) -> tuple[list[Evidence], bool]:
    """The evidence for every group of alternatives, and whether a group has none."""
    found_each = [hits(texts, alternatives) for alternatives in wanted]
    evidence = sorted((one for group in found_each for one in group), key=lambda one: one.start_ms)
    return evidence, not all(found_each)


def _weigh(evidence: list[Evidence], least_confidence: float, *, hit: Outcome) -> Answer:
    """One surely heard occurrence is enough; otherwise the best of the weak ones is named."""
    best = max(evidence, key=lambda one: one.confidence)
    if best.confidence < least_confidence:
        return doubtful(hit, found(best, in_doubt=True), tuple(evidence))
    return sure(hit, found(best), tuple(evidence))
