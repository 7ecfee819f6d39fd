"""Several sites seen from above. In: each site's parts. Out: `/api/v1/sites`: every site alone and with all below it.

The numbers are those that the hubs counted last and an answer is kept for a second or two, so a viewer costs no count.
What a silent site would add is missing by its name, never zero. May not know: HTML, how floors are fed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
from aiohttp import web
from msgspec.structs import replace

from dashboards.columns import Standing, tile, totals
from dashboards.groups import levels_of
from dashboards.rows import columns_of, pair
from monitor.api.parts import PARTS, Parts, parts_of
from monitor.api.past_time import day_of
from monitor.api.scope import allowed
from monitor.api.wall_words import tile_row
from monitor.config_wall import EVERYTHING
from monitor.sites import tree_of
from seat_map.palette import SeatCode
from streams.floor.numbers import QueueNumbers
from streams.floor.rollup import STALE_AFTER_MS, SiteTree, roll_up
from streams.vocabulary.ids import Millis, SiteId

KEPT_MS = 1_000
KEPT_MANY_MS = 2_000
MANY_SITES = 50
encode = msgspec.json.Encoder().encode


class SiteNumbers(msgspec.Struct, frozen=True, kw_only=True):
    """A site at one instant, alone or with all below it. `level` is [part, whole], added over queues measured alike."""

    seats: dict[str, int]
    """What seats show -> how many, vacant ones left out"""
    doubts: dict[str, int]
    """Why labels are in doubt -> how many"""
    waiting: int
    longest_wait_ms: int
    talking: int
    level: list[int]
    standing: str
    """Of `level` against the strictest goal of its queues; uncertain as soon as a part is missing or blind"""
    goal_percent: float | None
    measures: int
    """How many ways of measuring the queues have; `level` is of the one with the most contacts"""
    formulas: list[str]
    """What the queues are measured by; several where they differ"""
    window_minutes: list[int]
    certain: bool
    missing: list[str]
    """Sites below that tell nothing: their part is in none of these numbers"""
    blind: list[str]
    """Sources that are silent now"""
    gaps: int
    """Blind stretches of the local day"""
    gaps_ms: int
    alerts: int
    """Firing and not acknowledged"""
    queues: list[dict[str, Any]]


class SiteRow(msgspec.Struct, frozen=True, kw_only=True):
    """`own`: its floor; `total`: with all below it."""

    site: str
    name: str
    parent: str | None
    fed: bool
    """False: it has no floor of its own"""
    below: list[str]
    own: SiteNumbers
    total: SiteNumbers


class SiteName(msgspec.Struct, frozen=True, kw_only=True):
    site: str
    name: str


class SitesAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """`above`: the way down to the first of `sites`, from the top."""

    at: int
    above: list[SiteName]
    sites: list[SiteRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class Summed:
    """What adds up of a site and of those below it."""

    queues: tuple[QueueNumbers, ...]
    missing: tuple[SiteId, ...]
    seats: npt.NDArray[np.int64]
    doubts: Mapping[str, int]
    blind: tuple[str, ...]
    gaps: int
    gaps_ms: int
    alerts: int


class SiteBoard:
    """Mutable: it keeps its last answers and sums. One per application."""

    def __init__(self, sites: Mapping[SiteId, Parts]) -> None:
        self.sites = sites
        self.tree = tree_of(sites.values())
        self.kept_ms = KEPT_MS if len(sites) <= MANY_SITES else KEPT_MANY_MS
        self._kept: dict[SiteId | None, tuple[Millis, bytes]] = {}
        self._below = {one.site: tuple(child.site for child in one.children) for one in _nodes(self.tree)}
        self._parent = {child: site for site, below in self._below.items() for child in below}
        self._sums: dict[SiteId, Summed] = {}
        self._summed_at = Millis(0)
        windows = {goal.window_minutes for parts in sites.values() for goal in parts.goals.all()}
        self._windows = tuple(sorted(windows))

    def below(self, site: SiteId) -> tuple[SiteId, ...]:
        """Those directly below."""
        return self._below.get(site, ())

    def above(self, site: SiteId) -> list[SiteId]:
        """From the first site down to the one directly above."""
        way: list[SiteId] = []
        while (parent := self._parent.get(site)) is not None:
            way.insert(0, parent)
            site = parent
        return way

    def answer(self, site: SiteId | None, now: Millis) -> bytes:
        """One site and those directly below it; None: all."""
        made_at, body = self._kept.get(site, (Millis(0), b""))
        if not body or not 0 <= now - made_at < self.kept_ms:
            if not 0 <= now - self._summed_at < self.kept_ms:
                self._sums.clear()
                self._summed_at = now
            names = self.tree.sites() if site is None else [site, *self.below(site)]
            rows = [self._row(name, now, lines=name == site) for name in names]
            above = [] if site is None else [SiteName(site=one, name=self.sites[one].site) for one in self.above(site)]
            body = encode(SitesAnswer(at=now, above=above, sites=rows))
            self._kept[site] = (now, body)
        return body

    def _row(self, site: SiteId, now: Millis, *, lines: bool) -> SiteRow:
        """`lines`: with each queue's thirty minutes."""
        parts = self.sites[site]
        own = self._numbers(parts, _own(parts, now), lines=lines)
        return SiteRow(
            site=site,
            name=parts.site,
            parent=self._parent.get(site),
            fed=parts.fed,
            below=list(self.below(site)),
            own=own,
            total=self._numbers(parts, self._sum(site, now), lines=lines) if self.below(site) else own,
        )

    def _sum(self, site: SiteId, now: Millis) -> Summed:
        """From the sums directly below, so that a country costs what its cities cost once."""
        found = self._sums.get(site)
        if found is None:
            found = self._sums[site] = self._added(_own(self.sites[site], now), site, now)
        return found

    def _added(self, own: Summed, site: SiteId, now: Millis) -> Summed:
        below = {child: self._sum(child, now) for child in self.below(site)}
        if not below:
            return own
        told = {site: own.queues, **{child: summed.queues for child, summed in below.items()}}
        tree = SiteTree(site=site, children=tuple(SiteTree(site=child) for child in below))
        rolled = roll_up(tree, told, now=now, windows=self._windows)
        every = [own, *below.values()]
        missing = tuple(dict.fromkeys((*rolled.missing, *(name for one in every for name in one.missing))))
        return Summed(
            queues=tuple(replace(queue, certain=False) for queue in rolled.queues) if missing else rolled.queues,
            missing=missing,
            seats=np.sum([one.seats for one in every], axis=0),
            doubts=_counted([one.doubts for one in every]),
            blind=tuple(source for one in every for source in one.blind),
            gaps=sum(one.gaps for one in every),
            gaps_ms=sum(one.gaps_ms for one in every),
            alerts=sum(one.alerts for one in every),
        )

    def _numbers(self, parts: Parts, summed: Summed, *, lines: bool) -> SiteNumbers:
        tiles = [tile(queue, parts.goals.of(queue.queue)) for queue in summed.queues]
        total, levels = totals(tiles), levels_of(tiles)
        certain = total.certain and not summed.missing and not summed.blind
        first = levels[0] if levels else None
        return SiteNumbers(
            seats={
                code.word: int(summed.seats[code])
                for code in SeatCode
                if code is not SeatCode.VACANT and summed.seats[code]
            },
            doubts=dict(summed.doubts),
            waiting=total.waiting,
            longest_wait_ms=total.longest_wait_ms,
            talking=total.talking,
            level=pair(total.level),
            standing=Standing.UNCERTAIN if not certain else first.standing if first else Standing.EMPTY,
            goal_percent=first.goal_percent if first else None,
            measures=total.measures,
            formulas=sorted({shown.goal.formula for shown in tiles}),
            window_minutes=sorted({shown.goal.window_minutes for shown in tiles}),
            certain=certain,
            missing=[self.sites[site].site for site in summed.missing],
            blind=list(summed.blind),
            gaps=summed.gaps,
            gaps_ms=summed.gaps_ms,
            alerts=summed.alerts,
            queues=[
                {**tile_row(shown), "line": columns_of(queue.line)} if lines else tile_row(shown)
                for shown, queue in zip(tiles, summed.queues, strict=True)
            ],
        )


BOARD = web.AppKey("site_board", SiteBoard)


def _nodes(tree: SiteTree) -> list[SiteTree]:
    return [tree, *(node for child in tree.children for node in _nodes(child))]


def _own(parts: Parts, now: Millis) -> Summed:
    """A site's own floor. One that should tell and has told nothing, or nothing lately, is missing."""
    numbers = parts.hub.numbers
    silent = parts.fed and not parts.floor.agents and not numbers
    stale = bool(numbers) and now - max(row.at for row in numbers) > STALE_AFTER_MS
    gaps = _gaps_today(parts, now)
    return Summed(
        queues=() if stale else tuple(numbers),
        missing=(parts.id,) if silent or stale else (),
        seats=parts.hub.picture.columns.counts(),
        doubts=_counted([parts.hub.picture.columns.doubts()]),
        blind=tuple(str(gap.source) for gap in parts.floor.gaps if gap.ended is None),
        gaps=len(gaps),
        gaps_ms=sum(gaps),
        alerts=sum(not alert.acknowledged_at for alert in parts.alerts.firing()),
    )


def _counted(tables: Sequence[Mapping[Any, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for table in tables:
        for name, count in table.items():
            total[str(name)] = total.get(str(name), 0) + count
    return total


def _gaps_today(parts: Parts, now: Millis) -> list[int]:
    midnight, _ = day_of(now, parts.timezone)
    ended = [(gap.began, now if gap.ended is None else gap.ended) for gap in parts.floor.gaps]
    return [end - max(began, midnight) for began, end in ended if end > midnight]


async def sites(request: web.Request) -> web.Response:
    """With `site`: that one and those directly below it. Sums over all floors are for who may see all of them."""
    if allowed(request, parts_of(request)) is not EVERYTHING:
        raise web.HTTPForbidden(text="a scope sees its part of one floor; leave ?scope= out to see sites added up")
    now = request.app[PARTS].clock()
    wanted = parts_of(request).id if request.query.get("site") else None
    response = web.Response(body=request.app[BOARD].answer(wanted, now), content_type="application/json")
    response.enable_compression()
    return response
