"""What a wallboard shows in turn. In: the pages a configuration names, what there is to show. Out: pages, in order.

Without any, a sensible set: the worst queues first where they are many, all queues, groups, the map, the list, sites.
`build` changes with every version of what a browser loads, so a wall that nobody touches loads itself anew.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from aiohttp import web

import dashboards
import seat_map
from monitor.api.parts import parts_of
from monitor.api.scope import allowed
from monitor.api.sites import BOARD
from monitor.config_wall import WallPage
from monitor.sight import Sight
from monitor.web.site_view import View, view_of

SECONDS = 20
MAP_SECONDS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardPage:
    """`kind`: a PageKind, or `worst`. `always` False: left out while there is nothing to show."""

    kind: str
    seconds: int = SECONDS
    title_zh: str = ""
    title_en: str = ""
    queues: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    room: str = ""
    always: bool = False


def board_pages(asked: Sequence[WallPage], *, groups: bool, above: bool, floor: bool) -> list[BoardPage]:
    """`above`: the site stands above others; `floor`: it is shown with a floor of its own (map, groups, list)."""
    if asked:
        return [
            BoardPage(
                kind=page.kind,
                seconds=page.seconds,
                title_zh=page.title_zh,
                title_en=page.title_en,
                queues=page.queues,
                groups=page.groups,
                room=page.room,
                always=True,
            )
            for page in asked
        ]
    pages = [BoardPage(kind="sites")] if above else []
    pages += [BoardPage(kind="worst"), BoardPage(kind="queues", always=True)]
    if groups and floor:
        pages.append(BoardPage(kind="groups"))
    return [*pages, BoardPage(kind="map", seconds=MAP_SECONDS), BoardPage(kind="attention")] if floor else pages


def within(asked: Sequence[WallPage], sight: Sight, groups: Sequence[str]) -> list[WallPage]:
    """What a scope shows of the configured pages; a page whose queues or groups are all outside is left out."""
    pages = []
    for page in asked:
        queues = tuple(queue for queue in page.queues if sight.sees_queue(queue))
        shown = tuple(group for group in page.groups if group in groups)
        if bool(queues) == bool(page.queues) and bool(shown) == bool(page.groups):
            pages.append(replace(page, queues=queues, groups=shown))
    return pages


def board_of(request: web.Request) -> dict[str, object]:
    """As the page reads it, now and whenever it asks whether it is still the newest."""
    parts, board = parts_of(request), request.app[BOARD]
    sight = parts.hub.sight(allowed(request, parts))
    seen = [group.name for group in parts.groups if all(sight.sees_queue(queue) for queue in group.queues)]
    pages = board_pages(
        within(parts.wall_pages, sight, seen),
        groups=bool(seen),
        above=bool(board.below(parts.id)),
        floor=view_of(request) is View.OWN,
    )
    return {"build": build(), "pages": [asdict(page) for page in pages]}


async def wallboard(request: web.Request) -> web.Response:
    return web.json_response(board_of(request), headers={"Cache-Control": "no-store"})


@cache
def build() -> str:
    """Of the package and everything a browser loads of it."""
    web = Path(__file__).parent
    rooms = [web, Path(str(dashboards.__file__)).parent, Path(str(seat_map.__file__)).parent]
    files = [file for room in rooms for kind in ("js", "css", "html", "po") for file in room.rglob(f"*.{kind}")]
    digest = sha256()
    for file in sorted(files):
        digest.update(file.name.encode())
        digest.update(file.read_bytes())
    return f"{version('floorwatch')}+{digest.hexdigest()[:12]}"
