"""`floorwatch recordings` as a person calls it, over a real bus: a manifest judged, taken in, taken in again."""

import asyncio
import json
import os
import pty
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest
from redis.asyncio import Redis

from asr.intake_states import State
from monitor import clock
from monitor.intake import Intake
from streams.bus.connection import client
from streams.vocabulary.ids import SiteId
from tests.integration.bus_room import in_own_room, room_url

pytestmark = pytest.mark.servers
T = TypeVar("T")

CONFIG = """[site]
id = "gz"
timezone = "UTC"
[store]
data = "data"
[redis]
url = "{redis}"
[recordings]
folder = "recordings"
urls = ["https://rec.example.net/r/"]
"""
MANIFEST = """path,url,contact,at,agent,queue
a.wav,,1795291649.1,,8001,vip
sub/b.wav,,,2026-11-21T22:26:40Z,8002,=HYPERLINK("x")
,https://rec.example.net/r/c.wav,1795291649.3,,,
gone.wav,,1795291649.4,,,
../../etc/passwd,,1795291649.5,,,
out.wav,,1795291649.6,,,
,https://elsewhere.example.net/c.wav,1795291649.7,,,
a.wav,,1795291649.8,,,
sub,,1795291649.9,,,
c.wav,,1795291649.1,2099-01-01T00:00:00Z,,
\x1b[31m.wav,,1795291649.2,,,
"""


@pytest.fixture
def place(tmp_path: Path, valkey_url: str) -> Path:
    """A configuration, three files, a link that leads out, and the manifest."""
    folder = tmp_path / "recordings"
    (folder / "sub").mkdir(parents=True)
    for name in ("a.wav", "sub/b.wav", "c.wav"):
        (folder / name).write_bytes(b"x")
    (folder / "out.wav").symlink_to("/etc/passwd")
    (tmp_path / "floorwatch.toml").write_text(CONFIG.format(redis=room_url(valkey_url)), encoding="utf-8")
    (tmp_path / "calls.csv").write_text("\ufeff" + MANIFEST.replace("\n", "\r\n"), encoding="utf-8")
    in_own_room(valkey_url, _nothing)
    return tmp_path


async def _nothing(redis: Redis) -> None:
    """The room is emptied on entering it."""


async def _keys(redis: Redis) -> list[bytes | str]:
    return await redis.keys("asr:*")


def command(place: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "monitor.cli", "recordings", *words, "-c", str(place / "floorwatch.toml")]


def called(place: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command(place, *words), capture_output=True, text=True, timeout=60, env=dict(os.environ))


def test_a_dry_run_names_every_lines_fault_and_takes_nothing(place: Path, valkey_url: str) -> None:
    """A line with a fault keeps no other one out; an escape sequence in a name does nothing to the terminal."""
    done = called(place, "import", str(place / "calls.csv"), "--dry-run")
    assert done.returncode == 1
    assert "1 would be taken, 0 known before, 2 wait, 8 fault(s)" in done.stdout
    faults = [line for line in done.stderr.splitlines() if line.startswith(str(place))]
    told = {int(line.split(":")[1]): line.split(":", 2)[2].strip() for line in faults}
    assert sorted(told) == [5, 6, 7, 8, 9, 10, 11, 12]
    assert told[6] == "path: the path is outside"
    assert told[7] == "path: the path is outside"
    assert told[8] == "url: begins as none of [recordings] urls"
    assert told[9] == "path: is on line 2 too"
    assert done.stderr.count("mend: ") == 8
    assert "\x1b" not in done.stderr
    assert looked(valkey_url, _keys) == []


def test_a_manifest_is_taken_in_once_with_progress_on_a_terminal(place: Path, valkey_url: str) -> None:
    """Again, everything is known; what stands in its cells is data."""
    shown = on_terminal(command(place, "import", str(place / "calls.csv")))
    assert "10/10" in shown
    again = json.loads(called(place, "import", str(place / "calls.csv"), "--json").stdout)
    assert (again["taken"], again["known"], again["waiting"], len(again["faults"])) == (0, 3, 0, 8)

    async def stands(redis: Redis) -> dict[str, tuple[str, str, str]]:
        store = Intake(redis, clock=clock.now).store
        rows = [row for state in State for row in await store.listed(SiteId("gz"), state)]
        return {row.recording[:12]: (row.state, row.job.agent, row.job.queue) for row in rows}

    kept = looked(valkey_url, stands)
    assert kept.pop("1795291649.1") == ("queued", "8001", "vip")
    assert kept.pop("1795291649.3") == ("arrived", "", "")
    assert list(kept.values()) == [("arrived", "8002", '=HYPERLINK("x")')]


def looked(url: str, body: Callable[[Redis], Awaitable[T]]) -> T:
    """As in_own_room, with what is there."""

    async def inside() -> T:
        redis = client(room_url(url))
        try:
            return await body(redis)
        finally:
            await redis.aclose()

    return asyncio.run(inside())


def on_terminal(words: list[str]) -> str:
    """Everything a terminal is sent."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        words, stdin=theirs, stdout=theirs, stderr=theirs, env={**os.environ, "TERM": "xterm"}
    ) as one:
        os.close(theirs)
        shown = b""
        try:
            while chunk := os.read(ours, 65_536):
                shown += chunk
        except OSError:  # the other end is closed
            pass
        finally:
            os.close(ours)
        one.wait(60)
    return shown.decode(errors="replace")
