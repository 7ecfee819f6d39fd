"""Prometheus text. In: the hub's counters, the floor's numbers, the service's status. Out: /metrics, /healthz, /readyz.

Computed when scraped; nothing is kept. Labels are queue names and reasons, never people. May not know: pages.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from aiohttp import web
from prometheus_client.core import CollectorRegistry, CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from monitor.api.parts import PARTS, Parts
from monitor.api.status_metrics import status_families
from streams.bus.dead import Tally
from streams.bus.errors import BusError

COUNT_DEAD_EVERY_MS: Final = 5_000


class FloorCollector:
    """Asks `Parts` at each scrape."""

    def __init__(self, parts: Parts, scrape: "Scrape") -> None:
        self._parts = parts
        self._scrape = scrape

    def collect(self) -> Iterable[Metric]:
        hub = self._parts.hub
        yield GaugeMetricFamily("floorwatch_wall_viewers", "Browsers on the wall's socket", value=len(hub.viewers))
        told = CounterMetricFamily("floorwatch_wall", "What the hub did", labels=["what"])
        for count, value in hub.counts.items():
            told.add_metric([count], value)
        yield told
        yield from self._queues()
        yield from self._seats()
        yield from status_families(self._parts.status(), door=self._parts.push, dead=self._scrape.dead)

    def _queues(self) -> Iterator[Metric]:
        waiting = GaugeMetricFamily("floorwatch_queue_waiting", "Contacts waiting", labels=["queue"])
        longest = GaugeMetricFamily("floorwatch_queue_longest_wait_seconds", "Longest wait now", labels=["queue"])
        certain = GaugeMetricFamily("floorwatch_queue_certain", "0 while a source is lost", labels=["queue"])
        contacts = CounterMetricFamily(
            "floorwatch_queue_contacts", "Contacts since the day began, by outcome", labels=["queue", "outcome"]
        )
        for numbers in self._parts.hub.numbers:
            waiting.add_metric([numbers.queue], numbers.waiting)
            longest.add_metric([numbers.queue], numbers.longest_wait_ms / 1000)
            certain.add_metric([numbers.queue], int(numbers.certain))
            for outcome in ("offered", "answered", "abandoned"):
                contacts.add_metric([numbers.queue, outcome], getattr(numbers.today, outcome))
        yield from (waiting, longest, certain, contacts)

    def _seats(self) -> Iterator[Metric]:
        states: dict[str, int] = {}
        for agent in self._parts.floor.agents.values():
            state = "unknown" if agent.lost_since is not None else str(agent.state)
            states[state] = states.get(state, 0) + 1
        gauge = GaugeMetricFamily("floorwatch_agents", "Agents by state", labels=["state"])
        for state, count in sorted(states.items()):
            gauge.add_metric([state], count)
        yield gauge


class Scrape:
    """Mutable; one per application. Dead letters are counted at most every few seconds, however often it is asked."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(FloorCollector(parts, self))
        self._counted_at = 0
        self.dead: Sequence[Tally] = ()

    async def text(self) -> bytes:
        now = self._parts.clock()
        if self._parts.dead is not None and abs(now - self._counted_at) >= COUNT_DEAD_EVERY_MS:
            self._counted_at = now
            try:
                self.dead = await self._parts.dead.tallies()
            except BusError:  # no number is better than an old one: floorwatch_store_up says why
                self.dead = ()
        return generate_latest(self._registry)


SCRAPE = web.AppKey("scrape", Scrape)


async def metrics(request: web.Request) -> web.Response:
    body = await request.app[SCRAPE].text()
    return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})


async def healthz(request: web.Request) -> web.Response:
    """The event loop answers."""
    return web.json_response({"health": "alive"})


async def readyz(request: web.Request) -> web.Response:
    """`status()["ready"]` absent or True: ready; a text: why not."""
    ready = request.app[PARTS].status().get("ready", True)
    if ready is True:
        return web.json_response({"ready": True})
    return web.json_response({"ready": False, "reason": str(ready)}, status=503)
