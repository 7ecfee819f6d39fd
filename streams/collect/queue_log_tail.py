"""Asterisk's queue_log as it grows: a file that is rotated, truncated, or a table. In: a path. Out: bytes of new lines.

The position is kept on disk, so a collector that comes back reads what was written meanwhile. Reads are bounded; a file
that is missing or unreadable is waited for, counted. May not know: what a line says.
"""

import datetime
import os
import sqlite3
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol
from zoneinfo import ZoneInfo

import msgspec

READ_BYTES: Final = 1024 * 1024
READ_ROWS: Final = 5_000
BACK_BYTES: Final = 8 * 1024 * 1024
"""How far a new collector looks back for visits that are still open: some hours of a large centre."""
_BEFORE: Final = 64
_Row = tuple[Any, ...]
_SQLITE: Final = b"SQLite format 3\0"


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """Where reading goes on. `before`: the last bytes read, by which the place is known again after a truncation."""

    inode: int = 0
    offset: int = 0
    before: bytes = b""


class LogSource(Protocol):
    """Where lines of queue_log come from."""

    counts: Counter[str]

    @property
    def position(self) -> Position: ...

    def read(self) -> bytes:
        """New bytes, at most a bound at a time; empty: nothing new."""

    def look_back(self) -> bytes:
        """What stands before the position, whole lines, at most BACK_BYTES. To be called before the first read."""


@dataclass(slots=True)
class QueueLogFile:
    """One file. Mutable; one owner. `position` None: begin at its end, for what was before other collectors told."""

    path: Path
    start: Position | None = None
    counts: Counter[str] = field(default_factory=Counter)
    _fd: int = -1
    _inode: int = 0
    _offset: int = 0
    _before: bytes = b""

    @property
    def position(self) -> Position:
        return Position(inode=self._inode, offset=self._offset, before=self._before)

    def look_back(self) -> bytes:
        if not self._open_first():
            return b""
        start = max(0, self._offset - BACK_BYTES)
        data = os.pread(self._fd, self._offset - start, start)
        if start:
            data = data[data.find(b"\n") + 1 :]
        # an unfinished line is read again with its end
        whole = data.rfind(b"\n") + 1
        self._offset -= len(data) - whole
        self._before = data[max(0, whole - _BEFORE) : whole]
        return data[:whole]

    def read(self) -> bytes:
        if self._fd < 0 and not self._open_first():
            return b""
        try:
            self._notice_truncation()
            data = os.pread(self._fd, READ_BYTES, self._offset)
            if data:
                self._offset += len(data)
                self._before = (self._before + data)[-_BEFORE:]
                return data
            return self._rotated()
        except OSError as error:
            self.counts[f"unreadable: {type(error).__name__}"] += 1
            self._close()
            return b""

    def close(self) -> None:
        self._close()

    def _notice_truncation(self) -> None:
        """copytruncate empties the file in place; it may have grown past our place again before we looked."""
        if os.fstat(self._fd).st_size >= self._offset:
            at = self._offset - len(self._before)
            if os.pread(self._fd, len(self._before), at) == self._before:
                return
        self.counts["truncated"] += 1
        self._offset, self._before = 0, b""

    def _rotated(self) -> bytes:
        """At the end: does the name mean another file by now? What the old one still got was read before this."""
        try:
            inode = self.path.stat().st_ino
        except FileNotFoundError:
            return b""
        if inode == self._inode:
            return b""
        self.counts["rotated"] += 1
        unfinished = self._before and not self._before.endswith(b"\n")
        self._close()
        self._open(self.path, Position())
        return b"\n" if unfinished else b""

    def _open_first(self) -> bool:
        if self._fd >= 0:
            return True
        try:
            found = self.path.stat()
            if self.start is None:
                return self._open(self.path, Position(offset=found.st_size))
            if found.st_ino == self.start.inode:
                return self._open(self.path, self.start)
            return self._open_rotated(self.start)
        except OSError as error:
            self.counts[f"unreadable: {type(error).__name__}"] += 1
            if self.start is None and isinstance(error, FileNotFoundError):
                self.start = Position()  # when it comes, all of it is new
            return False

    def _open_rotated(self, start: Position) -> bool:
        """It was rotated while nobody read: the rest stands in the file that has the old one's inode."""
        for other in sorted(self.path.parent.glob(f"{self.path.name}?*")):
            if other.stat().st_ino == start.inode:
                return self._open(other, start)
        self.counts["rotated_away"] += 1
        return self._open(self.path, Position())

    def _open(self, path: Path, position: Position) -> bool:
        self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self._inode = os.fstat(self._fd).st_ino
        self._offset, self._before = position.offset, position.before
        if not self._before and self._offset:
            self._before = os.pread(self._fd, _BEFORE, max(0, self._offset - _BEFORE))[-self._offset :]
        return True

    def _close(self) -> None:
        if self._fd >= 0:
            self.start = self.position
            os.close(self._fd)
        self._fd = -1


@dataclass(slots=True)
class QueueLogTable:
    """The `queue_log` table that Asterisk's res_config_sqlite3 fills, read-only, by rowid. `offset`: the last row read.

    `zone`: Asterisk writes the table's times in its own local time.
    """

    path: Path
    start: Position | None = None
    zone: str = "UTC"
    counts: Counter[str] = field(default_factory=Counter)
    _row: int = -1

    @property
    def position(self) -> Position:
        return Position(offset=max(0, self._row))

    def look_back(self) -> bytes:
        if self.start is not None:
            self._row = self.start.offset
        else:
            self._row = max((row for (row,) in self._ask("SELECT coalesce(max(rowid), 0) FROM queue_log")), default=0)
        low = max(0, self._row - 20 * READ_ROWS)
        return self._lines(self._rows("rowid > ? AND rowid <= ?", low, self._row, limit=20 * READ_ROWS))

    def read(self) -> bytes:
        if self._row < 0:
            self.look_back()
        rows = self._rows("rowid > ? AND rowid > ?", self._row, -1, limit=READ_ROWS)
        if rows:
            self._row = rows[-1][0]
        return self._lines(rows)

    def close(self) -> None:
        """Nothing stays open between reads."""

    def _rows(self, where: str, low: int, high: int, *, limit: int) -> list[_Row]:
        columns = "rowid, time, callid, queuename, agent, event, data1, data2, data3, data4, data5"
        # where is one of the two texts above, values are bound
        return self._ask(f"SELECT {columns} FROM queue_log WHERE {where} ORDER BY rowid LIMIT ?", low, high, limit)  # noqa: S608

    def _ask(self, sql: str, *values: int) -> list[_Row]:
        try:
            held = sqlite3.connect(f"{self.path.absolute().as_uri()}?mode=ro", uri=True, timeout=2.0)
            try:
                return held.execute(sql, values).fetchall()
            finally:
                held.close()
        except sqlite3.Error as error:
            self.counts[f"unreadable: {type(error).__name__}"] += 1
            return []

    def _lines(self, rows: list[_Row]) -> bytes:
        return "".join(self._line(row[1:]) for row in rows).encode("utf-8", "replace")

    def _line(self, columns: _Row) -> str:
        at, *rest = ("" if one is None else str(one).replace("\n", " ") for one in columns)
        return "|".join([_epoch(at, self.zone), *rest]).rstrip("|").ljust(1) + "\n"


def _epoch(text: str, zone: str) -> str:
    """`2026-11-22 01:10:48.123456` in the switch's zone, or epoch seconds already."""
    try:
        return str(int(datetime.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()))
    except ValueError:
        return text


def open_queue_log(path: Path, start: Position | None, *, zone: str = "UTC") -> QueueLogFile | QueueLogTable:
    """A file is told from a database by its first bytes; one that is not there yet will be a file."""
    try:
        with path.open("rb") as found:
            is_table = found.read(len(_SQLITE)) == _SQLITE
    except OSError:
        is_table = False
    return QueueLogTable(path, start, zone) if is_table else QueueLogFile(path, start)


def load_position(path: Path) -> Position | None:
    """None where there is none or it cannot be read: then the log is followed from its end on."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Position)
    except (OSError, msgspec.DecodeError):
        return None


def save_position(path: Path, position: Position) -> None:
    """Whole or not at all."""
    beside = path.with_name(f"{path.name}.new")
    beside.write_bytes(msgspec.json.encode(position))
    beside.replace(path)
