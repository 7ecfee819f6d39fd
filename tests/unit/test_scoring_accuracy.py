"""Precision, recall and drift of a rule, worked by hand."""

import pytest

from scoring.accuracy import Day, DriftOf, Judged, drift, precision, recall, wilson


def judged(**counts: int) -> Judged:
    none = dict.fromkeys(("hits", "misses", "hits_right", "hits_wrong", "misses_right", "misses_wrong"), 0)
    return Judged(**none | counts)


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [
        (8, 10, 0.490, 0.943),
        (0, 10, 0.0, 0.278),
        (10, 10, 0.722, 1.0),
        (50, 100, 0.404, 0.596),
    ],
)
def test_bounds_are_those_of_wilson(part: int, whole: int, low: float, high: float) -> None:
    """As any table of the Wilson score interval has them, 95 %."""
    share = wilson(part, whole)
    assert (share.low, share.high) == pytest.approx((low, high), abs=0.001)


def test_of_nothing_there_is_no_share() -> None:
    assert precision(judged(hits=9)).value is None
    assert recall(judged(hits=9, misses=9, hits_right=3)).value is None


def test_misses_judged_rarely_count_as_often_as_they_are() -> None:
    """100 hits of which 9 of 10 are right: 90 true. 900 misses of which 1 of 20 is wrong: 45 lost. 90 / 135 found."""
    counts = judged(hits=100, misses=900, hits_right=9, hits_wrong=1, misses_right=19, misses_wrong=1)
    found = recall(counts)
    assert found.value == pytest.approx(90 / 135)
    assert found.low < 0.25 < found.value < 0.9 < found.high
    assert (found.part, found.whole) == (9, 10)


def steady(rate: float, recent: float, *, whole: int = 100) -> list[Day]:
    return [Day(ago, round(whole * (recent if ago < 7 else rate)), whole) for ago in range(35)]


def test_a_share_that_leaves_its_band_drifts() -> None:
    """One in ten for four weeks, then one in five."""
    found = drift(steady(0.1, 0.2), of=DriftOf.HIT_RATE)
    assert found is not None
    assert (found.recent.part, found.recent.whole, found.before.whole) == (140, 700, 2_800)
    assert found.low < 0.1 < found.high < 0.2


def test_a_small_change_and_few_contacts_are_no_news() -> None:
    """Less than two points of a hundred, however many; any change, of too few."""
    assert drift(steady(0.1, 0.115, whole=100_000), of=DriftOf.HIT_RATE) is None
    assert drift(steady(0.1, 0.9, whole=7)[:6], of=DriftOf.HIT_RATE) is None
    assert drift([Day(0, 9, 9), *steady(0.1, 0.0, whole=10)[7:]], of=DriftOf.PRECISION) is None


def test_a_rule_that_swings_with_the_weekday_does_not_drift() -> None:
    """The band is wider where its days differ by more than chance: the same share, told of a steady rule only."""
    swinging = [Day(ago, 40 if ago % 7 == 0 else 5, 100) for ago in range(7, 35)]
    recent = [Day(ago, 16, 100) for ago in range(7)]
    assert drift([*recent, *swinging], of=DriftOf.HIT_RATE) is None
    assert drift([*recent, *[Day(ago, 10, 100) for ago in range(7, 35)]], of=DriftOf.HIT_RATE) is not None
