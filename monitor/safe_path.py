"""A switch's own file name made safe. In: a folder and a hostile path. Out: a path below it, or why not.

May not know: what the file is.
"""

from enum import StrEnum
from pathlib import Path
from typing import Final


class PathReason(StrEnum):
    OUTSIDE = "outside"
    NOT_A_PATH = "not_a_path"


class PathRefused(Exception):
    """`reason` is counted; the path itself is never logged."""

    def __init__(self, reason: PathReason) -> None:
        super().__init__(str(reason))
        self.reason = reason


NAME_BYTES: Final = 255
"""Longest name of one file on Linux; a longer one would fail only when the file is opened."""


def below(folder: Path, path: str) -> Path:
    """`path`, relative to `folder` or absolute below it, links followed; not the folder itself. Raises PathRefused."""
    if not path or "\0" in path or len(path) > 4096:
        raise PathRefused(PathReason.NOT_A_PATH)
    root = folder.resolve()
    try:
        resolved = (root / path).resolve()
        names = [part.encode() for part in resolved.parts]  # what is no text cannot be told in a job
    except (OSError, RuntimeError, UnicodeEncodeError) as error:
        raise PathRefused(PathReason.NOT_A_PATH) from error
    if not resolved.is_relative_to(root):
        raise PathRefused(PathReason.OUTSIDE)
    if resolved == root or any(len(name) > NAME_BYTES for name in names):
        raise PathRefused(PathReason.NOT_A_PATH)
    return resolved
