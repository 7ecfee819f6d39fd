"""WAV headers that lie about lengths. In: a file's first bytes and its size. Out: what to write where, and notes.

A switch that crashes leaves 0 or 0xFFFFFFFF in both length fields; libsndfile sees no sound in the first case.
May not know: files, samples.
"""

import struct
from collections.abc import Mapping
from types import MappingProxyType

HEAD_BYTES = 4_096
_CHUNK = struct.Struct("<4sI")
_LENGTH = struct.Struct("<I")
_FORM = struct.Struct("<HHIIHH")
_MOST = 0xFFFF_FFFF
_OTHER_CHUNKS = (b"LIST", b"fact", b"cue ", b"id3 ", b"ID3 ", b"bext", b"smpl", b"JUNK")
_NOTHING: Mapping[int, bytes] = MappingProxyType({})


def missing_lengths(head: bytes, size: int) -> Mapping[int, bytes]:
    """Bytes by offset that make the header true; empty where nothing is missing."""
    found = _data_chunk(head)
    if found is None:
        return _NOTHING
    begin, length, _ = found
    if length not in (0, _MOST) or size <= begin:
        return _NOTHING
    if not length and head[begin : begin + 4] in _OTHER_CHUNKS:
        return _NOTHING
    true_length = min(size - begin, _MOST)
    return {4: _LENGTH.pack(min(size - 8, _MOST)), begin - 4: _LENGTH.pack(true_length)}


def length_notes(head: bytes, size: int) -> tuple[str, ...]:
    """`length_missing`: never filled in; `length_wrong`: another length than there is; `odd_bytes`: half a sample."""
    found = _data_chunk(head)
    if found is None:
        return ()
    begin, length, block = found
    if missing_lengths(head, size):
        return ("length_missing", *_odd(size - begin, block))
    (whole,) = _LENGTH.unpack_from(head, 4)
    wrong = size > begin and (begin + length > size or whole + 8 > size + 1 or (whole + 8 < begin + length))
    odd = _odd(min(length, max(0, size - begin)), block)
    return (("length_wrong",) if wrong else ()) + odd


def _odd(length: int, block: int) -> tuple[str, ...]:
    return ("odd_bytes",) if block > 0 and length % block else ()


def _data_chunk(head: bytes) -> tuple[int, int, int] | None:
    """Where the samples begin, their promised length, and the bytes of one sample of all channels (0: unknown)."""
    if head[:4] != b"RIFF" or head[8:12] != b"WAVE":
        return None
    at, block = 12, 0
    while at + _CHUNK.size <= len(head):
        name, length = _CHUNK.unpack_from(head, at)
        begin = at + _CHUNK.size
        if name == b"data":
            return begin, length, block
        if name == b"fmt " and begin + _FORM.size <= len(head):
            form, _, _, _, align, _ = _FORM.unpack_from(head, begin)
            block = align if form in (1, 3, 6, 7) else 0
        at = begin + length + length % 2
    return None
