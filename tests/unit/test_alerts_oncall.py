"""Who is on call, when people are left in peace: local times of day, over midnight, over the change of the clocks."""

from dataclasses import replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from alerts.digest import DAYS, Quiet, within_hour
from alerts.oncall import Override, Person, Rota, Turn, on_duty
from streams.vocabulary.ids import Millis

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
LI, WANG, ZHAO = (Person(name=name, channels=("sms",)) for name in ("li", "wang", "zhao"))
WEEKLY = Rota(
    name="duty", persons=(LI, WANG, ZHAO), turn=Turn.WEEKLY, starts=date(2026, 11, 23), at=time(9), zone=SHANGHAI
)
DAILY = replace(WEEKLY, turn=Turn.DAILY, persons=(LI, WANG))


def at(text: str, zone: ZoneInfo = SHANGHAI) -> Millis:
    return Millis(round(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp() * 1000))


@pytest.mark.parametrize(
    ("now", "person", "until", "following"),
    [
        ("2026-11-23 09:00", "li", "2026-11-30 09:00", "wang"),
        ("2026-11-30 08:59:59", "li", "2026-11-30 09:00", "wang"),
        ("2026-11-30 09:00", "wang", "2026-12-07 09:00", "zhao"),
        ("2026-12-14 09:00", "li", "2026-12-21 09:00", "wang"),
        ("2026-11-20 12:00", "zhao", "2026-11-23 09:00", "li"),
    ],
)
def test_turns_change_weekly_at_their_time_and_go_round(now: str, person: str, until: str, following: str) -> None:
    """Before the first turn it goes round backwards: somebody is always on call."""
    duty = on_duty(WEEKLY, at(now))
    assert (duty.person.name, duty.until, duty.next) == (person, at(until), following)


def test_a_daily_turn_ends_at_its_time_of_the_next_day() -> None:
    duties = [on_duty(DAILY, at(now)) for now in ("2026-11-23 08:00", "2026-11-23 10:00", "2026-11-24 10:00")]
    assert [duty.person.name for duty in duties] == ["wang", "li", "wang"]


def test_a_turn_that_changed_does_not_change_back_in_the_hour_that_comes_twice() -> None:
    rota = replace(DAILY, starts=date(2026, 10, 1), at=time(2, 30), zone=BERLIN)
    begun = at("2026-10-25 02:30", BERLIN)
    duties = [on_duty(rota, Millis(begun + 600_000 * step)) for step in range(-1, 8)]
    assert [duty.person.name for duty in duties] == ["wang", *["li"] * 8]
    assert {duty.until for duty in duties[1:]} == {at("2026-10-26 02:30", BERLIN)}


def test_who_stands_in_comes_before_whose_turn_it_is_and_the_last_written_wins() -> None:
    first = Override(person="zhao", start=at("2026-11-24 12:00"), until=at("2026-11-25 12:00"))
    second = Override(person="wang", start=at("2026-11-25 00:00"), until=at("2026-11-25 06:00"))
    rota = replace(WEEKLY, overrides=(first, second))
    found = [
        (duty.person.name, duty.until, duty.next)
        for now in ("2026-11-24 11:00", "2026-11-24 12:00", "2026-11-25 01:00", "2026-11-25 06:00", "2026-11-25 12:00")
        for duty in [on_duty(rota, at(now))]
    ]
    assert found == [
        ("li", at("2026-11-24 12:00"), "zhao"),
        ("zhao", at("2026-11-25 00:00"), "wang"),
        ("wang", at("2026-11-25 06:00"), "zhao"),
        ("zhao", at("2026-11-25 12:00"), "li"),
        ("li", at("2026-11-30 09:00"), "wang"),
    ]


def test_who_is_alone_in_a_rota_follows_himself() -> None:
    alone = replace(WEEKLY, persons=(LI,))
    duty = on_duty(alone, at("2026-11-24 11:00"))
    assert (duty.person, duty.next) == (LI, "li")


def test_a_turn_changes_at_nine_also_on_the_day_the_clocks_change() -> None:
    """2026-10-25 has 25 hours in Berlin."""
    rota = replace(DAILY, zone=BERLIN, starts=date(2026, 10, 24))
    assert on_duty(rota, at("2026-10-25 08:59", BERLIN)).person == LI
    assert on_duty(rota, at("2026-10-25 08:59", BERLIN)).until == at("2026-10-25 09:00", BERLIN)
    assert on_duty(rota, at("2026-10-25 09:00", BERLIN)).person == WANG


NIGHT = Quiet(name="night", start=time(22), until=time(7), days=("fri", "sat"), zone=SHANGHAI)
LUNCH = Quiet(name="lunch", start=time(12), until=time(13, 30), days=DAYS[:5], zone=SHANGHAI)


@pytest.mark.parametrize(
    ("quiet", "now", "holds"),
    [
        (NIGHT, "2026-11-27 21:59:59", False),
        (NIGHT, "2026-11-27 22:00", True),  # Friday
        (NIGHT, "2026-11-28 06:59", True),
        (NIGHT, "2026-11-28 07:00", False),
        (NIGHT, "2026-11-29 06:00", True),  # Saturday's night ends on Sunday
        (NIGHT, "2026-11-29 22:00", False),
        (NIGHT, "2026-11-30 06:00", False),
        (LUNCH, "2026-11-27 12:00", True),
        (LUNCH, "2026-11-27 13:30", False),
        (LUNCH, "2026-11-28 12:30", False),
    ],
)
def test_quiet_hours_begin_on_their_days_and_end_the_next_morning(quiet: Quiet, now: str, holds: bool) -> None:
    assert quiet.holds(at(now)) is holds


def test_an_hour_forgets_what_was_told_an_hour_ago() -> None:
    assert within_hour((0, 1, 3_600_000), 3_600_000) == (1, 3_600_000)
