"""Asterisk's queue_log, lines to counts per queue. In: the file's bytes. Out: `QueueLog`.

One line: epoch|call|queue|agent|event|data…; data may hold anything but a line break. Source: app_queue.c.
May not know: AMI, the floor.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from streams.vocabulary.ids import QueueName

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


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueLog:
    """`counts[queue][what]`; `restarts`: QUEUESTART lines after the first; `unreadable`: lines with too few columns."""

    counts: Mapping[QueueName, Mapping[str, int]]
    restarts: int
    unreadable: int


def parse_queue_log(data: bytes) -> QueueLog:
    counts: dict[QueueName, Counter[str]] = {}
    starts = unreadable = 0
    for line in data.split(b"\n"):
        columns = line.rstrip(b"\r").split(b"|", 5)
        if len(columns) < 5:
            unreadable += bool(line.strip())
            continue
        queue, event = columns[2].decode("utf-8", "replace"), columns[4].decode("utf-8", "replace")
        if event == "QUEUESTART":
            starts += 1
        elif what := _KINDS.get(event):
            counts.setdefault(QueueName(queue), Counter())[what] += 1
    return QueueLog(counts=counts, restarts=max(0, starts - 1), unreadable=unreadable)
