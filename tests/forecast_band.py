"""Does the forecast's band hold the probability that somebody would state who knew the true rates? By simulation.

From one instant of a simulated day many continuations are played with the day's own rates, by discrete events written
apart from the forecast; what share of them misses is the probability. Out: band and probability, side by side.
"""

import heapq
import math
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dashboards.forecast.basis import CannotTell
from dashboards.forecast.outlook import Outlook, Present, outlooks
from dashboards.forecast.steps import finished
from tests.forecast_day import INTERVAL_S, Day, _level, minute_table, standing

RUNS = 200
SURE = 0.02
"""Beyond it both agree that nothing is open."""


@dataclass(frozen=True, slots=True)
class Known:
    outlook: Outlook
    probability: float

    @property
    def inside(self) -> bool:
        """As far as `RUNS` continuations can tell: within one standard error of theirs."""
        error = math.sqrt(max(self.probability * (1 - self.probability), 1 / RUNS) / RUNS)
        return self.outlook.low - error <= self.probability <= self.outlook.high + error


def known(day: Day, *, every_s: float = 600.0, first_interval: int = 6, seed: int = 11) -> Iterator[Known]:
    rng, table = random.Random(seed), minute_table(day)
    for interval in range(first_interval, len(day.agents), 2):
        at = interval * INTERVAL_S + every_s / 2
        while at < (interval + 1) * INTERVAL_S:
            present = standing(day, table, interval, at)
            if not isinstance(present, CannotTell):
                outlook = finished(outlooks([present], seed=5))[0]
                yield Known(outlook, _probability(day, present, interval, at, rng))
            at += every_s


def coverage(found: Iterable[Known]) -> tuple[int, float, float]:
    """(how many were open, share inside the band, mean distance between forecast and probability)."""
    some = [one for one in found if SURE < one.probability < 1 - SURE or SURE < one.outlook.miss < 1 - SURE]
    inside = sum(one.inside for one in some) / len(some)
    return len(some), inside, sum(abs(one.probability - one.outlook.miss) for one in some) / len(some)


def _probability(day: Day, present: Present, interval: int, at: float, rng: random.Random) -> float:
    part, whole = _level(day, interval * INTERVAL_S, at)
    waiting = sorted(one.came for one in day.contacts if one.came <= at < one.left)
    talks = [at - one.left for one in day.contacts if one.answered and one.left <= at < one.done]
    missed = 0
    for _ in range(RUNS):
        more, ended = _continued(day, interval, at, waiting, talks, rng)
        level = (part + more) / (whole + ended) if whole + ended else 1.0
        missed += level < day.centre.goal
    return missed / RUNS


def _continued(
    day: Day, interval: int, at: float, waiting: list[float], talks: list[float], rng: random.Random
) -> tuple[int, int]:
    """In target and all that leave the queue until the interval's end."""
    centre, end = day.centre, (interval + 1) * INTERVAL_S
    sigma = math.sqrt(math.log(1 + centre.handling_cv**2))
    middle = math.log(centre.handling_s) - sigma**2 / 2
    free = [at] * max(0, day.agents[interval] - len(talks))
    for talked in talks[: day.agents[interval]]:
        length = rng.lognormvariate(middle, sigma)
        while length <= talked:
            length = rng.lognormvariate(middle, sigma)
        free.append(at + length - talked)
    heapq.heapify(free)
    met = ended = 0
    for came in (*waiting, *_arrivals(day, interval, at, end, rng)):
        patience = max(came, at) + rng.expovariate(1 / centre.patience_s)
        start = max(came, free[0], at)
        if start <= patience:
            heapq.heapreplace(free, start + rng.lognormvariate(middle, sigma))
            ended += start < end
            met += start < end and start - came <= centre.target_s
        else:
            ended += patience < end
    return met, ended


def _arrivals(day: Day, interval: int, at: float, end: float, rng: random.Random) -> Iterator[float]:
    centre = day.centre
    shape = 1 + 0.25 * math.sin(math.pi * interval / len(day.agents))
    quarter = at // 900
    while quarter * 900 < end:
        rate = centre.per_hour / 3600 * shape * rng.gammavariate(1 / centre.swing**2, centre.swing**2)
        came = max(at, quarter * 900) + rng.expovariate(rate)
        while came < (quarter + 1) * 900:
            yield came
            came += rng.expovariate(rate)
        quarter += 1
