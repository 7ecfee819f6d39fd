"""A site's plans on disk: versions, who was put where by hand. In: a folder. Out: values; files written atomically.

A version is a file that never changes again. Every writer holds the folder's lock, so several processes may share it.
It blocks: call it in a thread. May not know: HTTP, the hub.
"""

import errno
import fcntl
import os
import re
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import IO, Final

import msgspec

from monitor.places import PlaceRefused, made
from seat_map.plan_words import PlanDoc
from streams.vocabulary.codec import UNREADABLE
from streams.vocabulary.ids import AgentId, Millis

NOTE_MAX: Final = 500
FILE_MAX: Final = 32 << 20
LOCK_S: Final = 10.0
PART_S: Final = 3_600
"""After this a file half written is one of a process that was killed."""
_PART: Final = ".part"
_OURS: Final = os.O_NOFOLLOW | os.O_CLOEXEC
PIN_LOG: Final = 200
_VERSION: Final = re.compile(r"([0-9]{6})\.json")


class Origin(StrEnum):
    """Where a version came from."""

    CONFIGURED = "configured"
    GENERATED = "generated"
    EDITOR = "editor"
    ROLLED_BACK = "rolled_back"


class PlanVersion(msgspec.Struct, frozen=True, kw_only=True):
    """What is told of a version without its plan. `of`: the version that was published anew, of a roll back."""

    version: int
    parent: int | None
    author: str
    at: Millis
    note: str
    origin: Origin
    seats: int
    rooms: int
    of: int | None = None


class KeptPlan(msgspec.Struct, frozen=True, kw_only=True):
    """A version's file."""

    about: PlanVersion
    plan: PlanDoc


class Damaged(msgspec.Struct, frozen=True, kw_only=True):
    """A file that holds no plan any more."""

    name: str
    why: str


class Pin(msgspec.Struct, frozen=True, kw_only=True):
    """A supervisor's choice."""

    seat: str
    agent: AgentId
    by: str
    at: Millis


class PinLine(msgspec.Struct, frozen=True, kw_only=True):
    """What was done by hand, when; `agent` "": the pin was taken away."""

    seat: str
    agent: str
    before: str
    by: str
    at: Millis


class Pins(msgspec.Struct, frozen=True, kw_only=True):
    pins: tuple[Pin, ...] = ()
    log: tuple[PinLine, ...] = ()


class NoVersion(Exception):
    """There is no such version."""


class VersionDamaged(Exception):
    """Its file cannot be read; the text says why."""


class NewerVersion(Exception):
    """Somebody published in between."""

    def __init__(self, latest: int) -> None:
        super().__init__(f"version {latest} is newer")
        self.latest = latest


class PlanStore:
    """Mutable: it keeps what files said, which never changes. Many threads and processes may use one folder."""

    def __init__(self, folder: Path, *, lock_s: float = LOCK_S) -> None:
        """`lock_s`: how long another writer is waited for."""
        self.folder = folder
        self._lock_s = lock_s
        self._told: dict[int, PlanVersion] = {}

    def latest(self) -> int | None:
        return max(self._numbers(), default=None)

    def seen(self) -> tuple[int | None, int]:
        """What changes when anybody writes: the latest version and the age of the pins."""
        try:
            pins = (self.folder / "pins.json").stat().st_mtime_ns
        except FileNotFoundError:
            pins = 0
        return self.latest(), pins

    def versions(self) -> tuple[list[PlanVersion], list[Damaged]]:
        """Newest first, and what cannot be read."""
        found, damaged = [], []
        for number in sorted(self._numbers(), reverse=True):
            try:
                found.append(self._about(number))
            except NoVersion:
                continue  # removed by hand while we looked
            except VersionDamaged as error:
                damaged.append(Damaged(name=f"{number:06d}.json", why=str(error)))
        return found, damaged

    def read(self, number: int) -> KeptPlan:
        """Raises NoVersion, VersionDamaged."""
        try:
            blob = read_ours(self.folder / f"{number:06d}.json")
            return msgspec.json.decode(blob, type=KeptPlan)
        except FileNotFoundError as error:
            raise NoVersion(f"there is no version {number}") from error
        except (OSError, *UNREADABLE) as error:
            raise VersionDamaged(str(error)) from error

    def newest(self) -> KeptPlan | None:
        """The newest that can be read; None: nothing was published."""
        for number in sorted(self._numbers(), reverse=True):
            try:
                return self.read(number)
            except (NoVersion, VersionDamaged):
                continue  # `versions` names it
        return None

    def publish(self, kept: KeptPlan, *, base: int, first: KeptPlan) -> PlanVersion:
        """The plan becomes the version after the latest one. `base`: what the author saw, which is the newest version
        that can be read; `first` is kept as version 0 before anything else is. Raises NewerVersion, OSError."""
        with self._locked():
            latest = self.latest()
            if latest is None:
                self._write("000000.json", first)
            newest = self.newest()
            standing = 0 if newest is None else newest.about.version
            if standing != base:
                raise NewerVersion(standing)
            number = (latest or 0) + 1
            about = msgspec.structs.replace(kept.about, version=number, parent=standing)
            self._write(f"{number:06d}.json", KeptPlan(about=about, plan=kept.plan))
            return about

    def pins(self) -> Pins:
        """Raises VersionDamaged."""
        try:
            return msgspec.json.decode(read_ours(self.folder / "pins.json"), type=Pins)
        except FileNotFoundError:
            return Pins()
        except (OSError, *UNREADABLE) as error:
            raise VersionDamaged(str(error)) from error

    def pin(self, seat: str, agent: AgentId | None, *, by: str, at: Millis) -> PinLine:
        """`agent` None takes the pin of that seat away; an agent has one pin. Raises VersionDamaged."""
        with self._locked():
            before = self.pins()
            was = next((one.agent for one in before.pins if one.seat == seat), AgentId(""))
            kept = [one for one in before.pins if one.seat != seat and one.agent != agent]
            if agent is not None:
                kept.append(Pin(seat=seat, agent=agent, by=by, at=at))
            line = PinLine(seat=seat, agent=agent or "", before=was, by=by, at=at)
            self._write("pins.json", Pins(pins=tuple(kept), log=(*before.log, line)[-PIN_LOG:]))
            return line

    def _numbers(self) -> list[int]:
        try:
            names = os.listdir(self.folder)
        except FileNotFoundError:
            return []
        return [int(found[1]) for name in names if (found := _VERSION.fullmatch(name))]

    def _about(self, number: int) -> PlanVersion:
        if number not in self._told:
            self._told[number] = self.read(number).about
        return self._told[number]

    def _write(self, name: str, value: msgspec.Struct) -> None:
        write_atomically(folder_made(self.folder) / name, msgspec.json.encode(value))

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Raises OSError when another process does not give it back: a thread that waits for ever is lost to all."""
        with os.fdopen(os.open(folder_made(self.folder) / "lock", os.O_RDWR | os.O_CREAT | _OURS, 0o600), "a") as file:
            until = time.monotonic() + self._lock_s
            while not _taken(file):
                if time.monotonic() >= until:
                    raise OSError(errno.EAGAIN, f"another process has held {file.name} for {self._lock_s:g} s")
                time.sleep(0.02)
            yield  # the lock is given back when the file closes, however this ends


def _taken(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def folder_made(folder: Path) -> Path:
    """The folder, there now. Raises OSError."""
    try:
        return made(folder)
    except PlaceRefused as error:
        raise OSError(errno.EACCES, str(error)) from error


def read_ours(path: Path) -> bytes:
    """Of a plain file of sensible size: a link, a pipe or a device that somebody put there is not followed. Raises
    OSError."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | _OURS), "rb") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode) or found.st_size > FILE_MAX:
            raise OSError(errno.EINVAL, f"{path.name} is no plain file of at most {FILE_MAX >> 20} MB")
        return file.read(FILE_MAX)


def write_atomically(path: Path, blob: bytes) -> None:
    """The whole file or none of it, also after a power cut. Raises OSError."""
    number, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=_PART)
    beside = Path(name)
    _sweep(path.parent, os.fstat(number).st_mtime)
    try:
        with os.fdopen(number, "wb") as file:
            file.write(blob)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _sweep(folder: Path, now_s: float) -> None:
    """What killed writers left. `now_s`: by the disk's own clock."""
    for left in folder.glob(f".*{_PART}"):
        try:
            if now_s - left.lstat().st_mtime > PART_S:
                left.unlink()
        except FileNotFoundError:
            continue  # another writer swept it
