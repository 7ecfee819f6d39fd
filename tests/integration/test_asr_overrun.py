"""Sound that a recogniser cannot finish: noise that pulses like syllables, 127 s of CPU for 30 s of it."""

import asyncio

import numpy as np
import pytest

from asr.faults import RecognitionFault, RecognitionReason
from asr.models import describe
from asr.recognizer_process import Recognised, RecogniserLimits, RecognizerProcess
from asr.wire import Region

pytestmark = pytest.mark.vosk
SECONDS = 30


def pulsing() -> Region:
    """White noise, on and off five times a second."""
    at = np.arange(SECONDS * 8_000) / 8_000
    sound = np.random.default_rng(1).standard_normal(len(at)) * (np.sin(2 * np.pi * 5 * at) > 0) * 0.2
    pcm = (np.clip(sound, -1, 1) * 32_767).astype("<i2").tobytes()
    return Region(channel=0, start_ms=0, end_ms=SECONDS * 1000, pcm=pcm)


async def heard(limits: RecogniserLimits) -> Recognised:
    recogniser = RecognizerProcess(describe(), limits)
    try:
        return await recogniser.recognise({0: (pulsing(),)}, duration_ms=SECONDS * 1000)
    finally:
        await recogniser.stop()


def test_what_takes_too_much_is_heard_in_pieces() -> None:
    """The child is ended by CPU time, whatever the machine's load; in pieces the same sound costs a second or so."""
    found = asyncio.run(heard(RecogniserLimits(region_base_s=2, region_per_second=0)))
    assert found.in_pieces
    assert found.cpu_ms < 10_000
    assert all(0 <= word.start_ms <= word.end_ms <= SECONDS * 1000 for word in found.words[0])


def test_what_takes_too_much_in_pieces_too_is_given_up() -> None:
    """With no time at all."""
    with pytest.raises(RecognitionFault) as fault:
        asyncio.run(heard(RecogniserLimits(region_base_s=0, region_per_second=0)))
    assert fault.value.reason is RecognitionReason.RECOGNISER_TIMEOUT
