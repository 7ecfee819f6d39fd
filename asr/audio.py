"""Recordings to speech, through a child. In: a path. Out: `Decoded`, or AudioFault with its reason.

The file is opened only in the child, which has CPU, memory and file limits and a deadline; a decoder brought down by
bytes brings nothing else down. A pair of mono files (-rx/-tx) will be two decodes side by side, channels renumbered.
"""

import asyncio
import signal
from dataclasses import dataclass
from pathlib import Path

from asr.child import Child, ChildGone
from asr.faults import AudioFault, AudioReason
from asr.wire import DecodedHead, Refused, Region

_KILLED_FOR_CPU = f"exit status {-signal.SIGXCPU}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodeLimits:
    max_seconds: int = 7_200
    deadline_s: float = 120.0
    cpu_seconds: int = 90
    memory_mb: int = 1_536


DECODE_LIMITS = DecodeLimits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """Speech only: what lies between regions was silence and stayed in the child."""

    rate: int
    source_rate: int
    channels: int
    duration_ms: int
    regions: tuple[Region, ...]
    peaks: tuple[tuple[int, ...], ...]
    notes: tuple[str, ...]
    cpu_ms: int

    def of_channel(self, channel: int) -> tuple[Region, ...]:
        return tuple(region for region in self.regions if region.channel == channel)

    @property
    def speech_ms(self) -> int:
        return sum(region.end_ms - region.start_ms for region in self.regions)


async def decode(path: Path | str, *, rate: int, buckets: int = 600, limits: DecodeLimits = DECODE_LIMITS) -> Decoded:
    """Raises AudioFault; never leaves a child behind, not when cancelled either."""
    child = await Child.start(
        "asr.decode_child",
        f"--rate={rate}",
        f"--max-seconds={limits.max_seconds}",
        f"--buckets={buckets}",
        f"--cpu-seconds={limits.cpu_seconds}",
        f"--memory-mb={limits.memory_mb}",
        "--",
        str(path),
        speaks_to=False,
    )
    try:
        async with asyncio.timeout(limits.deadline_s):
            return await _receive(child)
    except TimeoutError as error:
        raise AudioFault(AudioReason.DECODER_TIMEOUT, f"not done within {limits.deadline_s:.0f} s") from error
    except ChildGone as error:
        cpu = error.detail.startswith(_KILLED_FOR_CPU)
        raise AudioFault(AudioReason.DECODER_TIMEOUT if cpu else AudioReason.DECODER_CRASHED, error.detail) from error
    finally:
        await child.stop()


async def _receive(child: Child) -> Decoded:
    head = await child.receive()
    if isinstance(head, Refused):
        raise AudioFault(AudioReason(head.reason), head.detail)
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
    )
