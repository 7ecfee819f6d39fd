"""Times in which nobody speaks, and what was said just before. In: utterances, a scope. Out: gaps; an Answer.

A gap lies between two utterances of whatever side; how the contact begins and ends is asked elsewhere.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from asr.transcript import Utterance
from scoring.formula import Outcome
from scoring.hearing import Scope
from scoring.match import JOIN_MS, Evidence
from scoring.messages import Reason
from scoring.operators.answer import Answer, doubtful, found, sure
from scoring.rules import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    before: Utterance
    behind: Utterance | None
    """None: the contact ended."""
    start_ms: int
    end_ms: int


_LEAST_MS: Final = 500
"""A shorter one is breath; no operator asks for it."""


def gaps(scope: Scope, least_ms: int, *, until_ms: int | None = None, clear: bool = False) -> list[Gap]:
    """Of the whole contact. `until_ms`: where it ended, if the time after the last word counts. `clear`: weakly heard
    words left out."""
    found = scope.hearing.once(("gaps", clear), lambda: list(_gaps(_heard(scope, clear=clear))))
    inside = [one for one in found if one.end_ms - one.start_ms >= least_ms]
    if until_ms is not None and scope.transcript.utterances:
        last = max(scope.transcript.utterances, key=lambda one: one.end_ms)
        if until_ms - last.end_ms >= least_ms:
            inside.append(Gap(before=last, behind=None, start_ms=last.end_ms, end_ms=until_ms))
    return inside


def _heard(scope: Scope, *, clear: bool) -> list[Utterance]:
    said = scope.transcript.utterances
    return [one for one in said if one.confidence >= scope.least_confidence] if clear else list(said)


def _gaps(utterances: Iterable[Utterance]) -> Iterator[Gap]:
    last: Utterance | None = None
    for said in sorted(utterances, key=lambda one: one.start_ms):
        if last is not None and said.start_ms - last.end_ms >= _LEAST_MS:
            yield Gap(before=last, behind=said, start_ms=last.end_ms, end_ms=said.start_ms)
        if last is None or said.end_ms >= last.end_ms:
            last = said


def last_turns(said: Sequence[Utterance], before_ms: int) -> list[Utterance]:
    """Each channel's last turn that began before; pauses shorter than a sentence's do not end it."""
    turns: dict[int, list[Utterance]] = {}
    over: set[int] = set()
    for one in reversed(said):
        if one.start_ms >= before_ms or one.channel in over:
            continue
        turn = turns.setdefault(one.channel, [])
        if turn and turn[-1].start_ms - one.end_ms >= JOIN_MS:
            over.add(one.channel)
        else:
            turn.append(one)
    return [one for turn in turns.values() for one in reversed(turn)]


def announced(scope: Scope, phrases: Sequence[str], start_ms: int, *, within_ms: int | None = None) -> Answer:
    """Whether the role said one of them before `start_ms`: in its last turn, or `within_ms` before."""
    hearing = scope.hearing
    if within_ms is None:
        turn = last_turns(hearing.of_role(scope.role), start_ms)
        since_ms = min((one.start_ms for one in turn), default=0)
    else:
        since_ms = max(0, start_ms - within_ms)
        turn = [one for one in hearing.of_role(scope.role) if since_ms < one.end_ms and one.start_ms < start_ms]
    numbers = {one.number for one in turn}
    notices = [
        one
        for one in hearing.whole(scope.role).hits(phrases)
        if one.utterance in numbers and since_ms <= one.start_ms < start_ms
    ]
    if notices:
        best = max(notices, key=lambda one: one.confidence)
        if best.confidence < scope.least_confidence:
            return doubtful(Outcome.HIT, found(best, in_doubt=True), tuple(notices))
        return sure(Outcome.HIT, found(best), tuple(notices))
    unsure = hearing.whole(scope.role).narrowed(since_ms, start_ms).absence(turn)
    if unsure is not None:
        return doubtful(Outcome.MISS, *unsure)
    if hearing.settled_ms < start_ms:  # a phrase that has begun may be said to its end
        return doubtful(Outcome.MISS, Reason("not_over"))
    return sure(Outcome.MISS, Reason("not_announced"))


def quiet(gap_before: Utterance, role: Role, start_ms: int, end_ms: int) -> Evidence:
    """A silence as evidence: a span without text, placed at the utterance before it."""
    return Evidence(
        utterance=gap_before.number,
        role=role.value,
        start_ms=start_ms,
        end_ms=end_ms,
        text="",
        confidence=1.0,
        event="silence",
    )
