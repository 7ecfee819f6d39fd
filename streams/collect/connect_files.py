"""Where reading a folder of NDJSON stands. In: a folder, a file of positions. Out: files with news, in order of name.

A file is known by its inode: renamed, it goes on where it was; made anew under an old name, it begins anew. Positions
are written after what they stand for was published: a crash repeats a little, it loses nothing. May not know: records.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from streams.vocabulary.ids import Millis

UNFINISHED: Final = (".tmp", ".part", ".partial", ".swp", "~")
PACKED: Final = (".gz", ".zst", ".bz2", ".xz", ".zip", ".snappy")
MOST_FILES: Final = 50_000


class PositionError(Exception):
    """The file of positions cannot be read or written; the text names the mend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One file as it stands on disk. `changed_at`: its last write."""

    name: str
    path: Path
    inode: int
    size: int
    changed_at: Millis


class Position(msgspec.Struct, frozen=True, kw_only=True):
    inode: int
    offset: int


class Positions:
    """Offsets by name. Mutable; owned by one collector."""

    def __init__(self, file: Path) -> None:
        """Raises PositionError where `file` is there and damaged: beginning anew silently would count twice."""
        self._file = file
        self._known: dict[str, Position] = {}
        try:
            self._known = msgspec.json.decode(file.read_bytes(), type=dict[str, Position])
        except FileNotFoundError:
            return
        except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
            mend = "remove it to read the folder from the beginning (what is known already is recognised)"
            raise PositionError(f"{file} cannot be read ({type(error).__name__}): {mend}") from error

    def offset_of(self, found: Found) -> int:
        known = self._known.get(found.name)
        if known is None or known.inode != found.inode or known.offset > found.size:
            return 0
        return known.offset

    def reached(self, found: Found, offset: int) -> None:
        self._known[found.name] = Position(inode=found.inode, offset=offset)

    def settle(self, present: list[Found]) -> None:
        """Renamed files take their position along, emptied ones begin anew, those that are gone are forgotten."""
        by_inode = {known.inode: known for known in self._known.values()}
        names = {one.name for one in present}
        for one in present:
            moved = by_inode.get(one.inode)
            if one.name not in self._known and moved is not None and moved.offset <= one.size:
                self._known[one.name] = moved
            if (known := self._known.get(one.name)) is not None and known.offset > one.size:
                self._known[one.name] = Position(inode=one.inode, offset=0)
        self._known = {name: known for name, known in self._known.items() if name in names}

    def save(self) -> None:
        """Whole or not at all. Raises PositionError."""
        fresh = self._file.with_name(self._file.name + ".new")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_bytes(msgspec.json.encode(self._known))
            os.replace(fresh, self._file)
        except OSError as error:
            raise PositionError(
                f"{self._file} cannot be written ({error.strerror}): make room, or the rights"
            ) from error


def look(folder: Path) -> tuple[list[Found], list[str]]:
    """Every file below `folder` in order of name, and the names of packed ones. Raises OSError without a folder.

    Hidden and unfinished files are passed by, links are not followed: a folder is filled by strangers.
    """
    found: list[Found] = []
    packed: list[str] = []
    if not folder.is_dir():
        raise FileNotFoundError(folder)
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(one for one in folders if not one.startswith("."))
        for name in names:
            path = Path(parent, name)
            if name.startswith(".") or name.endswith(UNFINISHED) or path.is_symlink():
                continue
            relative = _readable(path.relative_to(folder).as_posix())
            if name.endswith(PACKED):
                packed.append(relative)
            elif (one := _found(path, relative)) is not None:
                found.append(one)
    return sorted(found, key=lambda one: one.name)[:MOST_FILES], packed


def _readable(name: str) -> str:
    """A name need not be UTF-8; the file of positions, the log and the pages must."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _found(path: Path, name: str) -> Found | None:
    try:
        status = path.stat()
    except OSError:
        return None  # removed in between
    if not path.is_file():
        return None
    return Found(
        name=name,
        path=path,
        inode=status.st_ino,
        size=status.st_size,
        changed_at=Millis(status.st_mtime_ns // 1_000_000),
    )
