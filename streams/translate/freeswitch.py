"""FreeSWITCH's mod_callcenter, messages to events. In: `Message`s of one source in order, lists, time. Out: `Event`s.

Each event has one reader (freeswitch_callers, _offers, _talks); lists are drawn by freeswitch_resync. Which order of
events is certain and which is not: the traces' README, "Ordering surprises". May not know: sockets, clocks, the floor.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from streams.translate import freeswitch_callers as callers
from streams.translate import freeswitch_offers as offers
from streams.translate import freeswitch_talks as talks
from streams.translate.freeswitch_calls import VisitKey
from streams.translate.freeswitch_recall import Recalled
from streams.translate.freeswitch_resync import Drawing, Lists, forget_agents
from streams.translate.freeswitch_teller import Teller
from streams.vocabulary.events import Event, ResyncBegan, ResyncEnded, SourceConnected, SourceHeard, SourceLost
from streams.vocabulary.ids import Millis, SiteId, SourceId, seq_base
from streams.vocabulary.states import GapReason, Witness
from streams.wire.esl_message import MalformedError, MalformedReason, Message

CALLCENTER: Final = b"callcenter::info"
HEARTBEAT: Final = b"HEARTBEAT"

_CHANNEL_READERS: Final[Mapping[bytes, Callable[[Teller, Message], None]]] = {
    b"CHANNEL_HOLD": talks.held,
    b"CHANNEL_UNHOLD": talks.unheld,
    b"RECORD_START": talks.recording_started,
    b"RECORD_STOP": talks.recording_stopped,
    b"MEDIA_BUG_START": talks.bug_started,
}
WANTED: Final = frozenset((CALLCENTER, HEARTBEAT, *_CHANNEL_READERS))
"""The events the floor needs: 7 % of the bytes of `event plain ALL`. No hang-ups: bridge-agent-end says who hung up."""

SUBSCRIPTION: Final = (
    f"event plain HEARTBEAT {' '.join(name.decode() for name in _CHANNEL_READERS)} CUSTOM callcenter::info"
)


def _cancelled_or_terminated(here: Teller, message: Message) -> None:
    (talks.terminated if message.text(b"CC-Cause") == "Terminated" else callers.cancelled)(here, message)


_ACTIONS: Final[Mapping[str, Callable[[Teller, Message], None]]] = {
    "member-queue-start": callers.joined,
    "member-queue-resume": callers.joined,
    "member-queue-end": _cancelled_or_terminated,
    "agent-offering": offers.offered,
    "bridge-agent-fail": offers.failed,
    "bridge-agent-start": talks.bridged,
    "bridge-agent-end": talks.agent_left,
    "agent-status-change": offers.status_changed,
    "agent-state-change": offers.state_changed,
    "agent-max-no-answer": offers.max_no_answer,
    "agent-contact-change": offers.contact_changed,
}


class FreeswitchTranslator:
    """One per source. `malformed`: messages that could not be trusted, by reason; `untold`: unmatched ones;
    `noticed`: what is no event of ours (somebody listened in, a timeout after an answer, a restart)."""

    def __init__(self, *, site: SiteId, source: SourceId, after_seq: int = 0) -> None:
        """`after_seq`: the highest number this source ever told, so that a clock set back never repeats one."""
        self._here = Teller(site=site, source=source, seq=after_seq)
        self._core: str | None = None
        self._asked_at: Millis | None = None
        self._suspects: set[VisitKey] = set()
        self.malformed: Counter[MalformedReason] = Counter()

    @property
    def untold(self) -> Counter[str]:
        return self._here.untold

    @property
    def noticed(self) -> Counter[str]:
        return self._here.noticed

    @property
    def picture_due(self) -> bool:
        """The agents are unknown and no picture is being drawn."""
        return self._here.blind and self._asked_at is None

    def recall(self, events: Iterable[Event]) -> None:
        """Before anything else: what the collector before this one told last, in order. Since then nobody listened."""
        here = self._here
        here.calls.recalled = Recalled()
        here.seq = max(here.seq, here.calls.recalled.read(events))

    def started(self, at: Millis) -> list[Event]:
        """A new collector, not yet connected: whatever was known before it is past."""
        return self._about_itself(at, SourceLost, reason=GapReason.STARTED_LATE)

    def connected(self, at: Millis) -> list[Event]:
        """A connection stands. Later connections number their events higher, so (source, seq) never repeats."""
        return self._about_itself(at, SourceConnected)

    def lost(self, at: Millis, reason: GapReason = GapReason.DISCONNECTED) -> list[Event]:
        """Nothing is known of the switch from `at`, the last moment it was heard, until the next full picture."""
        self._forget()
        return self._about_itself(at, SourceLost, reason=reason)

    def heard(self, at: Millis, core: str = "") -> list[Event]:
        """The switch answered. `core`: its Core-UUID, where the answer tells it."""
        here = self._here
        here.at = at
        self._know(core)
        here.tell(SourceHeard)
        return here.take()

    def picture_asked(self, at: Millis) -> list[Event]:
        """The lists are being asked for; what begins from here on is not judged by them."""
        self._asked_at = at
        self._here.at = at
        self._here.tell(ResyncBegan)
        return self._here.take()

    def picture(self, lists: Lists, at: Millis) -> list[Event]:
        """All lists are there. Nothing, where the connection was lost since they were asked for."""
        here = self._here
        asked_at, self._asked_at = self._asked_at, None
        if asked_at is None:
            return []
        here.at = at
        here.witness = Witness.PICTURE
        drawing = Drawing(
            here=here, lists=lists, asked_at=asked_at, after_gap=self._here.blind, suspects=self._suspects
        )
        self._suspects = drawing.draw()
        here.witness = Witness.WIRE
        here.tell(ResyncEnded)
        self._here.blind = False
        return here.take()

    def picture_failed(self) -> None:
        """A list was refused or broken: this picture is not told, and the agents stay what they are."""
        self._asked_at = None

    def translate(self, message: Message, at: Millis) -> list[Event]:
        """The events one message stands for, in order; none if it cannot be trusted (counted in `malformed`)."""
        if message.name not in WANTED:
            return []
        here = self._here
        here.at = at
        try:
            here.stamp_ms = message.number(b"Event-Date-Timestamp") // 1000
            self._know(message.text(b"Core-UUID"))
            if message.name == CALLCENTER:
                if reader := _ACTIONS.get(message.text(b"CC-Action")):
                    reader(here, message)
            elif message.name == HEARTBEAT:
                here.tell(SourceHeard)
            elif reader := _CHANNEL_READERS.get(message.name):
                reader(here, message)
        except MalformedError as error:
            self.malformed[error.reason] += 1
        return here.take() if here.out else []

    def _know(self, core: str) -> None:
        """Another Core-UUID is another process: every contact of the old one is over, nothing of agents is known."""
        if core == self._core or not core:
            return
        restarted = self._core is not None
        self._core = core
        if restarted:
            here = self._here
            here.noticed["restart"] += 1
            here.calls.forget_all()
            self._forget()
            here.tell(SourceLost, reason=GapReason.RESTARTED)

    def _forget(self) -> None:
        self._here.blind = True
        self._asked_at = None
        self._suspects = set()
        forget_agents(self._here)

    def _about_itself(self, at: Millis, kind: Callable[..., Event], **fields: GapReason) -> list[Event]:
        here = self._here
        here.at = at
        here.seq = max(here.seq, seq_base(at))
        here.tell(kind, **fields)
        return here.take()
