"""The rooms, the pure core and the doors, held by import-linter, and proof that its contracts bite."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import ROOMS, ROOT

LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", LINT, "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
    )


def test_every_contract_is_kept() -> None:
    """One broken import direction, or one library through a second door, fails the build."""
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("module", "line", "name"),
    [
        ("streams/vocabulary/ids.py", "import asr.transcript", "Rooms look one way"),
        ("streams/wire/ami.py", "import streams.translate.asterisk", "Inside streams"),
        ("streams/floor/numbers.py", "import time", "The pure core"),
        ("asr/transcript.py", "import vosk", "One door: vosk"),
        ("asr/vad.py", "import av", "One door: soundfile"),
        ("asr/text.py", "import cn2an", "One door: cn2an"),
        ("scoring/judge.py", "import re2", "One door: re2"),
        ("scoring/match.py", "import rapidfuzz", "One door: what looks for words"),
    ],
)
def test_a_forbidden_import_breaks_its_contract(tmp_path: Path, module: str, line: str, name: str) -> None:
    """A contract that names nothing real would be kept for ever."""
    for room in ROOMS:
        for source in (ROOT / room).rglob("*.py"):
            copy = tmp_path / source.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, copy)
    shutil.copy(ROOT / ".importlinter", tmp_path)
    with (tmp_path / module).open("a", encoding="utf-8") as file:
        file.write(f"\n{line}\n")
    done = lint_imports(tmp_path)
    assert done.returncode != 0
    _, _, broken = done.stdout.partition("Broken contracts")
    assert name in broken, done.stdout
