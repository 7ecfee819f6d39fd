"""A folder that Amazon Connect's records are copied into. In: NDJSON files. Out: events, in batches, to who publishes.

Files are read in order of name as they grow; the last line waits until it is whole, or until its file has been left
alone for a while. A position stands for what was published. May not know: what a record says, Redis, the floor.
"""

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

import structlog

from streams.collect.connect_files import Found, PositionError, Positions, look
from streams.collect.connection import CollectorCounts, Publish
from streams.collect.samples import RefusedSamples
from streams.translate.amazon_connect import ConnectTranslator
from streams.vocabulary.events import Event
from streams.vocabulary.ids import Millis
from streams.wire.ndjson import cut

log = structlog.get_logger(__name__)

READ_BYTES: Final = 4 * 1024 * 1024
SAVE_EVERY_S: Final = 1.0
LINE_TOO_LONG: Final = "line_too_long"
PACKED_FILE: Final = "packed_file"
UNREADABLE_FILE: Final = "unreadable_file"


class FolderLost(StrEnum):
    """Why the folder could not be read; each is counted."""

    FOLDER_MISSING = "folder_missing"
    FOLDER_UNREADABLE = "folder_unreadable"
    POSITION_UNWRITABLE = "position_unwritable"


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderPace:
    """`settled_s`: a file not written to for so long is complete, newline at its end or not."""

    look_every_s: float = 1.0
    settled_s: float = 10.0
    pause_s: float = 10.0


class ConnectFolder:
    """Runs for ever; every event goes to `publish` in order of the files. Cancel to stop."""

    def __init__(
        self,
        folder: Path,
        translator: ConnectTranslator,
        *,
        publish: Publish,
        clock: Callable[[], Millis],
        positions: Path,
        pace: FolderPace | None = None,
    ) -> None:
        """Raises PositionError where the file of positions is damaged."""
        self._folder = folder
        self._translator = translator
        self._publish = publish
        self._clock = clock
        self._positions = Positions(positions)
        self._pace = pace or FolderPace()
        self._packed: set[str] = set()
        self._unreadable: set[str] = set()
        self._too_long = 0
        self._unsaved, self._save_at = False, 0.0
        self.counts = CollectorCounts()
        self.samples = RefusedSamples()

    async def run(self) -> None:
        await self._publish(self._translator.started(self._clock()))
        while True:
            try:
                await self._pass_once()
                await asyncio.sleep(self._pace.look_every_s)
            except (OSError, PositionError) as error:
                await self._lost(error)
                await asyncio.sleep(self._pace.pause_s)

    async def _pass_once(self) -> None:
        found, packed = await asyncio.to_thread(look, self._folder)
        if not self.counts.connected:
            self.counts.connected = True
            self.counts.connections += 1
        self._note_packed(packed)
        self._positions.settle(found)
        try:
            for one in found:
                await self._read(one)
        finally:
            await self._save(hurry=True)

    async def _lost(self, error: OSError | PositionError) -> None:
        reason = FolderLost.FOLDER_UNREADABLE
        if isinstance(error, PositionError):
            reason = FolderLost.POSITION_UNWRITABLE
        elif isinstance(error, FileNotFoundError):
            reason = FolderLost.FOLDER_MISSING
        self.counts.lost[reason] += 1
        log.warning("source_lost", folder=str(self._folder), reason=str(reason), detail=str(error))
        if self.counts.connected:
            self.counts.connected = False
            await self._publish(self._translator.lost(self._clock()))

    async def _read(self, found: Found) -> None:
        offset = self._positions.offset_of(found)
        settled = self._clock() - found.changed_at >= 1000 * self._pace.settled_s
        while offset < found.size:
            try:
                data = await asyncio.to_thread(_piece, found.path, offset)
            except FileNotFoundError:
                return  # removed in between: whoever removes a file wants it no longer read
            except OSError as error:
                self._note_unreadable(found, error)
                return  # the others go on
            if not data:
                return
            full = len(data) == READ_BYTES
            records, taken = cut(data, complete=full or (settled and offset + len(data) >= found.size))
            if taken == 0:
                if not full:
                    return  # a torn line: the rest of it is still to come
                self._too_long += 1
                taken = len(data)
            await self._tell(records)
            offset += taken
            self.counts.bytes += taken
            self._positions.reached(found, offset)
            self._unsaved = True
            await self._save()

    async def _save(self, *, hurry: bool = False) -> None:
        """Not after each of ten thousand small files: all positions are written each time. A crash repeats a second."""
        now = asyncio.get_running_loop().time()
        if self._unsaved and (hurry or now >= self._save_at):
            self._unsaved, self._save_at = False, now + SAVE_EVERY_S
            await asyncio.to_thread(self._positions.save)

    async def _tell(self, records: list[bytes]) -> None:
        now = self._clock()
        events: list[Event] = []
        for record in records:
            events += self._translator.translate(record, now)
            self.samples.note(self._translator.refused, record, now)
        self.counts.messages += len(records)
        self._count_refused()
        if events:
            self.counts.events += len(events)
            await self._publish(events)

    def _count_refused(self) -> None:
        refused = self._translator.refused.copy()
        refused[LINE_TOO_LONG] += self._too_long
        refused[PACKED_FILE] += len(self._packed)
        refused[UNREADABLE_FILE] += len(self._unreadable)
        self.counts.refused = +refused

    def _note_unreadable(self, found: Found, error: OSError) -> None:
        if found.name not in self._unreadable:
            self._unreadable.add(found.name)
            self._count_refused()
            log.warning(
                "unreadable_file", file=found.name, reason=error.strerror, mend="give the service the right to read"
            )

    def _note_packed(self, names: list[str]) -> None:
        fresh = set(names) - self._packed
        for name in sorted(fresh):
            log.warning("packed_file", file=name, mend="deliver uncompressed files (Firehose: compression off)")
        self._packed |= fresh
        if fresh:
            self._count_refused()


def _piece(path: Path, offset: int) -> bytes:
    # it may have been replaced since it was looked at: no link is followed, no pipe waited for
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        return os.pread(descriptor, READ_BYTES, offset)
    finally:
        os.close(descriptor)
