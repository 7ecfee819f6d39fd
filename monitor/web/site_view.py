"""Which floor a page shows, and the ways to the others. In: a request. Out: the view asked for, the switcher's choices.

May not know: what a floor holds.
"""

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlencode

from aiohttp import web

from monitor.api.parts import PARTS, Parts, parts_of
from monitor.api.sites import BOARD, SiteBoard
from streams.vocabulary.ids import SiteId


class View(StrEnum):
    """Of a site above others: all of them added up, or its own floor."""

    BRANCHES = "branches"
    OWN = "own"


@dataclass(frozen=True, slots=True)
class SiteChoice:
    """`depth` 0 is the first site. `word` tells the two views of one site apart, "" where there is one."""

    name: str
    word: str
    depth: int
    href: str
    chosen: bool


def view_of(request: web.Request) -> View:
    """A past is one floor's: there is none of several."""
    board, site = request.app[BOARD], parts_of(request).id
    own = request.query.get("view") == View.OWN or "at" in request.query
    return View.OWN if own or not board.below(site) else View.BRANCHES


def site_or_first(request: web.Request) -> Parts:
    """For a page that says that there is no such site."""
    try:
        return parts_of(request)
    except web.HTTPNotFound:
        return request.app[PARTS]


def floor_address(board: SiteBoard, site: SiteId, view: View, *, at: str = "") -> str:
    first = next(iter(board.sites))
    asked = {} if site == first else {"site": str(site)}
    if at:
        asked["at"] = at
    elif view is View.OWN and board.below(site):
        asked["view"] = View.OWN
    return f"/floor?{urlencode(asked, safe=':')}" if asked else "/floor"


def site_choices(request: web.Request, shown: Parts) -> list[SiteChoice]:
    """In the tree's order; empty where there is one site only. A look at the past goes along."""
    board = request.app[BOARD]
    if len(board.sites) < 2:
        return []
    at = request.query.get("at", "")
    on_floor = request.path in ("/floor", "/wall")
    view = View.OWN if not board.below(shown.id) or request.query.get("view") == View.OWN or at else View.BRANCHES
    choices = []
    for site in board.tree.sites():
        parts = board.sites[site]
        for one in _views(board, parts, past=bool(at)):
            word = "" if not board.below(site) or at else f"view:{one}"
            chosen = on_floor and site == shown.id and one is view
            href = floor_address(board, site, one, at=at)
            choices.append(SiteChoice(parts.site, word, len(board.above(site)), href, chosen))
    return choices


def _views(board: SiteBoard, parts: Parts, *, past: bool) -> list[View]:
    if not board.below(parts.id) or past:
        return [View.OWN] if parts.fed else []
    return [View.BRANCHES, View.OWN] if parts.fed else [View.BRANCHES]
