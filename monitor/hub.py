"""From the floor to every browser. In: which agents changed. Out: one binary delta per tick, encoded once for all.

Each 50 ms: changed seats, one delta. Each second: queue numbers as JSON in the same socket. A viewer that cannot keep
up is marked stale and gets one snapshot; it never slows the floor. May not know: switches, stores, HTML.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from dashboards.columns import Goals
from dashboards.lately import Lately
from monitor.api.board import AlertBoard
from monitor.api.live import LiveFloor
from monitor.api.viewers import BINARY, TEXT, Pushed, Viewer, websocket_frame
from monitor.api.wall_words import Word, alerts_word, line_word, lines_word, numbers_word, reasons_word
from seat_map.picture import Picture
from seat_map.plan import Plan
from streams.floor.certainty import Doubt
from streams.floor.numbers import QueueNumbers
from streams.floor.records import AgentRecord
from streams.vocabulary.ids import AgentId, Millis


@dataclass(frozen=True, slots=True, kw_only=True)
class HubSettings:
    tick_ms: int = 50
    numbers_ms: int = 1000
    scan_ms: int = 4000
    """In this time every agent is compared with the map once, to heal a change nobody told us of (counted)."""
    send_timeout_ms: int = 2000
    viewers_max: int = 2000


class HubCount(StrEnum):
    """Names of the hub's counters in /metrics."""

    DELTAS = "deltas"
    ROWS = "rows"
    SNAPSHOTS = "snapshots"
    FRAMES_SENT = "frames_sent"
    BYTES_SENT = "bytes_sent"
    SLOW = "slow"
    TIMED_OUT = "timed_out"
    GONE = "gone"
    HEALED = "healed"
    DOUBTED = "doubted"
    """rows whose certainty the patrol found changed"""
    REFUSED_ORIGIN = "refused_origin"
    REFUSED_FULL = "refused_full"
    BAD_MESSAGE = "bad_message"


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
    ) -> None:
        self.picture = Picture(plan)
        self.viewers: set[Viewer] = set()
        self.counts: Counter[HubCount] = Counter()
        self.numbers: Sequence[QueueNumbers] = ()
        self.lately = Lately()
        self.settings = settings or HubSettings()
        self._floor = floor
        self._goals = goals
        self._alerts = alerts
        self._clock = clock
        self._dirty: set[AgentId] = set()
        self._numbers_at = Millis(0)
        self._filled = False
        self._patrol: list[AgentId] = []
        self._step = 0
        self._last: dict[Word, bytes] = {}
        self._reasons_sent = 0
        self._alerts_sent = -1

    def changed(self, agent: AgentId) -> None:
        """An agent's label changed (AgentChange, or a record touched in a resync). Costs one set entry."""
        self._dirty.add(agent)

    async def run(self) -> None:
        """Ticks until cancelled. A late tick does not make the next ones hurry."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            self.tick(self._clock())
            due = max(due + self.settings.tick_ms / 1000, loop.time())
            await asyncio.sleep(due - loop.time())

    def attach(self, viewer: Viewer) -> bool:
        """A new viewer; False when the wall is full. It gets its snapshot in the next tick."""
        if len(self.viewers) >= self.settings.viewers_max:
            self.counts[HubCount.REFUSED_FULL] += 1
            return False
        self.viewers.add(viewer)
        return True

    def detach(self, viewer: Viewer) -> None:
        self.viewers.discard(viewer)

    def tick(self, now: Millis) -> None:
        """Everything that is due at `now`."""
        words: list[bytes] = []
        delta = self._changes(now)
        if len(self.picture.reasons.texts) != self._reasons_sent:
            self._reasons_sent = len(self.picture.reasons.texts)
            words.append(self._remember(Word.REASONS, reasons_word(self.picture.reasons.texts)))
        if delta is not None:
            words.append(websocket_frame(delta, BINARY))
        if self._alerts.revision != self._alerts_sent:
            self._alerts_sent = self._alerts.revision
            words.append(self._remember(Word.ALERTS, alerts_word(self._alerts.firing())))
        if now - self._numbers_at >= self.settings.numbers_ms:
            self._numbers_at = now
            words += self._count(now)
        self._broadcast(b"".join(words), now)

    def _changes(self, now: Millis) -> bytes | None:
        dirty, self._dirty = self._dirty, set()
        floor = self._floor

        def doubt(agent: AgentRecord) -> Doubt:
            return floor.doubt(agent, now)

        told = self.picture.update(floor.agents, dirty, doubt)
        found = self.picture.update(floor.agents, self._patrolled(), doubt)
        if self._filled:  # the first look fills the map, it heals nothing
            # nobody tells that time passes over a silent source: the patrol is how such a doubt comes up
            self.counts[HubCount.HEALED] += len(found.changed) - found.doubted
            self.counts[HubCount.DOUBTED] += found.doubted
        self._filled = True
        rows = sorted({*told.changed, *found.changed})
        if not rows:
            return None
        self.counts[HubCount.DELTAS] += 1
        self.counts[HubCount.ROWS] += len(rows)
        return self.picture.delta(rows, now)

    def _patrolled(self) -> list[AgentId]:
        """The next few agents to compare with the map (all of them at first): a whole scan at once would be felt."""
        if not self._patrol:
            gone = self.picture.seating.places.keys() - self._floor.agents.keys()
            self._patrol = [*self._floor.agents, *gone]
            ticks = max(1, self.settings.scan_ms // self.settings.tick_ms)
            self._step = -(-len(self._patrol) // ticks) if self._filled else len(self._patrol)
        taken, self._patrol = self._patrol[: self._step], self._patrol[self._step :]
        return taken

    def _count(self, now: Millis) -> list[bytes]:
        self.numbers = self._floor.numbers(now)
        self.lately.take(self.numbers, self._goals)
        counts = self.picture.columns.counts()
        words = [
            self._remember(
                Word.NUMBERS,
                numbers_word(self.numbers, self._goals, now=now, viewers=len(self.viewers), counts=counts),
            )
        ]
        lines = {
            Word.LINE: websocket_frame(line_word(self.numbers, self._goals), TEXT),
            Word.LINES: websocket_frame(lines_word(self.numbers, self._goals, self.lately), TEXT),
        }
        for word, frame in lines.items():  # they change once a minute
            if frame != self._last.get(word):
                self._last[word] = frame
                words.append(frame)
        return words

    def _remember(self, word: Word, text: bytes) -> bytes:
        self._last[word] = websocket_frame(text, TEXT)
        return self._last[word]

    def _broadcast(self, words: bytes, now: Millis) -> None:
        """Fresh viewers get `words`, stale ones the whole picture (which already holds what `words` says)."""
        picture: bytes | None = None
        for viewer in tuple(self.viewers):
            if viewer.stale:
                answer = viewer.ready(now)
                if answer is Pushed.SENT:
                    picture = picture or self._whole(now)
                    viewer.push(picture, now)
                    viewer.stale = False
                self._account(viewer, answer, len(picture or b""), snapshot=True)
            elif words:
                self._account(viewer, viewer.push(words, now), len(words), snapshot=False)

    def _whole(self, now: Millis) -> bytes:
        """Texts, then the snapshot that refers to them."""
        if Word.NUMBERS not in self._last:
            self._count(now)
        texts = [self._last[word] for word in Word if word in self._last]
        return b"".join([*texts, websocket_frame(self.picture.snapshot(now), BINARY)])

    def _account(self, viewer: Viewer, answer: Pushed, size: int, *, snapshot: bool) -> None:
        match answer:
            case Pushed.SENT:
                self.counts[HubCount.FRAMES_SENT] += 1
                self.counts[HubCount.BYTES_SENT] += size
                self.counts[HubCount.SNAPSHOTS] += int(snapshot)
            case Pushed.SLOW:
                self.counts[HubCount.SLOW] += 1
            case Pushed.TIMED_OUT:
                self.counts[HubCount.TIMED_OUT] += 1
                self.detach(viewer)
            case Pushed.GONE:
                self.counts[HubCount.GONE] += 1
                self.detach(viewer)
