"""How did it end? In: a scope, who hung up, how long after the last word. Out: an Answer.

The end is what the switch tells; where nothing is known of it, the recording's end stands for it, and nobody knows who
hung up. A contact that was handed on was not hung up.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from asr.transcript import Utterance
from scoring.case import Happening, Kind
from scoring.formula import Outcome, all_of
from scoring.hearing import Scope
from scoring.match import Evidence
from scoring.messages import Params, Reason, seconds
from scoring.operators._amount import Amount, at_least
from scoring.operators._doubts import without_roles, without_times
from scoring.operators._events import ending
from scoring.operators.answer import Answer, doubtful, sure
from scoring.operators.spec import Field, FieldKind, Spec
from scoring.rules import Role

_UNRECORDED_MS = 1_500
"""A recording may end so long before the hang-up is told without anything being missed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HangUp:
    gap_ms: int = 0
    by: str = Role.ANY
    last_word: str = Role.ANY


Part = tuple[Outcome, Outcome, Reason]
"""Outcome, leaning, and why."""


def judge(scope: Scope, asked: HangUp) -> Answer:
    if not scope.case.ended:
        return doubtful(Outcome.MISS, Reason("not_over"))
    end = ending(scope)
    if end is not None and end.reason == "transfer":
        return sure(Outcome.NOT_APPLICABLE, Reason("handed_on", {"at_s": seconds(end.start_ms)}))
    parts = [_by(scope, asked, end), _last_word(scope, asked), _after(scope, asked, end)]
    outcome = all_of([part[0] for part in parts])
    leaning = all_of([part[1] for part in parts])
    wanted = outcome if outcome is not Outcome.HIT else None
    reason = next((part[2] for part in parts if part[0] is wanted), _reason(scope, end))
    evidence = () if outcome is Outcome.MISS else (_evidence(scope, end),)
    return Answer(outcome=outcome, leaning=leaning, reason=reason, evidence=evidence)


def _by(scope: Scope, asked: HangUp, end: Happening | None) -> Part:
    if asked.by == Role.ANY:
        return Outcome.HIT, Outcome.HIT, _reason(scope, end)
    if scope.case.happenings is None:
        return Outcome.CANNOT_TELL, Outcome.MISS, Reason("no_events")
    if end is None or end.reason not in (Role.AGENT, Role.CUSTOMER):
        return Outcome.CANNOT_TELL, Outcome.MISS, Reason("ended_by_unknown")
    outcome = Outcome.HIT if end.reason == asked.by else Outcome.MISS
    return outcome, outcome, _reason(scope, end)


def _last_word(scope: Scope, asked: HangUp) -> Part:
    last = _last(scope)
    if asked.last_word == Role.ANY:
        return Outcome.HIT, Outcome.HIT, Reason("last_word", _word(last.role, last.end_ms))
    if (lacking := without_roles(scope)) is not None:
        return Outcome.CANNOT_TELL, Outcome.MISS, lacking
    outcome = Outcome.HIT if last.role == asked.last_word else Outcome.MISS
    reason = Reason("last_word", _word(last.role, last.end_ms))
    later = [span for span in scope.transcript.unread if span.end_ms > last.end_ms]
    if later or last.confidence < scope.least_confidence:
        return Outcome.CANNOT_TELL, outcome, Reason("last_word_unsure", _word(last.role, last.end_ms))
    return outcome, outcome, reason


def _last(scope: Scope) -> Utterance:
    said = scope.transcript.utterances
    return scope.hearing.once("hang_up", lambda: max(said, key=lambda one: one.end_ms))


def _word(role: str, at_ms: int) -> Params:
    return {"at_s": seconds(at_ms), "role": role if role in (Role.AGENT, Role.CUSTOMER) else Role.ANY.value}


def _after(scope: Scope, asked: HangUp, end: Happening | None) -> Part:
    """The time from the last word to the end, as an interval: something unread or weakly heard may be that word."""
    transcript = scope.transcript
    if asked.gap_ms == 0:
        return Outcome.HIT, Outcome.HIT, _reason(scope, end)
    if (lacking := without_times(scope)) is not None:
        return Outcome.CANNOT_TELL, Outcome.MISS, lacking
    ended = transcript.duration_ms if end is None else end.start_ms
    clear = [one.end_ms for one in transcript.utterances if one.confidence >= scope.least_confidence]
    last = _last(scope).end_ms
    latest = max([last, *(span.end_ms for span in transcript.unread)])
    if ended > transcript.duration_ms + _UNRECORDED_MS:
        latest, reason = ended, Reason("not_recorded", {"seconds": seconds(ended - transcript.duration_ms)})
    else:
        reason = Reason("last_word_unsure", _word("any", last))
    gap = Amount(low=max(0, ended - latest), best=max(0, ended - last), high=max(0, ended - max(clear, default=0)))
    outcome, leaning = at_least(gap, asked.gap_ms)
    if outcome is not Outcome.CANNOT_TELL:
        reason = Reason("ended_after", {"seconds": seconds(max(0, ended - last))})
    return outcome, leaning, reason


def _reason(scope: Scope, end: Happening | None) -> Reason:
    last = _last(scope).end_ms
    ended = scope.transcript.duration_ms if end is None else end.start_ms
    params = {"at_s": seconds(ended), "seconds": seconds(max(0, ended - last))}
    if end is None:
        return Reason("recording_ended", params)
    if end.reason in (Role.AGENT, Role.CUSTOMER):
        return Reason("hung_up", {**params, "role": end.reason})
    return Reason("hung_up_unknown", params)


def _evidence(scope: Scope, end: Happening | None) -> Evidence:
    """From the last word to the end: those seconds show it."""
    last = _last(scope)
    ended = scope.transcript.duration_ms if end is None else end.start_ms
    return Evidence(
        utterance=last.number,
        role=end.reason if end is not None and end.reason in (Role.AGENT, Role.CUSTOMER) else "unknown",
        start_ms=min(last.end_ms, max(0, ended)),
        end_ms=max(last.end_ms, ended),
        text="",
        confidence=1.0,
        event=Kind.ENDED.value,
    )


def _faults(asked: HangUp) -> Iterable[tuple[str, str, str]]:
    if asked == HangUp():
        yield "", "says nothing of the end: every contact ends", "give seconds, by or last_word"


def _role(key: str, zh: str, en: str) -> Field:
    choices = (Role.ANY.value, Role.AGENT.value, Role.CUSTOMER.value)
    return Field(key=key, kind=FieldKind.CHOICE, choices=choices, default=Role.ANY.value, zh=zh, en=en)


SPEC = Spec(
    name="hang_up",
    asked=HangUp,
    fields=(
        Field(
            key="seconds",
            name="gap_ms",
            kind=FieldKind.SECONDS,
            default=0,
            low=0,
            high=3_600,
            zh="最后一句话之后至少过了多久",
            en="how long after the last word, at least",
        ),
        _role("by", "谁挂断的", "who hung up"),
        _role("last_word", "最后一句话是谁说的", "whose the last word was"),
    ),
    judge=judge,
    zh="通话这样结束：由谁、在最后一句话之后多久",
    en="the contact ends so: by whom, and how long after the last word",
    faults=_faults,
    ranged=False,
)
