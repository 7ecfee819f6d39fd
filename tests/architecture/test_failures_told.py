"""tests/conftest.py tells tests/sessions.py which tests failed: those of its own session, and no others."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_only_the_sessions_own_failures_are_told(tmp_path: Path) -> None:
    """A pytest that a test starts fails on purpose: one line too many, and nothing would be tried again."""
    told, test = tmp_path / "told", tmp_path / "test_inner.py"
    test.write_text("import os\n\ndef test_it():\n    raise AssertionError(os.environ.get('FAILURES_TO'))\n")
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-c", "pyproject.toml", str(test)],
        cwd=ROOT,
        env=os.environ | {"FAILURES_TO": str(told)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "AssertionError: None" in ran.stdout  # what it starts sees no place to tell
    assert [line.partition(" ")[0] for line in told.read_text().splitlines()] == ["call"]
