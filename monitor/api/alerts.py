"""Alerts over HTTP: the board, the past, an acknowledgement. In: requests. Out: rows as JSON; what became of it.

May not know: rules, senders, how people's words are kept.
"""

from collections import Counter
from typing import Final

from aiohttp import web
from msgspec.structs import replace

from monitor.api.alerts_answers import Alert, AlertHistory, AlertRefused, AlertsAnswer, MarkCounts, refused
from monitor.api.alerts_find import holding, row_of, sight_of
from monitor.api.board import NotAcknowledged
from monitor.api.history import HistoryUnavailable, asked
from monitor.api.parts import PARTS, SITES, Parts, parts_of
from monitor.api.rules_json import json_answer
from monitor.api.scope import allowed
from streams.bus.errors import BusError
from streams.vocabulary.ids import Millis, QueueName
from streams.warehouse.alert_notes import Mark, Said
from streams.warehouse.queries import AlertRow

STATUS: Final = {NotAcknowledged.UNKNOWN: 404, NotAcknowledged.RESOLVED: 409, NotAcknowledged.ALREADY: 409}
WEEK_MS: Final = 7 * 86_400_000
LONGEST_MS: Final = 366 * 86_400_000
SHOWN: Final = 200
MOST_SHOWN: Final = 1_000
PAGES: Final = 10
"""Of history, looked through for what a narrow scope may see."""


async def current(request: web.Request) -> web.Response:
    """With `all=1` of every site."""
    sites = list(request.app[SITES].values()) if request.query.get("all") == "1" else [parts_of(request)]
    rows: list[Alert] = []
    for parts in sites:
        sight, me = sight_of(request, parts), parts.actor(request)
        seen = [fact for fact in parts.alerts.latest() if sight.sees_alert(fact)]
        silences = await holding(parts.alert_desk)
        rows += [row_of(parts.alert_desk, fact, me=me, silences=silences) for fact in seen]
    rows.sort(key=lambda row: row.raised_at, reverse=True)
    return json_answer(AlertsAnswer(alerts=rows, me=sites[0].actor(request)))


async def acknowledge(request: web.Request) -> web.Response:
    alert = request.match_info["alert"]
    parts = _who_has(alert, request)
    found = parts.alerts.get(alert)
    if found is not None and not parts.hub.sight(allowed(request, parts)).sees_alert(found):
        return web.json_response({"reason": NotAcknowledged.UNKNOWN}, status=STATUS[NotAcknowledged.UNKNOWN])
    me = parts.actor(request)
    at = parts.clock() if parts.alert_desk is None else parts.alert_desk.moment()
    answer = parts.alerts.acknowledged(alert, by=me, at=at)
    if isinstance(answer, NotAcknowledged):
        return web.json_response({"reason": answer}, status=STATUS[answer])
    try:
        await parts.publish_alert(answer)
        parts.alerts.update(answer)
        if parts.alert_desk is not None:
            await parts.alert_desk.acknowledged(answer)
    except BusError as error:
        return refused(AlertRefused.BUS, str(error))
    return json_answer(row_of(parts.alert_desk, answer, me=me, silences=await holding(parts.alert_desk)))


def _who_has(alert: str, request: web.Request) -> Parts:
    """An alert's id names its site's rule, scope and moment: whoever acknowledges need not name the site."""
    if request.query.get("site"):
        return parts_of(request)
    others = (parts for parts in request.app[SITES].values() if parts.alerts.get(alert) is not None)
    return next(others, request.app[PARTS])


async def history(request: web.Request) -> web.Response:
    """Stored ones that fired, with what was said of them."""
    parts = parts_of(request)
    now = parts.clock()
    since, until = _moment(request, "since", now - WEEK_MS), _moment(request, "until", now + 1)
    limit = _moment(request, "limit", SHOWN)
    if since is None or until is None or limit is None or not 0 < until - since <= LONGEST_MS:
        return refused(AlertRefused.BAD_RANGE, "since and until: epoch ms, at most 366 days apart; limit: 1 to 1000")
    most = max(1, min(limit, MOST_SHOWN))
    try:
        rows, more = await _seen(request, parts, Millis(since), Millis(until), most)
        said = await asked(parts.history, Said, "alert_said", site=parts.id, since=since, until=now + 1)
        marks = await asked(parts.history, Mark, "alert_marks", site=parts.id, since=since, until=now + 1)
    except HistoryUnavailable as error:
        return refused(AlertRefused.HISTORY, error.reason)
    me = parts.actor(request)
    silences = await holding(parts.alert_desk)
    told = [row_of(parts.alert_desk, parts.alerts.get(row.alert) or row, me=me, silences=silences) for row in rows]
    return json_answer(AlertHistory(alerts=_with_words(told, said, marks, me), more=more))


async def _seen(
    request: web.Request, parts: Parts, since: Millis, until: Millis, most: int
) -> tuple[list[AlertRow], bool]:
    sight, query = sight_of(request, parts), request.query
    found: list[AlertRow] = []
    for page in range(PAGES):
        rows = await asked(
            parts.history,
            AlertRow,
            "alerts_list",
            site=parts.id,
            since=since,
            until=until,
            rule=query.get("rule") or None,
            severity=query.get("severity") or None,
            queue=QueueName(query["queue"]) if query.get("queue") else None,
            fired=True,
            limit=most + 1,
            offset=page * (most + 1),
        )
        found += [row for row in rows if sight.sees_alert(row)]
        if len(found) > most or len(rows) <= most:
            return found[:most], len(found) > most
    return found[:most], True


def _with_words(rows: list[Alert], said: list[Said], marks: list[Mark], me: str) -> list[Alert]:
    """What history knows of people's words; what the bus tells is newer."""
    words = {one.alert: one for one in said}
    by_alert: dict[str, dict[str, bool]] = {}
    for mark in marks:
        if mark.kind != "unmarked":
            by_alert.setdefault(mark.alert, {})[mark.by] = mark.kind == "useful"
    return [_with_word(row, words.get(row.alert), by_alert.get(row.alert, {}), me) for row in rows]


def _with_word(row: Alert, said: Said | None, marks: dict[str, bool], me: str) -> Alert:
    counts = Counter(marks.values())
    known = row.marks.useful + row.marks.not_useful
    if known < sum(counts.values()):
        row = replace(
            row,
            marks=MarkCounts(useful=counts[True], not_useful=counts[False]),
            useful=row.useful if row.useful is not None else marks.get(me),
        )
    if said is None:
        return row
    return replace(row, assigned_to=row.assigned_to or said.assigned_to, comments=max(row.comments, said.comments))


def _moment(request: web.Request, name: str, default: int) -> int | None:
    """None: it is no number of ours."""
    text = request.query.get(name, "")
    if not text:
        return default
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 15 else None


def routes() -> list[web.RouteDef]:
    return [
        web.get("/api/v1/alerts", current),
        web.get("/api/v1/alerts/history", history),
        web.post("/api/v1/alerts/{alert:.+}/acknowledge", acknowledge),
    ]
