"""A manifest's rows into the ledger. In: rows, the recordings folder. Out: how many were taken, every line's fault.

May not know: CSV, HTTP, the command line.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import msgspec
from msgspec.structs import replace

from asr.intake_manifest import LineFault, Manifest, Row
from asr.jobs import RecordingJob
from monitor.intake import Announced, Intake, is_address, why_it_waits
from monitor.intake_fetch import listed
from monitor.intake_files import Surroundings, job_of_file, plausible
from monitor.safe_path import PathRefused, below
from streams.vocabulary.ids import Millis, SiteId

AT_ONCE: Final = 16
"""Lines announced together; each waits for the bus several times."""
UNKNOWN_CHANNEL: Final = -1


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    lines: int
    taken: int
    known: int
    waiting: int
    faults: tuple[LineFault, ...]
    dry: bool


async def import_rows(
    manifest: Manifest,
    intake: Intake,
    around: Surroundings,
    *,
    urls: Sequence[str],
    now: Millis,
    dry: bool,
    progress: Callable[[int], None],
) -> Imported:
    """Line by line; a line with a fault keeps no other one out. Raises BusError: what was taken stands."""
    faults = list(manifest.faults)
    told: Counter[Announced] = Counter()
    for begin in range(0, len(manifest.rows), AT_ONCE):
        rows = manifest.rows[begin : begin + AT_ONCE]
        judged = await asyncio.to_thread(lambda rows=rows: [judge(row, around, urls=urls, now=now) for row in rows])  # type: ignore[misc]
        jobs = [one for one in judged if isinstance(one, RecordingJob)]
        faults += [one for one in judged if isinstance(one, LineFault)]
        if dry:
            told.update(Announced.WAITS if why_it_waits(one) else Announced.QUEUED for one in jobs)
        else:
            told.update([what for what, _ in await asyncio.gather(*map(intake.announce, jobs))])
        progress(begin + len(rows))
    faults.sort(key=lambda one: one.line)
    return Imported(
        lines=len(manifest.rows) + len({one.line for one in manifest.faults}),
        taken=told[Announced.QUEUED],
        known=told[Announced.KNOWN],
        waiting=told[Announced.WAITS],
        faults=tuple(faults),
        dry=dry,
    )


def judge(row: Row, around: Surroundings, *, urls: Sequence[str], now: Millis) -> RecordingJob | LineFault:
    """The line as an announcement, or what is wrong with it."""

    def fault(column: str, what: str, mend: str) -> LineFault:
        return LineFault(line=row.line, column=column, fault=what, mend=mend)

    if row.site and row.site not in around.sites:
        return fault("site", f"no site {row.site[:40]!r}", f"one of {', '.join(around.sites)}")
    if row.at is not None and not plausible(row.at, now=now):
        return fault("at", "lies before 2010 or in the future", "correct the moment; mind the offset")
    path, changed_at = Path(row.path), now
    if is_address(row.path):
        if not listed(row.path, urls):
            return fault("url", "begins as none of [recordings] urls", "add the address's beginning there")
    else:
        try:
            path = below(around.folder, row.path)
            changed_at = Millis(path.stat().st_mtime_ns // 1_000_000)
        except PathRefused as error:
            return fault("path", f"the path is {error.reason}", f"put the file below {around.folder}")
        except OSError as error:
            mend = "correct the path, it is relative to the recordings folder"
            return fault("path", f"{error.strerror}: {row.path[:200]}", mend)
        if not path.is_file():
            return fault("path", f"is no file: {row.path[:200]}", "name the file itself")
    return _job(row, path, around, changed_at=changed_at, now=now)


def _job(row: Row, path: Path, around: Surroundings, *, changed_at: Millis, now: Millis) -> RecordingJob:
    job = job_of_file(
        path, around, changed_at=changed_at, now=now, site=SiteId(row.site) if row.site else None, contact=row.contact,
        at=row.at, agent=row.agent, queue=row.queue, urgent=row.urgent,
    )  # fmt: skip
    channel = job.agent_channel if row.agent_channel is None else row.agent_channel
    return replace(
        job,
        path=row.path if is_address(row.path) else job.path,
        agent_channel=None if channel == UNKNOWN_CHANNEL else channel,
    )
