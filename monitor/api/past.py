"""The past floor over HTTP. In: requests with `at`. Out: what the history process folds, passed on as it comes.

May not know: how a past floor is made.
"""

import gzip
import secrets
from typing import Final

from aiohttp import web
from msgspec import to_builtins

from monitor.api.history import HistoryUnavailable
from monitor.api.parts import Parts, parts_of
from monitor.api.past_door import KIND, UNKNOWN_SEATING, PastAnswer, PastDoor, PastQuestion, PastRefused
from monitor.api.past_time import AtFault, read_at
from monitor.api.scope import allowed
from monitor.config_wall import EVERYTHING
from seat_map.seating import Seating

BOOT: Final = secrets.token_hex(4)
"""Two runs of this process may seat people differently under equal numbers."""


async def report(request: web.Request) -> web.Response:
    return await _passed_on(request, "report")


async def agent(request: web.Request) -> web.Response:
    return await _passed_on(request, "agent", agent=request.match_info["agent"])


async def day(request: web.Request) -> web.Response:
    return await _passed_on(request, "day")


async def frame(request: web.Request) -> web.Response:
    """`people`: the revision of the names the browser has."""
    people = request.query.get("people", "0")
    if not (people.isascii() and people.isdecimal() and len(people) <= 10):
        return _fault("people is a whole number")
    return await _passed_on(request, "frame", people=int(people))


async def _passed_on(request: web.Request, kind: KIND, *, agent: str = "", people: int = 0) -> web.Response:
    parts = parts_of(request)
    if allowed(request, parts) is not EVERYTHING:
        raise web.HTTPForbidden(text="the past is shown whole or not at all: open it without a scope")
    try:
        at = read_at(request.query.get("at", ""), zone=parts.timezone, now=parts.clock())
    except AtFault as fault:
        return _fault(str(fault))
    question = PastQuestion(kind=kind, site=parts.floor.site, at=at, agent=agent, people=people)
    answer = await ask_past(parts, question)
    response = web.Response(body=answer.body, status=answer.status, content_type=answer.media)
    if answer.encoding:
        response.headers["Vary"] = "Accept-Encoding"
        if answer.encoding in request.headers.get("Accept-Encoding", ""):
            response.headers["Content-Encoding"] = answer.encoding
        else:
            response.body = gzip.decompress(answer.body)
    response.headers["Cache-Control"] = "no-store"
    return response


def _fault(text: str) -> web.Response:
    return web.json_response(to_builtins(PastRefused(reason="bad_moment", detail=text)), status=400)


async def ask_past(parts: Parts, question: PastQuestion) -> PastAnswer:
    """Raises HistoryUnavailable. The seating is told when history does not know it yet."""
    door = _door(parts)
    if question.kind != "frame":
        return await door.ask(question)
    seating = parts.hub.picture.seating
    question.seating = f"{BOOT}.{parts.id}.{len(seating.places)}.{seating.size}"
    answer = await door.ask(question)
    if answer.status == UNKNOWN_SEATING:
        answer = await door.ask(_with_seats(question, seating))
    return answer


def _door(parts: Parts) -> PastDoor:
    if parts.past is None:
        raise HistoryUnavailable("this service keeps no past: start its history process (role archive)")
    return parts.past


def _with_seats(question: PastQuestion, seating: Seating) -> PastQuestion:
    question.size = seating.size
    question.places = {str(name): place.index for name, place in seating.places.items()}
    plan = [row for row, seat in enumerate(seating.plan.seats) if seat.free_desk and row not in seating.agents]
    bench = [row for row in range(len(seating.plan.seats), seating.size) if row not in seating.agents]
    question.free = plan + bench
    return question
