"""Time travel put together. In: a Config. Out: the desk for the past of every site, for the history process.

The floors of the past are made as the live one is: same targets, same midnight. May not know: browsers.
"""

from datetime import datetime, timedelta
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from monitor import clock, places
from monitor.api.past_time import day_of, day_span
from monitor.config import AsteriskSource, Config, Site
from monitor.past_desk import Past, PastDesk, PastSite
from monitor.wiring_live import goals_of, switch_settings
from streams.floor.days import from_midnights
from streams.floor.fold import Floor
from streams.vocabulary.ids import Millis, QueueName, SiteId
from streams.warehouse.front import AsyncWarehouse
from streams.warehouse.opening import open_warehouse

DAYS_BACK: Final = 3 * 366
DAYS_AHEAD: Final = 400


def past_desk(config: Config) -> PastDesk:
    """Hang `.routes()` into the QuestionDesk and `.status` into what the process counts."""
    store = AsyncWarehouse(partial(open_warehouse, places.warehouse_url(config)), name="past")
    return PastDesk(store, past=past(config), clock=clock.now)


def past(config: Config) -> Past:
    return Past(sites={site.id: _site(config, site) for site in config.sites}, goals=goals_of(config))


def _site(config: Config, site: Site) -> PastSite:
    zone = ZoneInfo(site.timezone)
    targets = _targets(config, site.id)
    began = from_midnights(_midnights(zone))
    return PastSite(
        day_of=partial(day_of, zone=zone),
        new_floor=partial(Floor, site.id, targets_ms=targets, day_began=began),
        restore=partial(Floor.restore, targets_ms=targets, day_began=began),
    )


def _midnights(zone: ZoneInfo) -> list[Millis]:
    """Of the years whose events may be kept and of the next days."""
    today = datetime.fromtimestamp(clock.now() / 1000, zone).date()
    return [day_span(today + timedelta(days=days), zone)[0] for days in range(-DAYS_BACK, DAYS_AHEAD)]


def _targets(config: Config, site: SiteId) -> dict[QueueName, int]:
    """As the live floor begins; what a switch says of its queues comes as events."""
    targets: dict[QueueName, int] = {}
    for source in config.sources:
        if isinstance(source, AsteriskSource) and source.site == site:
            targets |= switch_settings(config, source).targets_ms()
    return targets
