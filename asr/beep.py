"""Recordings as they may be heard. In: a file and what is hidden in it. Out: a WAV with tones in those places.

Rendered by a child, kept in a private folder so that players can ask for ranges; the folder holds nothing that must not
be heard and goes with its owner. May not know: who asks, where the spans come from.
"""

import asyncio
import contextlib
import hashlib
import os
import struct
import sys
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import msgspec

from asr.faults import AudioFault, AudioReason
from asr.transcript import Span

PAD_MS: Final = 150
"""A recogniser's word ends are off by some 100 ms."""
KEPT: Final = 64
"""Renderings; an hour of two channels at 8 kHz takes 115 MB, an ordinary call 10."""
KEPT_BYTES: Final = 1 << 30
_CHUNK: Final = 1 << 18
_ROOT: Final = str(Path(__file__).parent.parent)


@dataclass(frozen=True, slots=True, kw_only=True)
class BeepLimits:
    max_seconds: int = 7_200
    deadline_s: float = 60.0
    cpu_seconds: int = 60
    memory_mb: int = 1_536
    at_once: int = 2


BEEP_LIMITS: Final = BeepLimits()


def intervals(spans: Sequence[Span]) -> list[tuple[int, int]]:
    """Padded, joined, in order; of all channels."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted((max(0, span.start_ms - PAD_MS), span.end_ms + PAD_MS) for span in spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


class Beeper:
    """Owner of the folder of renderings; `close` removes it."""

    def __init__(self, limits: BeepLimits = BEEP_LIMITS) -> None:
        self._limits = limits
        self._folder = TemporaryDirectory(prefix="floorwatch-beeped-", ignore_cleanup_errors=True)
        self._kept: OrderedDict[str, int] = OrderedDict()
        self._turns = asyncio.Semaphore(limits.at_once)
        self._running: dict[str, asyncio.Task[None]] = {}
        """Owned here, not by who listens: `close` ends them."""

    async def rendered(self, path: Path, spans: Sequence[Span]) -> Path:
        """A WAV with a tone in each span. Raises AudioFault. Asked for twice at once it is made once."""
        hidden = intervals(spans)
        status = await asyncio.to_thread(path.stat)
        told = msgspec.json.encode((str(path), status.st_mtime_ns, status.st_size, hidden))
        name = hashlib.sha256(told).hexdigest()
        target = Path(self._folder.name) / f"{name}.wav"
        if name not in self._kept:
            task = self._running.get(name)
            if task is None:
                task = self._running[name] = asyncio.create_task(self._make(path, hidden, target))
                task.add_done_callback(lambda _: self._running.pop(name, None))
            # a listener who goes away does not take the rendering from the others
            await asyncio.shield(task)
        self._kept.move_to_end(name)
        return target

    async def close(self) -> None:
        for task in list(self._running.values()):
            task.cancel()
        await asyncio.gather(*self._running.values(), return_exceptions=True)
        self._folder.cleanup()

    async def _make(self, path: Path, hidden: Sequence[tuple[int, int]], target: Path) -> None:
        """Whoever still listens: what is rendered is kept, and counted among what is."""
        partial = target.with_suffix(".part")
        async with self._turns:
            try:
                async with asyncio.timeout(self._limits.deadline_s):
                    size = await _render(path, hidden, partial, self._limits)
            except TimeoutError as error:
                raise AudioFault(AudioReason.DECODER_TIMEOUT, f"over {self._limits.deadline_s:.0f} s") from error
            finally:
                if sys.exc_info()[0] is not None:
                    partial.unlink(missing_ok=True)
        partial.replace(target)
        self._kept[target.stem] = size
        while len(self._kept) > 1 and (len(self._kept) > KEPT or sum(self._kept.values()) > KEPT_BYTES):
            old, _ = self._kept.popitem(last=False)
            (Path(self._folder.name) / f"{old}.wav").unlink(missing_ok=True)


async def _render(path: Path, hidden: Sequence[tuple[int, int]], target: Path, limits: BeepLimits) -> int:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "TZ") if name in os.environ}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        "-m",
        "asr.beep_child",
        f"--max-seconds={limits.max_seconds}",
        f"--cpu-seconds={limits.cpu_seconds}",
        f"--memory-mb={limits.memory_mb}",
        "--",
        str(path),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**kept, "PYTHONPATH": _ROOT, "PYTHONUTF8": "1", "LC_ALL": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1"},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # the exit status will tell why
            process.stdin.write(msgspec.json.encode(list(hidden)))
            await process.stdin.drain()
        process.stdin.close()
        size = await _written(process.stdout, target)
        said = (await process.stderr.read(2_000)).decode(errors="replace").strip().splitlines()
        code = await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if code or size is None:
        known = {reason.value: reason for reason in AudioReason}
        reason = known.get(said[-1] if said else "", AudioReason.DECODER_CRASHED)
        raise AudioFault(reason, f"exit status {code}")
    return size


async def _written(samples: asyncio.StreamReader, target: Path) -> int | None:
    """The file's size; None: the child said nothing."""
    form = (await samples.readline()).split()
    if len(form) != 2:
        return None
    rate, channels = map(int, form)
    length = 0
    with target.open("wb") as file:
        file.write(_header(rate, channels, 0))
        while chunk := await samples.read(_CHUNK):
            length += len(chunk)
            await asyncio.to_thread(file.write, chunk)
        file.seek(0)
        file.write(_header(rate, channels, length))
        return length + len(_header(rate, channels, 0))


def _header(rate: int, channels: int, length: int) -> bytes:
    form = struct.pack("<HHIIHH", 1, channels, rate, rate * channels * 2, channels * 2, 16)
    return (
        b"RIFF"
        + struct.pack("<I", 36 + length)
        + b"WAVEfmt "
        + struct.pack("<I", 16)
        + form
        + b"data"
        + struct.pack("<I", length)
    )
