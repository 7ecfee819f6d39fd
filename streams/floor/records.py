"""What the floor remembers of agents, contacts and queues. In: nothing. Out: mutable records owned by one `Floor`.

They are msgspec Structs so that a snapshot is their encoding. May not know: events, how a record changes.
"""

from msgspec import Struct, field

from streams.floor.numbers import Counters
from streams.vocabulary.facts import ContactLeg
from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName, SourceId
from streams.vocabulary.states import AgentState, Channel, Device, Direction, EndedBy

VisitKey = tuple[ContactId, int]
"""(contact, leg)"""


class Membership(Struct, kw_only=True):
    """An agent serving one queue."""

    queue: QueueName
    joined_at: Millis
    penalty: int = 0
    device: Device = Device.UNKNOWN
    not_ready: bool = False
    reason: str = ""
    not_ready_since: Millis = Millis(0)


class Totals(Struct, kw_only=True):
    """One agent's day. Durations in ms, closed stretches only."""

    answered: int = 0
    talk_ms: int = 0
    hold_ms: int = 0
    wrap_up_ms: int = 0
    not_ready_ms: int = 0
    ready_ms: int = 0
    offered: int = 0
    declined: int = 0


class WrapUp(Struct, kw_only=True):
    began: Millis
    until: Millis | None
    queue: QueueName
    visit: VisitKey


class AgentRecord(Struct, kw_only=True):
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

    @property
    def next_reason(self) -> str | None:
        """Reserved state (预约小休): not ready everywhere while still busy with a contact; None if not reserved."""
        if self.state in (AgentState.ON_CONTACT, AgentState.ON_HOLD, AgentState.OFFERED, AgentState.WRAP_UP):
            return all_not_ready_reason(self)
        return None


def all_not_ready_since(agent: AgentRecord) -> Millis | None:
    """Since when the agent has been not ready in every queue served, None if not so."""
    memberships = agent.memberships.values()
    if all_not_ready_reason(agent) is None:
        return None
    return max(membership.not_ready_since for membership in memberships)


def all_not_ready_reason(agent: AgentRecord) -> str | None:
    """The reason of the latest pause if the agent is not ready in every queue served, else None."""
    memberships = agent.memberships.values()
    if not memberships or not all(membership.not_ready for membership in memberships):
        return None
    return max(memberships, key=lambda membership: membership.not_ready_since).reason


class Visit(Struct, kw_only=True):
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

    @property
    def key(self) -> VisitKey:
        return (self.contact, self.leg)


class Closed(Struct, kw_only=True):
    """A leg already told to the warehouse that may still be amended (wrap-up, who hung up)."""

    leg: ContactLeg
    closed_at: Millis


class QueueRecord(Struct, kw_only=True):
    """One queue. `minutes` maps epoch minutes to counters, the last hour only."""

    name: QueueName
    target_ms: int
    waiting: dict[str, Millis] = field(default_factory=dict)
    """visit id -> queued_at, in order of arrival"""
    talking: int = 0
    today: Counters = field(default_factory=Counters)
    minutes: dict[int, Counters] = field(default_factory=dict)
    sources: list[SourceId] = field(default_factory=list)


class Gap(Struct, kw_only=True):
    """The floor was blind from `began` to `ended` (None: still is)."""

    source: SourceId
    began: Millis
    ended: Millis | None
    reason: str


class Picture(Struct, kw_only=True):
    """What a running resync has named so far."""

    began: Millis
    after_gap: bool
    agents: list[tuple[AgentId, QueueName]] = field(default_factory=list)
    contacts: list[VisitKey] = field(default_factory=list)
    talks: list[VisitKey] = field(default_factory=list)
