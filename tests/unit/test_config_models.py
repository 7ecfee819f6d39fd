"""Which model hears whom, as it is configured; each slip with its place and its mend."""

from pathlib import Path

import pytest

from monitor.config import ConfigFaults
from monitor.config_read import load_config
from monitor.model_choice import ModelChoice
from streams.vocabulary.ids import QueueName, SiteId
from tests.unit.model_folders import MODEL_FILES, lay_out

SITES = '[site]\nid = "gz"\n[[branch]]\nid = "sz"\n'


def choice(tmp_path: Path, text: str) -> ModelChoice:
    for name in ("cn", "en"):
        lay_out(tmp_path / "models" / name, *MODEL_FILES)
    (tmp_path / "floorwatch.toml").write_text(SITES + text)
    return load_config(tmp_path / "floorwatch.toml", env={}).recogniser.models


def test_a_queues_model_goes_before_its_sites_and_that_before_the_one_for_all(tmp_path: Path) -> None:
    """By the name of a folder, or by a path."""
    text = '[recogniser]\nmodel = "models/cn"\n[recogniser.models]\nfolder = "models"\n'
    text += '[recogniser.models.queues]\nenglish = "en"\n[recogniser.models.sites]\nsz = "./models/en"\n'
    models = choice(tmp_path, text)
    cn, en = tmp_path / "models" / "cn", tmp_path / "models" / "en"
    told = [("sales", "gz", cn), ("sales", "sz", en), ("english", "gz", en)]
    assert [models.of(queue=QueueName(queue), site=SiteId(site)) for queue, site, _ in told] == [
        path for *_, path in told
    ]
    assert models.all == (cn, en)


def test_nothing_told_is_the_demo_model(tmp_path: Path) -> None:
    """None stands for it, everywhere."""
    models = choice(tmp_path, "")
    assert models.of(queue=QueueName("sales"), site=SiteId("gz")) is None
    assert models.all == (None,)


@pytest.mark.parametrize(
    ("text", "line", "mend"),
    [
        ('[recogniser]\nmodel = "nowhere"\n', 6, "am/final.mdl"),
        ('[recogniser.models]\nfolder = "nowhere"\n', 6, "floorwatch model fetch"),
        ('[recogniser.models.queues]\nenglish = "ru"\n', 6, "floorwatch model fetch NAME"),
        ('[recogniser.models.sites]\nbj = "en"\n', 6, "name one of gz, sz"),
        ('[recogniser.models]\nfloder = "models"\n', 6, "folder"),
    ],
)
def test_a_model_that_cannot_be_is_refused_where_it_stands(tmp_path: Path, text: str, line: int, mend: str) -> None:
    """Before the first recording needs it."""
    with pytest.raises(ConfigFaults) as faults:
        choice(tmp_path, text)
    (fault,) = faults.value.faults
    assert fault.line == line
    assert mend in fault.mend
