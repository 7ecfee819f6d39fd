"""Bodies of the plan's routes. In: a request. Out: bytes or a decoded document, or why not.

Read piece by piece up to a stated size, whatever the request claims. May not know: plans.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeVar

import msgspec
from aiohttp import web

from streams.vocabulary.codec import UNREADABLE

PLAN_MAX: Final = 24 * 1024 * 1024
"""65,536 seats are about 8 MB of JSON."""
PATIENCE_S: Final = 60.0
TABLES: Final = frozenset({"text/csv", "application/csv", "application/vnd.ms-excel", "text/tab-separated-values"})
TOMLS: Final = frozenset({"application/toml", "text/toml"})
T = TypeVar("T", bound=msgspec.Struct)


AT_ONCE: Final = 5
"""Plans read at one moment: each may take hundreds of megabytes, and a thread of the few that all share."""
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Turns:
    """How many plans are being read now. Mutable; one per application."""

    def __init__(self) -> None:
        self._taken = 0

    def of(self, handler: Handler) -> Handler:
        async def inside(request: web.Request) -> web.StreamResponse:
            if self._taken >= AT_ONCE:
                return web.json_response({"reason": PlanBodyRefused.BUSY}, status=503, headers={"Retry-After": "5"})
            self._taken += 1
            try:
                return await handler(request)
            finally:
                self._taken -= 1

        return inside


class PlanBodyRefused(StrEnum):
    BUSY = "too_many_plans_at_once"
    TOO_LARGE = "body_too_large"
    TOO_SLOW = "body_too_slow"
    NOT_READ = "bad_body"
    KIND = "neither_csv_nor_toml"


STATUS: Final = {
    PlanBodyRefused.BUSY: 503,
    PlanBodyRefused.TOO_LARGE: 413,
    PlanBodyRefused.TOO_SLOW: 408,
    PlanBodyRefused.NOT_READ: 400,
    PlanBodyRefused.KIND: 415,
}


@dataclass(frozen=True, slots=True)
class BodyRefused:
    reason: PlanBodyRefused
    detail: str = ""

    @property
    def status(self) -> int:
        return STATUS[self.reason]


async def read_body(request: web.Request, *, most: int = PLAN_MAX) -> bytes | BodyRefused:
    blob = bytearray()
    try:
        async with asyncio.timeout(PATIENCE_S):
            async for piece in request.content.iter_chunked(64 * 1024):
                blob += piece
                if len(blob) > most:
                    return BodyRefused(PlanBodyRefused.TOO_LARGE, f"at most {most} bytes")
    except TimeoutError:
        return BodyRefused(PlanBodyRefused.TOO_SLOW, f"not complete after {PATIENCE_S:.0f} s")
    return bytes(blob)


async def document(request: web.Request, kind: type[T], *, most: int = PLAN_MAX) -> T | BodyRefused:
    blob = await read_body(request, most=most)
    if isinstance(blob, BodyRefused):
        return blob
    try:
        return await asyncio.to_thread(msgspec.json.decode, blob, type=kind)
    except (*UNREADABLE, RecursionError) as error:
        return BodyRefused(PlanBodyRefused.NOT_READ, str(error))


async def imported(request: web.Request) -> tuple[bytes, bool] | BodyRefused:
    """The file, and whether it is a table; told by Content-Type, for a file's name is not sent."""
    if request.content_type not in TABLES | TOMLS:
        return BodyRefused(PlanBodyRefused.KIND, "send Content-Type text/csv or application/toml")
    blob = await read_body(request)
    return blob if isinstance(blob, BodyRefused) else (blob, request.content_type in TABLES)
