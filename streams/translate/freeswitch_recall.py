"""What an earlier collector of this switch told of its callers. In: its events. Out: `Recalled`, by session.

So that a caller keeps contact and legs though the process that numbered them was killed. Events name a session by its
first letters, within the contact's id, and members not at all. May not know: where events were kept, lists.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from streams.translate.freeswitch_words import session_of
from streams.vocabulary import events as ev
from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName


@dataclass(slots=True, kw_only=True)
class Caller:
    """`leg`, `queue`, `joined`: of the last visit; `open`: nothing told that it ended.

    `recording`: a file still written to.
    """

    contact: ContactId
    leg: int = 0
    queue: QueueName | None = None
    joined: Millis | None = None
    open: bool = False
    recording: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    contact: ContactId
    leg: int
    queue: QueueName
    began: Millis


@dataclass(slots=True)
class Recalled:
    """Mutable; owned by one translator. `last_at`: when the last recalled event happened, None: there was none."""

    callers: dict[str, Caller] = field(default_factory=dict)
    offers: dict[AgentId, Offer] = field(default_factory=dict)
    """until the first picture has said whom an agent's telephone rings for"""
    last_at: Millis | None = None

    def read(self, events: Iterable[ev.Event]) -> int:
        """The highest number any of them bears."""
        highest = 0
        for event in events:
            highest = max(highest, event.seq)
            self.last_at = event.at if self.last_at is None else max(self.last_at, event.at)
            if reader := _READERS.get(type(event)):
                reader(self, event)
        return highest

    def caller(self, session: str) -> Caller | None:
        return self.callers.get(session_of(session))

    def claim(self, session: str, queue: QueueName, joined_ms: int) -> int | None:
        """The leg of the visit that was open, if this is it; once. None: this one came after all that was heard.

        It may be asked for late: of a caller transferred within a gap, what is new can be read before what is old.
        """
        caller = self.caller(session)
        if caller is None or self.last_at is None or not caller.open or caller.queue != queue:
            return None
        if not _goes_on(joined_ms, caller.joined, self.last_at):
            return None
        caller.open = False
        return caller.leg

    def legs_of(self, session: str) -> int:
        """How many legs were told of: a visit this collector is the first to hear of is the next."""
        caller = self.caller(session)
        return 0 if caller is None else caller.leg

    def forget(self, alive: Iterable[str]) -> list[tuple[ContactId, str]]:
        """After a picture: callers whose channel is gone. Their recordings, which are finished by it."""
        kept = {session_of(one) for one in alive}
        gone = [one for session, one in self.callers.items() if session not in kept]
        self.callers = {session: one for session, one in self.callers.items() if session in kept}
        return [(one.contact, one.recording) for one in gone if one.recording]

    def _of(self, contact: ContactId) -> Caller:
        session = contact.rpartition(".")[2]
        found = self.callers.get(session)
        if found is None or found.contact != contact:
            found = self.callers[session] = Caller(contact=contact)
        return found

    def _opened(self, event: ev.ContactQueued | ev.ContactSeen | ev.ContactAnswered | ev.TalkSeen) -> None:
        caller = self._of(event.contact)
        if event.leg < caller.leg:
            return
        joined = _joined(event)
        if event.leg > caller.leg or joined is not None:
            caller.joined = joined
        caller.leg, caller.queue, caller.open = event.leg, event.queue, True

    def _closed(self, event: ev.ContactAbandoned | ev.ContactOverflowed | ev.ContactEnded | ev.ContactLost) -> None:
        caller = self._of(event.contact)
        if event.leg >= caller.leg:
            caller.leg, caller.queue, caller.open = event.leg, event.queue, False

    def _offered(self, event: ev.ContactOffered) -> None:
        self.offers[event.agent] = Offer(contact=event.contact, leg=event.leg, queue=event.queue, began=event.at)

    def _declined(self, event: ev.ContactDeclined) -> None:
        offer = self.offers.get(event.agent)
        if offer is not None and (offer.contact, offer.leg) == (event.contact, event.leg):
            del self.offers[event.agent]

    def _answered(self, event: ev.ContactAnswered) -> None:
        self._opened(event)
        self.offers.pop(event.agent, None)

    def _recording(self, event: ev.RecordingStarted) -> None:
        self._of(event.contact).recording = event.path

    def _recorded(self, event: ev.RecordingReady) -> None:
        caller = self._of(event.contact)
        if caller.recording == event.path:
            caller.recording = ""


_SLACK_MS: Final = 1_000
"""Lists tell whole seconds, by the switch's clock."""


def _goes_on(joined_ms: int, before: Millis | None, last_at: Millis) -> bool:
    """Whether a visit entered then is the one that was open: surely so well before the gap, else by when that began."""
    if joined_ms < last_at - _SLACK_MS:
        return True
    return joined_ms <= last_at + _SLACK_MS if before is None else abs(joined_ms - before) <= _SLACK_MS


def _joined(event: ev.ContactQueued | ev.ContactSeen | ev.ContactAnswered | ev.TalkSeen) -> Millis | None:
    match event:
        case ev.ContactQueued():
            return event.at
        case ev.ContactSeen():
            return Millis(event.at - event.wait_ms)
        case ev.TalkSeen():
            return event.queued_at or None
        case ev.ContactAnswered():
            return None


_READERS: Final[Mapping[type, Callable[[Recalled, Any], None]]] = {
    ev.ContactQueued: Recalled._opened,
    ev.ContactSeen: Recalled._opened,
    ev.ContactOffered: Recalled._offered,
    ev.ContactDeclined: Recalled._declined,
    ev.ContactAnswered: Recalled._answered,
    ev.TalkSeen: Recalled._opened,
    ev.ContactAbandoned: Recalled._closed,
    ev.ContactOverflowed: Recalled._closed,
    ev.ContactEnded: Recalled._closed,
    ev.ContactLost: Recalled._closed,
    ev.RecordingStarted: Recalled._recording,
    ev.RecordingReady: Recalled._recorded,
}
