"""A recording to a transcript. In: RecordingJob. Out: Transcript, redacted; or AudioFault, RecognitionFault.

decode child -> regions -> recogniser child -> words -> utterances -> redaction. Raw text lives in this function's
memory only. May not know: queues, stores.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path

from asr.audio import DECODE_LIMITS, DecodeLimits, decode
from asr.jobs import RecordingJob
from asr.models import ModelInfo, describe
from asr.recognizer_process import RecognizerProcess
from asr.redact import redact
from asr.transcript import Transcript
from asr.utterances import unread, utterances
from streams.vocabulary.ids import ContactId, Millis, SiteId

RECOGNISING = "recognising"


async def _nobody(step: str) -> None:
    return None


async def transcribe(
    job: RecordingJob,
    *,
    model: ModelInfo,
    recogniser: RecognizerProcess,
    decode_limits: DecodeLimits = DECODE_LIMITS,
    on_step: Callable[[str], Awaitable[None]] = _nobody,
) -> Transcript:
    """`on_step("recognising")` is awaited between decoding and recognition."""
    decoded = await decode(job.path, rate=model.rate, limits=decode_limits)
    await on_step(RECOGNISING)
    regions = {channel: decoded.of_channel(channel) for channel in range(decoded.channels)}
    recognised = await recogniser.recognise(regions, duration_ms=decoded.duration_ms)
    said = utterances(recognised.words, channels=decoded.channels, agent_channel=job.agent_channel)
    clean, hidden = redact(said)
    return Transcript(
        site=job.site,
        contact=job.contact,
        contact_at=job.contact_at,
        queue=job.queue,
        agent=job.agent,
        model=model.name,
        duration_ms=decoded.duration_ms,
        channels=decoded.channels,
        utterances=clean,
        speech_ms=decoded.speech_ms,
        cpu_ms=decoded.cpu_ms + recognised.cpu_ms,
        unread=unread(decoded.regions, recognised.words),
        redacted=hidden,
        notes=decoded.notes,
    )


async def transcribe_file(
    path: Path | str, model_dir: Path | str | None = None, *, agent_channel: int | None = 0
) -> Transcript:
    """One file by itself, as the command line asks; the contact is named after the file and has no time."""
    model = describe(model_dir)
    recogniser = RecognizerProcess(model)
    try:
        return await transcribe(_local_job(Path(path), agent_channel), model=model, recogniser=recogniser)
    finally:
        await recogniser.stop()


def _local_job(path: Path, agent_channel: int | None) -> RecordingJob:
    return RecordingJob(
        site=SiteId("local"),
        contact=ContactId(path.stem),
        contact_at=Millis(0),
        path=str(path.absolute()),
        agent_channel=agent_channel,
    )
