"""The pages. In: requests. Out: server-rendered HTML; what history cannot answer is said in its place, never hidden.

May not know: SQL, how the floor changes.
"""

from dataclasses import asdict, dataclass, replace
from urllib.parse import urlencode

from aiohttp import web

from monitor.api.contacts import DAY_MS, Asked, FilterFault, find, read_filter
from monitor.api.dead import is_letter
from monitor.api.dead_desk import DeadFault
from monitor.api.history import HistoryUnavailable, asked
from monitor.api.parts import PARTS, SITES, Parts, parts_of
from monitor.api.past_time import AtFault, read_at
from monitor.api.scope import allowed
from monitor.web.contact_view import Item, contact_view, faults
from monitor.web.dead_view import dead_page
from monitor.web.ops_view import ops_view
from monitor.web.render import page
from monitor.web.site_view import View, view_of
from monitor.web.wall_view import board_of
from streams.bus.errors import BusError
from streams.floor.numbers import FORMULAS
from streams.vocabulary.ids import Millis
from streams.vocabulary.states import Outcome
from streams.warehouse.contacts import ContactDetail, ListedContact, ScoreRow

WEEK_MS = 7 * DAY_MS
SCORES_SHOWN = 200
FORMULA_TEXTS = {name: formula.text for name, formula in FORMULAS.items()}
NO_FILTERS = ("lang", "theme", "offset", "site")


BAD_MOMENT = "Write a moment as 2026-11-21T10:03:20, or as -300 for five minutes ago."


@dataclass(frozen=True, slots=True)
class PastPage:
    at: Millis
    now: Millis


async def home(request: web.Request) -> web.StreamResponse:
    """Until people sign in, everybody's home is the floor."""
    raise web.HTTPFound("/floor")


async def floor(request: web.Request) -> web.Response:
    """With `at` the same page of that instant. Of a site above others: all of them, with `view=own` its own floor."""
    if "at" not in request.query:
        return _floor_now(request)
    parts = parts_of(request)
    now = parts.clock()
    try:
        past = PastPage(read_at(request.query["at"], zone=parts.timezone, now=now), now)
    except AtFault:
        return page(request, "fault.html", status=400, title="No such moment", reason=BAD_MOMENT)
    return page(request, "floor.html", past=past)


async def wall(request: web.Request) -> web.Response:
    """Pages in turn, full screen, for a television without a keyboard."""
    board = board_of(request)
    return page(
        request, "wall.html", view=view_of(request), board=board, labels=_labels(request), formulas=FORMULA_TEXTS
    )


def _labels(request: web.Request) -> dict[str, dict[str, str]]:
    parts = parts_of(request)
    sight = parts.hub.sight(allowed(request, parts))
    return {queue: asdict(label) for queue, label in parts.labels.items() if sight.sees_queue(queue)}


def _floor_now(request: web.Request) -> web.Response:
    if view_of(request) is View.BRANCHES:
        return page(request, "branches.html", labels=_labels(request), formulas=FORMULA_TEXTS)
    return page(request, "floor.html", past=None)


@dataclass(frozen=True, slots=True)
class Pager:
    """Links to the pages around this one; None where there is none."""

    before: str | None
    after: str | None
    first: int
    last: int


def pager(path: str, query: dict[str, str], asked_page: Asked, found: int) -> Pager:
    shown = min(found, asked_page.limit)

    def link(offset: int) -> str:
        return f"{path}?{urlencode({**query, 'offset': str(offset)})}"

    return Pager(
        before=link(max(0, asked_page.offset - asked_page.limit)) if asked_page.offset else None,
        after=link(asked_page.offset + asked_page.limit) if found > asked_page.limit else None,
        first=asked_page.offset + 1 if shown else 0,
        last=asked_page.offset + shown,
    )


async def calls(request: web.Request) -> web.Response:
    parts = request.app[PARTS]
    fault = ""
    try:
        wanted = _with_named_agent(read_filter(request.query, parts.clock()), parts)
    except FilterFault as error:
        fault, wanted = str(error), read_filter({}, parts.clock())
    rows: list[ListedContact] = []
    unavailable = ""
    try:
        rows = await find(parts.history, _one_more(wanted))
    except HistoryUnavailable as error:
        unavailable = error.reason
    query = {name: value for name, value in request.query.items() if value and name not in NO_FILTERS}
    return page(
        request,
        "calls.html",
        rows=rows[: wanted.limit],
        pager=pager("/calls", query, wanted, len(rows)),
        wanted=wanted,
        query=query,
        fault=fault,
        unavailable=unavailable,
        queues=sorted({numbers.queue for numbers in parts.floor.numbers(parts.clock())}),
        outcomes=list(Outcome),
        filtered=bool(query),
    )


def _with_named_agent(wanted: Asked, parts: Parts) -> Asked:
    """People type a name where the store knows a staff number; a name that fits nobody or several stays as typed."""
    typed = wanted.choose.agent
    if typed is None or typed in parts.floor.agents:
        return wanted
    named = [agent.id for agent in parts.floor.agents.values() if agent.name == typed]
    return replace(wanted, choose=replace(wanted.choose, agent=named[0])) if len(named) == 1 else wanted


def _one_more(wanted: Asked) -> Asked:
    """One row beyond the page tells whether there is a next one."""
    return replace(wanted, limit=wanted.limit + 1)


async def call(request: web.Request) -> web.Response:
    parts = request.app[PARTS]
    contact = request.match_info["contact"]
    try:
        details = await asked(parts.history, ContactDetail, "contact_detail", contact=contact)
    except HistoryUnavailable as error:
        return page(request, "fault.html", status=503, title="History does not answer", reason=error.reason)
    if not details:
        reason = "Nothing is kept of this contact. A contact that is still going on appears when its first leg ends."
        return page(request, "fault.html", status=404, title="No such contact", reason=reason)
    return page(request, "call.html", {**contact_view(details[0]), "titles": _titles(parts)})


def _titles(parts: Parts) -> dict[str, tuple[str, str]]:
    """Chinese and English, of the schemes that stand now; others go by name."""
    standing = {} if parts.schemes is None else parts.schemes.shelf.standing
    return {name: (one.scheme.zh, one.scheme.en) for name, one in standing.items() if one.scheme is not None}


@dataclass(frozen=True, slots=True)
class Scored:
    score: ScoreRow
    faults: tuple[Item, ...]


async def quality(request: web.Request) -> web.Response:
    """Scored contacts of the last day, the lowest share of points first."""
    parts = request.app[PARTS]
    unavailable = ""
    scores: list[ScoreRow] = []
    now = parts.clock()
    try:
        scores = await asked(
            parts.history,
            ScoreRow,
            "scores_list",
            since=Millis(now - DAY_MS),
            until=Millis(now + 1),
            limit=SCORES_SHOWN,
            offset=0,
        )
    except HistoryUnavailable as error:
        unavailable = error.reason
    rows = [Scored(score, faults(score)) for score in sorted(scores, key=_share)]
    return page(
        request,
        "quality.html",
        scores=rows,
        unavailable=unavailable,
        cut=len(scores) if len(scores) == SCORES_SHOWN else 0,
    )


def _share(score: ScoreRow) -> tuple[bool, float]:
    return not score.fatal, score.points / score.points_max if score.points_max else 1.0


async def ops(request: web.Request) -> web.Response:
    parts: Parts = request.app[PARTS]
    return page(request, "ops.html", await ops_view(parts, tuple(request.app[SITES].values())))


async def dead(request: web.Request) -> web.Response:
    """All dead letters of one stream, or of one of its reasons."""
    desk = request.app[PARTS].dead
    if desk is None:
        raise web.HTTPNotFound(text="no dead letters are kept here")
    stream, reason, before = (request.query.get(name, "") for name in ("stream", "reason", "before"))
    try:
        section = await dead_page(desk, stream=stream, reason=reason, before=before if is_letter(before) else "")
    except BusError as error:
        return page(request, "fault.html", status=503, title="The dead letters cannot be read", reason=str(error))
    if isinstance(section, DeadFault):
        raise web.HTTPNotFound(text=section.mend)
    return page(request, "dead.html", section=section, reason=reason, before=before)
