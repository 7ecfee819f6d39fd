"""queue_log followed beside a live connection. In: a log's path, the translator. Out: corrections to publish.

Reads run in a thread, for the file may lie on another machine. A place is kept only once all before it is judged and it
is some seconds old: a collector that dies reads a little twice, nothing never. May not know: sockets.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import structlog

from streams.collect.queue_log_tail import LogSource, Position, load_position, open_queue_log, save_position
from streams.translate.asterisk import AsteriskTranslator
from streams.vocabulary.events import Event
from streams.vocabulary.ids import Millis
from streams.wire.queue_log import QueueLogParser

log = structlog.get_logger(__name__)

_SETTLED_MS: Final = 10_000
_MOST_READS: Final = 16
"""Reads in one look: 16 MiB, an hour of a very large centre; the rest comes with the next look."""


class AmiLog:
    """Mutable; owned by one client."""

    def __init__(
        self, path: Path, translator: AsteriskTranslator, *, position: Path | None = None, zone: str = "UTC"
    ) -> None:
        """`position`: the file in which the place is kept; None: each new collector begins at the log's end."""
        self._path = path
        self._translator = translator
        self._witness = translator.listen_to_log()
        self._kept_in = position
        self._zone = zone
        self._source: LogSource | None = None
        self._parser = QueueLogParser()
        self._reached: tuple[Millis, Position] | None = None

    @property
    def counts(self) -> Counter[str]:
        """What could not be read, and files that were rotated or truncated, by name."""
        found = Counter({f"queue_log {reason}": n for reason, n in self._parser.unreadable.items()})
        if self._source is not None:
            found.update({f"queue_log {what}": n for what, n in self._source.counts.items()})
        return found

    @property
    def lines(self) -> int:
        return self._parser.lines

    @property
    def differences(self) -> Mapping[str, int]:
        """Visits on which log and events differ though nothing was lost, by queue and what."""
        return {f"{queue}: {what}": n for (queue, what), n in self._witness.differences.items()}

    @property
    def corrected(self) -> Mapping[str, int]:
        """Visits that the log told and the wire did not, by queue."""
        return {str(queue): n for queue, n in self._witness.corrected.items()}

    async def read(self) -> bytes:
        """New bytes; then `tell` them. The first call looks back for visits that are still open."""
        if self._source is None:
            start = await asyncio.to_thread(load_position, self._kept_in) if self._kept_in is not None else None
            self._source = await asyncio.to_thread(open_queue_log, self._path, start, zone=self._zone)
            back = await asyncio.to_thread(self._source.look_back)
            self._witness.read(QueueLogParser().feed(back), history=True)
        return await asyncio.to_thread(_read_all, self._source)

    def tell(self, data: bytes, now: Millis) -> list[Event]:
        return self._translator.log_lines(self._parser.feed(data), now)

    async def keep_place(self, now: Millis) -> None:
        """To be called when what `tell` gave is published."""
        if self._kept_in is None or self._source is None:
            return
        if self._witness.busy:
            self._reached = None
        elif self._reached is None:
            place = self._source.position
            behind = self._parser.unfinished
            self._reached = (now, Position(inode=place.inode, offset=place.offset - behind))
        elif now - self._reached[0] >= _SETTLED_MS:
            place, self._reached = self._reached[1], None
            try:
                await asyncio.to_thread(save_position, self._kept_in, place)
            except OSError as error:
                log.warning("queue_log_place_not_kept", reason=type(error).__name__, file=str(self._kept_in))


def _read_all(source: LogSource) -> bytes:
    parts: list[bytes] = []
    while len(parts) < _MOST_READS and (data := source.read()):
        parts.append(data)
    return b"".join(parts)
