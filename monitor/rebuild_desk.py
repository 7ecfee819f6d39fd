"""POST /rebuild on the private socket: history derived anew, told as it goes. In: a question. Out: lines of JSON.

One at a time. Whoever goes away ends it; begun again, it finds done what was done. In embedded mode only this process
may open the store; without a service `floorwatch rebuild` does the same by itself. May not know: browsers.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, Final

import msgspec
from aiohttp import web

from monitor.config import Config
from monitor.wiring_floor import floor_settings
from streams.floor.fold import Floor
from streams.vocabulary.codec import UNREADABLE
from streams.vocabulary.ids import Millis, SiteId
from streams.warehouse.engine import Warehouse
from streams.warehouse.errors import StoreError, StoreUnavailable
from streams.warehouse.front import AsyncWarehouse
from streams.warehouse.rebuild import SETTLED_MS, Rebuild

TELL_EVERY_S: Final = 0.5
TRIES: Final = 6
PAUSE_S: Final = 2.0


class RebuildQuestion(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    site: SiteId
    since: Millis
    until: Millis
    dry_run: bool = False


class WrongRebuild(Exception):
    """The asker's fault; the text names the mend."""


def rebuild_of(config: Config, question: RebuildQuestion, *, now: Millis) -> Rebuild:
    """Set up as the live floor is. Raises WrongRebuild."""
    sites = {site.id: site for site in config.sites}
    if question.site not in sites:
        raise WrongRebuild(f"unknown site {question.site!r}: this service has {', '.join(sites)}")
    if question.since >= question.until:
        raise WrongRebuild("--from lies behind --to: write the earlier moment first")
    if question.since >= now - SETTLED_MS:
        minutes = SETTLED_MS // 60_000
        raise WrongRebuild(
            f"--from lies within the last {minutes} minutes, which the live floor may still amend: "
            f"choose an earlier moment, or come back in {minutes} minutes"
        )
    # midnights of the stretch itself: it may lie years back
    settings = floor_settings(config, sites[question.site], now=question.since)

    def make_floor(blob: bytes | None) -> Floor:
        return Floor(question.site, **settings) if blob is None else Floor.restore(blob, **settings)

    return Rebuild(
        site=question.site,
        since=question.since,
        until=question.until,
        now=now,
        make_floor=make_floor,
        short_abandon_ms=config.short_abandon_ms,
        dry_run=question.dry_run,
    )


def steps(work: Rebuild, warehouse: Warehouse) -> Iterator[dict[str, Any]]:
    """All of it in this thread, its progress after each step. Raises StoreError."""
    while not work.done:
        yield msgspec.to_builtins(work.step(warehouse))


class RebuildDesk:
    """Hang `routes()` into the QuestionDesk."""

    def __init__(self, config: Config, store: AsyncWarehouse, *, clock: Callable[[], Millis]) -> None:
        self._config = config
        self._store = store
        self._clock = clock
        self._one = asyncio.Lock()
        self.counts: Counter[str] = Counter()

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/rebuild", self._rebuild)]

    async def _rebuild(self, request: web.Request) -> web.StreamResponse:
        try:
            question = msgspec.json.decode(await request.read(), type=RebuildQuestion)
            work = rebuild_of(self._config, question, now=self._clock())
        except (*UNREADABLE, WrongRebuild) as error:
            return _fault(400, str(error))
        if self._one.locked():
            return _fault(409, "another rebuild is running: wait for its end")
        async with self._one:
            response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
            await response.prepare(request)
            async for line in self._told(work):
                await response.write(msgspec.json.encode(line) + b"\n")
            await response.write_eof()
        return response

    async def _told(self, work: Rebuild) -> AsyncIterator[dict[str, Any]]:
        """Progress now and then, the end in any case."""
        loop = asyncio.get_running_loop()
        told = loop.time()
        tries = 0
        while not work.done:
            try:
                await self._store.run(work.step)
                tries = 0
            except StoreError as error:
                tries += 1
                self.counts["store_faults"] += 1
                if tries >= TRIES or not isinstance(error, StoreUnavailable):
                    yield {"fault": str(error)}
                    return
                await asyncio.sleep(PAUSE_S)
            if loop.time() - told >= TELL_EVERY_S or work.done:
                told = loop.time()
                yield msgspec.to_builtins(work.progress)
        self.counts["rebuilt"] += 1


def _fault(status: int, text: str) -> web.Response:
    return web.Response(body=msgspec.json.encode({"fault": text}), status=status, content_type="application/json")
