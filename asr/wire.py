"""What parent and children say to each other: length-prefixed msgpack. In: structs. Out: frames, and back.

A decode child answers each `Decode` with a `DecodedHead` and its regions, or `Refused`; a recogniser child says
`Ready`, then answers each `Hear` with `Heard` or `Refused`. May not know: vosk, soundfile, processes.
"""

import struct
from typing import BinaryIO

import msgspec
from msgspec import Struct

LENGTH = struct.Struct(">I")
OVERRAN = 4
"""A recogniser child's exit status when one region took too much CPU: nothing can stop vosk within a call."""
MAX_FRAME = 512 * 1024 * 1024
"""A longer frame can only be a broken stream; the longest true one is two hours of one channel's speech."""


class Region(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag=True):
    """One stretch of speech of one channel; `pcm` is int16 little endian mono at the model's rate."""

    channel: int
    start_ms: int
    end_ms: int
    pcm: bytes


class Decode(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag=True):
    """One file to read, and what reading it may take."""

    path: str
    rate: int
    buckets: int
    max_seconds: int
    max_voice_seconds: int
    cpu_seconds: int
    memory_mb: int
    engines: tuple[str, ...] = ()
    """Which decoders to ask, in order; empty: all."""


class OtherSound(Struct, frozen=True, array_like=True):
    """Sound that is no speech: ring_back, dtmf, fax, tone, music."""

    channel: int
    start_ms: int
    end_ms: int
    kind: str


class DecodedHead(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag=True):
    """`regions` frames follow. `notes`: what was odd but survivable, e.g. `not_finite`."""

    rate: int
    source_rate: int
    channels: int
    duration_ms: int
    peaks: tuple[tuple[int, ...], ...]
    """Per channel, 0..255."""
    regions: int
    notes: tuple[str, ...] = ()
    cpu_ms: int = 0
    other: tuple[OtherSound, ...] = ()
    engine: str = ""
    codec: str = ""


class Refused(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag=True):
    reason: str
    detail: str = ""


class Ready(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag=True):
    rate: int


class Hear(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag=True):
    """All speech of one channel of one recording, in order of time."""

    channel: int
    regions: tuple[Region, ...]
    texts: int = 0
    """0: words with times and confidence. Otherwise so many texts for each region, and no words."""


class HeardWord(Struct, frozen=True, array_like=True):
    text: str
    start_ms: int
    end_ms: int
    confidence: float


class Heard(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag=True):
    channel: int
    words: tuple[HeardWord, ...]
    cpu_ms: int
    texts: tuple[tuple[tuple[str, ...], ...], ...] = ()
    """For each region, likeliest first: the words of what may have been said."""


Reply = DecodedHead | Region | Refused | Ready | Heard

_encode = msgspec.msgpack.Encoder().encode
decode_reply = msgspec.msgpack.Decoder(Reply).decode
decode_request = msgspec.msgpack.Decoder(Decode).decode
decode_hear = msgspec.msgpack.Decoder(Hear).decode


def frame(message: Reply | Hear | Decode) -> bytes:
    body = _encode(message)
    return LENGTH.pack(len(body)) + body


def read_frame(stream: BinaryIO) -> bytes | None:
    """The next frame's body; None when the other side closed between frames."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (size,) = LENGTH.unpack(head)
    body = stream.read(size)
    return body if len(body) == size else None
