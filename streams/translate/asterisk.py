"""Asterisk's app_queue over AMI, messages to events. In: `Message`s of one source in order, the time. Out: `Event`s.

Each message has one reader (asterisk_callers, _offers, _talks, _members, _resync). Which order of messages is certain
and which is not: the traces' README, "Order of events". May not know: sockets, clocks, the floor.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from streams.translate import asterisk_callers as callers
from streams.translate import asterisk_members as members
from streams.translate import asterisk_offers as offers
from streams.translate import asterisk_talks as talks
from streams.translate.asterisk_recall import Recall
from streams.translate.asterisk_resync import Resync
from streams.translate.asterisk_tally import AsteriskTally
from streams.translate.asterisk_teller import Teller
from streams.translate.asterisk_words import SwitchSettings
from streams.translate.queue_log import LogWitness
from streams.vocabulary.events import Event, ResyncEnded, SourceConnected, SourceHeard, SourceLost
from streams.vocabulary.ids import Millis, SiteId, SourceId, seq_base
from streams.vocabulary.states import GapReason
from streams.wire.ami import MalformedError, MalformedReason, Message, OnlyWhere, Wanted
from streams.wire.queue_log import QueueLogLine

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
            b"BridgeListItem",
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

_PICTURE: Final = frozenset(
    (
        b"QueueParams",
        b"QueueMember",
        b"QueueEntry",
        b"QueueStatusComplete",
        b"BridgeListItem",
        b"CoreShowChannel",
        b"CoreShowChannelsComplete",
    )
)
_READERS: Final[Mapping[bytes, Callable[[Teller, Message], None]]] = {
    b"QueueCallerJoin": callers.joined,
    b"QueueCallerAbandon": callers.abandoned,
    b"QueueCallerLeave": callers.left,
    b"VarSet": callers.variable,
    b"Newexten": callers.queue_step,
    b"AgentCalled": offers.called,
    b"DialEnd": offers.dialled,
    b"AgentRingNoAnswer": offers.not_taken,
    b"AgentConnect": talks.connected,
    b"AgentComplete": talks.completed,
    b"Hangup": talks.hung,
    b"Hold": talks.held,
    b"Unhold": talks.unheld,
    b"BlindTransfer": talks.blind_transferred,
    b"AttendedTransfer": talks.attended_transferred,
    b"QueueMemberStatus": members.member_status,
    b"QueueMemberPause": members.member_paused,
    b"QueueMemberAdded": members.member_added,
    b"QueueMemberRemoved": members.member_removed,
}


class AsteriskTranslator:
    """One per source. `malformed` counts messages that could not be trusted, by reason; `untold` unmatched ones."""

    def __init__(self, *, site: SiteId, source: SourceId, settings: SwitchSettings, after_seq: int = 0) -> None:
        """`after_seq`: the highest number this source ever told, so that a clock set back never repeats one."""
        tally = AsteriskTally(settings.shared_lastcall)
        self._here = Teller(
            site=site,
            source=source,
            settings=settings,
            tally=tally,
            targets_ms=settings.targets_ms(),
            seq=after_seq,
        )
        self._resync = Resync(self._here)
        self._shutting_down = False
        self.malformed: Counter[MalformedReason] = Counter()
        self.log: LogWitness | None = None

    @property
    def untold(self) -> Counter[str]:
        return self._here.untold

    def recall(self, events: Iterable[Event]) -> None:
        """Before anything else: what the collector before this one told last, in order. Since then nobody listened."""
        recall = Recall(self._here)
        for event in events:
            recall.read(event)
            if self.log is not None:
                self.log.told.note(event)
        if recall.last_at is not None:
            self._resync.recalled(recall.last_at)
            self._blind_since(recall.last_at)

    def started(self, at: Millis) -> list[Event]:
        """A new collector, not yet connected: whatever was known before it is past."""
        return self._about_itself(at, SourceLost, reason=GapReason.STARTED_LATE)

    def connected(self, at: Millis) -> list[Event]:
        """A connection stands. Later connections number their events higher, so (source, seq) never repeats."""
        self._shutting_down = False
        return self._about_itself(at, SourceConnected)

    def heard(self, at: Millis) -> list[Event]:
        """The switch answered a ping: what is known is still so."""
        here = self._here
        here.at = at
        here.tell(SourceHeard)
        return here.take()

    def without_channels(self, at: Millis) -> list[Event]:
        """The switch refused CoreShowChannels: the picture that is being drawn ends without it."""
        self._here.at = at
        self._resync.without_channels()
        return self._here.take()

    def lost(self, at: Millis) -> list[Event]:
        """The connection is gone; nothing is known of the switch until the next full picture. `at`: last heard."""
        self._blind_since(at)
        reason = GapReason.RESTARTED if self._shutting_down else GapReason.DISCONNECTED
        return self._about_itself(at, SourceLost, reason=reason)

    def _blind_since(self, at: Millis) -> None:
        self._resync.lost(at)
        self._here.blind = True
        if self.log is not None:
            self.log.lost(at)

    def listen_to_log(self) -> LogWitness:
        """From here on a queue_log is a second witness; its lines come by `log_lines`."""
        if self.log is None:
            self.log = LogWitness(self._here)
        return self.log

    def log_lines(self, lines: Iterable[QueueLogLine], at: Millis, *, final: bool = False) -> list[Event]:
        """Corrections that are due, once these lines are known. To be called every second or so, lines or not."""
        if self.log is None:
            return []
        self._here.at = at
        self.log.read(lines)
        self.log.tell_due(final=final)
        return self._here.take()

    def _about_itself(self, at: Millis, kind: Callable[..., Event], **fields: GapReason) -> list[Event]:
        here = self._here
        here.at = at
        here.seq = max(here.seq, seq_base(at))
        here.tell(kind, **fields)
        return here.take()

    def translate(self, message: Message, at: Millis) -> list[Event]:
        """The events one message stands for, in order; none if it cannot be trusted (counted in `malformed`)."""
        here = self._here
        here.at = at
        try:
            if reader := _READERS.get(message.name):
                reader(here, message)
            elif message.name in _PICTURE:
                self._resync.read(message)
            elif message.name == b"Shutdown":
                self._shutting_down = True
        except MalformedError as error:
            self.malformed[error.reason] += 1
        if not here.out:
            return []
        told = here.take()
        if self.log is not None:
            self._witness(self.log, told)
        return told

    def _witness(self, log: LogWitness, told: list[Event]) -> None:
        for event in told:
            log.told.note(event)
            if type(event) is ResyncEnded:
                log.settled(event.at)
