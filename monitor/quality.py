"""Scores of the last hour by queue and agent, for rules. In: score facts as they come, the store once. Out: sums.

A score counts from when it was made, if its contact began within a day: a folder of old recordings that is worked off
says nothing of now, and a re-scoring neither. May not know: sockets, SQL, what a rule makes of it.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from heapq import heappop, heappush
from typing import Any, Final

import structlog

from alerts.moment import QualityNow
from monitor.api.history import History, HistoryUnavailable, asked
from streams.bus import names
from streams.bus.consume import Follower
from streams.bus.patience import patiently
from streams.vocabulary.codec import UNREADABLE, decode_fact
from streams.vocabulary.facts import ScoreFact
from streams.vocabulary.ids import AgentId, Millis, QueueName, SiteId
from streams.warehouse.lately import ScoredRow

log = structlog.get_logger(__name__)

WITHIN_MS: Final = 60 * 60_000
CONTACT_MS: Final = 24 * 60 * 60_000
MOST: Final = 100_000
"""Beyond it the oldest are let go and counted: three times a busy centre's hour."""
AGAIN_S: Final = 5.0
"""Until history has answered once."""
MARK: Final = b"\xa5table\xa6scores"
"""How a score's blob begins, behind the map's length: of all facts few are scores, the others are not decoded."""


@dataclass(slots=True)
class _Sum:
    scored: int = 0
    percent: float = 0.0
    failed: int = 0
    fatal: int = 0

    def add(self, row: ScoredRow, sign: int) -> None:
        self.scored += sign
        self.percent += sign * percent_of(row)
        self.failed += sign * (not row.passed)
        self.fatal += sign * bool(row.fatal)


def percent_of(row: ScoredRow) -> float:
    """Of what could be earned; who could earn nothing lost nothing."""
    return 100 * row.points / row.points_max if row.points_max else 100.0


@dataclass(slots=True)
class QualityWindow:
    """One site's last hour. Mutable; one owner. The same score told twice counts once."""

    counts: Counter[str] = field(default_factory=Counter)
    _rows: dict[tuple[str, str], ScoredRow] = field(default_factory=dict)
    """by contact and scheme"""
    _ages: list[tuple[Millis, tuple[str, str]]] = field(default_factory=list)
    _sums: dict[tuple[QueueName, AgentId], _Sum] = field(default_factory=dict)
    _told: list[QualityNow] | None = None

    def take(self, row: ScoredRow, now: Millis) -> None:
        if row.scored_at <= now - WITHIN_MS or row.contact_at <= now - CONTACT_MS:
            return
        key = (row.contact, row.scheme)
        before = self._rows.get(key)
        if before is not None:
            if (before.scheme_version, before.scored_at) >= (row.scheme_version, row.scored_at):
                return
            self._count(before, -1)
        self._rows[key] = row
        heappush(self._ages, (row.scored_at, key))
        self._count(row, +1)
        if len(self._rows) > MOST:
            self.counts["scores_let_go"] += 1
            self._drop_oldest()

    def rows(self, now: Millis) -> Sequence[QualityNow]:
        """Each queue, and each agent of it; the same list while nothing changed."""
        while self._ages and self._ages[0][0] <= now - WITHIN_MS:
            self._drop_oldest()
        if self._told is None:
            self._told = [_now(queue, agent, one) for (queue, agent), one in sorted(self._sums.items())]
        return self._told

    def _drop_oldest(self) -> None:
        at, key = heappop(self._ages)
        row = self._rows.get(key)
        if row is not None and row.scored_at == at:  # else a later score of this contact took its place
            del self._rows[key]
            self._count(row, -1)

    def _count(self, row: ScoredRow, sign: int) -> None:
        self._told = None
        for place in {(row.queue, row.agent), (row.queue, AgentId(""))}:
            total = self._sums.setdefault(place, _Sum())
            total.add(row, sign)
            if not total.scored:
                del self._sums[place]


def _now(queue: QueueName, agent: AgentId, one: _Sum) -> QualityNow:
    points = round(one.percent, 6)
    return QualityNow(
        queue=queue, agent=agent, scored=one.scored, points_sum=points, failed=one.failed, fatal=one.fatal
    )


class QualityWatch:
    """Follows the facts of all sites. Mutable. `known`: history answered for the site, or an hour was listened to."""

    def __init__(
        self,
        redis: Any,
        sites: Sequence[SiteId],
        *,
        history: History,
        clock: Callable[[], Millis],
        again_s: float = AGAIN_S,
    ) -> None:
        self._follower = Follower(redis, stream=names.FACTS)
        self._history = history
        self._clock = clock
        self._again_s = again_s
        self._began = clock()
        self._answered: set[SiteId] = set()
        self._windows = {site: QualityWindow() for site in sites}
        self.counts: Counter[str] = Counter()

    def known(self, site: SiteId) -> bool:
        return site in self._answered or self._clock() - self._began >= WITHIN_MS

    def rows(self, site: SiteId, now: Millis) -> Sequence[QualityNow]:
        return self._windows[site].rows(now)

    def status(self) -> dict[str, int]:
        let_go = sum(one.counts["scores_let_go"] for one in self._windows.values())
        return {**self.counts, "scores_let_go": let_go, "sites_known": sum(map(self.known, self._windows))}

    async def run(self) -> None:
        """For ever. The stream from its beginning: what was trimmed from it is in the store, which is asked after."""
        position = await self._follow_on("0-0")
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._follow(position), name="quality")
            tasks.create_task(self._recall(), name="quality's last hour")

    async def _follow(self, position: str) -> None:
        while True:
            position = await self._follow_on(position)

    async def _follow_on(self, position: str) -> str:
        read = partial(self._follower.read_from, position, 1_000, 1_000)
        entries = await patiently(read, "following scores", self.counts)
        self._take(entry.blob for entry in entries)
        return entries[-1].id if entries else position

    def _take(self, blobs: Iterable[bytes]) -> None:
        now = self._clock()
        for blob in blobs:
            if MARK not in blob[:32]:
                continue
            try:
                fact = decode_fact(blob)
            except UNREADABLE:
                self.counts["score_not_decodable"] += 1  # the archive keeps the blob in its dead letters
                continue
            if isinstance(fact, ScoreFact) and not fact.job and fact.site in self._windows:
                self._windows[fact.site].take(row_of(fact), now)

    async def _recall(self) -> None:
        """What was scored before we listened, once for each site."""
        while waiting := [site for site in self._windows if not self.known(site)]:
            for site in waiting:
                await self._ask(site)
            if any(not self.known(site) for site in waiting):
                await asyncio.sleep(self._again_s)

    async def _ask(self, site: SiteId) -> None:
        now = self._clock()
        span = {"since": now - CONTACT_MS, "until": now + 1, "scored_since": now - WITHIN_MS}
        try:
            rows = await asked(self._history, ScoredRow, "scored_lately", site=site, **span)
        except HistoryUnavailable as error:
            self.counts["history_away"] += 1
            log.info("quality_not_known", site=site, reason=error.reason)
            return
        for row in rows:
            self._windows[site].take(row, now)
        self._answered.add(site)


def row_of(fact: ScoreFact) -> ScoredRow:
    return ScoredRow(
        contact=fact.contact,
        scheme=fact.scheme,
        scheme_version=fact.scheme_version,
        agent=fact.agent,
        queue=fact.queue,
        points=fact.points,
        points_max=fact.points_max,
        passed=int(fact.passed),
        fatal=int(fact.fatal),
        contact_at=fact.contact_at,
        scored_at=fact.scored_at,
    )
