"""A whole installation of real processes that may be ended, frozen and filled. In: choices. Out: roles, answers.

redis-server or valkey, clickhouse-server or chDB; `live` (collect, floor, web) and `history` (archive) are processes of
their own. Everything listens on loopback, in a folder of its own; only its own processes are ended.
"""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, assert_never

import redis

from streams.bus.embedded import server_binary
from streams.vocabulary.states import Order
from tests.faults.schedule import Fault, FaultKind
from tests.faults.story import SITE, SOURCE
from tests.servers import DebianClickHouse, DebianRedis, free_port, stop_process

TOKEN = "a-token-of-this-test-only"
ROLES = {"live": "collect,floor,web", "history": "archive"}
READY_S = 60
TAIL_BYTES = 60_000
"""The longest end of an append-only file that is lost; a second of a busy floor is less."""

CONFIG = """[site]
id = "{site}"
timezone = "UTC"
[store]
data = "{data}"
spool_mb = {spool_mb}
[redis]
url = "{redis}"
{clickhouse}
[web]
port = {web}
{sources}
"""
PUSHED = """[[source]]
kind = "push"
id = "{source}"
order = "{order}"
secret = "{token}"
"""


class World:
    """Owns every process it started; `close` ends them.

    `through`: other addresses for the `redis` or the `clickhouse` of one role, for a test that stands in between.
    `roles`: processes by name, each with the roles it has; `live` is the one with the door.
    """

    def __init__(
        self,
        folder: Path,
        *,
        valkey: bool,
        clickhouse: bool,
        order: Order = Order.NUMBERED,
        sources: str = "",
        spool_mb: int = 50,
        roles: Mapping[str, str] = ROLES,
    ) -> None:
        self.folder = folder
        self._roles = roles
        self.data = folder / "data"
        (folder / "bus").mkdir()
        self.bus = DebianRedis(folder / "bus", binary=server_binary() if valkey else None).start()
        self.store: DebianClickHouse | None = None
        if clickhouse:
            (folder / "clickhouse").mkdir()
            self.store = DebianClickHouse(folder / "clickhouse").start()
        self.web = free_port()
        self._sources = sources or PUSHED.format(source=SOURCE, order=order, token=TOKEN)
        self._spool_mb = spool_mb
        self._configs: dict[str, Path] = {}
        self.before: dict[str, tuple[str, ...]] = {}
        """what stands before a role's command, for a test that puts it somewhere else"""
        self.roles: dict[str, subprocess.Popen[bytes]] = {}
        self.down: set[str] = set()
        self._broken: Counter[str] = Counter()
        self._full = False
        self.configure()

    @property
    def config(self) -> Path:
        return self._configs["live"]

    def configure(self, role: str | None = None, *, redis_url: str = "", store_url: str = "") -> None:
        """One role's configuration, or that of all: through these addresses in place of the servers' own."""
        store = store_url or (self.store.url if self.store else "")
        text = CONFIG.format(
            site=SITE,
            data=self.data,
            redis=redis_url or self.bus.url,
            clickhouse=f'[clickhouse]\nurl = "{store}/floor"' if store else "",
            web=self.web,
            spool_mb=self._spool_mb,
            sources=self._sources,
        )
        for name in (role,) if role else self._roles:
            self._configs[name] = self.folder / f"floorwatch-{name}.toml"
            self._configs[name].write_text(text, encoding="utf-8")

    def open(self) -> "World":
        for name in self._roles.keys() - self.down:
            self.start(name)
        self.until_ready()
        return self

    # --- processes -------------------------------------------------------------------------------------------------

    def start(self, name: str) -> None:
        self.down.discard(name)
        if name in self.roles and self.roles[name].poll() is None:
            return
        config, roles = str(self._configs[name]), self._roles[name]
        serve = (sys.executable, "-m", "monitor.cli", "serve", "-c", config, "--roles", roles)
        with (self.folder / f"{name}.log").open("ab") as log:
            self.roles[name] = subprocess.Popen((*self.before.get(name, ()), *serve), stdout=log, stderr=log)

    def kill(self, name: str) -> None:
        self.down.add(name)
        self.roles[name].kill()
        self.roles[name].wait()

    def kept(self) -> None:
        """A role that ended by itself comes back, as its supervisor would do it."""
        for name, process in list(self.roles.items()):
            if name not in self.down and process.poll() is not None:
                self.start(name)
        self._settle_memory()

    def close(self) -> None:
        for process in self.roles.values():
            stop_process(process)
        freeze(self.bus.process, frozen=False)
        self.bus.stop()
        if self.store is not None:
            freeze(self.store.process, frozen=False)
            self.store.stop()

    def log_tail(self) -> str:
        logs = [self.folder / f"{name}.log" for name in self.roles]
        return "\n".join(f"--- {log.stem}\n{log.read_text(errors='replace')[-1500:]}" for log in logs if log.exists())

    # --- faults ----------------------------------------------------------------------------------------------------

    def turn(self, fault: Fault, *, begins: bool) -> None:
        """A fault begins or is mended. Of two that overlap, the last one to end mends what both broke."""
        broken = _breaks(fault.kind)
        if not broken:
            return
        self._broken[broken] += 1 if begins else -1
        if fault.kind is FaultKind.LOSE_TAIL and begins:
            self._end(self.bus.process)
            self.lose_tail(round(fault.size * TAIL_BYTES))
        elif self._broken[broken] == (1 if begins else 0):
            self._break(broken) if begins else self._mend(broken)

    def _break(self, what: str) -> None:
        match what:
            case "live" | "history":
                self.kill(what)
            case "bus":
                self._end(self.bus.process)
            case "bus frozen":
                freeze(self.bus.process, frozen=True)
            case "store" if self.store is not None:
                self._end(self.store.process)
            case "store frozen" if self.store is not None:
                freeze(self.store.process, frozen=True)
            case _:
                self._settle_memory()

    def _mend(self, what: str) -> None:
        match what:
            case "live" | "history":
                self.start(what)
            case "bus":
                self._full = False  # a new process knows no limit
                self.bus.start()
                freeze(self.bus.process, frozen=self._broken["bus frozen"] > 0)
            case "bus frozen":
                freeze(self.bus.process, frozen=False)
            case "store" if self.store is not None:
                self.store.start()
                freeze(self.store.process, frozen=self._broken["store frozen"] > 0)
            case "store frozen" if self.store is not None:
                freeze(self.store.process, frozen=False)
            case _:
                self._settle_memory()

    @staticmethod
    def _end(process: "subprocess.Popen[bytes] | None") -> None:
        if process is not None:
            process.kill()
            process.wait(15)

    def lose_tail(self, size: int) -> None:
        """As a loss of power does, or a replica that was behind: the bus forgets the last it took. It is down."""
        *_, log = sorted((self.bus.folder / "appendonlydir").glob("*.incr.aof"))
        os.truncate(log, max(0, log.stat().st_size - size))

    def _settle_memory(self) -> None:
        """The limit that should hold, once the bus can be told."""
        wanted = self._broken["bus full"] > 0
        if wanted is self._full:
            return
        try:
            with redis.Redis.from_url(self.bus.url, socket_timeout=1, socket_connect_timeout=1) as client:
                used = int(client.info("memory")["used_memory"])
                client.config_set("maxmemory", used + 100_000 if wanted else 0)
        except (redis.exceptions.RedisError, OSError):
            return  # killed or frozen: asked again with the next look
        self._full = wanted

    # --- answers ---------------------------------------------------------------------------------------------------

    def push(self, lines: Sequence[bytes], *, token: str = TOKEN) -> dict[str, Any] | None:
        """The door's answer to a batch; None: not taken, send it again."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.web}/api/v1/events",
            data=b"\n".join(lines),
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/x-ndjson"},
        )
        try:
            with urllib.request.urlopen(request, timeout=12) as answer:
                found: dict[str, Any] = json.load(answer)
                return found
        except urllib.error.HTTPError as error:
            body = error.read()
            if error.code in (429, 503):
                return None
            if error.code == 422:  # nothing in it was of use, which is an answer; no lines: all of it is no batch
                refused: dict[str, Any] = json.loads(body)
                return {**refused, "refused": refused.get("refused") or [refused["reason"]]}
            raise AssertionError(f"{error.code}: {body.decode('utf-8', 'replace')}") from error
        except OSError:
            return None

    def get(self, path: str) -> Any:
        return json.loads(self.text(path))

    def text(self, path: str) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.web}{path}", timeout=10) as answer:
            return str(answer.read().decode())

    def metrics(self, family: str) -> Mapping[str, float]:
        """Values by their labels, as they stand in the text."""
        rows = (line.rpartition(" ") for line in self.text("/metrics").splitlines() if line.startswith(family))
        return {name.removeprefix(family): float(value) for name, _, value in rows}

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
        except OSError:
            return False

    def rows(self, statement: str) -> list[list[Any]]:
        """Through `floorwatch sql`, as ops would ask; none while the store does not answer."""
        command = (sys.executable, "-m", "monitor.cli", "sql", statement, "-c", str(self.config), "--json")
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=dict(os.environ))
        if done.returncode:
            return []
        found: list[list[Any]] = json.loads(done.stdout)["rows"]
        return found


def freeze(process: "subprocess.Popen[bytes] | None", *, frozen: bool) -> None:
    if process is not None and process.poll() is None:
        process.send_signal(signal.SIGSTOP if frozen else signal.SIGCONT)


def _breaks(kind: FaultKind) -> str:
    """What is broken while it lasts; "": only what is pushed changes, not the world."""
    match kind:
        case FaultKind.KILL_LIVE:
            return "live"
        case FaultKind.KILL_HISTORY:
            return "history"
        case FaultKind.KILL_BUS | FaultKind.LOSE_TAIL:
            return "bus"
        case FaultKind.FREEZE_BUS:
            return "bus frozen"
        case FaultKind.FILL_BUS:
            return "bus full"
        case FaultKind.FREEZE_STORE:
            return "store frozen"
        case FaultKind.KILL_STORE:
            return "store"
        case FaultKind.DUPLICATES | FaultKind.DISORDER | FaultKind.GARBAGE | FaultKind.BURST:
            return ""
        case _:
            assert_never(kind)
