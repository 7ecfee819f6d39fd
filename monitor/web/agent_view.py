"""One agent's day for its page. In: the day's intervals and contacts from history, the living floor. Out: values.

May not know: HTML, SQL.
"""

from dataclasses import dataclass
from datetime import timedelta

from aiohttp import web

from dashboards.agent_day import AgentDay, Interval, agent_day
from monitor.api import agent_days
from monitor.api.contacts import PAGE_MAX, Asked, find
from monitor.api.history import HistoryUnavailable
from monitor.api.parts import parts_of
from monitor.api.past_time import AtFault, day_span, local_text, read_day
from monitor.api.scope import allowed
from monitor.web.render import page
from seat_map.shown import shown as readable
from streams.vocabulary.ids import AgentId, Millis
from streams.vocabulary.states import Outcome
from streams.warehouse.contacts import ContactFilter, LegRow, ListedContact

MINUTE_MS = 60_000
TICKS_MOST = 13


@dataclass(frozen=True, slots=True)
class Tick:
    at: Millis
    share: float


@dataclass(frozen=True, slots=True)
class CallBar:
    """One contact under the band, from its answer (or its queueing) to its end."""

    leg: LegRow
    left: float
    width: float
    answered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DayLinks:
    day: str
    before: str
    after: str | None
    """None: that day has not come."""
    today: bool


async def agent_page(request: web.Request) -> web.Response:
    parts = parts_of(request)
    agent = AgentId(request.match_info["agent"])
    if not parts.hub.sight(allowed(request, parts)).sees(agent):
        raise web.HTTPNotFound(text="no such agent on this floor")
    now = parts.clock()
    try:
        day = read_day(request.query.get("day", ""), zone=parts.timezone, now=now)
    except AtFault:
        reason = "Write a day as 2026-11-21."
        return page(request, "fault.html", status=400, title="No such day", reason=reason)
    since, until = day_span(day, parts.timezone)
    today = read_day("", zone=parts.timezone, now=now)
    links = DayLinks(
        day=day.isoformat(),
        before=(day - timedelta(days=1)).isoformat(),
        after=(day + timedelta(days=1)).isoformat() if day < today else None,
        today=day == today,
    )
    intervals: list[Interval] = []
    listed: list[ListedContact] = []
    unavailable = ""
    try:
        intervals = await agent_days.intervals(parts, agent, since, until)
        choose = ContactFilter(agent=agent, site=parts.id or None)
        listed = await find(parts.history, Asked(since=since, until=until, choose=choose, limit=PAGE_MAX))
    except HistoryUnavailable as error:
        unavailable = error.reason
    if links.today:
        intervals += agent_days.running(parts, agent)
    listed.sort(key=lambda row: row.leg.entered_at)
    shown = agent_day(intervals, since=since, until=until, now=now, others=_moments(listed, until))
    record = parts.floor.agents.get(agent)
    return page(
        request,
        "agent.html",
        agent=agent,
        name=readable(record.name) if record is not None else "",
        on_floor=record is not None,
        day=shown,
        links=links,
        listed=listed,
        cut=len(listed) == PAGE_MAX,
        bars=_bars(shown, listed, min(now, until)),
        ticks=_ticks(shown),
        answered=sum(row.leg.answered_at > 0 for row in listed),
        unavailable=unavailable,
        at_text=lambda at: local_text(at, parts.timezone),
    )


def _moments(listed: list[ListedContact], until: Millis) -> list[Millis]:
    return [at for row in listed for at in (row.leg.entered_at, min(row.leg.ended_at, until)) if at]


def _bars(day: AgentDay, listed: list[ListedContact], end: Millis) -> list[CallBar]:
    bars = []
    for row in listed:
        leg = row.leg
        begin = leg.answered_at or leg.entered_at
        left = day.share(begin)
        right = day.share(leg.ended_at or end)
        bars.append(CallBar(leg, left, max(0.0, right - left), leg.outcome in (Outcome.ANSWERED, Outcome.TALKING)))
    return bars


def _ticks(day: AgentDay) -> list[Tick]:
    """At most a dozen, on steps that a clock has."""
    since, until = day.axis
    steps = [minutes * MINUTE_MS for minutes in (5, 10, 15, 30, 60, 120, 180, 240)]
    step = next((one for one in steps if (until - since) / one < TICKS_MOST), steps[-1])
    return [Tick(Millis(at), day.share(at)) for at in range(since, until + 1, step)]
