"""Three engines read the same samples out of a file: libsndfile, PyAV's codecs, the ffmpeg program where it is."""

import asyncio
import struct
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from asr.audio import Decoder, decode
from asr.models import DEMO_CALLS_DIR
from asr.resample import Resampler
from asr.sound_files import NotMine, Sound, open_sound, usable

STEP = 1 / 32_768
SECONDS = 5
GSM_BLOCK = 320
ENGINES = tuple(usable())
Make = Callable[[Path], None]


def speech(channels: int = 2) -> np.ndarray:
    """Seconds 9 to 14 of a demo call, 8 kHz."""
    sound, _ = soundfile.read(
        DEMO_CALLS_DIR / "c06_dead_air.flac", start=72_000, frames=SECONDS * 8_000, dtype="float32", always_2d=True
    )
    return sound[:, :channels]


def written(suffix: str, subtype: str, *, channels: int = 2, times: int = 1) -> Make:
    def make(path: Path) -> None:
        sound = np.repeat(speech(channels), times, axis=0)
        soundfile.write(path.with_suffix(f".{suffix}"), sound, 8_000 * times, subtype=subtype)
        path.with_suffix(f".{suffix}").rename(path)

    return make


def samples(path: Path, engine: str) -> tuple[np.ndarray, Sound]:
    notes: set[str] = set()
    with path.open("rb") as file:
        sound = open_sound(file, str(path), max_seconds=600, notes=notes, engines=(engine,))
        whole = np.concatenate(list(sound.blocks))
    assert notes == set()
    return whole, sound


SHARED = {
    "wav, 8 bits": written("wav", "PCM_U8"),
    "wav, 16 bits": written("wav", "PCM_16"),
    "wav, 24 bits": written("wav", "PCM_24"),
    "wav, 32 bits": written("wav", "PCM_32"),
    "wav, float": written("wav", "FLOAT"),
    "wav, double": written("wav", "DOUBLE"),
    "wav, A-law": written("wav", "ALAW"),
    "wav, mu-law": written("wav", "ULAW"),
    "wav, GSM": written("wav", "GSM610", channels=1),
    "flac": written("flac", "PCM_16"),
    "flac, 24 bits": written("flac", "PCM_24"),
    "ogg vorbis": written("ogg", "VORBIS"),
    "mp3, 8 kHz": written("mp3", "MPEG_LAYER_III"),
    "mp3, 48 kHz": written("mp3", "MPEG_LAYER_III", times=6),
    "au, mu-law": written("au", "ULAW"),
    "aiff": written("aiff", "PCM_16"),
    "caf": written("caf", "PCM_16"),
}


@pytest.mark.parametrize("engine", [name for name in ENGINES if name != "soundfile"])
@pytest.mark.parametrize("name", SHARED)
def test_engines_agree_to_one_step_of_sixteen_bits(tmp_path: Path, name: str, engine: str) -> None:
    """As many samples, in the same places, of the same size; libsndfile alone keeps what fills the last GSM block."""
    path = tmp_path / "call"
    SHARED[name](path)
    first, told = samples(path, "soundfile")
    other, also = samples(path, engine)
    assert (also.rate, also.channels) == (told.rate, told.channels)
    assert 0 <= len(first) - len(other) <= (GSM_BLOCK if "GSM" in name else 0)
    assert np.abs(other - first[: len(other)]).max() <= STEP


def test_opus_sounds_alike_whoever_decodes_it(tmp_path: Path) -> None:
    """libsndfile decodes at the rate the file was made from, PyAV at 48 kHz: at 8 kHz they are nearly the same."""
    path = tmp_path / "call"
    written("ogg", "OPUS")(path)
    first, _ = samples(path, "soundfile")
    other, sound = samples(path, "pyav")
    assert sound.rate == 48_000
    turn = Resampler(48_000, 8_000)
    thinned = np.concatenate((turn.push(other[:, 0]), turn.finish()))
    both = min(len(first), len(thinned))
    assert abs(len(first) - len(thinned)) <= 1
    assert np.corrcoef(first[:both, 0], thinned[:both])[0, 1] > 0.98


def amr(path: Path) -> None:
    """The left channel as AMR-NB, 12.2 kbit/s."""
    with av.open(str(path), "w", format="amr") as container:
        stream = container.add_stream("libopencore_amrnb", rate=8_000)
        stream.codec_context.layout = "mono"
        stream.codec_context.bit_rate = 12_200
        pcm = (speech(1).T * 32_767).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(pcm), format="s16", layout="mono")
        frame.sample_rate = 8_000
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)


def amr_wb(path: Path) -> None:
    """Fifty frames of 12.65 kbit/s made of chance: whatever they sound like, it is always the same."""
    draw = np.random.default_rng(2)
    path.write_bytes(b"#!AMR-WB\n" + b"".join(b"\x14" + draw.bytes(32) for _ in range(50)))


@pytest.mark.parametrize(("make", "rate", "least_s"), [(amr, 8_000, SECONDS - 0.1), (amr_wb, 16_000, 0.9)])
def test_amr_is_read_where_libsndfile_cannot(tmp_path: Path, make: Make, rate: int, least_s: float) -> None:
    """PyAV brings the decoders along; the program, where it is, says the same."""
    path = tmp_path / "call.amr"
    make(path)
    with pytest.raises(NotMine):
        samples(path, "soundfile")
    first, sound = samples(path, "pyav")
    assert (sound.rate, sound.channels) == (rate, 1)
    assert len(first) / rate >= least_s
    for engine in ENGINES[2:]:
        assert np.abs(samples(path, engine)[0] - first).max() <= STEP


def test_each_engine_works_within_the_limits_of_the_child(tmp_path: Path) -> None:
    """Address space, open files, no file written: as long a sound and as much speech from each."""
    path = tmp_path / "call"
    SHARED["mp3, 8 kHz"](path)

    async def work() -> list[tuple[str, int, int]]:
        decoder = Decoder()
        try:
            found = [await decoder.decode(path, rate=8_000, engines=(engine,)) for engine in ENGINES]
        finally:
            await decoder.stop()
        return [(one.engine, one.duration_ms, one.speech_ms) for one in found]

    told = asyncio.run(work())
    assert [engine for engine, _, _ in told] == list(ENGINES)
    assert len({(length, speech) for _, length, speech in told}) == 1


def test_a_playlist_is_opened_by_no_engine(tmp_path: Path) -> None:
    """It would read other files, or the network."""
    secret = tmp_path / "secret.ts"
    secret.write_bytes(b"G" + bytes(187))
    path = tmp_path / "call.wav"
    path.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile://{secret}\n#EXT-X-ENDLIST\n")
    for engine in ENGINES:
        with pytest.raises(NotMine):
            samples(path, engine)


def test_the_first_sound_of_a_film_is_heard(tmp_path: Path) -> None:
    """A screen recording: one picture track, one sound track; noted."""
    path = tmp_path / "screen.mkv"
    with av.open(str(path), "w", format="matroska") as container:
        picture = container.add_stream("mpeg4", rate=5)
        picture.width, picture.height, picture.pix_fmt = 64, 48, "yuv420p"
        voice = container.add_stream("pcm_s16le", rate=8_000)
        voice.codec_context.layout = "mono"
        pcm = np.ascontiguousarray((speech(1).T * 32_767).astype(np.int16))
        sound = av.AudioFrame.from_ndarray(pcm, format="s16", layout="mono")
        sound.sample_rate = 8_000
        image = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="rgb24")
        for packet in [*picture.encode(image), *picture.encode(None), *voice.encode(sound), *voice.encode(None)]:
            container.mux(packet)
    notes: set[str] = set()
    with path.open("rb") as file:
        heard = np.concatenate(list(open_sound(file, str(path), max_seconds=60, notes=notes).blocks))
    assert len(heard) == SECONDS * 8_000
    assert notes == {"has_video"}


def test_a_gsm_header_without_length_is_read_to_its_end(tmp_path: Path) -> None:
    """WAV49 of a crashed Asterisk, both lengths 0: as much sound as in the whole file."""
    path = tmp_path / "call.wav"
    written("wav", "GSM610", channels=1)(path)
    whole = bytearray(path.read_bytes())
    at = whole.index(b"data") + 4
    whole[4:8] = whole[at : at + 4] = struct.pack("<I", 0)
    path.write_bytes(whole)
    found = asyncio.run(decode(path, rate=8_000))
    assert "length_missing" in found.notes
    assert abs(found.duration_ms - SECONDS * 1000) < 100
