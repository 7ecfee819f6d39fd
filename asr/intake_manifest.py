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

from asr.intake_names import begun_at
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
    reader = csv.reader(StringIO(text.removeprefix("\ufeff"), newline=""))
    rows: list[Row] = []
    faults: list[LineFault] = []
    try:
        header = [cell.strip().lower() for cell in next(reader, [])]
        faults += _header_faults(header)
        if faults:
            return Manifest(rows=(), faults=tuple(faults))
        seen: dict[str, int] = {}
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            found = list(_line_faults(reader.line_num, header, cells))
            values = dict(zip(header, (cell.strip() for cell in cells), strict=False))
            where = values.get("path") or values.get("url", "")
            if not found and where in seen:
                mend = "leave one of the two lines out"
                found.append(_fault(reader.line_num, "path", f"is on line {seen[where]} too", mend))
            faults += found
            if not found:
                seen[where] = reader.line_num
                rows.append(_row(reader.line_num, values, where))
            if len(rows) > LONGEST:
                faults.append(_fault(reader.line_num, "", f"more than {LONGEST} lines", "cut the manifest into parts"))
                break
    except csv.Error as error:
        faults.append(_fault(reader.line_num, "", f"is not CSV: {error}", "save the table as CSV with commas, UTF-8"))
    return Manifest(rows=tuple(rows), faults=tuple(faults))


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
    if not at and not begun_at(values.get("contact", "")) and not values.get("contact") and not values.get("agent"):
        mend = "give contact, or at and agent; else the file's name must tell it"
        if not values.get("path") and not values.get("url"):
            yield _fault(line, "contact", "nothing tells whose it is", mend)
    if len(values.get("contact", "")) > 128:
        yield _fault(line, "contact", "is longer than 128 characters", "give the switch's id of the contact")
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
