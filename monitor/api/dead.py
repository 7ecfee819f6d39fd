"""Dead letters over HTTP. In: requests. Out: pages of letters as JSON; one goes back to its stream or is discarded.

Each change is logged with who asked for it. May not know: how letters are kept.
"""

import re
from typing import Final

import msgspec
import structlog
from aiohttp import web

from monitor.api.dead_desk import DeadDesk, DeadDone, DeadFault, DeadPage, DeadRefused
from monitor.api.parts import PARTS
from streams.bus.dead import PAGE_MOST
from streams.bus.errors import BusError

log = structlog.get_logger(__name__)

PAGE: Final = 50
_LETTER: Final = re.compile(r"[0-9]{1,20}-[0-9]{1,20}")
STATUS: Final = {
    DeadRefused.UNKNOWN_STREAM: 404,
    DeadRefused.NO_LETTER: 404,
    DeadRefused.NOTHING_IN_IT: 409,
    DeadRefused.NOT_AGAIN: 409,
    DeadRefused.SOURCE_GONE: 409,
    DeadRefused.REFUSED_AGAIN: 409,
    DeadRefused.NOT_KEPT_NOW: 503,
}


class DeadStream(msgspec.Struct, frozen=True, kw_only=True):
    """How many letters a stream has, and why (over the newest `counted`)."""

    stream: str
    letters: int
    counted: int
    reasons: dict[str, int]


async def letters(request: web.Request) -> web.Response:
    """Without `stream`: every stream's counts. With it: a page of its letters."""
    desk = _desk(request)
    stream = request.query.get("stream", "")
    try:
        if not stream:
            told = [
                DeadStream(stream=one.stream, letters=one.letters, counted=one.counted, reasons=dict(one.reasons))
                for one in await desk.tallies()
            ]
            return _json({"streams": told})
        before, limit = request.query.get("before", ""), request.query.get("limit", str(PAGE))
        if before and not is_letter(before):
            return _json({"reason": "before is the id of a letter"}, status=400)
        if not (limit.isascii() and limit.isdecimal() and 1 <= int(limit[:5]) <= PAGE_MOST):
            return _json({"reason": f"limit is a whole number from 1 to {PAGE_MOST}"}, status=400)
        reason = request.query.get("reason", "")
        return _answered(await desk.page(stream, limit=int(limit), before=before, reason=reason))
    except BusError as error:
        return _away(error)


async def redrive(request: web.Request) -> web.Response:
    desk, (stream, letter) = _desk(request), _named(request)
    try:
        answer = await desk.redrive(stream, letter)
    except BusError as error:
        return _away(error)
    _audit(request, "dead_letter_redriven", answer, stream=stream, letter=letter)
    return _answered(answer)


async def redrive_reason(request: web.Request) -> web.Response:
    desk, stream, reason = _desk(request), request.match_info["stream"], request.query.get("reason", "")
    if not reason:
        return _json({"reason": "name the reason: ?reason=…"}, status=400)
    try:
        answer = await desk.redrive_reason(stream, reason)
    except BusError as error:
        return _away(error)
    _audit(request, "dead_letters_redriven", answer, stream=stream, reason=reason[:100])
    return _answered(answer)


async def discard(request: web.Request) -> web.Response:
    desk, (stream, letter) = _desk(request), _named(request)
    try:
        answer = await desk.discard(stream, letter)
    except BusError as error:
        return _away(error)
    _audit(request, "dead_letter_discarded", answer, stream=stream, letter=letter)
    return _answered(answer)


def is_letter(text: str) -> bool:
    """Whether it reads like the id of a letter."""
    return _LETTER.fullmatch(text) is not None


def _desk(request: web.Request) -> DeadDesk:
    desk = request.app[PARTS].dead
    if desk is None:
        raise web.HTTPNotFound(text="no dead letters are kept here")
    return desk


def _named(request: web.Request) -> tuple[str, str]:
    stream, letter = request.match_info["stream"], request.match_info["letter"]
    if not is_letter(letter):
        raise web.HTTPNotFound(text="no such letter")
    return stream, letter


def _audit(request: web.Request, what: str, answer: DeadDone | DeadFault, **told: str) -> None:
    outcome = str(answer.letters) if isinstance(answer, DeadDone) else str(answer.reason)
    log.info(what, by=request.app[PARTS].actor(request), outcome=outcome, **told)


def _answered(answer: DeadPage | DeadDone | DeadFault) -> web.Response:
    return _json(answer, status=STATUS[answer.reason] if isinstance(answer, DeadFault) else 200)


def _away(error: BusError) -> web.Response:
    return _json({"reason": "bus_away", "detail": error.fault, "mend": error.mend}, status=503)


def _json(body: object, *, status: int = 200) -> web.Response:
    return web.Response(body=msgspec.json.encode(body), status=status, content_type="application/json")
