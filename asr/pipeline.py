"""A recording to a transcript. In: RecordingJob. Out: Transcript, redacted; or AudioFault, RecognitionFault.

decode child -> regions -> recogniser child -> words -> utterances -> redaction. Raw text lives in this function's
memory only. May not know: queues, stores.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from pathlib import Path

import structlog
from msgspec.structs import replace

from asr.audio import DECODE_LIMITS, Decoded, DecodeLimits, Decoder
from asr.faults import RecognitionFault
from asr.jobs import RecordingJob
from asr.models import ModelInfo, describe
from asr.numbers import with_figures
from asr.pairs import pair_of
from asr.recognizer_process import RecognizerProcess, Texts
from asr.redact import KINDS, redact
from asr.roles import agent_by_rule, with_roles
from asr.sanity import DEMO_LIMITS, FULL_MODEL_LIMITS, doubts
from asr.second_look import SECOND_LOOK, SecondLook, cut, doubtful, with_alternatives
from asr.transcript import Span, Transcript, Utterance
from asr.utterances import unread, utterances
from asr.wire import Region
from streams.vocabulary.ids import ContactId, Millis, SiteId

log = structlog.get_logger(__name__)

RECOGNISING = "recognising"
NO_SECOND_LOOK = "no_second_look"


async def _nobody(step: str) -> None:
    return None


async def transcribe(
    job: RecordingJob,
    *,
    model: ModelInfo,
    recogniser: RecognizerProcess,
    decoder: Decoder | None = None,
    decode_limits: DecodeLimits = DECODE_LIMITS,
    on_step: Callable[[str], Awaitable[None]] = _nobody,
    hide: Collection[str] = KINDS,
    look: SecondLook = SECOND_LOOK,
) -> Transcript:
    """`hide`: the kinds of asr.redact_kinds that are masked before anybody sees the transcript.

    `look`: which utterances are heard again for their alternatives.
    `on_step("recognising")` is awaited between decoding and recognition.

    `decoder`: one kept warm, with limits of its own; without it a child is started for this recording.
    """
    if decoder is not None:
        decoded = await _decoded(job, decoder, model.rate)
    else:
        own = Decoder(decode_limits)
        try:
            decoded = await _decoded(job, own, model.rate)
        finally:
            await own.stop()
    await on_step(RECOGNISING)
    regions = {channel: decoded.of_channel(channel) for channel in range(decoded.channels)}
    recognised = await recogniser.recognise(regions, duration_ms=decoded.duration_ms)
    said = utterances(
        recognised.words, channels=decoded.channels, agent_channel=job.agent_channel, regions=decoded.regions
    )
    notes = {*decoded.notes, *(["in_pieces"] if recognised.in_pieces else [])}
    if job.agent_channel is None and decoded.channels == 2 and (agent := agent_by_rule(said)) is not None:
        said = with_roles(said, agent)
        notes.add("roles_by_rule")
    others, spent_ms = await _second_look(said, decoded, recogniser, look, notes)
    clean, hidden = redact(said, hide=hide)
    clean = with_alternatives(said, clean, others, hide=hide)
    transcript = Transcript(
        site=job.site,
        contact=job.contact,
        contact_at=job.contact_at,
        queue=job.queue,
        agent=job.agent,
        model=model.name,
        duration_ms=decoded.duration_ms,
        channels=decoded.channels,
        utterances=with_figures(clean),
        speech_ms=decoded.speech_ms,
        cpu_ms=decoded.cpu_ms + recognised.cpu_ms + spent_ms,
        unread=unread(decoded.regions, recognised.words),
        redacted=hidden,
        non_speech=tuple(
            Span(channel=one.channel, start_ms=one.start_ms, end_ms=one.end_ms, kind=one.kind) for one in decoded.other
        ),
        notes=tuple(sorted(notes)),
    )
    doubted = doubts(transcript, limits=DEMO_LIMITS if model.demo else FULL_MODEL_LIMITS)
    return replace(transcript, notes=tuple(sorted({*notes, *doubted})))


async def _second_look(
    said: Sequence[Utterance], decoded: Decoded, recogniser: RecognizerProcess, look: SecondLook, notes: set[str]
) -> tuple[dict[int, Texts], int]:
    """Place to alternatives, and CPU ms. Where it fails the transcript stands as it is, and says so."""
    asked: dict[int, list[tuple[int, Region]]] = {}
    for place in doubtful(said, speech_ms=decoded.speech_ms, look=look):
        if (region := cut(decoded.regions, said[place], pad_ms=look.pad_ms)) is not None:
            asked.setdefault(region.channel, []).append((place, region))
    if not asked:
        return {}, 0
    regions = {channel: [region for _, region in found] for channel, found in asked.items()}
    try:
        again = await recogniser.reconsider(regions, texts=look.texts)
    except RecognitionFault as fault:
        notes.add(NO_SECOND_LOOK)
        log.warning("no_second_look", reason=fault.reason)
        return {}, 0
    places = {channel: [place for place, _ in found] for channel, found in asked.items()}
    told = {
        place: texts
        for channel, found in again.texts.items()
        for place, texts in zip(places[channel], found, strict=True)
    }
    return told, again.cpu_ms


async def _decoded(job: RecordingJob, decoder: Decoder, rate: int) -> Decoded:
    path, other = await asyncio.to_thread(halves, job)
    return await (decoder.decode_pair(path, other, rate=rate) if other else decoder.decode(path, rate=rate))


def halves(job: RecordingJob) -> tuple[str, str]:
    """(channel 0, channel 1 or ""): half of a pair of mono files brings the other along when it lies beside it, whoever
    told of it. A link is not followed: it may lead out of the recordings folder."""
    if job.other_path:
        return job.path, job.other_path
    pair = pair_of(job.path)
    if pair is not None and all(Path(half).is_file() and not Path(half).is_symlink() for half in pair):
        return pair
    return job.path, ""


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
