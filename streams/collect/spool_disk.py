"""A spool's segments on disk. In: blobs. Out: the same blobs again, whatever happened to the disk.

Calls block; one thread makes them all. A segment is deleted only when the cursor behind it is safely on disk. What
cannot be read is set aside in `*.bad` and counted; it never stops the rest. May not know: the bus, what a blob means.
"""

import errno
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

from streams.collect import spool_files as files
from streams.collect.spool_files import Cursor
from streams.collect.spool_format import HEADER_BYTES, Header, frames, header_bytes, parse_header, scan
from streams.collect.spool_read import Read, Segment, SpoolReader, newest

SUFFIX: Final = ".log"
PROBE_BYTES: Final = 256 * 1024
NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT)


class SpoolReason(StrEnum):
    """Why a spool takes nothing more onto its disk."""

    DISK_FULL = "disk_full"
    SIZE_LIMIT = "size_limit"
    DISK_FAULT = "disk_fault"


class SpoolFault(Exception):
    """The disk did not take it; what was handed over is still in the caller's hands."""

    def __init__(self, reason: SpoolReason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class SpoolLimits:
    """`keep_ms`: how long what the bus took is kept to be sent again. Tests shrink them all."""

    bytes_max: int = 2_000_000_000
    segment_bytes: int = 8 * 1024 * 1024
    segment_ms: int = 30_000
    keep_ms: int = 600_000
    memory_bytes: int = 32 * 1024 * 1024
    """What may wait in memory while the disk takes nothing; beyond, the source is cut off."""
    hurry_bytes: int = 1024 * 1024
    """What a source in a hurry may leave to the next sync."""
    sync_every_s: float = 0.005
    """At most so often: what comes in between shares a sync."""
    append_wait_s: float = 2.0
    """How long an append waits for the disk before it goes on without it."""
    retry_s: float = 1.0
    cursor_every_s: float = 1.0


@dataclass(slots=True, kw_only=True)
class DiskCounts:
    torn: int = 0
    """tails cut off at the start (a write that a crash interrupted)"""
    quarantined: int = 0
    """stretches in the middle that were no records, set aside"""
    missing: int = 0
    """records that such damage cost, as far as numbers tell"""
    mended: int = 0
    """headers or cursors that had to be made up again"""
    kept_short: int = 0
    """segments deleted before their ten minutes because the spool was at its limit"""
    faults: Counter[str] = field(default_factory=Counter)


class SpoolLog:
    """Owns the folder (a lock says so) from `open` to `close`."""

    def __init__(self, folder: Path, limits: SpoolLimits, lock: int) -> None:
        self._folder = folder
        self._limits = limits
        self._lock = lock
        self._segments: list[Segment] = []
        self._file = -1
        self._skip = 0
        self._reader = SpoolReader()
        self.next = 0
        """the number the next record gets"""
        self.cursor = Cursor(position=0)
        self.last_blob: bytes | None = None
        self.counts = DiskCounts()

    @classmethod
    def open(cls, folder: Path, *, limits: SpoolLimits, wait_s: float = 15.0) -> "SpoolLog":
        """Takes up what is there; a predecessor that is just ending is waited for. Raises SpoolInUse, OSError."""
        folder.mkdir(parents=True, exist_ok=True)
        log = cls(folder, limits, files.locked(folder, wait_s))
        try:
            log._take_up()
        except BaseException:
            log.close()
            raise
        return log

    def close(self) -> None:
        self._end_segment()
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return sum(segment.size for segment in self._segments)

    @property
    def oldest(self) -> int:
        """The lowest number that can still be read."""
        return self._segments[0].first if self._segments else self.next

    # --- what a start finds ----------------------------------------------------------------------------------------

    def _take_up(self) -> None:
        for path in sorted(self._folder.glob("*" + SUFFIX)):
            segment = self._found(path)
            if segment is not None:
                self._segments.append(segment)
                self.next = max(self.next, segment.first)
        if self._segments:
            self._mend_last()
        try:
            self.cursor = files.read_cursor(self._folder) or Cursor(position=self.oldest)
        except files.CursorDamaged:
            self.counts.mended += 1
            self.cursor = Cursor(position=self.oldest)  # all there is goes out again, which is harmless
        # the cursor may stand beyond a torn tail: those numbers were used, and are not used again
        self.skip_to(self.cursor.position)

    def _found(self, path: Path) -> Segment | None:
        if not path.stem.isascii() or not path.stem.isdigit():
            files.set_aside(path)
            return None
        with path.open("rb") as file:
            header = parse_header(file.read(HEADER_BYTES))
        found = path.stat()
        if found.st_size < HEADER_BYTES:
            # nothing was ever in it, but its name tells how far the spool had come
            files.set_aside(path)
            self.counts.torn += 1
            self.next = max(self.next, int(path.stem))
            return None
        if header is None or header.first != int(path.stem):
            self.counts.mended += 1  # the records' own sums still tell whether they are good
            header = Header(first=int(path.stem), created_at=int(found.st_mtime * 1000))
        return Segment(
            path=path, first=header.first, skipped=header.skipped, created_at=header.created_at, size=found.st_size
        )

    def _mend_last(self) -> None:
        """The last segment may end in the middle of a record: that tail was never promised to anybody."""
        last = self._segments[-1]
        data = last.path.read_bytes()
        found = scan(data, number=last.first, offset=HEADER_BYTES)
        self.next = max(self.next, found.next_number)
        if not found.whole:
            self._keep_bad(last.path, found.end, data[found.end :])
            with last.path.open("r+b") as file:
                file.truncate(found.end)
                os.fsync(file.fileno())
            self.counts.torn += 1
            last.size = found.end
        self.last_blob = found.blobs[-1] if found.blobs else None
        for segment in reversed(self._segments[:-1]):
            if self.last_blob is not None:
                break
            before = scan(segment.path.read_bytes(), number=segment.first, offset=HEADER_BYTES)
            self.last_blob = before.blobs[-1] if before.blobs else None

    # --- writing ---------------------------------------------------------------------------------------------------

    def write(self, blobs: Sequence[bytes], *, now: int) -> None:
        """All of `blobs` are on disk when this returns. Raises SpoolFault; then none of them counts as written."""
        data = frames(blobs, self.next)
        try:
            segment = self._segment_for(len(data), now)
            files.write_all(self._file, data)
            os.fdatasync(self._file)
        except OSError as error:
            self._take_back()
            raise self._fault(error) from error
        segment.size += len(data)
        self.next += len(blobs)

    def probe(self) -> None:
        """Whether there is room again, when nothing waits to be written. Raises SpoolFault."""
        while self.size >= self._limits.bytes_max and self._drop_oldest():
            self.counts.kept_short += 1
        if self.size >= self._limits.bytes_max:
            raise SpoolFault(SpoolReason.SIZE_LIMIT, f"{self.size} bytes wait for the bus")
        trial = self._folder / "probe"
        try:
            trial.write_bytes(bytes(PROBE_BYTES))
        except OSError as error:
            raise self._fault(error) from error
        finally:
            trial.unlink(missing_ok=True)

    def skip_to(self, number: int) -> None:
        """Numbers below were used without this disk; the next record opens a segment that says so."""
        if number > self.next:
            self._skip += number - self.next
            self.next = number
            self._end_segment()

    def _segment_for(self, size: int, now: int) -> Segment:
        limits = self._limits
        if self._file >= 0:
            last = self._segments[-1]
            if last.size < limits.segment_bytes and now - last.created_at < limits.segment_ms:
                return last
            self._end_segment()
        while self.size + size > limits.bytes_max:
            if not self._drop_oldest():
                raise self._counted(SpoolFault(SpoolReason.SIZE_LIMIT, f"{self.size} bytes wait for the bus"))
            self.counts.kept_short += 1
        return self._new_segment(now)

    def _new_segment(self, now: int) -> Segment:
        path = self._folder / f"{self.next:020d}{SUFFIX}"
        # an empty segment of this number may be left from a start that wrote nothing
        skipped = self._skip + sum(one.skipped for one in self._segments if one.path == path)
        self._segments = [one for one in self._segments if one.path != path]
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            files.write_all(self._file, header_bytes(Header(first=self.next, skipped=skipped, created_at=now)))
            files.sync_folder(self._folder)
        except OSError:
            self._end_segment()
            path.unlink(missing_ok=True)
            raise
        self._skip = 0
        segment = Segment(path=path, first=self.next, skipped=skipped, created_at=now, size=HEADER_BYTES)
        self._segments.append(segment)
        return segment

    def _end_segment(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _take_back(self) -> None:
        """Half a record may be there: cut it off, or leave it as a torn tail and begin a new segment."""
        if self._file < 0:
            return
        try:
            os.ftruncate(self._file, self._segments[-1].size)
        except OSError:
            self.counts.faults["truncate"] += 1
            self._end_segment()

    def _fault(self, error: OSError) -> SpoolFault:
        reason = SpoolReason.DISK_FULL if error.errno in NO_ROOM else SpoolReason.DISK_FAULT
        return self._counted(SpoolFault(reason, error.strerror or type(error).__name__))

    def _counted(self, fault: SpoolFault) -> SpoolFault:
        self.counts.faults[fault.reason] += 1
        return fault

    # --- reading ---------------------------------------------------------------------------------------------------

    def read(self, number: int, *, records_max: int) -> Read:
        """Up to `records_max` records from `number` on; damage on the way is set aside and passed over."""
        found = self._reader.read(self._segments, number, until=self.next, records_max=records_max, skipped=self._skip)
        for path, offset, data in found.bad:
            self._keep_bad(path, offset, data)
        self.counts.quarantined += len(found.bad)
        self.counts.missing += found.missing
        if found.active_broken:
            self._end_segment()  # what is written from here on must be readable again
        return found

    def first_since(self, at: int) -> int:
        """The first record of the segment in which the moment `at` lies."""
        first = self.oldest
        for segment in self._segments:
            if segment.created_at > at:
                break
            first = segment.first
        return first

    def recent(self, *, back_ms: int, bytes_max: int) -> Iterator[bytes]:
        """The last records before this start, oldest first; nothing of it is counted, set aside or sent."""
        return newest(self._segments, back_ms=back_ms, bytes_max=bytes_max)

    def written_at(self, number: int) -> int | None:
        """About when the record `number` was written; None: it is not here."""
        found = None
        for segment in self._segments:
            if segment.first > number:
                break
            found = segment.created_at
        return found

    def _keep_bad(self, path: Path, offset: int, data: bytes) -> None:
        if not files.keep_bad(path, offset, data):
            self.counts.faults["bad_not_kept"] += 1

    # --- forgetting ------------------------------------------------------------------------------------------------

    def confirm(self, cursor: Cursor, *, now: int) -> None:
        """The bus has everything below; segments that it had for `keep_ms` go, after the cursor is safe on disk."""
        try:
            files.write_cursor(self._folder, cursor)
        except OSError as error:
            raise self._fault(error) from error
        self.cursor = cursor
        while len(self._segments) > 1 and self._segments[1].created_at <= now - self._limits.keep_ms:
            if not self._drop_oldest():
                break

    def _drop_oldest(self) -> bool:
        """False where the oldest segment is still needed: the one that is written, or one the bus does not have."""
        if len(self._segments) < 2 or self._segments[1].first > self.cursor.position:
            return False
        self._segments[0].path.unlink(missing_ok=True)
        del self._segments[0]
        return True
