"""What the models in use can write. In: keywords, a queue, a site. Out: `VocabularyAnswer`, ModelFault.

Each model's words are read once, when first asked for, and kept: some 10 MB for a full one. May not know: requests.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import msgspec

from asr.models import ModelInfo, describe, read_vocabulary
from asr.vocabulary import Judged, Vocabulary, judge
from monitor.model_choice import ModelChoice
from streams.vocabulary.ids import QueueName, SiteId


class VocabularyAnswer(msgspec.Struct, frozen=True, kw_only=True):
    model: str
    demo: bool
    size: int
    """Words that the model can write."""
    keywords: tuple[Judged, ...]


class VocabularyDesk:
    """Owns the vocabularies read so far: as many as the configuration names models."""

    def __init__(self, models: ModelChoice) -> None:
        self._models = models
        self._kept: dict[Path | None, tuple[ModelInfo, Vocabulary]] = {}
        self._reading = asyncio.Lock()

    async def judge(
        self, keywords: Sequence[str], *, queue: QueueName, site: SiteId, most: int = 5
    ) -> VocabularyAnswer:
        """Of the model that hears this queue. Raises ModelFault."""
        path = self._models.of(queue=queue, site=site)
        async with self._reading:
            if path not in self._kept:
                self._kept[path] = await asyncio.to_thread(_read, path)
        info, vocabulary = self._kept[path]
        judged = await asyncio.to_thread(lambda: tuple(judge(one, vocabulary, most=most) for one in keywords))
        return VocabularyAnswer(model=info.name, demo=info.demo, size=len(vocabulary), keywords=judged)


def _read(path: Path | None) -> tuple[ModelInfo, Vocabulary]:
    info = describe(path)
    return info, read_vocabulary(info)
