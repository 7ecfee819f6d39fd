"""What a file's bytes say it is, which headers lie, which names make a pair, and bytes told otherwise."""

import io
import struct

import pytest

from asr.formats import format_of, named_otherwise
from asr.pairs import pair_of
from asr.patched_file import PatchedFile
from asr.wav_lengths import length_notes, missing_lengths

MP3_FRAME = b"\xff\xfb\x90\x00" + bytes(413)  # MPEG-1 layer III, 128 kbit/s, 44.1 kHz: 417 bytes a frame


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"RIFF\0\0\0\0WAVEfmt ", "wav"),
        (b"RIFF\0\0\0\0AVI LIST", "avi"),
        (b"FORM\0\0\0\0AIFFCOMM", "aiff"),
        (b"fLaC\0\0\0\x22", "flac"),
        (b"OggS\0\x02", "ogg"),
        (b"#!AMR\n\x04", "amr"),
        (b"#!AMR-WB\n\x14", "amr"),
        (b"ID3\x04\0", "mp3"),
        (MP3_FRAME * 2, "mp3"),
        (MP3_FRAME + bytes(400), None),  # one frame's header alone turns up in noise
        (b"\0\0\0\x18ftypmp42", "mp4"),
        (b"#EXTM3U\nhttp://example.org/a.ts", None),  # a playlist names other files: never followed
        (b"<html>404</html>", None),
        (b"PK\x03\x04", None),
        (bytes(4_096), None),
        (b"", None),
    ],
)
def test_a_format_is_known_by_its_bytes(head: bytes, expected: str | None) -> None:
    """Whatever is of no known form is refused before a decoder may guess."""
    assert format_of(head) == expected


@pytest.mark.parametrize(
    ("name", "found", "expected"),
    [("a.wav", "mp3", True), ("a.WAV", "wav", False), ("a.bin", "mp3", False), ("wav", "mp3", False)],
)
def test_a_name_that_promises_another_format_is_noticed(name: str, found: str, expected: bool) -> None:
    """A suffix nobody knows promises nothing."""
    assert named_otherwise(name, found) is expected


def header(*, riff: int, data: int) -> bytes:
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 2, 8_000, 32_000, 4, 16)
    return struct.pack("<4sI4s", b"RIFF", riff, b"WAVE") + form + struct.pack("<4sI", b"data", data)


@pytest.mark.parametrize(
    ("riff", "data", "size", "notes"),
    [
        (436, 400, 444, ()),
        (0, 0, 444, ("length_missing",)),  # a switch that crashed
        (0xFFFFFFFF, 0xFFFFFFFF, 444, ("length_missing",)),  # written to a pipe
        (436, 4_000, 444, ("length_wrong",)),  # cut short
        (4, 400, 444, ("length_wrong",)),  # a bad RIFF length alone
        (437, 401, 445, ("odd_bytes",)),  # half a sample at the end
        (36, 0, 44, ()),  # a header alone is empty, not wrong
    ],
)
def test_what_a_header_says_wrong_of_lengths_is_noted(riff: int, data: int, size: int, notes: tuple[str, ...]) -> None:
    """Two channels of 16 bits: 44 bytes of header, then the samples."""
    assert length_notes(header(riff=riff, data=data), size) == notes


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("/calls/1.2-rx.wav", ("/calls/1.2-rx.wav", "/calls/1.2-tx.wav")),
        ("/calls/1.2-tx.wav", ("/calls/1.2-rx.wav", "/calls/1.2-tx.wav")),
        ("/calls/1.2-out.wav", ("/calls/1.2-in.wav", "/calls/1.2-out.wav")),
        ("/calls/1.2.wav", None),
        ("/calls/-rx.wav", None),  # nothing is left to call it by
        ("/a-rx.d/call", None),  # a folder's name makes no pair
    ],
)
def test_halves_of_a_pair_find_each_other(name: str, expected: tuple[str, str] | None) -> None:
    """Whichever half is asked about, channel 0 comes first."""
    assert pair_of(name) == expected


@pytest.mark.parametrize("step", [1, 3, 7, 100])
def test_a_mended_header_is_read_however_the_file_is_read(step: int) -> None:
    """In steps of any size, and again after going back."""
    told = header(riff=0, data=0) + bytes(range(100))
    patches = missing_lengths(told, len(told))
    expected = header(riff=len(told) - 8, data=100) + bytes(range(100))
    file = PatchedFile(io.BytesIO(told), patches)
    assert b"".join(iter(lambda: file.read(step), b"")) == expected
    file.seek(2)
    assert file.read(6) == expected[2:8]
