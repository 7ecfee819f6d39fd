"""Answers to QueueStatus and CoreShowChannels, made into one picture of the switch. In: list items. Out: *Seen events.

The floor compares; this file only says what the switch named. Events keep flowing between the items of an answer, so
what joined while the picture was being drawn is not judged by it. May not know: connections, the floor.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from streams.translate.asterisk_calls import Calls, Talk, WaitingVisit
from streams.translate.asterisk_tally import AsteriskTally
from streams.translate.asterisk_words import DEVICES, agent_id_of
from streams.vocabulary.events import (
    AgentSeen,
    ContactSeen,
    Event,
    QueueConfigured,
    ResyncBegan,
    ResyncEnded,
    SwitchTallied,
    SwitchTallyReset,
    TalkSeen,
)
from streams.vocabulary.ids import ContactId, Millis, QueueName
from streams.vocabulary.states import Device
from streams.wire.ami import Message

_NEVER: Final = Millis(0)
_CHANNEL_SUFFIX: Final = re.compile(r"-[0-9a-f]{8}(?:;[12])?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Channel:
    """One line of CoreShowChannels."""

    name: str
    application: str
    argument: str
    bridge: str


Told = tuple[type[Event], dict[str, Any]]


@dataclass(slots=True)
class Resync:
    """Mutable; owned by one translator. `after_gap`: the next picture is the first after a lost connection."""

    _calls: Calls
    _tally: AsteriskTally
    after_gap: bool = False
    first: bool = True
    _open: bool = False
    _channels: dict[str, "_Channel"] = field(default_factory=dict)
    _began: Millis = _NEVER
    _entries: set[tuple[str, QueueName]] = field(default_factory=set)
    _members: set[tuple[QueueName, str]] = field(default_factory=set)

    def abort(self) -> None:
        self._open = False

    def read(self, message: Message, at: Millis) -> Iterator[Told]:
        match message.name:
            case b"QueueParams" | b"QueueMember" | b"QueueEntry" | b"QueueStatusComplete" if not self._open:
                yield from self._begin(at)
        match message.name:
            case b"QueueParams":
                yield from self._queue(message)
            case b"QueueMember":
                yield self._member(message)
            case b"QueueEntry":
                yield self._entry(message, at)
            case b"CoreShowChannel":
                self._channels[message.text(b"Uniqueid")] = _Channel(
                    name=message.text(b"Channel"),
                    application=message.find(b"Application") or "",
                    argument=message.find(b"ApplicationData") or "",
                    bridge=message.find(b"BridgeId") or "",
                )
            case b"CoreShowChannelsComplete" if self._open:
                yield from self._end(at)

    def _begin(self, at: Millis) -> Iterator[Told]:
        self._open = True
        self._began = at
        self._channels = {}
        self._entries = set()
        self._members = set()
        yield ResyncBegan, {}

    def _queue(self, message: Message) -> Iterator[Told]:
        """ServicelevelPerf has one decimal, so the counts within target come back to the nearest call."""
        queue = QueueName(message.text(b"Queue"))
        yield QueueConfigured, {"queue": queue, "target_ms": message.number(b"ServiceLevel") * 1000}
        if not (self.first or self.after_gap):
            return
        completed, abandoned = message.number(b"Completed"), message.number(b"Abandoned")
        yield SwitchTallyReset, {"queue": queue}
        if completed or abandoned:
            within = round(completed * _percent(message, b"ServicelevelPerf"))
            both = round((completed + abandoned) * _percent(message, b"ServicelevelPerf2"))
            yield (
                SwitchTallied,
                {
                    "queue": queue,
                    "completed": completed,
                    "completed_in_target": within,
                    "abandoned": abandoned,
                    "abandoned_in_target": max(0, both - within),
                },
            )

    def _member(self, message: Message) -> Told:
        queue, interface = QueueName(message.text(b"Queue")), message.text(b"Location")
        self._members.add((queue, interface))
        paused = message.text(b"Paused") == "1"
        agent = agent_id_of(interface)
        return AgentSeen, {
            "agent": agent,
            "queue": queue,
            "name": message.find(b"Name") or "",
            "extension": agent,
            "penalty": message.number_or(b"Penalty", 0),
            "device": DEVICES.get(message.text(b"Status"), Device.UNKNOWN),
            "not_ready": paused,
            "reason": (message.find(b"PausedReason") or "") if paused else "",
            "not_ready_since": _epoch_ms(message, b"LastPause") if paused else None,
            "in_contact": message.find(b"InCall") == "1",
            "last_contact_at": _epoch_ms(message, b"LastCall"),
        }

    def _entry(self, message: Message, at: Millis) -> Told:
        queue, caller = QueueName(message.text(b"Queue")), message.text(b"Uniqueid")
        wait_s = message.number(b"Wait")
        visit = self._calls.visit(caller, queue)
        if visit is None:
            visit = WaitingVisit(
                contact=ContactId(caller),
                leg=self._calls.next_leg(caller),
                queue=queue,
                joined_at=Millis(at - wait_s * 1000),
                joined_s=at // 1000 - wait_s,
            )
            self._calls.waiting.setdefault(caller, []).append(visit)
        self._entries.add((caller, queue))
        return ContactSeen, {
            "contact": visit.contact,
            "leg": visit.leg,
            "queue": queue,
            "wait_ms": wait_s * 1000,
            "customer": message.find(b"CallerIDNum") or "",
            "customer_name": message.find(b"CallerIDName") or "",
            "position": message.number_or(b"Position", 0),
        }

    def _end(self, at: Millis) -> Iterator[Told]:
        """CoreShowChannels comes last: a talk whose agent's channel it does not name is over."""
        if self.after_gap or self.first:
            self._tally.forget()
            for queue, interface in self._members:
                self._tally.member_added(queue, interface)
            alive = self._channels.keys() | {caller for caller, _ in self._entries}
            self._calls.forget_absent(alive, self._entries, since=self._began)
            self._find_talks(at)
            self._tally_running()
        for channel, talk in self._calls.talks.items():
            if channel in self._channels and not talk.ended:
                visit = talk.visit
                yield (
                    TalkSeen,
                    {"contact": visit.contact, "leg": visit.leg, "queue": visit.queue, "agent": talk.agent},
                )
        self._open = False
        self.first = self.after_gap = False
        yield ResyncEnded, {}

    def _find_talks(self, at: Millis) -> None:
        """A caller in Queue() who shares a bridge with an AppQueue channel was answered while nobody listened."""
        callers = {
            one.bridge: (uniqueid, QueueName(one.argument.partition(",")[0]))
            for uniqueid, one in self._channels.items()
            if one.application == "Queue" and one.bridge
        }
        for channel, one in self._channels.items():
            if one.application != "AppQueue" or one.bridge not in callers or channel in self._calls.talks:
                continue
            caller, queue = callers[one.bridge]
            interface = _CHANNEL_SUFFIX.sub("", one.name)
            if (queue, interface) not in self._members:
                continue
            visit = self._calls.visit(caller, queue) or WaitingVisit(
                contact=ContactId(caller),
                leg=self._calls.legs.get(caller) or self._calls.next_leg(caller),
                queue=queue,
                joined_at=at,
                joined_s=at // 1000,
            )
            self._calls.close(visit)
            self._calls.talks[channel] = Talk(
                visit=visit, agent=agent_id_of(interface), interface=interface, channel_id=channel, began=at
            )

    def _tally_running(self) -> None:
        """Asterisk never noticed the gap: what runs on will be completed in its counters, too."""
        for talk in self._calls.talks.values():
            if not talk.ended:
                visit = talk.visit
                call = (visit.contact, visit.leg)
                self._tally.connected(visit.queue, talk.interface, call, in_target=visit.in_target)


def _percent(message: Message, key: bytes) -> float:
    """A share 0..1; Asterisk prints `94.4`."""
    text = message.text(key)
    return min(1.0, float(text) / 100) if text.isascii() and text.replace(".", "", 1).isdigit() else 0.0


def _epoch_ms(message: Message, key: bytes) -> Millis | None:
    seconds = message.number_or(key, 0)
    return Millis(seconds * 1000) if seconds else None
