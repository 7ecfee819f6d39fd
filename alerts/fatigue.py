"""Whether alerts are worth their interruption. In: what rules fired, who was told, what people marked. Out: `Fatigue`.

Of a rule: how many of the alerts that people judged were useful, with Wilson's bounds, for a few marks prove little. Of
a person: how often alerts reached them a day, beside a budget. May not know: stores, pages, how anyone was told.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from alerts.bounds import Z_OF, wilson

BUDGET_PER_DAY = 4.0
"""Alerts a day one person reads as alerts; the study's two pages a queue and day, for two queues."""


class Usefulness(StrEnum):
    """What becomes of one alert once the marks of several people are put together."""

    USEFUL = "useful"
    NOT_USEFUL = "not_useful"
    DISPUTED = "disputed"
    """as many said yes as no: it proves nothing either way"""
    UNMARKED = "unmarked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """A person's last word on one alert. `useful` None: taken back."""

    alert: str
    by: str
    useful: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """An alert that reached a person (or, `person` a channel's name, whoever reads it), in however many messages."""

    alert: str
    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleUse:
    """`precision`: useful ones of those judged, None while nobody judged; `low`, `high`: its 95 % bounds (0 and 1)."""

    rule: str
    fired: int
    useful: int
    not_useful: int
    disputed: int
    precision: float | None
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonUse:
    """`told`: alerts, not messages. The marks are the person's own, of alerts that reached them."""

    name: str
    told: int
    useful: int
    not_useful: int
    unmarked: int
    per_day: float
    over_budget: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Fatigue:
    """`people`: the most often told first; `rules`: by what they cost, the most fired first."""

    budget_per_day: float
    people: tuple[PersonUse, ...]
    rules: tuple[RuleUse, ...]


def fatigue(
    *,
    fired: Mapping[str, int],
    reached: Iterable[Reached],
    marks: Iterable[Marked],
    days: float,
    budget_per_day: float = BUDGET_PER_DAY,
) -> Fatigue:
    """`fired`: rule -> alerts that fired in the range of `days`. What only marks tell of is named too."""
    said = {(mark.alert, mark.by): mark.useful for mark in marks}  # the last word of each stands
    return Fatigue(
        budget_per_day=budget_per_day,
        people=_people(set(reached), said, days, budget_per_day),
        rules=_rules(fired, said),
    )


def rule_of(alert: str) -> str:
    """Its id begins with the rule's name, in which no `/` can be."""
    return alert.partition("/")[0]


def usefulness(words: Iterable[bool | None]) -> Usefulness:
    """One alert's, from the last word of each person: one alert counts once, however many people marked it."""
    counted = Counter(words)
    yes, no = counted[True], counted[False]
    if not yes and not no:
        return Usefulness.UNMARKED
    if yes == no:
        return Usefulness.DISPUTED
    return Usefulness.USEFUL if yes > no else Usefulness.NOT_USEFUL


def _rules(fired: Mapping[str, int], said: Mapping[tuple[str, str], bool | None]) -> tuple[RuleUse, ...]:
    words: dict[str, list[bool | None]] = {}
    for (alert, _), useful in said.items():
        words.setdefault(alert, []).append(useful)
    counted: dict[str, Counter[Usefulness]] = {}
    for alert, all_said in words.items():
        counted.setdefault(rule_of(alert), Counter())[usefulness(all_said)] += 1
    found = [_rule(name, fired.get(name, 0), counted.get(name, Counter())) for name in fired.keys() | counted.keys()]
    return tuple(sorted(found, key=lambda one: (-one.fired, one.rule)))


def _rule(name: str, fired: int, counted: Mapping[Usefulness, int]) -> RuleUse:
    useful, not_useful = counted.get(Usefulness.USEFUL, 0), counted.get(Usefulness.NOT_USEFUL, 0)
    judged = useful + not_useful
    low, high = wilson(useful, judged, Z_OF[95])
    return RuleUse(
        rule=name,
        fired=fired,
        useful=useful,
        not_useful=not_useful,
        disputed=counted.get(Usefulness.DISPUTED, 0),
        precision=useful / judged if judged else None,
        low=low / 100,
        high=high / 100,
    )


def _people(
    reached: set[Reached], said: Mapping[tuple[str, str], bool | None], days: float, budget_per_day: float
) -> tuple[PersonUse, ...]:
    told: dict[str, list[str]] = {}
    for one in reached:
        told.setdefault(one.person, []).append(one.alert)
    found = [_person(name, alerts, said, days, budget_per_day) for name, alerts in told.items()]
    return tuple(sorted(found, key=lambda one: (-one.told, one.name)))


def _person(
    name: str, alerts: list[str], said: Mapping[tuple[str, str], bool | None], days: float, budget_per_day: float
) -> PersonUse:
    words = Counter(said.get((alert, name)) for alert in alerts)
    per_day = len(alerts) / days if days > 0 else 0.0
    return PersonUse(
        name=name,
        told=len(alerts),
        useful=words[True],
        not_useful=words[False],
        unmarked=words[None],
        per_day=per_day,
        over_budget=per_day > budget_per_day,
    )
