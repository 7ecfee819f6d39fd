"""How long is too long. In: nothing. Out: amber and red limits per seat code and reason, as a table the page receives.

What passes a limit gets a ring and a line in the attention list. May not know: agents, sockets.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from seat_map.palette import SeatCode


@dataclass(frozen=True, slots=True)
class Limit:
    """From `amber_ms` on somebody should look, from `red_ms` on at once."""

    amber_ms: int
    red_ms: int


DEFAULT_LIMITS: Mapping[SeatCode, Limit] = MappingProxyType(
    {
        SeatCode.OFFERED: Limit(15_000, 30_000),
        SeatCode.ON_CONTACT: Limit(600_000, 1_200_000),
        SeatCode.ON_HOLD: Limit(90_000, 180_000),
        SeatCode.WRAP_UP: Limit(90_000, 180_000),
        SeatCode.NOT_READY: Limit(900_000, 1_200_000),
        SeatCode.TROUBLE: Limit(0, 60_000),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """`by_reason` overrides `by_code` for not ready (用餐 may take longer than 小休)."""

    by_code: Mapping[SeatCode, Limit] = field(default_factory=lambda: DEFAULT_LIMITS)
    by_reason: Mapping[str, Limit] = field(default_factory=dict)
    unusual: float = 3.0
    """A wrap-up this many times the queue's mean of the day stands out even below its limit …"""
    unusual_least_ms: int = 45_000
    """… but never before this."""
    idle_ms: int = 10_000
    """An agent must have been ready this long before it is odd that contacts wait in the agent's queue."""

    def table(self) -> dict[str, dict[str, list[int]]]:
        """For the page: code number or reason -> [amber, red]."""
        return {
            "code": {str(int(code)): [limit.amber_ms, limit.red_ms] for code, limit in self.by_code.items()},
            "reason": {reason: [limit.amber_ms, limit.red_ms] for reason, limit in self.by_reason.items()},
        }
