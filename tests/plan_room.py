"""A running web whose plan can be edited. In: a folder. Out: its client, its desk, its hub."""

import asyncio
import io
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import aiohttp

from monitor.hub import Hub
from monitor.plan_desk import FirstPlan, PlanDesk
from monitor.plan_store import Origin, PlanStore
from seat_map.generate import generate
from seat_map.plan_words import doc_of, read_doc
from tests.push_web import parts_of, serving

OURS = {"X-Floorwatch": "1"}


@dataclass
class Planned:
    client: aiohttp.ClientSession
    desk: PlanDesk
    hub: Hub

    async def ask(self, method: str, path: str, **told: Any) -> tuple[int, Any]:
        headers = {**OURS, **told.pop("headers", {})}
        if "data" in told:
            told["data"] = io.BytesIO(told["data"])
        async with self.client.request(method, path, headers=headers, **told) as answer:
            return answer.status, await answer.json()

    async def doc(self) -> dict[str, Any]:
        """The plan that stands, ready to be changed."""
        status, told = await self.ask("GET", "/api/v1/plan")
        assert status == 200
        return dict(told["plan"])

    async def publish(self, doc: dict[str, Any], base: int, note: str = "") -> tuple[int, Any]:
        return await self.ask("POST", "/api/v1/plan", json={"base_version": base, "note": note, "plan": doc})

    def seats(self) -> list[str]:
        """As the hub draws them."""
        return [seat.id for seat in self.hub.picture.seating.plan.seats]


def desk_at(folder: Path, seats: int = 20) -> PlanDesk:
    return PlanDesk(PlanStore(folder), FirstPlan(parsed=read_doc(doc_of(generate(seats))), origin=Origin.GENERATED))


def planned(folder: Path, body: Callable[[Planned], Awaitable[None]], *, seats: int = 20) -> None:
    """`body` with a web over `folder`; its desk looks for other writers only when it is told to."""

    async def run() -> None:
        desk = desk_at(folder, seats)
        parts = replace(parts_of(None, None), plans=desk)
        desk.replan = parts.hub.replan
        parts.hub.replan(desk.plan)
        hub = asyncio.create_task(parts.hub.run())
        try:
            async with serving(parts) as address, aiohttp.ClientSession(address) as client:
                await body(Planned(client, desk, parts.hub))
        finally:
            hub.cancel()
            with suppress(asyncio.CancelledError):
                await hub

    asyncio.run(run())
