"""What is asked of the past and what comes back. In: nothing. Out: answers, reasons, limits, the port of the store.

May not know: how the past is folded.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from streams.floor.fold import Floor
from streams.vocabulary.events import Event
from streams.vocabulary.ids import Millis, SourceId
from streams.vocabulary.states import Order

MINUTE_MS = 60_000
Span = tuple[Millis, Millis]


class NoPast(StrEnum):
    """Why there is no floor to show for an instant."""

    NOTHING_STORED = "nothing_stored"
    BEFORE_FIRST = "before_first"
    DROPPED = "dropped"
    """Something happened then, but its events are no longer kept."""
    AFTER_NOW = "after_now"
    NOT_READABLE = "not_readable"
    """A checkpoint or an event was written by a version that this one cannot read."""


class Basis(StrEnum):
    """Where the fold began; the later ones know less of who was there before."""

    CHECKPOINT = "checkpoint"
    FIRST_EVENT = "first_event"
    DAY_START = "day_start"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A live floor's state; `at` is when it was written, the state itself tells how far it reaches."""

    at: Millis
    blob: bytes


class PastStore(Protocol):
    """What is read of one site's stored past. Synchronous: it runs where the store's thread is."""

    def first_event(self) -> Millis | None: ...

    def last_event(self, before: Millis) -> Millis | None:
        """The last one at or before `before`."""
        ...

    def anything_before(self, at: Millis) -> bool:
        """Is anything remembered that happened before `at`, with its events or without?"""
        ...

    def checkpoint(self, before: Millis) -> Checkpoint | None:
        """The last one written at or before `before`."""
        ...

    def orders(self) -> Mapping[SourceId, Order]:
        """How each source numbers its events, where it ever said so."""
        ...

    def events(self, since: Millis, until: Millis, *, after: Event | None, limit: int) -> Sequence[Event]:
        """[since, until) in order of (at, site, source, seq), those behind `after` only."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    page: int = 5_000
    events_per_call: int = 40_000
    """About half a second of folding; then others get their turn."""
    ahead_ms: int = 30_000
    """Events read beyond the instant, so that the next steps need no store."""
    overlap_ms: int = 35_000
    """A checkpoint holds what had arrived by then; a source in disorder may have told of earlier moments later."""
    settled_ms: int = 15_000
    """Younger events may still be on their way into the store: nothing that rests on them is kept."""
    near_ms: int = 2 * MINUTE_MS
    """Within this way a kept floor is taken without asking the store for a checkpoint."""
    mark_every_ms: int = 30_000
    marks_before_ms: int = 90_000
    """So close before the instant the fold leaves marks, for steps back; farther away only every ten minutes."""
    cursors: int = 4
    marks_bytes: int = 64 * 1024 * 1024
    kept_ms: int = 10 * MINUTE_MS
    """How long a kept state is believed: a correction that comes later must show at some time."""
    last_ms: int = 2_000
    first_ms: int = 10 * MINUTE_MS
    """How long the store's last and first event are believed."""
    from_first_event_ms: int = 36 * 60 * MINUTE_MS
    """Without a checkpoint the fold begins at the very first event if that is no farther away, else at midnight."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    reason: NoPast
    at: Millis
    first: Millis | None = None
    last: Millis | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Underway:
    """Folding; ask again. `reached` goes from `began` to `at`."""

    at: Millis
    began: Millis
    reached: Millis


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The floor at `at`. It is lent: whoever keeps it beyond this call sees it move on."""

    floor: Floor
    at: Millis
    basis: Basis
    began: Millis
    """Where the fold began: at a checkpoint, at midnight, at the first event."""
    first: Millis
    last: Millis
    """The store's first and last event; an instant behind `last` shows what was known then."""
