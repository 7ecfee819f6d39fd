"""Arithmetic on samples: peaks, another sampling rate."""

import numpy as np
import pytest

from asr.peaks import peaks
from asr.resample import Resampler


def sine(hertz: float, seconds: float, rate: int, level: float = 0.5) -> np.ndarray:
    return (level * np.sin(2 * np.pi * hertz * np.arange(int(rate * seconds)) / rate)).astype(np.float32)


def test_peaks_are_the_loudest_sample_of_each_bucket() -> None:
    """Four samples per bucket; full scale is 255, half of it 128, whichever sign."""
    pcm = np.array([0, 16_384, 0, 0, 0, 0, -32_768, 5, 0, 0, 0, 0], np.int16)
    assert peaks(pcm, 3) == [128, 255, 0]


@pytest.mark.parametrize(("samples", "expected"), [([], []), ([-32_768], [255]), ([1, 2, 400], [0, 0, 3])])
def test_fewer_samples_than_buckets_give_one_bucket_each(samples: list[int], expected: list[int]) -> None:
    """No bucket is invented."""
    assert peaks(np.array(samples, np.int16), 600) == expected


@pytest.mark.parametrize("source", [11_025, 16_000, 22_050, 44_100, 48_000])
def test_a_tone_in_the_band_survives_resampling_in_place_and_level(source: int) -> None:
    """1 kHz at 8 kHz: within a thousandth of what it should be, cut into odd blocks on the way."""
    heard = sine(1_000, 2, source)
    turn = Resampler(source, 8_000)
    parts = [turn.push(heard[at : at + 3_333]) for at in range(0, len(heard), 3_333)]
    out = np.concatenate([*parts, turn.finish()])
    assert len(out) == 16_000
    assert np.abs(out - sine(1_000, 2, 8_000))[200:-200].max() < 0.001


@pytest.mark.parametrize("source", [16_000, 44_100, 48_000])
def test_a_tone_above_the_band_is_gone(source: int) -> None:
    """5 kHz would come back as 3 kHz and sound like speech: at least 60 dB down."""
    turn = Resampler(source, 8_000)
    out = np.concatenate([turn.push(sine(5_000, 2, source)), turn.finish()])
    assert np.abs(out)[200:-200].max() < 0.0005
