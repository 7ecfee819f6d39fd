"""What queues and sources say of themselves, and full pictures. In: nothing. Out: event types (events.py joins them).

May not know: any switch, any store, any screen.
"""

from streams.vocabulary.event_base import EventBase
from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName
from streams.vocabulary.states import Channel, Device, GapReason, Order

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
