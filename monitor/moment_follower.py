"""The last moment a site's live process told, for its alert engine. In: `moments:{site}`, scores. Out: `SiteMoment`.

Whoever reads it judges its age by `at`: a live process that is gone leaves its last word standing. May not know: rules.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import structlog
from msgspec.structs import replace

from alerts.moment import SiteMoment
from monitor.moments import MomentNotReadable, unpack
from monitor.quality import QualityWatch
from streams.bus import names
from streams.bus.consume import Follower
from streams.bus.patience import patiently
from streams.vocabulary.ids import Millis, SiteId

log = structlog.get_logger(__name__)

QUALITY_KNOWN = "quality_known"
"""A gauge: absent, no scores say nothing; 1, they say that none were made."""


class MomentFollower:
    """Mutable; one owner. `latest` is what the engine is handed at each look."""

    def __init__(
        self, redis: Any, site: SiteId, *, quality: QualityWatch, clock: Callable[[], Millis], counts: Counter[str]
    ) -> None:
        self._follower = Follower(redis, stream=names.moments(site))
        self._site = site
        self._quality = quality
        self._clock = clock
        self._counts = counts
        self._told: SiteMoment | None = None
        self._whole: SiteMoment | None = None

    def latest(self) -> SiteMoment | None:
        """With the scores as they are now; the same value while neither changed."""
        if self._told is None:
            return None
        rows = self._quality.rows(self._site, self._clock())
        if self._whole is None or self._whole.quality is not rows:
            known = {QUALITY_KNOWN: 1.0} if self._quality.known(self._site) else {}
            self._whole = replace(self._told, quality=rows, gauges={**self._told.gauges, **known})
        return self._whole

    async def run(self) -> None:
        """For ever. The stream from its beginning, which is ten seconds ago."""
        position = "0-0"
        while True:
            read = partial(self._follower.read_from, position, 100, 1_000)
            entries = await patiently(read, "reading moments", self._counts)
            if not entries:
                continue
            position = entries[-1].id
            try:
                # milliseconds at thousands of agents: not in the loop that decides
                self._told = await asyncio.to_thread(unpack, entries[-1].blob)
                self._whole = None
            except MomentNotReadable as error:
                self._counts["moment_not_readable"] += 1
                log.warning("moment_not_readable", site=self._site, fault=str(error), mend="restart both services")
