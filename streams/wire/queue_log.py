"""Asterisk's queue_log, bytes to lines, no I/O. In: the file's bytes, cut anywhere. Out: `QueueLogLine`s, counts.

One line: epoch|call|queue|agent|event|data…; data may hold anything but a line break. Source: app_queue.c, logger.c.
May not know: AMI, the floor, files.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from streams.vocabulary.ids import QueueName

MAX_LINE: Final = 16 * 1024
"""app_queue's own buffers end far below; a longer line is noise or malice and is passed over, counted."""

_KINDS: Final[Mapping[str, str]] = {
    "ENTERQUEUE": "offered",
    "CONNECT": "answered",
    "ABANDON": "abandoned",
    "EXITWITHTIMEOUT": "overflowed timeout",
    "EXITWITHKEY": "overflowed key",
    "EXITEMPTY": "overflowed empty",
    "WITHDRAW": "overflowed withdrawn",
    "BLINDTRANSFER": "transferred_out",
    "ATTENDEDTRANSFER": "transferred_out",
}


class UnreadableReason(StrEnum):
    FEW_COLUMNS = "few_columns"
    BAD_TIME = "bad_time"
    TOO_LONG = "too_long"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueLogLine:
    """`call`: the caller's Uniqueid, or NONE, MANAGER, REALTIME; `agent`: a member's name or interface, or NONE."""

    at_s: int
    call: str
    queue: QueueName
    agent: str
    event: str
    data: tuple[str, ...] = ()

    def text(self, place: int) -> str:
        return self.data[place] if place < len(self.data) else ""

    def seconds(self, place: int) -> int | None:
        """A whole number at this place of the data; None where there is none."""
        value = self.text(place)
        return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else None


class QueueLogParser:
    """Keeps an unfinished last line until its end comes. `unreadable` counts what was passed over, by reason."""

    def __init__(self) -> None:
        self._tail = b""
        self._skipping = False
        self.lines = 0
        self.unreadable: Counter[UnreadableReason] = Counter()

    @property
    def unfinished(self) -> int:
        """Bytes fed that belong to a line whose end has not come: whoever keeps a position goes back by them."""
        return len(self._tail)

    def feed(self, data: bytes) -> list[QueueLogLine]:
        *whole, self._tail = (self._tail + data).split(b"\n")
        found = []
        for raw in whole:
            if self._skipping:
                self._skipping = False
            elif line := self._line(raw):
                found.append(line)
        if len(self._tail) > MAX_LINE:
            self._tail = b""
            if not self._skipping:
                self.unreadable[UnreadableReason.TOO_LONG] += 1
            self._skipping = True
        return found

    def finish(self) -> list[QueueLogLine]:
        """The file is at its end for good: what stands there without a line break is a line, too."""
        return self.feed(b"\n") if self._tail else []

    def _line(self, raw: bytes) -> QueueLogLine | None:
        raw = raw.rstrip(b"\r")
        if not raw.strip():
            return None
        if len(raw) > MAX_LINE:
            return self._refuse(UnreadableReason.TOO_LONG)
        columns = raw.split(b"|")
        if len(columns) < 5:
            return self._refuse(UnreadableReason.FEW_COLUMNS)
        # older files and some back ends write fractions of a second
        at = columns[0].partition(b".")[0]
        if not at.isdigit() or len(at) > 11:
            return self._refuse(UnreadableReason.BAD_TIME)
        self.lines += 1
        call, queue, agent, event, *data = (one.decode("utf-8", "replace") for one in columns[1:])
        return QueueLogLine(at_s=int(at), call=call, queue=QueueName(queue), agent=agent, event=event, data=tuple(data))

    def _refuse(self, reason: UnreadableReason) -> QueueLogLine | None:
        self.unreadable[reason] += 1
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueLog:
    """`counts[queue][what]`; `restarts`: QUEUESTART lines after the first; `unreadable`: lines passed over."""

    counts: Mapping[QueueName, Mapping[str, int]]
    restarts: int
    unreadable: int


def parse_queue_log(data: bytes) -> QueueLog:
    parser = QueueLogParser()
    return count_lines([*parser.feed(data), *parser.finish()], unreadable=parser.unreadable.total())


def count_lines(lines: list[QueueLogLine], *, unreadable: int = 0) -> QueueLog:
    counts: dict[QueueName, Counter[str]] = {}
    starts = 0
    for line in lines:
        if line.event == "QUEUESTART":
            starts += 1
        elif what := _KINDS.get(line.event):
            counts.setdefault(line.queue, Counter())[what] += 1
    return QueueLog(counts=counts, restarts=max(0, starts - 1), unreadable=unreadable)
