"""Counters, shares and formulas, on the worked day of docs/metrics.md."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.floor.numbers import COUNTER_NAMES, FORMULAS, Counters, Ratio
from streams.vocabulary import events as ev
from tests.floor_story import Story

DOCUMENT = Path(__file__).parents[2] / "docs" / "metrics.md"


@cache
def small_day() -> Counters:
    """Nine contacts, each in its own ten minutes; see the table in docs/metrics.md."""
    story = Story()
    story.sign_in(0)
    answered = ((1, 8, 100, 20), (2, 20, 50, 0), (3, 32, 60, 10))
    for number, wait_s, talk_s, hold_s in answered:
        at, contact = number * 600_000, f"c{number}"
        connected = at + wait_s * 1000
        story.queue_up(at, contact)
        story.answer(connected, contact)
        if hold_s:
            story.contact(connected + 1000, ev.ContactHeld, contact, agent="1001")
            story.contact(connected + 1000 + hold_s * 1000, ev.ContactResumed, contact, agent="1001")
        end = connected + (talk_s + hold_s) * 1000
        story.end(end, contact)
        story.wrap_up(end, end + 10_000, contact)
    for number, wait_s in ((4, 3), (5, 12), (6, 45)):
        story.queue_up(number * 600_000, f"c{number}")
        story.contact(number * 600_000 + wait_s * 1000, ev.ContactAbandoned, f"c{number}")
    for number, wait_s, reason in ((7, 60, "timeout"), (9, 15, "key")):
        story.queue_up(number * 600_000, f"c{number}")
        story.contact(number * 600_000 + wait_s * 1000, ev.ContactOverflowed, f"c{number}", reason=reason)
    story.tell(9_900_000, ev.ContactTurnedAway, contact="c8", queue="sales", reason="full")
    tallied: dict[str, Any] = {"completed": 2, "completed_in_target": 2, "abandoned": 4, "abandoned_in_target": 2}
    story.tell(9_900_000, ev.SwitchTallied, queue="sales", **tallied)
    return story.numbers(9_900_000).today


@pytest.mark.parametrize(
    ("formula", "part", "whole"),
    [
        ("asterisk", 2, 2),
        ("asterisk2", 4, 6),
        ("answered_abandoned", 2, 6),
        ("answered_only", 2, 3),
        ("without_short_abandons", 2, 5),
        ("all_ways_out", 2, 8),
    ],
)
def test_each_service_level_of_the_small_day(formula: str, part: int, whole: int) -> None:
    assert FORMULAS[formula].of(small_day()) == Ratio(part, whole)


def test_the_document_shows_what_is_computed() -> None:
    """Its rows `| name | … p / w | x % |`."""
    for name, formula in FORMULAS.items():
        ratio = formula.of(small_day())
        percent = ratio.percent or 0
        row = rf"^\| `{name}` \| .*{ratio.part} / .*\| {percent:.1f} % \|$"
        assert re.search(row, DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE), name


def test_every_contact_of_the_small_day_is_somewhere() -> None:
    day = small_day()
    assert (day.offered, day.answered, day.abandoned, day.short_abandoned) == (8, 3, 3, 1)
    assert (day.overflowed, day.turned_away) == ({"timeout": 1, "key": 1}, {"full": 1})


def test_asa_is_the_mean_wait_of_the_answered() -> None:
    """(8 + 20 + 32) / 3."""
    assert small_day().asa == 20_000


def test_aht_is_talk_hold_and_wrap_up_of_the_ended() -> None:
    """(100 + 50 + 60 + 20 + 10 + 3 x 10) / 3."""
    assert small_day().aht == 90_000


def test_the_abandon_rate_is_of_the_offered() -> None:
    assert small_day().abandon_rate == Ratio(3, 8)


def test_nothing_of_nothing_is_no_answer() -> None:
    nothing = Counters()
    assert (Ratio(0, 0).value, Ratio(0, 0).percent, nothing.asa, nothing.aht) == (None, None, None, None)
    assert [formula.of(nothing).percent for formula in FORMULAS.values()] == [None] * 6


def test_a_percentage_is_not_rounded() -> None:
    assert Ratio(1, 3).percent == 100 / 3


def test_shares_add_up_by_their_parts_never_by_their_percentages() -> None:
    """1 of 1 and 1 of 9 are 2 of 10, not the mean of 100 % and 11 %."""
    assert Ratio(1, 1) + Ratio(1, 9) == Ratio(2, 10)


COUNTERS = st.builds(Counters, **dict.fromkeys(COUNTER_NAMES, st.integers(0, 10**9)))


@given(COUNTERS, COUNTERS)
def test_a_formula_of_a_sum_is_the_sum_of_the_formulas(one: Counters, other: Counters) -> None:
    for formula in FORMULAS.values():
        assert formula.of(one + other) == formula.of(one) + formula.of(other)


@given(COUNTERS, COUNTERS, COUNTERS)
def test_counters_add_in_any_order_and_nothing_added_is_the_same(a: Counters, b: Counters, c: Counters) -> None:
    assert (a + b) + c == a + (b + c)
    assert a + b == b + a
    assert a + Counters() == a


def test_the_longest_wait_of_a_sum_is_the_longer() -> None:
    assert (Counters(wait_max_ms=5) + Counters(wait_max_ms=9)).wait_max_ms == 9


def test_adding_makes_a_new_value() -> None:
    one = Counters(offered=1)
    total = one + Counters()
    total.offered = 5
    assert one.offered == 1
