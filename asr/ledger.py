"""Where a recording stands, as facts. In: a job, a step, a transcript. Out: RecordingFact and UtteranceFacts.

`ver` is attempts x 16 + the step's place: it grows with each step and attempt, and a replay writes the same rows.
May not know: how a transcript is made, any store.
"""

from enum import IntEnum

from asr.analysis import analysis_of, encoded
from asr.began import began_at
from asr.jobs import RecordingJob
from asr.transcript import Transcript
from streams.vocabulary.facts import RecordingFact, UtteranceFact
from streams.vocabulary.ids import Millis

_STEPS = 16


class Step(IntEnum):
    EXPECTED = 0
    MISSING = 1
    ARRIVED = 2
    QUEUED = 3
    DECODING = 4
    RECOGNISING = 5
    RETRYING = 6
    """Stored as `queued` with the reason of the failed attempt."""
    QUARANTINED = 7
    DISCARDED = 8
    """Stored as `quarantined` with that reason."""
    DONE = 9
    """Highest of those with a contact: of one attempt told twice, the transcript wins."""
    MATCHED = 10
    """It had no contact; from now on it is told of under its contact's name."""


_STATE = {step: step.name.lower() for step in Step} | {Step.RETRYING: "queued", Step.DISCARDED: "quarantined"}


def version(step: Step, attempts: int) -> int:
    """`attempts` counts deliveries of the job, 1 for the first; 0 before any."""
    return attempts * _STEPS + step


def recording_fact(
    job: RecordingJob, step: Step, *, attempts: int, model: str = "", reason: str = "", of: Transcript | None = None
) -> RecordingFact:
    """`of`: the transcript, once there is one."""
    return RecordingFact(
        site=job.site,
        ver=version(step, attempts),
        contact_at=job.contact_at,
        contact=job.contact,
        state=_STATE[step],
        reason=reason,
        path=job.path,
        queue=job.queue,
        agent=job.agent,
        duration_ms=of.duration_ms if of else 0,
        channels=of.channels if of else 0,
        attempts=attempts,
        model=model,
        cpu_ms=of.cpu_ms if of else 0,
        analysis=encoded(analysis_of(of)) if of else "",
        matched=job.matched,
    )


def recording_began(job: RecordingJob, duration_ms: int) -> Millis:
    """By its length (asr/began.py); where that tells nothing, when its contact began. The same job and recording give
    the same moment, for it is part of the utterances' keys."""
    return began_at(job.moments, over=job.over_at, duration_ms=duration_ms) or job.contact_at


def utterance_facts(transcript: Transcript, *, attempts: int, began: Millis | None = None) -> list[UtteranceFact]:
    """`began`: the recording; None: when its contact did."""
    origin = transcript.contact_at if began is None else began
    return [
        UtteranceFact(
            site=transcript.site,
            ver=version(Step.DONE, attempts),
            said_at=Millis(origin + said.start_ms),
            contact=transcript.contact,
            channel=said.channel,
            role=said.role,
            number=said.number,
            start_ms=said.start_ms,
            end_ms=said.end_ms,
            text=said.text,
            words=[word.text for word in said.words],
            word_start_ms=[word.start_ms for word in said.words],
            word_end_ms=[word.end_ms for word in said.words],
            word_confidence=[round(word.confidence * 255) for word in said.words],
            confidence=said.confidence,
            queue=transcript.queue,
            agent=transcript.agent,
            model=transcript.model,
        )
        for said in transcript.utterances
    ]
