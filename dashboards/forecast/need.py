"""How many agents more would keep the target. In: queues whose outlook is poor. Out: `Needed` for each.

All queues are searched together, a number for each in every round: a secant on the normal quantile of the probability,
which falls nearly straight with agents. May not know: where numbers come from, screens.
"""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil, sqrt
from statistics import NormalDist

from dashboards.forecast.outlook import PER_DRAW, Outlook, Present, outlooks

ACCEPTED = 0.20
SEARCHING = 6
"""Futures of each draw; the number found is tried with as many as an outlook has."""
ROUNDS, CONFIRMING = 5, 3
QUANTILE = NormalDist().inv_cdf
LINE = QUANTILE(ACCEPTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Needed:
    """Agents more than now for a miss of at most 20 %: by the mean, and by the band's low and high side.

    None: not even with as many more as there are now, ten at least: what is lost already cannot be made good."""

    more: int | None
    low: int | None
    high: int | None


NOBODY = Needed(more=0, low=0, high=0)
Tried = dict[int, Outlook]


def needed(presents: Sequence[Present], now: Sequence[Outlook], *, seed: int) -> Generator[None, None, list[Needed]]:
    tried: list[Tried] = [{0: one} for one in now]
    asked = [_first(present, one) for present, one in zip(presents, now, strict=True)]
    for _ in range(ROUNDS):
        yield from _try(presents, tried, asked, seed=seed, per_draw=SEARCHING)
        asked = [_next(presents[k], tried[k]) if some else () for k, some in enumerate(asked)]
    # what is told must hold when somebody asks for it: a what-if has as many futures as an outlook
    asked = [() if one.miss <= ACCEPTED else _found(some) for one, some in zip(now, tried, strict=True)]
    for _ in range(CONFIRMING):
        yield from _try(presents, tried, asked, seed=seed, per_draw=PER_DRAW)
        asked = [
            tuple(more + _exact(presents[k]) for more in some if tried[k][more].miss > ACCEPTED)
            for k, some in enumerate(asked)
        ]
    return [_answer(some) for some in tried]


def _try(
    presents: Sequence[Present], tried: Sequence[Tried], asked: Sequence[Sequence[int]], *, seed: int, per_draw: int
) -> Generator[None, None, None]:
    rows = [(k, more) for k, some in enumerate(asked) for more in some]
    changed = [replace(presents[k], agents=presents[k].agents + more) for k, more in rows]
    found = yield from outlooks(changed, seed=seed, per_draw=per_draw)
    for (k, more), outlook in zip(rows, found, strict=True):
        tried[k][more] = outlook


def _found(tried: Tried) -> tuple[int, ...]:
    return tuple(sorted(more for more, one in tried.items() if one.miss <= ACCEPTED)[:1])


def _most(present: Present) -> int:
    return max(10, ceil(present.agents))


def _exact(present: Present) -> int:
    """Among hundreds of agents one more or less cannot be told."""
    return max(1, round(present.agents / 50))


def _first(present: Present, now: Outlook) -> tuple[int, ...]:
    """A quantile more is about half of a root of the agents; and the most, to know whether there is an answer."""
    if now.miss <= ACCEPTED:
        return ()
    guess = round((_quantile(now.miss) - LINE) * sqrt(present.agents) / 2)
    return tuple({min(max(1, guess), _most(present)), _most(present)})


def _next(present: Present, tried: Tried) -> tuple[int, ...]:
    """Between the last that does not do and the first that does."""
    enough = min((more for more, one in tried.items() if one.miss <= ACCEPTED), default=None)
    if enough is None:
        return ()
    short = max(more for more in tried if more < enough)
    if enough - short <= _exact(present):
        return ()
    low, high = _quantile(tried[short].miss), _quantile(tried[enough].miss)
    at = short + (enough - short) * (low - LINE) / (low - high)
    return (min(max(short + 1, ceil(at)), enough - 1),)


def _quantile(share: float) -> float:
    return QUANTILE(min(max(share, 0.004), 0.996))


def _answer(tried: Tried) -> Needed:
    if tried[0].miss <= ACCEPTED:
        return NOBODY
    more = min((more for more, one in tried.items() if one.miss <= ACCEPTED), default=None)
    low, high = (_crossing({more: getattr(one, side) for more, one in tried.items()}) for side in ("low", "high"))
    if more is None:
        return Needed(more=None, low=low, high=None)
    return Needed(
        more=more, low=more if low is None else min(low, more), high=None if high is None else max(high, more)
    )


def _crossing(shares: Mapping[int, float]) -> int | None:
    """Where the straight lines between what was tried come to the accepted share."""
    before: tuple[int, float] | None = None
    for more, share in sorted(shares.items()):
        if share <= ACCEPTED:
            if before is None:
                return more
            low, high = _quantile(before[1]), _quantile(share)
            return min(more, ceil(before[0] + (more - before[0]) * (low - LINE) / (low - high)))
        before = (more, share)
    return None
