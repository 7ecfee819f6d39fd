"""One stored contact under a scheme that nobody published. In: its Case, a Scheme. Out: `Tried`.

May not know: HTTP, where cases come from.
"""

import json
from typing import Any

import msgspec

from monitor.case_stored import CHAT
from scoring.case import Case
from scoring.index import Compiled
from scoring.rules import Scheme
from scoring.score import score
from scoring.service import to_fact
from streams.vocabulary.ids import Millis


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """`items`: as in a stored score (docs/rules.md)."""

    contact: str
    contact_at: Millis
    queue: str
    agent: str
    duration_ms: int
    utterances: int
    recording: bool
    """There is something to listen to."""
    events: bool
    """The switch's events are known."""
    points: float
    points_low: float
    points_high: float
    points_max: float
    passed: bool
    doubt_decides: bool
    fatal: bool
    items: list[dict[str, Any]]


def tried(case: Case, scheme: Scheme, *, at: Millis, compiled: Compiled | None = None) -> Tried:
    """For as long as its rules take: monitor/trials.py bounds it."""
    transcript = case.transcript
    result = score(case, scheme, scored_at=at, compiled=compiled)
    fact = to_fact(result, transcript)
    return Tried(
        contact=transcript.contact,
        contact_at=transcript.contact_at,
        queue=transcript.queue,
        agent=transcript.agent,
        duration_ms=transcript.duration_ms,
        utterances=len(transcript.utterances),
        recording=transcript.model != CHAT and transcript.duration_ms > 0,
        events=case.happenings is not None,
        points=fact.points,
        points_low=fact.points_low,
        points_high=fact.points_high,
        points_max=fact.points_max,
        passed=result.passed,
        doubt_decides=result.doubt_decides,
        fatal=result.fatal,
        items=json.loads(fact.items),
    )
