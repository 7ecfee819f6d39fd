"""What the plan's routes take and answer. In: nothing. Out: types the API's description is made from.

May not know: requests, how plans are kept.
"""

from collections.abc import Mapping, Sequence

import msgspec

from monitor.plan_store import Damaged, Pin, PinLine, PlanVersion
from seat_map.plan_diff import PlanChanges
from seat_map.plan_faults import PlanFault
from seat_map.plan_words import PlanDoc


class FaultRow(msgspec.Struct, frozen=True, kw_only=True):
    """`kind` and `told` are for a page's own words, `fault` and `mend` say the same in English."""

    kind: str
    place: str
    line: int
    told: Mapping[str, str]
    fault: str
    mend: str
    seat: str = ""
    floor: int | None = None
    x: float | None = None
    y: float | None = None


class PlanAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The plan as it stands. `faults`: of the configured plan file, whose sound part is shown."""

    site: str
    version: PlanVersion
    versions: list[PlanVersion]
    damaged: list[Damaged]
    faults: list[FaultRow]
    more: int
    pins: list[Pin]
    plan: PlanDoc


class VersionAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """`changes` against version `against`."""

    version: PlanVersion
    against: int | None
    changes: PlanChanges | None
    plan: PlanDoc


class CheckAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Of a plan sent or imported: all that is wrong, and what the sound part would change. `plan`: that part."""

    faults: list[FaultRow]
    more: int
    seats: int
    changes: PlanChanges
    plan: PlanDoc | None = None


class PlanFaultAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing was changed."""

    reason: str
    detail: str = ""
    latest: PlanVersion | None = None
    """`newer_version`: who published what in between"""
    changes: PlanChanges | None = None
    faults: list[FaultRow] = []
    more: int = 0


class PinAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What was done; `before` put back undoes it."""

    done: PinLine
    pins: list[Pin]


class Publish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Either `plan`, or `version`: an older one published anew."""

    base_version: int
    note: str = ""
    plan: PlanDoc | None = None
    version: int | None = None


class PinAsked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    agent: str


def fault_rows(faults: Sequence[PlanFault]) -> list[FaultRow]:
    return [_row(fault) for fault in faults]


def _row(one: PlanFault) -> FaultRow:
    spot = one.spot
    return FaultRow(
        kind=one.kind, place=one.place, line=one.line, told=one.told, fault=one.fault, mend=one.mend, seat=one.seat,
        floor=None if spot is None else spot.floor,
        x=None if spot is None else spot.x, y=None if spot is None else spot.y,
    )  # fmt: skip
