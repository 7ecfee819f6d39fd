"""How often a service may be spoken to. In: its limits, the time. Out: how many more fit now, how long to wait.

Each token comes back a period after it was taken, so no window of that length ever holds more than the limit. A clock
set back waits at most one period. May not know: a clock, channels.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from streams.vocabulary.ids import Millis


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` in any `per_ms`."""

    count: int
    per_ms: int


class Pace:
    """Owns when one channel spoke; shared by all who speak through it. Without limits there is always room."""

    def __init__(self, limits: Sequence[Limit] = ()) -> None:
        self._limits = tuple(limits)
        self._taken: deque[Millis] = deque(maxlen=max((limit.count for limit in limits), default=1))

    def wait_ms(self, now: Millis) -> int:
        """How long until one more fits; 0: now."""
        return max((self._wait(limit, now) for limit in self._limits), default=0)

    def room(self, now: Millis) -> int | None:
        """How many fit at once now; None: any number."""
        return min((limit.count - self._within(limit, now) for limit in self._limits), default=None)

    def take(self, now: Millis) -> None:
        """Every request counts, also one that failed: the service counts it too."""
        if self._limits:
            self._taken.append(now)

    def _wait(self, limit: Limit, now: Millis) -> int:
        if len(self._taken) < limit.count:
            return 0
        oldest = self._taken[-limit.count]
        return min(limit.per_ms, max(0, oldest + limit.per_ms - now))

    def _within(self, limit: Limit, now: Millis) -> int:
        recent = sum(1 for taken in self._taken if taken + limit.per_ms > now)
        return min(limit.count, recent)
