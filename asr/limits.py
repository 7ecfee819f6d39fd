"""What a child may take, set by the child itself before it touches input. In: numbers. Out: nothing.

The kernel enforces it: too much CPU or memory ends the child, the parent sees a typed fault. Linux only for the last.
"""

import ctypes
import os
import resource
import signal

_PR_SET_PDEATHSIG = 1


def limit_process(*, cpu_s: int | None, memory_mb: int, files: int | None = None) -> None:
    """Caps CPU seconds, address space and open files; no file may be written at all (pipes are no files)."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory_mb << 20, memory_mb << 20))
    if files is not None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    if cpu_s is not None:
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 1))


def die_with_parent(parent: int | None = None) -> None:
    """A killed service must not leave a recogniser behind: a hung one would never notice that its pipe closed.

    `parent`: who it must still be; a parent that died before this call would otherwise be missed.
    """
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if parent is not None and os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def cpu_ms() -> int:
    """CPU time of this process and of the programs it waited for, so far."""
    own, others = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return round((own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime) * 1000)
