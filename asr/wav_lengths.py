"""WAV files whose lengths were never filled in. In: a file's first bytes and its size. Out: what to write where.

A switch that crashes leaves 0 in both length fields; libsndfile then sees no sound. May not know: files, samples.
"""

import struct
from collections.abc import Mapping
from types import MappingProxyType

HEAD_BYTES = 4_096
_CHUNK = struct.Struct("<4sI")
_LENGTH = struct.Struct("<I")
_MOST = 0xFFFF_FFFF
_OTHER_CHUNKS = (b"LIST", b"fact", b"cue ", b"id3 ", b"ID3 ", b"bext", b"smpl", b"JUNK")
_NOTHING: Mapping[int, bytes] = MappingProxyType({})


def missing_lengths(head: bytes, size: int) -> Mapping[int, bytes]:
    """Bytes by offset that make the header true; empty where nothing is missing."""
    if head[:4] != b"RIFF" or head[8:12] != b"WAVE":
        return _NOTHING
    at = 12
    while at + _CHUNK.size <= len(head):
        name, length = _CHUNK.unpack_from(head, at)
        begin = at + _CHUNK.size
        if name == b"data":
            if length or size <= begin or head[begin : begin + 4] in _OTHER_CHUNKS:
                return _NOTHING
            return {4: _LENGTH.pack(min(size - 8, _MOST)), at + 4: _LENGTH.pack(min(size - begin, _MOST))}
        at = begin + length + length % 2
    return _NOTHING
