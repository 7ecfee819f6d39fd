"""A queue's day by discrete events, written apart from the forecast: what a forecast is checked against.

Arrivals swing (Gamma, per quarter of an hour), handling is lognormal, patience exponential or Weibull; first come first
served. Out: contacts with their moments; `probes` turns a day into forecasts beside what really happened.
"""

import heapq
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from dashboards.forecast.basis import CannotTell, estimate
from dashboards.forecast.minutes import Count
from dashboards.forecast.outlook import Outlook, Present, outlooks
from dashboards.forecast.steps import finished
from streams.floor.numbers import FORMULAS

INTERVAL_S = 1800.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Centre:
    per_hour: float
    handling_s: float = 240.0
    handling_cv: float = 1.0
    patience_s: float = 120.0
    patience_shape: float = 1.0
    """of a Weibull distribution; 1: exponential"""
    swing: float = 0.15
    """standard deviation of a quarter of an hour's rate, relative"""
    slack: float = 0.5
    """agents over the load, in square roots of it: about even chances at 80 % in 20 s"""
    goal: float = 0.8
    target_s: float = 20.0
    hours: int = 9
    formula: str = "answered_abandoned"
    """or `asterisk`: of those whose talk ended, who had been answered in time"""


@dataclass(frozen=True, slots=True)
class Contact:
    came: float
    left: float
    """answered or gave up"""
    answered: bool
    done: float
    """the agent is free again"""


@dataclass(frozen=True, slots=True)
class Day:
    centre: Centre
    contacts: list[Contact]
    agents: list[int]
    """by interval"""


def simulated(centre: Centre, seed: int) -> Day:
    rng = random.Random(seed)
    intervals = 2 * centre.hours
    shape = [1 + 0.25 * math.sin(math.pi * k / intervals) for k in range(intervals)]
    load = [centre.per_hour * one * centre.handling_s / 3600 for one in shape]
    # rosters are made in hours and miss the load by some
    miss = [rng.gauss(0, 0.6) for _ in range(centre.hours)]
    agents = [max(2, round(one + (centre.slack + miss[k // 2]) * math.sqrt(one))) for k, one in enumerate(load)]
    arrivals: list[float] = []
    for quarter in range(2 * intervals):
        rate = centre.per_hour / 3600 * shape[quarter // 2]
        rate *= rng.gammavariate(1 / centre.swing**2, centre.swing**2) if centre.swing else 1.0
        at = 900.0 * quarter + rng.expovariate(rate)
        while at < 900.0 * (quarter + 1):
            arrivals.append(at)
            at += rng.expovariate(rate)
    return Day(centre, _served(centre, arrivals, agents, rng), agents)


def _served(centre: Centre, arrivals: list[float], agents: list[int], rng: random.Random) -> list[Contact]:
    """Agents come and go at the intervals' borders; who talks then leaves after the talk."""
    sigma = math.sqrt(math.log(1 + centre.handling_cv**2))
    scale = centre.patience_s / math.gamma(1 + 1 / centre.patience_shape)
    free = [0.0] * agents[0]
    heapq.heapify(free)
    interval, leave, contacts = 0, 0, []
    for came in arrivals:
        while came >= (interval + 1) * INTERVAL_S:
            interval += 1
            change = agents[interval] - agents[interval - 1] - leave
            leave = max(0, -change)
            for _ in range(max(0, change)):
                heapq.heappush(free, interval * INTERVAL_S)
        while leave and len(free) > 1:
            heapq.heappop(free)
            leave -= 1
        patience = rng.weibullvariate(scale, centre.patience_shape)
        start = max(came, free[0])
        if start > came + patience:
            contacts.append(Contact(came, came + patience, False, came + patience))
            continue
        done = start + rng.lognormvariate(math.log(centre.handling_s) - sigma**2 / 2, sigma)
        heapq.heapreplace(free, done)
        contacts.append(Contact(came, start, True, done))
    return contacts


@dataclass(frozen=True, slots=True)
class Probe:
    present: Present
    outlook: Outlook
    missed: bool
    level_now: float | None


def probes(day: Day, *, every_s: float = 360.0, first_interval: int = 4, seed: int = 5) -> list[Probe]:
    asked: list[tuple[Present, bool, float | None]] = []
    table = minute_table(day)
    for interval in range(first_interval, len(day.agents)):
        began, ends = interval * INTERVAL_S, (interval + 1) * INTERVAL_S
        part, whole = _level(day, began, ends)
        at = began + every_s / 2
        while at < ends and whole:
            present = standing(day, table, interval, at)
            if not isinstance(present, CannotTell):
                level = present.part / present.whole if present.whole else None
                asked.append((present, part / whole < day.centre.goal, level))
            at += every_s
    answers = finished(outlooks([present for present, _, _ in asked], seed=seed))
    return [
        Probe(present, found, missed, level) for (present, missed, level), found in zip(asked, answers, strict=True)
    ]


def standing(day: Day, table: np.ndarray, interval: int, at: float) -> Present | CannotTell:
    began, ends = interval * INTERVAL_S, (interval + 1) * INTERVAL_S
    minute = int(at // 60)
    basis = estimate(table[max(0, minute - 180) : minute])
    if isinstance(basis, CannotTell):
        return basis
    part, whole = _level(day, began, at)
    here = [one for one in day.contacts if one.came <= at < one.left]
    lately = [one for one in day.contacts if one.answered and at - 3600 <= one.left < at]
    return Present(
        basis=basis,
        formula=FORMULAS[day.centre.formula],
        goal=day.centre.goal,
        target_s=day.centre.target_s,
        rest_s=ends - at,
        part=part,
        whole=whole,
        in_target_share=sum(_in_time(day, one) for one in lately) / len(lately) if lately else None,
        waiting=len(here),
        longest_wait_s=max((at - one.came for one in here), default=0.0),
        busy=sum(one.answered and one.left <= at < one.done for one in day.contacts),
        agents=day.agents[interval],
    )


def _level(day: Day, since: float, until: float) -> tuple[int, int]:
    if day.centre.formula == "asterisk":
        ended = [one for one in day.contacts if one.answered and since <= one.done < until]
    else:
        ended = [one for one in day.contacts if since <= one.left < until]
    return sum(_in_time(day, one) for one in ended), len(ended)


def _in_time(day: Day, one: Contact) -> bool:
    return one.answered and one.left - one.came <= day.centre.target_s


def minute_table(day: Day) -> np.ndarray:
    minutes = 60 * day.centre.hours
    table = np.zeros((minutes, len(Count)), np.int64)

    def add(at: float, count: Count, value: int = 1) -> None:
        if at < 60 * minutes:
            table[int(at // 60), count] += value

    for one in day.contacts:
        add(one.came, Count.OFFERED)
        add(one.left, Count.ANSWERED if one.answered else Count.ABANDONED)
        add(one.left, Count.WAIT_MS, round(1000 * (one.left - one.came)))
        if one.answered:
            add(one.done, Count.ENDED)
            add(one.done, Count.HANDLE_MS, round(1000 * (one.done - one.left)))
    return table


def reliability(found: list[Probe]) -> list[tuple[str, int, float, float]]:
    """(forecast in, how many, mean forecast, share really missed)."""
    edges = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0001)
    rows = []
    for low, high in pairwise(edges):
        some = [one for one in found if low <= one.outlook.miss < high]
        if some:
            told = sum(one.outlook.miss for one in some) / len(some)
            rows.append((f"{low:.0%}-{min(1, high):.0%}", len(some), told, sum(one.missed for one in some) / len(some)))
    return rows


def brier(found: list[Probe]) -> tuple[float, float, float]:
    """Ours; of "is below the target now" as 0 or 1; of always saying the share that was missed."""
    share = sum(one.missed for one in found) / len(found)
    naive = [float(one.level_now is not None and one.level_now < one.present.goal) for one in found]
    ours = sum((one.outlook.miss - one.missed) ** 2 for one in found) / len(found)
    return (
        ours,
        sum((told - one.missed) ** 2 for told, one in zip(naive, found, strict=True)) / len(found),
        share * (1 - share),
    )


def days(centre: Centre, count: int, seed: int = 1) -> Iterator[Day]:
    return (simulated(centre, seed + k) for k in range(count))
