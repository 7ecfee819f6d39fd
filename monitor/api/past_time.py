"""Moments and days of a site as people write them. In: text, a time zone. Out: epoch ms, local days.

Pure. A local time that a change of the clock makes ambiguous may carry its offset (`+08:00`, `Z`).
"""

import re
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from streams.vocabulary.ids import Millis

EARLIEST: Final = Millis(1_262_304_000_000)
"""2010: what lies before is a slip of the pen."""
LATEST: Final = Millis(4_102_444_800_000)
AGO = re.compile(r"-([0-9]{1,9})")
EPOCH = re.compile(r"[0-9]{12,13}")


class AtFault(ValueError):
    """A moment that cannot be read; the text says how to write one."""


HOW: Final = "write 2026-11-21T10:03:20 (the site's time), epoch milliseconds, or -300 for five minutes ago"


def read_at(text: str, *, zone: ZoneInfo, now: Millis) -> Millis:
    """Raises AtFault."""
    text = text.strip()
    if found := AGO.fullmatch(text):
        at = now - int(found[1]) * 1000
    elif EPOCH.fullmatch(text):
        at = int(text)
    else:
        try:
            read = datetime.fromisoformat(text.replace(" ", "T", 1) if "T" not in text else text)
            at = round((read if read.tzinfo else read.replace(tzinfo=zone)).timestamp() * 1000)
        except (ValueError, OverflowError) as error:
            raise AtFault(f"{text[:40]!r} is no moment: {HOW}") from error
    if not EARLIEST <= at < LATEST:
        raise AtFault(f"{text[:40]!r} is not between 2010 and 2100: {HOW}")
    return Millis(at)


def day_of(at: Millis, zone: ZoneInfo) -> tuple[Millis, Millis]:
    """The local day that holds `at`, half-open; 23 or 25 hours long where the clock is changed."""
    return day_span(datetime.fromtimestamp(at / 1000, zone).date(), zone)


def day_span(day: date, zone: ZoneInfo) -> tuple[Millis, Millis]:
    return _midnight(day, zone), _midnight(day + timedelta(days=1), zone)


def _midnight(day: date, zone: ZoneInfo) -> Millis:
    return Millis(round(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp() * 1000))


def read_day(text: str, *, zone: ZoneInfo, now: Millis) -> date:
    """`2026-11-21`; "" is today. Raises AtFault."""
    if not text:
        return datetime.fromtimestamp(now / 1000, zone).date()
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise AtFault(f"{text[:40]!r} is no day: write 2026-11-21") from error
    if not 2010 <= day.year < 2100:
        raise AtFault(f"{text[:40]!r} is not between 2010 and 2100: write 2026-11-21")
    return day


def local_text(at: Millis, zone: ZoneInfo) -> str:
    """2026-11-21T10:03:20, as `read_at` takes it."""
    return datetime.fromtimestamp(at // 1000, zone).replace(tzinfo=None).isoformat(timespec="seconds")
