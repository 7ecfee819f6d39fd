"""Prometheus text. In: the hub's counters, the floor's numbers, the service's status. Out: /metrics, /healthz, /readyz.

Computed when scraped; nothing is kept. Labels are sites, queues and reasons, never people. May not know: pages.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from aiohttp import web
from prometheus_client.core import CollectorRegistry, CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from monitor.api.intake_metrics import recording_families
from monitor.api.parts import PARTS, Parts
from monitor.api.status_metrics import status_families
from streams.bus.dead import Tally
from streams.bus.errors import BusError
from streams.vocabulary.ids import SiteId

COUNT_DEAD_EVERY_MS: Final = 5_000


class FloorCollector:
    """Asks the `Parts` of every site at each scrape."""

    def __init__(self, sites: Mapping[SiteId, Parts], scrape: "Scrape") -> None:
        self._sites = sites
        self._scrape = scrape

    def collect(self) -> Iterable[Metric]:
        viewers = GaugeMetricFamily("floorwatch_wall_viewers", "Browsers on the wall's socket", labels=["site"])
        told = CounterMetricFamily("floorwatch_wall", "What the hub did", labels=["what", "site"])
        for site, parts in self._sites.items():
            viewers.add_metric([site], len(parts.hub.viewers))
            for count, value in parts.hub.counts.items():
                told.add_metric([count, site], value)
        yield viewers
        yield told
        yield from self._queues()
        yield from self._seats()
        first = next(iter(self._sites.values()))
        if first.intake is not None:
            yield from recording_families(first.intake.sites)
        yield from status_families(first.status(), door=first.push, dead=self._scrape.dead)

    def _queues(self) -> Iterator[Metric]:
        waiting = GaugeMetricFamily("floorwatch_queue_waiting", "Contacts waiting", labels=["queue", "site"])
        longest = GaugeMetricFamily(
            "floorwatch_queue_longest_wait_seconds", "Longest wait now", labels=["queue", "site"]
        )
        certain = GaugeMetricFamily("floorwatch_queue_certain", "0 while a source is lost", labels=["queue", "site"])
        contacts = CounterMetricFamily(
            "floorwatch_queue_contacts", "Contacts since the day began, by outcome", labels=["queue", "outcome", "site"]
        )
        for numbers in (numbers for parts in self._sites.values() for numbers in parts.hub.numbers):
            of = [numbers.queue, numbers.site]
            waiting.add_metric(of, numbers.waiting)
            longest.add_metric(of, numbers.longest_wait_ms / 1000)
            certain.add_metric(of, int(numbers.certain))
            for outcome in ("offered", "answered", "abandoned"):
                contacts.add_metric([numbers.queue, outcome, numbers.site], getattr(numbers.today, outcome))
        yield from (waiting, longest, certain, contacts)

    def _seats(self) -> Iterator[Metric]:
        gauge = GaugeMetricFamily("floorwatch_agents", "Agents by state", labels=["state", "site"])
        doubted = GaugeMetricFamily("floorwatch_agents_doubted", "Labels in doubt, by why", labels=["doubt", "site"])
        for site, parts in self._sites.items():
            states: dict[str, int] = {}
            for agent in parts.floor.agents.values():
                state = "unknown" if agent.lost_since is not None else str(agent.state)
                states[state] = states.get(state, 0) + 1
            for state, count in sorted(states.items()):
                gauge.add_metric([state, site], count)
            for doubt, count in parts.hub.picture.columns.doubts().items():
                doubted.add_metric([doubt, site], count)
        yield gauge
        yield doubted


class Scrape:
    """Mutable; one per application. Dead letters are counted at most every few seconds, however often it is asked."""

    def __init__(self, sites: Mapping[SiteId, Parts]) -> None:
        self._parts = next(iter(sites.values()))
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(FloorCollector(sites, self))
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
