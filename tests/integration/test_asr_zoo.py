"""A folder of bad recordings, one behind the other through the same children: each ends with its reason, none waits."""

import asyncio
import os
import socket
import struct
import time
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from asr.audio import DecodeLimits, Decoder
from asr.faults import AudioFault, AudioReason
from asr.jobs import RecordingJob
from asr.models import DEMO_CALLS_DIR, describe
from asr.pipeline import transcribe
from asr.recognizer_process import RecognizerProcess
from streams.vocabulary.ids import ContactId, Millis, SiteId

pytestmark = [pytest.mark.vosk, pytest.mark.slow]
Make = Callable[[Path], object]
GOOD = DEMO_CALLS_DIR / "c03_no_identity_check.flac"
HALF_A_DAY_S = 43_080


def speech(channels: int = 1) -> np.ndarray:
    sound, _ = soundfile.read(GOOD, frames=40_000, dtype="int16", always_2d=True)
    return np.ascontiguousarray(np.tile(sound[:, :1], (1, channels)))


def wav(*, rate: int = 8_000, channels: int = 1, bits: int = 16, form: int = 1, pcm: bytes | None = None) -> bytes:
    body = speech(channels).tobytes() if pcm is None else pcm
    align = channels * bits // 8
    head = struct.pack("<4sIHHIIHH", b"fmt ", 16, form, channels, rate, rate * align % 2**32, align, bits)
    return (
        struct.pack("<4sI4s", b"RIFF", 36 + len(body), b"WAVE") + head + struct.pack("<4sI", b"data", len(body)) + body
    )


def put(data: bytes) -> Make:
    return lambda path: path.write_bytes(data)


def sound_file(form: str, subtype: str) -> Make:
    return lambda path: soundfile.write(path, speech(2), 8_000, format=form, subtype=subtype)


def silence(minutes: int, channels: int = 2) -> Make:
    """Two channels of half a day fit into 1.4 MB."""

    def make(path: Path) -> None:
        minute = np.zeros((8_000 * 60, channels), np.int16)
        with soundfile.SoundFile(path, "w", 8_000, channels, "PCM_16", format="FLAC") as file:
            for _ in range(minutes):
                file.write(minute)

    return make


def film_without_sound(path: Path) -> None:
    with av.open(str(path), "w", format="mp4") as container:
        picture = container.add_stream("mpeg4", rate=5)
        picture.width, picture.height, picture.pix_fmt = 64, 48, "yuv420p"
        image = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="rgb24")
        for packet in [*picture.encode(image), *picture.encode(None)]:
            container.mux(packet)


def unreadable(path: Path) -> None:
    """Root reads everything, so the file is a socket's name: no one can open that."""
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(path))


def truncated_mp3(path: Path) -> None:
    soundfile.write(path, speech(2), 8_000, format="MP3", subtype="MPEG_LAYER_III")
    path.write_bytes(path.read_bytes()[:3_000])


NOISE = np.random.default_rng(11)
DONE = "done"
ZOO: dict[str, tuple[Make, str]] = {
    "rate 0": (put(wav(rate=0)), AudioReason.NOT_AUDIO),
    "rate 1": (put(wav(rate=1)), AudioReason.UNSUPPORTED_RATE),
    "rate 3": (put(wav(rate=3)), AudioReason.UNSUPPORTED_RATE),
    "rate 5": (put(wav(rate=5)), AudioReason.UNSUPPORTED_RATE),
    "rate of a NaN": (put(wav(rate=0x7FC00000)), AudioReason.UNSUPPORTED_RATE),
    "rate -1": (put(wav(rate=0xFFFFFFFF)), AudioReason.NOT_AUDIO),
    "0 channels": (put(wav(channels=0, pcm=bytes(800))), AudioReason.UNSUPPORTED_CHANNELS),
    "8 channels of one voice": (put(wav(channels=8)), DONE),
    "200 channels": (put(wav(channels=200)), AudioReason.UNSUPPORTED_CHANNELS),
    "float of nothing but NaN": (put(wav(bits=32, form=3, pcm=struct.pack("<f", float("nan")) * 40_000)), DONE),
    "random bytes": (put(NOISE.bytes(200_000)), AudioReason.NOT_AUDIO),
    "random bytes behind a WAV's head": (put(wav(pcm=NOISE.bytes(160_000))), DONE),
    "random bytes behind FLAC's name": (put(b"fLaC" + NOISE.bytes(50_000)), AudioReason.NOT_AUDIO),
    "random bytes behind Ogg's name": (put(b"OggS" + NOISE.bytes(50_000)), AudioReason.NOT_AUDIO),
    "empty": (put(b""), AudioReason.EMPTY),
    "a head alone": (put(wav(pcm=b"")), AudioReason.EMPTY),
    "a head cut in two": (put(wav()[:30]), AudioReason.NOT_AUDIO),
    "mp3 named wav": (sound_file("MP3", "MPEG_LAYER_III"), DONE),
    "mp3 cut short": (truncated_mp3, DONE),
    "ogg opus named wav": (sound_file("OGG", "OPUS"), DONE),
    "odd bytes, wrong lengths": (put(wav()[:-1]), DONE),
    "lengths of a crash": (put(wav()[:40] + bytes(4) + speech().tobytes()), DONE),
    "an hour of silence": (silence(60), DONE),
    "more than the hour allowed": (silence(61, channels=1), AudioReason.TOO_LONG),
    "a film without sound": (film_without_sound, AudioReason.NOT_AUDIO),
    "a zip": (put(b"PK\x03\x04" + NOISE.bytes(1_000)), AudioReason.NOT_AUDIO),
    "a playlist": (put(b"#EXTM3U\nhttp://192.0.2.1/a.wav\n"), AudioReason.NOT_AUDIO),
    "a link to a good call": (lambda path: path.symlink_to(GOOD), DONE),
    "a link to itself": (lambda path: path.symlink_to(path), AudioReason.UNREADABLE),
    "a link to a device": (lambda path: path.symlink_to("/dev/zero"), AudioReason.UNREADABLE),
    "a pipe": (lambda path: os.mkfifo(path), AudioReason.UNREADABLE),
    "a folder": (lambda path: path.mkdir(), AudioReason.UNREADABLE),
    "a socket's name": (unreadable, AudioReason.UNREADABLE),
    "nothing there": (lambda path: None, AudioReason.MISSING_FILE),
}


def job(path: Path) -> RecordingJob:
    return RecordingJob(site=SiteId("zoo"), contact=ContactId(path.name), contact_at=Millis(0), path=str(path))


async def walk(folder: Path) -> tuple[dict[str, str], dict[str, float], int]:
    """Each animal's end and seconds; then how many utterances a good call still has."""
    model = describe()
    decoder, recogniser = Decoder(DecodeLimits(max_seconds=3_600)), RecognizerProcess(model)
    ends: dict[str, str] = {}
    seconds: dict[str, float] = {}
    try:
        for number, name in enumerate(ZOO):
            began = time.monotonic()
            try:
                await transcribe(job(folder / f"{number}.wav"), model=model, recogniser=recogniser, decoder=decoder)
                ends[name] = DONE
            except AudioFault as fault:
                ends[name] = fault.reason
            seconds[name] = time.monotonic() - began
        good = await transcribe(job(GOOD), model=model, recogniser=recogniser, decoder=decoder)
    finally:
        await decoder.stop()
        await recogniser.stop()
    return ends, seconds, len(good.utterances)


def test_every_animal_of_the_zoo_ends_with_its_reason_and_the_queue_keeps_flowing(tmp_path: Path) -> None:
    """One decoder and one recogniser for all of them; behind the last a good call is heard as ever."""
    for number, (make, _) in enumerate(ZOO.values()):
        make(tmp_path / f"{number}.wav")
    ends, seconds, utterances = asyncio.run(walk(tmp_path))
    print("\n" + "\n".join(f"{name:<36}{ends[name]:<22}{seconds[name]:6.2f} s" for name in ZOO))
    assert ends == {name: str(expected) for name, (_, expected) in ZOO.items()}
    assert utterances > 5


@pytest.mark.timeout(600)
def test_half_a_day_of_silence_costs_seconds_and_little_memory(tmp_path: Path) -> None:
    """Two channels: under 30 s of CPU and no words; the decoder holds none of it."""
    silence(HALF_A_DAY_S // 60)(tmp_path / "bomb.flac")

    async def heard() -> tuple[int, int, int]:
        decoder = Decoder()
        try:
            found = await decoder.decode(tmp_path / "bomb.flac", rate=8_000)
        finally:
            await decoder.stop()
        return found.duration_ms, found.cpu_ms, len(found.regions)

    duration_ms, cpu_ms, regions = asyncio.run(heard())
    assert (duration_ms, regions) == (HALF_A_DAY_S * 1000, 0)
    assert cpu_ms < 30_000
