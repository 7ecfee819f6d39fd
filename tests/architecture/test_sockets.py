"""The guard of tests/conftest.py itself: an unmarked test that opens a socket fails, and is told why."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def outcome(tmp_path: Path, body: str) -> subprocess.CompletedProcess[str]:
    """One inner test run under the project's own conftest and settings."""
    test = tmp_path / "test_inner.py"
    test.write_text(f"import asyncio, socket, threading\nimport pytest\n\n{body}")
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-c", "pyproject.toml", str(test)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.parametrize(
    "opening",
    [
        "socket.socket().bind(('127.0.0.1', 0))",
        "socket.socket(socket.AF_INET6).bind(('::1', 0))",
        "socket.socket(socket.AF_UNIX).connect('/nowhere.sock')",
        "socket.create_connection(('127.0.0.1', 9), timeout=1)",
        "asyncio.run(asyncio.open_connection('127.0.0.1', 9))",
    ],
)
def test_unmarked_test_that_opens_a_socket_fails(tmp_path: Path, opening: str) -> None:
    """Every family and every way to open one is seen."""
    ran = outcome(tmp_path, f"def test_it():\n    {opening}\n")
    assert ran.returncode == 1, ran.stdout
    assert "opened a socket" in ran.stdout
    assert "@pytest.mark.servers" in ran.stdout


def test_swallowed_failure_still_fails(tmp_path: Path) -> None:
    """Code that catches whatever the guard raises does not get away with it."""
    opening = "socket.socket().bind(('127.0.0.1', 0))"
    body = f"def test_it():\n    try:\n        {opening}\n    except BaseException:\n        pass\n"
    assert outcome(tmp_path, body).returncode == 1


@pytest.mark.parametrize("marker", ["servers", "browser", "vosk"])
def test_marked_test_may_open_a_socket(tmp_path: Path, marker: str) -> None:
    """The marker is the permission."""
    body = (
        f"@pytest.mark.{marker}\ndef test_it():\n    with socket.socket() as one:\n        one.bind(('127.0.0.1', 0))\n"
    )
    ran = outcome(tmp_path, body)
    assert ran.returncode == 0, ran.stdout


def test_event_loop_of_its_own_is_free(tmp_path: Path) -> None:
    """asyncio wakes itself through a socket pair; that is no way out of the process."""
    ran = outcome(tmp_path, "def test_it():\n    asyncio.run(asyncio.sleep(0))\n")
    assert ran.returncode == 0, ran.stdout
