"""What people say of one alert, and its way. In: requests. Out: the event it became; everything that happened, in order

May not know: how notes are kept.
"""

import msgspec
import structlog
from aiohttp import web

from monitor.alert_notes import note_of
from monitor.api.alerts_answers import (
    NAME_MAX,
    SMALL_BODY,
    TEXT_MAX,
    AlertEvent,
    AlertRefused,
    AlertTimeline,
    SayAssigned,
    SayComment,
    SayUseful,
    clean,
    refused,
    refused_body,
)
from monitor.api.alerts_find import Found, find, holding, row_of
from monitor.api.history import HistoryUnavailable, asked
from monitor.api.plan_body import BodyRefused, document
from monitor.api.rules_json import json_answer
from streams.bus.errors import BusError
from streams.vocabulary.facts import AlertNoteFact
from streams.vocabulary.states import NoteKind
from streams.warehouse.alert_notes import NoteRow

log = structlog.get_logger(__name__)


async def timeline(request: web.Request) -> web.Response:
    found = await _found(request)
    if isinstance(found, web.Response):
        return found
    parts, alert = found.parts, found.alert
    desk, unavailable = parts.alert_desk, ""
    stored: list[NoteRow] = []
    try:
        stored = await asked(
            parts.history, NoteRow, "alert_notes", alert=alert.alert, site=parts.id, raised_at=alert.raised_at
        )
    except HistoryUnavailable as error:
        unavailable = error.reason
    kept = [note for note in map(note_of, stored) if note is not None]
    try:
        notes = kept if desk is None else await desk.timeline(alert, kept)
    except BusError as error:
        notes, unavailable = kept, unavailable or str(error)
    row = row_of(desk, alert, me=parts.actor(request), silences=await holding(desk))
    return json_answer(AlertTimeline(alert=row, events=list(map(_event, notes)), unavailable=unavailable))


async def comment(request: web.Request) -> web.Response:
    body = await document(request, SayComment, most=SMALL_BODY)
    if isinstance(body, BodyRefused):
        return refused_body(body)
    text = clean(body.text, most=TEXT_MAX)
    if isinstance(text, AlertRefused):
        return refused(text, f"at most {TEXT_MAX} characters")
    return await _say(request, NoteKind.COMMENT, text=text)


async def assign(request: web.Request) -> web.Response:
    body = await document(request, SayAssigned, most=SMALL_BODY)
    if isinstance(body, BodyRefused):
        return refused_body(body)
    to = clean(body.to, most=NAME_MAX, empty=True)
    if isinstance(to, AlertRefused):
        return refused(to, f"at most {NAME_MAX} characters")
    return await _say(request, NoteKind.ASSIGNED, to=to)


async def useful(request: web.Request) -> web.Response:
    body = await document(request, SayUseful, most=SMALL_BODY)
    if isinstance(body, BodyRefused):
        return refused_body(body)
    kinds = {True: NoteKind.USEFUL, False: NoteKind.NOT_USEFUL, None: NoteKind.UNMARKED}
    return await _say(request, kinds[body.useful])


async def _say(request: web.Request, kind: NoteKind, *, text: str = "", to: str = "") -> web.Response:
    found = await _found(request)
    if isinstance(found, web.Response):
        return found
    desk = found.parts.alert_desk
    if desk is None:
        return refused(AlertRefused.NOT_KEPT)
    try:
        note = await desk.say(found.alert.alert, kind, by=found.parts.actor(request), text=text, to=to)
    except BusError as error:
        return refused(AlertRefused.BUS, str(error))
    log.info("alert_noted", site=found.parts.id, alert=note.alert, kind=kind, by=note.by)
    return json_answer(_event(note))


async def _found(request: web.Request) -> Found | web.Response:
    try:
        found = await find(request)
    except HistoryUnavailable as error:
        return refused(AlertRefused.HISTORY, error.reason)
    return found or refused(AlertRefused.UNKNOWN)


def _event(note: AlertNoteFact) -> AlertEvent:
    told = msgspec.structs.asdict(note)
    return AlertEvent(at=note.noted_at, **{name: told[name] for name in AlertEvent.__struct_fields__ if name != "at"})


def routes() -> list[web.RouteDef]:
    at = "/api/v1/alerts/{alert:.+}"
    return [
        web.get(f"{at}/timeline", timeline),
        web.post(f"{at}/comment", comment),
        web.post(f"{at}/assign", assign),
        web.post(f"{at}/useful", useful),
    ]
