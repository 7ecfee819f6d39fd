"""One stored contact under a scheme that nobody published. In: a contact's rows, a Scheme. Out: `Tried`.

May not know: HTTP, where rows come from.
"""

import json
from typing import Any, Final

import msgspec

from asr.analysis import Analysis, decoded
from asr.transcript import Transcript, Utterance, Word
from scoring.case import Case
from scoring.rules import Scheme
from scoring.score import score
from scoring.service import to_fact
from streams.vocabulary.ids import AgentId, Millis, QueueName, SiteId
from streams.warehouse.contacts import ContactDetail, UtteranceRow

CHAT: Final = "chat"
"""The `model` of messages."""


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
    points: float
    points_low: float
    points_high: float
    points_max: float
    passed: bool
    doubt_decides: bool
    fatal: bool
    items: list[dict[str, Any]]


def tried(detail: ContactDetail, scheme: Scheme, *, at: Millis, case: Case | None = None) -> Tried:
    """Blocks: call it in a thread. `case`: with happenings and facts, where somebody knows them."""
    case = case or Case(transcript=transcript_of(detail))
    transcript = case.transcript
    result = score(case, scheme, scored_at=at)
    fact = to_fact(result, transcript)
    recording = detail.recording
    return Tried(
        contact=transcript.contact,
        contact_at=transcript.contact_at,
        queue=transcript.queue,
        agent=transcript.agent,
        duration_ms=transcript.duration_ms,
        utterances=len(transcript.utterances),
        recording=recording is not None and recording.state == "done",
        points=fact.points,
        points_low=fact.points_low,
        points_high=fact.points_high,
        points_max=fact.points_max,
        passed=result.passed,
        doubt_decides=result.doubt_decides,
        fatal=result.fatal,
        items=json.loads(fact.items),
    )


def transcript_of(detail: ContactDetail) -> Transcript:
    """As it was recognised, as far as rows tell."""
    try:
        analysis = decoded(detail.analysis)
    except msgspec.DecodeError:
        analysis = Analysis()  # of a later version: its spans are not known
    legs, recording = detail.legs, detail.recording
    first = legs[0] if legs else None
    last_ms = max((one.end_ms for one in detail.utterances), default=0)
    chat = any(one.model == CHAT for one in detail.utterances)
    return Transcript(
        site=first.site if first is not None else SiteId(""),
        contact=detail.contact,
        contact_at=recording.contact_at if recording is not None else first.queued_at if first else Millis(0),
        queue=recording.queue if recording is not None else first.queue if first else QueueName(""),
        agent=recording.agent if recording is not None else first.agent if first else AgentId(""),
        model=recording.model if recording is not None else CHAT if chat else "",
        duration_ms=max(recording.duration_ms if recording is not None else 0, last_ms),
        channels=recording.channels if recording is not None else 2,
        utterances=tuple(_utterance(one, analysis.loudness_db.get(one.number)) for one in detail.utterances),
        unread=analysis.unread,
        redacted=analysis.redacted,
        non_speech=analysis.non_speech,
        notes=analysis.notes,
    )


def _utterance(row: UtteranceRow, loudness_db: float | None) -> Utterance:
    timed = zip(row.words, row.word_start_ms, row.word_end_ms, row.word_confidence, strict=True)
    return Utterance(
        channel=row.channel,
        role=row.role,
        number=row.number,
        start_ms=row.start_ms,
        end_ms=row.end_ms,
        text=row.text,
        words=tuple(
            Word(text=text, start_ms=start, end_ms=end, confidence=confidence / 255)
            for text, start, end, confidence in timed
        ),
        confidence=row.confidence,
        loudness_db=loudness_db,
    )
