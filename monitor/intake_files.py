"""A file below the recordings folder as an announcement. In: a path, what its name tells, the site. Out: RecordingJob.

May not know: how the file came there, the bus.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from asr.intake_names import begun_at, told_by
from asr.intake_states import IntakeReason
from asr.jobs import RecordingJob
from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName, SiteId
from streams.warehouse.rows import AHEAD_MS, EARLIEST

ENDINGS: Final = frozenset(
    {".wav", ".flac", ".mp3", ".ogg", ".opus", ".m4a", ".amr", ".gsm", ".alaw", ".ulaw", ".au", ".aac", ".wma", ".webm"}
)
POSTED: Final = "posted"
FETCHED: Final = "fetched"
OURS: Final = frozenset({POSTED, FETCHED})
"""What lies there below the recordings folder is in the ledger already."""
SECOND_OF_PAIR: Final = {"-tx": "-rx", "-out": "-in"}
"""The second mono file of a pair goes with the first one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What all files of one centre share. `sites`: the first one is whose files lie in no site's own sub-folder."""

    folder: Path
    sites: Mapping[SiteId, ZoneInfo]
    names: Sequence[re.Pattern[str]]
    agent_channel: int | None

    @property
    def first(self) -> SiteId:
        return next(iter(self.sites))

    def site_of(self, path: Path) -> SiteId:
        """A sub-folder that has a site's id is that site's."""
        try:
            parts = path.relative_to(self.folder.resolve()).parts
        except ValueError:
            return self.first
        return next((SiteId(part) for part in parts[:-1] if part in self.sites), self.first)


def job_of_file(
    path: Path,
    around: Surroundings,
    *,
    changed_at: Millis,
    now: Millis,
    site: SiteId | None = None,
    contact: str = "",
    at: Millis | None = None,
    agent: str = "",
    queue: str = "",
    urgent: bool = False,
) -> RecordingJob:
    """What is told goes before what the name tells. `contact_at` of one that nobody knows is when it began.

    A moment that no clock that is set can have told is left out, whoever tells it.
    """
    of = site or around.site_of(path)
    told = told_by(path.stem, around.names)
    known = contact or told.contact
    moments = (at, begun_at(known), told.at, _local(told.local, around.sites[of]), changed_at)
    begun = next((one for one in moments if one is not None and plausible(one, now=now)), now)
    written = str(path)
    refused = "" if _is_text(written) else IntakeReason.NAME_NOT_TEXT
    if refused:
        written = written.encode("utf-8", "backslashreplace").decode()
    return RecordingJob(
        site=of,
        contact=ContactId(known),
        contact_at=begun,
        path=written,
        queue=QueueName(queue or told.queue),
        agent=AgentId(agent or told.agent),
        agent_channel=around.agent_channel,
        urgent=urgent,
        matched="id" if contact else "name" if known else "",
        extension=told.extension,
        refused=refused,
        sha256="" if known else hashlib.sha256(written.encode()).hexdigest(),
    )


def plausible(at: Millis, *, now: Millis) -> bool:
    """The warehouse keeps no rows of other moments."""
    return EARLIEST <= at <= now + AHEAD_MS // 2


def _is_text(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def is_recording(path: Path) -> bool:
    """By its name alone: hidden files and those still being written under another ending are none."""
    return path.suffix.lower() in ENDINGS and not path.name.startswith((".", "~"))


def first_of_pair(path: Path) -> Path | None:
    """The other half that this file goes with, if it is a second half."""
    for second, first in SECOND_OF_PAIR.items():
        if path.stem.endswith(second):
            return path.with_name(path.stem.removesuffix(second) + first + path.suffix)
    return None


def _local(text: str, zone: ZoneInfo) -> Millis | None:
    try:
        told = datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=zone)
    except ValueError:
        return None
    return Millis(int(told.timestamp() * 1000))
