"""When people are left in peace, and how much they are told in an hour. In: quiet times, times of messages, now.

What is held back is told at the end in one message (route.py). Quiet times are local times of a day; the hour of the
cap is counted in the book's own time, which no clock can step. May not know: alerts, channels.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from streams.vocabulary.ids import Millis

HOUR_MS: Final = 3_600_000
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class DigestReason(StrEnum):
    """Why several things are told at once and late."""

    QUIET_HOURS = "quiet_hours"
    CAPPED = "capped"
    """the rule had already been told of max_per_hour times within the hour"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """[start, until) of a local day; over midnight where `until` is not after `start`. `days`: on which it begins."""

    name: str
    start: time
    until: time
    days: tuple[str, ...]
    zone: ZoneInfo

    def holds(self, now: Millis) -> bool:
        local = datetime.fromtimestamp(now / 1000, self.zone)
        clock = local.time()
        if self.start < self.until:
            return self._begins(local) and self.start <= clock < self.until
        if clock >= self.start:
            return self._begins(local)
        return clock < self.until and self._begins(local - timedelta(days=1))

    def _begins(self, local: datetime) -> bool:
        return DAYS[local.weekday()] in self.days


def within_hour(sent_ms: Iterable[int], ran_ms: int) -> tuple[int, ...]:
    """Of the book's times at which something was told, those of the last hour."""
    return tuple(at for at in sent_ms if at + HOUR_MS > ran_ms)
