"""Whether a rule applies. In: a Rule, the contact's facts. Out: an Answer of its `when`, None where it has none.

A fact nobody knows makes it cannot_tell. May not know: words, events.
"""

from collections.abc import Mapping

from scoring.case import Fact
from scoring.formula import Outcome, evaluate
from scoring.messages import Reason
from scoring.operators.answer import Answer, doubtful, sure
from scoring.rules import Comparison, FactTest, Rule


def applies(rule: Rule, facts: Mapping[str, Fact]) -> Answer | None:
    if rule.when is None:
        return None
    known = {name: _test(test, facts.get(test.fact)) for name, test in rule.facts.items()}
    outcome = evaluate(rule.when, known)
    if outcome is Outcome.HIT:
        return sure(Outcome.HIT, Reason("applies"))
    if outcome is Outcome.MISS:
        return sure(Outcome.NOT_APPLICABLE, Reason("does_not_apply"))
    missing = sorted({rule.facts[name].fact for name, one in known.items() if one is Outcome.CANNOT_TELL})
    return doubtful(Outcome.HIT, Reason("fact_unknown", {"fact": ", ".join(missing)}))


def _test(test: FactTest, value: Fact | None) -> Outcome:
    if value is None:
        return Outcome.CANNOT_TELL
    return Outcome.HIT if _holds(test, value) else Outcome.MISS


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
            return any(isinstance(one, str) and str(first) in one for one in each)
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
