"""The same hours of earlier days. In: the way to stored history. Out: slots of five minutes by queue.

Asked by its own task, so no forecast waits for it; history that does not answer costs the trend, nothing else.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from dashboards.forecast.trend import DAYS_MS, MEMORY_MS, SLOT_MS, Slots
from monitor.api.history import History, HistoryUnavailable, asked
from streams.vocabulary.ids import Millis, QueueName, SiteId
from streams.warehouse.ranges import QueueSlot

AHEAD_MS: Final = 2 * 60 * 60_000
"""The running hour and one more, until it is asked again"""


class Recall(StrEnum):
    """What became of the question; counted."""

    ANSWERED = "answered"
    UNAVAILABLE = "unavailable"


class EarlierDays:
    """Mutable: counts only."""

    def __init__(self, history: History, site: SiteId) -> None:
        self._history, self._site = history, site
        self.counts: Counter[Recall] = Counter()

    async def around(self, now: Millis) -> Mapping[QueueName, Slots] | None:
        """None: history does not answer at the moment."""
        found: defaultdict[QueueName, list[tuple[Millis, int]]] = defaultdict(list)
        try:
            for back in DAYS_MS:
                since = (now - back - MEMORY_MS) // SLOT_MS * SLOT_MS
                until = since + MEMORY_MS + SLOT_MS + AHEAD_MS
                question = {"since": since, "until": until, "site": self._site, "slot_minutes": SLOT_MS // 60_000}
                for slot in await asked(self._history, QueueSlot, "queue_line", **question):
                    found[slot.queue].append((slot.at, slot.counters.offered))
        except HistoryUnavailable:
            self.counts[Recall.UNAVAILABLE] += 1
            return None
        self.counts[Recall.ANSWERED] += 1
        return found
