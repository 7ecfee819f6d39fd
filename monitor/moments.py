"""What rules look at beside the queues' numbers, told every two seconds. In: a site's living floor. Out: `SiteMoment`s.

On `moments:{site}`, capped: only the last one matters. One of all live processes tells (a lease of its own: the one
that tells numbers may have no web, so no map and no live rules). Made in slices of two milliseconds: the wall goes
first. May not know: rules, who reads.
"""

import asyncio
import zlib
from collections import Counter
from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any, Final

import msgspec

from alerts.moment import AgentNow, HitNow, SiteMoment
from monitor.api.live import LiveFloor
from monitor.forecast import in_slices
from monitor.live_rules import RuleHit
from seat_map.picture import Picture
from streams.bus import names
from streams.bus.errors import BusError
from streams.bus.lease import Lease
from streams.bus.publish import Publisher
from streams.floor.certainty import Doubt
from streams.floor.records import AgentRecord
from streams.vocabulary.codec import UNREADABLE
from streams.vocabulary.ids import ContactId, Millis, QueueName, SiteId
from streams.vocabulary.states import AgentState

EVERY_S: Final = 2.0
KEPT: Final = 5
AGENTS_A_STEP: Final = 100
PAUSE_S: Final = 0.005
PACKED_FROM: Final = 8_192
"""Bytes from which a moment is packed: 5,000 agents would else write 13 GB a day into the bus's log."""
OUTDATED: Final = frozenset({Doubt.SOURCE_LOST, Doubt.SILENT, Doubt.MISSING_NUMBERS})
"""With these a label is as old as its source's last word, so now it is unknown."""
ZLIB: Final = b"\x78"
"""How a packed moment begins, and no msgpack map does."""

Gauges = Callable[[SiteId], Mapping[str, float]]
Hits = Callable[[Millis], Sequence[RuleHit]]
Planned = Callable[[Millis], Mapping[QueueName, int]]

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(SiteMoment).decode


class MomentNotReadable(Exception):
    """Another version's, or damaged."""


def pack(moment: SiteMoment) -> bytes:
    """Blocks for milliseconds at thousands of agents, nearly all of them without holding the interpreter."""
    blob = _encode(moment)
    return zlib.compress(blob, 1) if len(blob) >= PACKED_FROM else blob


def unpack(blob: bytes) -> SiteMoment:
    """Raises MomentNotReadable."""
    try:
        return _decode(zlib.decompress(blob) if blob.startswith(ZLIB) else blob)
    except (zlib.error, *UNREADABLE) as error:
        raise MomentNotReadable(str(error)) from error


class MomentMaker:
    """Reads what is handed in, anew each time; keeps nothing. `picture`: who sits where, for the teams. `planned`: how
    many agents each queue's plan asks for."""

    def __init__(
        self,
        floor: LiveFloor,
        *,
        picture: Callable[[], Picture],
        hits: Hits,
        gauges: Gauges,
        planned: Planned = lambda now: {},
    ) -> None:
        self._floor = floor
        self._picture = picture
        self._hits = hits
        self._gauges = gauges
        self._planned = planned

    def make(self, now: Millis) -> Generator[None, None, SiteMoment]:
        """In small steps; each agent is told whole, all of them within some tenths of a second."""
        floor = self._floor
        records = list(floor.agents.values())
        picture = self._picture()
        agents: list[AgentNow] = []
        for start in range(0, len(records), AGENTS_A_STEP):
            agents += [agent_now(one, floor, picture, now) for one in records[start : start + AGENTS_A_STEP]]
            yield
        lost = sum(gap.ended is None for gap in floor.gaps)
        return SiteMoment(
            at=now,
            site=floor.site,
            agents=agents,
            gauges={**self._gauges(floor.site), "sources_lost": float(lost)},
            hits=[hit_now(one) for one in self._hits(now)],
            quality=[],  # scores are the history process's to know
            planned=dict(self._planned(now)),
        )


def agent_now(agent: AgentRecord, floor: LiveFloor, picture: Picture, now: Millis) -> AgentNow:
    place = picture.seating.places.get(agent.id)
    person = picture.people.get(place.index) if place is not None else None
    return agent_of(agent, floor, "" if person is None else person.team, now)


def agent_of(agent: AgentRecord, floor: LiveFloor, team: str, now: Millis) -> AgentNow:
    state, reason = agent.state, agent.reason
    if state is not AgentState.UNKNOWN and floor.doubt(agent, now) in OUTDATED:
        state, reason = AgentState.UNKNOWN, ""
    contact, since = _contact(agent, floor)
    return AgentNow(agent.id, state, reason, agent.since, team, (*agent.memberships,), contact, since)


def _contact(agent: AgentRecord, floor: LiveFloor) -> tuple[ContactId, Millis]:
    """The talk, and when it began; of an outbound contact that nobody took yet, the dialling."""
    visit = floor.visits.get(agent.talks[-1]) if agent.talks else None
    if visit is None:
        return ContactId(""), Millis(0)
    return visit.contact, visit.answered_at or visit.dialled_at


def hit_now(hit: RuleHit) -> HitNow:
    return HitNow(hit.at, hit.item.id, hit.item.zh, hit.item.en, hit.contact, hit.agent, hit.queue)


class MomentTeller:
    """One site's. Mutable counters: `moments`, `moments_not_told` (the bus was away: the next one is as good)."""

    def __init__(
        self,
        redis: Any,
        maker: MomentMaker,
        *,
        site: SiteId,
        clock: Callable[[], Millis],
        lease: Lease,
        counts: Counter[str],
        every_s: float = EVERY_S,
    ) -> None:
        self._publisher = Publisher(redis, even_full=True)
        self._stream = names.moments(site)
        self._maker = maker
        self._clock = clock
        self._lease = lease
        self._every_s = every_s
        self.counts = counts

    async def run(self, caught_up: asyncio.Event) -> None:
        """Until cancelled. A floor that still catches up would tell the past as now."""
        await caught_up.wait()
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            if self._lease.held():
                await self.tell()
            await asyncio.sleep(max(0.0, began + self._every_s - loop.time()))

    async def tell(self) -> None:
        moment = await in_slices(self._maker.make(self._clock()), pause_s=PAUSE_S)
        blob = await asyncio.to_thread(pack, moment)
        try:
            await self._publisher.publish(self._stream, [blob], cap=KEPT)
        except BusError:
            self.counts["moments_not_told"] += 1
        else:
            self.counts["moments"] += 1
