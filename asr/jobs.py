"""What the recogniser is asked to do. In: nothing. Out: `RecordingJob`, an announcement on the stream `jobs:asr`.

May not know: who asks, vosk, any store.
"""

from msgspec import Struct

from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName, SiteId


class RecordingJob(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One recording of one contact. `path` is absolute and already resolved below the recordings folder, or a URL that
    is still to be fetched."""

    site: SiteId
    contact: ContactId
    """"": not known yet; the ledger names the recording by its content until somebody matches it."""
    contact_at: Millis
    path: str
    other_path: str = ""
    """Of a pair of mono files (asr/pairs.py): `path` holds channel 0, this one channel 1."""
    queue: QueueName = QueueName("")
    agent: AgentId = AgentId("")
    agent_channel: int | None = 0
    """Which channel of a two-channel file is the agent's; None: not known (roles become `unknown`)."""
    expected: bool = False
    """Only announced: the switch says that this contact is being recorded, the file is not there yet."""
    urgent: bool = False
    """Complaints, VIP: before everything else of its site."""
    matched: str = "told"
    """How the contact was found: told (by the switch), id, name (of the file), time (a last resort), hand."""
    candidates: tuple[tuple[str, int], ...] = ()
    """Contacts that came near and how far they were from the recording's beginning, in ms."""
    refused: str = ""
    """Why it will never be looked at: its path leads out of the recordings folder (`path` is "" then), or its
    name is no text (`path` says it with escapes)."""
    sha256: str = ""
    moments: tuple[Millis, ...] = ()
    """When it may have begun, by the switch: each visit's beginning and answer."""
    over_at: Millis = Millis(0)
    """When it ended, by the switch; 0: not known."""
    extension: str = ""
    """Of the agent, where a file's name tells it and nothing better."""
