"""Answers to QueueStatus, BridgeList and CoreShowChannels, made into one picture. In: list items. Out: *Seen events.

The floor compares; this file only says what the switch named. Events keep flowing between the items of an answer, so
what joined while the picture was being drawn is not judged by it. May not know: connections, the floor.
"""

from dataclasses import dataclass, field
from typing import Any, Final

from streams.translate.asterisk_calls import Offer, Talk, WaitingVisit
from streams.translate.asterisk_channels import Channels, Found
from streams.translate.asterisk_found import tell_wrap_ups
from streams.translate.asterisk_recall import goes_on, name_recalled
from streams.translate.asterisk_teller import Teller, known
from streams.translate.asterisk_words import DEVICES
from streams.vocabulary.events import (
    AgentSeen,
    ContactAccepted,
    ContactOffered,
    ContactSeen,
    Event,
    QueueConfigured,
    RecordingReady,
    ResyncBegan,
    ResyncEnded,
    SwitchTallied,
    SwitchTallyReset,
    TalkSeen,
)
from streams.vocabulary.ids import ContactId, Millis, QueueName
from streams.vocabulary.states import Device, Witness
from streams.wire.ami import MalformedError, Message

_NEVER: Final = Millis(0)
_RINGING: Final = ("6", "7")
_OPENING: Final = frozenset((b"QueueParams", b"QueueMember", b"QueueEntry", b"QueueStatusComplete"))
MemberKey = tuple[QueueName, str]
"""(queue, interface)"""


@dataclass(slots=True)
class Resync:
    """Mutable; owned by one translator. `after_gap`: the next picture is the first after a lost connection."""

    _here: Teller
    after_gap: bool = False
    first: bool = True
    lost_at: Millis = _NEVER
    """when the last connection was last heard; 0: there was none"""
    _open: bool = False
    _listed: bool = False
    _began: Millis = _NEVER
    _channels: Channels = field(default_factory=Channels)
    _entries: dict[str, QueueName] = field(default_factory=dict)
    _members: set[MemberKey] = field(default_factory=set)
    _in_call: set[str] = field(default_factory=set)
    _last_calls: dict[MemberKey, int] = field(default_factory=dict)
    _legs: frozenset[str] = frozenset()
    _unreadable: set[bytes] = field(default_factory=set)

    def lost(self, at: Millis) -> None:
        """The last connection was last heard then; one that brought no picture told nothing of what went before."""
        self._open = False
        if not (self.after_gap or self.first):
            self.lost_at = at
        self.after_gap = True

    def recalled(self, at: Millis) -> None:
        """Another collector heard the switch until then."""
        self.lost_at, self.after_gap = at, True

    def read(self, message: Message) -> None:
        """Raises MalformedError; what could not be read is remembered, so that nobody is taken for gone by it."""
        if not self._open:
            if message.name not in _OPENING:
                return
            self._begin()
        try:
            self._item(message)
        except MalformedError:
            self._unreadable.add(message.name)
            raise

    def _item(self, message: Message) -> None:
        match message.name:
            case b"QueueParams":
                self._queue(message)
            case b"QueueMember":
                self._member(message)
            case b"QueueEntry":
                self._entry(message)
            case b"QueueStatusComplete":
                self._listed = True
            case b"BridgeListItem":
                self._channels.read_bridge(message)
            case b"CoreShowChannel":
                self._channels.read(message)
            case b"CoreShowChannelsComplete":
                self._end()

    def without_channels(self) -> None:
        """CoreShowChannels is refused to this manager user: the picture ends with what the queues themselves say."""
        if self._open and self._listed:
            self._unreadable.add(b"CoreShowChannels")
            self._end()

    def _begin(self) -> None:
        here = self._here
        self._open, self._listed = True, False
        self._began = here.at
        self._channels = Channels()
        self._entries = {}
        self._members = set()
        self._in_call = set()
        self._last_calls = {}
        self._legs = frozenset(here.calls.legs)
        self._unreadable = set()
        here.tell(ResyncBegan)

    def _tell(self, kind: type[Event], **fields: Any) -> None:
        self._here.tell(kind, witness=Witness.PICTURE, **fields)

    def _queue(self, message: Message) -> None:
        """ServicelevelPerf has one decimal, so the counts within target come back to the nearest call."""
        here = self._here
        queue = QueueName(message.text(b"Queue"))
        target_ms = message.number(b"ServiceLevel") * 1000
        if self.first or here.targets_ms.get(queue) != target_ms:
            here.targets_ms[queue] = target_ms
            here.tell(QueueConfigured, queue=queue, target_ms=target_ms)
        if not (self.first or self.after_gap):
            return
        completed, abandoned = message.number(b"Completed"), message.number(b"Abandoned")
        self._tell(SwitchTallyReset, queue=queue)
        if completed or abandoned:
            within = round(completed * _percent(message, b"ServicelevelPerf"))
            both = round((completed + abandoned) * _percent(message, b"ServicelevelPerf2"))
            self._tell(
                SwitchTallied,
                queue=queue,
                completed=completed,
                completed_in_target=within,
                abandoned=abandoned,
                abandoned_in_target=max(0, both - within),
            )

    def _member(self, message: Message) -> None:
        here = self._here
        queue, interface = QueueName(message.text(b"Queue")), message.text(b"Location")
        self._members.add((queue, interface))
        status, paused = message.text(b"Status"), message.text(b"Paused") == "1"
        name = message.find(b"Name") or ""
        agent = here.member(interface, name)
        in_call = message.find(b"InCall") == "1"
        if in_call:
            self._in_call.add(interface)
        last_s = message.number_or(b"LastCall", 0)
        self._last_calls[queue, interface] = last_s
        here.devices[queue, interface] = status
        reason = (message.find(b"PausedReason") or "") if paused else ""
        here.pauses[queue, interface] = reason if paused else None
        self._tell(
            AgentSeen,
            agent=agent,
            queue=queue,
            name=name,
            extension=agent,
            penalty=message.number_or(b"Penalty", 0),
            device=DEVICES.get(status, Device.UNKNOWN),
            not_ready=paused,
            reason=reason,
            not_ready_since=_epoch_ms(message.number_or(b"LastPause", 0)) if paused else None,
            in_contact=in_call,
            last_contact_at=_epoch_ms(last_s),
        )

    def _entry(self, message: Message) -> None:
        here = self._here
        queue, caller = QueueName(message.text(b"Queue")), message.text(b"Uniqueid")
        wait_s = message.number(b"Wait")
        visit = here.calls.visit(caller, queue)
        if visit is None:
            visit = _visit(here, caller, queue, waited_ms=wait_s * 1000)
            here.calls.waiting.setdefault(caller, []).append(visit)
        self._entries[caller] = queue
        self._tell(
            ContactSeen,
            contact=visit.contact,
            leg=visit.leg,
            queue=queue,
            wait_ms=wait_s * 1000,
            customer=known(message.find(b"CallerIDNum")),
            customer_name=known(message.find(b"CallerIDName")),
            position=message.number_or(b"Position", 0),
        )

    def _end(self) -> None:
        """CoreShowChannels comes last: a talk whose agent's channel it does not name is over."""
        here = self._here
        self._keep_unread()
        alive = self._channels.by_id.keys() | self._entries.keys()
        fresh: dict[str, Found] = {}
        offers: list[tuple[Offer, bool]] = []
        if self.after_gap or self.first:
            here.tally.forget()
            for queue, interface in self._members:
                here.tally.member_added(queue, interface)
            name_recalled(here, (interface for _, interface in self._members))
            fresh = self._find_talks()
            offers = self._find_offers()
            if self._sees_channels():
                for contact, path in here.calls.forget_absent(alive, set(self._entries.items()), since=self._began):
                    self._tell(RecordingReady, contact=contact, path=path)
            _tally_running(here)
        elif self._sees_channels():
            here.calls.forget_legs(self._legs - alive)
        self._tell_talks(fresh)
        self._open = False
        here.tell(ResyncEnded)
        self._tell_offers(offers)
        if self.after_gap or self.first:
            tell_wrap_ups(here, self._last_calls, since=self.lost_at)
        self.first = self.after_gap = here.blind = False

    def _sees_channels(self) -> bool:
        return not self._unreadable & {b"CoreShowChannels", b"CoreShowChannel"}

    def _keep_unread(self) -> None:
        """Whom an unreadable line may have named stays as last told: a torn name signs nobody out."""
        here = self._here
        if b"QueueMember" in self._unreadable:
            for queue, interface in here.devices.keys() - self._members:
                self._members.add((queue, interface))
                paused = here.pauses.get((queue, interface))
                self._tell(
                    AgentSeen,
                    agent=here.agent(interface),
                    queue=queue,
                    device=DEVICES.get(here.devices[queue, interface], Device.UNKNOWN),
                    not_ready=paused is not None,
                    reason=paused or "",
                )
        else:
            for key in here.devices.keys() - self._members:
                del here.devices[key]
                here.pauses.pop(key, None)
        if b"QueueEntry" in self._unreadable:
            for caller, visits in here.calls.waiting.items():
                for visit in visits if caller not in self._entries else ():
                    self._entries[caller] = visit.queue
                    wait_ms = here.at - visit.joined_at
                    self._tell(
                        ContactSeen, contact=visit.contact, leg=visit.leg, queue=visit.queue, wait_ms=max(0, wait_ms)
                    )

    def _find_talks(self) -> dict[str, Found]:
        """A caller in Queue() who shares a bridge with an AppQueue channel was answered while nobody listened."""
        here = self._here
        found = {}
        for one in self._channels.talks():
            channel, interface = one.leg.uniqueid, one.leg.interface
            if channel in here.calls.talks or goes_on(here, one, lost_at=self.lost_at) or not here.is_member(interface):
                continue
            caller, queue = one.caller.uniqueid, one.caller.queue
            visit = here.calls.visit(caller, queue) or _found_visit(here, caller, queue)
            here.calls.close(visit)
            here.calls.offers.pop(channel, None)
            agent = here.agent(interface)
            here.calls.talks[channel] = Talk(
                visit=visit, agent=agent, interface=interface, channel_id=channel, began=None
            )
            found[channel] = one
        return found

    def _tell_talks(self, fresh: dict[str, Found]) -> None:
        for channel, talk in self._here.calls.talks.items():
            if talk.ended or not (channel in self._channels.by_id or self._still_talks(talk)):
                continue
            visit = talk.visit
            shown = fresh.get(channel)
            self._tell(
                TalkSeen,
                contact=visit.contact,
                leg=visit.leg,
                queue=visit.queue,
                agent=talk.agent,
                queued_at=visit.joined_at if visit.joined_known else None,
                answered_at=talk.began,
                held=shown.held if shown is not None else None,
                customer=known(shown.caller.number) if shown is not None else "",
                customer_name=known(shown.caller.caller_name) if shown is not None else "",
            )

    def _still_talks(self, talk: Talk) -> bool:
        return not self._sees_channels() and talk.interface in self._in_call

    def _find_offers(self) -> list[tuple[Offer, bool]]:
        """Offers made while nobody listened, and known ones whose telephone no longer rings: it was picked up."""
        here = self._here
        found = []
        for one, queue in self._channels.offers(self._entries):
            channel, interface = one.leg.uniqueid, one.leg.interface
            visit = here.calls.visit(one.caller.uniqueid, queue)
            if visit is None or not here.is_member(interface):
                continue
            offer = here.calls.offers.get(channel)
            if offer is not None and here.devices.get((queue, interface)) in _RINGING:
                continue
            if offer is None:
                began = Millis(here.at - one.leg.age_ms)
                offer = here.calls.offers[channel] = Offer(visit=visit, agent=here.agent(interface), began=began)
            visit.accepted = visit.accepted or one.leg.up
            found.append((offer, one.leg.up))
        return found

    def _tell_offers(self, offers: list[tuple[Offer, bool]]) -> None:
        for offer, accepted in offers:
            visit = offer.visit
            for kind in (ContactOffered, ContactAccepted) if accepted else (ContactOffered,):
                self._tell(kind, contact=visit.contact, leg=visit.leg, queue=visit.queue, agent=offer.agent)


def _visit(here: Teller, caller: str, queue: QueueName, *, waited_ms: int) -> WaitingVisit:
    joined_at = Millis(here.at - waited_ms)
    leg = here.calls.next_leg(caller, queue)
    return WaitingVisit(
        contact=ContactId(caller), leg=leg, queue=queue, joined_at=joined_at, joined_s=joined_at // 1000
    )


def _found_visit(here: Teller, caller: str, queue: QueueName) -> WaitingVisit:
    """Joined and answered while nobody listened; a leg already told of this caller is another visit, which is over."""
    visit = _visit(here, caller, queue, waited_ms=0)
    visit.joined_known = False
    return visit


def _tally_running(here: Teller) -> None:
    """Asterisk never noticed the gap: what runs on will be completed in its counters, too."""
    for talk in here.calls.talks.values():
        if not talk.ended:
            visit = talk.visit
            call = (visit.contact, visit.leg)
            here.tally.connected(visit.queue, talk.interface, call, in_target=visit.in_target)


def _percent(message: Message, key: bytes) -> float:
    """A share 0..1; Asterisk prints `94.4`."""
    text = message.text(key)
    return min(1.0, float(text) / 100) if text.isascii() and text.replace(".", "", 1).isdigit() else 0.0


def _epoch_ms(seconds: int) -> Millis | None:
    return Millis(seconds * 1000) if seconds else None
