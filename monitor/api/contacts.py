"""Contacts over HTTP. In: a query string. Out: typed filters, JSON rows of the warehouse's own types.

A filter that cannot be read is refused with its name, never ignored. May not know: SQL, HTML.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
from aiohttp import web

from monitor.api.history import History, asked
from monitor.api.parts import PARTS
from streams.vocabulary.ids import AgentId, Millis, QueueName
from streams.vocabulary.states import Outcome
from streams.warehouse.contacts import ContactDetail, ContactFilter, ListedContact

PAGE = 50
PAGE_MAX = 500
DAY_MS = 86_400_000


class FilterFault(ValueError):
    """A filter's name and what it should look like."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A page of the contact list."""

    since: Millis
    until: Millis
    choose: ContactFilter
    limit: int = PAGE
    offset: int = 0


def read_filter(query: Mapping[str, str], now: Millis) -> Asked:
    """`from` and `to` are epoch milliseconds; without them the last 24 hours."""
    until = _number(query, "to", now + 1)
    since = _number(query, "from", until - DAY_MS)
    outcome = query.get("outcome") or None
    if outcome is not None and outcome not in set(Outcome):
        raise FilterFault(f"outcome is one of {', '.join(Outcome)}")
    if since >= until:
        raise FilterFault("from must be before to")
    queue, agent = query.get("queue"), query.get("agent")
    choose = ContactFilter(
        queue=QueueName(queue) if queue else None,
        agent=AgentId(agent) if agent else None,
        outcome=outcome,
        text=query.get("text", "")[:100],
        not_passed=query.get("not_passed") == "1",
        fatal=query.get("fatal") == "1",
        during_alert=query.get("during_alert") == "1",
    )
    limit = _number(query, "limit", PAGE)
    return Asked(
        since=Millis(since),
        until=Millis(until),
        choose=choose,
        limit=max(1, min(PAGE_MAX, limit)),
        offset=_number(query, "offset", 0),
    )


def _number(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name) or str(default)
    if not (text.isascii() and text.isdecimal() and len(text) <= 15):
        raise FilterFault(f"{name} is a whole number")
    return int(text)


async def find(history: History, page: Asked) -> list[ListedContact]:
    return await asked(
        history,
        ListedContact,
        "contact_list",
        since=page.since,
        until=page.until,
        choose=msgspec.to_builtins(page.choose),
        limit=page.limit,
        offset=page.offset,
    )


async def contact_list(request: web.Request) -> web.Response:
    parts = request.app[PARTS]
    try:
        page = read_filter(request.query, parts.clock())
    except FilterFault as fault:
        return web.json_response({"reason": str(fault)}, status=400)
    rows = await find(parts.history, page)
    return web.Response(body=msgspec.json.encode({"contacts": rows}), content_type="application/json")


async def contact_detail(request: web.Request) -> web.Response:
    parts = request.app[PARTS]
    rows = await asked(parts.history, ContactDetail, "contact_detail", contact=request.match_info["contact"])
    if not rows:
        return web.json_response({"reason": "no such contact"}, status=404)
    return web.Response(body=msgspec.json.encode(rows[0]), content_type="application/json")
