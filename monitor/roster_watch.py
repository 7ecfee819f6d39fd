"""Who sits where, as plans and live processes tell it. In: Config, plans on disk, `moments:{site}`. Out: `Roster`s.

May not know: rules, stores.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import structlog

from monitor.config import Config, Site
from monitor.moments import MomentNotReadable, unpack
from monitor.plan_open import open_desk
from monitor.roster import NOBODY, Roster
from streams.bus import names
from streams.bus.errors import BusError
from streams.bus.patience import asked
from streams.vocabulary.ids import AgentId, QueueName, SiteId

log = structlog.get_logger(__name__)
EVERY_S: Final = 30.0


def teams_of_plan(data: Path, site: Site) -> dict[AgentId, str]:
    """Of desks that are reserved for somebody, by the plan in use here. Blocks: it reads files."""
    plan = open_desk(data, site).plan
    seats = (seat for seat in plan.seats if seat.agent and seat.team is not None)
    return {AgentId(seat.agent): plan.teams[seat.team].code for seat in seats if seat.team is not None}


def first_rosters(config: Config) -> dict[SiteId, Roster]:
    """Until somebody told who sits where. Blocks: it reads plans."""
    skills = skills_of(config)
    return {site.id: Roster(teams_of_plan(config.store.data, site), skills) for site in config.sites}


def skills_of(config: Config) -> dict[QueueName, tuple[str, ...]]:
    return {name: queue.skills for name, queue in config.queues.items() if queue.skills}


class RosterWatch:
    """Who sits where, as live processes tell it every two seconds; asked now and then. Who left keeps the last team.
    Mutable; owned by one event loop."""

    def __init__(self, redis: Any, first: Mapping[SiteId, Roster]) -> None:
        """`first`: until somebody told."""
        self._redis = redis
        self._rosters = dict(first)
        self.counts: Counter[str] = Counter()

    def of(self, site: SiteId) -> Roster:
        return self._rosters.get(site, NOBODY)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            for site in self._rosters:
                await self.look(site)
            await asyncio.sleep(EVERY_S)

    async def look(self, site: SiteId) -> None:
        try:
            rows: Sequence[Any] = await asked(
                lambda: self._redis.xrevrange(names.moments(site), count=1), "reading who sits where"
            )
        except BusError:
            self.counts["rosters_bus_away"] += 1
            return
        for _, fields in rows:
            try:
                moment = await asyncio.to_thread(unpack, fields[b"b"])
            except MomentNotReadable as error:
                self.counts["rosters_not_readable"] += 1
                log.warning("roster_not_readable", site=site, fault=str(error))
                return
            told = {one.agent: one.team for one in moment.agents}
            before = self._rosters[site]
            self._rosters[site] = replace(before, teams={**before.teams, **told})
