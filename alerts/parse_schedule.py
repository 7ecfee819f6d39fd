"""Schedules from TOML. In: a table holding [schedule.NAME]. Out: `Schedule` by name; faults in the table's list.

May not know: rules, what time it is.
"""

import re
from collections.abc import Mapping
from datetime import date

from alerts.schedule import DAY_MINUTES, WEEKDAYS, Schedule
from streams.toml_table import Table, suggest

_SPAN = re.compile(r"([01]\d|2[0-4]):([0-5]\d)\s*-\s*([01]\d|2[0-4]):([0-5]\d)")
CALENDARS = ("none", "china")


def read_schedules(table: Table) -> Mapping[str, Schedule]:
    schedules = {}
    for name, entry in table.named_tables("schedule").items():
        schedules[name] = read_schedule(name, entry)
        entry.close()
    return schedules


def read_schedule(name: str, entry: Table) -> Schedule:
    """The days and hours in `entry`; it may hold other keys too."""
    days_off, work_days = _days(entry, "days_off"), _days(entry, "work_days")
    for day in sorted(days_off & work_days):
        entry.fault("work_days", f"{day} is in days_off too", "take it out of one of them")
    return Schedule(
        name=name,
        weekdays=_weekdays(entry),
        hours=_hours(entry),
        china=entry.choice("holidays", CALENDARS, default="none") == "china",
        days_off=days_off,
        work_days=work_days,
    )


def _weekdays(entry: Table) -> frozenset[int]:
    names = entry.texts("weekdays", default=WEEKDAYS)
    if not names:
        entry.fault("weekdays", "an empty list never watches", 'write weekdays = ["mon", …], or leave the key out')
    for name in names:
        if name not in WEEKDAYS:
            entry.fault("weekdays", f"unknown day {name!r}", suggest(name, WEEKDAYS))
    return frozenset(WEEKDAYS.index(name) for name in names if name in WEEKDAYS)


def _hours(entry: Table) -> tuple[tuple[int, int], ...]:
    spans = []
    for text in entry.texts("hours", default=()):
        found = _SPAN.fullmatch(text.strip())
        if found is None:
            entry.fault("hours", f"{text!r} is no span of hours", 'write hours = ["08:00-20:00"]; 24:00 ends a day')
            continue
        first_hour, first_minute, last_hour, last_minute = map(int, found.groups())
        start, end = 60 * first_hour + first_minute, 60 * last_hour + last_minute
        if start >= DAY_MINUTES or end > DAY_MINUTES or start == end:
            mend = "begin before 24:00, end by 24:00, not where it began"
            entry.fault("hours", f"{text!r} is no span within a day", mend)
            continue
        spans.append((start, end))
    if entry.has("hours") and not spans and not entry.faults:
        entry.fault("hours", "an empty list never watches", "name hours, or leave the key out for the whole day")
    return tuple(spans)


def _days(entry: Table, key: str) -> frozenset[date]:
    days = set()
    for text in entry.texts(key, default=()):
        try:
            days.add(date.fromisoformat(text))
        except ValueError:
            entry.fault(key, f"{text!r} is no date", f'write {key} = ["2026-12-24"], year-month-day in quotes')
    return frozenset(days)
