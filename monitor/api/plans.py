"""A site's plan over HTTP. In: requests. Out: JSON of plans, versions, faults; files; what was published or why not.

Bodies are read here, for a plan is larger than what other routes take. Every change is logged with who asked for it.
May not know: how plans are kept.
"""

import asyncio
from enum import StrEnum
from typing import Final

import msgspec
import structlog
from aiohttp import web

from monitor.api.parts import Parts, parts_of
from monitor.api.plan_answers import (
    CheckAnswer,
    PinAnswer,
    PinAsked,
    PlanAnswer,
    PlanFaultAnswer,
    Publish,
    VersionAnswer,
    fault_rows,
)
from monitor.api.plan_body import BodyRefused, Turns, document, imported, read_body
from monitor.api.scope import allowed
from monitor.config_wall import EVERYTHING
from monitor.plan_desk import Faulty, Outdated, PlanDesk, Signed
from monitor.plan_open import read_plan_bytes
from monitor.plan_pictures import BYTES_MAX, PictureRefused, media_of, path_of
from monitor.plan_store import NOTE_MAX, NoVersion, PlanVersion, VersionDamaged
from seat_map.plan_csv import write_csv
from seat_map.plan_diff import PlanChanges, differ
from seat_map.plan_draft import Parsed
from seat_map.plan_faults import NAME_MAX
from seat_map.plan_toml import write_toml
from seat_map.plan_words import PlanDoc, doc_of, read_doc
from streams.vocabulary.ids import AgentId

log = structlog.get_logger(__name__)
encode = msgspec.json.Encoder().encode
SMALL: Final = 16 * 1024


class PlanRefused(StrEnum):
    NEWER_VERSION = "newer_version"
    """Somebody published since: look at what changed, then publish on top of it."""
    FAULTY = "faulty_plan"
    NO_VERSION = "no_such_version"
    DAMAGED = "version_damaged"
    NOT_WRITTEN = "plan_not_written"
    """The disk did not take it: full, or no right to write."""
    NO_SEAT = "no_such_seat"
    NO_AGENT = "no_agent_named"


STATUS: Final = {
    PlanRefused.NEWER_VERSION: 409,
    PlanRefused.FAULTY: 422,
    PlanRefused.NO_VERSION: 404,
    PlanRefused.DAMAGED: 500,
    PlanRefused.NOT_WRITTEN: 507,
    PlanRefused.NO_SEAT: 404,
    PlanRefused.NO_AGENT: 422,
}
PICTURE_STATUS: Final = {
    PictureRefused.TOO_LARGE: 413,
    PictureRefused.NO_PICTURE: 415,
    PictureRefused.TOO_WIDE: 415,
    PictureRefused.TOO_MANY: 409,
    PictureRefused.IN_USE: 409,
    PictureRefused.UNKNOWN: 404,
}


async def current(request: web.Request) -> web.Response:
    parts, desk = _desk(request)
    standing = desk.standing
    answer = PlanAnswer(
        site=parts.id,
        version=standing.about,
        versions=await desk.versions(),
        damaged=list(standing.damaged),
        faults=fault_rows(standing.faults),
        more=standing.more,
        pins=list(standing.pins.pins),
        plan=doc_of(standing.plan),
    )
    return _json(answer)


async def version(request: web.Request) -> web.Response:
    """With `against` another version than the parent to compare with."""
    _, desk = _desk(request)
    number, against = _number(request.match_info["version"]), request.query.get("against", "")
    try:
        kept = await desk.version(number)
        base = _number(against) if against else kept.about.parent
        changes = None if base is None else await desk.changes(base, number)
    except (NoVersion, VersionDamaged) as error:
        return _lost(error)
    return _json(VersionAnswer(version=kept.about, against=base, changes=changes, plan=kept.plan))


async def check(request: web.Request) -> web.Response:
    _, desk = _desk(request)
    doc = await document(request, PlanDoc)
    if isinstance(doc, BodyRefused):
        return _body(doc)
    parsed, changes = await desk.check(doc)
    return _json(_checked(parsed, changes))


async def publish(request: web.Request) -> web.Response:
    parts, desk = _desk(request)
    asked = await document(request, Publish)
    if isinstance(asked, BodyRefused):
        return _body(asked)
    if (asked.plan is None) == (asked.version is None):
        return _json(PlanFaultAnswer(reason="bad_body", detail="send either plan or version"), status=400)
    by = Signed(author=parts.actor(request), at=parts.clock(), note=asked.note[:NOTE_MAX])
    done: PlanVersion | Faulty | Outdated
    try:
        if asked.plan is not None:
            done = await desk.publish(asked.plan, base=asked.base_version, by=by)
        else:
            done = await desk.roll_back(asked.version or 0, base=asked.base_version, by=by)
    except (NoVersion, VersionDamaged) as error:
        return _lost(error)
    except OSError as error:
        return _refused(PlanRefused.NOT_WRITTEN, error.strerror or "")
    match done:
        case PlanVersion():
            log.info("plan_published", site=parts.id, by=done.author, version=done.version, origin=done.origin)
            return _json(done)
        case Faulty(parsed=parsed):
            rows = fault_rows(parsed.faults)
            return _json(PlanFaultAnswer(reason=PlanRefused.FAULTY, faults=rows, more=parsed.more), status=422)
        case Outdated(latest=latest, changes=changes):
            answer = PlanFaultAnswer(reason=PlanRefused.NEWER_VERSION, latest=latest, changes=changes)
            return _json(answer, status=409)


async def take_in(request: web.Request) -> web.Response:
    """A CSV or TOML file looked at, not published: the editor shows its faults and its sound part."""
    _, desk = _desk(request)
    body = await imported(request)
    if isinstance(body, BodyRefused):
        return _body(body)
    blob, table = body

    def inside() -> CheckAnswer:
        parsed = read_plan_bytes(blob, "file", table=table)
        return _checked(parsed, differ(desk.standing.plan, parsed.plan), doc_of(parsed.plan))

    return _json(await asyncio.to_thread(inside))


async def export(request: web.Request) -> web.Response:
    """With `version` an older one. What was done by hand is no part of it."""
    _, desk = _desk(request)
    wanted = request.query.get("version", "")
    try:
        plan = read_doc((await desk.version(_number(wanted))).plan).plan if wanted else desk.standing.plan
    except (NoVersion, VersionDamaged) as error:
        return _lost(error)
    table = request.match_info["kind"] == "csv"
    text = await asyncio.to_thread(lambda: write_csv(plan) if table else write_toml(plan))
    # a spreadsheet takes a table for UTF-8 only with its mark
    body = ("\ufeff" + text if table else text).encode()
    name = f"plan.{'csv' if table else 'toml'}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Security-Policy": "sandbox"}
    return web.Response(
        body=body, content_type="text/csv" if table else "application/toml", charset="utf-8", headers=headers
    )


async def pin(request: web.Request) -> web.Response:
    """A supervisor seats an agent by hand; the agent's earlier seat by hand is free again."""
    parts, desk = _desk(request)
    asked = await document(request, PinAsked, most=SMALL)
    if isinstance(asked, BodyRefused):
        return _body(asked)
    seat, agent = request.match_info["seat"], asked.agent.strip()
    if not desk.has_seat(seat):
        return _refused(PlanRefused.NO_SEAT, "")
    if not agent or len(agent) > NAME_MAX or not agent.isprintable():
        return _refused(PlanRefused.NO_AGENT, "")
    return await _pinned(parts, desk, request, seat, AgentId(agent))


async def unpin(request: web.Request) -> web.Response:
    parts, desk = _desk(request)
    seat = request.match_info["seat"]
    if all(one.seat != seat for one in desk.standing.pins.pins):
        return _refused(PlanRefused.NO_SEAT, "")
    return await _pinned(parts, desk, request, seat, None)


async def _pinned(parts: Parts, desk: PlanDesk, request: web.Request, seat: str, agent: AgentId | None) -> web.Response:
    try:
        line = await desk.pin(seat, agent, by=parts.actor(request), at=parts.clock())
    except VersionDamaged as error:
        return _lost(error)
    except OSError as error:
        return _refused(PlanRefused.NOT_WRITTEN, error.strerror or "")
    log.info("seat_pinned", site=parts.id, by=line.by, seat=seat, agent=line.agent)
    return _json(PinAnswer(done=line, pins=list(desk.standing.pins.pins)))


async def add_picture(request: web.Request) -> web.Response:
    _, desk = _desk(request)
    blob = await read_body(request, most=BYTES_MAX)
    if isinstance(blob, BodyRefused):
        return _body(blob)
    try:
        done = await desk.add_picture(blob)
    except OSError as error:
        return _refused(PlanRefused.NOT_WRITTEN, error.strerror or "")
    if isinstance(done, PictureRefused):
        return _json(PlanFaultAnswer(reason=done), status=PICTURE_STATUS[done])
    return _json(done)


async def picture(request: web.Request) -> web.StreamResponse:
    """Its kind is what its bytes were when it came; nothing in it can run."""
    _, desk = _desk(request)
    path = path_of(desk.pictures, request.query.get("name", ""))
    if path is None:
        return _json(PlanFaultAnswer(reason=PictureRefused.UNKNOWN), status=404)
    headers = {
        "Content-Type": media_of(path.name),
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, max-age=31536000, immutable",
    }
    return web.FileResponse(path, headers=headers)


async def remove_picture(request: web.Request) -> web.Response:
    _, desk = _desk(request)
    try:
        refused = await desk.remove_picture(request.query.get("name", ""))
    except OSError as error:
        return _refused(PlanRefused.NOT_WRITTEN, error.strerror or "")
    if refused is not None:
        return _json(PlanFaultAnswer(reason=refused), status=PICTURE_STATUS[refused])
    return _json({"done": "removed"})


def _checked(parsed: Parsed, changes: PlanChanges, plan: PlanDoc | None = None) -> CheckAnswer:
    rows = fault_rows(parsed.faults)
    return CheckAnswer(faults=rows, more=parsed.more, seats=len(parsed.plan.seats), changes=changes, plan=plan)


def _desk(request: web.Request) -> tuple[Parts, PlanDesk]:
    parts = parts_of(request)
    if parts.plans is None:
        raise web.HTTPNotFound(text="the plan of this site is fixed")
    if allowed(request, parts) is not EVERYTHING:
        raise web.HTTPForbidden(text="a plan names everybody's desk: open it without a scope")
    return parts, parts.plans


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 6):
        raise web.HTTPNotFound(text="a version is a whole number")
    return int(text)


def _lost(error: NoVersion | VersionDamaged) -> web.Response:
    return _refused(PlanRefused.NO_VERSION if isinstance(error, NoVersion) else PlanRefused.DAMAGED, str(error))


def _refused(reason: PlanRefused, detail: str) -> web.Response:
    return _json(PlanFaultAnswer(reason=reason, detail=detail), status=STATUS[reason])


def _body(refused: BodyRefused) -> web.Response:
    return _json(PlanFaultAnswer(reason=refused.reason, detail=refused.detail), status=refused.status)


def _json(body: object, *, status: int = 200) -> web.Response:
    response = web.Response(body=encode(body), status=status, content_type="application/json")
    response.enable_compression()
    return response


def routes() -> list[web.RouteDef]:
    turns = Turns()
    return [
        web.get("/api/v1/plan", current),
        web.post("/api/v1/plan", turns.of(publish)),
        web.post("/api/v1/plan/check", turns.of(check)),
        web.post("/api/v1/plan/import", turns.of(take_in)),
        web.get("/api/v1/plan/export.{kind:toml|csv}", export),
        web.get("/api/v1/plan/versions/{version}", version),
        web.put("/api/v1/plan/seats/{seat:[^/]+}/agent", pin),
        web.delete("/api/v1/plan/seats/{seat:[^/]+}/agent", unpin),
        web.post("/api/v1/plan/picture", turns.of(add_picture)),
        web.get("/api/v1/plan/picture", picture),
        web.delete("/api/v1/plan/picture", remove_picture),
    ]
