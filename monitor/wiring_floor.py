"""The floors put together, one for each site. In: a Config, the bus. Out: owners that follow, fold, and tell in turn.

May not know: browsers, stores, switches.
"""

import asyncio
import os
import socket
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from monitor import clock
from monitor.config import AsteriskSource, Config, Site
from monitor.live import FloorOwner, lease_name
from monitor.wiring_collect import switch_settings
from streams.bus.lease import Lease
from streams.floor.days import DayBegan, from_midnights
from streams.floor.fold import Floor
from streams.vocabulary.ids import AgentId, Millis, QueueName, SiteId

DAYS_BEFORE: Final = 400
DAYS_AFTER: Final = 3_700
"""A process that runs for longer than ten years has other troubles."""


def holder() -> str:
    """Who asks for a lease, as people read it in logs."""
    return f"{socket.gethostname()}:{os.getpid()}"


def day_began(timezone: str, now: Millis) -> DayBegan:
    """Local midnights, so that a day of a clock change has 23 or 25 hours."""
    zone = ZoneInfo(timezone)
    today = datetime.fromtimestamp(now / 1000, UTC).astimezone(zone).date()
    days = (today + timedelta(days=number) for number in range(-DAYS_BEFORE, DAYS_AFTER))
    return from_midnights([Millis(int(datetime.combine(day, time(), zone).timestamp()) * 1000) for day in days])


def floor_settings(config: Config, site: Site, *, now: Millis) -> dict[str, Any]:
    """What a site's `Floor` and `Floor.restore` are given; the same for the live one and those of the past."""
    targets: dict[QueueName, int] = {}
    for source in config.sources:
        if isinstance(source, AsteriskSource) and source.site == site.id:
            targets |= switch_settings(config, source).targets_ms()
    return {
        "targets_ms": targets,
        "day_began": day_began(site.timezone, now),
        "short_abandon_ms": config.short_abandon_ms,
    }


def nobody_sees(agent: AgentId) -> None:
    """Until a hub is attached."""


async def restored_floors(config: Config, redis: Any) -> dict[SiteId, FloorOwner]:
    """One owner per site, restored, not yet running."""
    owners: dict[SiteId, FloorOwner] = {}
    for site in config.sites:
        settings = floor_settings(config, site, now=clock.now())
        owners[site.id] = FloorOwner(
            redis,
            Floor(site.id, **settings),
            clock=clock.now,
            changed=nobody_sees,
            recordings=config.recordings.folder if config.recordings else None,
            agent_channel=config.recordings.agent_channel if config.recordings else None,
            lease=Lease(redis, lease_name(site.id), holder=holder()),
        )
        await owners[site.id].restore(**settings)
    return owners


async def own(owner: FloorOwner) -> None:
    try:
        await owner.run()
    finally:
        await asyncio.shield(owner.leave())
