"""Answers of the list commands, made into one picture of the switch. In: typed lists, the time. Out: *Seen events.

Lists and events pass each other: an event told since the lists were asked for is newer and wins; what a list alone
names is believed at once after a gap, else only when a second picture names it too (its event may be on the way).
May not know: how lists are asked for, the floor.
"""

from dataclasses import dataclass, field
from typing import Final

from streams.translate.freeswitch_agents import WrapUp
from streams.translate.freeswitch_calls import Talk, Visit, VisitKey
from streams.translate.freeswitch_offers import tell_offer
from streams.translate.freeswitch_teller import Teller
from streams.translate.freeswitch_words import IN_CALL, RECEIVING, extension_of
from streams.vocabulary.events import AgentSeen, ContactSeen, RecordingReady, TalkSeen
from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName
from streams.vocabulary.states import Device
from streams.wire.esl_lists import ListedAgent, ListedChannel, ListedMember, ListedTier

_OPEN: Final = frozenset(("Waiting", "Trying", "Answered"))
_LISTED_LATE_S: Final = 2
_ACTIVE: Final = "Active Inbound"
_OFFERING: Final = "Offering"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists:
    """One full set of answers. `channels` None: that list was refused, so holds are not known."""

    agents: tuple[ListedAgent, ...]
    tiers: tuple[ListedTier, ...]
    members: tuple[ListedMember, ...]
    channels: tuple[ListedChannel, ...] | None


@dataclass(slots=True, kw_only=True)
class Drawing:
    """One picture being told. `asked_at`: when the first list was asked for. `suspects`: what only a list has named."""

    here: Teller
    lists: Lists
    asked_at: Millis
    after_gap: bool
    suspects: set[VisitKey]
    channels: dict[str, ListedChannel] = field(default_factory=dict)
    agents: dict[AgentId, ListedAgent] = field(default_factory=dict)
    named: set[VisitKey] = field(default_factory=set)
    only_listed: set[VisitKey] = field(default_factory=set)

    def draw(self) -> set[VisitKey]:
        """Tell the picture; the suspects for the next one."""
        self.channels = {one.uuid: one for one in self.lists.channels or ()}
        self.agents = {AgentId(one.name): one for one in self.lists.agents}
        for listed in self.lists.agents:
            self._agent(listed)
        for tier in self.lists.tiers:
            self._tier(tier)
        for row in self.lists.members:
            if row.state in _OPEN:
                self._member(row)
        for listed in self.lists.agents:
            if listed.state == IN_CALL and listed.channel:
                self._talk_without_row(listed)
        self._forget_missing()
        return self.only_listed

    def _agent(self, listed: ListedAgent) -> None:
        here, agent = self.here, AgentId(listed.name)
        extension = extension_of(listed.contact)
        touched = here.books[agent].touched if agent in here.books else None
        book = here.book(agent)
        book.touched = touched if touched is not None else self.asked_at
        book.settings(listed, extension)
        if touched is None or touched < self.asked_at or book.status is None:
            book.is_listed(listed)
        stance = book.stance(here.at)
        wrap_up_until = book.listed_wrap_up(here.at)
        if wrap_up_until is not None and (book.wrap_up is None or book.wrap_up.until < wrap_up_until):
            book.wrap_up = WrapUp(until=wrap_up_until, queue=QueueName(""), contact=ContactId(""), leg=0, told=True)
        book.told = stance
        here.tell(
            AgentSeen,
            agent=agent,
            queue=QueueName(""),
            extension=extension,
            signed_in=stance.signed_in,
            not_ready=stance.signed_in and stance.reason is not None,
            reason=stance.reason or "",
            not_ready_since=Millis(book.status_since_s * 1000) if stance.reason == book.status else None,
            not_ready_until=stance.until,
            wrap_up_until=wrap_up_until,
            in_contact=book.state == IN_CALL,
            last_contact_at=Millis(book.last_bridge_end_s * 1000) if book.last_bridge_end_s else None,
        )

    def _tier(self, tier: ListedTier) -> None:
        agent = AgentId(tier.agent)
        book = self.here.books.get(agent)
        if book is None or agent not in self.agents:
            return  # a tier without its agent: deleted between two lists
        stance = book.stance(self.here.at)
        self.here.tell(
            AgentSeen,
            agent=agent,
            queue=QueueName(tier.queue),
            extension=book.extension,
            penalty=tier.level,
            signed_in=stance.signed_in,
            device=Device.RINGING if self.after_gap and tier.state == _OFFERING else Device.UNKNOWN,
            in_contact=tier.state == _ACTIVE,
        )

    def _member(self, row: ListedMember) -> None:
        calls = self.here.calls
        key = (row.member, row.session)
        self.named.add(key)
        if key in calls.closed:
            return  # left since the list was drawn
        visit = calls.visits.get(key)
        if visit is None and not self._believed(key):
            return
        if visit is None:
            visit = self._found(row, key)
            if visit is None:
                return
        visit.missing = False
        if visit.talk is None and row.state == "Answered" and self._believed(key):
            agent = AgentId(row.agent)
            channel = self.agents[agent].channel if agent in self.agents else ""
            calls.talk_begins(visit, agent, channel, (row.bridged or row.joined) * 1000)
            self._tell_talk(visit, row)
        elif visit.talk is not None:
            self._tell_talk(visit, None)
        else:
            self._tell_waiting(visit, row)

    def _believed(self, key: VisitKey) -> bool:
        """What no event has told yet is believed after a gap, or the second time."""
        if self.after_gap or key in self.suspects:
            return True
        self.only_listed.add(key)
        return False

    def _found(self, row: ListedMember, key: VisitKey) -> Visit | None:
        """A name can be written so that it looks like a row of its own; its channel cannot (listed late, though)."""
        channel = self.channels.get(row.session)
        joined_s = row.rejoined or row.joined
        new = joined_s >= self.here.at // 1000 - _LISTED_LATE_S
        if channel is None and self.lists.channels is not None and not new:
            self.here.untold["row_without_channel"] += 1
            return None
        return self.here.calls.open_visit(
            key,
            QueueName(row.queue),
            created_s=(channel.created if channel is not None else 0) or joined_s,
            joined_ms=joined_s * 1000,
            at=self.here.at,
        )

    def _tell_waiting(self, visit: Visit, row: ListedMember) -> None:
        here = self.here
        here.tell_of(
            ContactSeen,
            visit,
            wait_ms=max(0, here.at - visit.joined_ms),
            customer=row.number,
            customer_name=row.name,
        )
        if self.after_gap and row.state == "Trying":
            for agent in self._offered_to(row):
                tell_offer(here, visit, agent, began_ms=here.at)

    def _offered_to(self, row: ListedMember) -> list[AgentId]:
        """One agent by name; a strategy's name in its place stands for every agent whom this queue now rings."""
        if row.agent in self.agents:
            named = [AgentId(row.agent)]
        else:
            named = [AgentId(one.agent) for one in self.lists.tiers if (one.queue, one.state) == (row.queue, _OFFERING)]
        return [one for one in named if one in self.agents and self.here.books[one].state == RECEIVING]

    def _tell_talk(self, visit: Visit, found: ListedMember | None) -> None:
        """`found`: the row of a talk that no event has told of."""
        talk = visit.talk
        if talk is None or talk.ended_ms is not None:
            return
        held = self._held(talk)
        self.here.tell_of(
            TalkSeen,
            visit,
            agent=talk.agent,
            queued_at=Millis(visit.joined_ms) if found is not None else None,
            answered_at=Millis(talk.began_ms) if found is not None else None,
            held=held,
            customer=found.number if found is not None else "",
            customer_name=found.name if found is not None else "",
        )

    def _held(self, talk: Talk) -> bool | None:
        """The list of channels is written some 200 ms late, so against events it is believed the second time only."""
        channel = self.channels.get(talk.channel)
        if channel is None:
            return None
        listed = channel.callstate == "HELD"
        talk.hold_doubted = listed != talk.held and not talk.hold_doubted and not self.after_gap
        if not talk.hold_doubted:
            talk.held = listed
        return talk.held

    def _talk_without_row(self, listed: ListedAgent) -> None:
        """A caller whose wait timed out in the moment of the answer is listed as abandoned, yet talks."""
        calls = self.here.calls
        visit = calls.talks.get(listed.channel)
        if visit is None and self.after_gap:
            visit = self._found_talk(listed)
        if visit is not None and visit.key not in self.named:
            self.named.add(visit.key)
            visit.missing = False
            self._tell_talk(visit, None)

    def _found_talk(self, listed: ListedAgent) -> Visit | None:
        leg = self.channels.get(listed.channel)
        caller = self.channels.get(leg.call_uuid) if leg is not None else None
        queue = next((one.queue for one in self.lists.tiers if one.agent == listed.name and one.state == _ACTIVE), None)
        if caller is None or queue is None or caller.uuid == listed.channel:
            self.here.untold["talk_without_caller"] += 1
            return None
        visit = self.here.calls.open_visit(
            ("", caller.uuid),
            QueueName(queue),
            created_s=caller.created,
            joined_ms=caller.created * 1000,
            at=self.here.at,
        )
        self.here.calls.talk_begins(visit, AgentId(listed.name), listed.channel, self.here.at)
        return visit

    def _forget_missing(self) -> None:
        """What the switch no longer names is over: at once after a gap, else when a second picture misses it too."""
        calls = self.here.calls
        for visit in list(calls.visits.values()):
            if visit.key in self.named or visit.seen_at >= self.asked_at:
                continue
            if self.after_gap or visit.missing:
                calls.close(visit)
            visit.missing = True
        for agent, offer in list(calls.offers.items()):
            book = self.here.books.get(agent)
            receiving = book is not None and book.state == RECEIVING
            if offer.visit.key not in calls.visits or (not receiving and offer.seen_at < self.asked_at):
                del calls.offers[agent]
        calls.recalled.offers.clear()
        if self.lists.channels is not None:
            for contact, path in calls.forget_sessions(self.channels.keys()):
                if self.after_gap:  # else its end is on the way, or was told
                    self.here.tell(RecordingReady, contact=contact, path=path)


def forget_agents(here: Teller) -> None:
    """Nobody listens: what agents are is not known until the next picture; their settings stay."""
    for book in here.books.values():
        book.status = book.state = book.told = book.wrap_up = None
