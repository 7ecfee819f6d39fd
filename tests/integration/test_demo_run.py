"""`floorwatch demo` as a person runs it: one run, looked at from outside, ended by Ctrl+C."""

import os
import signal
import socket
import stat
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.servers import free_port

pytestmark = [pytest.mark.servers, pytest.mark.slow]

DEMO = (sys.executable, "-m", "monitor.cli", "demo")
LISTENING = "0A"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What could be seen of one run."""

    data: Path
    code: int
    words: str
    stopped_within_s: float
    listening: set[str]
    """Addresses (hexadecimal, as the kernel tells them) on which the page's port was open."""
    second: "subprocess.CompletedProcess[str]"
    config_unchanged: bool
    outside: dict[str, int]
    """Request -> HTTP status."""


def listeners(port: int) -> set[str]:
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path("/proc/net", table).read_text().splitlines()[1:]:
            _, local, _, state, *_ = line.split()
            address, _, number = local.partition(":")
            if state == LISTENING and int(number, 16) == port:
                found.add(address)
    return found


def status_of(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def ready(port: int, demo: "subprocess.Popen[str]") -> None:
    deadline = time.monotonic() + 120
    while True:
        assert demo.poll() is None, "the demo ended"
        assert time.monotonic() < deadline, "the demo is not ready"
        try:
            if status_of(f"http://127.0.0.1:{port}/readyz") == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    data, port = tmp_path_factory.mktemp("demo") / "d", free_port()
    data.mkdir()
    (data / "floorwatch.toml").touch(mode=0o644)
    (data / "secret.wav").write_bytes(b"RIFF")
    arguments = (*DEMO, "--data", str(data), "--port", str(port), "--seats", "40", "--speed", "5")
    demo = subprocess.Popen(
        arguments, start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        ready(port, demo)
        before = (data / "floorwatch.toml").read_bytes()
        other = (*DEMO, "--data", str(data), "--port", str(free_port()), "--for", "1")
        second = subprocess.run(other, capture_output=True, text=True, timeout=120)
        api = f"http://127.0.0.1:{port}/api/v1/contacts"
        paths = ("..%2fsecret.wav", "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "1795262400.1")
        listening, unchanged = listeners(port), (data / "floorwatch.toml").read_bytes() == before
        outside = {path: status_of(f"{api}/{path}/recording") for path in paths}
        began = time.monotonic()
        os.killpg(demo.pid, signal.SIGINT)
        words, _ = demo.communicate(timeout=90)
        yield Seen(
            data=data,
            code=demo.returncode,
            words=words,
            stopped_within_s=time.monotonic() - began,
            listening=listening,
            second=second,
            config_unchanged=unchanged,
            outside=outside,
        )
    finally:
        if demo.poll() is None:
            os.killpg(demo.pid, signal.SIGKILL)
            demo.communicate()


def test_ctrl_c_ends_it_in_order_with_its_summary(seen: Seen) -> None:
    """Exit code 0 and the counts; no process ended unasked."""
    assert seen.code == 0, seen.words
    assert "events=" in seen.words
    assert "alerts_fired=" in seen.words
    assert seen.stopped_within_s < 60


def test_no_log_tells_of_an_error(seen: Seen) -> None:
    """Of any process, its last moments included."""
    logs = {file.name: file.read_text() for file in (seen.data / "log").iterdir()}
    assert set(logs) == {"history.log", "live.log", "switch.log", "transcribe-0.log"}
    for name, text in logs.items():
        assert "Traceback" not in text, f"{name}: {text[-2000:]}"
        assert '"level": "error"' not in text, f"{name}: {text[-2000:]}"


def test_the_page_is_open_to_this_machine_only(seen: Seen) -> None:
    """127.0.0.1 and nothing else: there is no log-in yet."""
    assert seen.listening == {"0100007F"}


def test_the_configuration_is_private_even_where_an_open_one_lay_before(seen: Seen) -> None:
    """It holds the switch's secret."""
    assert stat.S_IMODE((seen.data / "floorwatch.toml").stat().st_mode) == 0o600


def test_the_secret_is_in_no_log_and_on_no_screen(seen: Seen) -> None:
    """Only in the file that is ours alone."""
    secret = tomllib.loads((seen.data / "floorwatch.toml").read_text())["source"][0]["secret"]
    assert len(secret) >= 16
    logs = [*(seen.data / "log").iterdir(), seen.data / "valkey" / "valkey.log"]
    assert [file.name for file in logs if secret in file.read_text(errors="replace")] == []
    assert secret not in seen.words


def test_nothing_outside_the_recordings_is_served(seen: Seen) -> None:
    """A contact's id is no path; an unknown contact has no recording."""
    assert set(seen.outside.values()) == {404}


def test_a_second_demo_on_the_same_folder_is_refused_and_harms_nothing(seen: Seen) -> None:
    """Its own port and secret would have cut the first one's processes off at their next start."""
    assert seen.second.returncode == 2
    assert "choose another data folder" in seen.second.stderr
    assert seen.config_unchanged


def test_a_port_in_use_is_named_with_its_mend(tmp_path: Path) -> None:
    """Exit code 2, and nothing was started or written."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        answer = subprocess.run(
            (*DEMO, "--data", str(tmp_path / "d"), "--port", str(port)), capture_output=True, text=True, timeout=120
        )
    assert answer.returncode == 2
    assert f"port {port} is in use: choose another with --port" in answer.stderr
    assert not (tmp_path / "d").exists()


def test_a_place_that_is_no_folder_is_named_with_its_mend(tmp_path: Path) -> None:
    """A file stands where the data folder should."""
    (tmp_path / "file").write_text("")
    arguments = (*DEMO, "--data", str(tmp_path / "file"), "--port", str(free_port()))
    answer = subprocess.run(arguments, capture_output=True, text=True, timeout=120)
    assert answer.returncode == 2
    assert "choose another with --data" in answer.stderr
