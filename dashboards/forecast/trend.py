"""How an interval differed from the hours before it, on earlier days. In: slots of those days. Out: a factor.

A lunch peak comes each day; the last half hour does not show it yet. May not know: today's numbers, stores.
"""

from collections.abc import Sequence

from dashboards.forecast.basis import ARRIVAL_HALF_LIFE_MIN, SWING_PRIOR
from streams.vocabulary.ids import Millis

SLOT_MS = 5 * 60_000
MEMORY_MS = 3 * 60 * 60_000
DAYS_MS = (24 * 60 * 60_000, 7 * 24 * 60 * 60_000)
"""Yesterday and the same weekday: weekends differ from what comes before them, so the week's voice is as loud."""
PRIOR = 25.0
"""Contacts on either side that say "as before": a single day with few contacts hardly moves the factor."""
LEAST, MOST = 0.5, 2.0
Slots = Sequence[tuple[Millis, int]]
"""(beginning of five minutes, offered), of all the days; a slot without contacts may be missing"""


def trend(slots: Slots, now: Millis, until: Millis) -> float:
    """Arrivals a second of [now, until) over those remembered at `now`; 1.0 where no earlier day says anything."""
    came = expected = PRIOR
    for back in DAYS_MS:
        before, after = _remembered(slots, now - back), _offered(slots, now - back, until - back)
        if before is None:
            continue
        mean = before * (until - now) / 1000
        # a day strays as a whole, so many contacts say no more than a limited number would
        known = 1 / (1 + max(mean, after) * SWING_PRIOR)
        came += known * after
        expected += known * mean
    return min(MOST, max(LEAST, came / expected))


def _remembered(slots: Slots, now: float) -> float | None:
    """A second, weighted as `basis.estimate` weighs; None: nothing came at all in those hours."""
    count = seconds = 0.0
    for age in range(0, MEMORY_MS, SLOT_MS):
        weight = 0.5 ** ((age + SLOT_MS / 2) / 60_000 / ARRIVAL_HALF_LIFE_MIN)
        count += weight * _offered(slots, now - age - SLOT_MS, now - age)
        seconds += weight * SLOT_MS / 1000
    return count / seconds if count else None


def _offered(slots: Slots, since: float, until: float) -> float:
    """Slots that lie in part inside count in part."""
    found = 0.0
    for at, offered in slots:
        inside = min(until, at + SLOT_MS) - max(since, at)
        if inside > 0:
            found += offered * inside / SLOT_MS
    return found
