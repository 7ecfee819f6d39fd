"""The way of an event, end to end: raw AMI bytes to rows in a store, CPU by stage, with a real bus and real stores.

In: the trace tests/golden/asterisk/dev, played as DAYS days, through a real valkey, once for each of chDB and
clickhouse-server. Out: one JSON object.
CPU is that of our own threads (`thread_time` of the loop's thread and of the store's thread): the servers' own and
chDB's background threads stand beside it. An event is one of our vocabulary: a switch's message that says something;
`ami_events_per_cpu_second` counts what Asterisk calls events. `BENCH_BURST_SECONDS` (60; 0: leave it out) is the burst.
"""

import asyncio
import logging
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import structlog

from monitor import garbage
from monitor.live import FloorOwner
from streams.bus import names
from streams.bus.connection import connect
from streams.bus.consume import Consumer
from streams.bus.dirty import DirtyNames
from streams.bus.embedded import embedded_bus
from streams.bus.errors import BusError
from streams.bus.guarded import GuardedPublisher
from streams.bus.stood import Stood
from streams.floor.fold import Floor
from streams.translate.asterisk import WANTED, AsteriskTranslator
from streams.translate.asterisk_words import SwitchSettings, parse_queues_conf
from streams.vocabulary.codec import encode
from streams.vocabulary.events import Event
from streams.vocabulary.ids import Millis, SiteId, SourceId
from streams.warehouse.front import AsyncWarehouse
from streams.warehouse.migrate import migrate
from streams.warehouse.opening import open_warehouse
from streams.warehouse.writer import EVENTS, FACTS, Writer
from streams.wire.ami import AmiParser
from tests.bench import _burst, _report
from tests.bench.parse import RUN, Read, recorded_reads
from tests.servers import DebianClickHouse

ROUNDS = int(os.environ.get("BENCH_CHAIN_ROUNDS", "5"))
BURST_S = int(os.environ.get("BENCH_BURST_SECONDS", "60"))
LEAST_WANTED = 40_000
START = Millis(1_795_291_200_000)
DAYS = 8
EPOCHS = b"17952"
"""How every epoch second of the trace begins, Uniqueids included: one less is 100,000 s earlier."""
STAGES = ("wire_translate", "bus_in", "floor", "columnar_insert")


@dataclass(slots=True)
class Spent:
    """CPU seconds by stage of one pass, and what was passed."""

    stages: dict[str, float] = field(default_factory=dict)
    events: int = 0
    ami_events: int = 0
    facts: int = 0
    rows: int = 0

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        began = time.thread_time()
        try:
            yield
        finally:
            self.stages[name] = self.stages.get(name, 0.0) + time.thread_time() - began


def days(reads: Sequence[Read]) -> list[Read]:
    """The trace DAYS times, each with contacts of its own: fixed costs do not pass for costs of events."""
    return [
        Read(Millis(read.at - day * 100_000_000), read.data.replace(EPOCHS, b"%d" % (int(EPOCHS) - day)))
        for day in reversed(range(DAYS))
        for read in reads
    ]


def filtered(reads: Sequence[Read]) -> list[Read]:
    """The bytes that this switch would have sent with the event filters of docs/switches/asterisk.md."""
    parser = AmiParser(WANTED)
    kept = ((read.at, b"".join(message.raw + b"\r\n\r\n" for message in parser.feed(read.data))) for read in reads)
    return [Read(at, data) for at, data in kept if data]


def translated(reads: Sequence[Read], settings: SwitchSettings, site: SiteId, spent: Spent) -> list[list[Event]]:
    """Batches as the collector hands them on: one for each read of the socket that says something."""
    parser = AmiParser(WANTED)
    translator = AsteriskTranslator(site=site, source=SourceId("asterisk"), settings=settings)
    batches = [translator.connected(reads[0].at)]
    with spent.stage("wire_translate"):
        for read in reads:
            events: list[Event] = []
            for message in parser.feed(read.data):
                events += translator.translate(message, read.at)
            if events:
                batches.append(events)
    spent.events = sum(map(len, batches))
    return batches


async def told(batches: Sequence[Sequence[Event]], redis: Any, site: SiteId, spent: Spent) -> None:
    """Onto the bus by the collectors' own publisher; batches that wait together go together, as its sender does."""
    publisher = GuardedPublisher(redis, names.events(site))
    stood = await publisher.check(Stood())
    with spent.stage("bus_in"):
        blobs: list[bytes] = []
        for batch in batches:
            blobs += [encode(event) for event in batch]
            if len(blobs) >= 500:
                stood = await publisher.publish(blobs, stood)
                blobs = []
        await publisher.publish(blobs, stood)


async def folded(redis: Any, site: SiteId, settings: SwitchSettings, events: int, spent: Spent) -> None:
    """The live process's own loop, until it has told the facts of every event."""
    owner = FloorOwner(
        redis,
        Floor(site, targets_ms=settings.targets_ms()),
        clock=lambda: START,
        changed=lambda agent: None,
        recordings=None,
        agent_channel=None,
    )
    with spent.stage("floor"):
        task = asyncio.create_task(owner.run())
        while owner.counts["events"] < events:  # noqa: ASYNC110 - the owner is no part of this benchmark
            await asyncio.sleep(0.02)
        await owner.caught_up.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    spent.facts = owner.counts["facts"]


async def archived(redis: Any, site: SiteId, store: AsyncWarehouse, spent: Spent) -> None:
    """Both streams into the store, by the history process's own writer."""
    before = await store.run(_thread_seconds)
    for stream, kind, wanted in (
        (names.events(site), EVENTS, spent.events),
        (names.FACTS, FACTS, spent.facts),
    ):
        consumer = Consumer(redis, stream=stream, group="archive", name="bench")
        dirty = DirtyNames(redis)
        writer: Any = Writer(
            consumer, store, kind=kind, dirty=dirty, clock=lambda: START, bus_errors=(BusError,), linger_ms=200
        )
        stop = asyncio.Event()
        with spent.stage("columnar_insert"):
            task = asyncio.create_task(writer.run(stop))
            while sum(writer.counts.rows.values()) < wanted:
                if task.done() or writer.counts.dead:
                    raise RuntimeError(f"the writer gave up: {writer.counts}")
                await asyncio.sleep(0.02)
            stop.set()
            await task
        spent.rows += sum(writer.counts.rows.values())
    spent.stages["columnar_insert"] += await store.run(_thread_seconds) - before


def _thread_seconds(_: Any) -> float:
    return time.thread_time()


async def one_pass(
    reads: Sequence[Read], settings: SwitchSettings, redis: Any, store: AsyncWarehouse, number: int
) -> Spent:
    site = SiteId(f"bench-{number}")
    spent = Spent()
    batches = translated(reads, settings, site, spent)
    await told(batches, redis, site, spent)
    await folded(redis, site, settings, spent.events, spent)
    await archived(redis, site, store, spent)
    await redis.delete(names.events(site), names.FACTS, names.metrics(site))
    return spent


async def passes(url: str, folder: Path, inputs: dict[str, list[Read]], settings: SwitchSettings) -> dict[str, Any]:
    """Every input, ROUNDS times, taking turns."""
    found: dict[str, list[Spent]] = {name: [] for name in inputs}
    async with embedded_bus(folder / "bus") as bus:
        redis = await connect(bus.url)
        store = AsyncWarehouse(partial(open_warehouse, url, database="bench"))
        await store.run(migrate, now=START)
        began = time.process_time()
        number = 0
        for _ in range(ROUNDS + 1):
            for name, reads in inputs.items():
                number += 1
                found[name].append(await one_pass(reads, settings, redis, store, number))
        process_s = time.process_time() - began
        await store.close()
        await redis.aclose()
    counted = sum(one.events for runs in found.values() for one in runs)
    return {
        **{name: _figures(runs[1:]) for name, runs in found.items()},  # the first pass warms up
        "whole_process_us_per_event": round(1e6 * process_s / counted, 1),
    }


def _figures(runs: Sequence[Spent]) -> dict[str, Any]:
    events = runs[0].events
    stages = {name: _report.median([run.stages[name] for run in runs]) for name in STAGES}
    total = _report.median([sum(run.stages.values()) for run in runs])
    return {
        "events_per_cpu_second": round(events / total),
        "us_per_event": {name: round(1e6 * seconds / events, 2) for name, seconds in stages.items()},
        "events": events,
        "facts": runs[0].facts,
    }


def measure() -> dict[str, Any]:
    garbage.look_seldom()  # as the service does
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),  # as the service does
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    reads = days(recorded_reads(RUN))
    settings = parse_queues_conf((RUN / "etc" / "queues.conf").read_text(encoding="utf-8"))
    inputs = {"filtered": filtered(reads), "unfiltered": reads}
    parser = AmiParser(WANTED)
    for read in reads:
        parser.feed(read.data)
    stores: dict[str, Any] = {}
    with ExitStack() as cleaning:
        folder = Path(cleaning.enter_context(tempfile.TemporaryDirectory(prefix="fw-")))
        for engine, start in _engines(folder, cleaning).items():
            (folder / engine).mkdir(exist_ok=True)
            stores[engine] = asyncio.run(passes(start(), folder / engine, inputs, settings))
    least = min(stores[engine]["filtered"]["events_per_cpu_second"] for engine in stores)
    result: dict[str, Any] = {
        "events_per_cpu_second": least,
        "ami_events_per_cpu_second": {
            engine: round(one["unfiltered"]["events_per_cpu_second"] * parser.messages / one["unfiltered"]["events"])
            for engine, one in stores.items()
        },
        "stores": stores,
        "least_wanted": LEAST_WANTED,
        "reached": least >= LEAST_WANTED,
        "rounds": ROUNDS,
        "input": {
            "trace": "tests/golden/asterisk/dev",
            "ami_messages": parser.messages,
            "bytes_unfiltered": sum(len(read.data) for read in inputs["unfiltered"]),
            "bytes_filtered": sum(len(read.data) for read in inputs["filtered"]),
        },
        "machine": _report.machine(),
    }
    if BURST_S:
        result["burst"] = _burst.measure(BURST_S)
    return result


def _engines(folder: Path, cleaning: ExitStack) -> dict[str, Callable[[], str]]:
    def clickhouse() -> str:
        place = folder / "clickhouse-server"
        place.mkdir()
        server = DebianClickHouse(place).start()
        cleaning.callback(server.stop)
        return server.url

    return {"chdb": lambda: f"chdb://{folder / 'chdb-data'}", "clickhouse": clickhouse}


if __name__ == "__main__":
    _report.tell("chain", measure)
