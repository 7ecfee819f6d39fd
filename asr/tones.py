"""What sounds but is no speech: hold music, ring-back, dial tones. In: int16 mono PCM. Out: one flag per frame.

A note holds its spectrum from one frame to the next, a voice does not: a second in which most frames repeat the one
before is a tone. Such frames are not recognised: a ring-back gives a false word per tone, unbroken DTMF costs minutes.
"""

import numpy as np
import numpy.typing as npt

ALIKE = 0.95
"""Cosine of two neighbouring amplitude spectra. In the demo calls 5 % of speech frames reach it, 80 % of music."""
BRIDGE_FRAMES = 6
"""From note to note, and the pauses of DTMF."""
LEAST_FRAMES = 27
"""0.8 s: a voice holds no sound that long; a ring-back's tone is 1 s."""
LEAST_SHARE = 0.5
_CHUNK = 4_096
_LOWEST_HZ = 60

Samples = npt.NDArray[np.int16]
Flags = npt.NDArray[np.bool_]


def tone_flags(pcm: Samples, *, rate: int, frame_ms: int) -> Flags:
    """As many flags as there are whole frames. Digital silence is a tone, too: it is no speech either."""
    alike = _alike(pcm, rate * frame_ms // 1000, rate)
    flags = np.zeros(len(alike), np.bool_)
    for start, end in _bridged(np.flatnonzero(alike)):
        if end - start >= LEAST_FRAMES and alike[start:end].mean() >= LEAST_SHARE:
            flags[start:end] = True
    return flags


def _alike(pcm: Samples, hop: int, rate: int) -> Flags:
    """Whether each frame's spectrum repeats the one before. Windows are two frames long."""
    count = len(pcm) // hop
    padded = np.concatenate((pcm, np.zeros(hop, np.int16)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * hop)[::hop][:count]
    shape = np.hanning(2 * hop).astype(np.float32)
    lowest = _LOWEST_HZ * 2 * hop // rate + 1
    alike = np.zeros(count, np.bool_)
    before = np.zeros(0, np.float32)
    for at in range(0, count, _CHUNK):
        spectra = np.abs(np.fft.rfft(windows[at : at + _CHUNK] * shape, axis=1))[:, lowest:].astype(np.float32) + 1e-3
        spectra /= np.linalg.norm(spectra, axis=1, keepdims=True)
        previous = np.vstack((before if len(before) else spectra[0], spectra[:-1]))
        alike[at : at + _CHUNK] = (spectra * previous).sum(axis=1) > ALIKE
        before = spectra[-1]
    return alike


def _bridged(places: npt.NDArray[np.intp]) -> list[tuple[int, int]]:
    """Half-open runs of the places, short interruptions included."""
    if not len(places):
        return []
    breaks = np.flatnonzero(np.diff(places) > BRIDGE_FRAMES)
    firsts = places[np.concatenate(([0], breaks + 1))]
    lasts = places[np.concatenate((breaks, [len(places) - 1]))]
    return [(int(first), int(last) + 1) for first, last in zip(firsts, lasts, strict=True)]
