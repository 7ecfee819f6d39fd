"""Moments and days as people write them, on the site's clock."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from monitor.api.past_time import AtFault, day_of, day_span, local_text, read_at, read_day
from streams.vocabulary.ids import Millis

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
TEN = Millis(1_795_226_600_000)
"""2026-11-21 10:03:20 in Shanghai"""
HOUR_MS = 3_600_000


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21T10:03:20",
        "2026-11-21 10:03:20",
        "2026-11-21T10:03:20.000",
        "2026-11-21T02:03:20Z",
        "2026-11-21T03:03:20+01:00",
        "1795226600000",
        "-60",
        "  2026-11-21T10:03:20 ",
    ],
)
def test_a_moment_may_be_written_in_many_ways(text: str) -> None:
    assert read_at(text, zone=SHANGHAI, now=Millis(TEN + 60_000)) == TEN


@pytest.mark.parametrize(
    "text", ["", "yesterday", "10:03", "-", "--5", "2026-13-01T00:00", "1999-01-01T00:00", "1" * 40, "٣" * 13, "NaN"]
)
def test_what_is_no_moment_is_refused_with_how_to_write_one(text: str) -> None:
    with pytest.raises(AtFault, match="2026-11-21T10:03:20"):
        read_at(text, zone=SHANGHAI, now=TEN)


def test_an_hour_that_comes_twice_may_carry_its_offset() -> None:
    """Clocks go back at 03:00 on 2026-10-25 in Berlin; without an offset it is the first of the two."""
    first = read_at("2026-10-25T02:30:00", zone=BERLIN, now=TEN)
    assert read_at("2026-10-25T02:30:00+01:00", zone=BERLIN, now=TEN) - first == HOUR_MS
    assert local_text(first, BERLIN) == local_text(Millis(first + HOUR_MS), BERLIN) == "2026-10-25T02:30:00"


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 11, 21), 24)]
)
def test_a_day_is_as_long_as_the_clock_makes_it(day: date, hours: int) -> None:
    since, until = day_span(day, BERLIN)
    assert until - since == hours * HOUR_MS
    assert day_of(since, BERLIN) == day_of(Millis(until - 1), BERLIN) == (since, until)


def test_no_day_is_today() -> None:
    assert read_day("", zone=SHANGHAI, now=TEN) == date(2026, 11, 21)


@pytest.mark.parametrize("text", ["today", "2026-02-30", "1999-01-01"])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(AtFault):
        read_day(text, zone=SHANGHAI, now=TEN)
