"""A number that is not quite known, and limits on it. In: Amount, above, below. Out: outcome and leaning; their fields.

Of a contact that goes on, most numbers can still grow: then `high` has no end, and only what cannot change is sure.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Protocol

from scoring.formula import Outcome
from scoring.operators.spec import Field, FieldKind

ENDLESS: Final = math.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """It lies in [low, high]; `best` is the guess."""

    low: float
    best: float
    high: float


class Limited(Protocol):
    @property
    def above(self) -> float | None: ...

    @property
    def below(self) -> float | None: ...


def exactly(value: float, *, growing: bool = False) -> Amount:
    return Amount(low=value, best=value, high=ENDLESS if growing else value)


def within(amount: Amount, limits: Limited) -> tuple[Outcome, Outcome]:
    """Outcome and leaning of: it is more than `above` and less than `below`, so far as they are given."""
    above = -ENDLESS if limits.above is None else limits.above
    below = ENDLESS if limits.below is None else limits.below
    leaning = Outcome.HIT if above < amount.best < below else Outcome.MISS
    # An endless high is only "not known how far": without `below` it breaks no limit.
    if amount.low > above and (amount.high < below or limits.below is None):
        return Outcome.HIT, Outcome.HIT
    if amount.high <= above or amount.low >= below:
        return Outcome.MISS, Outcome.MISS
    return Outcome.CANNOT_TELL, leaning


def at_least(amount: Amount, least: float) -> tuple[Outcome, Outcome]:
    if amount.low >= least:
        return Outcome.HIT, Outcome.HIT
    if amount.high < least:
        return Outcome.MISS, Outcome.MISS
    return Outcome.CANNOT_TELL, Outcome.HIT if amount.best >= least else Outcome.MISS


def limits(kind: FieldKind, zh: str, en: str, *, high: float, low: float = 0) -> tuple[Field, Field]:
    """The fields `above` and `below`; `zh`, `en`: what is limited, with its unit."""
    return (
        Field(key="above", kind=kind, default=None, low=low, high=high, zh=f"{zh}高于", en=f"{en} is above"),
        Field(key="below", kind=kind, default=None, low=low, high=high, zh=f"{zh}低于", en=f"{en} is below"),
    )


def limit_faults(asked: Limited) -> Iterable[tuple[str, str, str]]:
    if asked.above is None and asked.below is None:
        yield "", "has no limit", "give above, below or both"
    elif asked.above is not None and asked.below is not None and asked.above >= asked.below:
        yield (
            "below",
            "is not more than above: nothing lies between",
            "make below the larger; for either, use two checks",
        )
