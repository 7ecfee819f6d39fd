"""The commands over models as a person types them: what is listed, brought, checked, refused."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.model_folders import zipped

pytestmark = pytest.mark.vosk


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "monitor.cli", "model", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_check_tells_what_the_demo_model_costs_and_hears() -> None:
    """A known sentence of a demo call, word for word; and that it is for the demo."""
    done = run("check", "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["demo"], told["rate"], told["words"]) == (0, True, 8_000, 770)
    assert told["heard"] == told["expected"]
    assert 20 < told["rss_mb"] < 200
    assert "演示模型" in told["says"]


def test_what_is_brought_is_listed_and_what_cannot_be_loaded_is_refused(tmp_path: Path) -> None:
    """It looks like a model and is none: `check` says so with the mend, nothing hangs."""
    brought = run("fetch", "--from", zipped(tmp_path / "m.zip"), "--folder", tmp_path / "models")
    assert (brought.returncode, "every later fetch must have the same" in brought.stdout) == (0, True)
    listed = json.loads(run("list", "--folder", tmp_path / "models", "--json").stdout)
    assert [one["name"] for one in listed["models"]] == ["demo-zh", "vosk-model-small-cn-0.22"]
    assert "vosk-model-small-cn-0.22" not in {one["name"] for one in listed["offered"]}
    checked = run("check", tmp_path / "models" / "vosk-model-small-cn-0.22")
    assert (checked.returncode, "alphacephei" in checked.stderr) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("fetch",), "--from FILE.zip"),
        (("fetch", "gpt"), "name one of vosk-model-small-cn-0.22"),
        (("check", "x"), "am/"),
    ],
)
def test_a_wish_that_cannot_be_met_is_refused_with_its_mend(arguments: tuple[str, ...], told: str) -> None:
    """Exit code 2."""
    done = run(*arguments)
    assert done.returncode == 2
    assert told in done.stderr
