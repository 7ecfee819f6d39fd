"""The browser's guard rails. In: requests. Out: headers on every answer; typed refusals of foreign origins and names.

A change of state needs the header X-Floorwatch, which no form or foreign page can send (nor a bearer token). A foreign
name in Host is refused: its owner could point it here and read us as its own origin. May not know: pages, rows.
"""

import ipaddress
from collections.abc import Awaitable, Callable
from enum import StrEnum
from urllib.parse import urlsplit

from aiohttp import web

from monitor.api.parts import PARTS

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
PROBED = frozenset({"/healthz", "/readyz"})
"""Probes come by any name."""
TOKENED = frozenset({"/api/v1/events", "/ws/events"})
"""Their token is the guard: machines come by any name and without our header."""

POSTED = "/api/v1/recordings"
"""The same for what is posted there; reading it is a page's."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class OriginRefused(StrEnum):
    FOREIGN = "foreign_origin"


def origin_fault(request: web.Request, allowed: frozenset[str]) -> OriginRefused | None:
    """A browser always tells its page's origin; who tells none is no browser and carries no browser's cookies."""
    origin = request.headers.get("Origin")
    if origin is None or _origin(origin) in map(_origin, allowed):
        return None
    return None if urlsplit(origin).netloc == request.host else OriginRefused.FOREIGN


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


class HostRefused(StrEnum):
    FOREIGN = "foreign_host"


def host_fault(host: str, allowed: frozenset[str]) -> HostRefused | None:
    """An address, localhost, a name without dots: nobody else's. Other names must be in `allowed` URLs."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return HostRefused.FOREIGN
    name = name.removesuffix(".")
    if name in {urlsplit(url).hostname for url in allowed} or name.endswith(".localhost"):
        return None
    try:
        ipaddress.ip_address(name)
    except ValueError:
        plain = name.replace("-", "").replace("_", "").isalnum()
        return None if plain else HostRefused.FOREIGN
    return None


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
    if request.path in TOKENED or (request.path == POSTED and request.method == "POST"):
        return await handler(request)
    if request.path not in PROBED and (refused := host_fault(request.host, request.app[PARTS].origins)):
        raise web.HTTPMisdirectedRequest(text=f"{refused}: name it in web.public_url, or come by address")
    if request.method not in READING and request.headers.get(OUR_HEADER) != "1":
        raise web.HTTPForbidden(text=f"send the header {OUR_HEADER}: 1 with every change")
    return await handler(request)
