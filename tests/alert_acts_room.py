"""People acting on alerts over HTTP, a real bus and a real store behind. In: a bus, a store. Out: a room.

What is told to history is written to the store when a test says so, as the archive would.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
from redis.asyncio import Redis
from yarl import URL

from alerts.parse import parse_rules
from alerts.rules import Rule
from alerts.store import RedisAlertStore
from monitor.alert_desk import AlertDesk
from monitor.alert_notes import NoteBoard, NoteTeller
from monitor.alert_rules_desk import FILE, AlertRulesDesk
from monitor.alert_rules_open import version_0
from monitor.alert_rules_shelf import RulesShelf
from monitor.alert_rules_store import RulesOrigin, RulesStore
from monitor.alert_silences import SilenceStore
from monitor.api.history import History
from monitor.api.parts import Parts
from monitor.config_wall import Scope
from monitor.plan_desk import FirstPlan, PlanDesk
from monitor.plan_store import Origin, PlanStore
from monitor.questions import answer, parse_question
from monitor.wiring_alerts import tell_rules
from seat_map.generate import generate
from seat_map.plan_draft import Parsed
from streams.bus import names
from streams.bus.publish import Publisher
from streams.vocabulary.codec import encode
from streams.vocabulary.facts import AlertFact, Fact
from streams.vocabulary.ids import QueueName, SiteId
from streams.warehouse.front import AsyncWarehouse
from streams.warehouse.migrate import migrate
from streams.warehouse.opening import open_warehouse
from tests.browser.canned import CannedHistory
from tests.browser.synthetic import QUEUES
from tests.integration.bus_room import facts, in_own_room
from tests.integration.facts import store
from tests.push_web import now, parts_of, serving
from tests.servers import Place

OURS = {"X-Floorwatch": "1"}
AT = "/api/v1/alerts"
CHANNELS = ("wecom", "mail")
RULES = '[[rule]]\nkind = "service_level"\nname = "sl"\nlabel_zh = "服务水平"\nlabel_en = "Service level"\n'
PLAN = generate(40)
SEEN, UNSEEN = QUEUES[0], QUEUES[3]
SCOPES = {"one": Scope(name="one", label_zh="一队列", label_en="One queue", queues=(QueueName(SEEN),))}


class StoreHistory:
    """monitor.api.history.History over a store, without the socket between."""

    def __init__(self, warehouse: AsyncWarehouse) -> None:
        self._warehouse = warehouse

    async def ask(self, name: str, **params: object) -> list[dict[str, object]]:
        question, told = parse_question(msgspec.json.encode({"name": name, "params": params}))
        return await self._warehouse.run(answer, question, told)


def rules_over(
    redis: Redis, *, channels: Sequence[str] = CHANNELS, text: str = RULES, site: str = "hz"
) -> AlertRulesDesk:
    """As one process has it. `channels`: of its configuration."""
    read = partial(parse_rules, file=FILE, channels=channels)
    rules: tuple[Rule, ...] = read(text)
    shelf = RulesShelf(version_0(text, rules, RulesOrigin.CONFIGURED), rules, read=read, store=RulesStore(redis))
    tell = partial(tell_rules, NoteTeller(Publisher(redis)), SiteId(site))
    return AlertRulesDesk(shelf, RulesStore(redis), channels=channels, tell=tell)


@dataclass
class Acts:
    client: aiohttp.ClientSession
    redis: Redis
    parts: Parts
    desk: AlertDesk
    warehouse: AsyncWarehouse | None = None

    async def ask(self, method: str, path: str, *, headers: dict[str, str] = OURS, **told: Any) -> tuple[int, Any]:
        """`path` as it goes over the wire."""
        async with self.client.request(method, URL(AT + path, encoded=True), headers=headers, **told) as response:
            return response.status, await response.json() if response.content_type == "application/json" else None

    async def archive(self, *more: Fact) -> None:
        """Whatever history was told, as often as this is called."""
        assert self.warehouse is not None
        told = [*await facts(self.redis), *more]
        await self.warehouse.run(lambda opened: store(opened, *told))


Body = Callable[[Acts], Awaitable[None]]


def acting(url: str, body: Body, *, place: Place | None = None) -> None:
    async def room(redis: Redis) -> None:
        async with _opened(place) as warehouse, _web(redis, warehouse) as web:
            await body(web)

    in_own_room(url, room, within_s=90)


@asynccontextmanager
async def _opened(place: Place | None) -> AsyncIterator[AsyncWarehouse | None]:
    if place is None:
        yield None
        return
    warehouse = AsyncWarehouse(partial(open_warehouse, place.url, database=place.database))
    try:
        await warehouse.run(migrate, now=now())
        yield warehouse
    finally:
        await warehouse.close()


@asynccontextmanager
async def _web(redis: Redis, warehouse: AsyncWarehouse | None) -> AsyncIterator[Acts]:
    bare = parts_of(None, None)
    history: History = CannedHistory(now()) if warehouse is None else StoreHistory(warehouse)
    desk = AlertDesk(
        site=bare.id,
        notes=NoteBoard(),
        teller=NoteTeller(Publisher(redis)),
        silences=SilenceStore(redis, site=bare.id, clock=now),
        store=RedisAlertStore(redis, site=bare.id),
        rules=rules_over(redis),
        clock=now,
    )
    publisher = Publisher(redis)

    async def publish(fact: AlertFact) -> None:
        await publisher.publish(names.alerts(fact.site), [encode(fact)])

    plans = PlanDesk(PlanStore(Path("nowhere")), FirstPlan(parsed=Parsed(PLAN, ()), origin=Origin.GENERATED))
    parts = replace(bare, history=history, alert_desk=desk, scopes=SCOPES, publish_alert=publish, plans=plans)
    async with serving(parts) as address, aiohttp.ClientSession(address) as client:
        yield Acts(client, redis, parts, desk, warehouse)
