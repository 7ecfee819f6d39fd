"""Earlier days as a factor on what is to come, worked by hand."""

import pytest

from dashboards.forecast.basis import SWING_PRIOR
from dashboards.forecast.trend import LEAST, MOST, PRIOR, trend
from streams.vocabulary.ids import Millis

MINUTE, DAY = 60_000, 86_400_000
NOW = Millis(20_000 * DAY + 10 * 3_600_000)
UNTIL = Millis(NOW + 30 * MINUTE)


def day(back: int, before: int, after: int) -> list[tuple[Millis, int]]:
    """Five minutes' contacts in the three hours before this time of that day, and in the half hour after it."""
    then = NOW - back * DAY
    slots = [(Millis(then - 5 * MINUTE * k), before) for k in range(36, 0, -1)]
    return slots + [(Millis(then + 5 * MINUTE * k), after) for k in range(6)]


def test_no_earlier_day_changes_nothing() -> None:
    assert trend([], NOW, UNTIL) == 1.0
    assert trend(day(3, 50, 100), NOW, UNTIL) == 1.0


def test_a_day_like_any_hour_changes_nothing() -> None:
    assert trend(day(1, 50, 50) + day(7, 50, 50), NOW, UNTIL) == pytest.approx(1.0)


def test_twice_as_many_on_one_day_is_not_yet_twice_as_many() -> None:
    """300 expected, 600 came; each counts as if a day's own swing left 600 / (1 + 600 x 0.0144) = 62 of them."""
    known = 1 / (1 + 600 * SWING_PRIOR)
    assert trend(day(1, 50, 100), NOW, UNTIL) == pytest.approx((PRIOR + 600 * known) / (PRIOR + 300 * known))


def test_two_days_say_more_than_one() -> None:
    assert trend(day(1, 50, 100) + day(7, 50, 100), NOW, UNTIL) > trend(day(1, 50, 100), NOW, UNTIL)


def test_few_contacts_say_little() -> None:
    """Six expected, twelve came."""
    assert trend(day(1, 1, 2), NOW, UNTIL) < 1.25


def test_it_stays_within_bounds() -> None:
    assert trend(day(1, 10, 10_000) + day(7, 10, 10_000), NOW, UNTIL) == MOST
    assert LEAST <= trend(day(1, 500, 0) + day(7, 500, 0), NOW, UNTIL) < 0.6


def test_half_a_slot_counts_half() -> None:
    """Until in the middle of five minutes: 2.5 of 5 are expected and 5 of 10 came."""
    few = trend(day(1, 50, 100), NOW, Millis(NOW + 150_000))
    known = 1 / (1 + 50 * SWING_PRIOR)
    assert few == pytest.approx((PRIOR + 50 * known) / (PRIOR + 25 * known))
