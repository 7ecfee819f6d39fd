"""What the wire has told of each queue visit, and how completely. In: events as they are told. Out: `Told` per leg.

So that a second witness repairs only what is missing. Bounded: a leg is forgotten a while after it ended. May not know:
the second witness.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from streams.vocabulary import events as ev
from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName
from streams.vocabulary.states import EndedBy

KEPT_MS: Final = 15 * 60_000
"""How long a finished leg is remembered."""
_PRUNE_EVERY: Final = 4096
_NOBODY: Final = AgentId("")


@dataclass(slots=True, kw_only=True, eq=False)
class Told:
    """One leg. Times are exact where `*_seen`, else reckoned from a wait, or None."""

    contact: ContactId
    leg: int
    queue: QueueName
    first_at: Millis
    queued_at: Millis | None = None
    queued_seen: bool = False
    answered_at: Millis | None = None
    agent: AgentId = _NOBODY
    ended_at: Millis | None = None
    ended_by: EndedBy = EndedBy.UNKNOWN
    left: bool = False
    """went without an agent, and it is known how"""
    talk_ms: int | None = None
    matched: bool = False
    lost: bool = False

    @property
    def complete(self) -> bool:
        if not self.queued_seen or self.ended_at is None:
            return False
        return self.left or (self.answered_at is not None and self.ended_by is not EndedBy.UNKNOWN)

    @property
    def begins_at(self) -> Millis:
        return self.queued_at if self.queued_at is not None else self.first_at


@dataclass(slots=True)
class WireTold:
    """Mutable; owned by one translator."""

    by_contact: dict[ContactId, dict[int, Told]] = field(default_factory=dict)
    _noted: int = 0

    def note(self, event: ev.Event) -> None:
        if reader := _READERS.get(type(event)):
            reader(self, event)
            self._noted += 1
            if self._noted % _PRUNE_EVERY == 0:
                self._prune(event.at)

    def legs(self, contact: ContactId) -> Mapping[int, Told]:
        return self.by_contact.get(contact, {})

    def _leg(self, event: Any) -> Told:
        legs = self.by_contact.setdefault(event.contact, {})
        told = legs.get(event.leg)
        if told is None:
            told = legs[event.leg] = Told(contact=event.contact, leg=event.leg, queue=event.queue, first_at=event.at)
        return told

    def _prune(self, now: Millis) -> None:
        for contact, legs in list(self.by_contact.items()):
            for leg, told in list(legs.items()):
                if told.ended_at is not None and told.ended_at < now - KEPT_MS:
                    del legs[leg]
            if not legs:
                del self.by_contact[contact]

    def _queued(self, event: ev.ContactQueued) -> None:
        told = self._leg(event)
        told.queued_at, told.queued_seen = event.at, True

    def _seen(self, event: ev.ContactSeen) -> None:
        told = self._leg(event)
        if told.queued_at is None:
            told.queued_at = Millis(event.at - event.wait_ms)

    def _talk_seen(self, event: ev.TalkSeen) -> None:
        told = self._leg(event)
        told.agent = event.agent
        if told.queued_at is None:
            told.queued_at = event.queued_at

    def _answered(self, event: ev.ContactAnswered) -> None:
        told = self._leg(event)
        told.answered_at, told.agent = event.at, event.agent
        if told.queued_at is None and event.wait_ms is not None:
            told.queued_at = Millis(event.at - event.wait_ms)

    def _left(self, event: ev.ContactAbandoned | ev.ContactOverflowed) -> None:
        told = self._leg(event)
        told.ended_at, told.left = event.at, True
        if told.queued_at is None and event.wait_ms is not None:
            told.queued_at = Millis(event.at - event.wait_ms)

    def _ended(self, event: ev.ContactEnded) -> None:
        told = self._leg(event)
        told.agent = event.agent
        if told.ended_at is None:
            told.ended_at, told.talk_ms = event.at, event.talk_ms
        if event.ended_by is not EndedBy.UNKNOWN:
            told.ended_by = event.ended_by

    def _lost(self, event: ev.ContactLost) -> None:
        self._leg(event).lost = True


_READERS: Final[dict[type, Callable[[WireTold, Any], None]]] = {
    ev.ContactQueued: WireTold._queued,
    ev.ContactSeen: WireTold._seen,
    ev.TalkSeen: WireTold._talk_seen,
    ev.ContactAnswered: WireTold._answered,
    ev.ContactAbandoned: WireTold._left,
    ev.ContactOverflowed: WireTold._left,
    ev.ContactEnded: WireTold._ended,
    ev.ContactLost: WireTold._lost,
}
