"""When a rule watches: hours, weekdays, China's holidays and the weekends worked for them, little traffic."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from alerts.evaluate import Notice, State
from alerts.holidays import HOLIDAYS, KNOWN_YEARS, MAKE_UP_DAYS
from alerts.schedule import Schedule, SuppressedReason
from streams.floor.numbers import Counters
from streams.vocabulary.ids import Millis
from tests.alerts_moment import SHANGHAI, agent, beside, kept, look, moment, queue, rule

WEEK = frozenset(range(5))
OFFICE = Schedule(name="office", weekdays=WEEK, hours=((480, 720), (810, 1200)), china=True)
NIGHT = Schedule(name="night", weekdays=WEEK, hours=((1320, 360),), china=True)
OUT, HOLIDAY = SuppressedReason.OUT_OF_HOURS, SuppressedReason.HOLIDAY


def at(text: str, zone: ZoneInfo = SHANGHAI) -> Millis:
    return Millis(round(1000 * datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()))


@pytest.mark.parametrize(
    ("schedule", "moment", "why"),
    [
        (OFFICE, "2026-11-23 07:59", OUT),  # a Monday
        (OFFICE, "2026-11-23 08:00", None),
        (OFFICE, "2026-11-23 12:00", OUT),  # [08:00, 12:00)
        (OFFICE, "2026-11-23 13:30", None),
        (OFFICE, "2026-11-22 10:00", OUT),  # a Sunday
        (OFFICE, "2026-10-05 10:00", HOLIDAY),  # a Monday of 国庆
        (OFFICE, "2026-10-05 07:00", OUT),  # before its hours it is no matter which day it is
        (OFFICE, "2026-10-10 10:00", None),  # a Saturday worked for it
        (OFFICE, "2026-02-14 10:00", None),
        (OFFICE, "2026-02-23 10:00", HOLIDAY),
        (OFFICE, "2026-02-24 10:00", None),
        (NIGHT, "2026-11-27 23:00", None),  # a Friday night …
        (NIGHT, "2026-11-28 05:59", None),  # … lasts into Saturday
        (NIGHT, "2026-11-28 23:00", OUT),
        (NIGHT, "2026-11-30 05:00", OUT),  # Sunday's night is not watched, Monday's begins in the evening
        (NIGHT, "2026-10-08 02:00", HOLIDAY),  # the night of the last holiday
    ],
)
def test_a_schedule_watches_in_its_hours(schedule: Schedule, moment: str, why: SuppressedReason | None) -> None:
    assert schedule.watching(at(moment), SHANGHAI) is why


@pytest.mark.parametrize(
    ("changed", "moment", "why"),
    [
        ({"days_off": frozenset({date(2026, 11, 23)})}, "2026-11-23 10:00", HOLIDAY),
        ({"work_days": frozenset({date(2026, 11, 22)})}, "2026-11-22 10:00", None),
        ({"work_days": frozenset({date(2026, 10, 5)})}, "2026-10-05 10:00", None),
        ({"days_off": frozenset({date(2026, 10, 10)})}, "2026-10-10 10:00", HOLIDAY),
        ({"china": False}, "2026-10-05 10:00", None),
        ({"china": False}, "2026-10-10 10:00", OUT),
        ({"weekdays": frozenset({5, 6})}, "2026-10-10 10:00", OUT),  # a Saturday that is a work day is no weekend
    ],
)
def test_days_of_the_centre_win_over_the_country(
    changed: dict[str, object], moment: str, why: SuppressedReason | None
) -> None:
    fields = {name: getattr(OFFICE, name) for name in OFFICE.__dataclass_fields__} | changed
    assert Schedule(**fields).watching(at(moment), SHANGHAI) is why


def test_hours_are_the_sites_own() -> None:
    """08:00 in Shanghai is 00:00 UTC; over the change of the clock in Berlin it stays 08:00."""
    berlin = ZoneInfo("Europe/Berlin")
    assert OFFICE.watching(at("2026-11-23 08:00"), ZoneInfo("UTC")) is OUT
    assert [OFFICE.watching(at(f"2026-{day} 08:00", berlin), berlin) for day in ("03-27", "03-30")] == [None, None]


def test_the_calendar_is_the_state_councils() -> None:
    """2025: 28 days off, 5 worked for them; 2026: 33 and 6. All worked ones are weekends."""
    years = [(sum(day.year == year for day in days)) for year in KNOWN_YEARS for days in (HOLIDAYS, MAKE_UP_DAYS)]
    assert years == [28, 5, 33, 6]
    assert {day.weekday() for day in MAKE_UP_DAYS} == {5, 6}
    assert not HOLIDAYS & MAKE_UP_DAYS


# --- a rule that does not watch --------------------------------------------------------------------------------------

HOURS = '[schedule.day]\nhours = ["08:00-20:00"]\n'
WAIT = rule(
    f'{HOURS}[[rule]]\nkind = "threshold"\nname = "r"\nmetric = "longest_wait"\nfire = 120\nhold_s = 10\n'
    'keep_firing_s = 10\nschedule = "day"\n'
)
EVENING = at("2026-11-23 19:59:55")
BAD, GOOD = 130_000, 5_000


def test_out_of_hours_nothing_fires_resolves_or_ripens() -> None:
    """5 s of the 10 s of hold, then a night, then 5 s more: it fires at 08:00:05, not before."""
    steps = [(0, BAD), (4, BAD), (5, BAD), (600, BAD)]
    morning = (at("2026-11-24 08:00:00") - EVENING) // 1000
    notices, watches = [], {}
    for second, wait in [*steps, (morning, BAD), (morning + 5, BAD), (morning + 6, BAD)]:
        changes = look(WAIT, moment(queue(longest_wait_ms=wait), at=EVENING + 1000 * second), watches)
        watches = kept(changes)
        notices.append(changes["queue:sales"].notice)
    assert notices == [
        *(Notice.FIRST_BREACH, Notice.HELD, Notice.SUPPRESSED, Notice.SUPPRESSED),
        *(Notice.HELD, Notice.HELD, Notice.FIRED),
    ]


def test_a_firing_alert_is_kept_over_the_night() -> None:
    """It resolves by what is seen in the morning."""
    watches = {}
    for second in (-60, -50):
        watches = kept(look(WAIT, moment(queue(longest_wait_ms=BAD), at=EVENING + 1000 * second), watches))
    night = look(WAIT, moment(queue(longest_wait_ms=GOOD), at=at("2026-11-23 23:00")), watches)
    assert (night["queue:sales"].watch.state, night["queue:sales"].watch.resting) == (State.SUPPRESSED, State.FIRING)
    assert night["queue:sales"].watch.why == OUT
    notices, watches = [], kept(night)
    for second in (0, 10):
        seen = moment(queue(longest_wait_ms=GOOD), at=at("2026-11-24 08:00") + 1000 * second)
        changes = look(WAIT, seen, watches)
        notices, watches = [*notices, changes["queue:sales"].notice], kept(changes)
    assert notices == [Notice.RECOVERING, Notice.RESOLVED]


def test_out_of_hours_no_agents_alert_begins_and_those_in_progress_wait() -> None:
    text = 'metric = "state_time"\nstate = "not_ready"\nfire = "45m"\nschedule = "day"\n'
    one = rule(f'{HOURS}[[rule]]\nkind = "threshold"\nname = "r"\n{text}')
    day, night = at("2026-11-23 19:59"), at("2026-11-23 20:00")
    fired = look(one, moment(told=beside(at=day, agents=[agent("1", "not_ready", minutes=50, at=day)]), at=day))
    agents = [agent("1", at=night), agent("2", "not_ready", minutes=90, at=night)]
    later = look(one, moment(told=beside(at=night, agents=agents), at=night), kept(fired))
    assert {scope: change.notice for scope, change in later.items()} == {"agent:1": Notice.SUPPRESSED}


USUAL = 'kind = "burn"\ntraffic_from = 100\n'
QUIET = 'metric = "longest_wait"\nfire = 120\nhold_s = 0\ntraffic_below = 100\n'


@pytest.mark.parametrize(
    ("offered", "states", "why"),
    [
        (99, ("suppressed", "firing"), "little_traffic"),
        (100, ("firing", "suppressed"), "enough_traffic"),
    ],
)
def test_of_two_variants_one_watches(offered: int, states: tuple[str, str], why: str) -> None:
    """Contacts of the last hour decide, queue by queue."""
    bad = Counters(offered=offered, answered=offered, answered_in_target=offered // 3)
    seen = moment(queue(window=bad, longest_wait_ms=150_000))
    watches = [look(rule(text), seen)["queue:sales"].watch for text in (USUAL, QUIET)]
    assert tuple(watch.state for watch in watches) == states
    assert [watch.why for watch in watches if watch.why] == [why]


def test_an_alert_that_fires_is_watched_to_its_end_whatever_the_traffic() -> None:
    """At closing time the contacts go: nobody waits, so it ends, and only then its rule stops watching."""
    usual = rule(USUAL + "keep_firing_s = 0\n")
    bad = Counters(offered=200, answered=200, answered_in_target=60)
    fired = look(usual, moment(queue(window=bad)))
    still_waiting = moment(queue(window=Counters(offered=9), waiting=3, longest_wait_ms=300_000))
    nobody = moment(queue(window=Counters(offered=9)))
    assert look(usual, still_waiting, kept(fired))["queue:sales"].notice is Notice.STILL_FIRING
    over = look(usual, nobody, kept(fired))
    assert over["queue:sales"].notice is Notice.RESOLVED
    assert look(usual, nobody, kept(over))["queue:sales"].notice is Notice.SUPPRESSED


def test_how_much_traffic_there_is_is_not_known_of_a_lost_source() -> None:
    """Then neither variant is suppressed: both know nothing."""
    seen = moment(queue(window=Counters(), certain=False))
    watches = [look(rule(text), seen)["queue:sales"].watch for text in (USUAL, QUIET)]
    assert [watch.state for watch in watches] == [State.NO_DATA, State.NO_DATA]
