"""What a hub counts of itself. In: nothing. Out: names for /metrics and /ops.

May not know: what is counted how.
"""

from enum import StrEnum


class HubCount(StrEnum):
    """Names of the hub's counters in /metrics."""

    DELTAS = "deltas"
    ROWS = "rows"
    SNAPSHOTS = "snapshots"
    FRAMES_SENT = "frames_sent"
    BYTES_SENT = "bytes_sent"
    SLOW = "slow"
    TIMED_OUT = "timed_out"
    GONE = "gone"
    HEALED = "healed"
    DOUBTED = "doubted"
    """rows whose certainty the patrol found changed"""
    REPLANNED = "replanned"
    REFUSED_ORIGIN = "refused_origin"
    REFUSED_FULL = "refused_full"
    BAD_MESSAGE = "bad_message"
    TALKED_TOO_MUCH = "talked_too_much"
    """cut off: a browser that says more than any page of ours"""
