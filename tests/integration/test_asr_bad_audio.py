"""Files that are not what they say: each ends with a reason or with what is truly there, and nothing hangs."""

import asyncio
import os
import struct
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import soundfile

from asr.audio import Decoded, DecodeLimits, decode
from asr.faults import AudioFault, AudioReason
from asr.models import DEMO_CALLS_DIR

pytestmark = pytest.mark.vosk
CALL = DEMO_CALLS_DIR / "c06_dead_air.flac"
SECONDS = 20


def speech(channels: int = 2) -> np.ndarray:
    """The first seconds of a demo call, 8 kHz."""
    sound, _ = soundfile.read(CALL, frames=SECONDS * 8_000, dtype="int16", always_2d=True)
    return sound[:, :channels]


def header(*, riff: int, data: int, rate: int = 8_000, channels: int = 2) -> bytes:
    """A PCM WAV header with the two lengths as given."""
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, channels, rate, rate * channels * 2, channels * 2, 16)
    return struct.pack("<4sI4s", b"RIFF", riff, b"WAVE") + form + struct.pack("<4sI", b"data", data)


def heard(path: Path, **limits: float) -> Decoded:
    return asyncio.run(decode(path, rate=8_000, limits=DecodeLimits(**limits)))  # type: ignore[arg-type]


def encoded(subtype: str, suffix: str = "wav", rate: int = 8_000, **format_: str) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        sound = np.repeat(speech(), rate // 8_000, axis=0).astype(np.float32) / 32_768
        soundfile.write(path.with_suffix(f".{suffix}"), sound, rate, subtype=subtype, **format_)
        path.with_suffix(f".{suffix}").rename(path)

    return write


def bytes_of(*parts: bytes) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(b"".join(parts)) and None


PCM = speech().tobytes()

READ = {
    "zero lengths": bytes_of(header(riff=0, data=0), PCM),  # a switch that crashed never came back to fill them in
    "unknown lengths": bytes_of(header(riff=0xFFFFFFFF, data=0xFFFFFFFF), PCM),
    "promises more": bytes_of(header(riff=9_000_036, data=9_000_000), PCM),
    "odd byte count": bytes_of(header(riff=len(PCM) + 37, data=len(PCM) + 1), PCM, b"\0"),
    "mp3 named wav": encoded("MPEG_LAYER_III", "mp3"),
    "opus named wav": encoded("OPUS", "ogg"),
    "a-law": encoded("ALAW"),
    "mu-law": encoded("ULAW"),
    "8 bit": encoded("PCM_U8"),
    "float": encoded("FLOAT"),
    "16 kHz": encoded("PCM_16", rate=16_000),
    "48 kHz": encoded("PCM_24", rate=48_000),
}


@cache
def clean_speech_ms() -> int:
    """How much of the same seconds is speech in the file as recorded."""
    until = SECONDS * 1000
    return sum(min(one.end_ms, until) - one.start_ms for one in heard(CALL).regions if one.start_ms < until)


@pytest.mark.parametrize("name", READ)
def test_odd_files_are_read_to_what_is_there(tmp_path: Path, name: str) -> None:
    """Twenty seconds of two channels come out and no speech is lost, whatever header and coding say."""
    path = tmp_path / "call.wav"
    READ[name](path)
    found = heard(path)
    assert found.channels == 2
    assert abs(found.duration_ms - SECONDS * 1000) < 100
    assert found.speech_ms > 0.9 * clean_speech_ms()  # more is no harm: coding noise can pass for speech


def test_a_truncated_flac_is_read_to_its_last_whole_block(tmp_path: Path) -> None:
    """Half of the file's bytes: something like half of the sound, no fault."""
    path = tmp_path / "half.flac"
    path.write_bytes(CALL.read_bytes()[: CALL.stat().st_size // 2])
    assert 15_000 < heard(path).duration_ms < 40_000


def test_samples_that_are_no_numbers_become_silence_and_are_noted(tmp_path: Path) -> None:
    """NaN and infinities in a float file."""
    sound = speech().astype(np.float32) / 32_768
    sound[1_000:1_100] = np.nan
    sound[2_000] = np.inf
    soundfile.write(tmp_path / "nan.wav", sound, 8_000, subtype="FLOAT")
    assert heard(tmp_path / "nan.wav").notes == ("not_finite",)


REFUSED = {
    "text": (bytes_of("这不是录音".encode() * 100), AudioReason.NOT_AUDIO),
    "noise": (bytes_of(np.random.default_rng(7).bytes(50_000)), AudioReason.NOT_AUDIO),
    "html named wav": (bytes_of(b"<html>404</html>"), AudioReason.NOT_AUDIO),
    "no bytes": (bytes_of(), AudioReason.EMPTY),
    "header only": (bytes_of(header(riff=36, data=0)), AudioReason.EMPTY),
    "header that promises": (bytes_of(header(riff=8_036, data=8_000)), AudioReason.EMPTY),
    "50 ms": (bytes_of(header(riff=1_636, data=1_600), bytes(1_600)), AudioReason.EMPTY),
    "1 Hz": (bytes_of(header(riff=36_000, data=35_964, rate=1), bytes(35_964)), AudioReason.UNSUPPORTED_RATE),
    "1 GHz": (bytes_of(header(riff=36_000, data=35_964, rate=10**9), bytes(35_964)), AudioReason.UNSUPPORTED_RATE),
    "9 channels": (
        bytes_of(header(riff=36_036, data=36_000, channels=9), bytes(36_000)),
        AudioReason.UNSUPPORTED_CHANNELS,
    ),
    "a folder": (lambda path: path.mkdir(), AudioReason.UNREADABLE),
    "a pipe": (lambda path: os.mkfifo(path), AudioReason.UNREADABLE),
    "nothing": (lambda path: None, AudioReason.MISSING_FILE),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_recording_is_refused_with_its_reason(tmp_path: Path, name: str) -> None:
    """Never a plausible transcript of noise, never a hang on a pipe."""
    make, reason = REFUSED[name]
    make(tmp_path / "call.wav")
    with pytest.raises(AudioFault) as fault:
        heard(tmp_path / "call.wav")
    assert fault.value.reason is reason


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        ({"max_seconds": 10}, AudioReason.TOO_LONG),
        ({"deadline_s": 0.001}, AudioReason.DECODER_TIMEOUT),
        ({"memory_mb": 64}, AudioReason.DECODER_CRASHED),
    ],
)
def test_a_decoder_that_takes_too_much_is_stopped(limits: dict[str, float], reason: AudioReason) -> None:
    """Sound, time and memory are bounded; the parent sees a reason."""
    with pytest.raises(AudioFault) as fault:
        heard(CALL, **limits)
    assert fault.value.reason is reason


def test_silence_is_a_recording_without_speech(tmp_path: Path) -> None:
    """Ten minutes of it cost no recognition at all."""
    soundfile.write(tmp_path / "quiet.flac", np.zeros((600 * 8_000, 2), np.int16), 8_000)
    found = heard(tmp_path / "quiet.flac")
    assert (found.duration_ms, found.regions) == (600_000, ())


@pytest.mark.parametrize(("answers", "reason"), [(True, None), (False, AudioReason.NOT_AUDIO)])
def test_an_installed_ffmpeg_is_asked_about_what_the_others_do_not_know(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answers: bool, reason: AudioReason | None
) -> None:
    """A program of that name on the PATH: what it prints as WAV is read; when it gives up, the file is no audio."""
    (tmp_path / "answer.wav").write_bytes(header(riff=0xFFFFFFFF, data=0xFFFFFFFF) + PCM)
    program = tmp_path / "ffmpeg"
    program.write_text(f"#!/bin/sh\n/bin/cat {tmp_path}/answer.wav\n" if answers else "#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "call.wma").write_bytes(bytes.fromhex("3026b2758e66cf11") + bytes(500))
    if reason is None:
        assert heard(tmp_path / "call.wma").duration_ms == SECONDS * 1000
        return
    with pytest.raises(AudioFault) as fault:
        heard(tmp_path / "call.wma")
    assert fault.value.reason is reason
