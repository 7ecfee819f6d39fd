"""What a recording's file name tells, and which contact was near in time. In: names, contacts. Out: typed guesses.

Names are hostile text: only what a pattern's named groups give is used. May not know: files, any store.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from msgspec import Struct

from streams.vocabulary.ids import AgentId, ContactId, Millis

ASTERISK: Final = r"(?P<contact>\d{9,10}\.\d{1,9})(?:-(?:rx|tx|in|out))?$"
"""MixMonitor(${UNIQUEID}.wav), and FreePBX's q-600-13800138000-20261122-101500-1795291649.12.wav."""
FREESWITCH: Final = (
    r"(?:^|[_-])(?P<contact>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(?:-(?:rx|tx|in|out))?$"
)
"""record_session ${uuid}.wav, also behind a date."""
BY_AGENT: Final = r"^(?P<agent>\w{1,20})[_-](?P<date>20\d{6})[_-]?(?P<time>\d{6})"
"""8001-20261122-101500.wav: no contact in it, so the time decides."""
DEFAULTS: Final = (ASTERISK, FREESWITCH, BY_AGENT)
GROUPS: Final = frozenset({"contact", "agent", "extension", "queue", "date", "time", "epoch"})

OWN: Final = "sha:"
"""The ledger's own names of recordings without a contact begin so; nobody else's do."""
LONGEST: Final = 128

NEAR_MS: Final = 120_000
"""A recording begins so near to its contact's answer, or it is another's."""
SURE_RATIO: Final = 4
"""The next candidate must be so many times further away."""


class Told(Struct, frozen=True, kw_only=True):
    """ "" and None: the name does not say. `local`: a wall-clock time of the site, YYYYMMDDHHMMSS."""

    contact: ContactId = ContactId("")
    agent: AgentId = AgentId("")
    extension: str = ""
    queue: str = ""
    local: str = ""
    at: Millis | None = None


def word_fault(text: str) -> str:
    """Why a text from outside is no contact, agent or queue; "": it is one, or empty."""
    if len(text) > LONGEST:
        return f"is longer than {LONGEST} characters"
    if not text.isprintable():
        return "holds characters that cannot be shown"
    return f"begins with {OWN}, as only the ledger's own names do" if text.startswith(OWN) else ""


def told_by(name: str, patterns: Sequence[re.Pattern[str]]) -> Told:
    """`name` without folder and without ending; the first pattern that fits counts."""
    for pattern in patterns:
        if (found := pattern.search(name[:255])) is not None:
            groups = {key: value if value and not word_fault(value) else "" for key, value in found.groupdict().items()}
            epoch = groups.get("epoch", "")
            return Told(
                contact=ContactId(groups.get("contact", "")),
                agent=AgentId(groups.get("agent", "")),
                extension=groups.get("extension", ""),
                queue=groups.get("queue", ""),
                local=groups.get("date", "") + groups.get("time", "") if groups.get("date") else "",
                at=Millis(int(epoch) * 1000) if epoch.isascii() and epoch.isdecimal() and len(epoch) <= 10 else None,
            )
    return Told()


def begun_at(contact: str) -> Millis | None:
    """A contact id of Asterisk begins with epoch seconds."""
    seconds = re.match(r"^(\d{9,10})(?:\D|$)", contact)
    return Millis(int(seconds[1]) * 1000) if seconds else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    contact: ContactId
    contact_at: Millis
    answered_at: Millis
    queue: str = ""
    agent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearest:
    """`chosen` None: nobody was near, or two were alike; `distances` has those that came near, nearest first."""

    chosen: Candidate | None
    distances: tuple[tuple[str, int], ...]


def nearest(begun: Millis, candidates: Sequence[Candidate]) -> Nearest:
    """`candidates`: contacts of the same agent around that time."""
    measured = sorted(
        ((abs(one.answered_at - begun), one.contact, one) for one in candidates if one.answered_at),
        key=lambda item: item[:2],
    )
    near = [item for item in measured if item[0] <= NEAR_MS]
    distances = tuple((str(contact), distance) for distance, contact, _ in near[:5])
    if not near or (len(near) > 1 and near[1][0] < max(near[0][0], 1_000) * SURE_RATIO):
        return Nearest(chosen=None, distances=distances)
    return Nearest(chosen=near[0][2], distances=distances)
