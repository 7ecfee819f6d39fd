"""Asterisk's app_queue over AMI, messages to events. In: `Message`s of one source in order, the time. Out: `Event`s.

Keeps only what is open (asterisk_calls.py). Which order of messages is certain and which is not: the traces' README,
section "Order of events"; the comments here name the quirk a line stands for. May not know: sockets, clocks, the floor.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from streams.translate.asterisk_calls import Calls, Offer, Talk, WaitingVisit
from streams.translate.asterisk_resync import Resync
from streams.translate.asterisk_tally import AsteriskTally, SwitchTally
from streams.translate.asterisk_words import DEVICES, ENDED_BY, OVERFLOWS, TURNED_AWAY, SwitchSettings, agent_id_of
from streams.vocabulary.events import (
    AgentDevice,
    AgentJoinedQueue,
    AgentLeftQueue,
    AgentNotReady,
    AgentReady,
    ContactAbandoned,
    ContactAccepted,
    ContactAnswered,
    ContactDeclined,
    ContactEnded,
    ContactHeld,
    ContactLost,
    ContactOffered,
    ContactOverflowed,
    ContactQueued,
    ContactResumed,
    ContactTransferred,
    ContactTurnedAway,
    Event,
    EventBase,
    QueueConfigured,
    RecordingReady,
    RecordingStarted,
    SourceConnected,
    SourceLost,
    SwitchTallied,
    WrapUpStarted,
)
from streams.vocabulary.ids import ContactId, Millis, QueueName, SiteId, SourceId, seq_base
from streams.vocabulary.states import (
    DeclineReason,
    Device,
    EndedBy,
    GapReason,
    OverflowReason,
    TransferKind,
)
from streams.wire.ami import MalformedError, MalformedReason, Message, OnlyWhere, Wanted

WANTED: Final[Wanted] = {
    **dict.fromkeys(
        (
            b"QueueCallerJoin",
            b"QueueCallerLeave",
            b"QueueCallerAbandon",
            b"AgentCalled",
            b"AgentConnect",
            b"AgentComplete",
            b"AgentRingNoAnswer",
            b"DialEnd",
            b"Hangup",
            b"Hold",
            b"Unhold",
            b"BlindTransfer",
            b"AttendedTransfer",
            b"QueueMemberStatus",
            b"QueueMemberPause",
            b"QueueMemberAdded",
            b"QueueMemberRemoved",
            b"QueueParams",
            b"QueueMember",
            b"QueueEntry",
            b"QueueStatusComplete",
            b"CoreShowChannel",
            b"CoreShowChannelsComplete",
            b"Shutdown",
        ),
        None,
    ),
    b"VarSet": OnlyWhere(b"Variable", frozenset((b"QUEUESTATUS", b"MIXMONITOR_FILENAME"))),
    b"Newexten": OnlyWhere(b"Application", frozenset((b"Queue",))),
}
"""The events the floor needs; of a real switch's stream about one message in thirteen."""

E = TypeVar("E", bound=EventBase)

# The agent's leg is hung up with these causes when the telephone was busy (17) or the call rejected (21).
_DECLINE_CAUSES: Final = {"17": DeclineReason.BUSY, "21": DeclineReason.REJECTED}


class AsteriskTranslator:
    """One per source. `malformed` counts messages that could not be trusted, by reason; `untold` unmatched ones."""

    def __init__(self, *, site: SiteId, source: SourceId, settings: SwitchSettings) -> None:
        self._site = site
        self._source = source
        self._settings = settings
        self._seq = 0
        self._at = Millis(0)
        self._out: list[Event] = []
        self._calls = Calls()
        self._tally = AsteriskTally(settings.shared_lastcall)
        self._resync = Resync(self._calls, self._tally)
        self._targets_ms = settings.targets_ms()
        self._devices: dict[tuple[QueueName, str], str] = {}
        self._shutting_down = False
        self.malformed: Counter[MalformedReason] = Counter()
        self.untold: Counter[str] = Counter()

    # --- the connection ---------------------------------------------------------------------------------------------

    def connected(self, at: Millis) -> list[Event]:
        """A connection stands. Later connections number their events higher, so (source, seq) never repeats."""
        self._at = at
        self._seq = max(self._seq, seq_base(at))
        self._shutting_down = False
        self._tell(SourceConnected)
        return self._take()

    def started(self, at: Millis) -> list[Event]:
        """A new collector, not yet connected: whatever was known before it is past."""
        self._at = at
        self._seq = max(self._seq, seq_base(at))
        self._tell(SourceLost, reason=GapReason.STARTED_LATE)
        return self._take()

    def lost(self, at: Millis) -> list[Event]:
        """The connection is gone; nothing is known of the switch until the next full picture."""
        self._at = at
        self._resync.abort()
        self._resync.after_gap = True
        self._tell(SourceLost, reason=GapReason.RESTARTED if self._shutting_down else GapReason.DISCONNECTED)
        return self._take()

    def translate(self, message: Message, at: Millis) -> list[Event]:
        """The events one message stands for, in order; none if it cannot be trusted (counted in `malformed`)."""
        reader = _READERS.get(message.name)
        if reader is None:
            return []
        self._at = at
        try:
            reader(self, message)
        except MalformedError as error:
            self.malformed[error.reason] += 1
        return self._take() if self._out else []

    # --- the caller -------------------------------------------------------------------------------------------------

    def _joined(self, message: Message) -> None:
        caller = message.text(b"Uniqueid")
        queue = QueueName(message.text(b"Queue"))
        self._settle(caller)
        leg = self._calls.next_leg(caller)
        visit = WaitingVisit(
            contact=ContactId(caller), leg=leg, queue=queue, joined_at=self._at, joined_s=self._switch_second(message)
        )
        self._calls.waiting.setdefault(caller, []).append(visit)
        self._tell(
            ContactQueued,
            contact=visit.contact,
            leg=leg,
            queue=queue,
            customer=_known(message.find(b"CallerIDNum")),
            customer_name=_known(message.find(b"CallerIDName")),
            position=message.number_or(b"Position", 0),
        )

    def _abandoned(self, message: Message) -> None:
        """Hang-up, timeout, leave-when-empty and withdrawal alike; the QUEUESTATUS that follows tells them apart."""
        queue = QueueName(message.text(b"Queue"))
        wait_s = message.number(b"HoldTime")
        self._tell_tally(self._tally.abandoned(queue, in_target=wait_s * 1000 <= self._target_ms(queue)))
        caller = message.text(b"Uniqueid")
        visit = self._calls.visit(caller, queue)
        if visit is None:
            # joined before the capture or in a gap: the wait is all that is known
            self._tell(
                ContactAbandoned,
                contact=ContactId(caller),
                leg=self._calls.next_leg(caller),
                queue=queue,
                wait_ms=wait_s * 1000,
            )
        else:
            visit.abandoned_at = self._at

    def _left(self, message: Message) -> None:
        """After an abandon it repeats it; before an AgentConnect it announces it; alone it is a pressed key."""
        visit = self._calls.visit(message.text(b"Uniqueid"), QueueName(message.text(b"Queue")))
        if visit is not None and visit.abandoned_at is None and not visit.accepted:
            self._overflowed(visit, OverflowReason.KEY)

    def _variable(self, message: Message) -> None:
        channel = message.find(b"Uniqueid")
        if channel is None:
            return
        value = message.text(b"Value")
        if message.text(b"Variable") == "QUEUESTATUS":
            self._queue_status(channel, value)
        else:
            contact = self._calls.contact_on(channel)
            self._calls.recordings[channel] = (contact, value)
            self._tell(RecordingStarted, contact=contact, path=value)

    def _queue_status(self, caller: str, status: str) -> None:
        if reason := TURNED_AWAY.get(status):
            queue = self._calls.queue_step.pop(caller, None)
            if queue is None:
                self.untold["turned_away_without_queue_step"] += 1
            else:
                self._tell(ContactTurnedAway, contact=ContactId(caller), queue=queue, reason=reason)
            return
        overflow = OVERFLOWS.get(status)
        for visit in list(self._calls.waiting.get(caller, ())):
            if visit.abandoned_at is None:
                continue
            if overflow is not None:
                self._overflowed(visit, overflow)
            else:
                self._hung_up(visit)

    def _queue_step(self, message: Message) -> None:
        queue = message.text(b"AppData").partition(",")[0]
        self._calls.queue_step[message.text(b"Uniqueid")] = QueueName(queue)

    def _overflowed(self, visit: WaitingVisit, reason: OverflowReason) -> None:
        self._calls.close(visit)
        self._tell(
            ContactOverflowed,
            contact=visit.contact,
            leg=visit.leg,
            queue=visit.queue,
            reason=reason,
            wait_ms=(visit.abandoned_at or self._at) - visit.joined_at,
        )

    def _hung_up(self, visit: WaitingVisit) -> None:
        self._calls.close(visit)
        wait_ms = (visit.abandoned_at or self._at) - visit.joined_at
        self._tell(ContactAbandoned, contact=visit.contact, leg=visit.leg, queue=visit.queue, wait_ms=wait_ms)

    def _settle(self, caller: str) -> None:
        """A caller who goes on or is gone: what was pending is decided now."""
        for visit in list(self._calls.waiting.get(caller, ())):
            if visit.abandoned_at is not None:
                self._hung_up(visit)

    # --- the offer --------------------------------------------------------------------------------------------------

    def _called(self, message: Message) -> None:
        caller = message.text(b"Uniqueid")
        visit = self._calls.visit(caller, QueueName(message.text(b"Queue")))
        if visit is None:
            self.untold["offer_without_visit"] += 1
            return
        agent = agent_id_of(message.text(b"Interface"))
        self._calls.offers[message.text(b"DestUniqueid")] = Offer(visit=visit, agent=agent, began=self._at)
        self._tell(ContactOffered, contact=visit.contact, leg=visit.leg, queue=visit.queue, agent=agent)

    def _dialled(self, message: Message) -> None:
        offer = self._calls.offers.get(message.text(b"DestUniqueid"))
        if offer is None:
            self._dialled_in_gap(message)
            return
        visit = offer.visit
        if message.text(b"DialStatus") != "ANSWER":
            offer.refused_at = offer.refused_at or self._at
            offer.refused = offer.refused or message.text(b"DialStatus") != "CANCEL"
            return
        offer.accepted_at = self._at
        visit.accepted = True
        # app_queue decides here, before any announcement to the agent, on its whole-second clock.
        waited_ms = (self._switch_second(message) - visit.joined_s) * 1000
        visit.in_target = waited_ms <= self._target_ms(visit.queue)
        self._tell(ContactAccepted, contact=visit.contact, leg=visit.leg, queue=visit.queue, agent=offer.agent)

    def _dialled_in_gap(self, message: Message) -> None:
        """The AgentCalled was lost in a gap: the caller's side alone says that somebody picked up."""
        caller = message.find(b"Uniqueid")
        if caller is not None and message.text(b"DialStatus") == "ANSWER":
            for visit in self._calls.waiting.get(caller, ()):
                visit.accepted = True
                waited_ms = (self._switch_second(message) - visit.joined_s) * 1000
                visit.in_target = waited_ms <= self._target_ms(visit.queue)

    def _not_taken(self, message: Message) -> None:
        """Ring-out, busy and rejection alike; only the hang-up cause of the agent's leg tells them apart."""
        if offer := self._calls.offers.get(message.text(b"DestUniqueid")):
            offer.refused = True
            offer.refused_at = offer.refused_at or self._at

    def _offer_over(self, offer: Offer, cause: str | None) -> None:
        visit = offer.visit
        if offer.accepted_at is not None:
            gone = visit.abandoned_at is not None or visit not in self._calls.waiting.get(visit.contact, ())
            reason = DeclineReason.CUSTOMER_GONE if gone else DeclineReason.REJECTED
            visit.accepted = False
        elif offer.refused:
            reason = _DECLINE_CAUSES.get(cause or "", DeclineReason.NO_ANSWER)
        else:
            reason = DeclineReason.WITHDRAWN
        self._tell(
            ContactDeclined,
            contact=visit.contact,
            leg=visit.leg,
            queue=visit.queue,
            agent=offer.agent,
            reason=reason,
            ring_ms=(offer.refused_at or self._at) - offer.began,
        )

    # --- the talk ---------------------------------------------------------------------------------------------------

    def _connected(self, message: Message) -> None:
        queue = QueueName(message.text(b"Queue"))
        caller = message.text(b"Uniqueid")
        channel = message.text(b"DestUniqueid")
        interface = message.text(b"Interface")
        visit = self._calls.visit(caller, queue) or self._visit_before_capture(message, caller, queue)
        offer = self._calls.offers.pop(channel, None)
        self._calls.close(visit)
        agent = agent_id_of(interface)
        self._calls.talks[channel] = Talk(
            visit=visit, agent=agent, interface=interface, channel_id=channel, began=self._at
        )
        self._tally.connected(queue, interface, (visit.contact, visit.leg), in_target=visit.in_target)
        self._tell(
            ContactAnswered,
            contact=visit.contact,
            leg=visit.leg,
            queue=queue,
            agent=agent,
            wait_ms=self._at - visit.joined_at,
            ring_ms=(offer.accepted_at or self._at) - offer.began if offer else None,
        )

    def _visit_before_capture(self, message: Message, caller: str, queue: QueueName) -> WaitingVisit:
        wait_s = message.number_or(b"HoldTime", 0)
        return WaitingVisit(
            contact=ContactId(caller),
            leg=self._calls.next_leg(caller),
            queue=queue,
            joined_at=Millis(self._at - wait_s * 1000),
            joined_s=self._switch_second(message) - wait_s,
            in_target=wait_s * 1000 <= self._target_ms(queue),
        )

    def _completed(self, message: Message) -> None:
        """From another thread than the channel's events: before or after the hang-up, sometimes without Dest*."""
        queue = QueueName(message.text(b"Queue"))
        interface = message.text(b"Interface")
        caller = message.find(b"Uniqueid")
        ended_by = ENDED_BY.get(message.text(b"Reason"), EndedBy.UNKNOWN)
        talk = self._calls.talk_of(
            channel=message.find(b"DestUniqueid"), queue=queue, interface=interface, caller=caller
        )
        if talk is None:
            self._completed_before_capture(message, queue, interface, caller, ended_by)
            return
        visit = talk.visit
        self._tell_tally(self._tally.completed(queue, interface, (visit.contact, visit.leg)))
        self._calls.talks.pop(talk.channel_id, None)
        self._end(talk, ended_by)

    def _completed_before_capture(
        self, message: Message, queue: QueueName, interface: str, caller: str | None, ended_by: EndedBy
    ) -> None:
        if caller is None:
            self.untold["completion_without_caller"] += 1
            return
        self._tell(
            ContactEnded,
            contact=ContactId(caller),
            leg=self._calls.legs.get(caller) or self._calls.next_leg(caller),
            queue=queue,
            agent=agent_id_of(interface),
            ended_by=ended_by,
            talk_ms=message.number_or(b"TalkTime", 0) * 1000,
        )

    def _end(self, talk: Talk, ended_by: EndedBy) -> None:
        """The first end stops the talk and begins wrap-up; a later AgentComplete only names who ended it."""
        visit = talk.visit
        self._tell(
            ContactEnded,
            contact=visit.contact,
            leg=visit.leg,
            queue=visit.queue,
            agent=talk.agent,
            ended_by=ended_by,
            talk_ms=None if talk.ended else self._at - talk.began,
        )
        if talk.ended:
            return
        talk.ended = True
        if wrap_up_s := self._settings.wrap_up_s(visit.queue):
            # app_queue: time(NULL) - lastcall < wrapuptime, both in whole seconds: up to 1 s early
            self._tell(
                WrapUpStarted,
                agent=talk.agent,
                queue=visit.queue,
                contact=visit.contact,
                leg=visit.leg,
                until=Millis((self._at // 1000 + wrap_up_s) * 1000),
            )

    def _hung(self, message: Message) -> None:
        channel = message.text(b"Uniqueid")
        calls = self._calls
        if offer := calls.offers.pop(channel, None):
            self._offer_over(offer, message.find(b"Cause"))
        if (talk := calls.talks.get(channel)) and not talk.ended:
            self._end(talk, EndedBy.UNKNOWN)
        if channel in calls.waiting:
            self._settle(channel)
            for visit in list(calls.waiting.get(channel, ())):
                calls.close(visit)
                self._tell(ContactLost, contact=visit.contact, leg=visit.leg, queue=visit.queue)
        if recording := calls.recordings.pop(channel, None):
            self._tell(RecordingReady, contact=recording[0], path=recording[1])
        calls.legs.pop(channel, None)
        calls.queue_step.pop(channel, None)

    def _held(self, message: Message) -> None:
        talk = self._calls.talks.get(message.text(b"Uniqueid"))
        if talk is not None and not talk.ended and not talk.held:
            talk.held = True
            self._tell_of_talk(ContactHeld, talk)

    def _unheld(self, message: Message) -> None:
        """Transfers emit Unhold without a Hold before it."""
        talk = self._calls.talks.get(message.text(b"Uniqueid"))
        if talk is not None and talk.held and not talk.ended:
            talk.held = False
            self._tell_of_talk(ContactResumed, talk)

    def _blind_transferred(self, message: Message) -> None:
        talk = self._calls.talks.get(message.text(b"TransfererUniqueid"))
        if talk is not None and message.text(b"Result") == "Success":
            target = message.find(b"Extension") or ""
            self._tell_of_talk(ContactTransferred, talk, transfer=TransferKind.BLIND, target=target)

    def _attended_transferred(self, message: Message) -> None:
        talk = self._calls.talks.get(message.text(b"OrigTransfererUniqueid"))
        if talk is not None and message.text(b"Result") == "Success":
            target = _known(message.find(b"TransferTargetCallerIDNum"))
            self._tell_of_talk(ContactTransferred, talk, transfer=TransferKind.ATTENDED, target=target)

    # --- the agent --------------------------------------------------------------------------------------------------

    def _member_status(self, message: Message) -> None:
        queue, interface = QueueName(message.text(b"Queue")), message.text(b"Interface")
        status = message.text(b"Status")
        if status == "1":
            self._tell_tally(self._tally.device_idle(queue, interface))
        if self._devices.get((queue, interface)) != status:
            self._devices[queue, interface] = status
            device = DEVICES.get(status, Device.UNKNOWN)
            self._tell(AgentDevice, agent=agent_id_of(interface), queue=queue, device=device)

    def _member_paused(self, message: Message) -> None:
        event = AgentNotReady if message.text(b"Paused") == "1" else AgentReady
        self._tell(
            event,
            agent=agent_id_of(message.text(b"Interface")),
            queue=QueueName(message.text(b"Queue")),
            reason=message.find(b"PausedReason") or "",
        )

    def _member_added(self, message: Message) -> None:
        queue, interface = QueueName(message.text(b"Queue")), message.text(b"Interface")
        status = message.text(b"Status")
        self._devices[queue, interface] = status
        self._tally.member_added(queue, interface)
        agent = agent_id_of(interface)
        self._tell(
            AgentJoinedQueue,
            agent=agent,
            queue=queue,
            name=message.find(b"MemberName") or "",
            extension=agent,
            penalty=message.number_or(b"Penalty", 0),
            device=DEVICES.get(status, Device.UNKNOWN),
            not_ready=message.find(b"Paused") == "1",
            reason=message.find(b"PausedReason") or "",
        )

    def _member_removed(self, message: Message) -> None:
        queue, interface = QueueName(message.text(b"Queue")), message.text(b"Interface")
        self._devices.pop((queue, interface), None)
        self._tally.member_removed(queue, interface)
        self._tell(AgentLeftQueue, agent=agent_id_of(interface), queue=queue)

    # --- the full picture -------------------------------------------------------------------------------------------

    def _picture(self, message: Message) -> None:
        for kind, fields in self._resync.read(message, self._at):
            if kind is QueueConfigured:
                queue, target_ms = fields["queue"], fields["target_ms"]
                if self._targets_ms.get(queue) == target_ms and not self._resync.first:
                    continue
                self._targets_ms[queue] = target_ms
            self._tell(kind, **fields)
        if message.name == b"QueueMember":
            key = (QueueName(message.text(b"Queue")), message.text(b"Location"))
            self._devices[key] = message.text(b"Status")

    def _shutdown(self, message: Message) -> None:
        self._shutting_down = True

    # --- telling ----------------------------------------------------------------------------------------------------

    def _tell(self, kind: Callable[..., Event], **fields: Any) -> None:
        self._seq += 1
        self._out.append(kind(at=self._at, site=self._site, source=self._source, seq=self._seq, **fields))

    def _tell_of_talk(self, kind: Callable[..., Event], talk: Talk, **fields: Any) -> None:
        visit = talk.visit
        self._tell(kind, contact=visit.contact, leg=visit.leg, queue=visit.queue, agent=talk.agent, **fields)

    def _tell_tally(self, moved: SwitchTally | None) -> None:
        if moved is not None:
            self._tell(
                SwitchTallied,
                queue=moved.queue,
                completed=moved.completed,
                completed_in_target=moved.completed_in_target,
                abandoned=moved.abandoned,
                abandoned_in_target=moved.abandoned_in_target,
            )

    def _take(self) -> list[Event]:
        out, self._out = self._out, []
        return out

    def _target_ms(self, queue: QueueName) -> int:
        return self._targets_ms.get(queue, 0)

    def _switch_second(self, message: Message) -> int:
        """The switch's whole-second clock: its own Timestamp where timestampevents=yes, else the time of reading."""
        stamp = message.find(b"Timestamp")
        return int(stamp.partition(".")[0]) if stamp and stamp[:1].isdigit() else self._at // 1000


def _known(value: str | None) -> str:
    """Asterisk writes `<unknown>` and `unknown` for no number, no name."""
    return "" if value is None or value in ("<unknown>", "unknown") else value


_READERS: Final[Mapping[bytes, Callable[[AsteriskTranslator, Message], None]]] = {
    b"QueueCallerJoin": AsteriskTranslator._joined,
    b"QueueCallerAbandon": AsteriskTranslator._abandoned,
    b"QueueCallerLeave": AsteriskTranslator._left,
    b"VarSet": AsteriskTranslator._variable,
    b"Newexten": AsteriskTranslator._queue_step,
    b"AgentCalled": AsteriskTranslator._called,
    b"DialEnd": AsteriskTranslator._dialled,
    b"AgentRingNoAnswer": AsteriskTranslator._not_taken,
    b"AgentConnect": AsteriskTranslator._connected,
    b"AgentComplete": AsteriskTranslator._completed,
    b"Hangup": AsteriskTranslator._hung,
    b"Hold": AsteriskTranslator._held,
    b"Unhold": AsteriskTranslator._unheld,
    b"BlindTransfer": AsteriskTranslator._blind_transferred,
    b"AttendedTransfer": AsteriskTranslator._attended_transferred,
    b"QueueMemberStatus": AsteriskTranslator._member_status,
    b"QueueMemberPause": AsteriskTranslator._member_paused,
    b"QueueMemberAdded": AsteriskTranslator._member_added,
    b"QueueMemberRemoved": AsteriskTranslator._member_removed,
    b"QueueParams": AsteriskTranslator._picture,
    b"QueueMember": AsteriskTranslator._picture,
    b"QueueEntry": AsteriskTranslator._picture,
    b"QueueStatusComplete": AsteriskTranslator._picture,
    b"CoreShowChannel": AsteriskTranslator._picture,
    b"CoreShowChannelsComplete": AsteriskTranslator._picture,
    b"Shutdown": AsteriskTranslator._shutdown,
}
