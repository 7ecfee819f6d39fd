"""History's side: trimming what everybody has read, and answering the web's questions.

In: streams of events, facts, transcripts; questions on a private socket. Out: answers. In embedded mode
this process alone opens chDB. May not know: browsers, the living floor.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec
import structlog
from aiohttp import web

from monitor.live import START, snapshot_key
from monitor.questions import WrongQuestion, answer, parse_question
from streams.bus import names
from streams.bus.patience import asked, patiently
from streams.bus.trim import trim
from streams.vocabulary.ids import SiteId
from streams.warehouse.engine import Limits, Warehouse
from streams.warehouse.errors import StoreError
from streams.warehouse.front import AsyncWarehouse
from streams.warehouse.sql_guard import Refused, check

log = structlog.get_logger(__name__)

ARCHIVE: Final = "archive"
SCORE: Final = "score"
TRIM_EVERY_S: Final = 15.0
"""A full bus has room again so long after its readers went on."""
SQL_MEMORY_BYTES: Final = 1_000_000_000
"""What a person's own question may take beside the service's own work."""


def select(warehouse: Warehouse, sql: str) -> dict[str, Any]:
    """A person's own SELECT, guarded; `refused` names what to mend."""
    allowed = check(sql)
    if isinstance(allowed, Refused):
        return {"refused": f"{allowed.reason}: {allowed.detail}", "mend": allowed.mend}
    limits = Limits(seconds=30, result_rows=10_000, memory_bytes=SQL_MEMORY_BYTES, read_only=True)
    result = warehouse.select(allowed.sql, limits=limits, raw=True)
    return {"columns": list(result.columns), "rows": [[_plain(cell) for cell in row] for row in result.rows]}


def _plain(cell: Any) -> Any:
    return cell if isinstance(cell, int | float | str | None) else str(cell)


class QuestionDesk:
    """The private socket: POST /ask, POST /sql, GET /status, and `routes`. One folder, mode 0700, guards it."""

    def __init__(
        self,
        store: AsyncWarehouse,
        status: Callable[[], dict[str, Any]],
        *,
        by_hand: AsyncWarehouse | None = None,
        routes: Sequence[web.RouteDef] = (),
    ) -> None:
        """`by_hand`: where people's own SQL runs, so that a slow statement never makes a page wait. `routes`: of other
        desks behind the same socket."""
        self._routes = routes
        self._store = store
        self._by_hand = by_hand or store
        self._status = status
        self.counts: Counter[str] = Counter()

    def app(self) -> web.Application:
        app = web.Application(client_max_size=1024 * 1024)
        app.add_routes(
            [
                web.post("/ask", self._ask),
                web.post("/sql", self._sql),
                web.get("/status", self._tell_status),
                *self._routes,
            ]
        )
        return app

    async def _ask(self, request: web.Request) -> web.Response:
        try:
            question, params = parse_question(await request.read())
            rows = await self._store.run(answer, question, params)
        except WrongQuestion as error:
            self.counts["refused"] += 1
            return _json({"fault": f"{error}; restart both services if they are of two versions"}, status=400)
        except StoreError as error:
            self.counts["store_faults"] += 1
            return _json({"fault": str(error)}, status=503)
        self.counts["answered"] += 1
        return _json(rows)

    async def _sql(self, request: web.Request) -> web.Response:
        try:
            return _json(await self._by_hand.run(select, await request.text()))
        except StoreError as error:
            return _json({"fault": str(error)}, status=503)

    async def _tell_status(self, request: web.Request) -> web.Response:
        return _json({**self._status(), "questions": dict(self.counts)})


def _json(body: Any, *, status: int = 200) -> web.Response:
    return web.Response(body=msgspec.json.encode(body), content_type="application/json", status=status)


async def serve_desk(desk: QuestionDesk, socket: Path) -> None:
    """Until cancelled. A socket left by a killed predecessor is replaced."""
    await asyncio.to_thread(socket.unlink, missing_ok=True)
    runner = web.AppRunner(desk.app(), access_log=None, shutdown_timeout=2)
    await runner.setup()
    try:
        await web.UnixSite(runner, str(socket)).start()
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()


class Trimmer:
    """Drops what every reader has taken; a floor still needs what came after its snapshot."""

    def __init__(self, redis: Any, sites: Sequence[SiteId], *, every_s: float = TRIM_EVERY_S) -> None:
        self._redis = redis
        self._sites = sites
        self._every_s = every_s
        self.counts: Counter[str] = Counter()

    async def run(self) -> None:
        while True:
            await asyncio.sleep(self._every_s)
            await self.trim_once()

    async def trim_once(self) -> None:
        for site in self._sites:
            stored: Any = await patiently(partial(self._snapshot, site), "reading the snapshot", self.counts)
            # no floor has begun: it will need everything
            floor_id = msgspec.msgpack.decode(stored)[0] if stored is not None else START
            await self._trim(names.events(site), ARCHIVE, floor_id)
        await self._trim(names.FACTS, ARCHIVE, None)
        await self._trim(names.JOBS_ASR, "transcribe", None)
        await self._trim(names.JOBS_SCORE, SCORE, None)

    async def _trim(self, stream: str, group: str, floor_id: str | None) -> None:
        call = partial(trim, self._redis, stream, groups={group}, floor_id=floor_id)
        trimmed = await patiently(call, f"trimming {stream}", self.counts)
        self.counts[stream] += trimmed.removed

    async def _snapshot(self, site: SiteId) -> Any:
        return await asked(lambda: self._redis.get(snapshot_key(site)), "reading the snapshot")
