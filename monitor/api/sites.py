"""Several sites seen from above. In: each site's parts. Out: `/api/v1/sites`: every site alone and with all below it.

The numbers are those that the hubs counted last and an answer is kept for a second, so a viewer costs no count. What a
silent site would add is missing by its name, never zero. May not know: HTML, how floors are fed.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from aiohttp import web

from dashboards.columns import tile, totals
from monitor.api.parts import PARTS, Parts, parts_of
from monitor.api.past_time import day_of
from monitor.api.wall_words import pair, tile_row
from monitor.sites import tree_of
from seat_map.palette import SeatCode
from streams.floor.rollup import SiteTree, roll_up
from streams.vocabulary.ids import Millis, SiteId

KEPT_MS = 1_000
encode = msgspec.json.Encoder().encode


class SiteNumbers(msgspec.Struct, frozen=True, kw_only=True):
    """A site at one instant, alone or with all below it. `level` is [part, whole], added over its queues."""

    seats: dict[str, int]
    """What seats show -> how many, vacant ones left out"""
    doubts: dict[str, int]
    """Why labels are in doubt -> how many"""
    waiting: int
    longest_wait_ms: int
    talking: int
    level: list[int]
    formulas: list[str]
    """What `level` was measured by; several where the queues have several"""
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


class SitesAnswer(msgspec.Struct, frozen=True, kw_only=True):
    at: int
    sites: list[SiteRow]


class SiteBoard:
    """Mutable: it keeps its last answers. One per application."""

    def __init__(self, sites: Mapping[SiteId, Parts]) -> None:
        self.sites = sites
        self.tree = tree_of(sites.values())
        self._kept: dict[SiteId | None, tuple[Millis, bytes]] = {}

    def below(self, site: SiteId) -> tuple[SiteId, ...]:
        """Those directly below."""
        found = self.tree.find(site)
        return () if found is None else tuple(child.site for child in found.children)

    def above(self, site: SiteId) -> list[SiteId]:
        """From the first site down to the one directly above."""
        return [one for one in self.tree.sites() if one != site and (found := self.tree.find(one)) and found.find(site)]

    def answer(self, site: SiteId | None, now: Millis) -> bytes:
        """One site and those directly below it; None: all."""
        made_at, body = self._kept.get(site, (Millis(0), b""))
        if not body or not 0 <= now - made_at < KEPT_MS:
            names = self.tree.sites() if site is None else [site, *self.below(site)]
            body = encode(SitesAnswer(at=now, sites=[self._row(name, now) for name in names]))
            self._kept[site] = (now, body)
        return body

    def _row(self, site: SiteId, now: Millis) -> SiteRow:
        parts = self.sites[site]
        alone = SiteTree(site=site)
        return SiteRow(
            site=site,
            name=parts.site,
            parent=next(reversed(self.above(site)), None),
            fed=parts.fed,
            below=list(self.below(site)),
            own=self._numbers(alone, now),
            total=self._numbers(self.tree.find(site) or alone, now),
        )

    def _numbers(self, tree: SiteTree, now: Millis) -> SiteNumbers:
        within = [self.sites[site] for site in tree.sites()]
        told = {one.id: one.hub.numbers for one in within}
        silent = [one.id for one in within if one.fed and not one.floor.agents and not one.hub.numbers]
        rolled = roll_up(tree, told, now=now, expected=silent)
        tiles = [tile(queue, within[0].goals.of(queue.queue)) for queue in rolled.queues]
        total = totals(tiles)
        blind = [gap.source for one in within for gap in one.floor.gaps if gap.ended is None]
        gaps = [length for one in within for length in _gaps_today(one, now)]
        return SiteNumbers(
            seats=_seats(within),
            doubts=_added([one.hub.picture.columns.doubts() for one in within]),
            waiting=total.waiting,
            longest_wait_ms=total.longest_wait_ms,
            talking=total.talking,
            level=pair(total.level),
            formulas=sorted({shown.goal.formula for shown in tiles}),
            window_minutes=sorted({shown.goal.window_minutes for shown in tiles}),
            certain=total.certain and not rolled.missing and not blind,
            missing=[self.sites[site].site for site in rolled.missing],
            blind=[str(source) for source in blind],
            gaps=len(gaps),
            gaps_ms=sum(gaps),
            alerts=sum(not alert.acknowledged_at for one in within for alert in one.alerts.firing()),
            queues=[tile_row(shown) for shown in tiles],
        )


BOARD = web.AppKey("site_board", SiteBoard)


def _seats(within: Sequence[Parts]) -> dict[str, int]:
    counts = [one.hub.picture.columns.counts() for one in within]
    words = {code.word: sum(int(count[code]) for count in counts) for code in SeatCode if code is not SeatCode.VACANT}
    return {word: count for word, count in words.items() if count}


def _added(tables: Sequence[Mapping[Any, int]]) -> dict[str, int]:
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
    """With `site`: that one and those directly below it."""
    now = request.app[PARTS].clock()
    wanted = parts_of(request).id if request.query.get("site") else None
    response = web.Response(body=request.app[BOARD].answer(wanted, now), content_type="application/json")
    response.enable_compression()
    return response
