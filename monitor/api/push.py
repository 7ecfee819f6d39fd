"""`POST /api/v1/events`. In: NDJSON, a JSON array, Kinesis-shaped JSON; gzip allowed. Out: an answer for each line.

200 means that every accepted event is durable. Each refusal has its reason and mend. May not know: what a line means.
"""

import asyncio
from typing import Final

import msgspec
from aiohttp import ClientPayloadError, web
from aiohttp.http_exceptions import HttpProcessingError

from monitor.api.parts import PARTS
from monitor.api.push_door import PushDoor
from monitor.api.push_lines import NotGzip, TooLarge, gunzip
from monitor.api.push_words import BatchAnswer, BatchRefused, DoorReason, DoorSource

STATUS: Final = {
    DoorReason.NOBODY_PUSHES: 404,
    DoorReason.NO_BEARER: 401,
    DoorReason.WRONG_BEARER: 403,
    DoorReason.WRONG_SOURCE: 403,
    DoorReason.SOURCE_NOT_NAMED: 422,
    DoorReason.WRONG_TYPE: 415,
    DoorReason.WRONG_ENCODING: 415,
    DoorReason.BAD_COMPRESSION: 422,
    DoorReason.BODY_TOO_LARGE: 413,
    DoorReason.BODY_TOO_SLOW: 408,
    DoorReason.BODY_CUT: 400,
    DoorReason.BATCH_TOO_LONG: 413,
    DoorReason.NOT_A_BATCH: 422,
    DoorReason.NOTHING_SENT: 422,
    DoorReason.NOTHING_USABLE: 422,
    DoorReason.TOO_MANY_EVENTS: 429,
    DoorReason.TOO_MANY_BATCHES: 429,
    DoorReason.TOO_MANY_SOCKETS: 429,
    DoorReason.NOT_DURABLE: 503,
}
TYPES: Final = ("application/x-ndjson", "application/ndjson", "application/jsonl", "application/json")
ENCODINGS: Final = ("", "identity", "gzip")
FIREHOSE_KEY: Final = "X-Amz-Firehose-Access-Key"
FIREHOSE_REQUEST: Final = "X-Amz-Firehose-Request-Id"


async def events(request: web.Request) -> web.Response:
    door = request.app[PARTS].push
    if door is None:
        return answered(request, nobody_pushes())
    source = door.admit(bearer(request), request.query.get("source", ""))
    if isinstance(source, BatchRefused):
        return answered(request, source)
    if fault := _form_fault(request, door, source) or door.enter(source):
        return answered(request, fault)
    try:
        body = await _read(request, door, source)
        return answered(request, body if isinstance(body, BatchRefused) else await door.take(source, body))
    finally:
        door.leave(source)


def bearer(request: web.Request) -> str:
    """The token; Amazon Data Firehose has a header of its own for it."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else request.headers.get(FIREHOSE_KEY, "")


def nobody_pushes() -> BatchRefused:
    return BatchRefused(
        reason=DoorReason.NOBODY_PUSHES, detail="no source is pushed", mend="add a [[source]] of kind push"
    )


def _form_fault(request: web.Request, door: PushDoor, source: DoorSource) -> BatchRefused | None:
    """What the headers alone tell."""
    if request.content_type not in TYPES:
        mend = f"send Content-Type: {TYPES[0]}"
        return door.refuse(source.id, DoorReason.WRONG_TYPE, f"{request.content_type[:80]} is not read here", mend)
    if _encoding(request) not in ENCODINGS:
        return door.refuse(source.id, DoorReason.WRONG_ENCODING, "only gzip is unpacked", "send it plain or as gzip")
    if (request.content_length or 0) > door.limits.body_bytes:
        return _too_large(door, source)
    return None


def _encoding(request: web.Request) -> str:
    return request.headers.get("Content-Encoding", "").strip().lower()


def _too_large(door: PushDoor, source: DoorSource) -> BatchRefused:
    most = door.limits.body_bytes
    return door.refuse(
        source.id, DoorReason.BODY_TOO_LARGE, f"more than {most} bytes, unpacked", "send it in smaller batches"
    )


async def _read(request: web.Request, door: PushDoor, source: DoorSource) -> bytes | BatchRefused:
    """The unpacked body; a bomb costs no more than the limit."""
    chunks: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(door.limits.body_timeout_s):
            while chunk := await request.content.readany():
                size += len(chunk)
                if size > door.limits.body_bytes:
                    return _too_large(door, source)
                chunks.append(chunk)
    except TimeoutError:
        detail = f"not whole after {door.limits.body_timeout_s:g} s"
        return door.refuse(source.id, DoorReason.BODY_TOO_SLOW, detail, "send smaller batches")
    except (HttpProcessingError, ClientPayloadError, ConnectionError) as error:
        return door.refuse(source.id, DoorReason.BODY_CUT, str(error)[:200], "send it again")
    body = b"".join(chunks)
    # in a thread: the floor shares this loop
    return await asyncio.to_thread(_unpacked, body, door, source) if _encoding(request) == "gzip" else body


def _unpacked(body: bytes, door: PushDoor, source: DoorSource) -> bytes | BatchRefused:
    try:
        return gunzip(body, most=door.limits.body_bytes)
    except NotGzip as error:
        return door.refuse(source.id, DoorReason.BAD_COMPRESSION, str(error), "send whole, valid gzip")
    except TooLarge:
        return _too_large(door, source)


def answered(request: web.Request, answer: BatchAnswer | BatchRefused) -> web.Response:
    refused = answer if isinstance(answer, BatchRefused) else None
    status = 200 if refused is None else STATUS[refused.reason]
    body: object = answer
    if FIREHOSE_REQUEST in request.headers:
        body, status = _firehose(request, refused, status)
    response = web.Response(body=msgspec.json.encode(body), status=status, content_type="application/json")
    if refused is not None and refused.retry_after_s is not None:
        response.headers["Retry-After"] = str(refused.retry_after_s)
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="floorwatch events"'
    if not request.content.is_eof():
        response.force_close()
    return response


def _firehose(request: web.Request, refused: BatchRefused | None, status: int) -> tuple[object, int]:
    """What Firehose expects of an HTTP endpoint. It repeats whatever is not 200: no use where nothing would change."""
    known = {
        "requestId": request.headers[FIREHOSE_REQUEST][:200],
        "timestamp": request.app[PARTS].clock(),
    }
    if refused is None or refused.reason is DoorReason.NOTHING_USABLE:
        return known, 200
    return {**known, "errorMessage": f"{refused.reason}: {refused.detail}; {refused.mend}"}, status
