"""Channels that are pairs of files, that are one voice twice, that are coarse; and a child that outlives bad files."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from asr.audio import Decoded, Decoder
from asr.faults import AudioFault
from asr.models import DEMO_CALLS_DIR

pytestmark = pytest.mark.vosk
CALL = DEMO_CALLS_DIR / "c06_dead_air.flac"
SECONDS = 20


def speech() -> np.ndarray:
    sound, _ = soundfile.read(CALL, frames=SECONDS * 8_000, dtype="int16", always_2d=True)
    return sound


def with_decoder(work: Callable[[Decoder], Awaitable[list[Decoded]]]) -> list[Decoded]:
    async def run() -> list[Decoded]:
        decoder = Decoder()
        try:
            return await work(decoder)
        finally:
            await decoder.stop()

    return asyncio.run(run())


def spans(decoded: Decoded) -> list[tuple[int, int, int]]:
    return [(one.channel, one.start_ms, one.end_ms) for one in decoded.regions]


def test_two_mono_files_are_heard_like_one_of_two_channels(tmp_path: Path) -> None:
    """The same regions with the same samples; noted as a pair, and that one is a second longer."""
    sound = speech()
    soundfile.write(tmp_path / "1-rx.wav", sound[:, 0], 8_000)
    soundfile.write(tmp_path / "1-tx.wav", np.concatenate((sound[:, 1], np.zeros(8_000, np.int16))), 8_000)
    soundfile.write(tmp_path / "both.wav", sound, 8_000)

    async def work(decoder: Decoder) -> list[Decoded]:
        pair = await decoder.decode_pair(tmp_path / "1-rx.wav", tmp_path / "1-tx.wav", rate=8_000)
        return [pair, await decoder.decode(tmp_path / "both.wav", rate=8_000)]

    pair, both = with_decoder(work)
    assert pair.channels == 2
    assert pair.duration_ms == (SECONDS + 1) * 1000
    assert set(pair.notes) == {"pair", "pair_uneven"}
    assert spans(pair)[:-1] == spans(both)[:-1]


def test_one_voice_on_two_channels_is_mono(tmp_path: Path) -> None:
    """Heard once, told once; no analysis may take it for two people who always interrupt each other."""
    soundfile.write(tmp_path / "twice.wav", speech()[:, [0, 0]], 8_000)

    async def work(decoder: Decoder) -> list[Decoded]:
        return [await decoder.decode(tmp_path / "twice.wav", rate=8_000)]

    (found,) = with_decoder(work)
    assert found.channels == 1
    assert found.notes == ("mono", "same_channels")


def test_eight_bits_bring_no_voice_that_was_not_there(tmp_path: Path) -> None:
    """Line noise that flickers between two steps passed for a voice; now there is no more speech than in 16 bits."""
    sound = speech()
    soundfile.write(tmp_path / "16.wav", sound, 8_000, subtype="PCM_16")
    soundfile.write(tmp_path / "8.wav", sound, 8_000, subtype="PCM_U8")

    async def work(decoder: Decoder) -> list[Decoded]:
        return [await decoder.decode(tmp_path / f"{bits}.wav", rate=8_000) for bits in (16, 8)]

    fine, coarse = with_decoder(work)
    assert coarse.notes == ("eight_bit",)
    assert 0.9 * fine.speech_ms < coarse.speech_ms <= fine.speech_ms


def test_a_bad_file_costs_the_warm_child_nothing(tmp_path: Path) -> None:
    """The fork refuses, the child serves on: the same process before and after."""
    (tmp_path / "noise.wav").write_bytes(np.random.default_rng(1).bytes(10_000))
    pids: list[int | None] = []

    async def work(decoder: Decoder) -> list[Decoded]:
        found = [await decoder.decode(CALL, rate=8_000)]
        pids.append(decoder.pid)
        with pytest.raises(AudioFault):
            await decoder.decode(tmp_path / "noise.wav", rate=8_000)
        found.append(await decoder.decode(CALL, rate=8_000))
        pids.append(decoder.pid)
        return found

    first, again = with_decoder(work)
    assert spans(first) == spans(again)
    assert pids[0] == pids[1] is not None


def test_a_child_killed_between_two_files_is_replaced() -> None:
    """The first file after it is told as a crash at worst; the next one is read."""

    async def work(decoder: Decoder) -> list[Decoded]:
        await decoder.decode(CALL, rate=8_000)
        assert decoder.pid is not None
        os.kill(decoder.pid, signal.SIGKILL)
        with contextlib.suppress(AudioFault):
            await decoder.decode(CALL, rate=8_000)
        return [await decoder.decode(CALL, rate=8_000)]

    assert with_decoder(work)[0].channels == 2
