"""Long regions in short pieces. In: a region. Out: pieces of it, cut where it is quietest.

A recogniser's cost of a stretch without a pause may grow far faster than its length: 30 s of noise that pulses like
syllables took 127 s of CPU, the same in pieces of 5 s took one. May not know: why it is asked.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from asr.wire import Region

LONGEST_MS = 5_000
_SOONEST_MS = 3_000
_FRAME_MS = 30


def in_pieces(region: Region) -> Iterator[Region]:
    """None longer than LONGEST_MS; together they are the region."""
    length_ms = region.end_ms - region.start_ms
    samples = np.frombuffer(region.pcm, "<i2")
    if length_ms <= LONGEST_MS or not len(samples):
        yield region
        return
    per_ms = len(samples) / length_ms
    at_ms = 0
    while length_ms - at_ms > LONGEST_MS:
        next_ms = _quietest(samples, per_ms, at_ms + _SOONEST_MS, at_ms + LONGEST_MS)
        yield _part(region, per_ms, at_ms, next_ms)
        at_ms = next_ms
    yield _part(region, per_ms, at_ms, length_ms)


def _quietest(samples: npt.NDArray[np.int16], per_ms: float, first_ms: int, end_ms: int) -> int:
    frame = max(1, round(per_ms * _FRAME_MS))
    part = samples[round(first_ms * per_ms) : round(end_ms * per_ms)].astype(np.float32)
    power = np.square(part[: len(part) // frame * frame].reshape(-1, frame)).sum(axis=1)
    return first_ms + int(np.argmin(power)) * _FRAME_MS


def _part(region: Region, per_ms: float, first_ms: int, end_ms: int) -> Region:
    first, end = (2 * round(at * per_ms) for at in (first_ms, end_ms))
    return Region(
        channel=region.channel,
        start_ms=region.start_ms + first_ms,
        end_ms=region.start_ms + end_ms,
        pcm=region.pcm[first:end],
    )
