"""Erlang-A (M/M/n+M) in its steady state. In: rates, agents, a target. Out: what becomes of a contact that comes.

Sources and derivation: docs/forecast.md. All sums run over logarithms, so that 2,000 agents are no harder than two.
May not know: queues, counters, time of day.
"""

from dataclasses import dataclass
from math import exp, log, sqrt

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
NEGLIGIBLE = 1e-15


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Rates per second. `leaving`: of one waiting contact, 1 / mean patience; 0: nobody gives up (Erlang C)."""

    arriving: float
    serving: float
    """of one agent: 1 / (handling time)"""
    leaving: float
    agents: int

    def __post_init__(self) -> None:
        if not (self.arriving > 0 and self.serving > 0 and self.leaving >= 0 and self.agents >= 1):
            raise ValueError(f"rates must be positive and at least one agent there: {self}")
        if self.leaving == 0 and self.arriving >= self.agents * self.serving:
            raise ValueError(f"without anybody giving up {self.agents} agents never catch up: the queue has no end")


@dataclass(frozen=True, slots=True, kw_only=True)
class Steady:
    """Probabilities of a contact that comes; means in seconds."""

    waits: float
    """finds every agent busy"""
    waits_longer: float
    """than the target, whatever becomes of it then"""
    answered_in_target: float
    answered: float
    abandoned: float
    abandoned_in_target: float
    wait_s: float
    """mean of all"""
    answered_wait_s: float
    """mean of the answered: ASA"""
    occupancy: float


def steady(load: Load, *, target_s: float) -> Steady:
    states = _states(load)
    free, busy = states[: load.agents], states[load.agents :]
    ahead = after_joining(load, target_s, len(busy))
    queue = float(np.arange(len(busy)) @ busy)
    abandoned = load.leaving * queue / load.arriving
    free_share, answered = float(free.sum()), 1.0 - abandoned
    return Steady(
        waits=float(busy.sum()),
        waits_longer=float(busy @ ahead.still_waiting),
        answered_in_target=free_share + float(busy @ ahead.answered_in_target),
        answered=answered,
        abandoned=abandoned,
        abandoned_in_target=float(busy @ ahead.abandoned_in_target),
        wait_s=queue / load.arriving,
        answered_wait_s=float(busy @ ahead.answered_wait_s) / answered,
        occupancy=load.arriving * answered / (load.agents * load.serving),
    )


@dataclass(frozen=True, slots=True)
class Joining:
    """Arrays over j, the number that wait before a contact that joins while all agents are busy."""

    answered: Floats
    answered_in_target: Floats
    abandoned_in_target: Floats
    still_waiting: Floats
    """neither answered nor gone when the target is over"""
    answered_wait_s: Floats
    """E[wait; answered]"""
    offered_wait_s: Floats
    """mean wait of who never gives up"""


def after_joining(load: Load, target_s: float, most: int) -> Joining:
    """For j = 0 … most - 1.

    Who has j before it is served after the sum of independent Exp(nμ + iθ), i = 0 … j, which is -ln(Y)/θ with Y of the
    Beta(nμ/θ, j + 1) distribution; the recursion of its distribution function in j is a sum of positive terms.
    """
    out, leaving = load.agents * load.serving, load.leaving
    j = np.arange(most)
    if leaving < 1e-9 * out:
        late = _beta_tail(out, 0.0, target_s, most)
        mean = (j + 1) / out
        # E[V; V <= T] of Erlang(j + 1, nμ) does not matter here: nobody leaves, so everybody is answered
        return Joining(np.ones(most), 1 - late, np.zeros(most), late, mean, mean)
    a = out / leaving
    answered = a / (a + j + 1)
    late = _beta_tail(out, leaving, target_s, most)
    in_target = answered * (1 - _beta_tail(out + leaving, leaving, target_s, most))
    still = exp(-leaving * target_s) * late
    tilted = np.cumsum(1 / (out + leaving * (j + 1)))
    offered = np.asarray(np.cumsum(1 / (out + leaving * j)), np.float64)
    gone: Floats = np.asarray(1 - still - in_target, np.float64)
    seen = [np.asarray(one, np.float64) for one in (answered, in_target, gone, still, answered * tilted, offered)]
    return Joining(*seen)


def _beta_tail(out: float, leaving: float, target_s: float, most: int) -> Floats:
    """P(sum of Exp(out + i·leaving), i = 0 … j, > target) for each j < most: I_x(a, j + 1), x = e^(-leaving·target)."""
    if target_s <= 0:
        return np.ones(most)
    i = np.arange(most - 1)
    if leaving > 0:
        steps = np.log(out + leaving * i) - np.log(leaving * (i + 1)) + log(-np.expm1(-leaving * target_s))
    else:
        steps = log(out * target_s) - np.log(i + 1)
    logs = np.concatenate(([0.0], np.cumsum(steps))) - out * target_s
    return np.asarray(np.minimum(1.0, np.cumsum(np.exp(logs))))


def _states(load: Load) -> Floats:
    """P(k contacts in the system), k = 0 …, cut where what follows is below 1e-15."""
    out = load.agents * load.serving
    most = load.agents + _queue_bound(load)
    k = np.arange(1, most + 1)
    leave = np.where(k <= load.agents, k * load.serving, out + (k - load.agents) * load.leaving)
    logs = np.concatenate(([0.0], np.cumsum(log(load.arriving) - np.log(leave))))
    weights = np.exp(logs - logs.max())
    return np.asarray(weights / weights.sum())


def _queue_bound(load: Load) -> int:
    """Beyond this many waiting, less than 1e-15 of the probability is left."""
    out = load.agents * load.serving
    if load.leaving == 0:
        return int(log(NEGLIGIBLE) / log(load.arriving / out)) + 10
    mean = max(0.0, (load.arriving - out) / load.leaving)
    by_leaving = mean + 12 * sqrt(load.arriving / load.leaving) + 60
    if load.arriving < out:
        return int(min(by_leaving, log(NEGLIGIBLE) / log(load.arriving / out) + 10)) + 1
    return int(by_leaving) + 1
