"""One agent's day from history, with what runs now from the floor. In: requests. Out: `Day` as JSON, intervals.

The side panel asks it after it has drawn what the floor knows: the live path never waits. May not know: HTML.
"""

import msgspec
from aiohttp import web

from dashboards.agent_day import AgentDay, Interval, agent_day
from monitor.api.history import HistoryUnavailable, asked
from monitor.api.parts import Parts, parts_of
from monitor.api.past_time import AtFault, day_span, read_day
from monitor.api.scope import allowed
from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName
from streams.vocabulary.states import AgentState
from streams.warehouse.queries import AgentInterval

encode = msgspec.json.Encoder().encode


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """`until`: the moment of the answer, for what still runs (`open`)."""

    since: Millis
    until: Millis
    look: str
    reason: str
    queue: QueueName
    contact: ContactId
    open: bool


class StateShare(msgspec.Struct, frozen=True, kw_only=True):
    look: str
    reason: str
    duration_ms: int
    times: int


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """`parts`: how long in which state for which reason, the longest first. `occupancy`: [part, whole], ms."""

    agent: AgentId
    since: Millis
    until: Millis
    now: Millis
    stretches: list[Stretch]
    parts: list[StateShare]
    occupancy: tuple[int, int]


async def day(request: web.Request) -> web.Response:
    """`day`: 2026-11-21, the site's; default: today. 400 with the mend; 503 with history's reason."""
    parts = parts_of(request)
    now = parts.clock()
    try:
        asked_day = read_day(request.query.get("day", ""), zone=parts.timezone, now=now)
    except AtFault as fault:
        return web.json_response({"reason": "bad_day", "detail": str(fault)}, status=400)
    since, until = day_span(asked_day, parts.timezone)
    agent = AgentId(request.match_info["agent"])
    if not parts.hub.sight(allowed(request, parts)).sees(agent):
        raise web.HTTPNotFound(text="no such agent on this floor")
    found = await intervals(parts, agent, since, until)
    if since <= now < until:
        found += running(parts, agent)
    shown = agent_day(found, since=since, until=until, now=now)
    return web.Response(body=encode(_told(agent, shown, since, until, now)), content_type="application/json")


async def intervals(parts: Parts, agent: AgentId, since: Millis, until: Millis) -> list[Interval]:
    """Closed ones. Raises HistoryUnavailable."""
    rows = await asked(
        parts.history, AgentInterval, "agent_intervals", agent=agent, since=since, until=until, site=parts.id or None
    )
    try:
        return [
            Interval(
                since=row.started_at,
                until=Millis(row.started_at + row.duration_ms),
                state=AgentState(row.state),
                reason=row.reason,
                queue=row.queue,
                contact=ContactId(row.contact),
            )
            for row in rows
        ]
    except ValueError as error:
        raise HistoryUnavailable(f"history tells of a state this service does not know ({error})") from error


def running(parts: Parts, agent: AgentId) -> list[Interval]:
    """The store hears of a stretch when it ends; the floor knows the one that runs."""
    record = parts.floor.agents.get(agent)
    if record is None:
        return []
    return [
        Interval(
            since=record.since,
            until=None,
            state=AgentState.UNKNOWN if record.lost_since is not None else record.state,
            reason=record.reason,
            queue=record.queue,
            contact=record.contact,
        )
    ]


def _told(agent: AgentId, shown: AgentDay, since: Millis, until: Millis, now: Millis) -> Day:
    return Day(
        agent=agent,
        since=since,
        until=until,
        now=now,
        stretches=[
            Stretch(
                since=one.since,
                until=one.until,
                look=one.look,
                reason=one.reason,
                queue=one.queue,
                contact=one.contact,
                open=one.open,
            )
            for one in shown.segments
        ],
        parts=[
            StateShare(look=one.look, reason=one.reason, duration_ms=one.duration_ms, times=one.times)
            for one in shown.parts
        ],
        occupancy=(shown.occupancy.part, shown.occupancy.whole),
    )
