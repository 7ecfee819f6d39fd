"""`/ws/events`. In: one NDJSON batch a message. Out: one answer a message, in order, with the number of its batch.

The token comes in the handshake's Authorization header, which no foreign page can set. One batch at a time is read, so
a pusher that is too fast waits in its own socket. May not know: what a line means.
"""

import asyncio
from typing import Final

import msgspec
import structlog
from aiohttp import WebSocketError, WSCloseCode, WSMsgType, web

from monitor.api.parts import PARTS
from monitor.api.push import answered, bearer, nobody_pushes
from monitor.api.push_door import PushDoor
from monitor.api.push_words import BatchAnswer, BatchRefused, DoorReason, DoorSource

log = structlog.get_logger(__name__)

HEARTBEAT_S: Final = 20
SEND_TIMEOUT_S: Final = 10
LONGEST_PAUSE_S: Final = 5


async def socket(request: web.Request) -> web.StreamResponse:
    door = request.app[PARTS].push
    if door is None:
        return answered(request, nobody_pushes())
    source = door.admit(bearer(request), request.query.get("source", ""))
    if isinstance(source, BatchRefused):
        return answered(request, source)
    if fault := door.open_socket(source):
        return answered(request, fault)
    try:
        return await _listen(request, door, source)
    finally:
        door.close_socket(source)


async def _listen(request: web.Request, door: PushDoor, source: DoorSource) -> web.WebSocketResponse:
    line = web.WebSocketResponse(compress=False, heartbeat=HEARTBEAT_S, max_msg_size=door.limits.body_bytes)
    await line.prepare(request)
    batch = 0
    async for message in line:
        if message.type is WSMsgType.ERROR:  # the library has closed the line already
            _count_close(door, source, message.data)
            break
        if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
            continue
        batch += 1
        body = message.data.encode() if message.type is WSMsgType.TEXT else message.data
        answer = await _taken(door, source, body)
        if not await _told(line, batch, answer):
            log.info("push_socket_not_read", source=source.id)
            break
        if isinstance(answer, BatchRefused) and answer.retry_after_s:
            await asyncio.sleep(min(answer.retry_after_s, LONGEST_PAUSE_S))
    return line


def _count_close(door: PushDoor, source: DoorSource, error: object) -> None:
    """Its close code is all the pusher is told."""
    large = isinstance(error, WebSocketError) and error.code == WSCloseCode.MESSAGE_TOO_BIG
    door.refuse(source.id, DoorReason.BODY_TOO_LARGE if large else DoorReason.BODY_CUT, "", "")


async def _taken(door: PushDoor, source: DoorSource, body: bytes) -> BatchAnswer | BatchRefused:
    if fault := door.enter(source):
        return fault
    try:
        return await door.take(source, body)
    finally:
        door.leave(source)


async def _told(line: web.WebSocketResponse, batch: int, answer: BatchAnswer | BatchRefused) -> bool:
    """False: the pusher does not read its answers, or is gone."""
    text = msgspec.json.encode({"batch": batch, **msgspec.to_builtins(answer)}).decode()
    try:
        async with asyncio.timeout(SEND_TIMEOUT_S):
            await line.send_str(text)
    except (TimeoutError, ConnectionError):
        return False
    return True
