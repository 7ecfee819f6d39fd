"""Where a service keeps what in its data folder. In: a Config. Out: paths and URLs.

May not know: what is kept there.
"""

import hashlib
import os
import stat
import tempfile
from pathlib import Path
from typing import Final

from monitor.config import Config
from monitor.member import Member, member
from streams.bus.embedded import url_of
from streams.vocabulary.ids import SourceId

SOCKET_PATH_BYTES: Final = 100
"""A Unix socket's path may have 107 bytes; a longer data folder gets a short private place instead."""


_MEMBERS: Final[dict[tuple[str, str], Member]] = {}
"""Held until the process ends, however it ends."""


class PlaceRefused(Exception):
    """The data folder cannot be used; the text names the mend."""


def bus_folder(config: Config) -> Path:
    return config.store.data / "valkey"


def bus_url(config: Config) -> str:
    return config.store.redis_url.reveal() if config.store.redis_url else url_of(bus_folder(config))


def warehouse_url(config: Config) -> str:
    if config.store.clickhouse_url:
        return config.store.clickhouse_url.reveal()
    return f"chdb://{config.store.data.resolve() / 'warehouse'}"


def history_socket(config: Config) -> Path:
    """The private socket of the history process; its folder is ours alone."""
    data = made(config.store.data.resolve())
    inside = data / "run" / "history.sock"
    if len(os.fsencode(inside)) > SOCKET_PATH_BYTES:
        digest = hashlib.sha256(os.fsencode(data)).hexdigest()[:16]
        inside = Path(tempfile.gettempdir()) / f"floorwatch-{os.getuid()}-{digest}" / "history.sock"
    made(inside.parent)
    found = inside.parent.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise PlaceRefused(f"{inside.parent} is not a folder of this user: remove it and start again")
    inside.parent.chmod(0o700)
    return inside


def recordings_folder(config: Config) -> Path:
    """Where recordings are; without any, an empty place below the data folder."""
    return config.recordings.folder if config.recordings else config.store.data / "no-recordings"


def spool_folder(config: Config, source: SourceId) -> Path:
    """What one source told and the bus may not have yet."""
    return config.store.data / "spool" / source


def push_folder(config: Config, source: SourceId) -> Path:
    """The same for what is pushed: the web takes it in, which may be another process than the collectors'."""
    return config.store.data / "spool" / "pushed" / source


def member_of(config: Config, role: str) -> Member:
    """This process among those of its role; the same one for the process's whole life."""
    key = (str(config.store.data.resolve()), role)
    if key not in _MEMBERS:
        made(config.store.data)
        _MEMBERS[key] = member(config.store.data, role)
    return _MEMBERS[key]


def log_file(config: Config, role: str) -> Path:
    return made(config.store.data / "log") / f"{role}.log"


def made(folder: Path) -> Path:
    """The folder, there now; what had to be made is nobody else's to read: customers' numbers are in it. Raises
    PlaceRefused."""
    try:
        for missing in reversed([one for one in (folder, *folder.parents) if not one.exists()]):
            missing.mkdir(mode=0o700, exist_ok=True)
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise PlaceRefused(
            f"{folder} cannot be made ({error.strerror}): name another folder as [store] data"
        ) from error
    return folder
