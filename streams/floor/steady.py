"""The numbers of a floor instant after instant, for whoever asks often. In: events, the time. Out: as `Floor.numbers`.

What cannot have changed since the last instant is not counted again: minutes that are over are added once. Equal to
`Floor.numbers` at every instant, to the last counter (tests/property/test_floor_steady.py). May not know: who asks.
"""

from collections.abc import Sequence
from copy import copy

from msgspec.structs import astuple

from streams.floor.fold import Floor
from streams.floor.numbers import COUNTER_NAMES, WINDOW_MINUTES, Counters, QueueNumbers
from streams.floor.records import QueueRecord
from streams.floor.rollup import summed
from streams.floor.state import FloorState
from streams.floor.view import LINE_MINUTES
from streams.vocabulary.events import Event
from streams.vocabulary.ids import Millis, QueueName

_MOST = COUNTER_NAMES.index("wait_max_ms")
"""The one counter that does not add up."""
_PLACES = tuple(place for place in range(len(COUNTER_NAMES)) if place != _MOST)


class SteadyFloor:
    """Mutable; the one owner of its floor: every event comes through `apply`, all time through `numbers`.

    `lengths`: the windows that are told, minutes. `happened`: whether anything was told or done by the clock since the
    numbers before; `changed`: whether the last numbers said more than that time passed;
    `oldest`: of each queue in which somebody waits, since when, and the queue's target: the longest wait grows.
    """

    def __init__(self, floor: Floor, *, lengths: Sequence[int] = WINDOW_MINUTES) -> None:
        self.floor = floor
        self.happened = True
        self.changed = True
        self.oldest: list[tuple[Millis, int]] = []
        self._lengths = tuple(sorted(lengths))
        self._kept: dict[QueueName, _Kept] = {}
        self._state: FloorState | None = None
        self._earliest: Millis | None = None
        self._minute = -1
        self._clock_at = Millis(-1)

    def apply(self, event: Event) -> None:
        self.floor.apply(event)
        self._earliest = event.at if self._earliest is None else min(self._earliest, event.at)

    def next_due(self) -> Millis | None:
        """When something happens by the clock alone, a wrap-up's end or a disorder's mending; midnight apart."""
        state = self.floor.state
        due = [] if state.next_due is None else [state.next_due]
        due += [hole.look_at for hole in state.intake.holes.values()]
        if state.intake.window is not None and state.intake.window.refold_by is not None:
            due.append(state.intake.window.refold_by)
        return min(due, default=None)

    def numbers(self, now: Millis) -> list[QueueNumbers]:
        """Every queue, in order of name. `now` never goes back."""
        told = self.floor.advance(now)
        state, minute, earliest = self.floor.state, now // 60_000, self._earliest
        held = bool(state.intake.holes)
        late = earliest is not None and earliest // 60_000 < minute == self._minute
        if late or held or state is not self._state:
            self._kept.clear()  # a minute that was over has changed, or all was folded anew
        happened = bool(told) or held or earliest is not None
        happened = happened or minute != self._minute or state.clock_at != self._clock_at or state is not self._state
        self._state, self._minute, self._clock_at, self._earliest = state, minute, state.clock_at, None
        self.happened = happened
        self.changed = self._look(state, minute) if happened else False
        self.oldest = [
            (min(queue.waiting.values()), queue.target_ms) for queue in state.queues.values() if queue.waiting
        ]
        return [_told(state, self._kept[name], queue, now) for name, queue in sorted(state.queues.items())]

    def _look(self, state: FloorState, minute: int) -> bool:
        """True: something is different."""
        agents: dict[QueueName, dict[str, int]] = {name: {} for name in state.queues}
        for agent in state.agents.values():
            for name in agent.memberships:
                counted = agents[name]
                counted[agent.state] = counted.get(agent.state, 0) + 1
        changed = False
        for name, queue in state.queues.items():
            certain = not any(source in state.blind for source in queue.sources)
            shown = (len(queue.waiting), queue.talking, queue.outbound, queue.target_ms, certain, agents[name])
            kept = self._kept.get(name)
            if kept is None or kept.minute != minute or not kept.only_the_present_moved(queue):
                self._kept[name] = _Kept(queue, minute, self._lengths, shown)
                changed = True
            else:
                changed = kept.follow(queue, shown) or changed
        return changed


Shown = tuple[int, int, int, int, bool, dict[str, int]]
"""waiting, talking, outbound, target_ms, certain, agents by state"""


class _Kept:
    """What was told of a queue last. Mutable; what it hands out is not written again."""

    __slots__ = ("_closed", "_running", "_today", "line", "minute", "shown", "tiers", "today", "windows")

    def __init__(self, queue: QueueRecord, minute: int, lengths: Sequence[int], shown: Shown) -> None:
        self.minute, self.shown = minute, shown
        self._closed = _closed(queue, minute, lengths)
        self.line = _line(queue, minute)
        self._take(queue)

    def _take(self, queue: QueueRecord) -> None:
        self.today = copy(queue.today)
        self._today = astuple(queue.today)
        running = queue.minutes.get(self.minute)
        self._running = _NONE if running is None else astuple(running)
        self.windows = {length: _with(counters, self._running) for length, counters in self._closed.items()}
        self.tiers = {tier: copy(counters) for tier, counters in queue.tiers.items()}

    def only_the_present_moved(self, queue: QueueRecord) -> bool:
        """Whether what the day gained is what the running minute gained: a correction of an earlier minute is not."""
        today = astuple(queue.today)
        running = self._running_of(queue)
        if today == self._today:
            return running == self._running and len(queue.tiers) == len(self.tiers)
        return all(today[place] - self._today[place] == running[place] - self._running[place] for place in _PLACES)

    def follow(self, queue: QueueRecord, shown: Shown) -> bool:
        """After `only_the_present_moved`. True: something is different."""
        different = shown != self.shown
        self.shown = shown
        if astuple(queue.today) != self._today:
            self._take(queue)
            return True
        return different

    def _running_of(self, queue: QueueRecord) -> tuple[int, ...]:
        running = queue.minutes.get(self.minute)
        return _NONE if running is None else astuple(running)


_NONE: tuple[int, ...] = astuple(Counters())


def _closed(queue: QueueRecord, minute: int, lengths: Sequence[int]) -> dict[int, Counters]:
    """Each longer window is the shorter one and the minutes before it; without the running minute."""
    closed: dict[int, Counters] = {}
    total, done = Counters(), 1
    for length in lengths:
        found = [queue.minutes.get(one) for one in range(minute - length + 1, minute - done + 1)]
        more = [counters for counters in found if counters is not None]
        if more:
            total = summed([total, *more])
        closed[length], done = total, length
    return closed


def _with(closed: Counters, running: tuple[int, ...]) -> Counters:
    """As `+`, for a minute in which few things happened."""
    total = copy(closed)
    for place in _PLACES:
        if running[place]:
            name = COUNTER_NAMES[place]
            setattr(total, name, getattr(total, name) + running[place])
    total.wait_max_ms = max(total.wait_max_ms, running[_MOST])
    return total


def _line(queue: QueueRecord, minute: int) -> list[tuple[Millis, int, int]]:
    closed = [(one, queue.minutes.get(one)) for one in range(minute - LINE_MINUTES, minute)]
    return [
        (Millis(one * 60_000), c.answered_in_target if c else 0, c.answered + c.abandoned if c else 0)
        for one, c in closed
    ]


def _told(state: FloorState, kept: _Kept, queue: QueueRecord, now: Millis) -> QueueNumbers:
    waiting, talking, outbound, target_ms, certain, agents = kept.shown
    return QueueNumbers(
        at=now,
        site=state.site,
        queue=queue.name,
        target_ms=target_ms,
        certain=certain,
        waiting=waiting,
        longest_wait_ms=max(0, now - min(queue.waiting.values())) if queue.waiting else 0,
        talking=talking,
        agents=agents,
        today=kept.today,
        windows=kept.windows,
        line=kept.line,
        outbound=outbound,
        tiers=kept.tiers,
    )
