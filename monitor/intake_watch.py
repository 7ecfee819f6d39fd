"""A folder that recordings appear in. In: its files, seen again and again. Out: those that are whole, once each.

A file is whole when its size and time have stood still for a while; one renamed into place is seen under its last name
only. May not know: the bus, what a recording is about.
"""

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from monitor.intake_files import OURS, first_of_pair, is_recording
from streams.vocabulary.ids import Millis

OLDEST_MS: Final = 2 * 24 * 3600 * 1000
"""Older files are for `floorwatch recordings import`: the ledger on the bus remembers what is done for three days."""
MOST_FILES: Final = 1_000_000
MOST_AT_ONCE: Final = 1_000
"""Handed out per look; the next look goes on."""


@dataclass(slots=True)
class _Seen:
    size: int
    changed_ns: int
    since: Millis
    handed: bool = False


@dataclass(frozen=True, slots=True)
class Whole:
    path: Path
    changed_at: Millis


class FolderWatch:
    """Mutable; owned by one task. `look` is called in a thread: the folder may be a slow mount."""

    def __init__(self, root: Path, folders: tuple[str, ...], *, stable_ms: int) -> None:
        self._root = root.resolve()
        self._folders = folders
        self._stable_ms = stable_ms
        self._seen: dict[str, _Seen] = {}
        self.counts: Counter[str] = Counter()

    def look(self, now: Millis) -> list[Whole]:
        """What has become whole since the last look; it comes once, unless it changes or `again` is said of it."""
        whole: list[Whole] = []
        here: dict[str, _Seen] = {}
        too_old = 0
        for entry in self._files():
            try:
                found = entry.stat(follow_symlinks=False)
            except OSError:  # gone between the listing and the look: renamed or removed
                self.counts["vanished"] += 1
                continue
            if found.st_mtime_ns // 1_000_000 < now - OLDEST_MS:
                too_old += 1
                continue
            seen = self._seen.get(entry.path)
            if seen is None or (seen.size, seen.changed_ns) != (found.st_size, found.st_mtime_ns):
                seen = _Seen(found.st_size, found.st_mtime_ns, now)
            here[entry.path] = seen
            if seen.handed or found.st_size == 0 or now - seen.since < self._stable_ms:
                continue
            if len(whole) < MOST_AT_ONCE:
                seen.handed = True
                whole.append(Whole(Path(entry.path), Millis(found.st_mtime_ns // 1_000_000)))
            if len(here) >= MOST_FILES:
                self.counts["too_many_files"] += 1
                break
        self._seen = here
        self.counts["files"] = len(here)
        self.counts["too_old"] = too_old
        return [one for one in whole if self._alone(one.path)]

    def again(self, path: Path) -> None:
        """It could not be told; hand it out once more."""
        if (seen := self._seen.get(str(path))) is not None:
            seen.handed = False

    def _alone(self, path: Path) -> bool:
        """A second half of a pair goes with the first one, where there is one."""
        first = first_of_pair(path)
        return first is None or str(first) not in self._seen

    def _files(self) -> Iterator[os.DirEntry[str]]:
        open_folders = [self._root / folder for folder in self._folders if folder not in OURS]
        while open_folders:
            folder = open_folders.pop()
            try:
                entries = list(os.scandir(folder))
            except OSError:
                self.counts["folder_not_readable"] += 1
                continue
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    if not entry.name.startswith(".") and not (folder == self._root and entry.name in OURS):
                        open_folders.append(Path(entry.path))
                elif entry.is_file(follow_symlinks=False) and is_recording(Path(entry.name)):
                    yield entry
