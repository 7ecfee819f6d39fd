"""The whole service over a Redis and a ClickHouse of one's own, with a simulated switch."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from streams.warehouse.opening import open_warehouse
from tests.servers import DebianRedis, free_port, stop_process

STOP_S = 30
"""Far below what a supervisor of processes gives (90 s), far above what it takes; CI machines are slow."""

pytestmark = [pytest.mark.servers, pytest.mark.slow]

SECRET = "a-secret-of-the-switch"
CONFIG = """
[site]
id = "hz"
seats = 60
[store]
data = "data"
[redis]
url = "{redis}"
[clickhouse]
url = "{clickhouse}"
[web]
port = {web}
[[source]]
kind = "asterisk"
id = "pbx"
host = "127.0.0.1"
port = {switch}
username = "floorwatch"
secret = "{secret}"
"""


@dataclass(frozen=True, slots=True)
class Running:
    folder: Path
    clickhouse: str
    web: int
    service: "subprocess.Popen[bytes]"

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.web}{path}", timeout=5) as response:
            return json.load(response)

    def rows(self, sql: str) -> list[Any]:
        opened = open_warehouse(self.clickhouse)
        try:
            return opened.query(sql)
        finally:
            opened.close()


def session_of(pid: int) -> list[int]:
    """Every live process of that session: the service starts none outside of it."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
            if state != "Z" and os.getsid(int(entry.name)) == pid:
                found.append(int(entry.name))
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def soon(answers: Callable[[], bool], *, within_s: float, what: str) -> None:
    deadline = time.monotonic() + within_s
    while True:
        try:
            if answers():
                return
        except OSError:
            pass
        assert time.monotonic() < deadline, f"{what}: not within {within_s:g} s"
        time.sleep(0.1)


@pytest.fixture
def running(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, clickhouse_url: str, fresh_name: str
) -> Iterator[Running]:
    redis = DebianRedis(tmp_path_factory.mktemp("redis")).start()
    clickhouse = f"{clickhouse_url}/{fresh_name}"
    web, switch = free_port(), free_port()
    told = CONFIG.format(redis=redis.url, clickhouse=clickhouse, web=web, switch=switch, secret=SECRET)
    (tmp_path / "floorwatch.toml").write_text(told)
    simulated = subprocess.Popen(
        (
            *(sys.executable, "-m", "monitor.demo.switch", "--port", str(switch), "--secret", SECRET),
            *("--agents", "40", "--speed", "10"),
        ),
        stdout=subprocess.DEVNULL,
    )
    service = subprocess.Popen(
        (sys.executable, "-m", "monitor.cli", "serve", "-c", str(tmp_path / "floorwatch.toml")),
        start_new_session=True,
        stderr=subprocess.PIPE,
    )
    try:
        yield Running(folder=tmp_path, clickhouse=clickhouse, web=web, service=service)
    finally:
        for pid in session_of(service.pid):
            os.kill(pid, signal.SIGKILL)
        service.communicate()
        stop_process(simulated)
        redis.stop()
        broom = open_warehouse(clickhouse_url)
        broom.execute(f"DROP DATABASE IF EXISTS `{fresh_name}`")
        broom.close()


@pytest.mark.timeout(150)
def test_contacts_reach_clickhouse_and_the_page_and_a_stop_is_in_order(running: Running) -> None:
    """Contacts in the store once each, queues on the page, SIGTERM ends every process within 10 s with code 0."""
    soon(
        lambda: any(queue["today"].get("answered") for queue in running.get("/api/v1/queues")),
        within_s=70,  # a busy machine starts four processes, and a simulated contact takes its time
        what="an answered contact on the page",
    )
    counted = "SELECT count(), uniqExact(contact, leg, queue) FROM contact_legs FINAL WHERE outcome = 'answered'"
    soon(lambda: running.rows(counted)[0][0] > 5, within_s=90, what="answered contacts in ClickHouse")
    ((rows, contacts),) = running.rows(counted)
    assert rows == contacts

    began = time.monotonic()
    running.service.send_signal(signal.SIGTERM)
    _, errors = running.service.communicate(timeout=STOP_S)
    assert running.service.returncode == 0, errors.decode()
    soon(
        lambda: not session_of(running.service.pid), within_s=STOP_S - (time.monotonic() - began), what="every process"
    )

    logs = {file.name: file.read_text() for file in (running.folder / "data" / "log").iterdir()}
    assert sorted(logs) == ["history.log", "live.log"]
    for name, text in logs.items():
        assert "Traceback" not in text, f"{name}: {text[-3000:]}"
        assert SECRET not in text
    assert SECRET.encode() not in errors
