"""What the translator must remember between messages: visits, offers, talks. In: keys of the switch. Out: the records.

Mutable; owned by one translator. May not know: messages, events.
"""

from collections.abc import Set
from dataclasses import dataclass, field

from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName


@dataclass(slots=True, kw_only=True, eq=False)
class WaitingVisit:
    """One caller in one queue: keyed by queue, Uniqueid and the n-th join, for a transfer may re-enter a queue."""

    contact: ContactId
    leg: int
    queue: QueueName
    joined_at: Millis
    joined_s: int
    """the switch's own whole-second clock, which its service level uses"""
    accepted: bool = False
    in_target: bool = False
    abandoned_at: Millis | None = None
    joined_known: bool = True
    """False: found with an agent; `joined_at` is only when that was"""


@dataclass(slots=True, kw_only=True)
class Offer:
    visit: WaitingVisit
    agent: AgentId
    began: Millis
    accepted_at: Millis | None = None
    refused_at: Millis | None = None
    refused: bool = False
    """AgentRingNoAnswer was seen; a DialEnd CANCEL after it means nothing"""


@dataclass(slots=True, kw_only=True)
class Talk:
    visit: WaitingVisit
    agent: AgentId
    interface: str
    """"": recalled, and no member of this name was seen since"""
    channel_id: str
    """Uniqueid of the agent's own channel"""
    began: Millis | None
    """None: it was found going on"""
    ended: bool = False
    held: bool = False


@dataclass(slots=True)
class Calls:
    """Everything open on one switch."""

    waiting: dict[str, list[WaitingVisit]] = field(default_factory=dict)
    """caller's Uniqueid -> open visits; more than one only for an instant, while a transfer re-queues"""
    legs: dict[str, int] = field(default_factory=dict)
    last_queue: dict[str, QueueName] = field(default_factory=dict)
    """caller -> queue of the last leg that was numbered"""
    offers: dict[str, Offer] = field(default_factory=dict)
    talks: dict[str, Talk] = field(default_factory=dict)
    queue_step: dict[str, QueueName] = field(default_factory=dict)
    """channel -> queue of its last Queue() step: the only place that names the queue of a caller turned away"""
    recordings: dict[str, tuple[ContactId, str]] = field(default_factory=dict)

    def next_leg(self, uniqueid: str, queue: QueueName) -> int:
        leg = self.legs.get(uniqueid, 0) + 1
        self.legs[uniqueid], self.last_queue[uniqueid] = leg, queue
        return leg

    def forget_caller(self, uniqueid: str) -> None:
        self.legs.pop(uniqueid, None)
        self.last_queue.pop(uniqueid, None)

    def visit(self, uniqueid: str, queue: QueueName) -> WaitingVisit | None:
        """The latest: an older one in the same queue was left unseen."""
        return next((one for one in reversed(self.waiting.get(uniqueid, ())) if one.queue == queue), None)

    def unseen_leg(self, uniqueid: str, queue: QueueName) -> int:
        """Of a caller who does not wait in this queue: the last leg if it was there, else one that nobody saw begin."""
        known = self.legs.get(uniqueid)
        taken = {one.leg for one in self.waiting.get(uniqueid, ())}
        if known is not None and known not in taken and self.last_queue.get(uniqueid, queue) == queue:
            return known
        return self.next_leg(uniqueid, queue)

    def close(self, visit: WaitingVisit) -> None:
        visits = self.waiting.get(visit.contact, [])
        if visit in visits:
            visits.remove(visit)
        if not visits:
            self.waiting.pop(visit.contact, None)

    def talk_of(
        self, *, channel: str | None, queue: QueueName, interface: str, agent: AgentId, caller: str | None
    ) -> Talk | None:
        """AgentComplete may come without the agent's channel, rarely without the caller's (traces README, order 1).

        A channel is missing because it is gone, so a talk that is over already fits better than one that goes on.
        """
        if channel is not None and (talk := self.talks.get(channel)):
            return talk
        fitting = [
            one
            for one in self.talks.values()
            if one.interface in (interface, "")
            and one.agent == agent
            and one.visit.queue == queue
            and caller in (None, one.visit.contact)
        ]
        return next((one for one in fitting if one.ended), fitting[-1] if fitting else None)

    def adopt(self, talk: Talk, channel: str, interface: str) -> None:
        """A recalled talk is found on this channel."""
        del self.talks[talk.channel_id]
        talk.channel_id, talk.interface = channel, interface
        self.talks[channel] = talk

    def contact_on(self, channel: str) -> ContactId:
        if talk := self.talks.get(channel):
            return talk.visit.contact
        if offer := self.offers.get(channel):
            return offer.visit.contact
        return ContactId(channel)

    def forget_legs(self, gone: Set[str]) -> None:
        """Callers whose hang-up nobody heard and whom two pictures did not name."""
        for channel in gone:
            if channel not in self.waiting:
                self.forget_caller(channel)

    def forget_absent(
        self, alive: Set[str], listed: Set[tuple[str, QueueName]], *, since: Millis
    ) -> list[tuple[ContactId, str]]:
        """After a gap: drop what the switch no longer names; what began `since` the picture did is not judged by it.

        A caller may live on in the dialplan after his visit, so visits go by the queue's own list of who waits. One
        whose way out is about to be told is kept. Returns the recordings that are finished by it.
        """
        self.offers = {channel: one for channel, one in self.offers.items() if channel in alive or one.began >= since}
        self.talks = {
            channel: one
            for channel, one in self.talks.items()
            if channel in alive or (one.began is not None and one.began >= since)
        }
        waiting = {
            caller: [
                one
                for one in visits
                if (caller, one.queue) in listed
                or one.joined_at >= since
                or (one.abandoned_at is not None and caller in alive)
            ]
            for caller, visits in self.waiting.items()
        }
        self.waiting = {caller: visits for caller, visits in waiting.items() if visits}
        alive = alive | self.waiting.keys() | {one.visit.contact for one in self.talks.values()}
        for channel in self.legs.keys() - alive:
            self.forget_caller(channel)
        self.queue_step = {channel: queue for channel, queue in self.queue_step.items() if channel in alive}
        finished = [one for channel, one in self.recordings.items() if channel not in alive]
        self.recordings = {channel: one for channel, one in self.recordings.items() if channel in alive}
        return finished
