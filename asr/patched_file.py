"""A file with some bytes told otherwise. In: an open file and bytes by offset. Out: the same file, mended, seekable.

So that a wrong header costs no copy of the recording. May not know: what the bytes mean.
"""

import io
from collections.abc import Mapping
from typing import BinaryIO


class PatchedFile(io.RawIOBase):
    """Reads through to `file`, which it does not own; patches lie within the file."""

    def __init__(self, file: BinaryIO, patches: Mapping[int, bytes]) -> None:
        super().__init__()
        self._file = file
        self._patches = patches

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def read(self, size: int | None = -1, /) -> bytes:
        at = self._file.tell()
        found = bytearray(self._file.read(-1 if size is None else size))
        for offset, value in self._patches.items():
            first, end = max(offset, at), min(offset + len(value), at + len(found))
            if first < end:
                found[first - at : end - at] = value[first - offset : end - offset]
        return bytes(found)

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        found = self.read(len(buffer))
        buffer[: len(found)] = found
        return len(found)
