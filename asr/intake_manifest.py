"""A CSV manifest of recordings. In: its text. Out: rows to take in, and every line's fault with its mend.

Columns: path or url (one of them), contact, at (epoch ms, epoch s, or ISO 8601 with offset), agent, queue, site,
urgent (0/1), agent_channel (left, right, unknown). May not know: files, the bus.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from typing import Final

from msgspec import Struct

from asr.intake_names import word_fault
from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName

COLUMNS: Final = ("path", "url", "contact", "at", "agent", "queue", "site", "urgent", "agent_channel")
CHANNELS: Final = {"": None, "left": 0, "right": 1, "unknown": -1}
LONGEST: Final = 500_000
"""Lines of one manifest."""


class Row(Struct, frozen=True, kw_only=True):
    line: int
    path: str
    contact: ContactId = ContactId("")
    at: Millis | None = None
    agent: AgentId = AgentId("")
    queue: QueueName = QueueName("")
    site: str = ""
    urgent: bool = False
    agent_channel: int | None = None
    """None: as configured; -1: not known"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFault:
    line: int
    column: str
    fault: str
    mend: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    rows: tuple[Row, ...]
    faults: tuple[LineFault, ...]


def read_manifest(text: str) -> Manifest:
    """Every line is judged; a line with a fault is not among the rows."""
    lines = _lines(text.removeprefix("\ufeff"))
    _, first = next(lines, (1, []))
    header = [] if isinstance(first, csv.Error) else [cell.strip().lower() for cell in first]
    if found := tuple(_header_faults(header)):
        return Manifest(rows=(), faults=found)
    rows: list[Row] = []
    faults: list[LineFault] = []
    seen: dict[str, int] = {}
    for line, cells in lines:
        if isinstance(cells, csv.Error):
            mend = 'save the table as CSV, UTF-8; close every "quote", or everything up to the next one is lost'
            faults.append(_fault(line, "", f"is not CSV: {cells}", mend))
        elif any(cell.strip() for cell in cells):
            row, judged = _judged(line, header, cells, seen)
            rows += row
            faults += judged
        if len(rows) > LONGEST:
            faults.append(_fault(line, "", f"more than {LONGEST} lines", "cut the manifest into parts"))
            break
    return Manifest(rows=tuple(rows), faults=tuple(faults))


def _lines(text: str) -> Iterator[tuple[int, list[str] | csv.Error]]:
    """Each with the line on which it begins: a cell in quotes may hold line breaks."""
    reader = csv.reader(StringIO(text, newline=""))
    while True:
        begins = reader.line_num + 1
        try:
            yield begins, next(reader)
        except csv.Error as error:
            yield begins, error
        except StopIteration:
            return


def _judged(line: int, header: list[str], cells: list[str], seen: dict[str, int]) -> tuple[list[Row], list[LineFault]]:
    """`seen`: which file stood on which line; this one's is added."""
    faults = list(_line_faults(line, header, cells))
    values = dict(zip(header, (cell.strip() for cell in cells), strict=False))
    where = values.get("path") or values.get("url", "")
    if not faults and where in seen:
        faults.append(_fault(line, "path", f"is on line {seen[where]} too", "leave one of the two lines out"))
    if faults:
        return [], faults
    seen[where] = line
    return [_row(line, values, where)], []


def _fault(line: int, column: str, fault: str, mend: str) -> LineFault:
    return LineFault(line=line, column=column, fault=fault, mend=mend)


def _header_faults(header: list[str]) -> Iterator[LineFault]:
    mend = f"begin the file with a line of column names: {', '.join(COLUMNS)}"
    if not {"path", "url"} & set(header):
        yield _fault(1, "path", "there is neither a column path nor a column url", mend)
    for name in header:
        if name not in COLUMNS:
            yield _fault(1, name[:40], "unknown column", mend)
        elif header.count(name) > 1:
            yield _fault(1, name, "column twice", mend)
            return


def _line_faults(line: int, header: list[str], cells: list[str]) -> Iterator[LineFault]:
    if len(cells) != len(header):
        mend = 'put a text that holds a comma into "quotes"'
        yield _fault(line, "", f"{len(cells)} cells in place of {len(header)}", mend)
        return
    values = dict(zip(header, (cell.strip() for cell in cells), strict=True))
    if bool(values.get("path")) == bool(values.get("url")):
        yield _fault(line, "path", "needs a path or a url, one of them", "say where the recording is")
    at = values.get("at", "")
    if at and moment(at) is None:
        mend = "write 1795291649, 1795291649000 or 2026-11-22T10:15:00+08:00"
        yield _fault(line, "at", f"{at[:40]!r} is no moment", mend)
    for name in ("contact", "agent", "queue"):
        if fault := word_fault(values.get(name, "")):
            yield _fault(line, name, fault, "write it as the switch does")
    if values.get("urgent", "") not in ("", "0", "1"):
        yield _fault(line, "urgent", "is neither 0 nor 1", "write 0 or 1")
    if values.get("agent_channel", "") not in CHANNELS:
        yield _fault(line, "agent_channel", "is not left, right or unknown", "write left, right or unknown")


def _row(line: int, values: dict[str, str], where: str) -> Row:
    return Row(
        line=line,
        path=where,
        contact=ContactId(values.get("contact", "")),
        at=moment(values.get("at", "")),
        agent=AgentId(values.get("agent", "")),
        queue=QueueName(values.get("queue", "")),
        site=values.get("site", ""),
        urgent=values.get("urgent") == "1",
        agent_channel=CHANNELS[values.get("agent_channel", "")],
    )


def moment(text: str) -> Millis | None:
    """Epoch seconds, epoch milliseconds, or ISO 8601 with an offset; else None."""
    if text.isascii() and text.isdecimal():
        return {10: Millis(int(text) * 1000), 13: Millis(int(text))}.get(len(text))
    try:
        told = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if told.tzinfo is None else Millis(int(told.timestamp() * 1000))
