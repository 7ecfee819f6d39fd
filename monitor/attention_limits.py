"""All limits of the attention list together. In: nothing. Out: frozen values with defaults that fit most centres.

May not know: who reads them from where.
"""

from dataclasses import dataclass, field

from dashboards.attention import QueueLimits
from seat_map.limits import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class AttentionLimits:
    """`missed`: so many offers not taken in a row are amber, red, within `missed_within_ms`."""

    seats: Limits = field(default_factory=Limits)
    queues: QueueLimits = field(default_factory=QueueLimits)
    missed: tuple[int, int] = (2, 3)
    missed_within_ms: int = 15 * 60_000
