"""What happens to contacts: the customer's side. In: nothing. Out: event types (events.py joins them).

Strings from customers (names, numbers, messages) are data, never markup. May not know: any switch, store, screen.
"""

from msgspec import field

from streams.vocabulary.event_base import EventBase
from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName
from streams.vocabulary.states import (
    Channel,
    DeclineReason,
    Direction,
    EndedBy,
    Outcome,
    OverflowReason,
    Role,
    TransferKind,
    TurnedAwayReason,
)

# --- the customer's side -------------------------------------------------------------------------------------------


class ContactQueued(EventBase, frozen=True, kw_only=True, tag="contact_queued"):
    """A contact entered a queue. `leg` counts the contact's queue visits from 1."""

    contact: ContactId
    leg: int
    queue: QueueName
    channel: Channel = Channel.VOICE
    direction: Direction = Direction.INBOUND
    customer: str = ""
    customer_name: str = ""
    tier: str = ""
    position: int = 0


class ContactDialled(EventBase, frozen=True, kw_only=True, tag="contact_dialled"):
    """The agent (or a dialler for the agent) places an outbound contact; `queue`: the campaign or queue it counts for.

    contact_answered then means that the customer was reached, contact_abandoned that the attempt ended before.
    """

    contact: ContactId
    leg: int
    agent: AgentId
    queue: QueueName = QueueName("")
    channel: Channel = Channel.VOICE
    customer: str = ""
    customer_name: str = ""
    tier: str = ""


class ContactTurnedAway(EventBase, frozen=True, kw_only=True, tag="contact_turned_away"):
    """A contact never waited: the queue was full or had nobody to serve."""

    contact: ContactId
    queue: QueueName
    reason: TurnedAwayReason


class ContactOffered(EventBase, frozen=True, kw_only=True, tag="contact_offered"):
    contact: ContactId
    leg: int
    queue: QueueName
    agent: AgentId


class ContactAccepted(EventBase, frozen=True, kw_only=True, tag="contact_accepted"):
    """The agent picked up; an announcement to the agent may still play while the customer waits.

    Asterisk decides its service level at this moment (app_queue.c, wait_for_answer).
    """

    contact: ContactId
    leg: int
    queue: QueueName
    agent: AgentId


class ContactDeclined(EventBase, frozen=True, kw_only=True, tag="contact_declined"):
    contact: ContactId
    leg: int
    queue: QueueName
    agent: AgentId
    reason: DeclineReason
    ring_ms: int = 0


class ContactAnswered(EventBase, frozen=True, kw_only=True, tag="contact_answered"):
    """Customer and agent hear each other. `wait_ms`, `ring_ms` as told by the switch, None if it said nothing."""

    contact: ContactId
    leg: int
    queue: QueueName
    agent: AgentId
    wait_ms: int | None = None
    ring_ms: int | None = None


class ContactHeld(EventBase, frozen=True, kw_only=True, tag="contact_held"):
    contact: ContactId
    leg: int
    queue: QueueName
    agent: AgentId


class ContactResumed(EventBase, frozen=True, kw_only=True, tag="contact_resumed"):
    contact: ContactId
    leg: int
    queue: QueueName
    agent: AgentId


class ContactTransferred(EventBase, frozen=True, kw_only=True, tag="contact_transferred"):
    contact: ContactId
    leg: int
    queue: QueueName
    agent: AgentId
    transfer: TransferKind
    target: str = ""


class ContactAbandoned(EventBase, frozen=True, kw_only=True, tag="contact_abandoned"):
    """The customer hung up waiting."""

    contact: ContactId
    leg: int
    queue: QueueName
    wait_ms: int | None = None


class ContactOverflowed(EventBase, frozen=True, kw_only=True, tag="contact_overflowed"):
    """The contact left the queue neither to an agent nor by hanging up."""

    contact: ContactId
    leg: int
    queue: QueueName
    reason: OverflowReason
    wait_ms: int | None = None


class ContactEnded(EventBase, frozen=True, kw_only=True, tag="contact_ended"):
    """The agent's part of a contact is over. `talk_ms` counts from the answer, hold included, as switches do."""

    contact: ContactId
    leg: int
    queue: QueueName
    agent: AgentId
    ended_by: EndedBy = EndedBy.UNKNOWN
    talk_ms: int | None = None


class ContactLost(EventBase, frozen=True, kw_only=True, tag="contact_lost"):
    """The switch no longer knows a contact and nobody saw how it left (restart, gap)."""

    contact: ContactId
    leg: int
    queue: QueueName


class ConsultationStarted(EventBase, frozen=True, kw_only=True, tag="consultation_started"):
    """The agent asks a third party while the customer waits. `target`: agent, queue or number."""

    contact: ContactId
    leg: int
    queue: QueueName
    agent: AgentId
    target: str = ""


class ConsultationEnded(EventBase, frozen=True, kw_only=True, tag="consultation_ended"):
    contact: ContactId
    leg: int
    queue: QueueName
    agent: AgentId


class ConferenceJoined(EventBase, frozen=True, kw_only=True, tag="conference_joined"):
    """A further party talks with customer and agent. `party`: agent id or number."""

    contact: ContactId
    leg: int
    queue: QueueName
    agent: AgentId
    party: str


class ConferenceLeft(EventBase, frozen=True, kw_only=True, tag="conference_left"):
    contact: ContactId
    leg: int
    queue: QueueName
    agent: AgentId
    party: str


class ContactMessage(EventBase, frozen=True, kw_only=True, tag="contact_message"):
    """One message of a text chat, `number` counting from 1 within the contact. `text` is redacted at the door."""

    contact: ContactId
    leg: int
    queue: QueueName
    number: int
    role: Role
    text: str
    agent: AgentId = AgentId("")


class ContactSurveyed(EventBase, frozen=True, kw_only=True, tag="contact_surveyed"):
    """The customer's mark, often minutes after the end. `question`: which, where a survey asks several."""

    contact: ContactId
    value: float
    question: str = ""


class ContactDescribed(EventBase, frozen=True, kw_only=True, tag="contact_described"):
    """What another system knows of a contact: rules ask it as `business.NAME` and `tags` (docs/rules.md).

    A later one for the same contact adds to it; a field told again replaces the one before. Redacted at the door.
    """

    contact: ContactId
    fields: dict[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()


class ContactCorrected(EventBase, frozen=True, kw_only=True, tag="contact_corrected"):
    """One whole visit as another witness tells it afterwards; repairs what was missed, counters included.

    `at` is when it was told. 0 in a Millis field: did not happen. None: that witness does not know.
    """

    contact: ContactId
    leg: int
    queue: QueueName
    outcome: Outcome
    queued_at: Millis
    answered_at: Millis = Millis(0)
    ended_at: Millis = Millis(0)
    agent: AgentId = AgentId("")
    reason: str = ""
    wait_ms: int | None = None
    ring_ms: int | None = None
    talk_ms: int | None = None
    hold_ms: int | None = None
    ended_by: EndedBy = EndedBy.UNKNOWN
    channel: Channel = Channel.VOICE
    direction: Direction = Direction.INBOUND
    customer: str = ""
    tier: str = ""


class RecordingStarted(EventBase, frozen=True, kw_only=True, tag="recording_started"):
    """`path` is the switch's own file name: hostile until resolved below the configured recordings folder."""

    contact: ContactId
    path: str


class RecordingReady(EventBase, frozen=True, kw_only=True, tag="recording_ready"):
    contact: ContactId
    path: str
