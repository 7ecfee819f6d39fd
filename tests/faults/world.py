"""A whole installation of real processes that may be ended, frozen and filled. In: choices. Out: roles, answers.

redis-server or valkey, clickhouse-server or chDB, by the seed; `live` (collect, floor, web) and `history` (archive) are
processes of their own. Everything listens on loopback, in a folder of its own; only its own processes are ended.
"""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import redis

from streams.bus.embedded import server_binary
from streams.vocabulary.states import Order
from tests.faults.story import SITE, SOURCE
from tests.servers import DebianClickHouse, DebianRedis, free_port, port_answers, stop_process, wait_until

TOKEN = "a-token-of-this-test-only"
ROLES = {"live": "collect,floor,web", "history": "archive"}
READY_S = 60

CONFIG = """[site]
id = "{site}"
timezone = "UTC"
[store]
data = "{data}"
spool_mb = 50
[redis]
url = "{redis}"
{clickhouse}
[web]
port = {web}
[[source]]
kind = "push"
id = "{source}"
order = "{order}"
secret = "{token}"
"""


class Valkey(DebianRedis):
    """The wheel's valkey-server, run as redis-server is."""

    def start(self) -> "Valkey":
        log = self.folder / "valkey.log"
        place = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder), "--logfile", str(log)]
        keeping = ["--save", "", "--appendonly", "yes", "--appendfsync", "everysec"]
        self.process = subprocess.Popen([str(server_binary()), *place, *keeping])
        wait_until(lambda: port_answers(self.port), self.process, what="valkey-server", log=log)
        return self


class World:
    """Owns every process it started; `close` ends them."""

    def __init__(self, folder: Path, *, valkey: bool, clickhouse: bool, order: Order) -> None:
        self.folder = folder
        bus, store = folder / "bus", folder / "clickhouse"
        bus.mkdir()
        self.bus: DebianRedis = Valkey(bus) if valkey else DebianRedis(bus)
        self.bus.start()
        self.store: DebianClickHouse | None = None
        if clickhouse:
            store.mkdir()
            self.store = DebianClickHouse(store).start()
        self.web = free_port()
        self.config = folder / "floorwatch.toml"
        self.config.write_text(
            CONFIG.format(
                site=SITE,
                data=folder / "data",
                redis=self.bus.url,
                clickhouse=f'[clickhouse]\nurl = "{self.store.url}/floor"' if self.store else "",
                web=self.web,
                source=SOURCE,
                order=order,
                token=TOKEN,
            )
        )
        self.roles: dict[str, subprocess.Popen[bytes]] = {}
        self.down: set[str] = set()
        for name in ROLES:
            self.start(name)
        self.until_ready()

    # --- processes

    def start(self, name: str) -> None:
        self.down.discard(name)
        if name in self.roles and self.roles[name].poll() is None:
            return
        command = (sys.executable, "-m", "monitor.cli", "serve", "-c", str(self.config), "--roles", ROLES[name])
        with (self.folder / f"{name}.log").open("ab") as log:
            self.roles[name] = subprocess.Popen(command, stdout=log, stderr=log)

    def kill(self, name: str) -> None:
        self.down.add(name)
        self.roles[name].kill()
        self.roles[name].wait()

    def kept(self) -> None:
        """A role that ended by itself comes back, as its supervisor would do it."""
        for name, process in list(self.roles.items()):
            if name not in self.down and process.poll() is not None:
                self.start(name)

    def kill_bus(self) -> None:
        assert self.bus.process is not None
        self.bus.process.kill()
        self.bus.process.wait()

    def freeze(self, process: "subprocess.Popen[bytes] | None", *, frozen: bool) -> None:
        if process is not None and process.poll() is None:
            process.send_signal(signal.SIGSTOP if frozen else signal.SIGCONT)

    def fill_bus(self, *, full: bool) -> None:
        with redis.Redis.from_url(self.bus.url) as client:
            used = int(client.info("memory")["used_memory"])
            client.config_set("maxmemory", used + 100_000 if full else 0)

    def close(self) -> None:
        for process in self.roles.values():
            stop_process(process)
        self.freeze(self.bus.process, frozen=False)
        self.bus.stop()
        if self.store is not None:
            self.freeze(self.store.process, frozen=False)
            self.store.stop()

    def log_tail(self) -> str:
        tails = (f"--- {name}\n{(self.folder / f'{name}.log').read_text(errors='replace')[-1500:]}" for name in ROLES)
        return "\n".join(tails)

    # --- answers

    def push(self, lines: Sequence[bytes]) -> dict[str, Any] | None:
        """The door's answer to a batch; None: not taken, send it again."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.web}/api/v1/events",
            data=b"\n".join(lines),
            headers={"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/x-ndjson"},
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                found: dict[str, Any] = json.load(answer)
                return found
        except urllib.error.HTTPError as error:
            body = error.read().decode("utf-8", "replace")
            if error.code in (429, 503):
                return None
            if error.code == 422:  # nothing in it was of use, which is an answer
                return {"refused": list(lines)}
            raise AssertionError(f"{error.code}: {body}") from error
        except (urllib.error.URLError, OSError):
            return None

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.web}{path}", timeout=10) as answer:
            return json.load(answer)

    def until_ready(self) -> None:
        deadline = time.monotonic() + READY_S
        while time.monotonic() < deadline:
            self.kept()
            if self._ready():
                return
            time.sleep(0.1)
        raise AssertionError(f"not ready within {READY_S} s\n{self.log_tail()}")

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.web}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def rows(self, statement: str) -> list[list[Any]]:
        """Through `floorwatch sql`, as ops would ask."""
        command = (sys.executable, "-m", "monitor.cli", "sql", statement, "-c", str(self.config), "--json")
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=dict(os.environ))
        if done.returncode:
            return []
        found: list[list[Any]] = json.loads(done.stdout)["rows"]
        return found
