"""Floor pictures of a site. In: bytes. Out: files named by what they hold; refused unless their bytes are PNG or JPEG.

Size and kind come from the bytes, never from a name or a header. It blocks. May not know: HTTP, plans.
"""

import hashlib
import re
from enum import StrEnum
from pathlib import Path
from typing import Final

import msgspec

from monitor.plan_store import folder_made, write_atomically

BYTES_MAX: Final = 8 * 1024 * 1024
SIDE_MAX: Final = 16_384
PIXELS_MAX: Final = 64_000_000
"""What a browser unpacks takes four bytes each, however small the file is."""
KEPT_MAX: Final = 100
MEDIA: Final = {"png": "image/png", "jpg": "image/jpeg"}
_NAME: Final = re.compile(r"[0-9a-f]{32}\.(png|jpg)")
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_STANDALONE: Final = frozenset({0x01, *range(0xD0, 0xDA)})
_FRAMES: Final = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
"""JPEG markers that tell the picture's size."""


class PictureRefused(StrEnum):
    TOO_LARGE = "picture_too_large"
    NO_PICTURE = "not_png_or_jpeg"
    TOO_WIDE = "picture_too_wide"
    TOO_MANY = "too_many_pictures"
    IN_USE = "picture_in_use"
    UNKNOWN = "no_such_picture"


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """`width` and `height` in pixels."""

    picture: str
    width: int
    height: int
    bytes: int


def save(folder: Path, blob: bytes) -> Picture | PictureRefused:
    """The same bytes twice are one file. Raises OSError."""
    if len(blob) > BYTES_MAX:
        return PictureRefused.TOO_LARGE
    kind, size = ("png", _png_size(blob)) if blob.startswith(_PNG) else ("jpg", _jpeg_size(blob))
    if size is None:
        return PictureRefused.NO_PICTURE
    if not all(1 <= side <= SIDE_MAX for side in size) or size[0] * size[1] > PIXELS_MAX:
        return PictureRefused.TOO_WIDE
    name = f"{hashlib.sha256(blob).hexdigest()[:32]}.{kind}"
    path = folder_made(folder) / name
    if not path.exists():
        if len(names(folder)) >= KEPT_MAX:
            return PictureRefused.TOO_MANY
        write_atomically(path, blob)
    return Picture(picture=name, width=size[0], height=size[1], bytes=len(blob))


def names(folder: Path) -> list[str]:
    if not folder.is_dir():
        return []
    return sorted(path.name for path in folder.iterdir() if _NAME.fullmatch(path.name))


def path_of(folder: Path, name: str) -> Path | None:
    """None: there is none, or the name is none that `save` gives."""
    path = folder / name
    return path if _NAME.fullmatch(name) and not path.is_symlink() and path.is_file() else None


def media_of(name: str) -> str:
    return MEDIA[name.rpartition(".")[2]]


def _png_size(blob: bytes) -> tuple[int, int] | None:
    if blob[12:16] != b"IHDR" or len(blob) < 33:
        return None
    return int.from_bytes(blob[16:20]), int.from_bytes(blob[20:24])


def _jpeg_size(blob: bytes) -> tuple[int, int] | None:
    """From the first frame header; None: these bytes are no JPEG."""
    if not blob.startswith(b"\xff\xd8\xff"):
        return None
    at = 2
    while at + 9 <= len(blob) and blob[at] == 0xFF:
        marker = blob[at + 1]
        if marker in _FRAMES:
            return int.from_bytes(blob[at + 7 : at + 9]), int.from_bytes(blob[at + 5 : at + 7])
        at += 2 if marker in _STANDALONE else 1 if marker == 0xFF else 2 + int.from_bytes(blob[at + 2 : at + 4])
    return None
