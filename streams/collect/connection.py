"""What every live connection to a source has: how it ends, how long it waits, what it counts, how it comes back.

In: one connection as a coroutine that ends with LostError. Out: the next one, after a growing, jittered pause.
May not know: any protocol.
"""

import asyncio
import random
import ssl
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import NoReturn

import structlog

from streams.vocabulary.events import Event
from streams.vocabulary.ids import Millis

log = structlog.get_logger(__name__)

Publish = Callable[[Sequence[Event]], Awaitable[None]]


class LostError(Exception):
    """The connection is of no more use. `reason` is counted and shown."""

    def __init__(self, reason: StrEnum, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else str(reason))
        self.reason = reason


class TlsFileError(ValueError):
    """A certificate or authority file cannot be used; the text names it and the mend."""


def tls_context(*, ca: Path | None, certificate: Path | None = None) -> ssl.SSLContext:
    """Raises TlsFileError. The other side's certificate is always verified; `certificate` is our own, with its key."""
    try:
        context = ssl.create_default_context(cafile=ca)
        if certificate is not None:
            context.load_cert_chain(certificate)
    except (OSError, ssl.SSLError) as error:
        raise TlsFileError(f"{ca or ''} {certificate or ''}: {error}; give PEM files") from error
    return context


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How long is waited for what, in seconds. A pause between connections doubles from the first to the longest."""

    ping_every_s: float = 10.0
    silent_s: float = 30.0
    resync_every_s: float = 60.0
    connect_timeout_s: float = 10.0
    write_timeout_s: float = 5.0
    first_pause_s: float = 0.5
    longest_pause_s: float = 30.0


@dataclass(slots=True, kw_only=True)
class CollectorCounts:
    """For /metrics. Mutable; owned by one client."""

    connections: int = 0
    bytes: int = 0
    messages: int = 0
    passed_by: int = 0
    """messages that nobody needs; many of them: the event filters are missing (docs/switches/asterisk.md)"""
    events: int = 0
    lost: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    connected: bool = False


async def keep_connected(
    connection: Callable[[], Awaitable[None]],
    *,
    counts: CollectorCounts,
    pace: Pace,
    clock: Callable[[], Millis],
    where: str,
) -> NoReturn:
    """One connection after another, for ever. `where` is for the log and holds no secret."""
    pause_s = pace.first_pause_s
    while True:
        began = clock()
        try:
            await connection()
        except LostError as error:
            counts.lost[error.reason] += 1
            log.warning("source_lost", where=where, reason=str(error))
        finally:
            counts.connected = False
        _go_on_unless_cancelled()
        # a connection that lived has earned a quick return; the jitter keeps many collectors apart
        if clock() - began > 2000 * pace.silent_s:
            pause_s = pace.first_pause_s
        await asyncio.sleep(pause_s * (0.5 + random.random() / 2))  # noqa: S311 - jitter, no secret
        pause_s = min(pause_s * 2, pace.longest_pause_s)


def _go_on_unless_cancelled() -> None:
    """Python 3.11's TaskGroup forgets a cancellation that arrives while it is ending with an error of its own."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def first_lost(group: BaseExceptionGroup[LostError]) -> LostError:
    first = group.exceptions[0]
    return first_lost(first) if isinstance(first, BaseExceptionGroup) else first
