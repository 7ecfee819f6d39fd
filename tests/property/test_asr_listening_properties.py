"""What a channel says does not depend on how its samples were handed over, and no loud frame is lost."""

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from asr.energy import EnergyDetector
from asr.listening import FRAME_MS, Heard, Listener

RATE = 8_000


def listened(sound: np.ndarray, cuts: list[int]) -> Heard:
    listener = Listener(rate=RATE, detector=EnergyDetector(), most_speech_s=600)
    edges = [0, *sorted(cut % (len(sound) + 1) for cut in cuts), len(sound)]
    for start, end in pairwise(edges):
        listener.push(sound[start:end])
    return listener.finish()


def sounding(bursts: list[tuple[int, int]], seed: int) -> np.ndarray:
    """Bursts of loud noise (start and length in 10 ms) on a quiet line."""
    draw = np.random.default_rng(seed)
    sound = draw.normal(0, 5, 6 * RATE)
    for start, length in bursts:
        part = sound[start * 80 : (start + length) * 80]
        part += draw.normal(0, 3_000, len(part))
    return np.clip(sound, -32_768, 32_767).astype(np.int16)


bursts = st.lists(st.tuples(st.integers(10, 560), st.integers(12, 60)), max_size=4)


@settings(max_examples=40, deadline=None)
@given(bursts, st.lists(st.integers(0, 48_000), max_size=6), st.integers(0, 5))
def test_how_the_sound_is_cut_never_matters(found: list[tuple[int, int]], cuts: list[int], seed: int) -> None:
    """Regions, their samples, other sound and peaks are the same in one piece and in many."""
    sound = sounding(found, seed)
    whole, pieces = listened(sound, []), listened(sound, cuts)
    assert (whole.duration_ms, whole.speech, whole.other) == (pieces.duration_ms, pieces.speech, pieces.other)


@settings(max_examples=40, deadline=None)
@given(bursts, st.integers(0, 5))
def test_a_region_holds_the_very_samples_of_its_place(found: list[tuple[int, int]], seed: int) -> None:
    """Nothing is shifted, nothing that is loud lies outside."""
    sound = sounding(found, seed)
    heard = listened(sound, [])
    covered = np.zeros(len(sound), np.bool_)
    for place, pcm in heard.speech:
        expected = sound[place.start_ms * 8 : place.end_ms * 8]
        assert pcm == expected.astype("<i2").tobytes()
        covered[place.start_ms * 8 : place.end_ms * 8] = True
    loud_until = len(sound) // (FRAME_MS * 8) * FRAME_MS * 8
    for start, length in found:
        if (start + length) * 80 <= loud_until:
            assert covered[start * 80 : (start + length) * 80].all()
