"""What a metric is. In: nothing. Out: `Metric` and the closed lists it is described with.

`read` gives a Sample for every scope it knows now, by name without its kind; a scope it does not give has nothing to
say (an agent in another state) or is not known (a queue that told nothing). May not know: rules' thresholds.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Flag, StrEnum, auto

from alerts.rules import Asked
from alerts.view import Sample, View


class ScopeKind(StrEnum):
    QUEUE = "queue"
    TIER = "tier"
    """named QUEUE/TIER"""
    TEAM = "team"
    AGENT = "agent"
    CONTACT = "contact"
    SITE = "site"
    SYSTEM = "system"


SPARSE = frozenset({ScopeKind.AGENT, ScopeKind.CONTACT})
"""Thousands of scopes, of which a few are bad: the fine ones are not even looked at one by one."""


class Unit(StrEnum):
    PERCENT = "percent"
    MS = "ms"
    COUNT = "count"
    SCORE = "score"


class Sense(StrEnum):
    HIGH_IS_BAD = "high_is_bad"
    LOW_IS_BAD = "low_is_bad"


class RestsOn(StrEnum):
    """What must be told for it: queue numbers, or that part of a SiteMoment."""

    NUMBERS = "numbers"
    AGENTS = "agents"
    PLAN = "plan"
    QUALITY = "quality"
    HITS = "hits"
    GAUGES = "gauges"


class Trait(Flag):
    NONE = 0
    WINDOWED = auto()
    """asks for window_minutes"""
    SAMPLED = auto()
    """rests on `whole` of something, so that a minimum sample has a meaning"""
    SHARE = auto()
    """part of whole, in percent: a Wilson bound has a meaning"""
    NAMED_FORMULA = auto()
    """its formula is one of streams.floor.numbers.FORMULAS, by name"""
    EVENT = auto()
    """happens rather than lasts: fires once for each scope, and is over by itself"""


Read = Callable[[View, Asked], Mapping[str, Sample]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    name: str
    scope: ScopeKind
    unit: Unit
    sense: Sense
    rests_on: RestsOn
    traits: Trait
    read: Read
    zh: str
    en: str
    formula: str

    @property
    def high_is_bad(self) -> bool:
        return self.sense is Sense.HIGH_IS_BAD

    def has(self, trait: Trait) -> bool:
        return trait in self.traits
