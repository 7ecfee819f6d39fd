"""Files to samples: the only import of soundfile and PyAV, in the decoder's process only. In: an open file. Out: Sound.

Three engines, in this order: libsndfile, PyAV's bundled codecs, the ffmpeg program; where two know a format they give
the same samples. All read the one file they are given: no protocol, no playlist, no network.
"""

import importlib
import importlib.util
import io
import os
import shutil
import struct
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import soundfile

from asr.limits import die_with_parent
from asr.patched_file import PatchedFile

ENGINES = ("soundfile", "pyav", "ffmpeg")
BLOCK_S = 10
_BLOCK_BYTES = 1 << 20
_FORMATS = "wav,w64,flac,ogg,mp3,amr,amrnb,amrwb,aiff,au,caf,mov,matroska,asf,aac,avi"
"""Demuxers that open nothing but the file in hand: no hls, dash, concat, sdp, image sequences."""
_PROTOCOLS = "file,pipe,fd"
_FORM_LEAST, _FLOAT_BITS = 16, 32

Block = npt.NDArray[np.float32]


class NotMine(Exception):
    """The engine does not know these bytes, or is not installed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """`blocks`: samples x channels, full scale 1.0; integers of any width come out exactly."""

    engine: str
    codec: str
    rate: int
    channels: int
    blocks: Iterator[Block]


Opener = Callable[[BinaryIO, str, int, set[str]], Sound]


def open_sound(
    file: BinaryIO, path: str, *, max_seconds: int, notes: set[str], engines: tuple[str, ...] = ENGINES
) -> Sound:
    """The first engine that knows the bytes. Raises NotMine with what each of them said."""
    said = []
    for name in engines:
        file.seek(0)
        try:
            return _OPENERS[name](file, path, max_seconds, notes)
        except NotMine as refusal:
            said.append(f"{name}: {refusal}")
    raise NotMine("; ".join(said))


def usable() -> dict[str, str]:
    """Engine to version, for the doctor; only those that are there. Imports them: ask in a child."""
    found = {"soundfile": str(soundfile.__libsndfile_version__)}
    if importlib.util.find_spec("av") is not None:
        found["pyav"] = str(importlib.import_module("av").__version__)
    if (program := shutil.which("ffmpeg")) is not None:
        found["ffmpeg"] = program
    return found


# --- libsndfile -------------------------------------------------------------------------------------------------------


def _through_soundfile(file: BinaryIO, path: str, max_seconds: int, notes: set[str]) -> Sound:
    try:
        # By its descriptor libsndfile reads by itself; a mended file must be read through Python.
        mended = isinstance(file.raw, PatchedFile) if isinstance(file, io.BufferedReader) else True
        if not mended:
            os.lseek(file.fileno(), 0, os.SEEK_SET)
        sound = soundfile.SoundFile(file if mended else file.fileno(), closefd=False)
    except (soundfile.LibsndfileError, TypeError) as error:  # TypeError: it asks for the form of headerless *.raw
        raise NotMine(str(error).replace(str(file), "the file")) from error
    codec = str(sound.subtype).lower()
    return Sound(
        engine="soundfile",
        codec=codec,
        rate=sound.samplerate,
        channels=sound.channels,
        blocks=_soundfile_blocks(sound, notes),
    )


def _soundfile_blocks(sound: soundfile.SoundFile, notes: set[str]) -> Iterator[Block]:
    with sound:
        while True:
            try:
                block = sound.read(sound.samplerate * BLOCK_S, dtype="float32", always_2d=True)
            except soundfile.LibsndfileError:
                notes.add("cut_short")  # a damaged tail: what came before it is true
                return
            if not len(block):
                return
            yield block


# --- PyAV -------------------------------------------------------------------------------------------------------------


def _through_pyav(file: BinaryIO, path: str, max_seconds: int, notes: set[str]) -> Sound:
    try:
        av = importlib.import_module("av")  # late: most recordings never need it, and it is slow to load
    except ImportError as error:
        raise NotMine("not installed") from error
    av.logging.set_level(av.logging.PANIC)
    try:
        container = av.open(
            file, options={"protocol_whitelist": _PROTOCOLS, "format_whitelist": _FORMATS}, metadata_errors="ignore"
        )
    except (av.FFmpegError, ValueError) as error:
        raise NotMine(f"{error.strerror if isinstance(error, OSError) else error}") from error
    if not container.streams.audio:
        raise NotMine("no sound in it")
    if any(stream.type == "video" for stream in container.streams):
        notes.add("has_video")
    stream = container.streams.audio[0]
    if stream.codec_context is None:
        raise NotMine("no decoder for its coding")
    return Sound(
        engine="pyav",
        codec=str(stream.codec_context.name),
        rate=stream.codec_context.sample_rate,
        channels=stream.codec_context.channels,
        blocks=_gathered(_pyav_frames(av, container, stream, notes)),
    )


def _pyav_frames(av: Any, container: Any, stream: Any, notes: set[str]) -> Iterator[Block]:
    rate, channels = stream.codec_context.sample_rate, stream.codec_context.channels
    with container:
        packets = container.demux(stream)
        while True:
            try:
                packet = next(packets, None)
                frames = [] if packet is None else packet.decode()
            except av.FFmpegError as error:
                if not isinstance(error, av.InvalidDataError):
                    notes.add("cut_short")
                    return
                notes.add("damaged")
                continue
            if packet is None:
                return
            for frame in frames:
                if frame.sample_rate != rate or frame.layout.nb_channels != channels:
                    notes.add("cut_short")  # another recording glued behind: its times would be wrong
                    return
                yield _floats(frame.to_ndarray(), channels, planar=frame.format.is_planar)


def _floats(samples: npt.NDArray[Any], channels: int, *, planar: bool) -> Block:
    table = samples.T if planar else samples.reshape(-1, channels)
    if table.dtype.kind == "f":
        return table.astype(np.float32)
    if table.dtype == np.uint8:
        return (table.astype(np.float32) - 128.0) / 128.0
    return (table / float(1 << (8 * table.dtype.itemsize - 1))).astype(np.float32)


def _gathered(frames: Iterator[Block]) -> Iterator[Block]:
    """Frames of 20 ms to blocks worth computing on."""
    held: list[Block] = []
    size = 0
    for frame in frames:
        held.append(frame)
        size += frame.nbytes
        if size >= _BLOCK_BYTES:
            yield np.concatenate(held)
            held, size = [], 0
    if held:
        yield np.concatenate(held)


# --- the ffmpeg program -----------------------------------------------------------------------------------------------


def _through_ffmpeg(file: BinaryIO, path: str, max_seconds: int, notes: set[str]) -> Sound:
    """The first audio stream as float WAV through a pipe. The program inherits this process's limits."""
    program = shutil.which("ffmpeg")
    if program is None:
        raise NotMine("not installed")
    # One second more than allowed, so that an overlong file is seen as such and not silently cut.
    command = [program, "-nostdin", "-v", "error", "-protocol_whitelist", _PROTOCOLS]
    command += ["-format_whitelist", _FORMATS, "-t", str(max_seconds + 1), "-i", f"file:{path}"]
    command += ["-map", "0:a:0", "-c:a", "pcm_f32le", "-bitexact", "-f", "wav", "pipe:1"]
    running = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        preexec_fn=die_with_parent,  # the decoder has one thread
    )
    assert running.stdout is not None
    form = _wav_form(running.stdout)
    if form is None:
        with running:
            running.kill()
        raise NotMine("it knows no sound in it")
    channels, rate, bits = form
    return Sound(
        engine="ffmpeg",
        codec="",
        rate=rate,
        channels=channels,
        blocks=_piped(running, running.stdout, channels, bits, notes),
    )


def _wav_form(stream: Any) -> tuple[int, int, int] | None:
    """Channels, rate, bits; the stream then stands at its first sample."""
    if stream.read(12)[:4] != b"RIFF":
        return None
    form: tuple[int, int, int] | None = None
    while len(head := stream.read(8)) == 8:
        name, length = struct.unpack("<4sI", head)
        if name == b"data":
            return form
        body = stream.read(length + length % 2)
        if name == b"fmt " and len(body) >= _FORM_LEAST:
            form = struct.unpack_from("<HI6xH", body, 2)
    return None


def _piped(
    running: "subprocess.Popen[bytes]", stream: Any, channels: int, bits: int, notes: set[str]
) -> Iterator[Block]:
    size = bits // 8 * channels
    with running:
        while chunk := stream.read(_BLOCK_BYTES // size * size):
            whole = chunk[: len(chunk) // size * size]
            samples = np.frombuffer(whole, "<f4" if bits == _FLOAT_BITS else "<i2")
            yield _floats(samples, channels, planar=False)
    if running.returncode:
        notes.add("cut_short")


_OPENERS: dict[str, Opener] = {
    "soundfile": _through_soundfile,
    "pyav": _through_pyav,
    "ffmpeg": _through_ffmpeg,
}


def as_stream(file: BinaryIO | io.RawIOBase) -> BinaryIO:
    """What the engines read from: buffered, so that a mended header does not cost a call per sample."""
    return io.BufferedReader(file, 1 << 18) if isinstance(file, io.RawIOBase) else file
