"""The floor's owner. In: the stream `events:{site}` from the last snapshot on. Out: facts, jobs and numbers on the bus.

Each process of a site's floor follows and folds; the one that holds the lease tells. The same events give the same
facts with the same keys, which the warehouse keeps once, so neither a restart nor a zombie can count anything twice.
May not know: switches, browsers, SQL.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec
import structlog

from monitor.telling import Telling
from streams.bus import names
from streams.bus.consume import Entry, Follower, id_order
from streams.bus.errors import BusFull, BusUnavailable
from streams.bus.guarded import server_identity
from streams.bus.lease import Lease, strive
from streams.bus.patience import asked, patiently
from streams.floor.fold import Floor
from streams.floor.outputs import Output
from streams.floor.records import Gap
from streams.vocabulary.codec import UNREADABLE, decode_event
from streams.vocabulary.events import Event
from streams.vocabulary.ids import AgentId, Millis, SiteId, SourceId
from streams.vocabulary.states import GapReason

log = structlog.get_logger(__name__)

T = TypeVar("T")

BATCH: Final = 2_000
BLOCK_MS: Final = 100
SNAPSHOT_EVERY_MS: Final = 10_000
NUMBERS_EVERY_MS: Final = 1_000
NUMBERS_KEPT: Final = 600
LOOK_S: Final = 2.0
AGAIN_MS: Final = 660_000
"""Collectors send the last ten minutes again to a server they do not know; its ids may lie below our position."""
START: Final = "0-0"
UNSEEN: Final = "events_trimmed_unseen"
THE_BUS: Final = SourceId("bus")


def snapshot_key(site: SiteId) -> str:
    return f"floor:{{{site}}}:snapshot"


def lease_name(site: SiteId) -> str:
    """Of the snapshot's slot: the script that saves compares tokens."""
    return f"floor:{{{site}}}"


class FloorOwner:
    """Mutable; the only writer of its `floor`. Without a lease it is the only owner there is."""

    def __init__(
        self,
        redis: Any,
        floor: Floor,
        *,
        clock: Callable[[], Millis],
        changed: Callable[[AgentId], None],
        recordings: Path | None,
        agent_channel: int | None,
        lease: Lease | None = None,
        snapshot_every_ms: int = SNAPSHOT_EVERY_MS,
    ) -> None:
        self._redis = redis
        self.floor = floor
        self._clock = clock
        self._lease = lease
        self._snapshot_every_ms = snapshot_every_ms
        self.counts: Counter[str] = Counter()
        self._telling = Telling(
            redis,
            floor.site,
            changed=changed,
            recordings=recordings,
            agent_channel=agent_channel,
            counts=self.counts,
            clock=clock,
        )
        self.heard: Callable[[Event], None] | None = None
        """Told of each event that the floor takes in, in that order."""
        self._follower = Follower(redis, stream=names.events(floor.site))
        self._settings: dict[str, Any] = {}
        self.position = START
        self.owning = lease is None
        self._all_told = True
        self._server = ""
        self._go_back = False
        self._trimmed_after: Millis | None = None
        self.caught_up = asyncio.Event()

    @property
    def changed(self) -> Callable[[AgentId], None]:
        return self._telling.changed

    @changed.setter
    def changed(self, hears: Callable[[AgentId], None]) -> None:
        self._telling.changed = hears

    # --- beginning -------------------------------------------------------------------------------------------------

    async def restore(self, **settings: Any) -> None:
        """Take the snapshot if there is one that this version can read; else the stream from its first entry.

        `settings`: what `Floor` and `Floor.restore` are given.
        """
        self._settings = settings
        stored = await asked(self._stored, "reading the snapshot")
        if stored is not None:
            self.position, self.floor = stored
        if await self._follower.missed_after(self.position):
            self.counts[UNSEEN] += 1
            self._trimmed_after = self.floor.state.at
            log.warning(UNSEEN, after=self.position)

    async def _stored(self) -> tuple[str, Floor] | None:
        stored: Any = await self._redis.get(snapshot_key(self.floor.site))
        if stored is None:
            return None
        try:
            position, blob = msgspec.msgpack.decode(stored, type=tuple[str, bytes])
            return position, Floor.restore(blob, **self._settings)
        except UNREADABLE as error:  # another version's, or damaged
            log.warning("snapshot_refused", detail=str(error))
            self.counts["snapshot_refused"] += 1
            return None

    # --- running ---------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Until cancelled; then the lease is free at once."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._look_at_server())
                if self._lease is not None:
                    tasks.create_task(strive(self._lease))  # `_follow` sees when we are the one
                tasks.create_task(self._follow())
        except BaseExceptionGroup as group:
            raise _only(group) from None

    async def leave(self) -> None:
        """The last snapshot, and the lease for the next one."""
        try:
            if self.owning:
                await self.save()
        finally:
            if self._lease is not None:
                await self._lease.release()

    async def _follow(self) -> None:
        next_snapshot = next_numbers = self._clock()
        while True:
            if self._go_back:
                self._go_back, self.position = False, _back(self.position, AGAIN_MS)
                if self.owning:
                    await self._telling.tell_again()
            entries = await self._patiently(self._read, "reading events")
            if self._lease is not None and self.owning is not (self._lease.token is not None):
                await self._change_over()
            await self._step(entries)
            now = self._clock()
            if now >= next_numbers:
                next_numbers = Millis(now + NUMBERS_EVERY_MS)
                if self._may_tell():
                    blob = msgspec.msgpack.encode(self.floor.numbers(now))
                    await self._telling.publish(names.metrics(self.floor.site), [blob], cap=NUMBERS_KEPT)
            if now >= next_snapshot:
                next_snapshot = Millis(now + self._snapshot_every_ms)
                if self.owning:
                    await self._patiently(self.save, "saving the floor")

    async def _step(self, entries: Sequence[Entry]) -> None:
        self._all_told = False
        if entries and self._trimmed_after is not None:
            self._show_trimmed(entries[0])
        outputs = self._apply(self.floor, entries)
        outputs += self.floor.advance(self._clock())
        if len(entries) < BATCH:
            self.caught_up.set()
        if self.owning:
            await self._telling.told(outputs)
        else:
            self._telling.shown(outputs)
        if entries:
            self.position = entries[-1].id
        self._all_told = True

    async def _read(self) -> list[Entry]:
        return await self._follower.read_from(self.position, BATCH, BLOCK_MS)

    async def _patiently(self, exchange: Callable[[], Awaitable[T]], doing: str) -> T:
        return await patiently(exchange, doing, self.counts)

    def _apply(self, floor: Floor, entries: Sequence[Entry]) -> list[Output]:
        outputs: list[Output] = []
        undecodable = 0
        for entry in entries:
            try:
                event = decode_event(entry.blob)
            except msgspec.DecodeError:
                # the archive's consumer keeps the blob itself in the dead letters
                undecodable += 1
                continue
            outputs += floor.apply(event)
            if self.heard is not None and floor is self.floor:
                self.heard(event)
        if floor is self.floor:
            self.counts["events"] += len(entries) - undecodable
            self.counts["event_not_decodable"] += undecodable
        return outputs

    def _show_trimmed(self, first: Entry) -> None:
        """Somebody cut the stream under us: a gap on the wall, from what we last knew to what is left."""
        began, self._trimmed_after = self._trimmed_after, None
        left_at = Millis(int(first.id.partition("-")[0]))
        self.floor.gaps.append(Gap(source=THE_BUS, began=began or left_at, ended=left_at, reason=GapReason.BUS_TRIMMED))

    # --- one of several --------------------------------------------------------------------------------------------

    def _may_tell(self) -> bool:
        return self.owning and (self._lease is None or self._lease.held())

    async def _change_over(self) -> None:
        self.owning = not self.owning
        self.counts["took_over" if self.owning else "stepped_down"] += 1
        log.warning("floor_owner", site=self.floor.site, owning=self.owning)
        if self.owning:
            await self._tell_again()

    async def _tell_again(self) -> None:
        """What the last owner may not have told: everything since its snapshot, folded once more beside our floor."""
        stored = await self._patiently(self._stored, "reading the snapshot")
        position, floor = stored or (START, Floor(self.floor.site, **self._settings))
        while position != self.position:
            read = partial(self._follower.read_from, position, BATCH, 0)
            entries = await self._patiently(read, "reading what the last owner read")
            entries = [entry for entry in entries if id_order(entry.id) <= id_order(self.position)]
            if not entries:
                break
            self.counts["retold"] += len(entries)
            await self._telling.told(self._apply(floor, entries))
            position = entries[-1].id

    async def save(self) -> None:
        """After this, entries up to `position` are needed by the floor no more.

        Passed over while what was folded is not told: after a restart the floor would take those events for
        redelivered ones, and their facts would never be told. The last snapshot still leads to them.
        """
        if not self._all_told:
            self.counts["snapshot_passed_over"] += 1
            return
        key, site = snapshot_key(self.floor.site), self.floor.site
        blob = msgspec.msgpack.encode((self.position, self.floor.snapshot()))
        if self._lease is None:
            await asked(lambda: self._redis.set(key, blob), "saving the floor")
        elif not await self._lease.save(key, blob):
            self.counts["snapshot_fenced_off"] += 1
            log.warning("snapshot_fenced_off", site=site)

    # --- a bus that is another one ---------------------------------------------------------------------------------

    async def _look_at_server(self) -> None:
        """A promoted replica's clock may be behind: what is sent again to it may get ids that lie before our place."""
        while True:
            try:
                server = await server_identity(self._redis)
            except (BusUnavailable, BusFull):
                self.counts["bus_retries"] += 1
            else:
                if self._server and server != self._server:
                    self.counts["bus_changed"] += 1
                    self._go_back = True
                    log.warning("bus_changed", site=self.floor.site, again_ms=AGAIN_MS)
                self._server = server
            await asyncio.sleep(LOOK_S)


def _back(entry_id: str, by_ms: int) -> str:
    return f"{max(0, id_order(entry_id)[0] - by_ms)}-0"


def _only(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The error itself, where there is one: callers and logs want its name."""
    first = group.exceptions[0]
    return _only(first) if isinstance(first, BaseExceptionGroup) else first
