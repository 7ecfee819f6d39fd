"""China's public holidays and the weekends worked for them (调休). In: a date. Out: holiday, make-up work day, neither.

From the State Council's yearly notices (2024-11-12 for 2025, 2025-11-04 for 2026). A year is announced each November;
until it stands here, its days are what the calendar says, and a schedule's own days_off and work_days add to it.
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from types import MappingProxyType

_OFF: Mapping[int, tuple[tuple[str, str], ...]] = MappingProxyType(
    {
        2025: (
            ("01-01", "01-01"),  # 元旦
            ("01-28", "02-04"),  # 春节
            ("04-04", "04-06"),  # 清明节
            ("05-01", "05-05"),  # 劳动节
            ("05-31", "06-02"),  # 端午节
            ("10-01", "10-08"),  # 国庆节、中秋节
        ),
        2026: (
            ("01-01", "01-03"),  # 元旦
            ("02-15", "02-23"),  # 春节
            ("04-04", "04-06"),  # 清明节
            ("05-01", "05-05"),  # 劳动节
            ("06-19", "06-21"),  # 端午节
            ("09-25", "09-27"),  # 中秋节
            ("10-01", "10-07"),  # 国庆节
        ),
    }
)
_WORKED: Mapping[int, tuple[str, ...]] = MappingProxyType(
    {
        2025: ("01-26", "02-08", "04-27", "09-28", "10-11"),
        2026: ("01-04", "02-14", "02-28", "05-09", "09-20", "10-10"),
    }
)
KNOWN_YEARS = tuple(sorted(_OFF))


def _days(year: int, spans: tuple[tuple[str, str], ...]) -> Iterator[date]:
    for first, last in spans:
        day, end = (date.fromisoformat(f"{year}-{one}") for one in (first, last))
        yield from (day + timedelta(days=number) for number in range((end - day).days + 1))


HOLIDAYS: frozenset[date] = frozenset(day for year, spans in _OFF.items() for day in _days(year, spans))
MAKE_UP_DAYS: frozenset[date] = frozenset(
    date.fromisoformat(f"{year}-{day}") for year, days in _WORKED.items() for day in days
)
"""Saturdays and Sundays on which the country works."""
