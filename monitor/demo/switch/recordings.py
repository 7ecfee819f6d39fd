"""The demo's real calls as recordings of a switch. In: a folder of stereo FLAC files. Out: their list, files in place.

Shell: reads, copies and links files. A recording appears at its path whole (linked or copied aside, then renamed).
"""

import logging
import os
import shutil
from contextlib import suppress
from enum import StrEnum
from importlib import resources
from pathlib import Path

from monitor.demo.switch.floor import DemoCall, RecordingDue

log = logging.getLogger(__name__)

_MAGIC = b"fLaC"
_STREAMINFO = 34


class NoDemoCalls(RuntimeError):
    """There is nothing to record."""


def demo_calls_folder() -> Path:
    """Where the package keeps its calls."""
    return Path(str(resources.files("asr"))) / "demo" / "calls"


def read_calls(folder: Path) -> list[DemoCall]:
    """Every FLAC of the folder, shortest first (the first ends soonest). Raises NoDemoCalls naming what is wrong."""
    calls = [DemoCall(file=str(path), duration_ms=_flac_ms(path)) for path in sorted(folder.glob("*.flac"))]
    calls.sort(key=lambda call: call.duration_ms)
    if not calls:
        raise NoDemoCalls(f"no *.flac in {folder}; name the folder of the demo calls with --calls DIR")
    return calls


def _flac_ms(path: Path) -> int:
    """From STREAMINFO, which is always the first block: 20 bits of rate at byte 10, 36 bits of samples at byte 13."""
    with path.open("rb") as file:
        head = file.read(8 + _STREAMINFO)
    if head[:4] != _MAGIC or len(head) < 8 + _STREAMINFO:
        raise NoDemoCalls(f"{path} is not FLAC; replace or remove it")
    info = head[8:]
    rate = int.from_bytes(info[10:13], "big") >> 4
    samples = int.from_bytes(info[13:18], "big") & 0xF_FFFF_FFFF
    return samples * 1000 // rate


class Put(StrEnum):
    IN_PLACE = "in_place"
    NOT_WRITTEN = "not_written"


def put_in_place(due: RecordingDue) -> Put:
    """A full disk loses the recording, not the calls: a real switch goes on too and names a missing file."""
    target, source = Path(due.path), Path(due.file)
    part = target.with_name(target.name + ".part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        _copy(source, part)
        part.replace(target)
    except OSError as error:
        log.warning("recording not written: %s", error.strerror)
        with suppress(OSError):
            part.unlink(missing_ok=True)
        return Put.NOT_WRITTEN
    return Put.IN_PLACE


def _copy(source: Path, part: Path) -> None:
    """By a link to a copy beside it: hours of demo take little room, and a write never reaches the package's file."""
    kept = part.parent / ".calls" / source.name
    if not _same(kept, source):
        kept.parent.mkdir(exist_ok=True)
        aside = kept.with_name(kept.name + ".part")
        shutil.copy2(source, aside)
        aside.replace(kept)
    try:
        os.link(kept, part)
    except OSError:
        # A file system without hard links.
        shutil.copyfile(kept, part)


def _same(kept: Path, source: Path) -> bool:
    """A copy somebody wrote into has another time."""
    if not kept.exists():
        return False
    one, other = kept.stat(), source.stat()
    return (one.st_size, one.st_mtime_ns) == (other.st_size, other.st_mtime_ns)
