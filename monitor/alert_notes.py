"""Notes about alerts: told to history, and to pages at once. In: AlertNoteFacts, people's acts. Out: notes by alert.

History has a note a second later; until then, and while history is away, a page reads what the bus keeps. May not know:
HTTP, who may see what.
"""

import asyncio
import secrets
from collections import Counter, OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import msgspec
import structlog

from alerts.notes import ACKNOWLEDGED
from streams.bus import names
from streams.bus.consume import Follower
from streams.bus.errors import BusError
from streams.bus.patience import patiently
from streams.bus.publish import Publisher
from streams.vocabulary.codec import UNREADABLE, decode_fact, encode
from streams.vocabulary.facts import AlertNoteFact, AuditFact, Fact
from streams.vocabulary.ids import Millis, SiteId
from streams.vocabulary.states import NoteKind
from streams.warehouse.alert_notes import NoteRow

log = structlog.get_logger(__name__)

NOTES_KEPT: Final = 5_000
"""Of a site, on the bus; as many of people's words."""
ALERTS_KEPT: Final = 2_000
"""Whose notes a process remembers; those written about longest ago are forgotten."""
NOTES_OF_ONE: Final = 100
"""Of one alert: a channel that fails for a day writes a note at each try."""
NOTES_IN_ALL: Final = 20_000
"""Some 20 MB."""
MACHINE: Final = frozenset({NoteKind.CHANGED, NoteKind.NOTIFIED, NoteKind.NOT_NOTIFIED, NoteKind.ESCALATED})
"""Notes the service makes by itself."""
MARKS: Final = {NoteKind.USEFUL: True, NoteKind.NOT_USEFUL: False, NoteKind.UNMARKED: None}


def audit_of(site: SiteId, *, action: str, about: str, author: str, at: Millis, detail: object) -> AuditFact:
    """What a person did. Two may act in one millisecond, so the number is by chance: the key has no other part."""
    actor, _, address = author.rpartition("@")
    return AuditFact(
        site=site, ver=at, done_at=at, number=secrets.randbits(53), actor=actor or author, address=address,
        action=action, object=about, detail=msgspec.json.encode(detail).decode(),
    )  # fmt: skip


class NoteTeller:
    """Safe to share between tasks."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self.counts: Counter[str] = Counter()

    async def tell(self, note: AlertNoteFact) -> None:
        """Raises BusError where history will not hear of it."""
        await self.tell_all([note])

    async def tell_all(self, notes: Sequence[AlertNoteFact], *beside: Fact) -> None:
        """All or none of them, with what goes to history `beside`. Raises BusError."""
        if not notes and not beside:
            return
        await self._publisher.publish(names.FACTS, [encode(one) for one in (*notes, *beside)])
        shown: dict[str, list[bytes]] = {}
        for note in notes:
            shown.setdefault(stream_of(note), []).append(encode(note))
        for stream, blobs in shown.items():
            try:
                await self._publisher.publish(stream, blobs, cap=NOTES_KEPT)
            except BusError as error:
                # history has it: to say now that it failed would have it written twice
                self.counts["notes_unshown"] += len(blobs)
                log.warning("alert_notes_unshown", stream=stream, fault=error.fault)


def stream_of(note: AlertNoteFact) -> str:
    return names.alert_notes(note.site) if note.kind in MACHINE else names.alert_words(note.site)


@dataclass(frozen=True, slots=True)
class LastTry:
    """What came of the last attempt to reach one person, or whoever reads a channel."""

    channel: str
    to: str
    outcome: str
    at: Millis


class NoteBoard:
    """The latest notes of a site, by alert. Mutable; owned by the web process."""

    def __init__(self, *, alerts: int = ALERTS_KEPT, each: int = NOTES_OF_ONE, in_all: int = NOTES_IN_ALL) -> None:
        self._most, self._each, self._in_all = alerts, each, in_all
        self._count = 0
        self._notes: OrderedDict[str, dict[str, AlertNoteFact]] = OrderedDict()
        self.revision = 0
        self.forgotten = 0
        """Notes dropped for room; history has them."""

    def take(self, note: AlertNoteFact) -> None:
        """Once each: of two of one name the earlier, whichever comes first."""
        kept = self._notes.setdefault(note.alert, {})
        if (known := kept.get(note.note)) is not None:
            if note.noted_at < known.noted_at:
                kept[note.note] = note
            return
        kept[note.note] = note
        self.revision += 1
        self._count += 1
        self._notes.move_to_end(note.alert)
        if len(kept) > self._each:
            self._thin(kept)
        while len(self._notes) > self._most or self._count > self._in_all:
            self._dropped(len(self._notes.popitem(last=False)[1]))

    def of(self, alert: str) -> list[AlertNoteFact]:
        """Oldest first."""
        return in_order(self._notes.get(alert, {}).values())

    def _thin(self, kept: dict[str, AlertNoteFact]) -> None:
        """The oldest attempt goes first, what a person said last."""
        oldest = next((name for name, note in kept.items() if note.kind in MACHINE), next(iter(kept)))
        del kept[oldest]
        self._dropped(1)

    def _dropped(self, notes: int) -> None:
        self._count -= notes
        self.forgotten += notes


async def follow_notes(redis: Any, site: SiteId, board: NoteBoard, counts: Counter[str]) -> None:
    """Until cancelled."""
    async with asyncio.TaskGroup() as tasks:
        for stream in (names.alert_notes(site), names.alert_words(site)):
            tasks.create_task(_follow(redis, stream, board, counts))


async def _follow(redis: Any, stream: str, board: NoteBoard, counts: Counter[str]) -> None:
    follower = Follower(redis, stream=stream)
    position = "0-0"
    while True:
        read = partial(follower.read_from, position, 500, 1_000)
        for entry in await patiently(read, "following notes about alerts", counts):
            position = entry.id
            try:
                fact = decode_fact(entry.blob)
            except UNREADABLE:
                counts["notes_not_decodable"] += 1  # of a newer version of ours; history keeps it as a dead letter
                continue
            if isinstance(fact, AlertNoteFact):
                board.take(fact)


def in_order(notes: Iterable[AlertNoteFact]) -> list[AlertNoteFact]:
    return sorted(notes, key=lambda note: (note.noted_at, _RANK.get(note.kind, 1), note.note))


_RANK: Final = {NoteKind.CHANGED: 0, NoteKind.NOTIFIED: 2, NoteKind.NOT_NOTIFIED: 2}
"""Of one millisecond: first what was, then what was said of it."""


def assigned_to(notes: Iterable[AlertNoteFact]) -> str:
    """`notes` oldest first, here and below."""
    return next((note.to for note in reversed(list(notes)) if note.kind is NoteKind.ASSIGNED), "")


def marks_of(notes: Iterable[AlertNoteFact]) -> dict[str, bool]:
    """By person: the last word of each who has not taken it back."""
    said = {note.by: MARKS[note.kind] for note in notes if note.kind in MARKS}
    return {by: word for by, word in said.items() if word is not None}


def comments_of(notes: Iterable[AlertNoteFact]) -> int:
    return sum(note.kind is NoteKind.COMMENT for note in notes)


def last_tries(notes: Iterable[AlertNoteFact]) -> list[LastTry]:
    """One for each channel and person."""
    found = {
        (note.channel, note.to): LastTry(note.channel, note.to, note.outcome, note.noted_at)
        for note in notes
        if note.kind is NoteKind.NOTIFIED
    }
    return list(found.values())


def together(*parts: Iterable[AlertNoteFact]) -> list[AlertNoteFact]:
    """Notes of one alert from several places, each once, oldest first."""
    once: dict[str, AlertNoteFact] = {}
    for note in in_order(note for part in parts for note in part):
        once.setdefault(note.note, note)
    return list(once.values())


def is_acknowledged(notes: Iterable[AlertNoteFact]) -> bool:
    return any(note.note == ACKNOWLEDGED for note in notes)


def note_of(row: NoteRow) -> AlertNoteFact | None:
    """None: of a kind that only a newer version of ours knows."""
    if row.kind not in tuple(NoteKind):
        return None
    told = {name: getattr(row, name) for name in row.__slots__}
    return AlertNoteFact(**{**told, "ver": row.noted_at, "kind": NoteKind(row.kind)})
