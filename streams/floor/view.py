"""The numbers of every queue at one instant. In: a state, the time. Out: `QueueNumbers`.

May not know: how they came.
"""

from streams.floor.numbers import WINDOW_MINUTES, Counters, QueueNumbers
from streams.floor.records import QueueRecord
from streams.floor.state import FloorState
from streams.vocabulary.ids import Millis, QueueName

LINE_MINUTES = 30


def numbers(state: FloorState, now: Millis) -> list[QueueNumbers]:
    """In order of name."""
    states: dict[QueueName, dict[str, int]] = {name: {} for name in state.queues}
    for agent in state.agents.values():
        for name in agent.memberships:
            counted = states[name]
            counted[agent.state] = counted.get(agent.state, 0) + 1
    return [_numbers(state, queue, now, states[name]) for name, queue in sorted(state.queues.items())]


def _numbers(state: FloorState, queue: QueueRecord, now: Millis, states: dict[str, int]) -> QueueNumbers:
    minute = now // 60_000
    closed = [(one, queue.minutes.get(one)) for one in range(minute - LINE_MINUTES, minute)]
    return QueueNumbers(
        at=now,
        site=state.site,
        queue=queue.name,
        target_ms=queue.target_ms,
        certain=not any(source in state.blind for source in queue.sources),
        waiting=len(queue.waiting),
        longest_wait_ms=max(0, now - min(queue.waiting.values())) if queue.waiting else 0,
        talking=queue.talking,
        agents=states,
        today=queue.today + Counters(),
        windows=_windows(queue, minute),
        line=[
            (Millis(one * 60_000), c.answered_in_target if c else 0, c.answered + c.abandoned if c else 0)
            for one, c in closed
        ],
        outbound=queue.outbound,
        tiers={tier: counters + Counters() for tier, counters in queue.tiers.items()},
    )


def _windows(queue: QueueRecord, minute: int) -> dict[int, Counters]:
    """Each longer window is the shorter one and the minutes before it."""
    total = Counters()
    windows: dict[int, Counters] = {}
    done = 0
    for length in WINDOW_MINUTES:
        for one in range(minute - length + 1, minute - done + 1):
            if counters := queue.minutes.get(one):
                total = total + counters
        windows[length] = total
        done = length
    return windows
