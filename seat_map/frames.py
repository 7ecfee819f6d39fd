"""The wall's binary words. In: columns. Out: little-endian snapshot and delta frames, and back.

Header 24 bytes: u8 kind (1 snapshot, 2 delta), u8 version, u16 zero, u32 rows, u32 seq, u32 revision of the seating,
f64 server time. Then, for a delta only, u16 index[rows] padded to 4; u32 age_ms[rows]; u16 reason[rows] padded to 4;
u8 code[rows]; u8 flags[rows]. A delta n applies to the state after n-1 only. May not know: sockets.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from struct import Struct

import numpy as np
import numpy.typing as npt

from seat_map.columns import SeatColumns, SeatFlag, Seen
from seat_map.palette import SeatCode
from seat_map.plan import SEATS_MAX
from streams.vocabulary.ids import Millis

VERSION = 1
HEADER = Struct("<BBHIIId")
SEQ_MODULUS = 2**32


class FrameKind(IntEnum):
    SNAPSHOT = 1
    DELTA = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A frame read back. `index` of a snapshot is simply 0, 1, 2 …"""

    kind: FrameKind
    seq: int
    revision: int
    at: Millis
    index: npt.NDArray[np.uint16]
    age_ms: npt.NDArray[np.uint32]
    reason: npt.NDArray[np.uint16]
    code: npt.NDArray[np.uint8]
    flags: npt.NDArray[np.uint8]


class FrameFault(ValueError):
    """Bytes that are no frame of ours; the message says which part."""


class Gap(ValueError):
    """A delta that does not follow: ask for a snapshot."""


def snapshot(columns: SeatColumns, *, seq: int, revision: int, now: Millis, seen: Seen = None) -> bytes:
    """Every row; those that are not `seen` as OUTSIDE."""
    header = HEADER.pack(FrameKind.SNAPSHOT, VERSION, 0, len(columns), seq, revision, float(now))
    return header + _body(columns, np.arange(len(columns)), now, seen)


def delta(
    columns: SeatColumns, rows: Sequence[int], *, seq: int, revision: int, now: Millis, seen: Seen = None
) -> bytes:
    """Only `rows`, which must be below 65,536 and each named once."""
    index = np.asarray(rows, np.int64)
    header = HEADER.pack(FrameKind.DELTA, VERSION, 0, len(rows), seq, revision, float(now))
    return header + _padded(index.astype("<u2").tobytes()) + _body(columns, index, now, seen)


def _body(columns: SeatColumns, index: npt.NDArray[np.int64], now: Millis, seen: Seen) -> bytes:
    age_ms, reason = columns.ages(now, index), columns.reason[index]
    code, flags = columns.code[index], columns.flags[index]
    if seen is not None:
        outside = ~seen[index]
        age_ms[outside], reason[outside] = 0, 0
        code[outside], flags[outside] = SeatCode.VACANT, SeatFlag.OUTSIDE
    ages, reasons = age_ms.astype("<u4").tobytes(), _padded(reason.astype("<u2").tobytes())
    return b"".join((ages, reasons, code.tobytes(), flags.tobytes()))


def _padded(data: bytes) -> bytes:
    return data + b"\0" * (-len(data) % 4)


def decode(data: bytes) -> Frame:
    """Bytes to a frame, as the browser reads it."""
    if len(data) < HEADER.size:
        raise FrameFault(f"{len(data)} bytes, a header has {HEADER.size}")
    kind, version, _, rows, seq, revision, at = HEADER.unpack_from(data)
    if version != VERSION or kind not in (FrameKind.SNAPSHOT, FrameKind.DELTA):
        raise FrameFault(f"kind {kind} version {version}: reload the page")
    if rows > SEATS_MAX:
        raise FrameFault(f"{rows} rows, at most {SEATS_MAX}")
    half = rows * 2 + (-rows * 2 % 4)
    offset = HEADER.size + (half if kind == FrameKind.DELTA else 0)
    if len(data) != offset + rows * 4 + half + rows * 2:
        raise FrameFault(f"{len(data)} bytes do not fit {rows} rows")
    if kind == FrameKind.DELTA:
        index = np.frombuffer(data, "<u2", rows, HEADER.size)
    else:
        index = np.arange(rows, dtype=np.uint16)
    codes = offset + rows * 4 + half
    return Frame(
        kind=FrameKind(kind),
        seq=seq,
        revision=revision,
        at=Millis(int(at)),
        index=index,
        age_ms=np.frombuffer(data, "<u4", rows, offset),
        reason=np.frombuffer(data, "<u2", rows, offset + rows * 4),
        code=np.frombuffer(data, np.uint8, rows, codes),
        flags=np.frombuffer(data, np.uint8, rows, codes + rows),
    )


@dataclass(slots=True)
class View:
    """What a viewer knows; the Python twin of static/seats.js. Mutable; one owner."""

    columns: SeatColumns
    seq: int | None = None

    def apply(self, frame: Frame) -> None:
        """Take a frame; a delta out of turn raises Gap and changes nothing."""
        if frame.kind is FrameKind.DELTA and (self.seq is None or frame.seq != (self.seq + 1) % SEQ_MODULUS):
            raise Gap(f"have {self.seq}, got {frame.seq}")
        if frame.kind is FrameKind.SNAPSHOT:
            self.columns = SeatColumns(len(frame.index))
        rows = frame.index.astype(np.int64)
        self.columns.since[rows] = frame.at - frame.age_ms.astype(np.int64)
        self.columns.reason[rows] = frame.reason
        self.columns.code[rows] = frame.code
        self.columns.flags[rows] = frame.flags
        self.seq = frame.seq
