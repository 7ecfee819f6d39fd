"""The web over a real floor and a real embedded store with a past, for browser tests and for looking at pages.

    python -m tests.browser.past_wall --port 18701 --agents 200 --minutes 90

The morning of tests/past_day.py ends now. Folds run where the service's do: at a desk behind a unix socket.
"""

import argparse
import asyncio
import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from dashboards.columns import Goals
from monitor.api.parts import Parts
from monitor.api.past_time import day_of
from monitor.history import QuestionDesk, serve_desk
from monitor.history_client import HistoryClient
from monitor.hub import Hub
from monitor.past_client import PastClient
from monitor.past_desk import Past, PastDesk, PastSite
from seat_map.generate import generate
from streams.floor.fold import Floor
from streams.vocabulary.events import Event
from streams.vocabulary.facts import AlertFact, ContactLeg, Fact, StateInterval
from streams.vocabulary.ids import AgentId, Millis
from streams.warehouse.engine import Warehouse
from streams.warehouse.front import AsyncWarehouse
from streams.warehouse.migrate import migrate
from streams.warehouse.opening import open_warehouse
from streams.warehouse.past import Checkpoint, save_checkpoint
from streams.warehouse.rows import event_columns, fact_columns, table_of
from tests.browser.serve import DETAIL, Wall, now
from tests.browser.synthetic import GIVEN, HOSTILE, QUEUES, SURNAMES
from tests.past_day import SITE, PastDay

ZONE = ZoneInfo("Asia/Shanghai")
UTC_OFFSET_MS = 8 * 3_600_000
CHECKPOINT_MS = 600_000


def a_name(place: int) -> str:
    return HOSTILE if place == 0 else SURNAMES[place * 7 % len(SURNAMES)] + GIVEN[place * 3 % len(GIVEN)]


@dataclass
class PastWall(Wall):
    """`store_url`: an embedded store that is empty. The living floor stands still at the end of its morning."""

    store_url: str = ""
    folder: Path = Path()
    minutes: int = 20
    per_second: float = 0.3
    seats_beyond: int = 0
    rate: float = 0
    begins: Millis = field(init=False)
    ends: Millis = field(init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.ends = Millis(now() - 20_000)
        self.begins = Millis(self.ends - self.minutes * 60_000)
        self.live = Floor(SITE, utc_offset_ms=UTC_OFFSET_MS)
        self._fill()
        plan = generate(self.agents + self.seats_beyond)
        self.hub = Hub(floor=self.live, plan=plan, goals=Goals(), alerts=self.alerts, clock=now)

    @property
    def url_of_store(self) -> str:
        return self.store_url or f"chdb://{self.folder}/warehouse"

    def events(self) -> tuple[Event, ...]:
        day = PastDay(
            agents=self.agents, queues=QUEUES, minutes=self.minutes, per_second=self.per_second, start=self.begins,
            gap_at_minute=self.minutes // 2, names=[a_name(place) for place in range(self.agents)],
        )  # fmt: skip
        return tuple(day.events())

    def _fill(self) -> None:
        warehouse = open_warehouse(self.url_of_store, database=f"past_{self.begins}")
        migrate(warehouse, now=now())
        facts: list[Fact] = [self._alert()]
        due = self.begins + CHECKPOINT_MS
        for event in (told := self.events()):
            facts += [one for one in self.live.apply(event) if isinstance(one, ContactLeg | StateInterval)]
            if event.at >= due:
                due += CHECKPOINT_MS
                blob = self.live.snapshot()
                save_checkpoint(warehouse, Checkpoint(at=self.live.state.at, site=SITE, position="1-1", blob=blob))
        warehouse.insert("events", event_columns(told))
        _store(warehouse, facts)
        warehouse.close()

    def _alert(self) -> AlertFact:
        raised = Millis(self.begins + self.minutes * 40_000)
        return AlertFact(
            site=SITE, ver=3, raised_at=raised, alert=f"sl-5m/queue:{QUEUES[3]}/{raised}", rule="sl-5m",
            scope=f"queue:{QUEUES[3]}", severity="critical", state="resolved", reason="resolved", value=70.5,
            threshold=80, detail=json.dumps(DETAIL), resolved_at=Millis(raised + self.minutes * 6_000),
        )  # fmt: skip

    def past(self) -> Past:
        site = PastSite(
            day_of=partial(day_of, zone=ZONE),
            new_floor=partial(Floor, SITE, utc_offset_ms=UTC_OFFSET_MS),
            restore=partial(Floor.restore, utc_offset_ms=UTC_OFFSET_MS),
        )
        return Past(sites={SITE: site}, goals=Goals())

    def parts(self) -> Parts:
        socket = self.folder / "history.sock"
        self.clients = PastClient(socket), HistoryClient(socket)
        past, history = self.clients
        return replace(super().parts(), floor=self.live, past=past, history=history, timezone=ZONE)

    async def run(self, started: Callable[[], None]) -> None:
        opened = partial(open_warehouse, self.url_of_store, database=f"past_{self.begins}")
        past_store, asking = AsyncWarehouse(opened), AsyncWarehouse(opened)
        self.past_desk = PastDesk(past_store, past=self.past(), clock=now)
        serving = asyncio.create_task(
            serve_desk(QuestionDesk(asking, dict, routes=self.past_desk.routes()), self.folder / "history.sock")
        )
        try:
            await super().run(started)
        finally:
            serving.cancel()
            await asyncio.wait({serving})
            for client in self.clients:
                await client.close()
            await past_store.close()
            await asking.close()

    async def _move(self) -> None:
        await asyncio.Event().wait()

    def agent_then(self, agent: str, at: Millis) -> str:
        floor = Floor(SITE, utc_offset_ms=UTC_OFFSET_MS)
        for event in self.events():
            if event.at <= at:
                floor.apply(event)
        floor.advance(at)
        return str(floor.agents[AgentId(agent)].state)


def _store(warehouse: Warehouse, facts: list[Fact]) -> None:
    for table in {table_of(fact) for fact in facts}:
        warehouse.insert(table, fact_columns(table, [fact for fact in facts if table_of(fact) == table]))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=18701)
    parser.add_argument("--agents", type=int, default=200)
    parser.add_argument("--minutes", type=int, default=90)
    parser.add_argument("--per-second", type=float, default=1.0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        wall = PastWall(
            agents=asked.agents,
            port=asked.port,
            minutes=asked.minutes,
            per_second=asked.per_second,
            folder=Path(folder),
        )
        asyncio.run(wall.run(lambda: print(wall.url, flush=True)))


if __name__ == "__main__":
    main()
