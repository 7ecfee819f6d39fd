"""The laws of chance of the demo centre. In: a centre, a seeded random. Out: durations in ms and choices.

Pure. Talk is lognormal, patience exponential, arrivals Poisson under a daily shape; every duration is already divided
by the centre's speed.
"""

import math
from random import Random

from monitor.demo.switch.centre import Centre, Queue

OCCUPANCY = 0.87
"""Handling over handling and ready that arrivals are set for, outside dips."""

_AT_WORK = 0.87
"""Share of the agents neither on a break nor signed out, in the long run."""
_SIGMA = 0.45
_HOURLY = (12, 8, 6, 6, 8, 15, 30, 50, 80, 94, 100, 96, 82, 84, 94, 100, 97, 88, 78, 80, 76, 60, 40, 22)
"""Arrivals per hour of the day, per cent of the peak: two humps, as telephone centres have."""
_DAY_BEGINS_MS = int(9.75 * 3_600_000)
"""The demo's own day is 09:45 when it starts, whatever the clock on the wall says."""

BREAKS = (("小休", 0.40, 300), ("餐", 0.20, 1500), ("培训", 0.15, 1200), ("会议", 0.12, 900), ("辅导", 0.13, 480))
"""Reason, share, mean seconds."""


class Laws:
    def __init__(self, centre: Centre, random: Random) -> None:
        self._random = random
        self._speed = centre.speed
        self._per_ms = {queue.name: _arrivals_per_ms(centre, queue) for queue in centre.queues}

    def scaled(self, seconds: float) -> int:
        """Seconds of the demo's day in ms on the wire."""
        return max(1, round(seconds * 1000 / self._speed))

    def between(self, low_s: float, high_s: float) -> int:
        return self.scaled(self._random.uniform(low_s, high_s))

    def about(self, mean_s: float) -> int:
        return self.scaled(self._random.expovariate(1 / mean_s))

    def gap_ms(self, queue: str, elapsed_ms: int, *, factor: float) -> int:
        rate = self._per_ms[queue] * self._shape(elapsed_ms) * factor
        return max(1, round(self._random.expovariate(rate)))

    def talk_ms(self, queue: Queue) -> int:
        return round(self._random.lognormvariate(math.log(queue.talk_ms) - _SIGMA**2 / 2, _SIGMA))

    def patience_ms(self, queue: Queue) -> int:
        return self.scaled(3) + round(self._random.expovariate(1 / queue.patience_ms))

    def break_reason(self) -> tuple[str, int]:
        reason, _, mean_s = self._random.choices(BREAKS, weights=[share for _, share, _ in BREAKS])[0]
        return reason, self.scaled(mean_s * self._random.uniform(0.5, 1.5))

    def _shape(self, elapsed_ms: int) -> float:
        hour = (_DAY_BEGINS_MS + elapsed_ms * self._speed) / 3_600_000 % 24
        low = int(hour)
        part = hour - low
        return (_HOURLY[low] * (1 - part) + _HOURLY[(low + 1) % 24] * part) / 100


def _arrivals_per_ms(centre: Centre, queue: Queue) -> float:
    """What the agents of a queue can carry at OCCUPANCY: a first skill counts 0.75, the rest share 0.25."""
    carried = 0.0
    for agent in centre.agents:
        for skill in agent.skills:
            if skill.queue == queue.name:
                others = len(agent.skills) - 1
                carried += (0.75 if others else 1.0) if skill.penalty == 0 else 0.25 / others
    ring_ms = 3_500 / centre.speed
    handling_ms = queue.talk_ms + queue.wrap_up_s * 1000 + ring_ms + queue.announce_ms
    return OCCUPANCY * _AT_WORK * carried / handling_ms
