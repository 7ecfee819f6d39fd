"""What the floor says back after an event. In: nothing. Out: `AgentChange`, `Anomaly`, `RecordingFound`, `MessageSaid`
(and facts).

Structs, because one is made for every change and a frozen dataclass is several times slower. May not know: sockets,
stores, screens.
"""

from enum import StrEnum

from msgspec import Struct

from streams.vocabulary.facts import ContactLeg, StateInterval
from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName
from streams.vocabulary.states import AgentState, Role


class AgentChange(Struct, frozen=True, kw_only=True, gc=False):
    """An agent's label changed (or the agent is new). `next_reason`: not ready after this contact, if reserved."""

    agent: AgentId
    at: Millis
    state: AgentState
    reason: str
    since: Millis
    queue: QueueName
    contact: ContactId


class AnomalyKind(StrEnum):
    """Things the switch said that do not fit; each is counted and shown under /ops."""

    DUPLICATE = "duplicate"
    OUT_OF_ORDER = "out_of_order"
    UNKNOWN_CONTACT_ANSWERED = "unknown_contact_answered"
    UNKNOWN_CONTACT_LEFT = "unknown_contact_left"
    UNKNOWN_CONTACT_ENDED = "unknown_contact_ended"
    UNKNOWN_CONTACT_HELD = "unknown_contact_held"
    UNKNOWN_AGENT = "unknown_agent"
    CONTACT_ANSWERED_TWICE = "contact_answered_twice"
    CONTACT_QUEUED_TWICE = "contact_queued_twice"
    CONTACT_VANISHED = "contact_vanished"
    TALK_VANISHED = "talk_vanished"
    AGENT_VANISHED = "agent_vanished"
    UNKNOWN_CONTACT = "unknown_contact"
    """a message, consultation or conference of a contact nobody knows"""
    LATE = "late"
    """came after the reorder window: became a correction"""
    LATE_DROPPED = "late_dropped"
    """came after the reorder window and newer news of the same agent stands"""
    CORRECTED = "corrected"
    """another witness repaired what was missed"""
    CORRECTION_CONTRADICTS = "correction_contradicts"
    """another witness told another outcome than the wire had; the correction stands"""
    CORRECTION_TOO_OLD = "correction_too_old"
    """of a visit older than what is remembered: counting it might count it twice"""
    CORRECTION_UNCLEAR = "correction_unclear"
    """it says that a contact still waits or talks which is over here"""
    TOO_MANY_QUEUES = "too_many_queues"
    """names a further queue where there are as many as a floor can show; the event is kept, not counted"""
    TOO_MANY_AGENTS = "too_many_agents"
    TOO_MANY_CONTACTS = "too_many_contacts"
    """the oldest contact that never ended was given up for a new one"""
    REPAIRED_STATUS = "repaired_status"
    REPAIRED_NOT_READY = "repaired_not_ready"
    REPAIRED_MEMBERSHIP = "repaired_membership"
    REPAIRED_DEVICE = "repaired_device"
    REPAIRED_WAIT = "repaired_wait"
    REPAIRED_TALK = "repaired_talk"
    REPAIRED_HOLD = "repaired_hold"


class Anomaly(Struct, frozen=True, kw_only=True, gc=False):
    kind: AnomalyKind
    at: Millis
    detail: str


class RecordingFound(Struct, frozen=True, kw_only=True, gc=False):
    """A recording is complete. `path` is the switch's own, unresolved and hostile."""

    contact: ContactId
    contact_at: Millis
    path: str
    queue: QueueName
    agent: AgentId
    moments: tuple[Millis, ...] = ()
    """When it may have begun: each visit's beginning and answer."""
    over_at: Millis = Millis(0)


class MessageSaid(Struct, frozen=True, kw_only=True, gc=False):
    """One message of a text chat; streams.floor.messages makes an utterance of it. `contact_at` 0: not known."""

    contact: ContactId
    contact_at: Millis
    at: Millis
    number: int
    role: Role
    text: str
    queue: QueueName
    agent: AgentId


Output = AgentChange | ContactLeg | StateInterval | Anomaly | RecordingFound | MessageSaid
