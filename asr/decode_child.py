"""The decoder's process: the only import of soundfile. In: argv (a file, a rate, caps). Out: frames on stdout.

Reads whatever is there, whatever the header says; finds the speech, so that silence never leaves this process. Trusts
nothing: limits are set before the file is opened, a fault is one `Refused` frame with its reason.
"""

import argparse
import io
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import soundfile

from asr.faults import AudioFault, AudioReason
from asr.limits import cpu_ms, limit_process
from asr.peaks import peaks
from asr.resample import Resampler
from asr.segments import stretches
from asr.tones import tone_flags
from asr.vad import FRAME_MS, speech_flags
from asr.wav_lengths import HEAD_BYTES, missing_lengths
from asr.wire import DecodedHead, Refused, Region, frame

_BLOCK_S = 10
_LOWEST_RATE, _HIGHEST_RATE = 4_000, 192_000
_MOST_CHANNELS = 8
_LEAST_MS = 100

Pcm = npt.NDArray[np.int16]


def main() -> int:
    parser = argparse.ArgumentParser(prog="asr.decode_child")
    parser.add_argument("path")
    for name in ("rate", "max-seconds", "buckets", "cpu-seconds", "memory-mb"):
        parser.add_argument(f"--{name}", type=int, required=True)
    asked = parser.parse_args()
    limit_process(cpu_s=asked.cpu_seconds, memory_mb=asked.memory_mb)
    out = sys.stdout.buffer
    try:
        with _open(asked.path) as file:
            for message in _decoded(file, asked.path, asked):
                out.write(frame(message))
    except AudioFault as fault:
        out.write(frame(Refused(reason=fault.reason, detail=fault.detail)))
    out.flush()
    return 0


def _open(path: str) -> BinaryIO:
    """Regular files only: a FIFO or a device would make the reader wait for ever."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise AudioFault(AudioReason.MISSING_FILE, "no such file") from None
    except OSError as error:
        raise AudioFault(AudioReason.UNREADABLE, error.strerror or "cannot be opened") from error
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise AudioFault(AudioReason.UNREADABLE, "not a regular file")
    if status.st_size == 0:
        os.close(descriptor)
        raise AudioFault(AudioReason.EMPTY, "the file has no bytes")
    return open(descriptor, "rb")


def _with_lengths(file: BinaryIO, notes: set[str]) -> BinaryIO:
    """The file itself, or a copy in memory whose header tells its true length."""
    missing = missing_lengths(file.read(HEAD_BYTES), os.fstat(file.fileno()).st_size)
    file.seek(0)
    if not missing:
        return file
    notes.add("length_missing")
    whole = bytearray(file.read())
    for offset, value in missing.items():
        whole[offset : offset + len(value)] = value
    return io.BytesIO(whole)


def _decoded(file: BinaryIO, path: str, asked: argparse.Namespace) -> Iterator[DecodedHead | Region]:
    notes: set[str] = set()
    with _sound(_with_lengths(file, notes), path, asked.max_seconds) as sound:
        source_rate, count = sound.samplerate, sound.channels
        if not _LOWEST_RATE <= source_rate <= _HIGHEST_RATE:
            raise AudioFault(AudioReason.UNSUPPORTED_RATE, f"{source_rate} Hz")
        if count > _MOST_CHANNELS:
            raise AudioFault(AudioReason.UNSUPPORTED_CHANNELS, f"{count} channels")
        channels = _samples(sound, asked.rate, asked.max_seconds, notes)
    duration_ms = len(channels[0]) * 1000 // asked.rate
    if duration_ms < _LEAST_MS:
        raise AudioFault(AudioReason.EMPTY, f"{duration_ms} ms of sound")
    regions = [region for number, pcm in enumerate(channels) for region in _speech(pcm, number, asked.rate)]
    yield DecodedHead(
        rate=asked.rate,
        source_rate=source_rate,
        channels=count,
        duration_ms=duration_ms,
        peaks=tuple(tuple(peaks(pcm, asked.buckets)) for pcm in channels),
        regions=len(regions),
        notes=tuple(sorted(notes)),
        cpu_ms=cpu_ms(),
    )
    yield from regions


def _sound(file: BinaryIO, path: str, max_seconds: int) -> soundfile.SoundFile:
    try:
        return soundfile.SoundFile(file)
    except (soundfile.LibsndfileError, TypeError) as error:  # TypeError: it asks for the format of headerless *.raw
        converted = _through_ffmpeg(path, max_seconds)
        if converted is None:
            raise AudioFault(AudioReason.NOT_AUDIO, f"libsndfile: {error}; no ffmpeg program to try") from error
    try:
        return soundfile.SoundFile(io.BytesIO(converted))
    except soundfile.LibsndfileError as error:
        raise AudioFault(AudioReason.NOT_AUDIO, "neither libsndfile nor ffmpeg knows the format") from error


def _through_ffmpeg(path: str, max_seconds: int) -> bytes | None:
    """The first audio stream as WAV; None where the program is not installed. It inherits this process's limits."""
    program = shutil.which("ffmpeg")
    if program is None:
        return None
    # One second more than allowed, so that an overlong file is seen as such and not silently cut.
    command = [program, "-nostdin", "-v", "error", "-protocol_whitelist", "file,pipe", "-t", str(max_seconds + 1)]
    command += ["-i", f"file:{path}", "-map", "0:a:0", "-c:a", "pcm_s16le", "-f", "wav", "pipe:1"]
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False).stdout


def _samples(sound: soundfile.SoundFile, rate: int, max_seconds: int, notes: set[str]) -> list[Pcm]:
    """Every channel at `rate`. What is there counts, not what the header promises."""
    parts: list[list[Pcm]] = [[] for _ in range(sound.channels)]
    turned = [Resampler(sound.samplerate, rate) if sound.samplerate != rate else None for _ in parts]
    read = 0
    for block in _blocks(sound, notes):
        read += len(block)
        if read > max_seconds * sound.samplerate:
            raise AudioFault(AudioReason.TOO_LONG, f"more than {max_seconds} s of sound")
        if not np.isfinite(block).all():
            notes.add("not_finite")
            block = np.nan_to_num(block, nan=0.0, posinf=1.0, neginf=-1.0)
        for part, turn, samples in zip(parts, turned, block.T, strict=True):
            part.append(_int16(samples if turn is None else turn.push(samples)))
    if not read:
        raise AudioFault(AudioReason.EMPTY, "a header without sound")
    for part, turn in zip(parts, turned, strict=True):
        if turn is not None:
            part.append(_int16(turn.finish()))
    return [np.concatenate(part) for part in parts]


def _blocks(sound: soundfile.SoundFile, notes: set[str]) -> Iterator[npt.NDArray[np.float32]]:
    while True:
        try:
            block = sound.read(sound.samplerate * _BLOCK_S, dtype="float32", always_2d=True)
        except soundfile.LibsndfileError:
            notes.add("cut_short")  # a damaged tail: what came before it is true
            return
        if not len(block):
            return
        yield block


def _int16(samples: npt.NDArray[np.float32]) -> Pcm:
    whole: Pcm = np.clip(np.rint(samples * 32_768.0), -32_768, 32_767).astype(np.int16)
    return whole


def _speech(pcm: Pcm, channel: int, rate: int) -> Iterator[Region]:
    raw = pcm.astype("<i2").tobytes()
    per_ms = rate // 1000 * 2
    duration_ms = len(raw) // per_ms
    tones = tone_flags(pcm, rate=rate, frame_ms=FRAME_MS)
    voices = [voice and not tone for voice, tone in zip(speech_flags(raw, rate=rate), tones, strict=True)]
    for found in stretches(voices, duration_ms=duration_ms):
        piece = raw[found.start_ms * per_ms : found.end_ms * per_ms]
        yield Region(channel=channel, start_ms=found.start_ms, end_ms=found.end_ms, pcm=piece)


if __name__ == "__main__":
    raise SystemExit(main())
