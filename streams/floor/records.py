"""What the floor remembers of agents, contacts and queues. In: nothing. Out: mutable records owned by one `Floor`.

They are msgspec Structs so that a snapshot is their encoding, and none refers back to another, so that the collector of
reference cycles need not look at them. May not know: events, how a record changes.
"""

from msgspec import Struct, field

from streams.floor.numbers import Counters
from streams.vocabulary.facts import ContactLeg
from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName, SourceId
from streams.vocabulary.states import AgentState, Channel, Device, Direction, EndedBy

VisitKey = tuple[ContactId, int]
"""(contact, leg)"""


class Membership(Struct, kw_only=True, gc=False):
    """An agent serving one queue."""

    queue: QueueName
    joined_at: Millis
    penalty: int = 0
    device: Device = Device.UNKNOWN
    not_ready: bool = False
    reason: str = ""
    not_ready_since: Millis = Millis(0)


class Pause(Struct, kw_only=True, gc=False):
    """Not ready as a whole agent, whatever the queues say. `until`: the switch itself ends it then."""

    reason: str
    since: Millis
    until: Millis | None = None


class Reserved(Struct, kw_only=True, gc=False):
    """What the agent will be after this contact (预约小休): not_ready or signed_out."""

    state: AgentState
    reason: str = ""


class Totals(Struct, kw_only=True, gc=False):
    """One agent's day. Durations in ms, closed stretches only. `answered` is inbound, `reached` outbound."""

    answered: int = 0
    talk_ms: int = 0
    hold_ms: int = 0
    wrap_up_ms: int = 0
    not_ready_ms: int = 0
    ready_ms: int = 0
    offered: int = 0
    declined: int = 0
    dialled: int = 0
    reached: int = 0


class WrapUp(Struct, kw_only=True, gc=False):
    began: Millis
    until: Millis | None
    queue: QueueName
    visit: VisitKey


class AgentRecord(Struct, kw_only=True, gc=False):
    """One agent. `state`, `reason`, `since`, `queue`, `contact` are the derived label as last shown."""

    id: AgentId
    source: SourceId
    name: str = ""
    extension: str = ""
    memberships: dict[QueueName, Membership] = field(default_factory=dict)
    offers: list[VisitKey] = field(default_factory=list)
    talks: list[VisitKey] = field(default_factory=list)
    wrap_up: WrapUp | None = None
    lost_since: Millis | None = None
    state: AgentState = AgentState.SIGNED_OUT
    reason: str = ""
    since: Millis = Millis(0)
    queue: QueueName = QueueName("")
    contact: ContactId = ContactId("")
    intervals: int = 0
    today: Totals = field(default_factory=Totals)
    signed_in: bool | None = None
    """What a switch says that knows a status of the whole agent; None: serving a queue is what signs in (Asterisk)."""
    told_at: Millis = Millis(0)
    """when the switch last said something of the whole agent's status"""
    pause: Pause | None = None
    reserved: Reserved | None = None
    device: Device = Device.UNKNOWN
    """The telephone as the whole agent's; counts where no queue has its own view of it."""
    skills: dict[str, int] = field(default_factory=dict)
    doubt: str = ""
    """in what the last full picture differed from what events had said (a `Doubt`), until one confirms"""
    shown_next: tuple[AgentState, str] | None = None
    """`next_state` as last told"""

    @property
    def is_signed_in(self) -> bool:
        """The status axis alone: an agent may be signed out and still talking."""
        return bool(self.memberships) if self.signed_in is None else self.signed_in

    @property
    def next_state(self) -> tuple[AgentState, str] | None:
        """What follows this contact, told by the switch or already the status: (not_ready or signed_out, reason)."""
        if self.state not in BUSY:
            return None
        if self.reserved is not None:
            return self.reserved.state, self.reserved.reason
        if not self.is_signed_in:
            return AgentState.SIGNED_OUT, ""
        reason = all_not_ready_reason(self)
        return None if reason is None else (AgentState.NOT_READY, reason)

    @property
    def next_reason(self) -> str | None:
        """The reason of a reserved pause; None if none is reserved."""
        following = self.next_state
        return following[1] if following is not None and following[0] is AgentState.NOT_READY else None


BUSY = (AgentState.ON_CONTACT, AgentState.ON_HOLD, AgentState.OFFERED, AgentState.WRAP_UP)


def all_not_ready_since(agent: AgentRecord) -> Millis | None:
    """Since when the agent has been not ready as a whole or in every queue served, None if not so."""
    if agent.pause is not None:
        return agent.pause.since
    if all_not_ready_reason(agent) is None:
        return None
    return max(membership.not_ready_since for membership in agent.memberships.values())


def all_not_ready_reason(agent: AgentRecord) -> str | None:
    """The reason of the whole agent's pause, else of the latest one if every queue served has one, else None."""
    if agent.pause is not None:
        return agent.pause.reason
    latest: Membership | None = None
    for membership in agent.memberships.values():
        if not membership.not_ready:
            return None
        if latest is None or membership.not_ready_since > latest.not_ready_since:
            latest = membership
    return None if latest is None else latest.reason


class Visit(Struct, kw_only=True, gc=False):
    """One contact's stay in one queue, and the talk that followed."""

    contact: ContactId
    leg: int
    queue: QueueName
    source: SourceId
    queued_at: Millis
    channel: Channel = Channel.VOICE
    direction: Direction = Direction.INBOUND
    tier: str = ""
    customer: str = ""
    customer_name: str = ""
    offered_to: list[AgentId] = field(default_factory=list)
    accepted_at: Millis = Millis(0)
    agent: AgentId | None = None
    answered_at: Millis = Millis(0)
    held_since: Millis | None = None
    wait_ms: int = 0
    ring_ms: int = 0
    hold_ms: int = 0
    ended_by: EndedBy = EndedBy.UNKNOWN
    transfer: str = ""
    recording: str = ""
    missing: bool = False
    """Not in the last full picture; a second miss closes it."""
    dialled_at: Millis = Millis(0)
    parties: list[str] = field(default_factory=list)
    """who else talks with customer and agent"""
    consulting: str | None = None
    """whom the agent asks while the customer waits"""
    tags: list[str] = field(default_factory=list)
    witnesses: dict[str, str] = field(default_factory=dict)
    """what of it was not told by the wire -> who told it"""

    @property
    def key(self) -> VisitKey:
        return (self.contact, self.leg)


class Closed(Struct, kw_only=True, gc=False):
    """A leg already told to the warehouse that may still be amended (wrap-up, who hung up)."""

    leg: ContactLeg
    closed_at: Millis


class QueueRecord(Struct, kw_only=True, gc=False):
    """One queue. `minutes` maps epoch minutes to counters, the last hour only."""

    name: QueueName
    target_ms: int
    waiting: dict[str, Millis] = field(default_factory=dict)
    """visit id -> queued_at, in order of arrival"""
    talking: int = 0
    outbound: int = 0
    """outbound contacts being dialled or talked to"""
    today: Counters = field(default_factory=Counters)
    minutes: dict[int, Counters] = field(default_factory=dict)
    tiers: dict[str, Counters] = field(default_factory=dict)
    """customer tier -> its part of `today`"""
    sources: list[SourceId] = field(default_factory=list)


class Gap(Struct, kw_only=True, gc=False):
    """The floor was blind from `began` to `ended` (None: still is)."""

    source: SourceId
    began: Millis
    ended: Millis | None
    reason: str


class Picture(Struct, kw_only=True, gc=False):
    """What a running resync has named so far."""

    began: Millis
    after_gap: bool
    first: bool = False
    """the first ever of its source: what it names is found, not repaired"""
    doubts: dict[AgentId, str] = field(default_factory=dict)
    in_contact: list[AgentId] = field(default_factory=list)
    agents: list[tuple[AgentId, QueueName]] = field(default_factory=list)
    contacts: list[VisitKey] = field(default_factory=list)
    talks: list[VisitKey] = field(default_factory=list)
