"""Sound that is no speech: which kind, and where."""

import numpy as np
import pytest

from asr.energy import EnergyDetector
from asr.listening import Heard, Listener

RATE = 8_000
Wave = np.ndarray


def tone(seconds: float, *hertz: float, level: float = 4_000) -> Wave:
    at = np.arange(int(RATE * seconds)) / RATE
    return sum((level * np.sin(2 * np.pi * one * at) for one in hertz), np.zeros(len(at)))


def quiet(seconds: float) -> Wave:
    return np.zeros(int(RATE * seconds))


def heard(*parts: Wave) -> Heard:
    """With line noise of RMS 20 over everything."""
    sound = np.concatenate(parts)
    sound = sound + np.random.default_rng(3).normal(0, 20, len(sound))
    listener = Listener(rate=RATE, detector=EnergyDetector(), most_speech_s=3_600)
    listener.push(sound.astype(np.int16))
    return listener.finish()


def kinds(found: Heard) -> list[str]:
    return [one.kind for one in found.other]


def test_ring_back_is_one_span_from_its_first_to_its_last_tone() -> None:
    """450 Hz, 1 s on and 4 s off, three times; edges within two frames."""
    found = heard(quiet(2), *[part for _ in range(3) for part in (tone(1, 450), quiet(4))])
    assert kinds(found) == ["ring_back"]
    assert abs(found.other[0].start_ms - 2_000) <= 60
    assert abs(found.other[0].end_ms - 13_000) <= 60
    assert found.speech == ()


def test_thirty_seconds_of_unbroken_keys_are_no_speech() -> None:
    """It costs the recogniser minutes and gives dozens of false words."""
    found = heard(quiet(1), tone(30, 770, 1_336), quiet(1))
    assert kinds(found) == ["dtmf"]
    assert found.speech == ()


def test_keys_pressed_one_by_one_are_one_span_of_keys() -> None:
    """Eleven digits, 100 ms on and 100 ms off."""
    keys = [(697, 1209), (697, 1336), (697, 1477), (770, 1209), (941, 1336)] * 2 + [(852, 1477)]
    found = heard(quiet(1), *[part for pair in keys for part in (tone(0.1, *pair), quiet(0.1))], quiet(1))
    assert kinds(found) == ["dtmf"]
    assert found.speech == ()


@pytest.mark.parametrize(("hertz", "kind"), [(1_100, "fax"), (2_100, "fax"), (1_000, "tone")])
def test_a_single_tone_has_its_kind(hertz: float, kind: str) -> None:
    """Fax machines call with 1100 Hz and answer with 2100 Hz."""
    assert kinds(heard(quiet(1), tone(3, hertz), quiet(1))) == [kind]


def test_notes_of_chords_are_music() -> None:
    """Half a second each."""
    chords = [(262, 330, 392, 523), (294, 370, 440, 587), (330, 415, 494, 659), (349, 440, 523, 698)]
    found = heard(quiet(1), *[tone(0.5, *chord, level=1_500) for chord in chords * 3], quiet(1))
    assert kinds(found) == ["music"]
    assert found.speech == ()


def test_noise_is_neither_speech_nor_tone() -> None:
    """A minute of a hissing line."""
    noise = np.random.default_rng(5).normal(0, 200, RATE * 60)
    found = heard(noise)
    assert found.other == ()
    assert found.speech == ()
