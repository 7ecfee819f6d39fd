"""The ledger of recordings over HTTP. In: audio with what is known of it, manifests, words of a person. Out: answers.

201: the recording lies on disk and stands in the ledger; 200: it did before. May not know: how the ledger is kept.
"""

import asyncio
import hashlib
import os
from pathlib import Path
from typing import Final

import msgspec
import structlog
from aiohttp import ClientPayloadError, StreamReader, web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.multipart import BodyPartReader

from asr.intake_manifest import read_manifest
from asr.intake_states import State
from monitor.api.parts import PARTS
from monitor.intake import Announced
from monitor.intake_desk import IntakeDesk, IntakeRefused, Meta
from streams.bus.errors import BusError
from streams.vocabulary.ids import Millis, SiteId

log = structlog.get_logger(__name__)

BODY_S: Final = 300.0
MANIFEST_BYTES: Final = 50_000_000
MOST_ROWS: Final = 500
FIELDS: Final = ("name", "id", "contact", "at", "agent", "queue", "site", "urgent")
LONGEST_FIELD: Final = 512
STATUS: Final = {
    IntakeRefused.NO_INTAKE: 404,
    IntakeRefused.NO_TOKEN: 401,
    IntakeRefused.WRONG_TOKEN: 403,
    IntakeRefused.NOTHING_IN_BODY: 422,
    IntakeRefused.RECORDING_TOO_LARGE: 413,
    IntakeRefused.RECORDING_TOO_SLOW: 408,
    IntakeRefused.RECORDING_CUT: 400,
    IntakeRefused.UNKNOWN_ENDING: 415,
    IntakeRefused.UNKNOWN_SITE: 422,
    IntakeRefused.WRONG_FIELD: 422,
    IntakeRefused.FILE_MISSING: 404,
    IntakeRefused.NOT_IN_QUARANTINE: 409,
    IntakeRefused.NOT_UNMATCHED: 409,
    IntakeRefused.BUS_AWAY: 503,
    IntakeRefused.DISK_REFUSES: 507,
}
MENDS: Final = {
    IntakeRefused.NO_INTAKE: "configure [recordings] with a secret",
    IntakeRefused.NO_TOKEN: "send the header Authorization: Bearer TOKEN",
    IntakeRefused.WRONG_TOKEN: "check the secret of [recordings]",
    IntakeRefused.NOTHING_IN_BODY: "send the audio as the body, or as the part `file` of a form",
    IntakeRefused.RECORDING_TOO_LARGE: "raise [recordings] most_mb, or cut the recording",
    IntakeRefused.RECORDING_TOO_SLOW: "send it over a faster line, or lay it into the watched folder",
    IntakeRefused.RECORDING_CUT: "send it again",
    IntakeRefused.UNKNOWN_ENDING: "name the file with its real ending, as ?name=a.wav",
    IntakeRefused.UNKNOWN_SITE: "name a site of the configuration, or none",
    IntakeRefused.WRONG_FIELD: f"fields are {', '.join(FIELDS)}; `at` is epoch milliseconds",
    IntakeRefused.FILE_MISSING: "look again",
    IntakeRefused.NOT_IN_QUARANTINE: "look again: it has moved on, or has no contact or no file yet",
    IntakeRefused.NOT_UNMATCHED: "look again: it has its contact already; or name the contact",
    IntakeRefused.BUS_AWAY: "send it again later; a second copy is harmless",
    IntakeRefused.DISK_REFUSES: "free disk space, then send it again",
}


def _desk(request: web.Request) -> IntakeDesk:
    desk = request.app[PARTS].intake
    if desk is None:
        raise web.HTTPNotFound(text="no recordings are configured")
    return desk


def _refused(reason: IntakeRefused, detail: str = "") -> web.Response:
    body = msgspec.json.encode({"reason": reason, "detail": detail, "mend": MENDS[reason]})
    response = web.Response(body=body, status=STATUS[reason], content_type="application/json")
    if STATUS[reason] == 503:
        response.headers["Retry-After"] = "5"
    return response


def _json(body: object, *, status: int = 200) -> web.Response:
    return web.Response(body=msgspec.json.encode(body), status=status, content_type="application/json")


# ---- a recording ----------------------------------------------------------------------------------------------------
async def post_recording(request: web.Request) -> web.Response:
    """The body is the audio and the query tells of it; or a form with the part `file` and fields."""
    desk = request.app[PARTS].intake
    if desk is None:
        return _closed(request, IntakeRefused.NO_INTAKE)
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if refused := desk.admits(token.strip() if kind.lower() == "bearer" else ""):
        return _closed(request, refused)
    if (request.content_length or 0) > desk.most_bytes:
        return _closed(request, IntakeRefused.RECORDING_TOO_LARGE)
    try:
        part = await asyncio.to_thread(desk.part)
        try:
            async with asyncio.timeout(BODY_S):
                return await _taken(request, desk, part)
        finally:
            await asyncio.to_thread(part.unlink, missing_ok=True)
    except TimeoutError:
        return _closed(request, IntakeRefused.RECORDING_TOO_SLOW)
    except (HttpProcessingError, ClientPayloadError, ConnectionError) as error:
        return _closed(request, IntakeRefused.RECORDING_CUT, str(error)[:200])
    except BusError as error:
        return _closed(request, IntakeRefused.BUS_AWAY, error.fault)
    except OSError as error:
        log.warning("recording_not_written", fault=error.strerror)
        return _closed(request, IntakeRefused.DISK_REFUSES, error.strerror or "")


def _closed(request: web.Request, reason: IntakeRefused, detail: str = "") -> web.Response:
    response = _refused(reason, detail)
    if not request.content.is_eof():
        response.force_close()
    return response


async def _taken(request: web.Request, desk: IntakeDesk, part: os.PathLike[str]) -> web.Response:
    fields = {name: request.query[name] for name in FIELDS if name in request.query}
    writing = _Writing(part, desk.most_bytes)
    try:
        if request.content_type == "multipart/form-data":
            fault = await _form(request, fields, writing)
        else:
            fault = await writing.all_of(request.content)
        digest = await asyncio.to_thread(writing.close)
    finally:
        writing.abandon()
    meta = _meta(fields)
    if fault is None and not writing.size:
        fault = IntakeRefused.NOTHING_IN_BODY
    if fault is not None:
        return _closed(request, fault)
    if meta is None:
        return _refused(IntakeRefused.WRONG_FIELD)
    answer = await desk.take_part(writing.path, digest, meta)
    if isinstance(answer, IntakeRefused):
        return _refused(answer)
    told, recording = answer
    return _json(
        {"state": told, "recording": recording, "sha256": digest}, status=200 if told is Announced.KNOWN else 201
    )


async def _form(request: web.Request, fields: dict[str, str], writing: "_Writing") -> IntakeRefused | None:
    async for item in await request.multipart():
        if not isinstance(item, BodyPartReader):
            return IntakeRefused.WRONG_FIELD
        if item.name == "file":
            fields.setdefault("name", item.filename or "")
            if fault := await writing.all_of(item):
                return fault
        elif item.name in FIELDS:
            fields[item.name] = (await item.read_chunk(LONGEST_FIELD + 1)).decode("utf-8", "replace")
            await item.release()
        else:
            return IntakeRefused.WRONG_FIELD
    return None


def _meta(fields: dict[str, str]) -> Meta | None:
    if any(len(value) > LONGEST_FIELD for value in fields.values()):
        return None
    try:
        return msgspec.convert({**fields, "urgent": fields.get("urgent", "0")}, Meta, strict=False)
    except msgspec.ValidationError:
        return None


class _Writing:
    """A body on its way to disk, counted and digested. Owns its file."""

    def __init__(self, path: os.PathLike[str], most: int) -> None:
        self.path = Path(path)
        self.size = 0
        self._most = most
        self._file = self.path.open("wb")
        self._digest = hashlib.sha256()

    async def all_of(self, body: StreamReader | BodyPartReader) -> IntakeRefused | None:
        while chunk := await (body.read_chunk(256 * 1024) if isinstance(body, BodyPartReader) else body.readany()):
            self.size += len(chunk)
            if self.size > self._most:
                return IntakeRefused.RECORDING_TOO_LARGE
            await asyncio.to_thread(self._put, chunk)
        return None

    def _put(self, chunk: bytes) -> None:
        self._digest.update(chunk)
        self._file.write(chunk)

    def close(self) -> str:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        return self._digest.hexdigest()

    def abandon(self) -> None:
        self._file.close()


# ---- many at once ---------------------------------------------------------------------------------------------------
async def import_manifest(request: web.Request) -> web.Response:
    """A CSV manifest; `?dry=1` only judges it."""
    desk = _desk(request)
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.content.iter_any():
        size += len(chunk)
        if size > MANIFEST_BYTES:
            return _closed(request, IntakeRefused.RECORDING_TOO_LARGE, f"more than {MANIFEST_BYTES} bytes")
        chunks.append(chunk)
    text = b"".join(chunks).decode("utf-8", "replace")
    manifest = await asyncio.to_thread(read_manifest, text)
    try:
        answer = await desk.import_rows(manifest, dry=request.query.get("dry") == "1")
    except BusError as error:
        return _refused(IntakeRefused.BUS_AWAY, error.fault)
    actor = request.app[PARTS].actor(request)
    log.info("recordings_imported", by=actor, lines=answer.lines, taken=answer.taken, faults=len(answer.faults))
    return _json(answer, status=200 if not answer.faults or answer.taken or answer.known else 422)


# ---- what is seen and said ------------------------------------------------------------------------------------------
async def ledger(request: web.Request) -> web.Response:
    """Counts, and rows of `state` (all without one), filtered by `reason` and `text`."""
    desk = _desk(request)
    asked_for = request.query.get("state", "")
    if asked_for not in ("", *State):
        raise web.HTTPNotFound(text=f"states are {', '.join(State)}")
    sites = _sites(request, desk)
    states = [State(asked_for)] if asked_for else list(State)
    try:
        seen = await desk.seen(sites)
        rows = []
        for site in sites:
            rows += await desk.rows(
                site,
                states,
                reason=request.query.get("reason", ""),
                text=request.query.get("text", "")[:100],
                limit=min(int(request.query.get("limit", "100")[:4] or 100), MOST_ROWS),
            )
    except ValueError:
        raise web.HTTPNotFound(text="limit is a whole number") from None
    except BusError as error:
        return _refused(IntakeRefused.BUS_AWAY, error.fault)
    rows.sort(key=lambda row: row.changed_at, reverse=True)
    return _json({"seen": seen, "rows": rows[:MOST_ROWS]})


def _sites(request: web.Request, desk: IntakeDesk) -> list[SiteId]:
    wanted = request.query.get("site", "")
    if wanted and wanted not in desk.around.sites:
        raise web.HTTPNotFound(text=f"there is no such site; there are {', '.join(desk.around.sites)}")
    return [SiteId(wanted)] if wanted else list(desk.around.sites)


async def act(request: web.Request) -> web.Response:
    """retry, discard, or match with ?contact= and, if need be, &at= (epoch ms)."""
    desk = _desk(request)
    (site, *_), recording, what = _sites(request, desk), request.query.get("recording", ""), request.match_info["what"]
    try:
        match what:
            case "retry":
                refused = await desk.retry(site, recording)
            case "discard":
                refused = await desk.discard(site, recording)
            case "match":
                at = request.query.get("at", "")
                moment = Millis(int(at)) if at.isascii() and at.isdecimal() and len(at) <= 14 else None
                refused = await desk.match(site, recording, request.query.get("contact", "").strip(), moment)
            case _:
                raise web.HTTPNotFound(text="retry, discard or match")
    except BusError as error:
        return _refused(IntakeRefused.BUS_AWAY, error.fault)
    log.info(
        f"recording_{what}", by=request.app[PARTS].actor(request), recording=recording[:140], refused=refused or ""
    )
    return _refused(refused) if refused else _json({"done": what})


def routes() -> list[web.RouteDef]:
    return [
        web.post("/api/v1/recordings", post_recording),
        web.get("/api/v1/recordings", ledger),
        web.post("/api/v1/recordings/import", import_manifest),
        web.post("/api/v1/recordings/act/{what}", act),
    ]
