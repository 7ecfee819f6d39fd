"""Alert rules over HTTP: the text in force, checked, published, its versions. In: requests. Out: JSON; or why not.

Rules are everybody's, so only whoever sees everything publishes. May not know: how versions are kept.
"""

import asyncio

import structlog
from aiohttp import web

from alerts.rules import Rule
from monitor.alert_rules_desk import AlertRulesDesk, Check, Looked, Outdated, Published, Unchanged
from monitor.alert_rules_store import TEXT_MAX, RulesVersion
from monitor.alert_rules_words import told_metrics, told_rules
from monitor.api.alerts_answers import AlertFaultAnswer, AlertRefused, refused, refused_body
from monitor.api.alerts_rules_answers import (
    RULES_BODY,
    AlertRulesAnswer,
    AlertRulesText,
    AlertRulesVersions,
    CheckedRules,
    CheckRules,
    PublishRules,
    fault_row,
)
from monitor.api.parts import SITES, Parts, parts_of
from monitor.api.plan_body import BodyRefused, document
from monitor.api.rules_json import json_answer
from monitor.api.rules_look import Turns
from monitor.api.scope import allowed
from monitor.config_wall import EVERYTHING
from monitor.plan_desk import Signed
from monitor.plan_store import NoVersion, VersionDamaged
from streams.bus.errors import BusError

log = structlog.get_logger(__name__)


async def current(request: web.Request) -> web.Response:
    desk = desk_of(parts_of(request))
    if desk is None:
        return refused(AlertRefused.NOT_KEPT)
    await desk.shelf.look()
    standing = desk.shelf.standing
    about = standing.kept.about
    # with the queues there are now: a queue that was renamed since is a fault of the text, though its rules still run
    looked = await desk.look(standing.kept.text, checking(request, desk))
    return json_answer(
        AlertRulesAnswer(
            text=standing.kept.text,
            version=about.version,
            running=standing.running,
            note=about.note,
            by=about.by,
            at=about.at,
            origin=about.origin,
            of=about.of,
            faults=[fault_row(fault) for fault in standing.faults or looked.faults],
            rules=told_rules(_named(standing.rules)),
            metrics=told_metrics(),
            unreadable=standing.unreadable,
        )
    )


async def check(request: web.Request) -> web.Response:
    desk = desk_of(parts_of(request))
    if desk is None:
        return refused(AlertRefused.NOT_KEPT)
    body = await document(request, CheckRules, most=RULES_BODY)
    if isinstance(body, BodyRefused):
        return refused_body(body)
    if len(body.text.encode()) > TEXT_MAX:
        return refused(AlertRefused.TOO_LONG, f"a text of rules has at most {TEXT_MAX} bytes")
    looked = await desk.look(body.text, checking(request, desk))
    rules = await asyncio.to_thread(told_rules, looked.rules)
    return json_answer(CheckedRules(faults=[fault_row(fault) for fault in looked.faults], rules=rules))


async def publish(request: web.Request) -> web.Response:
    parts = parts_of(request)
    desk = desk_of(parts)
    if desk is None:
        return refused(AlertRefused.NOT_KEPT)
    if allowed(request, parts) is not EVERYTHING:
        return refused(AlertRefused.OUT_OF_SCOPE, "rules watch every queue: publish without a scope")
    body = await document(request, PublishRules, most=RULES_BODY)
    if isinstance(body, BodyRefused):
        return refused_body(body)
    if (body.text is None) == (body.version is None):
        return json_answer(AlertFaultAnswer(reason="bad_body", detail="send one of text and version"), status=400)
    if body.text is not None and len(body.text.encode()) > TEXT_MAX:
        return refused(AlertRefused.TOO_LONG, f"a text of rules has at most {TEXT_MAX} bytes")
    by = Signed(author=parts.actor(request), at=parts.clock(), note=body.note.strip())
    check_it = checking(request, desk)
    try:
        if body.text is not None:
            done = await desk.publish(body.text, base=body.base, by=by, check=check_it)
        else:
            done = await desk.roll_back(body.version or 0, base=body.base, by=by, check=check_it)
    except (BusError, NoVersion, VersionDamaged) as error:
        return _lost(error)
    return _told(done)


def _told(done: Published) -> web.Response:
    match done:
        case RulesVersion():
            return json_answer(done)
        case Looked(faults=faults):
            rows = [fault_row(fault) for fault in faults]
            answer = AlertFaultAnswer(reason=AlertRefused.FAULTY_RULES, faults=rows)
            return json_answer(answer, status=422)
        case Outdated(latest=latest, changes=changes):
            answer = AlertFaultAnswer(reason=AlertRefused.NEWER_RULES, latest=latest, changes=changes)
            return json_answer(answer, status=409)
        case Unchanged(latest=latest):
            return json_answer(AlertFaultAnswer(reason=AlertRefused.SAME_RULES, latest=latest), status=409)


async def versions(request: web.Request) -> web.Response:
    desk = desk_of(parts_of(request))
    if desk is None:
        return refused(AlertRefused.NOT_KEPT)
    try:
        return json_answer(AlertRulesVersions(versions=await desk.versions()))
    except (BusError, NoVersion, VersionDamaged) as error:
        return _lost(error)


async def version(request: web.Request) -> web.Response:
    """With `against` another version than the parent to compare with."""
    desk = desk_of(parts_of(request))
    number, wanted = _number(request.match_info["version"]), request.query.get("against", "")
    if desk is None:
        return refused(AlertRefused.NOT_KEPT)
    if number is None or (wanted and _number(wanted) is None):
        return refused(AlertRefused.NO_VERSION, "a version is a whole number")
    try:
        kept = await desk.version(number)
        base = _number(wanted) if wanted else kept.about.parent
        changes = None if base is None else await desk.changes(base, number)
    except (BusError, NoVersion, VersionDamaged) as error:
        return _lost(error)
    return json_answer(AlertRulesText(about=kept.about, text=kept.text, against=base, changes=changes))


def desk_of(parts: Parts) -> AlertRulesDesk | None:
    return None if parts.alert_desk is None else parts.alert_desk.rules


def _named(rules: tuple[Rule, ...]) -> list[Rule]:
    return sorted(rules, key=lambda rule: rule.name)


def checking(request: web.Request, desk: AlertRulesDesk) -> Check:
    """With the queues and teams there are now."""
    return desk.check(_queues(request), _teams(request))


def _queues(request: web.Request) -> frozenset[str] | None:
    """Of all sites, configured or seen; None: none is known yet, so none can be wrong."""
    sites = request.app[SITES].values()
    found = {
        str(queue) for one in sites for queue in (*(row.queue for row in one.floor.numbers(one.clock())), *one.labels)
    }
    return frozenset(found) or None


def _teams(request: web.Request) -> frozenset[str] | None:
    """As `_queues`; of sites whose plan is fixed none is known."""
    plans = [one.plans for one in request.app[SITES].values()]
    if any(plan is None for plan in plans):
        return None
    return frozenset(team.code for plan in plans if plan is not None for team in plan.standing.plan.teams) or None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 6 else None


def _lost(error: BusError | NoVersion | VersionDamaged) -> web.Response:
    match error:
        case BusError():
            return refused(AlertRefused.BUS, str(error))
        case NoVersion():
            return refused(AlertRefused.NO_VERSION, str(error))
        case _:
            return refused(AlertRefused.DAMAGED, str(error))


def routes() -> list[web.RouteDef]:
    turns, at = Turns(), "/api/v1/alerts/rules"
    return [
        web.get(at, current),
        web.post(f"{at}/check", turns.of(check)),
        web.post(f"{at}/publish", turns.of(publish)),
        web.get(f"{at}/versions", versions),
        web.get(at + "/versions/{version}", version),
    ]
