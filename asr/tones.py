"""What sounds but is no speech: hold music, ring-back, keys, fax. In: int16 mono frames. Out: a flag per frame, spans.

A note holds its spectrum from one frame to the next, a voice does not: a second in which most frames repeat the one
before is a tone. Telephone signals are known by their frequencies, even when short. None of it is recognised: a
ring-back gives a false word per tone, unbroken keys cost minutes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

ALIKE = 0.95
"""Cosine of two neighbouring amplitude spectra. In the demo calls 5 % of speech frames reach it, 80 % of music."""
BRIDGE_FRAMES = 6
"""From note to note, and the pauses of DTMF."""
LEAST_FRAMES = 27
"""0.8 s: a voice holds no sound that long; a ring-back's tone is 1 s."""
LEAST_SHARE = 0.5
PURE = 0.85
"""Share of a frame's power in one or two narrow peaks: a signal's frame has more, a voice's less."""
_FAINTEST = 30.0**2
"""Mean square of a frame (-61 dB) below which its spectrum is not looked at: line noise."""
_LOWEST_HZ = 60
_CHUNK = 2_048
_BESIDE = 2
"""Bins on each side of a peak that belong to it (the window's main lobe)."""
_LEAST_PEAK = 0.2
_TWIST = 16.0
"""12 dB between the two tones of a key: more is no key."""

NOTHING, RING_BACK, DTMF, FAX, TONE, MUSIC = range(6)
KINDS = ("", "ring_back", "dtmf", "fax", "tone", "music")
_LEAST_PURE: Mapping[int, int] = MappingProxyType({RING_BACK: 12, DTMF: 2, FAX: 12, TONE: 20})
"""Frames: a key is pressed for 60 ms; a short whistle or vowel must not pass for a ring-back."""
_MERGE_FRAMES: Mapping[int, int] = MappingProxyType({RING_BACK: 150, DTMF: 34, FAX: 100, TONE: 34, MUSIC: 50})
"""4.5 s: from one ring-back to the next, if nobody speaks between them."""
_TAIL_FRAMES = 9
"""0.27 s: the detectors hold on for 0.24 s; hardly a word said within 60 ms of a tone is shorter."""
_EDGE_FRAMES = 2
_ROWS = np.array([697, 770, 852, 941])
_COLUMNS = np.array([1209, 1336, 1477, 1633])
_FAX = np.array([1100, 2100])

Samples = npt.NDArray[np.int16]
Flags = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tonal:
    """Half-open range of frames and its kind, one of KINDS."""

    first: int
    end: int
    kind: int


class ToneMeter:
    """Owner of one channel's last frame: `push` frames in order, then `finish` once."""

    def __init__(self, *, rate: int, hop: int) -> None:
        self._hop = hop
        self._window = np.hanning(2 * hop).astype(np.float32)
        self._hz = rate / (2 * hop)
        self._lowest = int(_LOWEST_HZ / self._hz) + 1
        self._last = np.zeros((0, hop), np.int16)
        self._last_worth = np.zeros(0, np.bool_)
        self._before = np.zeros(0, np.float32)
        self._alike: list[Flags] = []
        self._codes: list[Codes] = []

    def push(self, frames: Samples, worth: Flags) -> None:
        """One row per frame; `worth`: whether it is worth a look, a voice or loud. The others are no tone."""
        self._measure(np.concatenate((self._last, frames)), np.concatenate((self._last_worth, worth)))
        if len(frames):
            self._last, self._last_worth = frames[-1:], worth[-1:]

    def finish(self) -> tuple[Flags, Codes]:
        """Per frame: whether its spectrum repeats the one before, and the signal it holds."""
        if len(self._last):
            self.push(np.zeros((1, self._hop), np.int16), np.zeros(1, np.bool_))
        if not self._alike:
            return np.zeros(0, np.bool_), np.zeros(0, np.int8)
        return np.concatenate(self._alike), np.concatenate(self._codes)

    def _measure(self, rows: Samples, worth: Flags) -> None:
        """Windows are two frames long, so the last row waits for its successor."""
        for at in range(0, len(rows) - 1, _CHUNK):
            part = rows[at : at + _CHUNK + 1]
            count = len(part) - 1
            alike, codes = np.ones(count, np.bool_), np.zeros(count, np.int8)
            levels = np.einsum("ij,ij->i", part, part, dtype=np.float32, casting="unsafe") / self._hop
            looked = (levels[:-1] >= _FAINTEST) & worth[at : at + count]
            alike[(levels[:-1] > 1) & ~looked] = False
            sounding = np.flatnonzero(looked)
            if len(sounding):
                windows = np.concatenate((part[sounding], part[sounding + 1]), axis=1)
                spectra = np.abs(np.fft.rfft(windows * self._window, axis=1))[:, self._lowest :].astype(np.float32)
                alike[sounding] = self._repeats(spectra)
                codes[sounding] = self._signals(spectra)
            self._alike.append(alike)  # digital silence counts as a tone: it is no speech either
            self._codes.append(codes)

    def _repeats(self, spectra: npt.NDArray[np.float32]) -> Flags:
        shapes = spectra + np.float32(1e-3)
        shapes /= np.linalg.norm(shapes, axis=1, keepdims=True)
        previous = np.vstack((self._before if len(self._before) else shapes[0], shapes[:-1]))
        self._before = shapes[-1]
        repeats: Flags = np.einsum("ij,ij->i", shapes, previous) > ALIKE
        return repeats

    def _signals(self, spectra: npt.NDArray[np.float32]) -> Codes:
        codes = np.zeros(len(spectra), np.int8)
        power = spectra * spectra
        sums = power.sum(axis=1) + np.float32(1e-3)
        # The strongest bin of a tone between two bins holds some 0.4 of its power, and a key has two tones.
        peaked = np.flatnonzero(power.max(axis=1) > _LEAST_PEAK * sums)
        if len(peaked):
            codes[peaked] = self._named(power[peaked], sums[peaked])
        return codes

    def _named(self, power: npt.NDArray[np.float32], total: npt.NDArray[np.float32]) -> Codes:
        first, first_power = self._peak(power)
        one = first_power > PURE * total
        second, second_power = self._peak(power)
        codes = np.zeros(len(power), np.int8)
        low, high = np.minimum(first, second), np.maximum(first, second)
        even = (second_power * _TWIST > first_power) & (first_power + second_power > PURE * total)
        codes[even & _near(low, _ROWS) & _near(high, _COLUMNS)] = DTMF
        codes[one] = TONE
        codes[one & _near(first, _FAX)] = FAX
        codes[one & (first > 395) & (first < 495)] = RING_BACK
        return codes

    def _peak(self, power: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Centre frequency and power of each row's highest peak, which is then taken out of `power`."""
        beside = np.arange(-_BESIDE, _BESIDE + 1)
        places = np.clip(power.argmax(axis=1)[:, None] + beside, 0, power.shape[1] - 1)
        near = np.take_along_axis(power, places, axis=1)
        sums = near.sum(axis=1) + np.float32(1e-6)
        centres = ((near * (places + self._lowest)).sum(axis=1) / sums * self._hz).astype(np.float32)
        np.put_along_axis(power, places, np.float32(0), axis=1)
        return centres, sums


def _near(hertz: npt.NDArray[np.float32], wanted: npt.NDArray[np.int_]) -> Flags:
    return np.asarray((np.abs(hertz[:, None] - wanted) < wanted * 0.025 + 4).any(axis=1), np.bool_)


def tonal(alike: Flags, codes: Codes) -> tuple[Flags, list[Tonal]]:
    """Which frames are tones, and the runs they make, by kind, in order."""
    runs = [_kinded(start, end, codes) for start, end in _held(alike)]
    for kind, least in _LEAST_PURE.items():
        runs += [
            Tonal(first=start, end=end, kind=kind)
            for start, end in _bridged(np.flatnonzero(codes == kind), 2)
            if end - start >= least
        ]
    flags = np.zeros(len(alike), np.bool_)
    for run in runs:
        flags[run.first : run.end] = True
    return flags, sorted(runs, key=lambda run: (run.first, run.end))


def without_tails(spoken: Flags, tones: Flags) -> Flags:
    """The voice without its short runs at a tone's edge: the detector's own tail, and the change from note to note."""
    clean = spoken.copy()
    for start, end in _bridged(np.flatnonzero(spoken), 1):
        beside = tones[max(0, start - _EDGE_FRAMES) : start].any() or tones[end : end + _EDGE_FRAMES].any()
        if end - start <= _TAIL_FRAMES and beside:
            clean[start:end] = False
    return clean


def merged(runs: list[Tonal], spoken: Flags, loud: Flags) -> list[Tonal]:
    """Neighbours of one kind become one where nobody speaks between; runs without sound (`loud`) are silence."""
    found: list[Tonal] = []
    for run in runs:
        if not loud[run.first : run.end].any():
            continue
        before = found[-1] if found else None
        if before is not None and run.first < before.end:
            same = before if run.end - run.first <= before.end - before.first else run
            found[-1] = Tonal(first=before.first, end=max(before.end, run.end), kind=same.kind)
        elif (
            before is not None
            and before.kind == run.kind
            and run.first - before.end <= _MERGE_FRAMES[run.kind]
            and not spoken[before.end : run.first].any()
        ):
            found[-1] = Tonal(first=before.first, end=run.end, kind=run.kind)
        else:
            found.append(run)
    return found


def _held(alike: Flags) -> list[tuple[int, int]]:
    return [
        (start, end)
        for start, end in _bridged(np.flatnonzero(alike), BRIDGE_FRAMES)
        if end - start >= LEAST_FRAMES and alike[start:end].mean() >= LEAST_SHARE
    ]


def _kinded(start: int, end: int, codes: Codes) -> Tonal:
    """Music, unless most of its frames hold one signal."""
    counts = np.bincount(codes[start:end], minlength=len(KINDS))
    kind = int(counts[1:].argmax()) + 1
    return Tonal(first=start, end=end, kind=kind if counts[kind] * 2 > end - start else MUSIC)


def _bridged(places: npt.NDArray[np.intp], bridge: int) -> list[tuple[int, int]]:
    """Half-open runs of the places, short interruptions included."""
    if not len(places):
        return []
    breaks = np.flatnonzero(np.diff(places) > bridge)
    firsts = places[np.concatenate(([0], breaks + 1))]
    lasts = places[np.concatenate((breaks, [len(places) - 1]))]
    return [(int(first), int(last) + 1) for first, last in zip(firsts, lasts, strict=True)]
