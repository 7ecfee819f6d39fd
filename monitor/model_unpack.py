"""A model out of a zip that may be hostile. In: an archive, a folder that is ours. Out: its folder, or FetchFault.

Only plain files and folders below the target are made, within limits of count and bytes that are counted while
unpacking, not believed. May not know: where the archive came from.
"""

import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath

_BLOCK = 1 << 20


class FetchReason(StrEnum):
    """Why a model was not fetched."""

    UNKNOWN_MODEL = "unknown_model"
    UNREACHABLE = "model_site_unreachable"
    REFUSED = "model_site_refused"
    BROKEN_OFF = "model_download_broken_off"
    WRONG_DIGEST = "model_wrong_digest"
    NOT_AN_ARCHIVE = "model_not_an_archive"
    UNSAFE_ARCHIVE = "model_unsafe_archive"
    TOO_LARGE = "model_too_large"
    NO_MODEL_INSIDE = "model_not_inside"
    ALREADY_THERE = "model_already_there"
    CANNOT_WRITE = "model_folder_unwritable"


class FetchFault(Exception):
    """`mend` says what to do; nothing half-made is left where a model would be looked for."""

    def __init__(self, reason: FetchReason, problem: str, mend: str) -> None:
        super().__init__(f"{problem}\n    mend: {mend}")
        self.reason = reason
        self.problem = problem
        self.mend = mend


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveLimits:
    bytes: int = 12_000_000_000
    files: int = 10_000


ARCHIVE_LIMITS = ArchiveLimits()
_AGAIN = "fetch it again from the official site, or bring another file with `floorwatch model fetch --from FILE.zip`"
_UNSAFE = "do not use this file; " + _AGAIN


def unpack(archive: Path, into: Path, *, limits: ArchiveLimits = ARCHIVE_LIMITS) -> Path:
    """`into` is an empty folder. The folder that holds the model: the archive's single top folder, else `into`."""
    try:
        with zipfile.ZipFile(archive) as opened:
            for entry, name in _checked(opened.infolist(), limits):
                target = into / name
                if entry.is_dir():
                    target.mkdir(parents=True, exist_ok=True)
                    continue
                target.parent.mkdir(parents=True, exist_ok=True)
                _write(opened, entry, target)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, zlib.error) as error:
        raise FetchFault(
            FetchReason.NOT_AN_ARCHIVE, f"{archive.name} is no sound zip archive: {error}", _AGAIN
        ) from error
    inside = list(into.iterdir())
    return inside[0] if len(inside) == 1 and inside[0].is_dir() else into


def _checked(entries: list[zipfile.ZipInfo], limits: ArchiveLimits) -> Iterator[tuple[zipfile.ZipInfo, PurePosixPath]]:
    """All of them, before the first byte is written."""
    if len(entries) > limits.files:
        raise FetchFault(FetchReason.TOO_LARGE, f"the archive holds {len(entries)} files, over {limits.files}", _UNSAFE)
    total = sum(entry.file_size for entry in entries)
    if total > limits.bytes:
        raise FetchFault(FetchReason.TOO_LARGE, f"unpacked it would take {total} bytes, over {limits.bytes}", _UNSAFE)
    names: set[str] = set()
    for entry in entries:
        if wrong := _unsafe(entry, names):
            raise FetchFault(FetchReason.UNSAFE_ARCHIVE, f"the archive's entry {entry.filename!r} {wrong}", _UNSAFE)
        names.add(entry.filename.rstrip("/").casefold())
    yield from ((entry, PurePosixPath(entry.filename)) for entry in entries)


def _unsafe(entry: zipfile.ZipInfo, taken: set[str]) -> str:
    name, kind = entry.filename, stat.S_IFMT(entry.external_attr >> 16)
    if name.startswith("/") or "\\" in name or ":" in name or "\0" in name:
        return "is no relative path"
    if not name.strip("/") or any(part in ("..", "") for part in name.rstrip("/").split("/")):
        return "leads out of its folder"
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "is neither a file nor a folder"
    if entry.flag_bits & 0x1:
        return "is encrypted"
    return "is there twice" if name.rstrip("/").casefold() in taken else ""


def _write(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path) -> None:
    """zipfile checks the CRC at the end; more bytes than were announced are never written."""
    written = 0
    with opened.open(entry) as source, target.open("xb") as out:
        while block := source.read(_BLOCK):
            written += len(block)
            if written > entry.file_size:
                raise FetchFault(FetchReason.TOO_LARGE, f"{entry.filename!r} is longer than it says", _UNSAFE)
            out.write(block)
