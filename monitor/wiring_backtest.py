"""Back-tests of alert rules put together. In: a Config, the bus. Out: a running task of the process that archives.

The floors of the past are made as the live one is. May not know: who asks.
"""

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final
from zoneinfo import ZoneInfo

from monitor import clock, places
from monitor.alert_backtest_jobs import AlertBacktests
from monitor.alert_backtest_runner import AlertBacktestRunner, BacktestSite
from monitor.config import Config
from monitor.wiring_floor import holder
from monitor.wiring_past import past_site
from streams.bus.lease import Lease, while_held
from streams.bus.patience import lasting
from streams.vocabulary.ids import SiteId
from streams.warehouse.front import AsyncWarehouse
from streams.warehouse.opening import open_warehouse

STEP_TIMEOUT_S: Final = 300.0


def start_backtests(
    tasks: asyncio.TaskGroup, config: Config, redis: Any, counted: dict[str, Callable[[], Mapping[str, Any]]]
) -> None:
    """One process of a service works at them, with a connection of its own to the store."""
    store = AsyncWarehouse(
        partial(open_warehouse, places.warehouse_url(config)), timeout_s=STEP_TIMEOUT_S, name="alert-backtests"
    )
    jobs = AlertBacktests(redis)
    runner = AlertBacktestRunner(
        jobs,
        store,
        sites=backtest_sites(config),
        clock=clock.now,
    )
    counted["alert_backtests"] = lambda: {**runner.counts, **jobs.counts}
    under_lease = partial(while_held, Lease(redis, "alert_backtests", holder=holder()), runner.run)
    tasks.create_task(lasting(under_lease, "working at back-tests", runner.counts), name="alert back-tests")


def backtest_sites(config: Config) -> dict[SiteId, BacktestSite]:
    return {site.id: BacktestSite(past=past_site(config, site), zone=ZoneInfo(site.timezone)) for site in config.sites}
