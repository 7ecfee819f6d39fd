"""Reading a spool's segments in order. In: segments, a number. Out: records, and what on the way was none.

Damage costs what it damaged: one record where its successor can be made out, else the rest of its segment; reading
goes on with the next. Calls block. May not know: writing, the cursor.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from streams.collect.spool_format import HEADER_BYTES, Scanned, scan

READ_BYTES: Final = 1024 * 1024


@dataclass(slots=True, kw_only=True)
class Segment:
    """Mutable; owned by its log. `size`: bytes on disk that were written whole; `readable`: where damage ends them."""

    path: Path
    first: int
    skipped: int
    created_at: int
    size: int
    readable: int | None = None

    @property
    def end(self) -> int:
        return self.size if self.readable is None else self.readable


@dataclass(slots=True, kw_only=True)
class Read:
    """`next`: where to go on. `missing`: records that damage cost, as far as numbers tell."""

    numbers: list[int] = field(default_factory=list)
    blobs: list[bytes] = field(default_factory=list)
    next: int = 0
    bad: list[tuple[Path, int, bytes]] = field(default_factory=list)
    missing: int = 0
    active_broken: bool = False


@dataclass(slots=True)
class _Place:
    segment: Segment
    number: int
    offset: int


class SpoolReader:
    """Mutable: remembers its place, so that reading on does not begin at the segment's head."""

    def __init__(self) -> None:
        self._place: _Place | None = None
        self._known_bad: set[tuple[int, int]] = set()

    def read(self, segments: Sequence[Segment], number: int, *, until: int, records_max: int, skipped: int = 0) -> Read:
        """`skipped`: the last numbers below `until` that were passed over on purpose, of which no segment tells yet."""
        read = Read(next=max(number, segments[0].first) if segments else until)
        while read.next < until and not read.blobs:
            index = _index(segments, read.next)
            segment = segments[index]
            following = segments[index + 1] if index + 1 < len(segments) else None
            place = self._at(segment, read.next)
            if place.offset < segment.end:
                self._chunk(place, read, records_max, active=following is None)
                continue
            self._leave(place, following, read, until, skipped)
        return read

    def _at(self, segment: Segment, number: int) -> _Place:
        place = self._place
        if place is None or place.segment is not segment or place.number > number:
            place = self._place = _Place(segment, segment.first, HEADER_BYTES)
        return place

    def _chunk(self, place: _Place, read: Read, records_max: int, *, active: bool) -> None:
        """Moves the place on by one read of the file; what lies before `read.next` is passed by."""
        segment, offset = place.segment, place.offset
        data = _bytes(segment, offset, READ_BYTES)
        skip = read.next - place.number
        found = scan(data, number=place.number, records_max=records_max + skip)
        if found.end == 0 and offset + len(data) < segment.end:  # one record larger than a read
            data = _bytes(segment, offset, segment.end - offset)
            found = scan(data, number=place.number, records_max=records_max + skip)
        self._set_bad_aside(segment, offset, data, found, read)
        if found.end == 0 or (not found.whole and offset + len(data) >= segment.end):
            segment.readable = offset + found.end
            if (rest := _bytes_to(segment, segment.readable)) and self._is_news(segment, segment.readable):
                read.bad.append((segment.path, segment.readable, rest))
            read.active_broken = active
        begin = next((i for i, one in enumerate(found.numbers) if one >= read.next), len(found.numbers))
        read.numbers, read.blobs = found.numbers[begin:], found.blobs[begin:]
        place.number, place.offset = found.next_number, offset + found.end
        read.next = max(read.next, place.number)

    def _set_bad_aside(self, segment: Segment, offset: int, data: bytes, found: Scanned, read: Read) -> None:
        for bad in found.bad:
            if self._is_news(segment, offset + bad.offset):
                read.bad.append((segment.path, offset + bad.offset, data[bad.offset : bad.offset + bad.size]))
                read.missing += 1

    def _is_news(self, segment: Segment, offset: int) -> bool:
        """What is sent again is read again; its damage is told once."""
        key = (segment.first, offset)
        news = key not in self._known_bad
        self._known_bad.add(key)
        return news

    def _leave(self, place: _Place, following: Segment | None, read: Read, until: int, skipped: int) -> None:
        end = until - skipped if following is None else following.first - following.skipped
        if place.number < end and self._is_news(place.segment, -1):
            read.missing += end - place.number
        read.next = until if following is None else following.first


def newest(segments: Sequence[Segment], *, back_ms: int, bytes_max: int) -> Iterator[bytes]:
    """Records of the last segments, oldest first: as many as lie `back_ms` back from the newest and within a size.

    Damage is passed over: whoever sends these records says what it cost.
    """
    chosen: list[Segment] = []
    size = 0
    for segment in reversed(segments):
        size += segment.size
        if chosen and (size > bytes_max or chosen[-1].created_at < segments[-1].created_at - back_ms):
            break
        chosen.append(segment)
    for segment in reversed(chosen):
        yield from scan(segment.path.read_bytes(), number=segment.first, offset=HEADER_BYTES).blobs


def _index(segments: Sequence[Segment], number: int) -> int:
    """The segment in which `number` lies."""
    return max(index for index, segment in enumerate(segments) if index == 0 or segment.first <= number)


def _bytes(segment: Segment, offset: int, size: int) -> bytes:
    with segment.path.open("rb") as file:
        file.seek(offset)
        return file.read(min(size, segment.end - offset))


def _bytes_to(segment: Segment, offset: int) -> bytes:
    """From `offset` to what was once written."""
    with segment.path.open("rb") as file:
        file.seek(offset)
        return file.read(segment.size - offset)
