"""A recording over HTTP. In: audio with what is known of it. Out: answers.

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

from monitor.api import intake_ledger
from monitor.api.intake_answers import FIELDS, as_json, refused_with
from monitor.api.parts import PARTS
from monitor.intake import Announced
from monitor.intake_desk import IntakeDesk, IntakeRefused, Meta
from streams.bus.errors import BusError

log = structlog.get_logger(__name__)

BODY_S: Final = 300.0
LONGEST_FIELD: Final = 512


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
    response = refused_with(reason, detail)
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
        return refused_with(IntakeRefused.WRONG_FIELD)
    answer = await desk.take_part(writing.path, digest, meta)
    if isinstance(answer, IntakeRefused):
        return refused_with(answer)
    told, recording = answer
    return as_json(
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


def routes() -> list[web.RouteDef]:
    return [web.post("/api/v1/recordings", post_recording), *intake_ledger.routes()]
