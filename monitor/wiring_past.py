"""Time travel put together. In: a Config. Out: the desk for the past of every site, for the history process.

The floors of the past are made as the live one is: same targets, same midnight. May not know: browsers.
"""

from functools import partial
from zoneinfo import ZoneInfo

from monitor import clock, places
from monitor.api.past_time import day_of
from monitor.config import Config, Site
from monitor.past_desk import Past, PastDesk, PastSite
from monitor.wiring_floor import floor_settings
from monitor.wiring_live import goals_of
from streams.floor.fold import Floor
from streams.warehouse.front import AsyncWarehouse
from streams.warehouse.opening import open_warehouse


def past_desk(config: Config) -> PastDesk:
    """Hang `.routes()` into the QuestionDesk and `.status` into what the process counts."""
    store = AsyncWarehouse(partial(open_warehouse, places.warehouse_url(config)), name="past")
    return PastDesk(store, past=past(config), clock=clock.now)


def past(config: Config) -> Past:
    return Past(sites={site.id: past_site(config, site) for site in config.sites}, goals=goals_of(config))


def past_site(config: Config, site: Site) -> PastSite:
    settings = floor_settings(config, site, now=clock.now())
    return PastSite(
        day_of=partial(day_of, zone=ZoneInfo(site.timezone)),
        new_floor=partial(Floor, site.id, **settings),
        restore=partial(Floor.restore, **settings),
    )
