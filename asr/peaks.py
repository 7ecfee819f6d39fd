"""The wave to draw. In: int16 PCM, or a file. Out: per channel the loudest sample of each bucket, 0..255.

The pure part costs one pass over the samples; files are read by the decode child, never here.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

BUCKETS = 600
_FULL_SCALE = 32_768


def peaks(pcm: npt.NDArray[np.int16], buckets: int = BUCKETS) -> list[int]:
    """One number per bucket of equal length; fewer samples than buckets give one bucket per sample."""
    buckets = min(buckets, len(pcm))
    if buckets < 1:
        return []
    loud = np.abs(pcm.astype(np.int32))
    starts = np.arange(buckets) * len(pcm) // buckets
    highest = np.maximum.reduceat(loud, starts)
    return [int(value) for value in np.minimum(255, highest * 256 // _FULL_SCALE)]


async def peaks_of_file(path: Path | str, buckets: int = BUCKETS) -> Sequence[Sequence[int]]:
    """Per channel. Raises AudioFault."""
    from asr.audio import decode  # here, because the decode child uses the pure part and has no use for asyncio

    return (await decode(path, rate=8_000, buckets=buckets)).peaks
