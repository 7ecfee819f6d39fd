"""How a spool's segment is written down. In: numbered blobs, or a segment's bytes. Out: frames, or what can be trusted.

A segment is a header and records, each `length, CRC32, blob`; the CRC is seeded with the record's number, so neither
zeros nor a block of another place passes for a record. May not know: files, what a blob means.
"""

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

MAGIC: Final = b"FWSPOOL"
VERSION: Final = 1
HEADER: Final = struct.Struct("<7sBQIQ")
CRC: Final = struct.Struct("<I")
FRAME: Final = struct.Struct("<II")
HEADER_BYTES: Final = HEADER.size + CRC.size
RECORD_BYTES_MAX: Final = 16 * 1024 * 1024
_WORD: Final = 0xFFFFFFFF


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """`skipped`: how many numbers before `first` were passed over on purpose (they reached the bus from memory)."""

    first: int
    skipped: int = 0
    created_at: int = 0


@dataclass(frozen=True, slots=True)
class Bad:
    """A stretch that is no record; `records` is 1 where the next one could be made out behind it."""

    offset: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """Records in order. `end`: the first byte behind the last good record; what follows it cannot be read."""

    numbers: list[int]
    blobs: list[bytes]
    bad: list[Bad]
    end: int
    next_number: int
    whole: bool
    """The bytes end with a record's last byte."""


def header_bytes(header: Header) -> bytes:
    body = HEADER.pack(MAGIC, VERSION, header.first, header.skipped, header.created_at)
    return body + CRC.pack(zlib.crc32(body))


def parse_header(data: bytes) -> Header | None:
    """None: too short, damaged, or another version's."""
    if len(data) < HEADER_BYTES:
        return None
    body = data[: HEADER.size]
    (crc,) = CRC.unpack_from(data, HEADER.size)
    magic, version, first, skipped, created_at = HEADER.unpack(body)
    if magic != MAGIC or version != VERSION or crc != zlib.crc32(body):
        return None
    return Header(first=first, skipped=skipped, created_at=created_at)


def frames(blobs: Sequence[bytes], first: int) -> bytes:
    """`blobs` as records numbered from `first`."""
    pack, crc32 = FRAME.pack, zlib.crc32
    parts = []
    for number, blob in enumerate(blobs, first):
        parts.append(pack(len(blob), crc32(blob, number & _WORD)))
        parts.append(blob)
    return b"".join(parts)


def scan(data: bytes, *, number: int, offset: int = 0, records_max: int = 1 << 60) -> Scanned:
    """Records from `offset` on, of which the first has `number`; stops after `records_max`, or where nothing fits.

    One damaged record whose length still leads to its successor is passed over alone.
    """
    numbers: list[int] = []
    blobs: list[bytes] = []
    bad: list[Bad] = []
    size = len(data)
    unpack, crc32 = FRAME.unpack_from, zlib.crc32
    while offset + 8 <= size and len(blobs) < records_max:
        length, crc = unpack(data, offset)
        end = offset + 8 + length
        if length == 0 or end > size or length > RECORD_BYTES_MAX:
            break
        blob = data[offset + 8 : end]
        if crc32(blob, number & _WORD) == crc:
            numbers.append(number)
            blobs.append(blob)
        elif _stands(data, end, number + 1):
            bad.append(Bad(offset, end - offset))
        else:
            break
        number += 1
        offset = end
    return Scanned(
        numbers=numbers,
        blobs=blobs,
        bad=bad,
        end=offset,
        next_number=number,
        whole=offset == size or len(blobs) >= records_max,
    )


def _stands(data: bytes, offset: int, number: int) -> bool:
    """Whether a good record of this number stands at `offset`."""
    if offset + 8 > len(data):
        return False
    length: int
    crc: int
    length, crc = FRAME.unpack_from(data, offset)
    end = offset + 8 + length
    return (
        0 < length <= RECORD_BYTES_MAX
        and end <= len(data)
        and zlib.crc32(data[offset + 8 : end], number & _WORD) == crc
    )
