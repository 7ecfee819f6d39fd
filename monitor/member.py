"""Who this process is among others. In: a data folder, a role. Out: a name that no other living process has.

The name is the same after a restart, so that a consumer finds what it was given and did not finish; a lock held to the
process's end keeps a second process of this machine from taking it. May not know: what names are for.
"""

import fcntl
import hashlib
import os
import re
import socket
from pathlib import Path
from typing import Final

_UNSAFE: Final = re.compile(r"[^A-Za-z0-9.-]")
MOST: Final = 256


class TooManyProcesses(Exception):
    """More processes of one role on one machine than anybody wants."""


class Member:
    """`name` is ours while the object lives; `close` lets another process have it."""

    def __init__(self, name: str, descriptor: int) -> None:
        self.name = name
        self._descriptor = descriptor

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def member(data: Path, role: str) -> Member:
    """`archive-HOST-1f3a-0`: role, machine, data folder, the lowest number that is free. Raises TooManyProcesses."""
    folder = data.resolve() / "run" / "members"
    folder.mkdir(parents=True, exist_ok=True)
    place = hashlib.sha256(os.fsencode(data.resolve())).hexdigest()[:4]
    host = _UNSAFE.sub("-", socket.gethostname())[:40]
    for number in range(MOST):
        descriptor = os.open(folder / f"{role}-{number}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
        else:
            return Member(f"{role}-{host}-{place}-{number}", descriptor)
    raise TooManyProcesses(f"{MOST} processes of role {role} run here: stop some, or use another data folder")
