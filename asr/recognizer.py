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
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, BinaryIO

import vosk

from asr.limits import die_with_parent, limit_process
from asr.wire import Hear, Heard, HeardWord, Ready, Region, decode_hear, frame, read_frame

_BLOCK_MS = 500


class Recogniser:
    """Owner of the one Model; `hear` may run in several threads at once."""

    def __init__(self, model_dir: str, rate: int) -> None:
        # Always by path: a model's name would make vosk look for it on the internet.
        self._model = vosk.Model(model_path=model_dir)
        self._rate = rate

    def hear(self, asked: Hear) -> Heard:
        began = time.thread_time()
        words: tuple[HeardWord, ...] = ()
        texts: tuple[tuple[tuple[str, ...], ...], ...] = ()
        if asked.texts:
            texts = tuple(self._texts(region, asked.texts) for region in asked.regions)
        else:
            words = tuple(word for region in asked.regions for word in self._words(region))
        used_ms = round((time.thread_time() - began) * 1000)
        return Heard(channel=asked.channel, words=words, texts=texts, cpu_ms=used_ms)

    def _words(self, region: Region) -> list[HeardWord]:
        # A recogniser of its own per region costs nothing measurable and its times begin at the region's start.
        recogniser = vosk.KaldiRecognizer(self._model, self._rate)
        recogniser.SetWords(True)
        return [
            _word(entry, region) for result in self._results(recogniser, region) for entry in result.get("result", ())
        ]

    def _texts(self, region: Region, most: int) -> tuple[tuple[str, ...], ...]:
        """Where a pause cuts the region, the n-th text is made of each piece's n-th, or of its last."""
        recogniser = vosk.KaldiRecognizer(self._model, self._rate)
        recogniser.SetMaxAlternatives(most)
        pieces = [
            [tuple(str(one["text"]).split()) for one in result.get("alternatives", ())]
            for result in self._results(recogniser, region)
        ]
        ranks = max(map(len, pieces), default=0)
        rows = (
            tuple(word for piece in pieces if piece for word in piece[min(rank, len(piece) - 1)])
            for rank in range(ranks)
        )
        return tuple(dict.fromkeys(row for row in rows if row))

    def _results(self, recogniser: vosk.KaldiRecognizer, region: Region) -> list[dict[str, Any]]:
        results: list[str] = []
        step = self._rate * _BLOCK_MS // 1000 * 2
        for at in range(0, len(region.pcm), step):
            if recogniser.AcceptWaveform(region.pcm[at : at + step]):
                results.append(recogniser.Result())
        results.append(recogniser.FinalResult())
        return [json.loads(result) for result in results]


def _word(entry: Mapping[str, Any], region: Region) -> HeardWord:
    start = min(region.start_ms + round(float(entry["start"]) * 1000), region.end_ms)
    end = min(region.start_ms + round(float(entry["end"]) * 1000), region.end_ms)
    return HeardWord(str(entry["word"]), start, max(start, end), min(1.0, float(entry["conf"])))


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
    asked = parser.parse_args()
    die_with_parent()
    limit_process(cpu_s=None, memory_mb=asked.memory_mb)
    # Frames get a descriptor of their own; whatever Kaldi prints goes to stderr and cannot tear a frame.
    with os.fdopen(os.dup(1), "wb") as out:
        os.dup2(2, 1)
        vosk.SetLogLevel(-1)
        recogniser = Recogniser(asked.model_dir, asked.rate)
        out.write(frame(Ready(rate=asked.rate)))
        out.flush()
        _serve(recogniser, asked.threads, sys.stdin.buffer, out)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
