"""The demo calls made worse, the same way each time. In: float32 samples, two channels, 8 kHz. Out: the same, damaged.

A condition is a name and a function of samples and a seeded generator; what a codec does is done by the codec itself.
"""

import io
from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
import soundfile
from numpy.typing import NDArray

RATE = 8_000
FRAME = RATE // 50
"""20 ms: what one packet of a telephone call carries."""
_ACTIVE_DB = -45.0

Sound = NDArray[np.float32]
Damage = Callable[[Sound, np.random.Generator], Sound]


def clean(sound: Sound, draw: np.random.Generator) -> Sound:
    return sound


def noise(snr_db: float) -> Damage:
    """Pink noise (equal power per octave, as rooms and lines have it) so far below each channel's own speech."""

    def damage(sound: Sound, draw: np.random.Generator) -> Sound:
        worse = sound.copy()
        for channel in range(sound.shape[1]):
            pink = _pink(len(sound), draw)
            level = _speech_rms(sound[:, channel]) / 10 ** (snr_db / 20)
            worse[:, channel] += pink * np.float32(level)
        return np.clip(worse, -1, 1)

    return damage


def packet_loss(share: float) -> Damage:
    """Packets lost one by one, each channel for itself; the last is repeated at half level, then silence."""

    def damage(sound: Sound, draw: np.random.Generator) -> Sound:
        worse = sound.copy()
        for channel in range(sound.shape[1]):
            in_a_row = 0
            for at in range(FRAME, len(sound) - FRAME, FRAME):
                in_a_row = in_a_row + 1 if draw.random() < share else 0
                if in_a_row:
                    heard = sound[at - FRAME : at, channel] / 2 if in_a_row == 1 else 0
                    worse[at : at + FRAME, channel] = heard
        return worse

    return damage


def clipped(share: float) -> Damage:
    """So loud that this share of the speech's samples is cut off."""

    def damage(sound: Sound, draw: np.random.Generator) -> Sound:
        worse = sound.copy()
        for channel in range(sound.shape[1]):
            speech = np.abs(_active(sound[:, channel]))
            worse[:, channel] /= max(1e-4, float(np.quantile(speech, 1 - share)))
        return np.clip(worse, -1, 1)

    return damage


def quieter(db: float) -> Damage:
    """Lower, then as 16 bits: the quantiser's noise stays where it was."""

    def damage(sound: Sound, draw: np.random.Generator) -> Sound:
        scaled = np.round(sound * 10 ** (-db / 20) * 32_767) / 32_767
        return scaled.astype(np.float32)

    return damage


def coded(subtype: str, *, container: str = "WAV", level: float | None = None) -> Damage:
    """Through a codec and back, channel by channel (GSM knows one only)."""

    def damage(sound: Sound, draw: np.random.Generator) -> Sound:
        worse = np.zeros_like(sound)
        how = {} if level is None else {"bitrate_mode": "CONSTANT", "compression_level": level}
        for channel in range(sound.shape[1]):
            held = io.BytesIO()
            soundfile.write(held, sound[:, channel], RATE, format=container, subtype=subtype, **how)
            held.seek(0)
            back = soundfile.read(held, dtype="float32")[0][: len(sound)]
            worse[: len(back), channel] = back
        return worse

    return damage


CONDITIONS: Mapping[str, Damage] = MappingProxyType(
    {
        "clean": clean,
        "noise_20_db": noise(20),
        "noise_10_db": noise(10),
        "noise_5_db": noise(5),
        "loss_1_percent": packet_loss(0.01),
        "loss_3_percent": packet_loss(0.03),
        "loss_5_percent": packet_loss(0.05),
        "clipped_10_percent": clipped(0.10),
        "quieter_20_db": quieter(20),
        "quieter_30_db": quieter(30),
        "a_law": coded("ALAW"),
        "gsm": coded("GSM610"),
        "mp3_32k": coded("MPEG_LAYER_III", container="MP3", level=0.5),
    }
)
"""libsndfile's MP3 level 0.5 is 32 kbit/s at 8 kHz (measured by size)."""


def damaged(sound: Sound, condition: str, *, seed: int) -> Sound:
    """The same for the same seed, whatever was damaged before."""
    return CONDITIONS[condition](sound, np.random.default_rng(seed))


def _pink(samples: int, draw: np.random.Generator) -> Sound:
    """Of RMS 1."""
    spectrum = np.fft.rfft(draw.standard_normal(samples))
    spectrum[1:] /= np.sqrt(np.arange(1, len(spectrum)))
    spectrum[0] = 0
    pink = np.fft.irfft(spectrum, n=samples)
    scaled: Sound = (pink / np.sqrt(np.mean(pink * pink))).astype(np.float32)
    return scaled


def _active(channel: Sound) -> Sound:
    """The samples of frames that are not silence; the whole channel when every frame is."""
    frames = channel[: len(channel) // FRAME * FRAME].reshape(-1, FRAME)
    rms = np.sqrt(np.mean(frames * frames, axis=1))
    loud = frames[rms > 10 ** (_ACTIVE_DB / 20)].reshape(-1)
    return loud if len(loud) else channel


def _speech_rms(channel: Sound) -> float:
    speech = _active(channel)
    return float(np.sqrt(np.mean(speech * speech)))
