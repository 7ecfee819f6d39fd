"""How full the data folder's disk is. In: a folder. Out: a state, from the last look.

At 85 % somebody should know; at 95 % what can wait stops, recordings first, so that events find room. May not know: who
asks.
"""

import os
from enum import StrEnum
from pathlib import Path
from typing import Final

LOOK_PERCENT: Final = 85.0
STOP_PERCENT: Final = 95.0


class DiskState(StrEnum):
    ROOM = "ok"
    FILLING = "disk_filling"
    FULL = "disk_full"
    NOT_KNOWN = "disk_not_known"


def used_percent(folder: Path) -> float:
    """Of what this user may fill. Raises OSError."""
    found = os.statvfs(folder)
    used = found.f_blocks - found.f_bfree
    may = used + found.f_bavail
    return 100 * used / may if may else 100.0


class DiskWatch:
    """Mutable; `look` blocks for a moment, the rest answers at once."""

    def __init__(self, folder: Path, *, look_percent: float = LOOK_PERCENT, stop_percent: float = STOP_PERCENT) -> None:
        self._folder = folder
        self._look_percent = look_percent
        self._stop_percent = stop_percent
        self.percent = 0.0
        self.state = DiskState.NOT_KNOWN

    def look(self) -> DiskState:
        try:
            self.percent = used_percent(self._folder)
        except OSError:
            self.state = DiskState.NOT_KNOWN
        else:
            if self.percent >= self._stop_percent:
                self.state = DiskState.FULL
            elif self.percent >= self._look_percent:
                self.state = DiskState.FILLING
            else:
                self.state = DiskState.ROOM
        return self.state

    def has_room(self) -> bool:
        """A look, and whether what can wait may go on."""
        return self.look() is not DiskState.FULL

    def status(self) -> dict[str, float | str]:
        return {"used_percent": round(self.percent, 1), "state": str(self.state)}
