"""Where one message's events are told, and what the readers share. In: kind and fields. Out: events in order.

An event that cannot be believed (bounds.py) is refused alone and counted. May not know: JSON, clocks.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from streams.translate.bounds import doubt_of
from streams.translate.iso_time import iso_millis
from streams.translate.numbering import MOST_TOLD, seq_of
from streams.vocabulary.events import Event
from streams.vocabulary.ids import ContactId, Millis, SiteId, SourceId

TIME_UNREADABLE = "time_unreadable"
TOO_MUCH_TOLD = "too_much_told"
MOST_DIALLED = 20_000


@dataclass(slots=True, kw_only=True)
class Teller:
    """One message being read. `key`: what it is known by (EventId), so that a redelivery numbers its events alike."""

    site: SiteId
    source: SourceId
    at: Millis
    now: Millis
    key: str
    refused: Counter[str]
    dialled: dict[tuple[ContactId, int], None] = field(default_factory=dict)
    """outbound visits whose beginning was told; the translator's, over all messages"""
    told: list[Event] = field(default_factory=list)
    _index: int = 0

    def tell(self, kind: Callable[..., Event], **fields: Any) -> None:
        """A refused event keeps its number, so that what follows is numbered the same whatever the time is."""
        index, self._index = self._index, self._index + 1
        if index >= MOST_TOLD:
            self.refused[TOO_MUCH_TOLD] += 1
            return
        event = kind(at=self.at, site=self.site, source=self.source, seq=seq_of(self.key, index), **fields)
        doubt = doubt_of(event, now=self.now)
        if doubt is None:
            self.told.append(event)
        else:
            self.refused[doubt.reason] += 1

    def note_dialled(self, contact: ContactId, leg: int) -> None:
        self.dialled[contact, leg] = None
        if len(self.dialled) > MOST_DIALLED:
            del self.dialled[next(iter(self.dialled))]

    def moment(self, text: str | None) -> Millis | None:
        """None if nothing is written; what is written and is no moment is counted and passes for nothing."""
        if not text:
            return None
        found = iso_millis(text)
        if found is None:
            self.refused[TIME_UNREADABLE] += 1
        return found
