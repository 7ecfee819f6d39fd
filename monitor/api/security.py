"""The browser's guard rails. In: requests. Out: headers on every answer; typed refusals of foreign origins.

A change of state needs the header X-Floorwatch, which no form or foreign page can send. May not know: pages, rows.
"""

from collections.abc import Awaitable, Callable
from enum import StrEnum
from urllib.parse import urlsplit

from aiohttp import web

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self'; media-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
OUR_HEADER = "X-Floorwatch"
READING = frozenset({"GET", "HEAD", "OPTIONS"})

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class OriginRefused(StrEnum):
    FOREIGN = "foreign_origin"


def origin_fault(request: web.Request, allowed: frozenset[str]) -> OriginRefused | None:
    """A browser always tells its page's origin; who tells none is no browser and carries no browser's cookies."""
    origin = request.headers.get("Origin")
    if origin is None or origin in allowed:
        return None
    return None if urlsplit(origin).netloc == request.host else OriginRefused.FOREIGN


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Signal handler on_response_prepare: also reaches static files and error answers."""
    if isinstance(response, web.WebSocketResponse):
        return
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-cache"


@web.middleware
async def guard_changes(request: web.Request, handler: Handler) -> web.StreamResponse:
    if request.method not in READING and request.headers.get(OUR_HEADER) != "1":
        raise web.HTTPForbidden(text=f"send the header {OUR_HEADER}: 1 with every change")
    return await handler(request)
