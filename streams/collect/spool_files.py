"""Small files around a spool's segments: the lock, the cursor, what was set aside. In: a folder. Out: their contents.

Calls block. The cursor is replaced whole: written beside, synced, renamed, the folder synced. May not know: segments.
"""

import fcntl
import os
import struct
import time
import zlib
from pathlib import Path
from typing import Final

import msgspec

from streams.bus.stood import Stood
from streams.collect.spool_format import CRC

CURSOR: Final = "cursor"
BAD_FILES_KEPT: Final = 50


class SpoolInUse(Exception):
    """Another collector writes this spool; the text names the mend."""


class CursorDamaged(Exception):
    """It does not say where the bus stood."""


class Cursor(msgspec.Struct, frozen=True, kw_only=True):
    """Everything below `position` is on the bus."""

    position: int
    stood: Stood = Stood()


def read_cursor(folder: Path) -> Cursor | None:
    """None: there is none yet. Raises CursorDamaged."""
    try:
        data = (folder / CURSOR).read_bytes()
    except FileNotFoundError:
        return None
    try:
        (crc,) = CRC.unpack_from(data)
        if crc != zlib.crc32(data[CRC.size :]):
            raise CursorDamaged
        return msgspec.msgpack.decode(data[CRC.size :], type=Cursor)
    except (msgspec.DecodeError, struct.error) as error:
        raise CursorDamaged from error


def write_cursor(folder: Path, cursor: Cursor) -> None:
    body = msgspec.msgpack.encode(cursor)
    fresh = folder / (CURSOR + ".new")
    file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        write_all(file, CRC.pack(zlib.crc32(body)) + body)
        os.fsync(file)
    finally:
        os.close(file)
    fresh.replace(folder / CURSOR)
    sync_folder(folder)


def locked(folder: Path, wait_s: float) -> int:
    """The lock's descriptor; a predecessor that is just ending is waited for. Raises SpoolInUse."""
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    deadline = time.monotonic() + wait_s
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                os.close(descriptor)
                mend = "stop it, or give this one its own data folder"
                raise SpoolInUse(f"another collector writes {folder}: {mend}") from None
            time.sleep(0.05)
        else:
            return descriptor


def write_all(file: int, data: bytes) -> None:
    """A disk that fills up takes a part first and refuses the rest."""
    view = memoryview(data)
    while view:
        view = view[os.write(file, view) :]


def sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def set_aside(path: Path) -> None:
    path.replace(path.with_name(path.name + ".bad"))
    _forget_old_bad(path.parent)


def keep_bad(path: Path, offset: int, data: bytes) -> bool:
    """For a person to look at. False: no room for it, which is no fault of the records around it."""
    try:
        path.with_name(f"{path.name}.{offset}.bad").write_bytes(data)
    except OSError:
        return False
    finally:
        _forget_old_bad(path.parent)
    return True


def _forget_old_bad(folder: Path) -> None:
    for path in sorted(folder.glob("*.bad"))[:-BAD_FILES_KEPT]:
        path.unlink(missing_ok=True)
