"""Whom alerts interrupt: the fatigue of people and rules, who is on call. In: requests. Out: JSON.

May not know: how shares are bounded, how turns are reckoned.
"""

from collections import Counter
from typing import Final

import msgspec
from aiohttp import web

from alerts.fatigue import Fatigue, Marked, Reached, fatigue
from monitor.api.alerts_answers import (
    AlertRefused,
    FatigueAnswer,
    FatiguePerson,
    FatigueRule,
    OnCall,
    OnCallAnswer,
    refused,
)
from monitor.api.history import HistoryUnavailable, asked
from monitor.api.parts import Parts, parts_of
from monitor.api.rules_json import json_answer
from monitor.api.scope import allowed
from monitor.config_wall import EVERYTHING
from streams.vocabulary.ids import Millis
from streams.warehouse.alert_notes import Mark, RuleCount, Told

DAY_MS: Final = 86_400_000
MOST_DAYS: Final = 92
_SAID: Final = {"useful": True, "not_useful": False, "unmarked": None}


async def told_fatigue(request: web.Request) -> web.Response:
    parts = parts_of(request)
    if allowed(request, parts) is not EVERYTHING:
        return refused(AlertRefused.OUT_OF_SCOPE, "it names people of every team: open it without a scope")
    days = request.query.get("days", "7")
    if not (days.isascii() and days.isdecimal() and len(days) <= 3 and 1 <= int(days) <= MOST_DAYS):
        return refused(AlertRefused.BAD_RANGE, f"days: 1 to {MOST_DAYS}")
    try:
        found = await _fatigue(parts, int(days))
    except HistoryUnavailable as error:
        return refused(AlertRefused.HISTORY, error.reason)
    return json_answer(
        FatigueAnswer(
            days=int(days),
            budget_per_day=found.budget_per_day,
            people=[msgspec.convert(one, FatiguePerson, from_attributes=True) for one in found.people],
            rules=[msgspec.convert(one, FatigueRule, from_attributes=True) for one in found.rules],
        )
    )


async def _fatigue(parts: Parts, days: int) -> Fatigue:
    now = parts.clock()
    asks = {"site": parts.id, "since": Millis(now - days * DAY_MS), "until": Millis(now + 1)}
    counts = await asked(parts.history, RuleCount, "alert_counts", **asks)
    told = await asked(parts.history, Told, "alert_told", **asks)
    marks = await asked(parts.history, Mark, "alert_marks", **asks)
    fired: Counter[str] = Counter()
    for count in counts:
        fired[count.rule] += count.fired
    return fatigue(
        fired=fired,
        reached=[Reached(alert=one.alert, person=one.to or one.channel) for one in told],
        marks=[Marked(alert=one.alert, by=one.by, useful=_SAID.get(one.kind)) for one in marks],
        days=days,
    )


async def on_call(request: web.Request) -> web.Response:
    desk = parts_of(request).alert_desk
    now = [] if desk is None else desk.on_call()
    return json_answer(
        OnCallAnswer(now=[OnCall(rota=rota, person=who, until=until, next=then) for rota, who, until, then in now])
    )


def routes() -> list[web.RouteDef]:
    return [web.get("/api/v1/alerts/fatigue", told_fatigue), web.get("/api/v1/alerts/on-call", on_call)]
