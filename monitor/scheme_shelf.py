"""Which schemes are scored by, in every process. In: schemes on disk, versions on the bus. Out: `current(site, queue)`.

What any process published is noticed within seconds; a bus that is away leaves the shelf as it stands. Mutable; owned
by one event loop. May not know: HTTP, drafts.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import structlog

from monitor.plan_store import NoVersion, VersionDamaged
from monitor.rules_check import look
from monitor.scheme_store import KeptScheme, SchemeStore
from scoring.facts import meant_for
from scoring.formula import Outcome
from scoring.rules import Scheme
from streams.bus.errors import BusError
from streams.vocabulary.ids import QueueName, SiteId

log = structlog.get_logger(__name__)
POLL_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Standing:
    """A scheme's latest version. `scheme` None: its text is none any more; `fault` says why, it is not scored by."""

    kept: KeptScheme
    scheme: Scheme | None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class LostVersion:
    """A version that stands on the bus and cannot be read."""

    name: str
    version: int
    why: str


class SchemeShelf:
    def __init__(self, fixed: Mapping[str, KeptScheme], store: SchemeStore | None = None) -> None:
        """`store` None: nothing but what is on disk. Blocks for a moment: it reads the fixed schemes."""
        self.fixed = fixed
        self.counts: Counter[str] = Counter()
        self.lost: tuple[LostVersion, ...] = ()
        self._store = store
        self._seen = -1
        self._first = {name: _stand(kept) for name, kept in fixed.items()}
        self._standing: Mapping[str, Standing] = dict(self._first)

    @property
    def standing(self) -> Mapping[str, Standing]:
        """By name."""
        return self._standing

    def current(self, site: SiteId, queue: QueueName) -> tuple[Scheme, ...]:
        """In use and meant for contacts of this site and queue; what else a scheme's `applies` asks, the score says."""
        in_use = (one.scheme for one in self._standing.values() if one.kept.about.in_use)
        return tuple(scheme for scheme in in_use if scheme is not None and _meant(scheme, site, queue))

    def in_use(self) -> tuple[Scheme, ...]:
        found = (one.scheme for one in self._standing.values() if one.kept.about.in_use)
        return tuple(scheme for scheme in found if scheme is not None)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(POLL_S)

    async def look(self) -> None:
        """Takes up what was published since."""
        if self._store is None:
            return
        try:
            seen = await self._store.seen()
            if seen == self._seen:
                return
            await self._renew(await self._store.numbers(), self._store)
            self._seen = seen
        except BusError as error:
            self.counts["bus_away"] += 1
            log.warning("schemes_unreadable", fault=error.fault)

    async def _renew(self, numbers: Mapping[str, list[int]], store: SchemeStore) -> None:
        standing = dict(self._first)
        lost: list[LostVersion] = []
        for name, versions in numbers.items():
            found = await self._newest(name, versions, store, lost)
            if found is not None:
                standing[name] = found
        self._standing = dict(sorted(standing.items()))
        self.lost = tuple(lost)

    async def _newest(
        self, name: str, versions: Iterable[int], store: SchemeStore, lost: list[LostVersion]
    ) -> Standing | None:
        """The newest that can be read; one that can but is no scheme any more stands, with its fault."""
        for number in sorted(versions, reverse=True):
            known = self._standing.get(name)
            if known is not None and known.kept.about.version == number:
                return known  # a version never changes
            try:
                return await asyncio.to_thread(_stand, await store.read(name, number))
            except (NoVersion, VersionDamaged) as error:
                self.counts["damaged"] += 1
                lost.append(LostVersion(name, number, str(error)))
                log.error("scheme_damaged", scheme=name, version=number, why=str(error))
        return None


def _stand(kept: KeptScheme) -> Standing:
    looked = look(kept.text, file=kept.about.name)
    if looked.scheme is None:
        return Standing(kept, None, str(looked.faults[0]) if looked.faults else "")
    return Standing(kept, replace(looked.scheme, version=kept.about.scored_as))


def _meant(scheme: Scheme, site: SiteId, queue: QueueName) -> bool:
    return meant_for(scheme, {"site": site, "queue": queue}) is not Outcome.MISS
