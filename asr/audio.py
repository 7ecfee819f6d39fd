"""Recordings to speech, through a child. In: a path, or two of one call. Out: `Decoded`, or AudioFault with its reason.

The file is opened only in a fork of the child, which has CPU, memory and file limits and a deadline; a decoder brought
down by bytes brings nothing else down. May not know: what is recognised.
"""

import asyncio
import os
import signal
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from asr.child import Child, ChildGone, again_if_killed
from asr.faults import AudioFault, AudioReason
from asr.wire import Decode, DecodedHead, OtherSound, Refused, Region

_KILLED_FOR_CPU = f"exit status {-signal.SIGXCPU}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodeLimits:
    max_seconds: int = 43_200
    """Of sound in the file: half a day, since silence costs almost nothing."""
    max_voice_seconds: int = 10_800
    """Of what sounds like voice, for each channel: bounds memory and the recogniser's time."""
    deadline_s: float = 240.0
    cpu_seconds: int = 120
    memory_mb: int = 1_536


DECODE_LIMITS = DecodeLimits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """Speech only: what lies between regions was silence, or in `other`, and stayed in the child."""

    rate: int
    source_rate: int
    channels: int
    duration_ms: int
    regions: tuple[Region, ...]
    peaks: tuple[tuple[int, ...], ...]
    notes: tuple[str, ...]
    cpu_ms: int
    other: tuple[OtherSound, ...] = ()
    """Music, ring-back, keys, fax: sound that is no speech."""
    engine: str = ""
    codec: str = ""

    def of_channel(self, channel: int) -> tuple[Region, ...]:
        return tuple(region for region in self.regions if region.channel == channel)

    @property
    def speech_ms(self) -> int:
        return sum(region.end_ms - region.start_ms for region in self.regions)


class Decoder:
    """Owner of one decoding child, kept warm from file to file; serves one file at a time. Call `stop` when done."""

    def __init__(self, limits: DecodeLimits = DECODE_LIMITS) -> None:
        self._limits = limits
        self._child: Child | None = None
        self._turn = asyncio.Lock()

    @property
    def pid(self) -> int | None:
        """The running child's process id, for metrics."""
        return self._child.pid if self._child is not None and self._child.running else None

    async def decode(
        self, path: Path | str, *, rate: int, buckets: int = 600, engines: tuple[str, ...] = ()
    ) -> Decoded:
        """Raises AudioFault; the next call works. Cancelled, it leaves no child behind."""
        limits = self._limits
        asked = Decode(
            path=_absolute(path),
            rate=rate,
            buckets=buckets,
            max_seconds=limits.max_seconds,
            max_voice_seconds=limits.max_voice_seconds,
            cpu_seconds=limits.cpu_seconds,
            memory_mb=limits.memory_mb,
            engines=engines,
        )
        try:
            async with self._turn:
                answer = await again_if_killed(lambda: self._answer(asked))
        except TimeoutError as error:
            detail = f"not done within {limits.deadline_s:.0f} s"
            raise AudioFault(AudioReason.DECODER_TIMEOUT, detail) from error
        except ChildGone as error:
            cpu = error.detail.startswith(_KILLED_FOR_CPU)
            reason = AudioReason.DECODER_TIMEOUT if cpu else AudioReason.DECODER_CRASHED
            raise AudioFault(reason, error.detail) from error
        if isinstance(answer, Refused):
            raise AudioFault(AudioReason(answer.reason), answer.detail)
        return answer

    async def decode_pair(self, first: Path | str, second: Path | str, *, rate: int, buckets: int = 600) -> Decoded:
        """Two mono files of one call as its channels 0 and 1. Raises AudioFault."""
        one = await self.decode(first, rate=rate, buckets=buckets)
        other = await self.decode(second, rate=rate, buckets=buckets)
        return side_by_side(one, other)

    async def stop(self) -> None:
        async with self._turn:
            await self._stop_child()

    async def _answer(self, asked: Decode) -> Decoded | Refused:
        whole = False
        try:
            async with asyncio.timeout(self._limits.deadline_s):
                answer = await self._ask(asked)
            whole = True
        finally:
            # A child with an unread answer in its pipe would answer for the next file with this one's sound.
            if not whole:
                await self._stop_child()
        return answer

    async def _ask(self, asked: Decode) -> Decoded | Refused:
        if self._child is None or not self._child.running:
            await self._stop_child()
            self._child = await Child.start("asr.decode_child", speaks_to=True)
        await self._child.send(asked)
        return await _receive(self._child)

    async def _stop_child(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            await child.stop()


async def decode(path: Path | str, *, rate: int, buckets: int = 600, limits: DecodeLimits = DECODE_LIMITS) -> Decoded:
    """One file by itself. Raises AudioFault; never leaves a child behind, not when cancelled either."""
    decoder = Decoder(limits)
    try:
        return await decoder.decode(path, rate=rate, buckets=buckets)
    finally:
        await decoder.stop()


def _absolute(path: Path | str) -> str:
    """The child's working folder is not promised to be ours."""
    return os.path.abspath(path)


def side_by_side(one: Decoded, other: Decoded) -> Decoded:
    """Two mono recordings that began together as one of two channels. Raises AudioFault when one is not mono."""
    if one.channels != 1 or other.channels != 1:
        detail = f"a pair of files with {one.channels} and {other.channels} channels: each must be mono"
        raise AudioFault(AudioReason.UNSUPPORTED_CHANNELS, detail)
    notes = (set(one.notes) | set(other.notes)) - {"mono", "same_channels"} | {"pair"}
    if one.duration_ms != other.duration_ms:
        notes.add("pair_uneven")
    return replace(
        one,
        channels=2,
        duration_ms=max(one.duration_ms, other.duration_ms),
        regions=one.regions + tuple(msgspec.structs.replace(region, channel=1) for region in other.regions),
        peaks=one.peaks + other.peaks,
        notes=tuple(sorted(notes)),
        cpu_ms=one.cpu_ms + other.cpu_ms,
        other=one.other + tuple(msgspec.structs.replace(span, channel=1) for span in other.other),
    )


async def _receive(child: Child) -> Decoded | Refused:
    head = await child.receive()
    if isinstance(head, Refused):
        return head
    if not isinstance(head, DecodedHead):
        raise ChildGone(f"it began with {type(head).__name__}")
    regions = []
    for _ in range(head.regions):
        region = await child.receive()
        if not isinstance(region, Region):
            raise ChildGone(f"it sent {type(region).__name__} for a region")
        regions.append(region)
    return Decoded(
        rate=head.rate,
        source_rate=head.source_rate,
        channels=head.channels,
        duration_ms=head.duration_ms,
        regions=tuple(regions),
        peaks=head.peaks,
        notes=head.notes,
        cpu_ms=head.cpu_ms,
        other=head.other,
        engine=head.engine,
        codec=head.codec,
    )
