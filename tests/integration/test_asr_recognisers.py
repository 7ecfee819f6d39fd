"""One worker, several models: each recording is heard by the one chosen for it, and only so many are loaded at once."""

import asyncio
import shutil
from pathlib import Path

import pytest

from asr.faults import RecognitionFault, RecognitionReason
from asr.models import DEMO_MODEL_DIR
from asr.recognisers import Recognisers
from asr.worker import run_worker
from tests.integration.test_asr_worker import GOOD, PATIENCE_S, Desk, children

pytestmark = pytest.mark.vosk


def test_a_recording_is_heard_by_the_model_chosen_for_it(tmp_path: Path) -> None:
    """The facts name it: whoever disputes a transcript knows what wrote it."""
    other = tmp_path / "vosk-model-other"
    shutil.copytree(DEMO_MODEL_DIR, other)

    async def scenario() -> Desk:
        desk = Desk(GOOD, GOOD)
        worker = asyncio.create_task(run_worker(desk, model_of=lambda job: other if job.contact == "c1" else None))
        async with asyncio.timeout(PATIENCE_S):
            await desk.empty.wait()
        worker.cancel()
        with pytest.raises(asyncio.CancelledError):
            await worker
        return desk

    desk = asyncio.run(scenario())
    done = {fact.contact: fact.model for fact in desk.facts if fact.state == "done"}
    assert done["c1"] == "vosk-model-other"
    assert done["c0"] != done["c1"]
    assert not children("asr.recognizer")


def test_the_model_unused_for_longest_gives_its_memory_back(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("one", "two", "three")]
    for folder in folders:
        shutil.copytree(DEMO_MODEL_DIR, folder)

    async def scenario() -> list[bool]:
        recognisers = Recognisers(most=2)
        try:
            hearers = [await recognisers.first(folders[0]), await recognisers.of(folders[1])]
            await hearers[1].recogniser.start()
            assert await recognisers.of(folders[0]) is hearers[0]
            hearers.append(await recognisers.of(folders[2]))
            await hearers[2].recogniser.start()
            return [one.recogniser.pid is not None for one in hearers]
        finally:
            await recognisers.stop()

    assert asyncio.run(scenario()) == [True, False, True]


def test_a_folder_that_is_no_model_is_refused_with_its_mend(tmp_path: Path) -> None:
    with pytest.raises(RecognitionFault) as fault:
        asyncio.run(Recognisers().of(tmp_path))
    assert fault.value.reason is RecognitionReason.RECOGNISER_REFUSED
    assert "conf/mfcc.conf" in fault.value.detail or "am/final.mdl" in fault.value.detail
