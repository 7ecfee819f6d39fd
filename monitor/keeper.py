"""History's caretaker: keeps the floor's checkpoints, drops what is too old. In: the bus, the store. Out: counts.

Both may be done by several processes at once, or twice: a checkpoint has a key, a partition is dropped once. May not
know: what a snapshot holds, how long anything is kept (retention.py decides).
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

import structlog

from monitor.live import snapshot_key
from streams.bus.patience import asked, patiently
from streams.vocabulary.codec import UNREADABLE
from streams.vocabulary.ids import Millis, SiteId
from streams.warehouse.errors import StoreError
from streams.warehouse.front import AsyncWarehouse
from streams.warehouse.past import checkpoint_of, save_checkpoint
from streams.warehouse.retention import Keeping, drop, retention_plan

log = structlog.get_logger(__name__)

CHECKPOINT_EVERY_S: Final = 600.0
RETENTION_EVERY_S: Final = 3_600.0


class Keeper:
    """Mutable counters; owned by the history process."""

    def __init__(
        self,
        redis: Any,
        store: AsyncWarehouse,
        sites: Sequence[SiteId],
        *,
        keeping: Keeping,
        clock: Callable[[], Millis],
        cluster: str = "",
    ) -> None:
        self._redis = redis
        self._store = store
        self._sites = sites
        self._keeping = keeping
        self._clock = clock
        self._cluster = cluster
        self._saved: dict[SiteId, Millis] = {}
        self.counts: Counter[str] = Counter()

    async def run_checkpoints(self) -> None:
        while True:
            for site in self._sites:
                await self.checkpoint(site)
            await asyncio.sleep(CHECKPOINT_EVERY_S)

    async def run_retention(self) -> None:
        while True:
            await self.tidy()
            await asyncio.sleep(RETENTION_EVERY_S)

    async def checkpoint(self, site: SiteId) -> bool:
        """Whether a new one was kept; a floor that has not moved on since the last one gives none."""
        get = partial(asked, partial(self._redis.get, snapshot_key(site)), "reading the snapshot")
        stored: Any = await patiently(get, "reading the snapshot", self.counts)
        if stored is None:
            return False
        try:
            checkpoint = checkpoint_of(site, stored)
        except UNREADABLE as error:
            self.counts["snapshot_not_readable"] += 1
            log.warning("snapshot_not_readable", site=site, detail=str(error))
            return False
        if checkpoint is None or checkpoint.at <= self._saved.get(site, 0):
            return False
        try:
            await self._store.run(save_checkpoint, checkpoint)
        except StoreError as error:
            self.counts["store_faults"] += 1
            log.warning("checkpoint_not_kept", site=site, fault=error.fault)
            return False
        self._saved[site] = checkpoint.at
        self.counts["checkpoints"] += 1
        return True

    async def tidy(self) -> int:
        """Drop what is older than it is kept; returns how many partitions went."""
        try:
            drops = await self._store.run(retention_plan, keeping=self._keeping, now=self._clock())
            for one in drops:
                await self._store.run(drop, one, cluster=self._cluster)
                self.counts["dropped_partitions"] += 1
                self.counts["dropped_rows"] += one.rows
                log.info("partition_dropped", table=one.table, partition=one.partition, rows=one.rows, days=one.days)
        except StoreError as error:
            self.counts["store_faults"] += 1
            log.warning("retention_failed", fault=error.fault)
            return 0
        return len(drops)
