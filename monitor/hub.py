"""From the floor to every browser. In: which agents changed. Out: one binary delta per tick and scope, encoded once.

Each 50 ms: changed seats. Each second: what changed in the numbers, as JSON in the same socket. A viewer that cannot
keep up is marked stale and gets one snapshot; it never slows the floor. May not know: switches, stores, HTML.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from dashboards.columns import Goals, Tile, tile
from dashboards.lately import Lately
from dashboards.rows import group_rows
from monitor.api.board import AlertBoard
from monitor.api.live import LiveFloor
from monitor.api.viewers import Message, Viewer
from monitor.api.wall_news import Row
from monitor.api.wall_words import Word, line_word, lines_word, plan_version, reasons_word, word
from monitor.audience import Audience
from monitor.broadcast import broadcast
from monitor.config_wall import EVERYTHING, Scope
from monitor.hub_coming import Coming
from monitor.hub_counts import HubCount as HubCount
from monitor.hub_extras import Attends, Extras
from monitor.sight import Sight
from monitor.tiers import Tiers
from seat_map.picture import Picture, Rows
from seat_map.plan import Plan
from streams.floor.certainty import Doubt
from streams.floor.numbers import QueueNumbers
from streams.floor.records import AgentRecord
from streams.vocabulary.ids import AgentId, Millis


@dataclass(frozen=True, slots=True, kw_only=True)
class HubSettings:
    tick_ms: int = 50
    idle_ms: int = 500
    """between ticks while nobody watches: a country has hundreds of floors, and few of them are looked at"""
    numbers_ms: int = 1000
    scan_ms: int = 10_000
    """In this time every agent is compared with the map once, to heal a change nobody told us of (counted)."""
    patrol_ms: int = 250
    """A part of the scan is done so often: in each tick it would cost twice (cold caches), at once it would be felt."""
    send_timeout_ms: int = 2000
    viewers_max: int = 2000


class Hub:
    """Mutable; lives in the event loop that calls it. The service runs `run()` in its TaskGroup."""

    def __init__(
        self,
        *,
        floor: LiveFloor,
        plan: Plan,
        goals: Goals,
        alerts: AlertBoard,
        clock: Callable[[], Millis],
        settings: HubSettings | None = None,
        extras: Extras | None = None,
    ) -> None:
        self.picture = Picture(plan)
        self.version = plan_version(plan)
        """of the plan that is drawn"""
        self.counts: Counter[HubCount] = Counter()
        self.numbers: Sequence[QueueNumbers] = ()
        self.lately = Lately()
        self.settings = settings or HubSettings()
        self._floor = floor
        self._goals = goals
        self._alerts = alerts
        self._clock = clock
        self._extras = extras or Extras()
        self._tiles: list[Tile] = []
        self._groups: list[Row] = []
        self._forecast: bytes | None = None
        self._tiers = Tiers()
        self._everybody = Audience(EVERYTHING, self.picture)
        self._audiences: dict[str, Audience] = {EVERYTHING.name: self._everybody}
        self._desks: dict[str, Attends] = {}
        self._dirty: set[AgentId] = set()
        self._numbers_at = Millis(0)
        self._coming: Coming | None = None
        self._woken = asyncio.Event()
        self._filled = False
        self._patrol: list[AgentId] = []
        self._patrolled_at = Millis(0)
        self._step = 0
        self._reasons_sent = 0
        self._alerts_sent = -1

    @property
    def viewers(self) -> set[Viewer]:
        return {viewer for audience in self._audiences.values() for viewer in audience.viewers}

    def changed(self, agent: AgentId) -> None:
        """An agent's label changed (AgentChange, or a record touched in a resync). Costs one set entry."""
        self._dirty.add(agent)

    def replan(self, plan: Plan) -> None:
        """Another plan, as soon as its people sit: at once where they are few, else within some ticks. Then each
        viewer draws it anew."""
        self._coming = Coming(plan, self.picture, self._floor.agents)
        self._woken.set()
        self._seat(self._clock(), ())

    def _seat(self, now: Millis, changed: Iterable[AgentId]) -> None:
        coming, floor = self._coming, self._floor
        if coming is None or not coming.seat(floor, changed, lambda agent: floor.doubt(agent, now)):
            return
        self._coming = None
        coming.picture.seating.revision = 1 + max(self.picture.revision, coming.picture.revision)
        self.picture, self._tiers = coming.picture, coming.tiers
        self.version = plan_version(coming.picture.seating.plan)
        self._filled, self._patrol = True, []
        self.counts[HubCount.REPLANNED] += 1
        for audience in self._audiences.values():
            audience.redraw(self.picture)
            audience.say(Word.PLAN, word(Word.PLAN, version=self.version))

    def sight(self, scope: Scope) -> Sight:
        """What `scope` sees of the map as it is now."""
        audience = self._audiences.get(scope.name)
        return Sight(scope, self.picture) if audience is None or audience.scope != scope else audience.sight

    async def run(self) -> None:
        """Ticks until cancelled. A late tick does not make the next ones hurry; the first viewer wakes it at once."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            self.tick(self._clock())
            due = max(due + self._pace_ms / 1000, loop.time())
            if not self._idle:
                await asyncio.sleep(due - loop.time())
                continue
            self._woken.clear()
            try:
                async with asyncio.timeout_at(due):
                    await self._woken.wait()
            except TimeoutError:
                continue
            due = loop.time()

    @property
    def _idle(self) -> bool:
        """Nobody watches and nobody is about to be seated."""
        return self._coming is None and not any(audience.viewers for audience in self._audiences.values())

    @property
    def _pace_ms(self) -> int:
        return max(self.settings.idle_ms, self.settings.tick_ms) if self._idle else self.settings.tick_ms

    # ---- viewers ----------------------------------------------------------------------------------------------------
    def attach(self, viewer: Viewer, scope: Scope = EVERYTHING) -> bool:
        """A new viewer; False when the wall is full. It gets its snapshot in the next tick."""
        if sum(len(audience.viewers) for audience in self._audiences.values()) >= self.settings.viewers_max:
            self.counts[HubCount.REFUSED_FULL] += 1
            return False
        audience = self._audiences.get(scope.name)
        if audience is None:
            audience = self._audiences[scope.name] = self._opened(scope)
        audience.viewers.add(viewer)
        self._woken.set()
        return True

    def detach(self, viewer: Viewer) -> None:
        """The last one of a scope takes its audience along: nobody encodes for nobody."""
        for name, audience in tuple(self._audiences.items()):
            audience.viewers.discard(viewer)
            if not audience.viewers and audience is not self._everybody:
                del self._audiences[name]
                self._desks.pop(name, None)

    def _opened(self, scope: Scope) -> Audience:
        audience = Audience(scope, self.picture)
        audience.say(Word.REASONS, reasons_word(self.picture.reasons.texts))
        audience.alerts(self._alerts.firing())
        return audience

    # ---- each tick --------------------------------------------------------------------------------------------------
    def tick(self, now: Millis) -> None:
        """Everything that is due at `now`."""
        rows = self._changes(now)
        reasons = self._new_reasons()
        alerts = self._alerts.revision != self._alerts_sent
        self._alerts_sent = self._alerts.revision
        firing = self._alerts.firing() if alerts else []
        counting = now - self._numbers_at >= self.settings.numbers_ms
        tiers = self._count(now) if counting else {}
        for name, audience in tuple(self._audiences.items()):
            if not audience.viewers and audience is not self._everybody:
                continue
            words = audience.say(Word.REASONS, reasons) + audience.changes(rows.changed, rows.people, now)
            if alerts:
                words += audience.alerts(firing)
            if counting:
                words += self._counted(name, audience, tiers, now)
            gone = broadcast(audience.viewers, words, partial(self._whole, audience, now), self.counts, now)
            for viewer in gone:
                self.detach(viewer)

    def _new_reasons(self) -> bytes | None:
        texts = self.picture.reasons.texts
        if len(texts) == self._reasons_sent:
            return None
        self._reasons_sent = len(texts)
        return reasons_word(texts)

    def _changes(self, now: Millis) -> Rows:
        dirty, self._dirty = self._dirty, set()
        self._seat(now, dirty)
        floor = self._floor

        def doubt(agent: AgentRecord) -> Doubt:
            return floor.doubt(agent, now)

        patrolled = self._patrolled(now)
        told = self.picture.update(floor.agents, dirty, doubt)
        found = self.picture.update(floor.agents, patrolled, doubt)
        for agents in (dirty, patrolled):
            self._tiers.look(floor, agents, self.picture.seating.places)
        if self._filled:  # the first look fills the map, it heals nothing
            # nobody tells that time passes over a silent source: the patrol is how such a doubt comes up
            self.counts[HubCount.HEALED] += len(found.changed) - found.doubted
            self.counts[HubCount.DOUBTED] += found.doubted
        self._filled = True
        changed = _merged(told.changed, found.changed)
        if changed:
            self.counts[HubCount.DELTAS] += 1
            self.counts[HubCount.ROWS] += len(changed)
        return Rows(changed, found.doubted, _merged(told.people, found.people))

    def _patrolled(self, now: Millis) -> list[AgentId]:
        """The next part of the agents to compare with the map; all of them at first."""
        if self._filled and now - self._patrolled_at < self.settings.patrol_ms:
            return []
        self._patrolled_at = now
        if not self._patrol:
            gone = self.picture.seating.places.keys() - self._floor.agents.keys()
            self._patrol = [*self._floor.agents, *gone]
            parts = max(1, self.settings.scan_ms // max(self.settings.patrol_ms, self._pace_ms))
            self._step = -(-len(self._patrol) // parts) if self._filled else len(self._patrol)
        taken, self._patrol = self._patrol[: self._step], self._patrol[self._step :]
        return taken

    # ---- each second ------------------------------------------------------------------------------------------------
    def _count(self, now: Millis) -> dict[int, str]:
        """What all audiences share. Out: the rows whose tier changed."""
        self._numbers_at = now
        self.numbers = self._floor.numbers(now)
        self.lately.take(self.numbers, self._goals)
        self._tiles = [tile(one, self._goals.of(one.queue)) for one in self.numbers]
        extras = self._extras
        agents = self._floor.agents.values()
        self._groups = group_rows(self._tiles, extras.groups, agents=agents) if extras.groups else []
        if extras.forecast is not None:
            self._forecast = extras.forecast.word(now) or self._forecast
        return self._tiers.changes()

    def _counted(self, name: str, audience: Audience, tiers: dict[int, str], now: Millis) -> list[Message]:
        viewers = sum(len(one.viewers) for one in self._audiences.values())
        tiles = audience.tiles(self._tiles)
        minute, fresh = now // 60_000, not audience.counted
        words = audience.numbers(tiles, self._groups, now=now, viewers=viewers)
        if fresh or minute != audience.minute:
            audience.minute = minute
            queues = {shown.queue for shown in tiles}
            seen = [one for one in self.numbers if one.queue in queues]
            words += audience.say(Word.LINE, line_word(seen, self._goals))
            words += audience.say(Word.LINES, lines_word(seen, self._goals, self.lately))
        words += audience.tiers(self._tiers.rows, tiers)
        words += audience.forecast(self._forecast)
        if self._extras.attention is not None:
            desk = self._desks.get(name)
            if desk is None:
                desk = self._desks[name] = self._extras.attention()
            outlooks = [one for one in self._extras.outlooks() if audience.sight.sees_queue(one.queue)]
            told = desk.word(self.picture, tiles, self._floor, now, rows=audience.sight.rows, outlooks=outlooks)
            words += audience.attention(told)
        return words

    def _whole(self, audience: Audience, now: Millis) -> list[Message]:
        """A scope that somebody has just opened is counted at once, not in the next second."""
        audience.say(Word.PLAN, word(Word.PLAN, version=self.version))
        if not audience.counted:
            if not self.numbers:
                self._count(now)
            self._counted(audience.scope.name, audience, {}, now)
        return audience.whole(now)


def _merged(one: Sequence[int], other: Iterable[int]) -> list[int]:
    return sorted({*one, *other})
