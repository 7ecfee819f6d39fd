"""What the rule editor is told of keywords: by the model that hears the queue in question."""

import asyncio
from pathlib import Path

import pytest

from asr.faults import ModelFault
from asr.vocabulary import Writable
from monitor.model_choice import ModelChoice
from monitor.vocabulary_desk import VocabularyDesk
from streams.vocabulary.ids import QueueName, SiteId
from tests.unit.model_folders import lay_out

SITE, SALES, ENGLISH = SiteId("gz"), QueueName("sales"), QueueName("english")


def english(folder: Path) -> Path:
    model = lay_out(folder / "en", "am/final.mdl", "conf/mfcc.conf", "graph/HCLG.fst")
    (model / "graph" / "words.txt").write_text("<eps> 0\nrefund 1\n")
    return model


def test_each_queue_is_answered_by_its_own_model(tmp_path: Path) -> None:
    """An English word is writable where English is heard, and only there."""

    async def ask() -> list[tuple[str, int, Writable]]:
        desk = VocabularyDesk(ModelChoice(by_queue={ENGLISH: english(tmp_path)}))
        answers = [await desk.judge(["refund"], queue=queue, site=SITE) for queue in (SALES, ENGLISH)]
        return [(one.model, one.size, one.keywords[0].writable) for one in answers]

    assert asyncio.run(ask()) == [("demo-zh", 770, Writable.CANNOT), ("en", 1, Writable.ONE_WORD)]


def test_a_model_that_went_away_is_a_fault_with_its_mend(tmp_path: Path) -> None:
    """The folder was there when the configuration was read."""
    desk = VocabularyDesk(ModelChoice(default=tmp_path / "gone"))
    with pytest.raises(ModelFault, match="is not a folder"):
        asyncio.run(desk.judge(["退订"], queue=SALES, site=SITE))
