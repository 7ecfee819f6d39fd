"""What happens to agents. In: nothing. Out: event types (events.py joins them).

May not know: any switch, any store, any screen.
"""

from streams.vocabulary.event_base import EventBase
from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName
from streams.vocabulary.states import AgentState, Device

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
