"""The voice detector: the only import of webrtcvad. In: int16 mono PCM by frames. Out: one flag per 30 ms frame.

Runs in the decode child. Mode 1 kept 99.9 % of the speech of the demo calls; sharper modes save little more. Where the
library is not installed, loudness above the channel's own floor decides (asr/energy.py).
"""

import numpy as np
import numpy.typing as npt

try:
    import webrtcvad
except ImportError:  # pragma: no cover - the wheel exists for every platform we test on
    webrtcvad = None

FRAME_MS = 30
MODE = 1
_WARM_UP = 10
"""The detector calls its first frames speech until it knows the noise: it hears some frames twice."""

AVAILABLE = webrtcvad is not None

Frames = npt.NDArray[np.int16]
Flags = npt.NDArray[np.bool_]


class WebrtcDetector:
    """Owner of one channel's noise model; `rate` is 8000, 16000, 32000 or 48000 (the detector's own list)."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._vad = webrtcvad.Vad(MODE)
        self._warm = False

    def flags(self, frames: Frames, rms: npt.NDArray[np.float32]) -> Flags:
        """`frames`: one row each. Frames without any sound are not asked about: the detector ignores them, too."""
        heard = np.zeros(len(frames), np.bool_)
        sounding = np.flatnonzero(rms > 0)
        raw = frames.astype("<i2", copy=False)
        if not self._warm and len(sounding):
            self._warm = True
            for place in sounding[:_WARM_UP]:
                self._vad.is_speech(raw[place].tobytes(), self._rate)
        for place in sounding:
            heard[place] = self._vad.is_speech(raw[place].tobytes(), self._rate)
        return heard
