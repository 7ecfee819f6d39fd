"""What a listener gets: the recording with tones where something is hidden, by a real child."""

import asyncio
import io
from pathlib import Path

import numpy as np
import psutil  # type: ignore[import-untyped]
import pytest
import soundfile

from asr.beep import Beeper, intervals
from asr.faults import AudioFault, AudioReason
from asr.models import DEMO_CALLS_DIR
from asr.transcript import Span
from tests.integration.bus_room import until

CALL = min(DEMO_CALLS_DIR.glob("*.flac"))
HIDDEN = (
    Span(channel=1, start_ms=5_000, end_ms=7_000, kind="mobile"),
    Span(channel=1, start_ms=7_100, end_ms=8_000, kind="mobile"),
)


def rendered(path: Path, spans: tuple[Span, ...]) -> bytes:
    async def make() -> bytes:
        beeper = Beeper()
        try:
            one, other = await asyncio.gather(beeper.rendered(path, spans), beeper.rendered(path, spans))
            assert one == other
            return one.read_bytes()
        finally:
            await beeper.close()
            assert not one.exists()

    return asyncio.run(make())


def test_hidden_words_are_a_tone_on_every_channel_and_the_rest_is_untouched() -> None:
    """From 150 ms before to 150 ms behind each span; the length stays."""
    raw, rate = soundfile.read(CALL, always_2d=True)
    heard, heard_rate = soundfile.read(io.BytesIO(rendered(CALL, HIDDEN)), always_2d=True)
    assert (heard_rate, heard.shape) == (rate, raw.shape)
    first, last = 4_850 * rate // 1000, 8_150 * rate // 1000
    tone = 0.12 * np.sin(2 * np.pi * 1_000 * np.arange(first, last) / rate)
    assert np.abs(heard[first:last] - tone[:, None]).max() < 1e-3
    assert np.abs(heard[:first] - raw[:first]).max() < 1e-3
    assert np.abs(heard[last:] - raw[last:]).max() < 1e-3


def test_spans_that_touch_are_one() -> None:
    """Padded first: a breath between two pieces of a number is hidden too."""
    assert intervals(HIDDEN) == [(4_850, 8_150)]


def test_a_file_that_is_no_audio_has_its_reason(tmp_path: Path) -> None:
    """Nothing is kept of it."""
    path = tmp_path / "a.wav"
    path.write_bytes(b"no sound at all" * 100)

    async def make() -> AudioFault:
        beeper = Beeper()
        try:
            with pytest.raises(AudioFault) as caught:
                await beeper.rendered(path, HIDDEN)
            return caught.value
        finally:
            await beeper.close()

    assert asyncio.run(make()).reason == AudioReason.NOT_AUDIO


def test_a_listener_who_goes_away_leaves_the_rendering_to_the_next(tmp_path: Path) -> None:
    """It is finished, kept and counted; nobody renders it again."""

    async def make() -> tuple[int, int]:
        beeper = Beeper()
        try:
            first = asyncio.create_task(beeper.rendered(CALL, HIDDEN))
            await until(lambda: bool(beeper._running))
            first.cancel()
            await asyncio.wait({first})
            second = await beeper.rendered(CALL, HIDDEN)
            made = second.stat().st_mtime_ns
            return made, (await beeper.rendered(CALL, HIDDEN)).stat().st_mtime_ns
        finally:
            await beeper.close()

    made, again = asyncio.run(make())
    assert made == again


def test_closing_ends_what_is_being_rendered_with_its_child() -> None:
    """Neither a task, nor a process, nor a file is left."""

    async def make() -> tuple[BaseException | None, int, int]:
        beeper = Beeper()
        others = set(psutil.Process().children())  # servers that other tests share
        listener = asyncio.create_task(beeper.rendered(CALL, HIDDEN))
        await until(lambda: bool(beeper._running))
        await until(lambda: bool(set(psutil.Process().children()) - others))
        children = set(psutil.Process().children()) - others
        await beeper.close()
        await asyncio.wait({listener})
        left = [child for child in children if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]
        cancelled = asyncio.CancelledError() if listener.cancelled() else listener.exception()
        return cancelled, len(left), len(asyncio.all_tasks()) - 1

    cancelled, left, tasks = asyncio.run(make())
    assert isinstance(cancelled, asyncio.CancelledError)
    assert (left, tasks) == (0, 0)
