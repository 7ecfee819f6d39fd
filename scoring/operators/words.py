"""What operators on words share. In: a scope. Out: its readings as one text, occurrences counted, doubts.

While a contact goes on, more words may change what the last ones are part of; how often something was said is final
only for what is settled. May not know: any operator.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from scoring.formula import Outcome
from scoring.hearing import FOR_EVER, Scope
from scoring.match import Evidence, Reading
from scoring.messages import Params, Reason, seconds
from scoring.operators.answer import Answer, doubtful, found, sure
from scoring.operators.doubt import whole

BORDER = "\0" * 64
"""Between readings; longer than any phrase that is looked for by likeness."""
LONGEST_PHRASE = 60


@dataclass(frozen=True)
class Joined:
    """All readings of a scope as one text, so that each phrase is looked for once."""

    readings: tuple[Reading, ...]

    @cached_property
    def text(self) -> str:
        return BORDER + "".join(one.text + BORDER for one in self.readings)

    @cached_property
    def _starts(self) -> list[int]:
        starts, at = [], len(BORDER)
        for one in self.readings:
            starts.append(at)
            at += len(one.text) + len(BORDER)
        return starts

    def evidence(self, start: int, end: int) -> Evidence | None:
        """For characters of `text`; what reaches into a border is cut there. None: all of it is border."""
        number = bisect_right(self._starts, end - 1) - 1  # a border is wider than what is found: one reading at most
        if number < 0:
            return None
        reading, base = self.readings[number], self._starts[number]
        low, high = max(0, start - base), min(len(reading.text), end - base)
        return reading.evidence(low, high) if low < high else None


def looked(scope: Scope) -> Params:
    return {"where": scope.where, "role": scope.role.value, "utterances": len(scope.utterances)}


def settled_ms(scope: Scope) -> int:
    """What begins before it will not become anything else, and nothing more will come to stand there."""
    return scope.hearing.settled_ms if scope.open else FOR_EVER


def distinct(evidence: Iterable[Evidence]) -> list[Evidence]:
    """Occurrences without those that share words with one before: 您好 and 您好吗 at one place count once."""
    kept: list[Evidence] = []
    last: dict[str, Evidence] = {}
    for one in sorted(evidence, key=lambda one: (one.end_ms, one.start_ms)):
        before = last.get(one.role)
        if before is None or one.start_ms >= before.end_ms or _apart(before.text, one.text):
            kept.append(one)
            last[one.role] = one
    return kept


def _apart(before: str, text: str) -> bool:
    """In one word, or one message of a chat, two texts that cannot overlap, and one text told twice, are two."""
    if before == text:
        return True
    if before in text or text in before:
        return False
    return not any(before[-size:] == text[:size] for size in range(1, min(len(before), len(text))))


def sure_ones(scope: Scope, evidence: Iterable[Evidence]) -> list[Evidence]:
    return [one for one in evidence if one.confidence >= scope.least_confidence]


def count_final(scope: Scope, evidence: Sequence[Evidence]) -> int:
    """How many there are however the contact goes on: in what is not final yet, only that there is one."""
    final = settled_ms(scope)
    behind = sum(one.start_ms < final for one in evidence)
    return behind + (behind < len(evidence))


def most_sure(evidence: Iterable[Evidence]) -> Evidence:
    return max(evidence, key=lambda one: one.confidence)


def enough(scope: Scope, evidence: Sequence[Evidence], times: int) -> Answer | None:
    """The hit, sure or not, where there are `times` occurrences; None where there are fewer."""
    each = distinct(evidence)
    if not each or len(each) < times:
        return None
    surely = sure_ones(scope, each)
    if count_final(scope, surely) >= times:
        return sure(Outcome.HIT, found_times(most_sure(surely), len(each), times), tuple(evidence))
    if len(surely) >= times:
        return doubtful(Outcome.HIT, Reason("not_over"), tuple(evidence))
    weak = [one for one in each if one.confidence < scope.least_confidence]
    return doubtful(Outcome.HIT, found(most_sure(weak), in_doubt=True), tuple(evidence))


def found_times(best: Evidence, count: int, times: int) -> Reason:
    if times == 1:
        return found(best)
    return Reason("found_times", {"text": best.text, "at_s": seconds(best.start_ms), "count": count})


def too_few(scope: Scope, evidence: Sequence[Evidence], times: int) -> Answer:
    """What `enough` leaves: a miss, or the reason why it may be none."""
    return _too_few(scope, evidence, times) if evidence else not_said(scope)


def not_said(scope: Scope) -> Answer:
    """The same for all that is looked for and not there."""
    return scope.once("words.not_said", lambda: _too_few(scope, (), 1))


def _too_few(scope: Scope, evidence: Sequence[Evidence], times: int) -> Answer:
    unsure = scope.absence()
    if unsure is not None:
        return doubtful(Outcome.MISS, unsure[0], (*evidence, *unsure[1]))
    if not evidence:
        return sure(Outcome.MISS, Reason("looked", looked(scope)))
    few = {**looked(scope), "count": len(distinct(evidence)), "wanted": times}
    return sure(Outcome.MISS, Reason("too_few_times", few), tuple(evidence))


def otherwise(scope: Scope, holds: Callable[[str], bool]) -> Answer | None:
    """A doubtful utterance that the recogniser may have misheard: another of its readings `holds` what is asked."""
    if not scope.hearing.once("words.otherwise", lambda: _any_otherwise(scope)):
        return None
    for said in scope.utterances:
        if said.alternatives and said.confidence < scope.least_confidence:
            text = next((one for one in said.alternatives if holds(one)), None)
            if text is not None:
                told = Reason("alternative", {"at_s": seconds(said.start_ms), "text": text})
                return doubtful(Outcome.HIT, told, (whole(said),))
    return None


def _any_otherwise(scope: Scope) -> bool:
    return any(said.alternatives for said in scope.transcript.utterances)
