"""What is known of a contact beside words and events. In: a rule or scheme, its facts. Out: whether it applies.

FACTS names all there are, once, for the language, its schema and docs/rules.md. A fact nobody knows makes it
cannot_tell. May not know: words, events.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite
from typing import Final

from scoring.case import Fact
from scoring.formula import Formula, Outcome, evaluate
from scoring.messages import Reason
from scoring.operators.answer import Answer, doubtful, sure
from scoring.rules import Comparison, FactTest, Rule, Scheme


class FactKind(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    WORDS = "words"
    """a set of texts"""
    ANY = "any"
    """of a business field: a text, a number or true/false, as the other side of the comparison asks"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FactSpec:
    name: str
    kind: FactKind
    zh: str
    en: str
    choices: tuple[str, ...] = ()
    low: float = 0.0
    high: float = 0.0
    """0: no limit."""


BUSINESS: Final = "business."
"""What other systems know of the contact: business.amount, business.套餐."""
_ENDINGS = ("agent", "customer", "transfer", "unknown")
_OUTCOMES = ("waiting", "talking", "answered", "abandoned", "overflowed", "turned_away", "lost")
FACTS: Final[Mapping[str, FactSpec]] = {
    one.name: one
    for one in (
        FactSpec(name="site", kind=FactKind.TEXT, zh="职场", en="the site"),
        FactSpec(name="queue", kind=FactKind.TEXT, zh="队列（最后一次进入的）", en="the queue (of the last visit)"),
        FactSpec(name="tier", kind=FactKind.TEXT, zh="客户等级", en="the customer's tier"),
        FactSpec(name="skill", kind=FactKind.WORDS, zh="技能", en="the skills asked for"),
        FactSpec(
            name="direction",
            kind=FactKind.TEXT,
            choices=("inbound", "outbound"),
            zh="呼入或呼出",
            en="who began it: the customer, or the agent",
        ),
        FactSpec(name="channel", kind=FactKind.TEXT, choices=("voice", "chat"), zh="渠道", en="voice or chat"),
        FactSpec(name="agent", kind=FactKind.TEXT, zh="座席工号", en="the agent's staff number"),
        FactSpec(name="team", kind=FactKind.TEXT, zh="班组", en="the agent's team"),
        FactSpec(name="tags", kind=FactKind.WORDS, zh="标签", en="tags of the contact"),
        FactSpec(
            name="outcome",
            kind=FactKind.TEXT,
            choices=_OUTCOMES,
            zh="排队结果",
            en="how the last visit stands or ended",
        ),
        FactSpec(name="ended_by", kind=FactKind.TEXT, choices=_ENDINGS, zh="谁先挂机", en="who ended it"),
        FactSpec(name="wait_seconds", kind=FactKind.NUMBER, zh="排队秒数", en="seconds waited"),
        FactSpec(name="talk_seconds", kind=FactKind.NUMBER, zh="通话秒数", en="seconds talked"),
        FactSpec(name="hold_seconds", kind=FactKind.NUMBER, zh="保持秒数", en="seconds on hold"),
        FactSpec(
            name="hour",
            kind=FactKind.NUMBER,
            high=23,
            zh="开始时的当地小时，0–23",
            en="the local hour it began, 0 to 23",
        ),
        FactSpec(
            name="weekday",
            kind=FactKind.NUMBER,
            low=1,
            high=7,
            zh="开始那天是星期几，1（周一）–7（周日）",
            en="the local day it began, 1 (Monday) to 7",
        ),
    )
}


def applies(rule: Rule, facts: Mapping[str, Fact]) -> Answer | None:
    """None where the rule has no `when`: it applies to every contact."""
    if rule.when is None:
        return None
    outcome, missing = _settled(rule.when, rule.facts, facts)
    if outcome is Outcome.HIT:
        return sure(Outcome.HIT, Reason("applies"))
    if outcome is Outcome.MISS:
        return sure(Outcome.NOT_APPLICABLE, Reason("does_not_apply"))
    return doubtful(Outcome.HIT, Reason("fact_unknown", {"fact": ", ".join(missing)}))


def meant_for(scheme: Scheme, facts: Mapping[str, Fact]) -> Outcome:
    """Whether the scheme's `applies` fits what is known so far: hit, miss, or cannot_tell."""
    return Outcome.HIT if scheme.applies is None else _settled(scheme.applies, scheme.facts, facts)[0]


def _settled(
    formula: Formula, tests: Mapping[str, FactTest], facts: Mapping[str, Fact]
) -> tuple[Outcome, tuple[str, ...]]:
    known = {name: _test(test, facts.get(test.fact)) for name, test in tests.items()}
    missing = {tests[name].fact for name, one in known.items() if one is Outcome.CANNOT_TELL}
    return evaluate(formula, known), tuple(sorted(missing))


def _test(test: FactTest, value: Fact | None) -> Outcome:
    if value is None:
        return Outcome.CANNOT_TELL
    if test.fact.startswith(BUSINESS) and isinstance(value, str):
        value = _as_asked(value, test.values[0])
        if value is None:
            return Outcome.CANNOT_TELL
    return Outcome.HIT if _holds(test, value) else Outcome.MISS


def _as_asked(text: str, example: str | float | bool) -> Fact | None:
    """Business fields arrive as text: “120.50” compared with a number is one. None: it is not of that kind."""
    if isinstance(example, str):
        return text
    if isinstance(example, bool):
        return {"true": True, "false": False}.get(text.strip().lower())
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) else None


def _holds(test: FactTest, value: Fact) -> bool:
    first = test.values[0]
    each = value if isinstance(value, tuple) else (value,)
    match test.comparison:
        case Comparison.IS:
            return first in each
        case Comparison.IS_NOT:
            return first not in each
        case Comparison.IN:
            return any(one in test.values for one in each)
        case Comparison.CONTAINS:
            return first in value if isinstance(value, tuple) else str(first) in str(value)
    if isinstance(value, bool | str | tuple) or isinstance(first, bool | str):
        return False
    match test.comparison:
        case Comparison.ABOVE:
            return value > first
        case Comparison.AT_LEAST:
            return value >= first
        case Comparison.BELOW:
            return value < first
        case Comparison.AT_MOST:
            return value <= first
