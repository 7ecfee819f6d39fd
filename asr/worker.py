"""The shell that works through recordings. In: a Port (the bus, by another's hand). Out: facts and transcripts to it.

Each job ends done, back in the queue, or quarantined with its reason; a bad recording never stops the next one. Two
failures quarantine. May not know: the bus, any store, scoring.
"""

import asyncio
from collections.abc import Callable, Collection, Coroutine, Sequence
from pathlib import Path
from typing import Protocol

import structlog
from msgspec import Struct

from asr.audio import DECODE_LIMITS, DecodeLimits, Decoder
from asr.faults import AudioFault, RecognitionFault, RecognitionReason
from asr.jobs import RecordingJob
from asr.ledger import Step, recording_began, recording_fact, utterance_facts
from asr.pipeline import transcribe
from asr.recognisers import Recognisers
from asr.recognizer_process import RECOGNISER_LIMITS, RecogniserLimits
from asr.redact_kinds import KINDS
from asr.transcript import Transcript
from streams.vocabulary.facts import Fact, RecordingFact

log = structlog.get_logger(__name__)

MOST_FAILURES = 2
MOST_DELIVERIES = 5
"""A job handed out more often than this took its workers with it each time."""
_IDLE_S = 0.05


class Taken(Struct, frozen=True, kw_only=True):
    """`attempts` numbers the facts and only grows; `tries`, `failures` count since the job was last queued by hand."""

    token: str
    job: RecordingJob
    attempts: int
    tries: int
    """hand-outs, this one included"""
    failures: int
    """hand-outs that ended with a fault; a worker that was killed failed nothing"""


class Port(Protocol):
    """Where jobs come from and results go. Deliveries are at least once; every write here may be repeated."""

    async def take(self) -> Taken | None:
        """The next job. Waits a bounded time; None: nothing came."""
        ...

    async def state(self, job: RecordingJob, fact: RecordingFact) -> None:
        """Tells where the recording stands now."""
        ...

    async def done(self, token: str, facts: Sequence[Fact], transcript: Transcript) -> None:
        """Publishes the facts, hands the transcript to scoring, then acknowledges the job."""
        ...

    async def fail(self, token: str, reason: str, *, final: bool) -> None:
        """`final`: acknowledge and keep the reason; otherwise hand the job out again, one attempt more."""
        ...


async def run_worker(
    port: Port,
    *,
    model_dir: Path | None = None,
    model_of: Callable[[RecordingJob], Path | None] | None = None,
    decode_limits: DecodeLimits = DECODE_LIMITS,
    recogniser_limits: RecogniserLimits = RECOGNISER_LIMITS,
    drain_s: float = 20.0,
    hide_of: Callable[[RecordingJob], Collection[str]] = lambda job: KINDS,
) -> None:
    """Works until cancelled; then finishes the job in hand if it can within `drain_s`, else leaves it to its lease.

    `model_of`: which model's folder hears a recording; None: `model_dir` hears them all. `hide_of`: the kinds of
    asr.redact_kinds that its transcript may not hold. Raises ModelFault or RecognitionFault(recogniser_refused) when a
    model cannot be loaded: no recording's fault.
    """
    worker = _Worker(
        port, Recognisers(recogniser_limits), model_of or (lambda job: model_dir), Decoder(decode_limits), hide_of
    )
    try:
        model, _ = await worker.recognisers.first(model_dir)
        log.info("transcriber_ready", model=model.name, rate=model.rate, demo=model.demo)
        while True:
            taken = await port.take()
            if taken is None:
                await asyncio.sleep(_IDLE_S)
            else:
                await _unhurried(worker.work(taken), drain_s)
    finally:
        await worker.recognisers.stop()
        await worker.decoder.stop()


async def _unhurried(work: Coroutine[None, None, None], drain_s: float) -> None:
    """Cancelling the caller gives the work `drain_s` to end by itself."""
    task = asyncio.create_task(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        _, open_still = await asyncio.wait({task}, timeout=drain_s)
        if open_still:
            task.cancel()
            await asyncio.wait({task})
        elif (error := task.exception()) is not None:
            raise error from None
        raise


class _Worker:
    def __init__(
        self,
        port: Port,
        recognisers: Recognisers,
        model_of: Callable[[RecordingJob], Path | None],
        decoder: Decoder,
        hide_of: Callable[[RecordingJob], Collection[str]],
    ) -> None:
        self._hide_of = hide_of
        self._port = port
        self._model_of = model_of
        self._model = ""
        """the name of the one that hears the job in hand"""
        self.recognisers = recognisers
        self.decoder = decoder

    async def work(self, taken: Taken) -> None:
        job, attempts = taken.job, taken.attempts
        self._model = ""
        if taken.tries > MOST_DELIVERIES:
            await self._failed(taken, RecognitionFault(RecognitionReason.INTERRUPTED))
            return
        try:
            model, recogniser = await self.recognisers.of(self._model_of(job))
            self._model = model.name
            await self._tell(job, Step.DECODING, attempts)
            transcript = await transcribe(
                job,
                model=model,
                recogniser=recogniser,
                decoder=self.decoder,
                on_step=lambda step: self._tell(job, Step.RECOGNISING, attempts),
                hide=self._hide_of(job),
            )
        except (AudioFault, RecognitionFault) as fault:
            await self._failed(taken, fault)
            return
        done = recording_fact(job, Step.DONE, attempts=attempts, model=self._model, of=transcript)
        began = recording_began(job, transcript.duration_ms)
        said = utterance_facts(transcript, attempts=attempts, began=began)
        await self._port.done(taken.token, [*said, done], transcript)
        log.info("recording_done", contact=job.contact, attempts=attempts, cpu_ms=transcript.cpu_ms)

    async def _tell(self, job: RecordingJob, step: Step, attempts: int, reason: str = "") -> None:
        fact = recording_fact(job, step, attempts=attempts, model=self._model, reason=reason)
        await self._port.state(job, fact)

    async def _failed(self, taken: Taken, fault: AudioFault | RecognitionFault) -> None:
        job, attempts = taken.job, taken.attempts
        interrupted = fault.reason is RecognitionReason.INTERRUPTED
        final = fault.final or interrupted or taken.failures + 1 >= MOST_FAILURES
        log.warning("recording_failed", contact=job.contact, attempts=attempts, reason=fault.reason, final=final)
        await self._tell(job, Step.QUARANTINED if final else Step.RETRYING, attempts, fault.reason)
        await self._port.fail(taken.token, fault.reason, final=final)
        if fault.reason is RecognitionReason.RECOGNISER_REFUSED:
            raise fault
