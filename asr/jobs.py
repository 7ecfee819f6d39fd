"""What the recogniser is asked to do. In: nothing. Out: `RecordingJob`, the entry of the stream `jobs:asr`.

May not know: who asks, vosk, any store.
"""

from msgspec import Struct

from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName, SiteId


class RecordingJob(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One recording of one contact. `path` is absolute and already resolved below the recordings folder."""

    site: SiteId
    contact: ContactId
    contact_at: Millis
    path: str
    queue: QueueName = QueueName("")
    agent: AgentId = AgentId("")
    agent_channel: int | None = 0
    """Which channel of a two-channel file is the agent's; None: not known (roles become `unknown`)."""
