"""The recognisers of one worker, by model. In: a model's folder. Out: the one that hears with it, loaded when needed.

A worker serves queues of several languages, but not all models at once: the one unused for longest gives its memory
back. May not know: which recording needs which model.
"""

from pathlib import Path
from typing import Final, NamedTuple

from asr.faults import ModelFault, RecognitionFault, RecognitionReason
from asr.models import ModelInfo, describe
from asr.recognizer_process import RECOGNISER_LIMITS, RecogniserLimits, RecognizerProcess

MOST_LOADED: Final = 2
"""A full-size model takes gigabytes."""


class Hearer(NamedTuple):
    model: ModelInfo
    recogniser: RecognizerProcess


class Recognisers:
    """Mutable; one owner, who hears one recording at a time. Call `stop` when done."""

    def __init__(self, limits: RecogniserLimits = RECOGNISER_LIMITS, *, most: int = MOST_LOADED) -> None:
        self._limits = limits
        self._most = most
        self._loaded: dict[Path | None, Hearer] = {}
        """the one used last stands last"""

    async def first(self, folder: Path | None) -> Hearer:
        """The model that every worker needs, loaded now. Raises ModelFault, RecognitionFault."""
        model = describe(folder)
        self._loaded[folder] = Hearer(model, RecognizerProcess(model, self._limits))
        await self._loaded[folder].recogniser.start()
        return self._loaded[folder]

    async def of(self, folder: Path | None) -> Hearer:
        """Raises RecognitionFault (recogniser_refused) where the folder is no model (any more)."""
        known = self._loaded.pop(folder, None)
        if known is None:
            try:
                model = describe(folder)
            except ModelFault as fault:
                raise RecognitionFault(RecognitionReason.RECOGNISER_REFUSED, str(fault)) from fault
            while len(self._loaded) >= self._most:
                oldest = next(iter(self._loaded))
                await self._loaded.pop(oldest).recogniser.stop()
            known = Hearer(model, RecognizerProcess(model, self._limits))
        self._loaded[folder] = known
        return known

    async def stop(self) -> None:
        for hearer in self._loaded.values():
            await hearer.recogniser.stop()
        self._loaded.clear()
