"""When a local day began. In: an offset, or a table of local midnights. Out: `DayBegan`, a function of the moment.

A table knows daylight saving: its days last 23 or 25 hours where the clock is changed. May not know: time zones' names.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence

from streams.vocabulary.ids import Millis

DAY_MS = 86_400_000
QUARTER_MS = 900_000
"""Every local midnight of the world falls on a quarter of an hour in UTC."""

DayBegan = Callable[[Millis], Millis]


def from_offset(utc_offset_ms: int) -> DayBegan:
    """For zones without daylight saving (all of China)."""

    def began(now: Millis) -> Millis:
        return Millis((now + utc_offset_ms) // DAY_MS * DAY_MS - utc_offset_ms)

    return began


def from_midnights(midnights: Sequence[Millis]) -> DayBegan:
    """`midnights`: local midnights in order; beyond either end days are 24 hours. Raises ValueError if empty."""
    if not midnights:
        raise ValueError("a table of local midnights needs at least one: give those of this year and the next")
    table = sorted(midnights)

    def began(now: Millis) -> Millis:
        place = bisect_right(table, now)
        if 0 < place < len(table):
            return table[place - 1]
        nearest = table[max(0, place - 1)]
        return Millis(nearest + (now - nearest) // DAY_MS * DAY_MS)

    return began
