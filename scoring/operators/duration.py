"""How long was it? In: a scope, of what, limits in seconds. Out: an Answer.

`recording` is what can be heard, `contact` from entering the queue to the end, `talk` from each answer to its end with
holds, `speech` what the role says. The two in the middle are the switch's to tell.
"""

from dataclasses import dataclass
from enum import StrEnum

from asr.measures import total, union
from scoring.case import Happening, Kind
from scoring.formula import Outcome
from scoring.hearing import Scope
from scoring.messages import Reason, seconds
from scoring.operators._amount import Amount, exactly, limit_faults, limits, within
from scoring.operators._doubts import coming, unread_in, unread_ms, unread_reason
from scoring.operators.answer import Answer, doubtful, sure
from scoring.operators.spec import Field, FieldKind, Spec


class Of(StrEnum):
    RECORDING = "recording"
    CONTACT = "contact"
    TALK = "talk"
    SPEECH = "speech"


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration:
    of: str = Of.RECORDING
    above: float | None = None
    below: float | None = None


def judge(scope: Scope, asked: Duration) -> Answer:
    measured = _measured(scope, asked)
    if isinstance(measured, Reason):
        return doubtful(Outcome.MISS, measured)
    outcome, leaning = within(measured, asked)
    lasted = Reason(f"lasted_{asked.of}", {"seconds": seconds(round(measured.best)), "role": scope.role.value})
    if outcome is not Outcome.CANNOT_TELL:
        return sure(outcome, lasted)
    if not scope.case.ended:
        return doubtful(leaning, Reason("not_over"))
    unread = unread_in(scope, scope.start_ms, scope.end_ms, role=scope.role)
    return doubtful(leaning, unread_reason(unread[0]) if unread else Reason("no_roles"))


def _measured(scope: Scope, asked: Duration) -> Amount | Reason:
    """In ms; or why nobody knows."""
    case = scope.case
    match Of(asked.of):
        case Of.RECORDING:
            return exactly(case.now_ms, growing=not case.ended)
        case Of.SPEECH:
            return _speech(scope)
        case Of.CONTACT:
            if not case.happenings:
                return Reason("no_events")
            return _spanned(scope, min(one.start_ms for one in case.happenings))
        case Of.TALK:
            if case.happenings is None:
                return Reason("no_events")
            return _talked(scope, case.happenings)


def _speech(scope: Scope) -> Amount | Reason:
    if scope.role != "any" and all(one.role == "unknown" for one in scope.transcript.utterances):
        return Reason("no_roles") if scope.transcript.utterances else Reason("nothing_heard")
    said = total(union((one.start_ms, one.end_ms) for one in scope.utterances))
    growing = coming(scope)
    unread = unread_ms(scope, scope.start_ms, scope.end_ms, role=scope.role)
    return Amount(low=said, best=said, high=exactly(said, growing=growing).high + unread)


def _spanned(scope: Scope, since_ms: int) -> Amount | Reason:
    ends = [one.start_ms for one in scope.case.happenings or () if one.kind is Kind.ENDED]
    if not scope.case.ended:
        return exactly(max(0, scope.case.now_ms - since_ms), growing=True)
    return exactly(max(ends) - since_ms) if ends else Reason("end_unknown")


def _talked(scope: Scope, happenings: tuple[Happening, ...]) -> Amount | Reason:
    """Each leg's own: from its answer to its end."""
    lasted = 0
    for answer in (one for one in happenings if one.kind is Kind.ANSWERED):
        ends = [one.start_ms for one in happenings if one.kind is Kind.ENDED and one.leg == answer.leg]
        if not ends and scope.case.ended:
            return Reason("end_unknown")
        lasted += max(0, min(ends, default=scope.case.now_ms) - answer.start_ms)
    return exactly(lasted, growing=not scope.case.ended)


SPEC = Spec(
    name="duration",
    asked=Duration,
    fields=(
        Field(
            key="of",
            kind=FieldKind.CHOICE,
            choices=tuple(Of),
            default=Of.RECORDING.value,
            zh="什么的时长：录音、整个接触、通话、该方说话",
            en="of what: the recording, the whole contact, the talk, what the role says",
        ),
        *limits(FieldKind.SECONDS, "时长（秒）", "its length in seconds", high=360_000),
    ),
    judge=judge,
    zh="时长在限度之内",
    en="it lasts so long",
    needs=frozenset(),
    faults=limit_faults,
)
