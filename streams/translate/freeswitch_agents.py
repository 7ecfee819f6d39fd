"""An agent's readiness as mod_callcenter decides it, from status, state and timers. In: words, seconds. Out: `Stance`.

Two axes (traces README, "Deriving agent states"): status says whether the agent works, state what the agent does. No
event tells wrap-up or delays; they follow from the agent's settings in `agent list`.
Mutable books, owned by one translator. May not know: messages, calls.
"""

from dataclasses import dataclass, field
from typing import Final

from streams.translate.freeswitch_words import (
    AVAILABLE,
    IDLE,
    LOGGED_OUT,
    MAX_NO_ANSWER,
    UNREGISTERED_DELAY_S,
    WAITING,
    Delay,
)
from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName
from streams.vocabulary.states import NotReadyReason
from streams.wire.esl_lists import ListedAgent

_NEVER: Final = Millis(0)


@dataclass(frozen=True, slots=True)
class Stance:
    """What was told, or is to be told, of the whole agent."""

    signed_in: bool
    reason: str | None = None
    """None: ready, or signed out by the agent's own wish"""
    until: Millis | None = None


SIGNED_OUT: Final = Stance(signed_in=False)
SIGNED_OUT_BY_SWITCH: Final = Stance(signed_in=False, reason=MAX_NO_ANSWER)
READY: Final = Stance(signed_in=True)


@dataclass(slots=True, kw_only=True)
class WrapUp:
    """After-contact work of the last talk, by the switch's whole-second rule."""

    until: Millis
    queue: QueueName
    contact: ContactId
    leg: int
    told: bool = False


@dataclass(slots=True, kw_only=True)
class AgentBook:
    """What is known of one agent. None: not yet."""

    status: str | None = None
    state: str | None = None
    extension: str = ""
    wrap_up_s: int = 0
    delays_s: dict[Delay, int] = field(default_factory=dict)
    ready_s: int = 0
    last_bridge_end_s: int = 0
    status_since_s: int = 0
    ordered_by_switch: bool = False
    """the status is the switch's answer to too many offers not taken"""
    order_told: bool = False
    """agent-max-no-answer came; the status it orders follows"""
    wrap_up: WrapUp | None = None
    told: Stance | None = None
    touched: Millis = _NEVER
    """when an event last spoke of this agent, by the collector's clock"""

    def settings(self, listed: ListedAgent, extension: str) -> None:
        self.extension = extension
        self.wrap_up_s = listed.wrap_up_s
        self.delays_s = {
            Delay.BUSY: listed.busy_delay_s,
            Delay.REJECT: listed.reject_delay_s,
            Delay.NO_ANSWER: listed.no_answer_delay_s,
            Delay.UNREGISTERED: UNREGISTERED_DELAY_S,
        }

    def is_listed(self, listed: ListedAgent) -> None:
        """The list is newer than every event of this agent."""
        if listed.status != self.status:
            self.ordered_by_switch = False
        self.status, self.state = listed.status, listed.state
        self.ready_s = listed.ready_time
        self.last_bridge_end_s = listed.last_bridge_end
        self.status_since_s = listed.last_status_change

    def delayed(self, delay: Delay, now_s: int) -> None:
        """mod_callcenter: ready_time = now + delay; 0 s is no delay."""
        if seconds := self.delays_s.get(delay, 0):
            self.ready_s = now_s + seconds

    def stance(self, now: Millis) -> Stance:
        if self.status == LOGGED_OUT or self.status is None:
            return SIGNED_OUT_BY_SWITCH if self.ordered_by_switch else SIGNED_OUT
        if self.status not in AVAILABLE:
            return Stance(signed_in=True, reason=MAX_NO_ANSWER if self.ordered_by_switch else self.status)
        if self.state == IDLE:
            return Stance(signed_in=True, reason=NotReadyReason.IDLE)
        if self.ready_s * 1000 > now:
            return Stance(signed_in=True, reason=NotReadyReason.DELAY, until=Millis(self.ready_s * 1000))
        return READY

    def told_by(self, now: Millis) -> Stance | None:
        """What the floor believes now: a delay it was told of has ended by itself."""
        told = self.told
        return READY if told is not None and told.until is not None and told.until <= now else told

    def wrap_up_until(self, ended_s: int) -> Millis | None:
        """An agent is offered again when last_bridge_end < now - wrap_up_time, all in whole seconds."""
        return Millis((ended_s + self.wrap_up_s + 1) * 1000) if self.wrap_up_s and ended_s else None

    def listed_wrap_up(self, now: Millis) -> Millis | None:
        until = self.wrap_up_until(self.last_bridge_end_s)
        wraps = self.state == WAITING and self.status in AVAILABLE and until is not None and until > now
        return until if wraps else None


Books = dict[AgentId, AgentBook]
