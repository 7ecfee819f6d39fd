"""Alerts as routes answer them. In: a request, alerts of the board or of history. Out: rows; one alert with its site.

Whoever may see a part is shown that part. May not know: how people's words are kept.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aiohttp import web

from alerts.notes import parts_of as parts_of_id
from alerts.silence import Silence
from monitor.alert_desk import AlertDesk, AlertLike
from monitor.alert_notes import assigned_to, comments_of, last_tries, marks_of
from monitor.api.alerts_answers import Alert, MarkCounts, ToldTry
from monitor.api.history import asked
from monitor.api.parts import SITES, Parts, parts_of
from monitor.api.scope import allowed
from monitor.api.wall_words import read_detail
from monitor.sight import Sight
from streams.bus.errors import BusError
from streams.vocabulary.facts import AlertNoteFact
from streams.vocabulary.ids import Millis
from streams.warehouse.queries import AlertRow


@dataclass(frozen=True, slots=True)
class Found:
    parts: Parts
    alert: AlertLike


def sight_of(request: web.Request, parts: Parts) -> Sight:
    return parts.hub.sight(allowed(request, parts))


async def find(request: web.Request) -> Found | None:
    """The alert a request names, of its site or of any; None: there is none that whoever asks may see. Raises
    HistoryUnavailable where it is none of the board's."""
    name = request.match_info["alert"]
    sites = [parts_of(request)] if request.query.get("site") else list(request.app[SITES].values())
    for parts in sites:
        known = parts.alerts.get(name)
        if known is not None and sight_of(request, parts).sees_alert(known):
            return Found(parts, known)
    for parts in sites:
        row = await stored(parts, name)
        if row is not None and sight_of(request, parts).sees_alert(row):
            return Found(parts, row)
    return None


async def stored(parts: Parts, name: str) -> AlertRow | None:
    """By its id, which tells when it was raised. Raises HistoryUnavailable."""
    told = parts_of_id(name)
    if told is None:
        return None
    raised = told[2]
    rows = await asked(
        parts.history, AlertRow, "alerts_list", since=raised, until=Millis(raised + 1), site=parts.id, alert=name,
        limit=1,
    )  # fmt: skip
    return next((row for row in rows if row.alert == name), None)


async def holding(desk: AlertDesk | None) -> list[Silence]:
    """Asked once for all rows of an answer."""
    if desk is None:
        return []
    try:
        return await desk.holding()
    except BusError:
        desk.silences.counts["unread"] += 1  # the list does not wait for a bus that is away
        return []


def row_of(desk: AlertDesk | None, alert: AlertLike, *, me: str, silences: Sequence[Silence] = ()) -> Alert:
    """`silences`: those that hold now."""
    notes: Sequence[AlertNoteFact] = () if desk is None else desk.notes.of(alert.alert)
    marks = marks_of(notes)
    detail = read_detail(alert.detail)
    silence = covering(silences, alert, (detail.label_zh, detail.label_en)) if alert.state != "resolved" else None
    return Alert(
        site=alert.site,
        alert=alert.alert,
        rule=alert.rule,
        scope=alert.scope,
        severity=alert.severity,
        state=alert.state,
        reason=alert.reason,
        value=alert.value,
        threshold=alert.threshold,
        raised_at=alert.raised_at,
        resolved_at=alert.resolved_at or None,
        acknowledged_at=alert.acknowledged_at or None,
        acknowledged_by=alert.acknowledged_by,
        detail=detail,
        assigned_to=assigned_to(notes),
        silenced_until=None if silence is None else silence.until,
        silenced_why="" if silence is None else silence.why,
        useful=marks.get(me),
        marks=counts_of(marks.values()),
        comments=comments_of(notes),
        notified=[ToldTry(channel=one.channel, to=one.to, outcome=one.outcome, at=one.at) for one in last_tries(notes)],
    )


def covering(silences: Iterable[Silence], alert: AlertLike, labels: Sequence[str]) -> Silence | None:
    """The one that holds longest."""
    held = (
        one
        for one in silences
        if one.covers(rule=alert.rule, scope=alert.scope, severity=alert.severity, labels=labels)
    )
    return max(held, key=lambda one: one.until, default=None)


def counts_of(words: Iterable[bool]) -> MarkCounts:
    said = list(words)
    return MarkCounts(useful=said.count(True), not_useful=said.count(False))
