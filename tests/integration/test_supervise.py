"""The parent over real processes: what dies is started again, what is asked to end ends, nothing outlives it."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.supervise import Kept, Program, keeping, launched
from tests.integration.bus_room import until

pytestmark = pytest.mark.servers


def program(folder: Path, code: str, *, name: str = "child") -> Program:
    return Program(name=name, arguments=(sys.executable, "-c", code), log_to=folder / f"{name}.log")


def kept_while(wanted: Program, holds: Callable[[Kept], bool], *, within_s: float = 30) -> Kept:
    """The child after `holds` came true and everything was stopped."""

    async def run() -> Kept:
        async with asyncio.timeout(within_s), keeping([wanted]) as (kept,):
            await until(lambda: holds(kept))
            return kept

    return asyncio.run(run())


def gone_within(pid: int, seconds: float) -> bool:
    """Ended; whoever inherited it may not have taken notice yet (state Z)."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False


def test_a_child_that_dies_is_started_again_and_counted(tmp_path: Path) -> None:
    """Its exit code is remembered; its words of both lives are in its log."""
    kept = kept_while(program(tmp_path, "print('hello', flush=True); raise SystemExit(3)"), lambda one: one.starts == 3)
    assert kept.exit_codes[:2] == [3, 3]
    assert (tmp_path / "child.log").read_text().startswith("hello\nhello\n")


def test_a_child_killed_from_outside_is_started_again(tmp_path: Path) -> None:
    """kill -9, as the kernel does when memory is short."""
    killed: list[int] = []

    def second_life(kept: Kept) -> bool:
        if kept.process is not None and not killed:
            killed.append(kept.process.pid)
            os.kill(kept.process.pid, signal.SIGKILL)
        return kept.starts == 2

    kept = kept_while(program(tmp_path, "import time; time.sleep(60)"), second_life)
    assert kept.exit_codes == [-signal.SIGKILL]


def test_a_program_that_cannot_be_started_is_tried_again_and_counted(tmp_path: Path) -> None:
    """A missing interpreter, a full disk under the log: the parent goes on trying, it does not forget the child."""
    missing = Program(name="child", arguments=(str(tmp_path / "nowhere"),), log_to=tmp_path / "child.log")
    assert kept_while(missing, lambda one: len(one.exit_codes) == 2).starts == 2
    no_log = Program(name="child", arguments=("true",), log_to=tmp_path / "no-folder" / "child.log")
    assert kept_while(no_log, lambda one: len(one.exit_codes) == 2).starts == 2


def test_on_leaving_a_child_is_asked_to_end(tmp_path: Path) -> None:
    """SIGTERM, and time to put things in order."""
    code = (
        "import signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *a: (print('in order', flush=True), sys.exit(0)))\n"
        "print('up', flush=True)\ntime.sleep(60)"
    )
    log = tmp_path / "child.log"
    kept = kept_while(program(tmp_path, code), lambda one: log.exists() and "up" in log.read_text())
    assert log.read_text() == "up\nin order\n"
    assert kept.process is not None
    assert kept.process.returncode == 0


def test_a_terminals_ctrl_c_reaches_the_parent_only(tmp_path: Path) -> None:
    """Children hear of the end from the parent, in its order, and once."""
    kept = kept_while(
        program(tmp_path, "import os, time; print(os.getpgid(0) == os.getpid(), flush=True); time.sleep(60)"),
        lambda one: (tmp_path / "child.log").exists() and "\n" in (tmp_path / "child.log").read_text(),
    )
    assert kept.starts == 1
    assert (tmp_path / "child.log").read_text() == "True\n"


PARENT = """
import asyncio, sys
from pathlib import Path
from monitor.supervise import Program, keeping

async def run():
    code = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
    child = Program(name="child", arguments=(sys.executable, "-c", code), log_to=Path(sys.argv[1]))
    async with keeping([child]):
        await asyncio.sleep(60)

asyncio.run(run())
"""


def pid_in(log: Path, *, within_s: float = 30) -> int:
    deadline = time.monotonic() + within_s
    while not (log.exists() and log.read_text().endswith("\n")):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return int(log.read_text())


def test_when_the_parent_is_killed_its_children_end(tmp_path: Path) -> None:
    """kill -9 of the parent: the kernel tells the children."""
    log = tmp_path / "child.log"
    with subprocess.Popen([sys.executable, "-c", PARENT, str(log)]) as parent:
        child = pid_in(log)
        parent.kill()
    assert gone_within(child, 20)


def test_a_child_whose_parent_is_gone_already_does_not_begin(tmp_path: Path) -> None:
    """Killed between the start and the child's first word; the parent is known by its number, which may well be 1."""
    code = "print('begun')"
    own, other = (launched((sys.executable, "-c", code), parent=number) for number in (os.getpid(), 1))
    assert subprocess.run(own, capture_output=True, check=True, text=True).stdout == "begun\n"
    assert subprocess.run(other, capture_output=True, check=True, text=True).stdout == ""
