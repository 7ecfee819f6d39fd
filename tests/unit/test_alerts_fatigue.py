"""What alerts cost people and what they were worth: worked by hand."""

import pytest

from alerts.fatigue import Marked, Reached, Usefulness, fatigue, usefulness


def mark(number: int, by: str, useful: bool | None, *, rule: str = "sl") -> Marked:
    return Marked(alert=f"{rule}/queue:sales/{number}", by=by, useful=useful)


def reach(number: int, person: str, *, rule: str = "sl") -> Reached:
    return Reached(alert=f"{rule}/queue:sales/{number}", person=person)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([True], Usefulness.USEFUL),
        ([False, False, True], Usefulness.NOT_USEFUL),
        ([True, False], Usefulness.DISPUTED),
        ([None], Usefulness.UNMARKED),
        ([None, True], Usefulness.USEFUL),
        ([], Usefulness.UNMARKED),
    ],
)
def test_one_alert_counts_once_however_many_marked_it(words: list[bool | None], expected: Usefulness) -> None:
    """The majority of last words; a draw proves nothing."""
    assert usefulness(words) is expected


def test_precision_is_of_the_judged_alerts_with_wilsons_bounds() -> None:
    """Eight useful of ten judged: 49.0 % to 94.3 %, as any table of the Wilson interval has it; 40 fired."""
    marks = [mark(number, "li", number < 8) for number in range(10)]
    (rule,) = fatigue(fired={"sl": 40}, reached=[], marks=marks, days=7).rules
    assert (rule.fired, rule.useful, rule.not_useful, rule.precision) == (40, 8, 2, 0.8)
    assert (round(rule.low, 3), round(rule.high, 3)) == (0.490, 0.943)


def test_nobodys_marks_are_no_answer() -> None:
    (rule,) = fatigue(fired={"sl": 3}, reached=[], marks=[], days=7).rules
    assert (rule.precision, rule.low, rule.high) == (None, 0.0, 1.0)


def test_a_last_word_replaces_the_one_before() -> None:
    """Marked useful, then taken back: unmarked; then another says no."""
    marks = [mark(1, "li", True), mark(1, "li", None), mark(1, "wang", False)]
    (rule,) = fatigue(fired={"sl": 1}, reached=[], marks=marks, days=1).rules
    assert (rule.useful, rule.not_useful) == (0, 1)


def test_a_person_is_told_of_alerts_not_messages() -> None:
    """Li got three alerts in two days, one of them twice: 1.5 a day; one marked by himself, one by Wang only."""
    reached = [reach(1, "li"), reach(1, "li"), reach(2, "li"), reach(3, "li"), reach(3, "wang")]
    marks = [mark(1, "li", True), mark(2, "wang", False)]
    told = fatigue(fired={"sl": 3}, reached=reached, marks=marks, days=2, budget_per_day=1)
    li, wang = told.people
    assert (li.name, li.told, li.useful, li.not_useful, li.unmarked, li.per_day) == ("li", 3, 1, 0, 2, 1.5)
    assert (li.over_budget, wang.over_budget) == (True, False)


def test_rules_stand_in_order_of_what_they_cost() -> None:
    """A rule that is gone but was marked is named too."""
    told = fatigue(fired={"a": 1, "b": 9}, reached=[], marks=[mark(1, "li", False, rule="gone")], days=7)
    assert [(rule.rule, rule.fired) for rule in told.rules] == [("b", 9), ("a", 1), ("gone", 0)]
