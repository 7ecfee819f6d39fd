"""Will the interval's target be missed, and how many agents would keep it. In: where queues stand, what they rest on.

Out: an `Outlook` for each; a what-if is the same question with other numbers. The seed is an argument: the same
question has the same answer. May not know: where numbers come from, screens.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil

import numpy as np
import numpy.typing as npt

from dashboards.forecast.basis import Basis, Rate
from dashboards.forecast.paths import Ended, Rows, in_flocks, one_by_one
from streams.floor.numbers import ServiceLevelFormula

Floats = npt.NDArray[np.float64]
DRAWS, PER_DRAW = 16, 16
FUTURES = DRAWS * PER_DRAW
SMALL_AGENTS = 24
"""Up to here every contact is followed; above, flocks are as exact and cheaper (docs/forecast.md has both errors)."""
ACCEPTED = 0.20
BAND = (0.1, 0.9)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Needed:
    """Agents more than now for a miss of at most 20 %: by the mean, and by the band's low and high side.

    None: not even with as many more as there are now, ten at least: what is lost already cannot be made good."""

    more: int | None
    low: int | None
    high: int | None


def outlooks(presents: Sequence[Present], *, seed: int) -> list[Outlook]:
    """One for each, computed together: the small ones one by one, the others in flocks."""
    answers: dict[int, Outlook] = {}
    small = [k for k, one in enumerate(presents) if one.agents <= SMALL_AGENTS]
    large = [k for k, one in enumerate(presents) if one.agents > SMALL_AGENTS]
    for chosen, engine in ((small, one_by_one), (large, in_flocks)):
        if not chosen:
            continue
        rng = np.random.default_rng(seed)
        some = [presents[k] for k in chosen]
        ended = engine(_rows(some, rng), FUTURES, rng)
        for place, k in enumerate(chosen):
            answers[k] = _outlook(presents[k], _row(ended, place))
    return [answers[k] for k in range(len(presents))]


def needed(present: Present, now: Outlook, *, seed: int) -> Needed:
    """By trying: first wide steps, then each number between."""
    if now.miss <= ACCEPTED:
        return Needed(more=0, low=0, high=0)
    most = max(10, ceil(present.agents))
    step = max(1, round(present.agents / 50))
    tried = {0: now}
    wide = sorted({min(most, step * k) for k in (1, 2, 3, 5, 8, 13)} | {most})
    tried |= _try(present, wide, seed)
    # the band's sides stay on the wide steps: they are wide themselves
    below = min((n for n, one in tried.items() if one.miss <= ACCEPTED), default=0)
    if below:
        between = range(max(n for n in tried if n < below) + 1, below)
        tried |= _try(present, list(between)[:: max(1, len(between) // 4)], seed)
    return Needed(**{name: _first(tried, pick) for name, pick in (("more", "miss"), ("low", "low"), ("high", "high"))})


def _try(present: Present, more: Sequence[int], seed: int) -> dict[int, Outlook]:
    return dict(
        zip(more, outlooks([replace(present, agents=present.agents + n) for n in more], seed=seed), strict=True)
    )


def _first(tried: Mapping[int, Outlook], pick: str) -> int | None:
    return min((n for n, one in tried.items() if getattr(one, pick) <= ACCEPTED), default=None)


def _rows(presents: Sequence[Present], rng: np.random.Generator) -> Rows:
    def column(values: Sequence[float]) -> Floats:
        return np.array(values, np.float64).reshape(-1, 1)

    kinds = [rng.permutation(DRAWS) for _ in range(4)]
    drawn = [_draw(one, kinds, rng) for one in presents]
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
    """Rates for each future: as many draws as strata, each stratum once (Latin hypercube), repeated side by side."""
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
    return tuple(np.repeat(one, PER_DRAW) for one in (arriving, serving, leaving))


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
    low, high = _band(missed.reshape(DRAWS, PER_DRAW).mean(axis=1))
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


def _band(shares: Floats) -> tuple[float, float]:
    """Where the probability lies as the rates are uncertain, without the chance of only `PER_DRAW` futures a draw.

    Beta distribution with the shares' mean and their variance less the binomial one; its quantiles by the normal."""
    mean = float(shares.mean())
    chance = mean * (1 - mean) / PER_DRAW
    between = max(0.0, float(shares.var(ddof=1)) - chance)
    # of the mean itself, too: it rests on so many futures
    sd = (between + mean * (1 - mean) / FUTURES) ** 0.5
    return max(0.0, mean - 1.2816 * sd), min(1.0, mean + 1.2816 * sd)
