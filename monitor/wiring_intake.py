"""The ledger of recordings put together. In: a Config, the bus, the warehouse. Out: running tasks, desks.

May not know: how a recording is decoded, pages.
"""

import asyncio
import re
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from asr.intake_names import Candidate
from monitor import clock, places
from monitor.config import Config, Recordings
from monitor.intake import Intake
from monitor.intake_desk import WORKERS_KEY, IntakeDesk
from monitor.intake_fetch import Fetcher
from monitor.intake_files import FETCHED, Surroundings
from monitor.intake_keeper import IntakeKeeper
from monitor.intake_sorter import Sorter
from monitor.intake_watch import FolderWatch
from monitor.transcription import BusPort
from monitor.wiring_floor import holder
from streams.bus.lease import Lease, while_held
from streams.bus.patience import asked, lasting, patiently
from streams.vocabulary.ids import AgentId, Millis, QueueName, SiteId
from streams.warehouse.contacts import ContactFilter, contact_list
from streams.warehouse.errors import StoreError
from streams.warehouse.front import AsyncWarehouse

TELL_S: Final = 2.0
AROUND_MS: Final = 15 * 60_000
"""A talk may have waited so long in its queue before its recording began."""
Counted = dict[str, Callable[[], Mapping[str, Any]]]


def intake_of(config: Config, redis: Any) -> Intake:
    urgent: frozenset[QueueName] = config.recordings.intake.urgent_queues if config.recordings else frozenset()
    return Intake(redis, clock=clock.now, urgent_queues=urgent)


def surroundings_of(config: Config, recordings: Recordings) -> Surroundings:
    return Surroundings(
        folder=recordings.folder.resolve(),
        sites={site.id: ZoneInfo(site.timezone) for site in config.sites},
        names=[re.compile(one) for one in recordings.intake.names],
        agent_channel=recordings.agent_channel,
    )


def intake_desk(config: Config, redis: Any) -> IntakeDesk | None:
    """For the web and for the command line; None: no recordings are configured."""
    if config.recordings is None:
        return None
    settings = config.recordings.intake
    return IntakeDesk(
        intake_of(config, redis),
        surroundings_of(config, config.recordings),
        redis=redis,
        clock=clock.now,
        token=settings.token.reveal() if settings.token else "",
        most_bytes=settings.most_bytes,
        urls=settings.urls,
    )


async def start_intake(
    tasks: asyncio.TaskGroup, config: Config, redis: Any, warehouse: AsyncWarehouse, counted: Counted
) -> None:
    """Beside the archive: sorts what is announced, and one of all keeps the ledger."""
    if config.recordings is None:
        return
    intake = intake_of(config, redis)
    settings = config.recordings.intake
    around = surroundings_of(config, config.recordings)
    sorter = Sorter(redis, intake, name=places.member_of(config, "archive").name)
    counts: Counter[str] = Counter()
    fetched = around.folder / FETCHED
    keeper = IntakeKeeper(
        intake,
        around,
        watch=FolderWatch(around.folder, settings.watch, stable_ms=settings.stable_ms) if settings.watch else None,
        fetcher=_fetcher(fetched, config.recordings) if settings.urls else None,
        candidates=partial(_candidates, warehouse, counts),
        clock=clock.now,
        missing_after_ms=settings.missing_after_ms,
        match_for_ms=settings.match_for_ms,
    )
    counted["intake"] = lambda: {**counts, **keeper.status(), **{f"sorted_{k}": n for k, n in sorter.counts.items()}}

    async def sort() -> None:
        await sorter.open()
        await sorter.run()

    lease = Lease(redis, "intake", holder=holder())
    tasks.create_task(lasting(sort, "sorting recordings", counts), name="sorter")
    keeping = partial(while_held, lease, partial(lasting, keeper.run, "keeping the ledger", counts))
    tasks.create_task(lasting(keeping, "asking for the intake's lease", counts), name="intake")


def _fetcher(folder: Path, recordings: Recordings) -> Fetcher:
    settings = recordings.intake
    return Fetcher(folder, prefixes=settings.urls, networks=settings.networks, most_bytes=settings.most_bytes)


async def _candidates(
    warehouse: AsyncWarehouse, counts: Counter[str], site: SiteId, agent: AgentId, begun: Millis
) -> list[Candidate]:
    """A store that does not answer has no candidates; the match is tried again."""
    try:
        listed = await warehouse.run(
            contact_list,
            since=Millis(begun - AROUND_MS),
            until=Millis(begun + AROUND_MS),
            choose=ContactFilter(agent=agent, site=site),
            limit=50,
        )
    except StoreError:
        counts["candidates_not_read"] += 1
        return []
    return [
        Candidate(
            contact=one.leg.contact,
            contact_at=one.leg.queued_at,
            answered_at=one.leg.answered_at,
            queue=one.leg.queue,
            agent=one.leg.agent,
        )
        for one in listed
    ]


async def tell_of_worker(redis: Any, name: str, port: BusPort) -> None:
    """A transcribing process has no page of its own: /ops shows what it counts."""
    while True:
        blob = msgspec.msgpack.encode((clock.now(), port.status()))
        await patiently(
            lambda blob=blob: asked(lambda: redis.hset(WORKERS_KEY, name, blob), "telling counters"),  # type: ignore[misc]
            "telling counters",
            port.counts,
        )
        await asyncio.sleep(TELL_S)
