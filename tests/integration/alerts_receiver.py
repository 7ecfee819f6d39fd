"""A receiver of webhooks that behaves as it is told. In: a script of answers. Out: what it was sent, in order.

A real aiohttp server on a free loopback port; used as an async context manager.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType

from aiohttp import web


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`hang_s`: how long to say nothing first."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str = "ok"
    hang_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    path: str
    headers: Mapping[str, str]
    body: bytes


class Receiver:
    """Answers by the script, the last answer for ever."""

    def __init__(self, *script: Answer) -> None:
        self._script: Sequence[Answer] = script or (Answer(),)
        self.received: list[Received] = []
        self.port = 0
        self._came = asyncio.Event()
        self._runner: web.AppRunner | None = None

    def url(self, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}/hook"

    async def until(self, count: int, *, within_s: float = 30.0) -> list[Received]:
        """What came, once `count` messages have."""
        async with asyncio.timeout(within_s):
            while len(self.received) < count:
                self._came.clear()
                await self._came.wait()
        return self.received

    async def __aenter__(self) -> "Receiver":
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._receive)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    async def _receive(self, request: web.Request) -> web.Response:
        answer = self._script[min(len(self.received), len(self._script) - 1)]
        self.received.append(Received(path=request.path, headers=dict(request.headers), body=await request.read()))
        self._came.set()
        if answer.hang_s:
            await asyncio.sleep(answer.hang_s)
        return web.Response(status=answer.status, headers=answer.headers, text=answer.text)
