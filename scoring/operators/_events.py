"""Happenings of a range. In: a scope. Out: those that touch it, their lengths, evidence of them.

A range of the whole contact also has what happened before and after its recording: a transfer is told when the
recording has ended, a mark when the customer has gone.
"""

from bisect import bisect_right

from scoring.case import Happening, Kind
from scoring.hearing import Scope
from scoring.match import Evidence
from scoring.operators._amount import Amount, exactly


def happened(scope: Scope, *kinds: Kind) -> list[Happening]:
    """In order of start. One still going on when the range begins is in it: it cannot end before now."""
    of_kind = [one for one in scope.case.happenings or () if one.kind in kinds]
    if not of_kind:
        return of_kind
    now = scope.case.now_ms
    if scope.where == "all" and scope.start_ms == 0 and scope.end_ms == now and (scope.open or scope.case.ended):
        return of_kind
    end_ms = scope.end_ms
    if scope.open and not scope.where.startswith("first_ms"):
        # It may end with an utterance that is still to come: surely not before what is known.
        end_ms = min(end_ms, scope.hearing.known_ms)
    return [one for one in of_kind if one.start_ms < end_ms and _until(one, scope) >= scope.start_ms]


def _until(one: Happening, scope: Scope) -> int:
    return max(one.start_ms, scope.case.now_ms) if one.end_ms is None else one.end_ms


def length(one: Happening, scope: Scope) -> Amount:
    """In ms. What never ended in a contact that is over lasted until its end."""
    lasted = max(0, _until(one, scope) - one.start_ms)
    return exactly(lasted, growing=one.end_ms is None and not scope.case.ended)


def evidence(one: Happening, scope: Scope, *, role: str) -> Evidence:
    """A span without text, placed at the last utterance that began before it."""
    begins = scope.hearing.once("events.begins", lambda: _begins(scope))
    place = bisect_right(begins, (one.start_ms, 1 << 40))
    return Evidence(
        utterance=begins[place - 1][1] if place else 0,
        role=role,
        start_ms=max(0, one.start_ms),
        end_ms=max(0, _until(one, scope)),
        text="",
        confidence=1.0,
        event=one.kind.value,
    )


def _begins(scope: Scope) -> list[tuple[int, int]]:
    return sorted((each.start_ms, each.number) for each in scope.transcript.utterances)


def ending(scope: Scope) -> Happening | None:
    """How the contact ended, as the switch tells it."""
    ends = [one for one in scope.case.happenings or () if one.kind is Kind.ENDED]
    return max(ends, key=lambda one: one.start_ms, default=None)


def ended_ms(scope: Scope) -> int:
    """When it ended: what the switch tells, unless the recording was over before."""
    end = ending(scope)
    now = scope.case.now_ms
    return now if end is None else max(0, min(now, end.start_ms))
