"""What an earlier collector of this switch told, folded back into a new one's memory. In: its events. Out: open calls.

So that a caller keeps his legs though the process that numbered them was killed. Events do not name the agents'
channels: a recalled talk has none until a picture or an AgentComplete fits it. May not know: where events were kept.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from streams.translate.asterisk_calls import Calls, Talk, WaitingVisit
from streams.translate.asterisk_channels import Found
from streams.translate.asterisk_teller import Teller
from streams.vocabulary import events as ev
from streams.vocabulary.ids import AgentId, ContactId, Millis
from streams.vocabulary.states import DeclineReason, EndedBy, Outcome, Witness

_UNACCEPTED: Final = (DeclineReason.CUSTOMER_GONE, DeclineReason.REJECTED)


@dataclass(slots=True)
class Recall:
    """Mutable; one per start. `last_at`: when the last of the recalled events happened, None: there was none."""

    _here: Teller
    last_at: Millis | None = None
    _lost: bool = False
    """a picture that ends now would be the first after a gap"""
    _named: set[tuple[str, int]] = field(default_factory=set)
    _picture_began: Millis | None = None

    def read(self, event: ev.Event) -> None:
        here = self._here
        here.seq = max(here.seq, event.seq)
        self.last_at = event.at if self.last_at is None else max(self.last_at, event.at)
        if reader := _READERS.get(type(event)):
            reader(self, event)

    @property
    def _calls(self) -> Calls:
        return self._here.calls

    # --- callers

    def _queued(self, event: ev.ContactQueued) -> None:
        self._leg(event)
        self._wait(event, joined_at=event.at)

    def _seen(self, event: ev.ContactSeen) -> None:
        self._named.add((event.contact, event.leg))
        self._leg(event)
        if self._waiting(event) is None:
            self._wait(event, joined_at=Millis(event.at - event.wait_ms))

    def _wait(self, event: ev.ContactQueued | ev.ContactSeen, *, joined_at: Millis) -> None:
        visit = WaitingVisit(
            contact=event.contact, leg=event.leg, queue=event.queue, joined_at=joined_at, joined_s=joined_at // 1000
        )
        self._calls.waiting.setdefault(event.contact, []).append(visit)

    def _accepted(self, event: ev.ContactAccepted) -> None:
        visit = self._waiting(event)
        if visit is None:
            return
        visit.accepted = True
        if event.witness is Witness.WIRE:
            waited_ms = (event.at // 1000 - visit.joined_s) * 1000
            visit.in_target = waited_ms <= self._here.target_ms(visit.queue)

    def _declined(self, event: ev.ContactDeclined) -> None:
        if event.reason in _UNACCEPTED and (visit := self._waiting(event)):
            visit.accepted = False

    def _left(self, event: ev.ContactAbandoned | ev.ContactOverflowed | ev.ContactLost) -> None:
        self._leg(event)
        if visit := self._waiting(event):
            self._calls.close(visit)

    # --- talks

    def _answered(self, event: ev.ContactAnswered) -> None:
        self._leg(event)
        visit = self._taken(event, Millis(event.at - (event.wait_ms or 0)), joined_known=event.wait_ms is not None)
        self._talk(visit, event.agent, began=event.at)

    def _talk_seen(self, event: ev.TalkSeen) -> None:
        self._named.add((event.contact, event.leg))
        self._leg(event)
        talk = self._calls.talks.get(_place(event.contact, event.leg))
        if talk is None:
            joined_at = event.at if event.queued_at is None else event.queued_at
            visit = self._taken(event, joined_at, joined_known=event.queued_at is not None)
            self._talk(visit, event.agent, began=event.answered_at)

    def _taken(self, event: ev.ContactAnswered | ev.TalkSeen, joined_at: Millis, *, joined_known: bool) -> WaitingVisit:
        if visit := self._waiting(event):
            self._calls.close(visit)
            return visit
        return WaitingVisit(
            contact=event.contact,
            leg=event.leg,
            queue=event.queue,
            joined_at=joined_at,
            joined_s=joined_at // 1000,
            joined_known=joined_known,
        )

    def _talk(self, visit: WaitingVisit, agent: AgentId, *, began: Millis | None) -> None:
        place = _place(visit.contact, visit.leg)
        self._calls.talks[place] = Talk(visit=visit, agent=agent, interface="", channel_id=place, began=began)

    def _held(self, event: ev.ContactHeld | ev.ContactResumed) -> None:
        if talk := self._calls.talks.get(_place(event.contact, event.leg)):
            talk.held = type(event) is ev.ContactHeld

    def _ended(self, event: ev.ContactEnded) -> None:
        """By a hang-up alone: the AgentComplete that says who ended it may still come."""
        self._left_to_talk(event)
        place = _place(event.contact, event.leg)
        if event.ended_by is not EndedBy.UNKNOWN:
            self._calls.talks.pop(place, None)
        elif talk := self._calls.talks.get(place):
            talk.ended = True

    def _left_to_talk(self, event: ev.ContactEnded) -> None:
        self._leg(event)
        if visit := self._waiting(event):
            self._calls.close(visit)

    def _corrected(self, event: ev.ContactCorrected) -> None:
        legs = self._calls.legs
        legs[event.contact] = max(legs.get(event.contact, 0), event.leg)
        talk = self._calls.talks.get(_place(event.contact, event.leg))
        if talk is not None and talk.began is None and event.outcome is Outcome.TALKING and event.answered_at:
            talk.began = event.answered_at

    # --- members, recordings, queues, pictures

    def _member(self, event: ev.AgentSeen | ev.AgentJoinedQueue) -> None:
        self._here.recalled.add(event.agent)

    def _recording(self, event: ev.RecordingStarted) -> None:
        """On which of a call's channels is not told. The caller's is the last to go: then the file is whole, surely."""
        self._calls.recordings[event.contact] = (event.contact, event.path)

    def _recorded(self, event: ev.RecordingReady) -> None:
        if self._calls.recordings.get(event.contact) == (event.contact, event.path):
            del self._calls.recordings[event.contact]

    def _configured(self, event: ev.QueueConfigured) -> None:
        self._here.targets_ms[event.queue] = event.target_ms

    def _source_lost(self, event: ev.SourceLost) -> None:
        self._lost = True

    def _picture_begins(self, event: ev.ResyncBegan) -> None:
        self._picture_began, self._named = event.at, set()

    def _picture_ends(self, event: ev.ResyncEnded) -> None:
        """After a gap, whom the picture did not name was gone: nothing more was told of him."""
        began, self._picture_began = self._picture_began, None
        if began is None or not self._lost:
            return
        self._lost = False
        calls = self._calls
        for visit in [one for visits in calls.waiting.values() for one in visits]:
            if (visit.contact, visit.leg) not in self._named and visit.joined_at < began:
                calls.close(visit)
        for place, talk in list(calls.talks.items()):
            since = began if talk.began is None else talk.began
            if (talk.visit.contact, talk.visit.leg) not in self._named and since <= began:
                del calls.talks[place]

    def _leg(self, event: Any) -> None:
        calls = self._calls
        if event.leg >= calls.legs.get(event.contact, 0):
            calls.legs[event.contact], calls.last_queue[event.contact] = event.leg, event.queue

    def _waiting(self, event: Any) -> WaitingVisit | None:
        return next((one for one in self._calls.waiting.get(event.contact, ()) if one.leg == event.leg), None)


def goes_on(here: Teller, found: Found, *, lost_at: Millis) -> bool:
    """A recalled talk is found on this leg: its channel is known from here on, and nothing else about it is new.

    A channel that is younger than the talk is another talk's, with the same people in the same queue.
    """
    caller, leg, calls = found.caller, found.leg, here.calls
    agent = here.agent(leg.interface)
    # Duration is whole seconds: the channel may be almost one older than it says
    since = here.at - leg.age_ms - 1000
    for number in range(calls.legs.get(caller.uniqueid, 0), 0, -1):
        talk = calls.talks.get(_place(ContactId(caller.uniqueid), number))
        if talk is None or talk.ended or (talk.visit.queue, talk.agent) != (caller.queue, agent):
            continue
        if since <= (lost_at if talk.began is None else min(talk.began, lost_at)):
            calls.adopt(talk, leg.uniqueid, leg.interface)
            return True
    return False


def name_recalled(here: Teller, interfaces: Iterable[str]) -> None:
    """Members' interfaces, as a picture names them, for talks that were told by the agent's number only."""
    telephones = {here.agent(interface): interface for interface in interfaces}
    for talk in here.calls.talks.values():
        talk.interface = talk.interface or telephones.get(talk.agent, "")


def _place(contact: ContactId, leg: int) -> str:
    """Where a talk stands until its channel is known; no channel is called so."""
    return f"recalled {contact} {leg}"


_READERS: Final[Mapping[type, Callable[[Recall, Any], None]]] = {
    ev.ContactQueued: Recall._queued,
    ev.ContactSeen: Recall._seen,
    ev.ContactAccepted: Recall._accepted,
    ev.ContactDeclined: Recall._declined,
    ev.ContactAbandoned: Recall._left,
    ev.ContactOverflowed: Recall._left,
    ev.ContactLost: Recall._left,
    ev.ContactAnswered: Recall._answered,
    ev.TalkSeen: Recall._talk_seen,
    ev.ContactHeld: Recall._held,
    ev.ContactResumed: Recall._held,
    ev.ContactEnded: Recall._ended,
    ev.ContactCorrected: Recall._corrected,
    ev.AgentSeen: Recall._member,
    ev.AgentJoinedQueue: Recall._member,
    ev.RecordingStarted: Recall._recording,
    ev.RecordingReady: Recall._recorded,
    ev.QueueConfigured: Recall._configured,
    ev.SourceLost: Recall._source_lost,
    ev.ResyncBegan: Recall._picture_begins,
    ev.ResyncEnded: Recall._picture_ends,
}
