"""What the translator remembers between events: visits, offers, talks. In: keys of the switch. Out: the records.

A visit is keyed by (member uuid, session uuid): a resumed member has a new session, a transferred session a new member.
Times are the switch's own clock, in ms. Mutable; owned by one translator. May not know: messages, events.
"""

from collections.abc import Set
from dataclasses import dataclass, field
from typing import Final

from streams.translate.freeswitch_recall import Recalled
from streams.translate.freeswitch_words import contact_id
from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName

CLOSED_KEPT: Final = 4096
"""Visits that are over and remembered, so that a list a little older does not open them again."""

VisitKey = tuple[str, str]
"""(member uuid, session uuid)"""


@dataclass(slots=True, kw_only=True, eq=False)
class Talk:
    agent: AgentId
    channel: str
    """uuid of the agent's leg"""
    began_ms: int
    held: bool = False
    hold_doubted: bool = False
    """the last list of channels had it otherwise than the events"""
    ended_ms: int | None = None
    by_agent: bool = False
    """the agent's telephone hung up"""
    by_switch: bool = False
    """the switch cleared the agent's leg: the caller was gone, or taken elsewhere"""
    hung_us: int = 0
    terminated_s: int = 0


@dataclass(slots=True, kw_only=True, eq=False)
class Visit:
    """One caller in one queue."""

    key: VisitKey
    contact: ContactId
    leg: int
    queue: QueueName
    joined_ms: int
    seen_at: Millis
    """when this collector first heard of it, by its own clock"""
    talk: Talk | None = None
    missing: bool = False
    """The last picture did not name it."""

    @property
    def session(self) -> str:
        return self.key[1]


@dataclass(slots=True, kw_only=True)
class Offer:
    visit: Visit
    began_ms: int
    seen_at: Millis


@dataclass(slots=True)
class Calls:
    """Everything open on one switch."""

    visits: dict[VisitKey, Visit] = field(default_factory=dict)
    offers: dict[AgentId, Offer] = field(default_factory=dict)
    """mod_callcenter offers an agent one member at a time"""
    talks: dict[str, Visit] = field(default_factory=dict)
    """uuid of the agent's leg -> the visit"""
    closed: dict[VisitKey, None] = field(default_factory=dict)
    contacts: dict[str, ContactId] = field(default_factory=dict)
    """session uuid -> its contact"""
    legs: dict[str, int] = field(default_factory=dict)
    recordings: dict[str, str] = field(default_factory=dict)
    """session uuid -> the file a recording of it is written to"""
    recalled: Recalled = field(default_factory=Recalled)
    """callers of whom only an earlier collector told"""

    def contact_of(self, session: str, created_s: int) -> ContactId:
        found = self.contacts.get(session)
        if found is None:
            caller = self.recalled.caller(session)
            found = self.contacts[session] = contact_id(created_s, session) if caller is None else caller.contact
        return found

    def recording_of(self, session: str) -> str | None:
        """Its file, which is finished with this."""
        caller = self.recalled.caller(session)
        path = self.recordings.pop(session, "") or (caller.recording if caller is not None else "")
        if caller is not None:
            caller.recording = ""
        return path or None

    def open_visit(self, key: VisitKey, queue: QueueName, *, created_s: int, joined_ms: int, at: Millis) -> Visit:
        session = key[1]
        leg = self.recalled.claim(session, queue, joined_ms)
        if leg is None:
            leg = self.legs.get(session, self.recalled.legs_of(session)) + 1
        self.legs[session] = max(leg, self.legs.get(session, 0))
        visit = Visit(
            key=key,
            contact=self.contact_of(session, created_s),
            leg=leg,
            queue=queue,
            joined_ms=joined_ms,
            seen_at=at,
        )
        self.visits[key] = visit
        self.closed.pop(key, None)
        return visit

    def talk_begins(self, visit: Visit, agent: AgentId, channel: str, began_ms: int) -> Talk:
        talk = visit.talk = Talk(agent=agent, channel=channel, began_ms=began_ms)
        if channel:
            self.talks[channel] = visit
        return talk

    def close(self, visit: Visit) -> None:
        self.visits.pop(visit.key, None)
        if visit.talk is not None and self.talks.get(visit.talk.channel) is visit:
            del self.talks[visit.talk.channel]
        self.closed[visit.key] = None
        if len(self.closed) > CLOSED_KEPT:
            del self.closed[next(iter(self.closed))]

    def forget_sessions(self, alive: Set[str]) -> list[tuple[ContactId, str]]:
        """After a picture: what is remembered of callers whose channel is gone. Their recordings, finished by it."""
        kept = alive | {visit.session for visit in self.visits.values()}
        gone = [(one, path) for session, path in self.recordings.items() if (one := self._gone(session, kept))]
        gone += self.recalled.forget(kept)
        self.contacts = {session: one for session, one in self.contacts.items() if session in kept}
        self.legs = {session: one for session, one in self.legs.items() if session in kept}
        self.recordings = {session: one for session, one in self.recordings.items() if session in kept}
        return gone

    def _gone(self, session: str, kept: Set[str]) -> ContactId | None:
        return self.contacts.get(session) if session not in kept else None

    def forget_all(self) -> None:
        """The switch started anew: nothing of before goes on."""
        for part in (self.visits, self.offers, self.talks, self.closed, self.contacts, self.legs, self.recordings):
            part.clear()
        self.recalled = Recalled()
