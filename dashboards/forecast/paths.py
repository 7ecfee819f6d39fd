"""Many futures of many queues side by side. In: where each queue stands and drawn rates. Out: what ends in the rest.

A row is one queue with one number of agents, a column one possible future. `one_by_one` follows every contact and is
exact for exponential times; `in_flocks` moves whole seconds at once, so its cost does not grow with the queue.
Both yield after each small step: who shares a thread with others stops there. May not know: percentages, screens.
"""

from collections.abc import Generator
from dataclasses import dataclass, replace
from math import ceil

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Steps = Generator[None, None, "Ended"]
FLOCK_STEP_S = 10.0
FEWEST_STEPS = 24
MOST_FOLLOWED = 400
"""of those who wait already: who stands further back is beyond any target"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Each array is (rows, 1), rates (rows, draws): futures are dealt out to draws evenly. Per second, in seconds."""

    arriving: Floats
    serving: Floats
    leaving: Floats
    agents: Floats
    busy: Floats
    waiting: Floats
    longest_wait: Floats
    rest: Floats
    """how long until the interval ends"""
    target: Floats
    """less the time a telephone rings: what may be spent waiting for an agent"""
    at_end: Floats
    """1: the formula counts an answered contact when its talk ends (Asterisk's own), else 0"""

    def spread(self, futures: int) -> "Rows":
        """Rates repeated, a column for each future."""
        each = futures // self.arriving.shape[1]
        rates = {name: np.repeat(getattr(self, name), each, axis=1) for name in ("arriving", "serving", "leaving")}
        return replace(self, **rates)


@dataclass(slots=True)
class Ended:
    """What ends within the rest, (rows, futures). Mutable while it is being counted."""

    answered: Floats
    in_target: Floats
    left: Floats
    left_in_target: Floats


def _nothing(shape: tuple[int, int]) -> Ended:
    return Ended(np.zeros(shape), np.zeros(shape), np.zeros(shape), np.zeros(shape))


def one_by_one(rows: Rows, futures: int, rng: np.random.Generator) -> Steps:
    """First come first served with abandonment: each contact takes the agent who is free first, unless it gives up."""
    rows = rows.spread(futures)
    count = len(rows.rest)
    shape = (count, futures)
    ended = _nothing(shape)
    agents = np.floor(rows.agents + rng.random((1, futures)))  # 4.3 agents are 4 or, three times in ten, 5
    agents = np.maximum(agents, 1.0)
    free = _free_times(rows, agents, shape, rng)
    flat = free.reshape(count * futures, -1)
    index = np.arange(count * futures)
    rest = np.broadcast_to(rows.rest, shape)

    def serve(came: Floats, on: npt.NDArray[np.bool_]) -> None:
        chance = rng.standard_exponential((2, futures))
        first = flat.argmin(axis=1)
        soonest = flat[index, first].reshape(shape)
        start = np.maximum(np.maximum(came, 0.0), soonest)
        patience = np.maximum(came, 0.0) + chance[0] / rows.leaving
        wait = start - came
        answered = on & (start <= patience)
        done = start + chance[1] / rows.serving
        flat[index, first] = np.where(answered, done, soonest).ravel()
        counted = answered & (np.where(rows.at_end > 0, done, start) <= rest)
        ended.answered += counted
        ended.in_target += counted & (wait <= rows.target)
        gone = on & ~answered & (patience <= rest)
        ended.left += gone
        ended.left_in_target += gone & (patience - came <= rows.target)

    most = int(rows.waiting.max(initial=0))
    for place in range(most):
        # only the longest wait is known: the others came evenly after it
        age = rows.longest_wait * (1 - place / np.maximum(rows.waiting, 1))
        serve(np.broadcast_to(-age, shape), np.broadcast_to(place < rows.waiting, shape))
        yield
    came = np.zeros(shape)
    while True:
        came = came + rng.standard_exponential((1, futures)) / rows.arriving
        on = came < rest
        if not on.any():
            return ended
        serve(came, on)
        yield


def _free_times(rows: Rows, agents: Floats, shape: tuple[int, int], rng: np.random.Generator) -> Floats:
    """When each agent is free: now, after what is left of a talk, or never (not there)."""
    most = int(agents.max())
    place = np.arange(most)
    busy = np.broadcast_to(np.minimum(rows.busy, agents), shape)[:, :, None]
    left = rng.standard_exponential((1, shape[1], most)) / np.broadcast_to(rows.serving, shape)[:, :, None]
    free = np.where(place < busy, left, 0.0)
    return np.where(place < np.broadcast_to(agents, shape)[:, :, None], free, np.inf)


def in_flocks(rows: Rows, futures: int, rng: np.random.Generator) -> Steps:
    """Steps of about ten seconds; what becomes of who joins behind j others is Erlang-A's own (see erlang_a.py)."""
    count = len(rows.rest)
    shape = (count, futures)
    fate = _Fate(rows, shape)
    yield
    rows = rows.spread(futures)
    steps = max(FEWEST_STEPS, ceil(float(rows.rest.max(initial=0.0)) / FLOCK_STEP_S))
    step = rows.rest / steps
    out = rows.agents * rows.serving
    patient = out / rows.leaving
    number = np.broadcast_to(np.minimum(rows.busy, rows.agents) + rows.waiting, shape).copy()
    ended = yield from _waiting_now(rows, shape)
    spread_in, spread_left = np.zeros(shape), np.zeros(shape)
    mean_arrivals, arrivals_sd = rows.arriving * step, np.sqrt(rows.arriving * step)
    for k in range(steps):
        chance = rng.standard_normal((2, futures))
        came = mean_arrivals + arrivals_sd * chance[0]
        queue = np.maximum(number - rows.agents, 0.0)
        goes = (np.minimum(number, rows.agents) * rows.serving + queue * rows.leaving) * step
        after = np.maximum(number + came - goes - np.sqrt(goes) * chance[1], 0.0)
        middle = (number + after) / 2
        # a contact waits if it finds all agents busy; the number moves by whole contacts, hence the half
        waits = _share_above(number, after, rows.agents - 0.5)
        ahead = np.maximum(middle - rows.agents, 0.0)
        left = waits * (ahead + 1) / (patient + ahead + 1)
        in_target, left_in_target = fate.of(ahead)
        met = 1 - waits + waits * in_target
        until = rows.rest - (k + 0.5) * step
        seen = np.clip(until / np.maximum((ahead + 1) / (out + rows.leaving * ahead / 2), 1e-9), 0.0, 1.0)
        seen = np.where(waits > 0, seen, 1.0)
        through = np.where(rows.at_end > 0, -np.expm1(-rows.serving * until), 1.0) * seen
        ended.answered += came * (1 - left) * through
        ended.in_target += came * met * through
        ended.left += came * left * seen
        ended.left_in_target += came * waits * left_in_target * seen
        spread_in += np.abs(came) * met * (1 - met) * through
        spread_left += np.abs(came) * left * (1 - left) * seen
        number = after
        yield
    chance = rng.standard_normal((2, futures))
    swing = np.sqrt(spread_left) * chance[0]
    ended.left += swing
    ended.answered -= swing
    ended.in_target += np.sqrt(spread_in) * chance[1]
    return ended


def _share_above(one: Floats, other: Floats, line: Floats) -> Floats:
    """Of the straight way from `one` to `other`, how much lies above `line`."""
    low, high = np.minimum(one, other), np.maximum(one, other)
    return np.asarray(np.clip((high - line) / np.maximum(high - low, 1e-9), 0.0, 1.0))


class _Fate:
    """P(answered in target) and P(left in target) by how many wait before; beyond the tables nobody is in time."""

    def __init__(self, rows: Rows, shape: tuple[int, int]) -> None:
        draws = rows.serving.shape
        out = (rows.agents * rows.serving).reshape(-1, 1)
        leaving = rows.leaving.reshape(-1, 1)
        target = np.broadcast_to(rows.target, draws).reshape(-1, 1)
        mean = float((out * target).max(initial=0.0))
        self._most = ceil(mean + 5 * mean**0.5) + 12
        j = np.arange(self._most)
        late = _late(out, leaving, target, self._most)
        met = out / (out + leaving * (j + 1)) * (1 - _late(out + leaving, leaving, target, self._most))
        left = 1 - np.exp(-leaving * target) * late - met
        met[:, -1] = 0.0
        self._met, self._left = met.ravel(), left.ravel()
        each = shape[1] // draws[1]
        self._base = np.repeat(np.arange(draws[0] * draws[1]).reshape(draws) * self._most, each, axis=1)

    def of(self, ahead: Floats) -> tuple[Floats, Floats]:
        place = np.minimum(ahead, self._most - 1.001)
        low = place.astype(np.int64)
        part = place - low
        index = self._base + low
        met, left = self._met[index], self._left[index]
        index += 1
        return met + part * (self._met[index] - met), left + part * (self._left[index] - left)


def _late(out: Floats, leaving: Floats, target: Floats, most: int) -> Floats:
    """`erlang_a._beta_tail` for many futures at once."""
    i = np.arange(most - 1)
    steps = (
        np.log(out + leaving * i) - np.log(leaving * (i + 1)) + np.log(-np.expm1(-leaving * np.maximum(target, 1e-9)))
    )
    logs = np.concatenate((np.zeros_like(out), np.cumsum(steps, axis=1)), axis=1) - out * target
    return np.asarray(np.minimum(1.0, np.cumsum(np.exp(logs), axis=1)))


def _waiting_now(rows: Rows, shape: tuple[int, int]) -> Steps:
    """Those who wait already: each has its place, its age and the same rates before it (normal approximation)."""
    ended = _nothing(shape)
    out = rows.agents * rows.serving
    most = int(rows.waiting.max(initial=0))
    for place in range(min(most, MOST_FOLLOWED)):
        on = place < rows.waiting
        age = rows.longest_wait * (1 - place / np.maximum(rows.waiting, 1))
        answered = out / (out + rows.leaving * (place + 1))
        mean = np.log1p(rows.leaving * (place + 1) / out) / rows.leaving
        sd = np.sqrt((place + 1) / (out * (out + rows.leaving * (place + 1))))
        in_time = answered / (1 + np.exp(-1.702 * np.clip((rows.target - age - mean) / sd, -20, 20)))
        soon = np.minimum(1.0, rows.rest / np.maximum(mean, 1e-9))
        through = (
            np.where(rows.at_end > 0, -np.expm1(-rows.serving * np.maximum(rows.rest - mean, 0.0)), 1.0) * soon * on
        )
        ended.answered += answered * through
        ended.in_target += np.where(age > rows.target, 0.0, in_time) * through
        ended.left += (1 - answered) * soon * on
        ended.left_in_target += np.where(age > rows.target, 0.0, (1 - answered) * 0.5) * soon * on
        yield
    return ended
