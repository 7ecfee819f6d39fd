"""What a forecast remembers of a queue: a row of counts for each minute. In: `Counters`. Out: tables over stretches.

Rows hold only what a forecast asks for, so six hours of a queue are 50 KB. May not know: rates, formulas' meaning.
"""

from collections.abc import Mapping
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from streams.floor.numbers import Counters, ServiceLevelFormula
from streams.vocabulary.ids import Millis

MINUTE_MS = 60_000
KEPT_MINUTES = 6 * 60
Row = tuple[int, ...]


class Count(IntEnum):
    """Places in a row."""

    OFFERED = 0
    ANSWERED = 1
    IN_TARGET = 2
    ABANDONED = 3
    SHORT = 4
    OVERFLOWED = 5
    WAIT_MS = 6
    RING_MS = 7
    ENDED = 8
    HANDLE_MS = 9
    PART = 10
    """of the queue's own service level formula"""
    WHOLE = 11


def row_of(counters: Counters, formula: ServiceLevelFormula) -> Row:
    """Inbound only: outbound contacts wait for nobody."""
    level = formula.of(counters)
    return (
        counters.offered,
        counters.answered,
        counters.answered_in_target,
        counters.abandoned,
        counters.short_abandoned,
        counters.overflowed_timeout
        + counters.overflowed_key
        + counters.overflowed_empty
        + counters.overflowed_withdrawn,
        counters.wait_ms + counters.abandoned_wait_ms,
        counters.ring_ms,
        counters.ended,
        counters.talk_ms + counters.hold_ms + counters.wrap_up_ms,
        level.part,
        level.whole,
    )


EMPTY: Row = (0,) * len(Count)


class Minutes:
    """Mutable; one owner. Minutes nobody told of are empty, from the first one told on."""

    def __init__(self) -> None:
        self._rows: dict[int, Row] = {}
        self._first: int | None = None

    def take(self, told: Mapping[int, Counters], formula: ServiceLevelFormula, *, now: Millis, since: Millis) -> None:
        """The floor's own last hour, the running minute included; a correction of the past replaces what was known.

        `since`: when the floor began to count; minutes before it are not known, those after it without a row quiet.
        """
        this = now // MINUTE_MS
        begun = max(-(-since // MINUTE_MS), this - KEPT_MINUTES)
        known = min((one for one in told if one >= begun), default=this)
        self._first = min(self._first, known) if self._first is not None else known
        self._first = max(self._first, this - KEPT_MINUTES)
        self._rows |= {one: row_of(counters, formula) for one, counters in told.items() if one >= self._first}
        for old in [one for one in self._rows if one < self._first]:
            del self._rows[old]

    def known_since(self) -> Millis | None:
        return None if self._first is None else Millis(self._first * MINUTE_MS)

    def table(self, since: Millis, until: Millis) -> npt.NDArray[np.int64]:
        """One row for each minute of [since, until), quiet ones as zeros; minutes not known are left out."""
        first = since // MINUTE_MS if self._first is None else max(since // MINUTE_MS, self._first)
        rows = [self._rows.get(one, EMPTY) for one in range(first, -(-until // MINUTE_MS))]
        return np.array(rows, np.int64).reshape(len(rows), len(Count))
