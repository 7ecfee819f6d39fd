"""What the floor says back after an event. In: nothing. Out: `AgentChange`, `Anomaly`, `RecordingFound` (and facts).

May not know: sockets, stores, screens.
"""

from dataclasses import dataclass
from enum import StrEnum

from streams.vocabulary.facts import ContactLeg, StateInterval
from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName
from streams.vocabulary.states import AgentState


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentChange:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Anomaly:
    kind: AnomalyKind
    at: Millis
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingFound:
    """A recording is complete. `path` is the switch's own, unresolved and hostile."""

    contact: ContactId
    contact_at: Millis
    path: str
    queue: QueueName
    agent: AgentId


Output = AgentChange | ContactLeg | StateInterval | Anomaly | RecordingFound
