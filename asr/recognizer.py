"""The recogniser's process: the only import of vosk. In: `Hear` frames on stdin. Out: `Ready`, then `Heard` on stdout.

vosk hangs or aborts on input it does not expect, so it is given one rate (the model's) and PCM only, and the parent
kills this process when it overruns. One Model, shared by threads: the GIL is released while decoding.
"""

import argparse
import json
import os
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, BinaryIO

import vosk

from asr.limits import die_with_parent, limit_process
from asr.wire import OVERRAN, Hear, Heard, HeardWord, Ready, Region, decode_hear, frame, read_frame

_BLOCK_MS = 500
_LOOK_S = 0.5


class Recogniser:
    """Owner of the one Model; `hear` may run in several threads at once."""

    def __init__(self, model_dir: str, rate: int, watch: "Watch") -> None:
        # Always by path: a model's name would make vosk look for it on the internet.
        self._model = vosk.Model(model_path=model_dir)
        self._rate = rate
        self._watch = watch

    def hear(self, asked: Hear) -> Heard:
        """One recogniser for all regions: with a model that is composed as it goes (HCLr, Gr) a new one begins with
        nothing composed, which doubled the cost. None outlives its channel: the same sound gives the same words."""
        began = time.thread_time()
        recogniser = vosk.KaldiRecognizer(self._model, self._rate)
        words: list[HeardWord] = []
        texts: list[tuple[tuple[str, ...], ...]] = []
        fed_ms = 0.0
        if asked.texts:
            recogniser.SetMaxAlternatives(asked.texts)
        else:
            recogniser.SetWords(True)
        for region in asked.regions:
            results = self._results(recogniser, region)
            if asked.texts:
                texts.append(_texts(results))
            else:
                words += [_word(entry, region, fed_ms) for one in results for entry in one.get("result", ())]
            fed_ms += len(region.pcm) * 500 / self._rate
        used_ms = round((time.thread_time() - began) * 1000)
        return Heard(channel=asked.channel, words=tuple(words), texts=tuple(texts), cpu_ms=used_ms)

    def _results(self, recogniser: vosk.KaldiRecognizer, region: Region) -> list[dict[str, Any]]:
        results: list[str] = []
        step = self._rate * _BLOCK_MS // 1000 * 2
        with self._watch.over(region):
            for at in range(0, len(region.pcm), step):
                if recogniser.AcceptWaveform(region.pcm[at : at + step]):
                    results.append(recogniser.Result())
            results.append(recogniser.FinalResult())
        return [json.loads(result) for result in results]


class Watch:
    """Ends this process when a region takes more CPU than it may: a machine's load does not count against it."""

    def __init__(self, base_s: float, per_second: float) -> None:
        self._base_s = base_s
        self._per_second = per_second
        self._limits: dict[int, float] = {}
        """by thread: the reading of its CPU clock that it may not pass"""

    @contextmanager
    def over(self, region: Region) -> Iterator[None]:
        seconds = (region.end_ms - region.start_ms) / 1000
        self._limits[threading.get_ident()] = time.thread_time() + self._base_s + self._per_second * seconds
        try:
            yield
        finally:
            del self._limits[threading.get_ident()]

    def run(self) -> None:
        while True:
            time.sleep(_LOOK_S)
            for thread, limit in list(self._limits.items()):
                if time.clock_gettime(time.pthread_getcpuclockid(thread)) > limit:
                    print("a region took too much CPU", file=sys.stderr, flush=True)
                    os._exit(OVERRAN)


def _word(entry: Mapping[str, Any], region: Region, fed_ms: float) -> HeardWord:
    """vosk counts time from the first sample the recogniser was ever given."""
    start, end = (
        min(max(region.start_ms, region.start_ms + round(float(entry[edge]) * 1000 - fed_ms)), region.end_ms)
        for edge in ("start", "end")
    )
    return HeardWord(str(entry["word"]), start, max(start, end), min(1.0, float(entry["conf"])))


def _texts(results: Sequence[Mapping[str, Any]]) -> tuple[tuple[str, ...], ...]:
    """Where a pause cuts the region, the n-th text is made of each piece's n-th, or of its last."""
    pieces = [[tuple(str(one["text"]).split()) for one in result.get("alternatives", ())] for result in results]
    rows = (
        tuple(word for piece in pieces if piece for word in piece[min(rank, len(piece) - 1)])
        for rank in range(max(map(len, pieces), default=0))
    )
    return tuple(dict.fromkeys(row for row in rows if row))


def _serve(recogniser: Recogniser, threads: int, source: BinaryIO, out: BinaryIO) -> None:
    writing = threading.Lock()

    def answer(done: Future[Heard]) -> None:
        if (error := done.exception()) is not None:
            print(repr(error), file=sys.stderr, flush=True)
            os._exit(3)  # the parent sees a dead recogniser with these last words: never half an answer
        with writing:
            out.write(frame(done.result()))
            out.flush()

    with ThreadPoolExecutor(threads) as pool:
        while (body := read_frame(source)) is not None:
            pool.submit(recogniser.hear, decode_hear(body)).add_done_callback(answer)


def main() -> int:
    parser = argparse.ArgumentParser(prog="asr.recognizer")
    parser.add_argument("model_dir")
    parser.add_argument("--rate", type=int, required=True)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--memory-mb", type=int, required=True)
    parser.add_argument("--region-base-s", type=float, required=True)
    parser.add_argument("--region-per-second", type=float, required=True)
    asked = parser.parse_args()
    die_with_parent()
    limit_process(cpu_s=None, memory_mb=asked.memory_mb)
    # Frames get a descriptor of their own; whatever Kaldi prints goes to stderr and cannot tear a frame.
    with os.fdopen(os.dup(1), "wb") as out:
        os.dup2(2, 1)
        vosk.SetLogLevel(-1)
        watch = Watch(asked.region_base_s, asked.region_per_second)
        recogniser = Recogniser(asked.model_dir, asked.rate, watch)
        threading.Thread(target=watch.run, daemon=True).start()
        out.write(frame(Ready(rate=asked.rate)))
        out.flush()
        _serve(recogniser, asked.threads, sys.stdin.buffer, out)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
