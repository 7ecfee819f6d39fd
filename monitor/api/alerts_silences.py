"""Silences over HTTP. In: requests. Out: which hold or held lately; one made, one ended; or why not.

Whoever sees a part silences only that part, by its name. May not know: how silences are kept.
"""

from aiohttp import web

from alerts.silence import Silence
from monitor.alert_desk import AlertDesk, SilenceAsked
from monitor.alert_silences import DAY_MS, SilenceRefused
from monitor.api.alerts_answers import (
    NAME_MAX,
    SMALL_BODY,
    WHY_MAX,
    AlertFaultAnswer,
    AlertRefused,
    AskSilence,
    SilencesAnswer,
    SilenceTold,
    clean,
    refused,
    refused_body,
)
from monitor.api.alerts_find import sight_of
from monitor.api.parts import Parts, parts_of
from monitor.api.plan_body import BodyRefused, document
from monitor.api.rules_json import json_answer
from monitor.config_wall import EVERYTHING
from monitor.sight import Sight
from streams.bus.errors import BusError
from streams.vocabulary.facts import AlertFact
from streams.vocabulary.ids import Millis

STATUS = {
    SilenceRefused.EVERYTHING: 422,
    SilenceRefused.TOO_LONG: 422,
    SilenceRefused.TOO_MANY: 409,
    SilenceRefused.UNKNOWN: 404,
    SilenceRefused.OVER: 409,
}


async def silences(request: web.Request) -> web.Response:
    """Newest first; those that ended within a day too."""
    parts = parts_of(request)
    if parts.alert_desk is None:
        return json_answer(SilencesAnswer(silences=[]))
    sight, now = sight_of(request, parts), parts.clock()
    try:
        found = await parts.alert_desk.silences.all()
    except BusError as error:
        return refused(AlertRefused.BUS, str(error))
    firing = _firing(parts, sight)
    lately = [one for one in found if (one.ended_at or one.until) + DAY_MS > now and _sees(sight, one.scope)]
    return json_answer(SilencesAnswer(silences=[_told(one, now, _covered(one, firing)) for one in lately]))


async def silence(request: web.Request) -> web.Response:
    parts, desk = _desk(request)
    if desk is None:
        return refused(AlertRefused.NOT_KEPT)
    body = await document(request, AskSilence, most=SMALL_BODY)
    if isinstance(body, BodyRefused):
        return refused_body(body)
    asked = _asked(body)
    if isinstance(asked, AlertRefused):
        return refused(asked, f"why: 1 to {WHY_MAX} characters; rule, scope, severity: at most {NAME_MAX}")
    sight = sight_of(request, parts)
    if not _may_act(sight, asked.scope):
        return refused(AlertRefused.OUT_OF_SCOPE, "name a queue, team or agent of yours, without *")
    try:
        done = await desk.silence(asked, by=parts.actor(request), firing=_firing(parts, sight))
    except BusError as error:
        return refused(AlertRefused.BUS, str(error))
    return _answer(done, parts, status=201)


async def end(request: web.Request) -> web.Response:
    parts, desk = _desk(request)
    if desk is None:
        return refused(AlertRefused.NOT_KEPT)
    name, sight = request.match_info["silence"], sight_of(request, parts)
    try:
        found = next((one for one in await desk.silences.all() if one.id == name), None)
        if found is None or not _sees(sight, found.scope):
            return _answer(SilenceRefused.UNKNOWN, parts, status=200)
        if not _may_act(sight, found.scope):
            return refused(AlertRefused.OUT_OF_SCOPE, "it silences more than you see")
        done = await desk.end_silence(name, by=parts.actor(request), firing=_firing(parts, sight))
    except BusError as error:
        return refused(AlertRefused.BUS, str(error))
    return _answer(done, parts, status=200)


def _desk(request: web.Request) -> tuple[Parts, AlertDesk | None]:
    parts = parts_of(request)
    return parts, parts.alert_desk


def _asked(body: AskSilence) -> SilenceAsked | AlertRefused:
    why = clean(body.why, most=WHY_MAX)
    words = [clean(word, most=NAME_MAX, empty=True) for word in (body.rule, body.scope, body.severity)]
    for one in (why, *words):
        if isinstance(one, AlertRefused):
            return one
    rule, scope, severity = map(str, words)
    return SilenceAsked(rule=rule, scope=scope, severity=severity, why=str(why), minutes=body.minutes)


def _may_act(sight: Sight, scope: str) -> bool:
    if sight.scope is EVERYTHING:
        return True
    about, _, subject = scope.partition(":")
    named = bool(subject) and "*" not in scope
    return named and about in ("queue", "tier", "team", "agent") and sight.sees_scope(scope)


def _sees(sight: Sight, scope: str) -> bool:
    """What holds for many holds for one's own too."""
    return not scope or "*" in scope or sight.sees_scope(scope)


def _firing(parts: Parts, sight: Sight) -> list[AlertFact]:
    return [fact for fact in parts.alerts.firing() if sight.sees_alert(fact)]


def _covered(silence: Silence, firing: list[AlertFact]) -> int:
    return sum(silence.covers(rule=one.rule, scope=one.scope, severity=one.severity) for one in firing)


def _answer(done: tuple[Silence, int] | SilenceRefused, parts: Parts, *, status: int) -> web.Response:
    if isinstance(done, SilenceRefused):
        return json_answer(AlertFaultAnswer(reason=done), status=STATUS[done])
    return json_answer(_told(done[0], parts.clock(), done[1]), status=status)


def _told(one: Silence, now: Millis, covers: int) -> SilenceTold:
    return SilenceTold(
        id=one.id, site=one.site, rule=one.rule, scope=one.scope, severity=one.severity, label=one.label, why=one.why,
        by=one.by, created_at=one.created_at, starts_at=one.starts_at, until=one.until, ended_at=one.ended_at,
        ended_by=one.ended_by, active=one.active(now), covers=covers,
    )  # fmt: skip


def routes() -> list[web.RouteDef]:
    return [
        web.get("/api/v1/alerts/silences", silences),
        web.post("/api/v1/alerts/silences", silence),
        web.delete("/api/v1/alerts/silences/{silence}", end),
    ]
