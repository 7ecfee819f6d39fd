"""Scoring put together: schemes in use, what is stored of a contact, who is scored again. In: a Config, a task group.

May not know: the archive, alerts.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from monitor import clock, places
from monitor.case_again import CaseAgain
from monitor.case_reader import CaseReader
from monitor.config import Config
from monitor.roster import Rosters
from monitor.roster_watch import RosterWatch, first_rosters
from monitor.rule_jobs import RuleJobs
from monitor.rule_runner import RuleRunner
from monitor.scheme_open import fixed_schemes
from monitor.scheme_shelf import SchemeShelf
from monitor.scheme_store import SchemeStore
from monitor.scorer import Scorer
from monitor.wiring_floor import holder
from streams.bus.lease import Lease, while_held
from streams.bus.patience import lasting
from streams.warehouse.front import AsyncWarehouse
from streams.warehouse.opening import open_warehouse


async def start_scoring(
    tasks: asyncio.TaskGroup,
    config: Config,
    redis: Any,
    roles: Sequence[str],
    counted: dict[str, Callable[[], Mapping[str, Any]]],
) -> None:
    shelf = SchemeShelf(fixed_schemes(config.scheme), SchemeStore(redis))
    await shelf.look()
    tasks.create_task(shelf.run(), name="schemes")
    name = places.member_of(config, "score").name
    store = _store(config, roles)
    reader = None
    rosters = RosterWatch(redis, await asyncio.to_thread(first_rosters, config))
    tasks.create_task(rosters.run(), name="rosters")
    counted["rosters"] = lambda: dict(rosters.counts)
    if store is not None:
        zones = {site.id: ZoneInfo(site.timezone) for site in config.sites}
        reader = CaseReader(store, zones=zones, clock=clock.now, rosters=rosters.of)
        again = CaseAgain(redis, store, reader, clock=clock.now)
        counted["cases"] = lambda: {**reader.counts, **again.counts, "waiting_for_their_end": len(reader.incomplete)}
        tasks.create_task(lasting(again.run, "looking for cases", again.counts), name="cases")
        start_jobs(tasks, config, redis, counted, rosters.of)
    case_of = None if reader is None else reader.case_of
    scorer = Scorer(redis, shelf.current, name=name, clock=clock.now, case_of=case_of)
    counted["score"] = lambda: {**scorer.counts, **shelf.counts}
    tasks.create_task(lasting(scorer.run, "scoring", scorer.counts), name="score")


def start_jobs(
    tasks: asyncio.TaskGroup,
    config: Config,
    redis: Any,
    counted: dict[str, Callable[[], Mapping[str, Any]]],
    rosters: Rosters,
) -> None:
    """Back-tests and re-scorings: one process of a service works at them."""
    store = AsyncWarehouse(partial(open_warehouse, places.warehouse_url(config)), timeout_s=300, name="rule-jobs")
    zones = {site.id: ZoneInfo(site.timezone) for site in config.sites}
    runner = RuleRunner(RuleJobs(redis), store, zones=zones, clock=clock.now, rosters=rosters)
    counted["rule_jobs"] = lambda: dict(runner.counts)
    under_lease = partial(while_held, Lease(redis, "rule_jobs", holder=holder()), runner.run)
    tasks.create_task(lasting(under_lease, "working at jobs of rules", runner.counts), name="rule jobs")


def _store(config: Config, roles: Sequence[str]) -> AsyncWarehouse | None:
    """An embedded store belongs to the process that archives: without that role here, rules ask the words alone."""
    if "archive" not in roles and not config.store.clickhouse_url:
        return None
    return AsyncWarehouse(partial(open_warehouse, places.warehouse_url(config)), name="cases")
