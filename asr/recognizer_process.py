"""The parent's end of the recogniser. In: speech regions. Out: words per channel, or RecognitionFault.

Owns one child at a time: started when needed, killed on overrun, replaced after so many recordings. The parent never
imports vosk. May not know: files, stores.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import structlog

from asr.child import Child, ChildGone, again_if_killed
from asr.faults import RecognitionFault, RecognitionReason
from asr.models import ModelInfo
from asr.pieces import in_pieces
from asr.wire import OVERRAN, Hear, Heard, HeardWord, Ready, Region

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecogniserLimits:
    start_s: float = 180.0
    """To load the model; a full-size one takes some seconds, on a busy machine over a minute."""
    deadline_base_s: float = 30.0
    deadline_per_second: float = 2.0
    """Deadline of a recording: base + this x its duration."""
    region_base_s: float = 5.0
    region_per_second: float = 1.0
    """CPU that one region may take, base + this x its length; beyond it the recording is heard in pieces."""
    recycle_after: int = 200
    """Recordings per child: bounds whatever leaks."""
    memory_mb: int | None = None
    """Address space; None: 6 x the model's size + 2 GB. Measured: a model of 253 MB holds 0.6 GB but maps 2.3 GB
    while it loads, and with too little Kaldi hangs or aborts instead of saying so."""
    threads: int = 2
    """The two channels of a recording are heard at once."""


RECOGNISER_LIMITS = RecogniserLimits()


class Overrun(RecognitionFault):
    """One region took more CPU than it may."""


Texts = tuple[tuple[str, ...], ...]
"""What may have been said in one region, likeliest first, each as words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    words: Mapping[int, tuple[HeardWord, ...]]
    cpu_ms: int
    texts: Mapping[int, tuple[Texts, ...]] = field(default_factory=dict)
    """By channel, for each region asked about; of `reconsider` only."""
    in_pieces: bool = False
    """Some region took too long: all were heard again in short pieces."""


class RecognizerProcess:
    """Serves one recording at a time; more callers wait their turn. Call `stop` when done."""

    def __init__(self, model: ModelInfo, limits: RecogniserLimits = RECOGNISER_LIMITS) -> None:
        self._model = model
        self._limits = limits
        self._child: Child | None = None
        self._served = 0
        self._turn = asyncio.Lock()

    @property
    def pid(self) -> int | None:
        """The running child's process id, for metrics."""
        return self._child.pid if self._child is not None and self._child.running else None

    async def recognise(self, regions: Mapping[int, Sequence[Region]], *, duration_ms: int) -> Recognised:
        """`regions` by channel, in order of time, at the model's rate. Raises RecognitionFault; the next call works."""
        try:
            return await self._asked(regions, 0, duration_ms)
        except Overrun:
            log.warning("heard_in_pieces", duration_ms=duration_ms)
        pieces = {
            channel: [piece for region in found for piece in in_pieces(region)] for channel, found in regions.items()
        }
        return replace(await self._asked(pieces, 0, duration_ms), in_pieces=True)

    async def reconsider(self, regions: Mapping[int, Sequence[Region]], *, texts: int) -> Recognised:
        """So many texts for each region instead of words. Raises RecognitionFault; the next call works."""
        heard_ms = sum(region.end_ms - region.start_ms for found in regions.values() for region in found)
        return await self._asked(regions, texts, heard_ms)

    async def _asked(self, regions: Mapping[int, Sequence[Region]], texts: int, duration_ms: int) -> Recognised:
        deadline_s = self._limits.deadline_base_s + self._limits.deadline_per_second * duration_ms / 1000
        try:
            async with self._turn:
                return await again_if_killed(lambda: self._heard(regions, texts, deadline_s))
        except TimeoutError as error:
            raise RecognitionFault(RecognitionReason.RECOGNISER_TIMEOUT, f"over {deadline_s:.0f} s") from error
        except ChildGone as error:
            if error.code == OVERRAN:
                raise Overrun(RecognitionReason.RECOGNISER_TIMEOUT, error.detail) from error
            raise RecognitionFault(RecognitionReason.RECOGNISER_DIED, error.detail) from error

    async def _heard(self, regions: Mapping[int, Sequence[Region]], texts: int, deadline_s: float) -> Recognised:
        whole = False
        try:
            child = await self._ready_child()
            async with asyncio.timeout(deadline_s):
                recognised = await _ask(child, regions, texts)
            whole = True
        finally:
            # A child with an unread answer in its pipe would answer the next recording with this one's words.
            self._served += not texts
            if not whole or self._served >= self._limits.recycle_after:
                await self._stop_child()
        return recognised

    async def start(self) -> None:
        """Loads the model now instead of with the first recording. Raises RecognitionFault."""
        async with self._turn:
            await self._ready_child()

    async def stop(self) -> None:
        async with self._turn:
            await self._stop_child()

    async def _ready_child(self) -> Child:
        if self._child is not None and self._child.running:
            return self._child
        try:
            return await again_if_killed(self._started)
        except (ChildGone, TimeoutError) as error:
            detail = error.detail if isinstance(error, ChildGone) else f"not ready within {self._limits.start_s:.0f} s"
            raise RecognitionFault(RecognitionReason.RECOGNISER_REFUSED, f"{self._model.path}: {detail}") from error

    async def _started(self) -> Child:
        await self._stop_child()
        memory_mb = self._limits.memory_mb or 2_048 + 6 * (self._model.size_bytes >> 20)
        self._child = await Child.start(
            "asr.recognizer",
            f"--rate={self._model.rate}",
            f"--threads={self._limits.threads}",
            f"--memory-mb={memory_mb}",
            f"--region-base-s={self._limits.region_base_s}",
            f"--region-per-second={self._limits.region_per_second}",
            "--",
            str(self._model.path),
            speaks_to=True,
        )
        ready = False
        try:
            async with asyncio.timeout(self._limits.start_s):
                first = await self._child.receive()
            if not isinstance(first, Ready):
                raise ChildGone(f"it began with {type(first).__name__}")
            ready = True
        finally:
            if not ready:
                await self._stop_child()
        return self._child

    async def _stop_child(self) -> None:
        child, self._child, self._served = self._child, None, 0
        if child is not None:
            await child.stop()


async def _ask(child: Child, regions: Mapping[int, Sequence[Region]], texts: int) -> Recognised:
    """The child reads and answers at the same time, so sending everything first cannot deadlock: answers are small."""
    asked = {channel: tuple(found) for channel, found in regions.items() if found}
    for channel, found in asked.items():
        await child.send(Hear(channel=channel, regions=found, texts=texts))
    words: dict[int, tuple[HeardWord, ...]] = dict.fromkeys(regions, ())
    others: dict[int, tuple[Texts, ...]] = {}
    used_ms = 0
    for _ in asked:
        heard = await child.receive()
        if not isinstance(heard, Heard) or heard.channel not in asked:
            raise ChildGone(f"it answered with {type(heard).__name__}")
        if texts and len(heard.texts) != len(asked[heard.channel]):
            raise ChildGone(f"it answered for {len(heard.texts)} of {len(asked[heard.channel])} regions")
        words[heard.channel], others[heard.channel] = heard.words, heard.texts
        used_ms += heard.cpu_ms
    return Recognised(words=MappingProxyType(words), cpu_ms=used_ms, texts=MappingProxyType(others))
