"""Stored contacts as rules see them. In: a Warehouse, a contact or its Transcript. Out: `Known`: a Case, all of it?

Runs in the store's thread. A recording's words come from `utterances` and `recordings`, a chat's from its messages;
what the switch told from `events`, facts from `contact_legs`. May not know: rules, the bus.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final

from asr.analysis import Analysis, decoded
from asr.numbers import with_figures
from asr.transcript import Transcript, Utterance, Word
from scoring.case import Case
from scoring.case_of import facts_of, happenings_of, recording_at
from streams.vocabulary.events import ContactDescribed, Event
from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName, SiteId
from streams.warehouse.case_events import events_of, legs_near
from streams.warehouse.contacts import ContactDetail, LegRow, UtteranceRow, contact_detail
from streams.warehouse.engine import Warehouse

CHAT: Final = "chat"
"""The model of utterances that somebody wrote."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """`complete`: the switch has told how it ended; else more may come, or it never told of this contact."""

    case: Case
    complete: bool


def known_of(warehouse: Warehouse, transcript: Transcript, *, zone: tzinfo | None, now: Millis) -> Known:
    """What is stored by now of a contact whose transcript is at hand."""
    legs = legs_near(warehouse, site=transcript.site, contact=transcript.contact, at=transcript.contact_at)
    return known_with(transcript, legs, events_of(warehouse, legs, until=now), zone=zone, now=now)


def stored_case(
    warehouse: Warehouse, *, site: SiteId, contact: ContactId, zone: tzinfo | None = None, now: Millis | None = None
) -> Case | None:
    """Rebuilt from what is stored; None: nothing of its words is. `now`: how late a mark may have come."""
    transcript = stored_transcript(warehouse, site=site, contact=contact)
    if transcript is None:
        return None
    return known_of(warehouse, transcript, zone=zone, now=now or Millis(0)).case


def stored_transcript(warehouse: Warehouse, *, site: SiteId, contact: ContactId) -> Transcript | None:
    """None: it has neither a recording that is done nor messages. Alternatives of doubtful words are not stored."""
    found = contact_detail(warehouse, contact=contact, site=site)
    if not found:
        return None
    detail = found[0]
    spoken = [row for row in detail.utterances if row.model != CHAT]
    written = [row for row in detail.utterances if row.model == CHAT]
    if detail.recording is not None and detail.recording.duration_ms > 0:
        return _recorded(site, detail, spoken, decoded(detail.analysis))
    return _chat(site, detail, written) if written else None


def _recorded(
    site: SiteId, detail: ContactDetail, rows: Sequence[UtteranceRow], analysis: Analysis
) -> Transcript | None:
    recording = detail.recording
    if recording is None:
        return None
    said = tuple(_utterance(row, analysis.loudness_db.get(row.number)) for row in rows)
    return Transcript(
        site=site,
        contact=detail.contact,
        contact_at=recording.contact_at,
        queue=recording.queue,
        agent=recording.agent,
        model=recording.model,
        duration_ms=recording.duration_ms,
        channels=recording.channels,
        utterances=with_figures(tuple(sorted(said, key=lambda one: one.number))),
        unread=analysis.unread,
        redacted=analysis.redacted,
        non_speech=analysis.non_speech,
        notes=analysis.notes,
    )


def _chat(site: SiteId, detail: ContactDetail, rows: Sequence[UtteranceRow]) -> Transcript:
    """Times count from the contact's beginning; words have none. What the system wrote is nobody's."""
    legs = detail.legs
    began = min((leg.queued_at for leg in legs), default=rows[0].said_at)
    ended = max([*(leg.ended_at for leg in legs), *(row.said_at for row in rows)])
    answered = next((leg for leg in reversed(legs) if leg.agent), None)
    said = sorted((_written(row, began) for row in rows), key=lambda one: (one.start_ms, one.number))
    return Transcript(
        site=site,
        contact=detail.contact,
        contact_at=began,
        queue=answered.queue if answered else legs[-1].queue if legs else QueueName(""),
        agent=answered.agent if answered else AgentId(""),
        model=CHAT,
        duration_ms=max(0, ended - began),
        channels=2,
        utterances=with_figures(tuple(said)),
    )


def _utterance(row: UtteranceRow, loudness_db: float | None) -> Utterance:
    each = zip(row.words, row.word_start_ms, row.word_end_ms, row.word_confidence, strict=True)
    return Utterance(
        channel=row.channel,
        role=row.role,
        number=row.number,
        start_ms=row.start_ms,
        end_ms=row.end_ms,
        text=row.text,
        words=tuple(Word(text=w, start_ms=start, end_ms=end, confidence=c / 255) for w, start, end, c in each),
        confidence=row.confidence,
        loudness_db=loudness_db,
    )


def _written(row: UtteranceRow, began: Millis) -> Utterance:
    at = max(0, row.said_at - began)
    return Utterance(
        channel=row.channel,
        role=row.role,
        number=row.number,
        start_ms=at,
        end_ms=at,
        text=row.text,
        words=(),
        confidence=row.confidence,
    )


def known_with(
    transcript: Transcript, legs: Sequence[LegRow], events: Sequence[Event], *, zone: tzinfo | None, now: Millis
) -> Known:
    """Of what the store told of it: its visits, and `events_of` them."""
    if transcript.model == CHAT:
        began: Millis | None = transcript.contact_at
    else:
        began = recording_at(events, duration_ms=transcript.duration_ms)
    described = [one for one in events if isinstance(one, ContactDescribed)]
    case = Case(
        transcript=transcript,
        happenings=happenings_of(events, recording_at=began, now=now) if events else None,
        facts={**_told(transcript), **facts_of(legs, described, zone=zone)},
    )
    return Known(case=case, complete=bool(legs) and bool(events) and all(leg.ended_at for leg in legs))


def _told(transcript: Transcript) -> dict[str, str]:
    """What the recording itself says of its contact, where history has no visit of it."""
    told = {"site": transcript.site, "queue": transcript.queue, "agent": transcript.agent}
    channel = {"channel": CHAT if transcript.model == CHAT else "voice"}
    return {name: str(value) for name, value in told.items() if value} | channel
