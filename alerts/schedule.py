"""When a rule watches at all. In: a moment, the site's zone. Out: nothing, or why it does not watch now.

Hours are the site's own wall clock, [start, end) in minutes; an end before its start lies on the next day, and those
hours belong to the day on which they began. May not know: rules.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from alerts.holidays import HOLIDAYS, MAKE_UP_DAYS
from streams.vocabulary.ids import Millis

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MINUTES = 1440


class SuppressedReason(StrEnum):
    """Why a rule does not watch, or cannot see, for now."""

    OUT_OF_HOURS = "out_of_hours"
    HOLIDAY = "holiday"
    LITTLE_TRAFFIC = "little_traffic"
    """fewer contacts an hour than the rule is made for: its low-traffic variant watches"""
    ENOUGH_TRAFFIC = "enough_traffic"
    """more contacts an hour than this low-traffic variant is made for: the usual rule watches"""
    SOURCE_LOST = "source_lost"
    NOTHING_TOLD = "nothing_told"
    """what the rule watches is not in what came"""
    STALE = "stale"
    """agents and gauges came too long ago"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """`weekdays` 0 is Monday. `hours` empty: the whole day. `china`: its holidays are off, its make-up days are worked
    (where any of Monday to Friday is); `days_off` and `work_days` are the centre's own and win over both."""

    name: str
    weekdays: frozenset[int]
    hours: tuple[tuple[int, int], ...] = ()
    china: bool = False
    days_off: frozenset[date] = frozenset()
    work_days: frozenset[date] = frozenset()

    def watching(self, at: Millis, zone: ZoneInfo) -> SuppressedReason | None:
        """None: it watches."""
        local = datetime.fromtimestamp(at / 1000, zone)
        minute = 60 * local.hour + local.minute
        today = local.date()
        offs = [self._off(day) for day in self._days_in_force(today, minute)]
        if None in offs:
            return None
        return SuppressedReason.HOLIDAY if SuppressedReason.HOLIDAY in offs else SuppressedReason.OUT_OF_HOURS

    def _days_in_force(self, today: date, minute: int) -> Iterator[date]:
        """The days whose hours this minute lies in: today, or yesterday where its hours go over midnight."""
        for start, end in self.hours or ((0, DAY_MINUTES),):
            if start < end:
                if start <= minute < end:
                    yield today
            elif minute >= start:
                yield today
            elif minute < end:
                yield today - timedelta(days=1)

    def _off(self, day: date) -> SuppressedReason | None:
        if day in self.work_days:
            return None
        if day in self.days_off:
            return SuppressedReason.HOLIDAY
        if self.china and day in HOLIDAYS:
            return SuppressedReason.HOLIDAY
        if self.china and day in MAKE_UP_DAYS:
            return None if self.weekdays & frozenset(range(5)) else SuppressedReason.OUT_OF_HOURS
        return None if day.weekday() in self.weekdays else SuppressedReason.OUT_OF_HOURS
