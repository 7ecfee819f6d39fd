"""Which contacts a rule is meant for: comparisons of facts."""

import pytest

from scoring.case import Fact
from scoring.facts import FACTS, applies, meant_for
from scoring.formula import Name, Outcome
from scoring.operators.answer import Answer
from scoring.parse_when import read_when
from scoring.rules import Rule, Scheme

FACTS_KNOWN: dict[str, Fact] = {
    "queue": "sales",
    "tier": "gold",
    "skill": ("宽带", "mobile"),
    "tags": ("complaint",),
    "hour": 9.0,
    "wait_seconds": 41.5,
    "business.amount": "120.50",
    "business.vip": "true",
    "business.套餐": "畅享 5G",
    "business.note": "n/a",
}
HIT, MISS, DOUBT, NONE = Outcome.HIT, Outcome.MISS, Outcome.CANNOT_TELL, Outcome.NOT_APPLICABLE


def asked(text: str) -> Answer:
    read = read_when(text)
    assert read.faults == []
    rule = Rule(id="r", version=1, formula=Name("c"), conditions=(), when=read.formula, facts=read.tests)
    answer = applies(rule, FACTS_KNOWN)
    assert answer is not None
    return answer


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ('queue == "sales"', HIT),
        ("queue == 'sales'", HIT),
        ('queue != "sales"', NONE),
        ('queue in ["vip", "sales"]', HIT),
        ('queue not in ["vip", "sales"]', NONE),
        ('queue in ["sales", "vip"] and tier == "gold" and business.amount > 100', HIT),
        ('not (queue == "vip" or hour < 9)', HIT),
        ('skill contains "宽带"', HIT),
        ('skill contains "宽"', NONE),  # of a set, a word of its own
        ('skill == "mobile"', HIT),
        ('skill in ["fixed", "mobile"]', HIT),
        ('queue contains "ale"', HIT),  # of a text, a part
        ("hour >= 9 and hour < 18", HIT),
        ("wait_seconds > 41.5", NONE),
        ("wait_seconds >= 41.5", HIT),
        ("wait_seconds <= -1", NONE),
        ("business.amount == 120.5", HIT),  # it arrives as text
        ("business.vip == true", HIT),
        ("business.vip == false", NONE),
        ('business.套餐 contains "5G"', HIT),
        ('business.note == "n/a"', HIT),
        # what nobody knows makes it doubtful, not false
        ("business.note > 3", DOUBT),
        ("business.age > 3", DOUBT),
        ('team == "a" and queue == "vip"', NONE),
        ('team == "a" or queue == "sales"', HIT),
        ('team == "a" and queue == "sales"', DOUBT),
        ('tier == "say \\"gold\\""', NONE),
    ],
)
def test_facts_are_compared(text: str, outcome: Outcome) -> None:
    """A miss means that the rule does not apply."""
    assert asked(text).outcome is outcome


def test_a_doubt_names_the_facts_that_are_missing() -> None:
    """Known ones are not named."""
    assert asked('team == "a" and site == "x" and queue == "sales"').reason.params == {"fact": "site, team"}


@pytest.mark.parametrize(
    ("text", "problem", "mend"),
    [
        ('quue == "a"', "no fact is called 'quue' (character 1)", "did you mean 'queue'?"),
        ('x.y == "a"', "no fact is called 'x.y'", "business.NAME"),
        ("queue", "'queue' lacks a comparison (character 1)", 'write queue == "…"'),
        ("queue ==", "queue == is compared with nothing", 'write queue == "…"'),
        ('queue = "a"', "'=' is no sign of this language (character 7)", "write =="),
        ("queue == “销售”", "'“' is no sign of this language (character 10)", 'write "'),
        ('queue == "a" && tier == "b"', "'&' is no sign of this language", "write and"),
        ('（queue == "a"）', "'（' is no sign of this language (character 1)", "write ("),
        ('queue == "a" tier == "b"', "unexpected 'tier == \"b\"' after a complete formula", "write it like"),
        ('(queue == "a"', "a parenthesis is never closed", "write it like"),
        ('queue == "a" and', "ends where a comparison is expected", "write it like"),
        ("queue in []", "queue in is compared with nothing", 'write queue in ["…", "…"]'),
        ('queue in ["a" "b"]', "queue in is compared with nothing", 'write queue in ["…", "…"]'),
        ('queue == ["a", "b"]', "== takes one value", "write queue in [ … ]"),
        ("queue == 3", "queue is a text, and compared with something else", 'write queue == "…"'),
        ('queue > "a"', "queue is a text, which is neither more nor less", 'write queue == "…"'),
        ("tags > 3", "tags is a set of texts, which is neither more nor less", 'write tags contains "…"'),
        ('hour == "9"', "hour is a number, and compared with something else", "write hour >= a number from 0 to 23"),
        ("hour contains 9", "hour is a number and contains nothing", "write hour >= a number from 0 to 23"),
        ("weekday == 0", "weekday is never 0", "write weekday >= a number from 1 to 7"),
        ('direction == "inbond"', "direction is never 'inbond'", "did you mean 'inbound'?"),
        ('business.a in [1, "b"]', "business.a is compared with values of different kinds", "business.NAME in"),
        ('business.a > "b"', "business.a is compared with a text", "write business.NAME > 100"),
        ("", "ends where a comparison is expected", "write it like"),
        ('"a" == queue', "unexpected '\"a\"' (character 1)", "write it like"),
        ("(" * 100 + 'queue == "a"', "nested deeper than 50", "write it like"),
        ("queue == 1 or " * 200, "has 2800 characters", "write at most 2000"),
    ],
)
def test_slips_are_told_with_their_place(text: str, problem: str, mend: str) -> None:
    """One slip, one fault."""
    read = read_when(text)
    assert read.formula is None
    ((told, how),) = read.faults
    assert problem in told
    assert mend in how


def test_every_slip_is_told() -> None:
    """Not only the first."""
    assert [problem for problem, _ in read_when("nope == 1 and hour == 99 or tier > 3").faults] == [
        "no fact is called 'nope' (character 1)",
        "hour is never 99 (character 15)",
        "tier is a text, which is neither more nor less (character 29)",
    ]


def test_a_scheme_without_applies_is_meant_for_every_contact() -> None:
    """With one, for those it fits; of one nobody knows enough about it cannot be told."""
    read = read_when('queue == "vip"')
    common = {"name": "s", "version": 1, "zh": "a", "en": "b", "pass_percent": 80, "least_confidence": 0.6, "items": ()}
    some = Scheme(**common, applies=read.formula, facts=read.tests)
    assert [meant_for(Scheme(**common), {}), meant_for(some, {"queue": "vip"})] == [HIT, HIT]
    assert [meant_for(some, {"queue": "b"}), meant_for(some, {})] == [MISS, DOUBT]


def test_every_fact_has_words_in_both_languages() -> None:
    assert all(spec.zh and spec.en for spec in FACTS.values())
