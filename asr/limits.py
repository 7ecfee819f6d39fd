"""What a child may take, set by the child itself before it touches input. In: numbers. Out: nothing.

The kernel enforces it: too much CPU or memory ends the child, the parent sees a typed fault. Linux only for the last.
"""

import ctypes
import resource
import signal

_PR_SET_PDEATHSIG = 1


def limit_process(*, cpu_s: int | None, memory_mb: int) -> None:
    """Caps CPU seconds and address space; no file may be written at all (pipes are no files)."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory_mb << 20, memory_mb << 20))
    if cpu_s is not None:
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 1))


def die_with_parent() -> None:
    """A killed service must not leave a recogniser behind: a hung one would never notice that its pipe closed."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def cpu_ms() -> int:
    """CPU time of this process so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return round((used.ru_utime + used.ru_stime) * 1000)
