"""Headers that a crashed switch never finished."""

import struct

import pytest

from asr.wav_lengths import missing_lengths

FORM = struct.pack("<4sI16s", b"fmt ", 16, bytes(16))


def wav(data_length: int, *between: bytes, after: bytes = b"") -> bytes:
    return b"RIFF\0\0\0\0WAVE" + FORM + b"".join(between) + struct.pack("<4sI", b"data", data_length) + after


@pytest.mark.parametrize(
    ("head", "size", "expected"),
    [
        # 12 RIFF + 24 fmt: data at 36, its length at 40, sound from 44
        (wav(0), 1_044, {4: 1_036, 40: 1_000}),
        (wav(0), 44, {}),  # truly empty
        (wav(500), 1_044, {}),  # a length is there
        (wav(0, b"JUNK\x03\0\0\0abc\0"), 1_056, {4: 1_048, 52: 1_000}),  # an odd chunk is padded
        (wav(0, after=b"LIST"), 1_044, {}),  # empty, and something else behind it
        (wav(0), 5 * 2**30, {4: 0xFFFF_FFFF, 40: 0xFFFF_FFFF}),
        (b"fLaC" + bytes(100), 1_000, {}),
        (b"RIFF", 4, {}),
        (b"RIFF\0\0\0\0WAVE" + b"JUNK\xff\xff\xff\xff", 1_000, {}),  # a chunk longer than the world
    ],
)
def test_lengths_are_told_from_the_files_size(head: bytes, size: int, expected: dict[int, int]) -> None:
    """Offsets by hand."""
    assert {at: struct.unpack("<I", value)[0] for at, value in missing_lengths(head, size).items()} == expected
