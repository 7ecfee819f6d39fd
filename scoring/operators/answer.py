"""What an operator says of a range. In: nothing. Out: `Answer`: outcome, leaning, reason, evidence.

`leaning` is the better guess behind a cannot_tell; for every other outcome it is the outcome itself.
"""

from msgspec import Struct

from scoring.formula import Outcome
from scoring.match import Evidence
from scoring.messages import Reason, seconds


class Answer(Struct, frozen=True, kw_only=True):
    outcome: Outcome
    leaning: Outcome
    reason: Reason
    evidence: tuple[Evidence, ...] = ()
    """Of a hit: each occurrence, in order of time; anchors and `per = hit` count these. Of a doubt: where to listen."""


def sure(outcome: Outcome, reason: Reason, evidence: tuple[Evidence, ...] = ()) -> Answer:
    return Answer(outcome=outcome, leaning=outcome, reason=reason, evidence=evidence)


def doubtful(leaning: Outcome, reason: Reason, evidence: tuple[Evidence, ...] = ()) -> Answer:
    return Answer(outcome=Outcome.CANNOT_TELL, leaning=leaning, reason=reason, evidence=evidence)


def found(evidence: Evidence, *, in_doubt: bool = False) -> Reason:
    params: dict[str, str | int | float] = {"at_s": seconds(evidence.start_ms), "text": evidence.text}
    if in_doubt:
        params["confidence"] = round(evidence.confidence, 2)
    return Reason("found_in_doubt" if in_doubt else "found", params)


def weigh(evidence: tuple[Evidence, ...], least_confidence: float, *, hit: Outcome = Outcome.HIT) -> Answer:
    """One surely heard occurrence is enough; otherwise the best of the weak ones is named. `evidence` is not empty."""
    best = max(evidence, key=lambda one: one.confidence)
    if best.confidence < least_confidence:
        return doubtful(hit, found(best, in_doubt=True), evidence)
    return sure(hit, found(best), evidence)
