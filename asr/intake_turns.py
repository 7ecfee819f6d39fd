"""Whose recording is next, in which lane a new one waits. In: sites with weights, a job, now. Out: an order, a lane.

A flood of one site never starves another: each site with work gets its share of turns (smooth weighted round robin).
May not know: the bus, any clock.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from asr.jobs import RecordingJob
from streams.vocabulary.ids import Millis, QueueName, SiteId

DAY_MS: Final = 24 * 3600 * 1000
BACKLOG_EVERY: Final = 16
"""One turn in so many looks at the backlog first, so that it moves even while today never ends."""


class Lane(StrEnum):
    """In this order; each site has its own three."""

    URGENT = "urgent"
    TODAY = "today"
    BACKLOG = "backlog"


LANES: Final = tuple(Lane)


def lane_of(job: RecordingJob, *, now: Millis, urgent_queues: frozenset[QueueName] = frozenset()) -> Lane:
    if job.urgent or job.queue in urgent_queues:
        return Lane.URGENT
    return Lane.TODAY if job.contact_at > now - DAY_MS else Lane.BACKLOG


class Turns:
    """Mutable; owned by one worker."""

    def __init__(self, weights: Mapping[SiteId, int] | None = None) -> None:
        """A site without a weight has 1."""
        self._weights = dict(weights or {})
        self._credit: dict[SiteId, int] = {}
        self._asked: set[SiteId] = set()
        self._turn = 0

    def order(self, sites: Iterable[SiteId]) -> list[SiteId]:
        """Who is asked first for this turn. Say afterwards who had work (`served`) and who had none (`idle`)."""
        known = sorted(sites)
        self._credit = {site: self._credit.get(site, 0) + self._weight(site) for site in known}
        self._asked = set(known)
        return sorted(known, key=lambda site: (-self._credit[site], site))

    def lanes(self) -> tuple[Lane, ...]:
        self._turn += 1
        return LANES if self._turn % BACKLOG_EVERY else (Lane.URGENT, Lane.BACKLOG, Lane.TODAY)

    def served(self, site: SiteId) -> None:
        """Those that may have work share the turn's price; an idle one costs nobody anything."""
        self._credit[site] -= sum(map(self._weight, self._asked))

    def idle(self, site: SiteId) -> None:
        """Without work no credit is saved: a site that comes back does not take over."""
        self._credit[site] = 0
        self._asked.discard(site)

    def _weight(self, site: SiteId) -> int:
        return self._weights.get(site, 1)
