"""What can happen on a floor, whatever the switch. In: nothing. Out: one tagged union, `Event`.

Every event says when (`at`), where (`site`), who told it (`source`) and its place in that telling (`seq`); the three
last make its `id`, so a redelivery is recognised. Strings from customers (names, numbers) are data, never markup.
May not know: any switch, any store, any screen.
"""

from msgspec import Struct

from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName, SiteId, SourceId
from streams.vocabulary.states import (
    AgentState,
    Channel,
    DeclineReason,
    Device,
    Direction,
    EndedBy,
    GapReason,
    Order,
    Outcome,
    OverflowReason,
    Role,
    TransferKind,
    TurnedAwayReason,
    Witness,
)


class EventBase(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", gc=False, omit_defaults=True
):
    at: Millis
    site: SiteId
    source: SourceId
    seq: int
    witness: Witness = Witness.WIRE

    @property
    def id(self) -> str:
        return f"{self.site}/{self.source}/{self.seq}"


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


# --- the agent's side ----------------------------------------------------------------------------------------------


class AgentSignedIn(EventBase, frozen=True, kw_only=True, tag="agent_signed_in"):
    """For switches that know a status of the whole agent (FreeSWITCH, Amazon Connect), whatever the queues served."""

    agent: AgentId
    name: str = ""
    extension: str = ""
    not_ready: bool = False
    reason: str = ""
    since: Millis | None = None


class AgentSignedOut(EventBase, frozen=True, kw_only=True, tag="agent_signed_out"):
    agent: AgentId
    reason: str = ""


class AgentReserved(EventBase, frozen=True, kw_only=True, tag="agent_reserved"):
    """What the agent will be after this contact: not_ready (with reason) or signed_out; ready takes it back."""

    agent: AgentId
    state: AgentState
    reason: str = ""


class AgentSkills(EventBase, frozen=True, kw_only=True, tag="agent_skills"):
    """All skills of the agent with their levels; replaces what was known."""

    agent: AgentId
    skills: dict[str, int]


class AgentJoinedQueue(EventBase, frozen=True, kw_only=True, tag="agent_joined_queue"):
    """Serving a queue begins; the first one signs the agent in."""

    agent: AgentId
    queue: QueueName
    name: str = ""
    extension: str = ""
    penalty: int = 0
    device: Device = Device.UNKNOWN
    not_ready: bool = False
    reason: str = ""
    since: Millis | None = None


class AgentLeftQueue(EventBase, frozen=True, kw_only=True, tag="agent_left_queue"):
    agent: AgentId
    queue: QueueName


class AgentNotReady(EventBase, frozen=True, kw_only=True, tag="agent_not_ready"):
    """`queue` "": for every queue. `until`: a pause that the switch itself ends at that time."""

    agent: AgentId
    queue: QueueName = QueueName("")
    reason: str = ""
    until: Millis | None = None


class AgentReady(EventBase, frozen=True, kw_only=True, tag="agent_ready"):
    """`queue` "": for every queue. `reason`: why the agent came back, if the switch was told."""

    agent: AgentId
    queue: QueueName = QueueName("")
    reason: str = ""


class AgentDevice(EventBase, frozen=True, kw_only=True, tag="agent_device"):
    """The telephone's state as this queue sees it; `queue` "": for every queue."""

    agent: AgentId
    queue: QueueName
    device: Device


class WrapUpStarted(EventBase, frozen=True, kw_only=True, tag="wrap_up_started"):
    """After-contact work; `until` None: the switch will say when it ends."""

    agent: AgentId
    queue: QueueName
    contact: ContactId
    leg: int
    until: Millis | None = None


class WrapUpEnded(EventBase, frozen=True, kw_only=True, tag="wrap_up_ended"):
    agent: AgentId


# --- the queue's side ----------------------------------------------------------------------------------------------


class QueueConfigured(EventBase, frozen=True, kw_only=True, tag="queue_configured"):
    queue: QueueName
    target_ms: int


class SwitchTallied(EventBase, frozen=True, kw_only=True, tag="switch_tallied"):
    """The switch's own counters moved by this much (they follow its own rules; see docs/metrics.md)."""

    queue: QueueName
    completed: int = 0
    completed_in_target: int = 0
    abandoned: int = 0
    abandoned_in_target: int = 0


class SwitchTallyReset(EventBase, frozen=True, kw_only=True, tag="switch_tally_reset"):
    """The switch's own counters began anew (reset, restart)."""

    queue: QueueName


# --- the source itself ---------------------------------------------------------------------------------------------


class SourceConnected(EventBase, frozen=True, kw_only=True, tag="source_connected"):
    """`order`: how the source's events arrive from here on; said once is enough."""

    order: Order = Order.ARRIVAL


class SourceHeard(EventBase, frozen=True, kw_only=True, tag="source_heard"):
    """A sign of life without news (ping answered, heartbeat): what is known is still so."""


class SourceLost(EventBase, frozen=True, kw_only=True, tag="source_lost"):
    """From here its agents are unknown until a resync ends."""

    reason: GapReason


class ResyncBegan(EventBase, frozen=True, kw_only=True, tag="resync_began"):
    """A full picture follows as *Seen events; what it does not name is gone."""


class AgentSeen(EventBase, frozen=True, kw_only=True, tag="agent_seen"):
    """One agent in one queue; `queue` "": the status of the whole agent, where a switch has one."""

    agent: AgentId
    queue: QueueName
    name: str = ""
    extension: str = ""
    penalty: int = 0
    device: Device = Device.UNKNOWN
    not_ready: bool = False
    reason: str = ""
    not_ready_since: Millis | None = None
    in_contact: bool = False
    last_contact_at: Millis | None = None
    signed_in: bool = True
    not_ready_until: Millis | None = None
    wrap_up_until: Millis | None = None


class ContactSeen(EventBase, frozen=True, kw_only=True, tag="contact_seen"):
    """A contact found waiting. `known` events keep their leg; a new one gets the next."""

    contact: ContactId
    leg: int
    queue: QueueName
    wait_ms: int
    channel: Channel = Channel.VOICE
    customer: str = ""
    customer_name: str = ""
    position: int = 0


class TalkSeen(EventBase, frozen=True, kw_only=True, tag="talk_seen"):
    """A contact found still with its agent. `queued_at`, `answered_at`, `held`: None if the picture does not say."""

    contact: ContactId
    leg: int
    queue: QueueName
    agent: AgentId
    queued_at: Millis | None = None
    answered_at: Millis | None = None
    held: bool | None = None
    channel: Channel = Channel.VOICE
    customer: str = ""
    customer_name: str = ""


class ResyncEnded(EventBase, frozen=True, kw_only=True, tag="resync_ended"):
    pass


Event = (
    ContactQueued
    | ContactDialled
    | ContactTurnedAway
    | ContactOffered
    | ContactAccepted
    | ContactDeclined
    | ContactAnswered
    | ContactHeld
    | ContactResumed
    | ContactTransferred
    | ContactAbandoned
    | ContactOverflowed
    | ContactEnded
    | ContactLost
    | ConsultationStarted
    | ConsultationEnded
    | ConferenceJoined
    | ConferenceLeft
    | ContactMessage
    | ContactCorrected
    | RecordingStarted
    | RecordingReady
    | AgentSignedIn
    | AgentSignedOut
    | AgentReserved
    | AgentSkills
    | AgentJoinedQueue
    | AgentLeftQueue
    | AgentNotReady
    | AgentReady
    | AgentDevice
    | WrapUpStarted
    | WrapUpEnded
    | QueueConfigured
    | SwitchTallied
    | SwitchTallyReset
    | SourceConnected
    | SourceHeard
    | SourceLost
    | ResyncBegan
    | AgentSeen
    | ContactSeen
    | TalkSeen
    | ResyncEnded
)
