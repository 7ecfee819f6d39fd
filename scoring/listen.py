"""Where to listen. In: Hearing, a rule's Verdict. Out: the spans of the recording that settle its doubt.

Only what can be heard: a fact nobody knows, or events that were lost, no recording tells. May not know: points.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from scoring.formula import Outcome
from scoring.hearing import Hearing
from scoring.judge import Unsure, Verdict
from scoring.operators.doubt import may_be

SILENT: Final = frozenset({"fact_unknown", "not_over", "no_events", "no_loudness"})
"""Reasons of doubt that no listening settles."""
MOST: Final = 20


@dataclass(frozen=True, slots=True, order=True)
class Listen:
    start_ms: int
    end_ms: int


def listen(hearing: Hearing, verdict: Verdict) -> tuple[Listen, ...]:
    """In order of time, apart: words weakly heard and speech not read; else the whole range in doubt."""
    least = hearing.least_confidence
    found = [
        Listen(one.evidence.start_ms, one.evidence.end_ms)
        for one in verdict.evidence
        if one.evidence.confidence < least
    ]
    if verdict.outcome is Outcome.CANNOT_TELL:
        ranges = [one for one in verdict.unsure if one.reason.key not in SILENT]
        found += [span for one in ranges for span in _unread(hearing, one)]
        if not found:
            found = [Listen(one.evidence.start_ms, one.evidence.end_ms) for one in verdict.evidence] if ranges else []
        if not found:
            now = hearing.case.now_ms
            found = [Listen(max(0, one.start_ms), min(now, one.end_ms)) for one in ranges]
    return _merged(one for one in found if one.start_ms < one.end_ms)[:MOST]


def _unread(hearing: Hearing, unsure: Unsure) -> list[Listen]:
    return [
        Listen(max(span.start_ms, unsure.start_ms), min(span.end_ms, unsure.end_ms))
        for span in hearing.transcript.unread
        if span.start_ms < unsure.end_ms
        and unsure.start_ms < span.end_ms
        and may_be(span, unsure.role, hearing.transcript)
    ]


def _merged(spans: Iterable[Listen]) -> tuple[Listen, ...]:
    merged: list[Listen] = []
    for one in sorted(spans):
        if merged and one.start_ms <= merged[-1].end_ms:
            merged[-1] = Listen(merged[-1].start_ms, max(merged[-1].end_ms, one.end_ms))
        else:
            merged.append(one)
    return tuple(merged)
