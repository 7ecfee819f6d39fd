"""The decoder's process. In: `Decode` frames on stdin. Out: frames on stdout.

Each file is read in a fork of this warm process, which never touches a file itself: limits are set before the file is
opened, a fault is one `Refused` frame with its reason, and a fork that dies takes this process with it, so that no half
answer stands before a whole one. Silence never leaves the fork.
"""

import gc
import os
import signal
import stat
import sys
from collections.abc import Iterator
from typing import BinaryIO, NoReturn

import numpy as np
import numpy.typing as npt

from asr import energy, vad
from asr.faults import AudioFault, AudioReason
from asr.formats import format_of, named_otherwise
from asr.limits import cpu_ms, die_with_parent, limit_process
from asr.listening import Detector, Heard, Listener
from asr.patched_file import PatchedFile
from asr.peaks import peaks
from asr.resample import Resampler
from asr.sound_files import ENGINES, NotMine, Sound, as_stream, open_sound
from asr.wav_lengths import HEAD_BYTES, length_notes, missing_lengths
from asr.wire import Decode, DecodedHead, OtherSound, Refused, Region, decode_request, frame, read_frame

_LOWEST_RATE, _HIGHEST_RATE = 4_000, 192_000
_MOST_CHANNELS = 8
_LEAST_MS = 100
_OPEN_FILES = 32
_COARSE_STEP = 256
"""One step of 8 bits, in units of 16."""
_FORK_FAILED = 70

Pcm = npt.NDArray[np.int16]


def main() -> int:
    die_with_parent()
    gc.freeze()  # what is loaded stays shared with the forks instead of being copied page by page
    while (body := read_frame(sys.stdin.buffer)) is not None:
        asked = decode_request(body)
        parent = os.getpid()
        child = os.fork()
        if child == 0:
            _end_of_fork(asked, parent)
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            # The parent tells "out of CPU time" from a crash by the signal: end in the same way.
            signal.signal(os.WTERMSIG(status), signal.SIG_DFL) if os.WTERMSIG(status) != signal.SIGKILL else None
            os.kill(os.getpid(), os.WTERMSIG(status))
        if code := os.WEXITSTATUS(status):
            return code
    return 0


def _end_of_fork(asked: Decode, parent: int) -> NoReturn:
    """A fork must never return into the loop of its parent. What goes wrong beyond AudioFault is this file's bug or a
    limit: its last words go to stderr."""
    code = _FORK_FAILED
    try:
        die_with_parent(parent)
        limit_process(cpu_s=asked.cpu_seconds, memory_mb=asked.memory_mb, files=_OPEN_FILES)
        _answer(asked, sys.stdout.buffer)
        code = 0
    finally:
        if (error := sys.exception()) is not None:
            os.write(2, f"{type(error).__name__}: {error}\n".encode(errors="replace"))
        os._exit(code)


def _answer(asked: Decode, out: BinaryIO) -> None:
    try:
        with open_regular(asked.path) as file:
            for message in _decoded(file, asked):
                out.write(frame(message))
    except AudioFault as fault:
        out.write(frame(Refused(reason=fault.reason, detail=fault.detail)))
    out.flush()


def open_regular(path: str) -> BinaryIO:
    """Regular files only: a FIFO or a device would make the reader wait for ever."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise AudioFault(AudioReason.MISSING_FILE, "no such file") from None
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the name
        raise AudioFault(AudioReason.UNREADABLE, getattr(error, "strerror", "") or "cannot be opened") from error
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise AudioFault(AudioReason.UNREADABLE, "not a regular file")
    if status.st_size == 0:
        os.close(descriptor)
        raise AudioFault(AudioReason.EMPTY, "the file has no bytes")
    return open(descriptor, "rb")


def _decoded(file: BinaryIO, asked: Decode) -> Iterator[DecodedHead | Region]:
    notes: set[str] = set()
    sound = sound_of(file, asked, notes)
    channels, heard = _listened(sound, asked, notes)
    if heard[0].duration_ms < _LEAST_MS:
        raise AudioFault(AudioReason.EMPTY, f"{heard[0].duration_ms} ms of sound")
    regions = [
        Region(channel=number, start_ms=found.start_ms, end_ms=found.end_ms, pcm=pcm)
        for number, one in enumerate(heard)
        for found, pcm in one.speech
    ]
    if not vad.AVAILABLE:
        notes.add("energy_regions")
    yield DecodedHead(
        rate=asked.rate,
        source_rate=sound.rate,
        channels=channels,
        duration_ms=heard[0].duration_ms,
        peaks=tuple(tuple(peaks(one.loudest, asked.buckets)) for one in heard),
        regions=len(regions),
        notes=tuple(sorted(notes)),
        cpu_ms=cpu_ms(),
        other=tuple(
            OtherSound(channel=number, start_ms=span.start_ms, end_ms=span.end_ms, kind=span.kind)
            for number, one in enumerate(heard)
            for span in one.other
        ),
        engine=sound.engine,
        codec=sound.codec,
    )
    yield from regions


def sound_of(file: BinaryIO, asked: Decode, notes: set[str]) -> Sound:
    head, size = file.read(HEAD_BYTES), os.fstat(file.fileno()).st_size
    form = format_of(head)
    if form is None:
        raise AudioFault(AudioReason.NOT_AUDIO, "its bytes are of no known audio format")
    if named_otherwise(asked.path, form):
        notes.add(f"really_{form}")
    notes.update(length_notes(head, size))
    missing = missing_lengths(head, size)
    whole = as_stream(PatchedFile(file, missing)) if missing else file
    engines = asked.engines or ENGINES
    try:
        sound = open_sound(whole, asked.path, max_seconds=asked.max_seconds, notes=notes, engines=engines)
    except NotMine as error:
        raise AudioFault(AudioReason.NOT_AUDIO, f"it begins like {form}, but: {error}") from error
    if not _LOWEST_RATE <= sound.rate <= _HIGHEST_RATE:
        raise AudioFault(AudioReason.UNSUPPORTED_RATE, f"{sound.rate} Hz")
    if not 1 <= sound.channels <= _MOST_CHANNELS:
        raise AudioFault(AudioReason.UNSUPPORTED_CHANNELS, f"{sound.channels} channels")
    return sound


def _listened(sound: Sound, asked: Decode, notes: set[str]) -> tuple[int, list[Heard]]:
    """How many channels, and each heard to its end at the wanted rate. What is there counts, not what a header says."""
    ears = [Listener(rate=asked.rate, detector=_detector(asked.rate), most_speech_s=asked.max_voice_seconds)]
    turned = [_resampler(sound.rate, asked.rate)]
    ears += [
        Listener(rate=asked.rate, detector=_detector(asked.rate), most_speech_s=asked.max_voice_seconds)
        for _ in range(1, sound.channels)
    ]
    turned += [_resampler(sound.rate, asked.rate) for _ in range(1, sound.channels)]
    read, sounded, coarse, alike = 0, False, True, sound.channels > 1
    for block in sound.blocks:
        read += len(block)
        if read > asked.max_seconds * sound.rate:
            raise AudioFault(AudioReason.TOO_LONG, f"more than {asked.max_seconds} s of sound")
        sounding = bool(block.any())
        sounded = sounded or sounding
        clean = _finite(block, notes) if sounding else block
        coarse = coarse and (not sounding or bool((np.rint(clean * 128.0) == clean * 128.0).all()))
        alike = alike and (not sounding or bool((clean == clean[:, :1]).all()))
        for ear, turn, samples in zip(ears, turned, clean.T, strict=True):
            if turn is None and not sounding:
                ear.push(np.zeros(len(block), np.int16))
            else:
                ear.push(_int16(samples if turn is None else turn.push(samples)))
    if not read:
        raise AudioFault(AudioReason.EMPTY, "a header without sound")
    for ear, turn in zip(ears, turned, strict=True):
        if turn is not None:
            ear.push(_int16(turn.finish()))
    if alike and sounded:
        notes.add("same_channels")  # one microphone written twice: it is mono, whatever the header says
        ears = ears[:1]
    coarse = coarse and sounded
    if coarse:
        notes.add("eight_bit")
    if len(ears) == 1:
        notes.add("mono")
    return len(ears), [ear.finish(coarse=_COARSE_STEP if coarse else 0) for ear in ears]


def _detector(rate: int) -> Detector:
    return vad.WebrtcDetector(rate) if vad.AVAILABLE else energy.EnergyDetector()


def _resampler(source: int, target: int) -> Resampler | None:
    return None if source == target else Resampler(source, target)


def _finite(block: npt.NDArray[np.float32], notes: set[str]) -> npt.NDArray[np.float32]:
    if np.isfinite(block).all():
        return block
    notes.add("not_finite")
    return np.nan_to_num(block, nan=0.0, posinf=1.0, neginf=-1.0)


def _int16(samples: npt.NDArray[np.float32]) -> Pcm:
    whole: Pcm = np.clip(np.rint(samples * 32_768.0), -32_768, 32_767).astype(np.int16)
    return whole


if __name__ == "__main__":
    raise SystemExit(main())
