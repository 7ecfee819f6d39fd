"""What an operator says of a transcript. In: nothing. Out: `Answer`: outcome, leaning, reason, evidence.

`leaning` is the better guess behind a cannot_tell; for every other outcome it is the outcome itself.
"""

from dataclasses import dataclass

from scoring.formula import Outcome
from scoring.match import Evidence
from scoring.messages import Reason, seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    outcome: Outcome
    leaning: Outcome
    reason: Reason
    evidence: tuple[Evidence, ...] = ()


def sure(outcome: Outcome, reason: Reason, evidence: tuple[Evidence, ...] = ()) -> Answer:
    return Answer(outcome=outcome, leaning=outcome, reason=reason, evidence=evidence)


def doubtful(leaning: Outcome, reason: Reason, evidence: tuple[Evidence, ...] = ()) -> Answer:
    return Answer(outcome=Outcome.CANNOT_TELL, leaning=leaning, reason=reason, evidence=evidence)


def found(evidence: Evidence, *, in_doubt: bool = False) -> Reason:
    params: dict[str, str | int | float] = {"at_s": seconds(evidence.start_ms), "text": evidence.text}
    if in_doubt:
        params["confidence"] = round(evidence.confidence, 2)
    return Reason("found_in_doubt" if in_doubt else "found", params)
