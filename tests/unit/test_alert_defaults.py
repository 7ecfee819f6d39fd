"""The default rules: few words on normal days, an incident told, nothing resolved in the dark. See docs/alerts.md."""

from functools import cache

import pytest

from alerts.defaults import DEFAULT_RULES, WAIT_RULE, default_rules
from alerts.rules import Severity
from tests.bench.alerts import Tally, incident, normal
from tests.sim_centre import Centre

DAYS = 2
INCIDENTS = 5


@cache
def calm(per_hour: int) -> Tally:
    return sum((normal(Centre(per_hour=per_hour), 5_000 + number) for number in range(DAYS)), Tally())


@cache
def bad() -> Tally:
    return sum((incident(200, 6_003 + number) for number in range(INCIDENTS)), Tally())


@pytest.mark.parametrize("per_hour", [40, 200, 800])
def test_a_normal_day_has_two_pages_at_most(per_hour: int) -> None:
    """And half a note; the whole measurement is `python -m tests.bench.alerts`."""
    tally = calm(per_hour)
    assert tally.pages <= 2 * DAYS
    assert tally.notes <= 0.5 * DAYS


def test_the_rule_of_most_products_speaks_several_times_as_often() -> None:
    assert calm(200).naive > 3 * calm(200).pages


def test_a_loss_of_staff_is_told_within_a_quarter_of_an_hour() -> None:
    """The median: three of five."""
    soon = [one for one in bad().detected if one is not None and one <= 15]
    assert len(soon) > INCIDENTS / 2


def test_a_switch_that_goes_dark_resolves_nothing() -> None:
    assert bad().dark_firing > 0
    assert bad().dark_resolved == 0
    assert all(one is not None and one <= 35 for one in bad().silences)


def test_every_page_that_the_bench_counts_is_there() -> None:
    rules = {rule.name: rule for rule in default_rules(channels=("duty",))}
    assert rules[WAIT_RULE].severity is Severity.CRITICAL
    assert len(rules) == DEFAULT_RULES.count("[[rule]]")
