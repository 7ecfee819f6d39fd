"""What happened on the bus, for /metrics. In: increments by publishers and consumers. Out: plain integers.

Mutable; owned by the process that made it, and only ever touched from its event loop.
"""

from dataclasses import dataclass


@dataclass(slots=True, kw_only=True)
class BusCounts:
    published: int = 0
    scripts_reloaded: int = 0
    """The server had forgotten the publish script (restart, SCRIPT FLUSH)."""
    delivered: int = 0
    acknowledged: int = 0
    claimed: int = 0
    """Taken over from a consumer that went silent."""
    dead_lettered: int = 0
    """Moved to the dead letter stream: poison, or refused by the reader with its reason."""
    lost: int = 0
    """Deleted from the stream before this group had acknowledged them. Never normal: an alert belongs here."""
    groups_recreated: int = 0
    trimmed: int = 0
