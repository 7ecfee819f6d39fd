"""A recording without what must not be heard, in its own process. In: argv (file, limits), spans as JSON on stdin.
Out: "rate channels" as one line on stdout, then int16 samples; a fault's reason as one line of stderr.

Reads strangers' files as the decoder does: same engines, limits set before the file is opened.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from asr.decode_child import open_regular, sound_of
from asr.faults import AudioFault
from asr.limits import die_with_parent, limit_process
from asr.wire import Decode

BEEP_HZ: Final = 1_000
LOUDNESS: Final = 0.12
"""Of full scale: heard as a sign, no fright in headphones."""
REFUSED: Final = 3
_OPEN_FILES: Final = 32

Block = npt.NDArray[np.float32]
Interval = tuple[int, int]


def main() -> int:
    parser = argparse.ArgumentParser(prog="asr.beep_child")
    parser.add_argument("path")
    for name in ("max-seconds", "cpu-seconds", "memory-mb"):
        parser.add_argument(f"--{name}", type=int, required=True)
    asked = parser.parse_args()
    die_with_parent()
    limit_process(cpu_s=asked.cpu_seconds, memory_mb=asked.memory_mb, files=_OPEN_FILES)
    hidden = msgspec.json.decode(sys.stdin.buffer.read(), type=list[Interval])
    wanted = Decode(
        path=asked.path,
        rate=8_000,
        buckets=0,
        max_seconds=asked.max_seconds,
        max_voice_seconds=asked.max_seconds,
        cpu_seconds=asked.cpu_seconds,
        memory_mb=asked.memory_mb,
    )
    try:
        with open_regular(asked.path) as file:
            sound = sound_of(file, wanted, set())
            sys.stdout.buffer.write(f"{sound.rate} {sound.channels}\n".encode())
            for block in beeped(_capped(sound.blocks, asked.max_seconds * sound.rate), hidden, rate=sound.rate):
                sys.stdout.buffer.write(np.clip(np.rint(block * 32_767.0), -32_768, 32_767).astype("<i2").tobytes())
    except AudioFault as fault:
        sys.stderr.write(f"{fault.reason}\n")
        return REFUSED
    sys.stdout.buffer.flush()
    return 0


def _capped(blocks: Iterator[Block], most: int) -> Iterator[Block]:
    left = most
    for block in blocks:
        yield np.nan_to_num(block[:left], nan=0.0, posinf=1.0, neginf=-1.0)
        left -= len(block)
        if left <= 0:
            return


def beeped(blocks: Iterator[Block], hidden: Sequence[Interval], *, rate: int) -> Iterator[Block]:
    """A tone in place of each [start_ms, end_ms), on every channel: what one side says, the other may echo."""
    spans = [(start * rate // 1000, -(-end * rate // 1000)) for start, end in hidden]
    at = 0
    for block in blocks:
        clean = block.copy()
        for start, end in spans:
            first, last = max(start - at, 0), min(end - at, len(block))
            if first < last:
                time = np.arange(at + first, at + last, dtype=np.float64) / rate
                clean[first:last] = (LOUDNESS * np.sin(2 * np.pi * BEEP_HZ * time)).astype(np.float32)[:, None]
        at += len(block)
        yield clean


if __name__ == "__main__":
    raise SystemExit(main())
