"""Cases of canned contacts, as the history process makes them of its store. In: a ContactDetail. Out: a Case."""

from asr.analysis import decoded
from asr.transcript import Transcript, Utterance, Word
from scoring.case import Case
from streams.vocabulary.ids import AgentId, QueueName
from streams.warehouse.contacts import ContactDetail, UtteranceRow


def case_of_detail(detail: ContactDetail) -> Case:
    return Case(transcript=transcript_of(detail))


def transcript_of(detail: ContactDetail) -> Transcript:
    analysis, recording, first = decoded(detail.analysis), detail.recording, detail.legs[0]
    last_ms = max((one.end_ms for one in detail.utterances), default=0)
    chat = any(one.model == "chat" for one in detail.utterances)
    return Transcript(
        site=first.site,
        contact=detail.contact,
        contact_at=recording.contact_at if recording is not None else first.queued_at,
        queue=recording.queue if recording is not None else QueueName(first.queue),
        agent=recording.agent if recording is not None else AgentId(first.agent),
        model=recording.model if recording is not None else "chat" if chat else "",
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
