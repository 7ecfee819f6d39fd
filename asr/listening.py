"""One channel, heard once from start to end. In: int16 blocks of any length. Out: speech with its samples, other sound.

Keeps samples only near voice, so that twelve hours of silence need no memory; how blocks are cut never matters. The
voice detector is handed in. May not know: files, processes, the recogniser.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from asr.faults import AudioFault, AudioReason
from asr.segments import Stretch, stretches
from asr.tones import KINDS, ToneMeter, merged, tonal, without_tails

FRAME_MS = 30
PEAK_MS = 5
_CHUNK_FRAMES = 40
"""1.2 s: longer than any pad, so that what a region needs lies in a chunk with voice or beside one."""
_LOUDEST_SHARE = 95
_BELOW_SPEECH = 0.01
"""40 dB below the channel's own speech: coding noise, not words."""
_COARSE_STEPS = 1.2
"""An 8-bit recording's idle noise flickers between neighbouring steps, which passes for a voice with the detector."""
_LEAST_OTHER_MS = 60
_LOUD = 150.0
"""-47 dB: sound a person would notice, voice or not."""

Pcm = npt.NDArray[np.int16]


class Detector(Protocol):
    def flags(self, frames: Pcm, rms: npt.NDArray[np.float32]) -> npt.NDArray[np.bool_]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """Sound that is no speech; `kind` is one of asr.tones.KINDS."""

    start_ms: int
    end_ms: int
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    duration_ms: int
    speech: tuple[tuple[Stretch, bytes], ...]
    """int16 little endian at the rate given."""
    other: tuple[Other, ...]
    loudest: Pcm
    """The loudest sample of each PEAK_MS."""


class Listener:
    """Owner of what one channel has said so far: `push` blocks in order, then `finish` once."""

    def __init__(self, *, rate: int, detector: Detector, most_speech_s: int) -> None:
        self._rate = rate
        self._hop = rate * FRAME_MS // 1000
        self._detector = detector
        self._most_chunks = most_speech_s * 1000 // (FRAME_MS * _CHUNK_FRAMES) + 1
        self._tones = ToneMeter(rate=rate, hop=self._hop)
        self._left: Pcm = np.zeros(0, np.int16)
        self._samples = 0
        self._voiced: list[npt.NDArray[np.bool_]] = []
        self._rms: list[npt.NDArray[np.float32]] = []
        self._loudest: list[Pcm] = []
        self._chunks: list[Pcm | None] = []
        self._chunk_voices: list[bool] = []
        self._kept = 0

    def push(self, block: Pcm) -> None:
        """Raises AudioFault(too_long) when there is more voice than a recording may have."""
        self._samples += len(block)
        whole = np.concatenate((self._left, block))
        size = self._hop * _CHUNK_FRAMES
        used = len(whole) // size * size
        if used:
            self._take(whole[:used])
        self._left = whole[used:]

    def finish(self, *, coarse: float = 0.0) -> Heard:
        """`coarse`: the recording's own step in int16 units where it has fewer than 16 bits."""
        used = len(self._left) // self._hop * self._hop
        tail = self._left[used:]
        if used:
            self._take(self._left[:used])
        if len(tail):
            self._loudest.append(_loudest(tail, self._rate))
            last = self._chunks.pop() if used else None
            self._chunks.append(tail if last is None else np.concatenate((last, tail)))
        duration_ms = self._samples * 1000 // self._rate
        voiced, rms = _joined(self._voiced, np.bool_), _joined(self._rms, np.float32)
        tones, runs = tonal(*self._tones.finish())
        spoken = without_tails(voiced & ~tones, tones)
        spoken &= rms >= _floor(rms[spoken], coarse)
        others = merged(runs, spoken, rms > max(1.0, coarse * _COARSE_STEPS))
        return Heard(
            duration_ms=duration_ms,
            speech=tuple((found, self._cut(found)) for found in stretches(spoken.tolist(), duration_ms=duration_ms)),
            other=tuple(
                Other(start_ms=run.first * FRAME_MS, end_ms=run.end * FRAME_MS, kind=KINDS[run.kind])
                for run in others
                if (run.end - run.first) * FRAME_MS >= _LEAST_OTHER_MS
            ),
            loudest=_joined(self._loudest, np.int16),
        )

    def _take(self, samples: Pcm) -> None:
        frames = samples.reshape(-1, self._hop)
        if samples.any():
            rms = np.sqrt(np.einsum("ij,ij->i", frames, frames, dtype=np.float32, casting="unsafe") / self._hop)
            voiced = self._detector.flags(frames, rms)
        else:
            rms, voiced = np.zeros(len(frames), np.float32), np.zeros(len(frames), np.bool_)
        self._tones.push(frames, voiced | (rms > _LOUD))
        self._voiced.append(voiced)
        self._rms.append(rms.astype(np.float32))
        self._loudest.append(_loudest(samples, self._rate))
        for at in range(0, len(frames), _CHUNK_FRAMES):
            self._keep(frames[at : at + _CHUNK_FRAMES].ravel(), voiced=bool(voiced[at : at + _CHUNK_FRAMES].any()))

    def _keep(self, chunk: Pcm, *, voiced: bool) -> None:
        """A chunk stays when it or a neighbour holds voice; the newest always stays until its successor is known."""
        self._chunks.append(chunk.copy())
        self._chunk_voices.append(voiced)
        self._kept += 1
        if len(self._chunks) > 1 and not any(self._chunk_voices[-3:]):
            self._chunks[-2] = None
            self._kept -= 1
        if self._kept > self._most_chunks:
            raise AudioFault(AudioReason.TOO_LONG, "more sound like voice than a recording may have")

    def _cut(self, found: Stretch) -> bytes:
        """The samples of a region; what was thrown away lies below hearing and comes back as silence."""
        size = self._hop * _CHUNK_FRAMES
        first, end = (at * self._rate // 1000 for at in (found.start_ms, found.end_ms))
        parts = []
        for number in range(first // size, -(-end // size)):
            chunk = self._chunks[number] if number < len(self._chunks) else None
            begin = number * size
            whole = np.zeros(size, np.int16) if chunk is None else chunk
            parts.append(whole[max(0, first - begin) : end - begin])
        return np.concatenate(parts).astype("<i2").tobytes()


def _floor(spoken: npt.NDArray[np.float32], coarse: float) -> float:
    """Loudness below which a frame that sounds like voice is none."""
    speech = float(np.percentile(spoken, _LOUDEST_SHARE)) if len(spoken) else 0.0
    return max(speech * _BELOW_SPEECH, coarse * _COARSE_STEPS)


def _loudest(samples: Pcm, rate: int) -> Pcm:
    starts = np.arange(0, len(samples), rate * PEAK_MS // 1000)
    if not samples.any():
        return np.zeros(len(starts), np.int16)
    loud = np.maximum(np.maximum.reduceat(samples, starts), -1 - np.minimum.reduceat(samples, starts))
    return np.asarray(loud, np.int16)


def _joined(parts: Sequence[npt.NDArray[np.generic]], kind: type) -> npt.NDArray:  # type: ignore[type-arg]
    return np.concatenate(parts) if parts else np.zeros(0, kind)
