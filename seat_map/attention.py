"""Which seats somebody should look at now. In: columns, reasons, limits, the time. Out: `SeatFindings`, as arrays.

A row is judged only while its label can be believed: unknown, uncertain and stale rows are left out here, once, for
every kind. Arrays because 5,000 rows are judged each second. May not know: agents' names, queues, words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from seat_map.columns import DOUBT_CERTAINTIES, DOUBT_SHIFT, DOUBTS, SeatColumns, SeatFlag
from seat_map.limits import Limits
from seat_map.palette import SeatCode
from streams.vocabulary.ids import Millis
from streams.vocabulary.states import Certainty

Rows = npt.NDArray[np.intp]

NEVER_MS = 2**62
"""The limit of a state that has none: no age reaches it."""


class SeatKind(StrEnum):
    """Why a seat needs a look. The first six: so long in this state."""

    UNREACHABLE = "unreachable"
    OFFERED = "offered_long"
    HOLD = "hold_long"
    CONTACT = "contact_long"
    WRAP_UP = "wrap_up_long"
    NOT_READY = "not_ready_long"
    WRAP_UP_UNUSUAL = "wrap_up_unusual"
    """far beyond the queue's own mean, though below the limit"""
    MISSES = "misses"
    """offers not taken, one after the other"""


KIND_OF: Mapping[SeatCode, SeatKind] = MappingProxyType(
    {
        SeatCode.TROUBLE: SeatKind.UNREACHABLE,
        SeatCode.OFFERED: SeatKind.OFFERED,
        SeatCode.ON_HOLD: SeatKind.HOLD,
        SeatCode.ON_CONTACT: SeatKind.CONTACT,
        SeatCode.WRAP_UP: SeatKind.WRAP_UP,
        SeatCode.NOT_READY: SeatKind.NOT_READY,
    }
)


def _believed_flags() -> npt.NDArray[np.bool_]:
    """For each of the 256 values of a row's flags: may its label be judged?"""
    stale = {number for number, doubt in enumerate(DOUBTS) if DOUBT_CERTAINTIES[doubt] is Certainty.STALE}
    return np.array([not flags & SeatFlag.UNCERTAIN and flags >> DOUBT_SHIFT not in stale for flags in range(256)])


_BELIEVED_FLAGS = _believed_flags()


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatFindings:
    """One entry per row beyond a limit, in the order of rows. `at`: the moment it passed the limit it is judged by."""

    rows: Rows
    code: npt.NDArray[np.uint8]
    reason: npt.NDArray[np.uint16]
    red: npt.NDArray[np.bool_]
    """beyond the red limit too"""
    since: npt.NDArray[np.int64]
    at: npt.NDArray[np.int64]
    limit_ms: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """How much of the map is not known. `since`: the oldest loss among the unknown; None: nothing tells."""

    unknown: int
    stale: int
    since: Millis | None


def believed(columns: SeatColumns) -> npt.NDArray[np.bool_]:
    """Rows whose label somebody may act on. A contradictory one is among them: there somebody should look."""
    answer: npt.NDArray[np.bool_] = _BELIEVED_FLAGS[columns.flags] & (columns.code < SeatCode.UNKNOWN)
    return answer


def over_limits(
    columns: SeatColumns, reasons: Sequence[str], limits: Limits, now: Millis, among: npt.NDArray[np.bool_]
) -> SeatFindings:
    """Rows of `among` (a mask) that have been in their state for longer than its amber limit."""
    amber, red = _by_row(columns, reasons, limits)
    rows = np.flatnonzero(among & (now - columns.since >= amber))
    since = columns.since[rows]
    is_red = now - since >= red[rows]
    limit_ms = np.where(is_red, red[rows], amber[rows])
    return SeatFindings(
        rows=rows,
        code=columns.code[rows],
        reason=columns.reason[rows],
        red=is_red,
        since=since,
        at=since + limit_ms,
        limit_ms=limit_ms,
    )


def _by_row(
    columns: SeatColumns, reasons: Sequence[str], limits: Limits
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Amber and red of every row: by its code, for not ready by its reason where that has its own."""
    amber_of, red_of = np.full(len(SeatCode), NEVER_MS), np.full(len(SeatCode), NEVER_MS)
    for code in KIND_OF:
        if (limit := limits.by_code.get(code)) is not None:
            amber_of[code], red_of[code] = limit.amber_ms, limit.red_ms
    amber, red = amber_of[columns.code], red_of[columns.code]
    own = [number for number, text in enumerate(reasons) if text in limits.by_reason]
    if own:
        paused = columns.code == SeatCode.NOT_READY
        for number in own:
            rows, limit = paused & (columns.reason == number), limits.by_reason[reasons[number]]
            amber[rows], red[rows] = limit.amber_ms, limit.red_ms
    return amber, red


def long_in(
    columns: SeatColumns, code: SeatCode, least_ms: int, now: Millis, among: npt.NDArray[np.bool_], *, most: int
) -> Rows:
    """At most `most` rows of `among` that have been in `code` for `least_ms`, the longest first."""
    rows = np.flatnonzero(among & (columns.code == code) & (now - columns.since >= least_ms))
    return rows[np.argsort(columns.since[rows], kind="stable")][:most]


def stale_rows(columns: SeatColumns) -> Rows:
    """Rows that show a label as it was last heard."""
    return np.flatnonzero((columns.code < SeatCode.UNKNOWN) & ~_BELIEVED_FLAGS[columns.flags])


def silence(columns: SeatColumns, among: npt.NDArray[np.bool_]) -> Silence:
    """What of `among` is not believed: the reverse of `believed`, told as numbers."""
    unknown = among & (columns.code == SeatCode.UNKNOWN)
    shown = among & (columns.code < SeatCode.UNKNOWN)
    since = columns.since[unknown]
    since = since[since > 0]
    return Silence(
        unknown=int(np.count_nonzero(unknown)),
        stale=int(np.count_nonzero(shown & ~_BELIEVED_FLAGS[columns.flags])),
        since=Millis(int(since.min())) if len(since) else None,
    )
