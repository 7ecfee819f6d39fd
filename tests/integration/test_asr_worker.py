"""The worker with real children: every job ends, whatever dies on the way."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections import Counter, deque
from collections.abc import Sequence
from pathlib import Path

import psutil
import pytest

from asr.faults import RecognitionFault, RecognitionReason
from asr.jobs import RecordingJob
from asr.models import DEMO_CALLS_DIR, describe
from asr.peaks import peaks_of_file
from asr.recognizer_process import RecogniserLimits, RecognizerProcess
from asr.transcript import Transcript
from asr.wire import Region
from asr.worker import Taken, run_worker
from streams.vocabulary.facts import Fact, RecordingFact, UtteranceFact
from streams.vocabulary.ids import ContactId, Millis, SiteId

pytestmark = pytest.mark.vosk
GOOD = DEMO_CALLS_DIR / "c04_no_greeting.flac"
PATIENCE_S = 60.0


class Desk:
    """A port in memory: hands out jobs in order, again after a failure that is not final; keeps all it is told."""

    def __init__(self, *paths: Path | str, attempts: int = 1) -> None:
        self.waiting = deque((str(number), job(number, path), attempts) for number, path in enumerate(paths))
        self.open: dict[str, tuple[RecordingJob, int]] = {}
        self.failures: Counter[str] = Counter()
        self.facts: list[RecordingFact] = []
        self.utterances: list[UtteranceFact] = []
        self.transcripts: list[Transcript] = []
        self.quarantined: dict[str, str] = {}
        self.recognising = asyncio.Event()
        self.empty = asyncio.Event()

    async def take(self) -> Taken | None:
        if not self.waiting:
            if not self.open:
                self.empty.set()
            return None
        token, taken, attempts = self.waiting.popleft()
        self.open[token] = (taken, attempts)
        failures = self.failures[token]
        return Taken(token=token, job=taken, attempts=attempts, tries=attempts, failures=failures)

    async def state(self, job: RecordingJob, fact: RecordingFact) -> None:
        self.facts.append(fact)
        if fact.state == "recognising":
            self.recognising.set()

    async def done(self, token: str, facts: Sequence[Fact], transcript: Transcript) -> None:
        del self.open[token]
        self.facts += [fact for fact in facts if isinstance(fact, RecordingFact)]
        self.utterances += [fact for fact in facts if isinstance(fact, UtteranceFact)]
        self.transcripts.append(transcript)

    async def fail(self, token: str, reason: str, *, final: bool) -> None:
        failed, attempts = self.open.pop(token)
        self.failures[token] += 1
        if final:
            self.quarantined[failed.contact] = reason
        else:
            self.waiting.append((token, failed, attempts + 1))

    def steps(self, contact: str) -> list[tuple[str, int, str]]:
        return [(fact.state, fact.attempts, fact.reason) for fact in self.facts if fact.contact == contact]


def job(number: int, path: Path | str) -> RecordingJob:
    return RecordingJob(site=SiteId("test"), contact=ContactId(f"c{number}"), contact_at=Millis(5_000), path=str(path))


async def work_through(desk: Desk, limits: RecogniserLimits = RecogniserLimits()) -> None:  # noqa: B008
    """Until nothing is left, then cancels as a stopping service does."""
    worker = asyncio.create_task(run_worker(desk, recogniser_limits=limits))
    async with asyncio.timeout(PATIENCE_S):
        await desk.empty.wait()
    worker.cancel()
    with pytest.raises(asyncio.CancelledError):
        await worker


def children(module: str) -> list[psutil.Process]:
    """Living ones: a fork of the decoder may just have ended."""
    found = []
    for one in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):  # a zombie is one, too
            if module in " ".join(one.cmdline()):
                found.append(one)
    return found


def test_a_bad_recording_never_stops_the_next_one(tmp_path: Path) -> None:
    """Not audio: quarantined at once. Missing: twice, it may come late. The good one between them is done."""
    (tmp_path / "bad.wav").write_bytes(b"not audio at all" * 10)

    async def scenario() -> Desk:
        desk = Desk(tmp_path / "bad.wav", GOOD, tmp_path / "missing.wav")
        await work_through(desk)
        return desk

    desk = asyncio.run(scenario())
    assert desk.steps("c0") == [("decoding", 1, ""), ("quarantined", 1, "not_audio")]
    assert desk.steps("c1") == [("decoding", 1, ""), ("recognising", 1, ""), ("done", 1, "")]
    assert desk.steps("c2") == [
        ("decoding", 1, ""),
        ("queued", 1, "missing_file"),
        ("decoding", 2, ""),
        ("quarantined", 2, "missing_file"),
    ]
    assert desk.quarantined == {"c0": "not_audio", "c2": "missing_file"}
    done = desk.facts[[fact.state for fact in desk.facts].index("done")]
    assert (done.duration_ms, done.channels, done.model) == (34_903, 2, "demo-zh")  # the label says 34.90 s
    assert done.cpu_ms > 0
    assert [row.number for row in desk.utterances] == list(range(len(desk.utterances)))
    assert desk.utterances[0].said_at == 5_000 + desk.utterances[0].start_ms
    assert children("asr.") == []


CRASHED = [("queued", 1, "recogniser_died"), ("decoding", 2, ""), ("recognising", 2, ""), ("done", 2, "")]


@pytest.mark.parametrize(("sign", "then"), [(signal.SIGSEGV, CRASHED), (signal.SIGKILL, [("done", 1, "")])])
def test_a_crash_costs_an_attempt_a_kill_from_outside_none(
    sign: signal.Signals, then: list[tuple[str, int, str]]
) -> None:
    """While it recognises; a new child does it. Nothing in a recording can kill its child with signal 9."""

    async def scenario() -> Desk:
        desk = Desk(GOOD)
        worker = asyncio.create_task(work_through(desk))
        async with asyncio.timeout(PATIENCE_S):
            await desk.recognising.wait()
        (child,) = children("asr.recognizer")
        os.kill(child.pid, sign)
        await worker
        return desk

    desk = asyncio.run(scenario())
    assert desk.steps("c0") == [("decoding", 1, ""), ("recognising", 1, ""), *then]
    assert [fact.ver for fact in desk.facts] == sorted(fact.ver for fact in desk.facts)
    assert len(desk.transcripts) == 1


def test_a_recogniser_that_overruns_is_killed_and_the_recording_quarantined() -> None:
    """With a deadline of nothing at all; two failures are enough, and no child is left."""

    async def scenario() -> Desk:
        desk = Desk(GOOD)
        await work_through(desk, RecogniserLimits(deadline_base_s=0.0, deadline_per_second=0.0))
        return desk

    desk = asyncio.run(scenario())
    assert desk.quarantined == {"c0": "recogniser_timeout"}
    assert children("asr.") == []


def test_a_job_that_keeps_taking_its_worker_with_it_is_quarantined_unseen() -> None:
    """Handed out a sixth time: nobody ever said how it went."""

    async def scenario() -> Desk:
        desk = Desk(GOOD, attempts=6)
        await work_through(desk)
        return desk

    assert asyncio.run(scenario()).quarantined == {"c0": "interrupted"}


def test_stopping_finishes_the_recording_in_hand() -> None:
    """Cancelled while it recognises: the transcript is still handed over, the next job is not begun."""

    async def scenario() -> Desk:
        desk = Desk(GOOD, GOOD)
        worker = asyncio.create_task(run_worker(desk))
        async with asyncio.timeout(PATIENCE_S):
            await desk.recognising.wait()
        worker.cancel()
        with pytest.raises(asyncio.CancelledError):
            await worker
        return desk

    desk = asyncio.run(scenario())
    assert [len(desk.transcripts), len(desk.waiting), len(desk.open)] == [1, 1, 0]


def test_a_child_is_replaced_after_so_many_recordings() -> None:
    """Recycled after every second one here; answers stay right."""

    async def scenario() -> list[int | None]:
        recogniser = RecognizerProcess(describe(), RecogniserLimits(recycle_after=2))
        silence = {0: [Region(channel=0, start_ms=0, end_ms=1_000, pcm=bytes(16_000))], 1: []}
        pids = []
        try:
            for _ in range(4):
                await recogniser.start()
                pids.append(recogniser.pid)
                heard = await recogniser.recognise(silence, duration_ms=1_000)
                assert heard.words == {0: (), 1: ()}
        finally:
            await recogniser.stop()
        return pids

    first, second, third, fourth = asyncio.run(scenario())
    assert first == second
    assert second != third
    assert third == fourth


def test_a_model_that_cannot_be_loaded_is_no_recordings_fault(tmp_path: Path) -> None:
    """The folder looks like a model, its files are empty: refused with the child's last words."""
    for name in ("am/final.mdl", "graph/HCLG.fst"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).touch()
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf/mfcc.conf").write_text("--sample-frequency=8000\n")

    async def scenario() -> None:
        await run_worker(Desk(GOOD), model_dir=tmp_path)

    with pytest.raises(RecognitionFault) as fault:
        asyncio.run(scenario())
    assert fault.value.reason is RecognitionReason.RECOGNISER_REFUSED


def test_the_parent_never_loads_a_recogniser_or_a_decoder() -> None:
    """What hangs or aborts must not be in the service's process."""
    code = "import asr.worker, sys; print(sorted({'vosk', 'soundfile', 'webrtcvad'} & sys.modules.keys()))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "[]\n"


ORPHAN = """
import asyncio
from asr.models import describe
from asr.recognizer_process import RecognizerProcess
async def main():
    recogniser = RecognizerProcess(describe())
    await recogniser.start()
    print(recogniser.pid, flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""


def test_a_killed_service_leaves_no_recogniser_behind() -> None:
    """kill -9 of the parent: the kernel ends the child with it, even one that hangs in C code."""
    with subprocess.Popen([sys.executable, "-c", ORPHAN], stdout=subprocess.PIPE, text=True) as service:
        assert service.stdout is not None
        child = psutil.Process(int(service.stdout.readline()))
        service.kill()
        service.wait(timeout=PATIENCE_S)
        psutil.wait_procs([child], timeout=PATIENCE_S)
    assert not child.is_running()


def test_the_wave_of_a_file_is_drawn_per_channel() -> None:
    """Six hundred buckets of 0..255; the agent speaks in it, so it is not flat."""
    waves = asyncio.run(peaks_of_file(GOOD))
    assert [len(wave) for wave in waves] == [600, 600]
    assert all(0 <= value <= 255 for wave in waves for value in wave)
    assert max(waves[0]) > 10
