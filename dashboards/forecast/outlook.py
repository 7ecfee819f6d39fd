"""Will the interval's target be missed. In: where queues stand, what they rest on. Out: an `Outlook` for each.

A what-if is the same question with other numbers; the seed is an argument: the same question has the same answer.
Yields between small steps, like paths.py. May not know: where numbers come from, screens.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dashboards.forecast.basis import Basis, Rate
from dashboards.forecast.paths import Ended, Rows, in_flocks, one_by_one
from streams.floor.numbers import ServiceLevelFormula

Floats = npt.NDArray[np.float64]
DRAWS, PER_DRAW = 16, 16
BAND_SDS = 1.2816
"""80 % of a normal distribution"""
TOGETHER = 32
"""Queues in one batch: a step of more would hold the thread for too long"""
SMALL_AGENTS = 24
"""Up to here every contact is followed; above, flocks are as exact and cheaper (docs/forecast.md has both errors)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """One queue at one instant. `agents` may be a part of people shared with other queues."""

    basis: Basis
    formula: ServiceLevelFormula
    goal: float
    """as a share: 0.8"""
    target_s: float
    rest_s: float
    part: int
    whole: int
    """counted in the interval so far"""
    in_target_share: float | None
    """of the recently answered: for formulas that count when a talk ends"""
    waiting: int
    longest_wait_s: float
    busy: float
    agents: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """`miss` lies in [`low`, `high`] in 8 of 10 cases, as far as the rates are uncertain (not the model)."""

    miss: float
    low: float
    high: float
    expected_level: float | None
    """the level at the end, in the middle of the futures"""


def outlooks(
    presents: Sequence[Present], *, seed: int, per_draw: int = PER_DRAW
) -> Generator[None, None, list[Outlook]]:
    """One for each, computed together: the small ones one by one, the others in flocks."""
    answers: dict[int, Outlook] = {}
    small = [k for k, one in enumerate(presents) if one.agents <= SMALL_AGENTS]
    large = [k for k, one in enumerate(presents) if one.agents > SMALL_AGENTS]
    for chosen, engine in ((small, one_by_one), (large, in_flocks)):
        for first in range(0, len(chosen), TOGETHER):
            batch = chosen[first : first + TOGETHER]
            rng = np.random.default_rng(seed)
            rows = yield from _rows([presents[k] for k in batch], rng)
            ended = yield from engine(rows, DRAWS * per_draw, rng)
            for place, k in enumerate(batch):
                answers[k] = _outlook(presents[k], _row(ended, place))
            yield
    return [answers[k] for k in range(len(presents))]


def _rows(presents: Sequence[Present], rng: np.random.Generator) -> Generator[None, None, Rows]:
    def column(values: Sequence[float]) -> Floats:
        return np.array(values, np.float64).reshape(-1, 1)

    kinds = [rng.permutation(DRAWS) for _ in range(4)]
    drawn = []
    for one in presents:
        drawn.append(_draw(one, kinds, rng))
        yield
    return Rows(
        arriving=np.array([one[0] for one in drawn]),
        serving=np.array([one[1] for one in drawn]),
        leaving=np.array([one[2] for one in drawn]),
        agents=column([one.agents for one in presents]),
        busy=column([one.busy for one in presents]),
        waiting=column([one.waiting for one in presents]),
        longest_wait=column([one.longest_wait_s for one in presents]),
        rest=column([max(1.0, one.rest_s) for one in presents]),
        target=column([max(1.0, one.target_s - one.basis.ring_s) for one in presents]),
        at_end=column([float(counts_at_end(one.formula)) for one in presents]),
    )


def _draw(present: Present, kinds: Sequence[npt.NDArray[np.int64]], rng: np.random.Generator) -> tuple[Floats, ...]:
    """As many draws as strata, each stratum once (Latin hypercube)."""
    basis = present.basis
    arriving = _strata(basis.arriving, rng)[kinds[0]] * basis.trend
    # the recent mean has averaged some swing away; what is to come has the rest of it
    pieces = max(1.0, present.rest_s / 900)
    swing = basis.swing * (1 / 3 + 1 / pieces)
    if swing > 1e-4:
        arriving = arriving * _strata(Rate(1 / swing, 1 / swing, 0), rng)[kinds[1]]
    serving = _strata(basis.serving, rng)[kinds[2]]
    serving = 1 / (1 / serving + basis.ring_s)  # while it rings the agent is taken
    leaving = np.maximum(_strata(basis.leaving, rng)[kinds[3]], 1e-5)
    return arriving, serving, leaving


def _strata(rate: Rate, rng: np.random.Generator) -> Floats:
    """The middle of each of `DRAWS` equal parts of the Gamma distribution."""
    many = np.sort(rng.standard_gamma(rate.shape, DRAWS * 32)).reshape(DRAWS, 32)
    return np.asarray(many.mean(axis=1) / rate.seconds)


def counts_at_end(formula: ServiceLevelFormula) -> bool:
    return any(name.startswith("switch_completed") for name in formula.whole)


def _row(ended: Ended, place: int) -> Ended:
    return Ended(ended.answered[place], ended.in_target[place], ended.left[place], ended.left_in_target[place])


def _outlook(present: Present, ended: Ended) -> Outlook:
    part, whole = _counted(present, ended)
    level = part / np.maximum(whole, 1e-9)
    missed = ((level < present.goal) & (whole > 0.5)).astype(np.float64)
    low, high = _band(missed.reshape(DRAWS, -1))
    known = level[whole > 0.5]
    return Outlook(
        miss=float(missed.mean()),
        low=low,
        high=high,
        expected_level=float(min(1.0, np.median(known))) if len(known) else None,
    )


def _counted(present: Present, ended: Ended) -> tuple[Floats, Floats]:
    """Part and whole of the interval at its end, by the formula's own counters."""
    basis = present.basis
    abandoned = ended.left * (1 - basis.overflow_share)
    overflowed = ended.left * basis.overflow_share
    finishing = np.zeros_like(ended.left)
    share = present.in_target_share or 0.0
    if counts_at_end(present.formula):
        finishing = finishing + present.busy * -np.expm1(-basis.serving.mean * present.rest_s)
    sums = {
        "answered": ended.answered,
        "answered_in_target": ended.in_target,
        "abandoned": abandoned,
        "abandoned_in_target": ended.left_in_target * (1 - basis.overflow_share),
        "short_abandoned": abandoned * basis.short_share,
        "overflowed_timeout": overflowed,
        "switch_completed": ended.answered + finishing,
        "switch_completed_in_target": ended.in_target + finishing * share,
        "switch_abandoned": ended.left,
        "switch_abandoned_in_target": ended.left_in_target,
    }
    zero = np.zeros_like(ended.left)

    def total(names: Sequence[str]) -> Floats:
        signed = [-sums.get(name[1:], zero) if name[0] == "-" else sums.get(name, zero) for name in names]
        return np.asarray(sum(signed, zero))

    return present.part + total(present.formula.part), present.whole + total(present.formula.whole)


def _band(missed: Floats) -> tuple[float, float]:
    """Where the probability lies as the rates are uncertain; `missed` is (draws, futures of each).

    The spread between draws without the chance of a few futures each, and that of the mean itself."""
    shares, mean = missed.mean(axis=1), float(missed.mean())
    chance = mean * (1 - mean)
    between = max(0.0, float(shares.var(ddof=1)) - chance / missed.shape[1])
    sd = (between + chance / missed.size) ** 0.5
    return max(0.0, mean - BAND_SDS * sd), min(1.0, mean + BAND_SDS * sd)
