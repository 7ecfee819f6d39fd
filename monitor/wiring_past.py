"""Time travel put together. In: a Config. Out: the desk for the past of every site, for the history process.

The floors of the past are made as the live one is: same targets, same midnight. May not know: browsers.
"""

from datetime import UTC, datetime
from functools import partial
from zoneinfo import ZoneInfo

from monitor import clock, places
from monitor.api.past_time import day_of
from monitor.config import AsteriskSource, Config, Site
from monitor.past_desk import Past, PastDesk, PastSite
from monitor.wiring_live import goals_of, switch_settings
from streams.floor.fold import Floor
from streams.vocabulary.ids import QueueName, SiteId
from streams.warehouse.front import AsyncWarehouse
from streams.warehouse.opening import open_warehouse


def past_desk(config: Config) -> PastDesk:
    """Hang `.routes()` into the QuestionDesk and `.status` into what the process counts."""
    store = AsyncWarehouse(partial(open_warehouse, places.warehouse_url(config)), name="past")
    return PastDesk(store, past=past(config), clock=clock.now)


def past(config: Config) -> Past:
    return Past(sites={site.id: _site(config, site) for site in config.sites}, goals=goals_of(config))


def _site(config: Config, site: Site) -> PastSite:
    zone = ZoneInfo(site.timezone)
    targets = _targets(config, site.id)
    offset = datetime.fromtimestamp(clock.now() / 1000, UTC).astimezone(zone).utcoffset()
    offset_ms = int(offset.total_seconds() * 1000) if offset else 0
    return PastSite(
        day_of=partial(day_of, zone=zone),
        new_floor=partial(Floor, site.id, targets_ms=targets, utc_offset_ms=offset_ms),
        restore=partial(Floor.restore, targets_ms=targets, utc_offset_ms=offset_ms),
    )


def _targets(config: Config, site: SiteId) -> dict[QueueName, int]:
    """As the live floor begins; what a switch says of its queues comes as events."""
    targets: dict[QueueName, int] = {}
    for source in config.sources:
        if isinstance(source, AsteriskSource) and source.site == site:
            targets |= switch_settings(config, source).targets_ms()
    return targets
