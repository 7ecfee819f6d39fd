"""What a forecast rests on, each with its sample. In: the last hours by minutes. Out: a `Basis`, or why there is none.

Rates are Gamma posteriors: the shape is the number seen, so few observations spread wide. docs/forecast.md has the
formulas. May not know: the present queue, agents, what follows from it.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from dashboards.forecast.minutes import Count

Table = npt.NDArray[np.int64]

ARRIVAL_HALF_LIFE_MIN = 30.0
HANDLING_HALF_LIFE_MIN = 120.0
FEWEST_MINUTES = 15
FEWEST_CONTACTS = 10
"""offered in what is remembered; below it an arrival rate is within a factor of two at best"""
FEWEST_ENDED = 10
SWING_MINUTES = 15
SWING_PRIOR, SWING_PRIOR_PAIRS = 0.12**2, 6.0
"""How far a quarter of an hour strays from the one before, beyond chance, before a queue has shown it (see docs)."""
PATIENCE_PRIOR_LEFT, PATIENCE_PRIOR_S = 0.5, 60.0
"""Half a contact that gave up in a minute of waiting: what is assumed while hardly anybody had to wait."""


class CannotTell(StrEnum):
    """Why there is no forecast."""

    SOURCE_LOST = "source_lost"
    AGENTS_UNKNOWN = "agents_unknown"
    NO_AGENTS = "no_agents"
    JUST_STARTED = "just_started"
    INTERVAL_UNSEEN = "interval_unseen"
    """the interval began before anything is known"""
    FEW_CONTACTS = "few_contacts"
    FEW_ENDED = "few_ended"
    """too few talks ended to know how long one takes"""


@dataclass(frozen=True, slots=True)
class Rate:
    """Per second; a Gamma(shape, scale 1/seconds). `seen`: how many events were counted for it, unweighted."""

    shape: float
    seconds: float
    seen: int

    @property
    def mean(self) -> float:
        return self.shape / self.seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    arriving: Rate
    serving: Rate
    leaving: Rate
    swing: float
    """relative variance of a quarter of an hour's arrivals beyond Poisson"""
    ring_s: float
    overflow_share: float
    """of those who left unanswered"""
    short_share: float
    """of those who abandoned, within the short limit"""
    minutes: int
    trend: float = 1.0
    """arrivals of the rest of the interval over the recent rate, by the same interval of earlier days"""


def estimate(table: Table, *, fraction: float = 1.0, trend: float = 1.0) -> Basis | CannotTell:
    """`table`: the last hours, oldest first; the last row is the running minute, `fraction` of which has passed."""
    if len(table) < FEWEST_MINUTES:
        return CannotTell.JUST_STARTED
    total = table.sum(axis=0)
    if total[Count.OFFERED] < FEWEST_CONTACTS:
        return CannotTell.FEW_CONTACTS
    if total[Count.ENDED] < FEWEST_ENDED:
        return CannotTell.FEW_ENDED
    left = int(total[Count.ABANDONED] + total[Count.OVERFLOWED])
    abandoned = int(total[Count.ABANDONED])
    return Basis(
        arriving=_arriving(table, fraction),
        serving=_serving(table),
        leaving=_leaving(total, left),
        swing=_swing(table[:-1, Count.OFFERED]),
        ring_s=float(total[Count.RING_MS]) / 1000 / max(1, int(total[Count.ANSWERED])),
        overflow_share=float(total[Count.OVERFLOWED]) / left if left else 0.0,
        short_share=float(total[Count.SHORT]) / abandoned if abandoned else 0.0,
        minutes=len(table),
        trend=trend,
    )


def _ages(table: Table) -> npt.NDArray[np.float64]:
    return np.arange(len(table) - 1, -1, -1, dtype=np.float64)


def _arriving(table: Table, fraction: float) -> Rate:
    weights = np.asarray(0.5 ** (_ages(table) / ARRIVAL_HALF_LIFE_MIN))
    seconds = np.full(len(table), 60.0)
    seconds[-1] = max(1.0, 60.0 * fraction)
    offered = table[:, Count.OFFERED]
    return _weighted(weights, offered, float(weights @ seconds))


def _weighted(weights: npt.NDArray[np.float64], events: npt.NDArray[np.int64], seconds: float) -> Rate:
    """As many events as would say as much unweighted: (Σwc)² / Σw²c, with Jeffreys' half of one before the data."""
    sum_, squares = float(weights @ events), float(weights**2 @ events)
    enough = sum_**2 / squares if squares else 0.0
    mean = (sum_ + 0.5) / seconds
    return Rate(enough + 0.5, (enough + 0.5) / mean, int(events.sum()))


def _serving(table: Table) -> Rate:
    weights = np.asarray(0.5 ** (_ages(table) / HANDLING_HALF_LIFE_MIN))
    handled_s = float(weights @ table[:, Count.HANDLE_MS]) / 1000
    return _weighted(weights, table[:, Count.ENDED], max(1.0, handled_s))


def _leaving(total: npt.NDArray[np.int64], left: int) -> Rate:
    """Who was answered had patience for longer: censored, so all waiting counts below and only those who left above.

    The wait of who overflowed is not counted anywhere; it is short of the truth by that."""
    waited_s = max(0.0, float(total[Count.WAIT_MS] - total[Count.RING_MS]) / 1000)
    return Rate(PATIENCE_PRIOR_LEFT + left, PATIENCE_PRIOR_S + waited_s, left)


def _swing(offered: npt.NDArray[np.int64]) -> float:
    """From differences of neighbouring quarters of an hour: a trend is no swing. Shrunk to a prior."""
    pieces = len(offered) // SWING_MINUTES
    sums = offered[len(offered) - pieces * SWING_MINUTES :].reshape(pieces, SWING_MINUTES).sum(axis=1)
    one, other = sums[:-1], sums[1:]
    mean = (one + other) / 2
    known = mean > 0
    beyond = ((one - other) ** 2 / 2 - mean)[known] / mean[known] ** 2
    # a quarter of an hour with few contacts says little about swing: it counts as what Poisson noise leaves of it
    weight = 1 / (1 + 1 / (mean[known] * SWING_PRIOR))
    shrunk = (float(beyond @ weight) + SWING_PRIOR * SWING_PRIOR_PAIRS) / (float(weight.sum()) + SWING_PRIOR_PAIRS)
    return min(0.25, max(0.0, shrunk))
