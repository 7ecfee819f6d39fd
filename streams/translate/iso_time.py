"""Moments as other systems write them. In: text or numbers. Out: Millis, or None where it is no moment.

May not know: clocks, time zones by name; a text without an offset is refused, not guessed.
"""

import re
from datetime import date
from typing import Final

from streams.vocabulary.ids import Millis

_ISO: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,:](\d{1,9}))?(?:(Z)|([+-])(\d\d):?(\d\d))", re.ASCII
)
_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()
_DAY_S: Final = 86_400


def iso_millis(text: str) -> Millis | None:
    """`2026-11-22T01:02:03.456Z`, also with +08:00 or +0000; `:456` stands in old manuals of Amazon's."""
    found = _ISO.fullmatch(text) if len(text) < 64 else None
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(found[one]) for one in range(1, 7))
    if hour > 23 or minute > 59 or second > 60:
        return None
    try:
        days = date(year, month, day).toordinal() - _EPOCH_DAY
    except ValueError:
        return None
    offset_s = 0
    if found[9] is not None:
        offset_s = (int(found[10]) * 3600 + int(found[11]) * 60) * (1 if found[9] == "+" else -1)
    fraction_ms = int((found[7] or "0").ljust(3, "0")[:3])
    return Millis((days * _DAY_S + hour * 3600 + minute * 60 + second - offset_s) * 1000 + fraction_ms)
