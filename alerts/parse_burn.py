"""A burn-rate rule from TOML. In: its Table. Out: BurnRule; faults in the table's list.

The defaults are the two tiers of docs/alerts.md: a fast page, and a note that the day is at risk. May not know: how it
is measured.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from alerts.bounds import Z_OF
from alerts.parse_fields import (
    Known,
    read_channels,
    read_label,
    read_name,
    read_own,
    read_queues,
    read_schedule_of,
    read_severity,
    read_timing,
    read_traffic,
    read_window,
)
from alerts.rules import BurnRule, Severity
from streams.floor.numbers import DEFAULT_FORMULA, FORMULAS
from streams.toml_table import Table

_HIGHEST_TARGET = 99.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    severity: Severity
    factor: float
    long_minutes: int
    min_sample: int
    bound_below: float
    day_below_target: bool


TIERS: Mapping[str, Tier] = MappingProxyType(
    {
        "fast_page": Tier(
            severity=Severity.CRITICAL,
            factor=2.5,
            long_minutes=20,
            min_sample=15,
            bound_below=75,
            day_below_target=False,
        ),
        "day_at_risk": Tier(
            severity=Severity.WARNING,
            factor=2.0,
            long_minutes=30,
            min_sample=20,
            bound_below=80,
            day_below_target=True,
        ),
    }
)


def read_burn(entry: Table, known: Known) -> BurnRule:
    tier = TIERS[entry.choice("tier", TIERS, default="fast_page")]
    long_minutes = read_window(entry, "long_minutes", tier.long_minutes)
    short_minutes = read_window(entry, "short_minutes", 5)
    if short_minutes >= long_minutes:
        mend = "the long window proves that it matters, the short one that it still goes on; make it shorter"
        place = "short_minutes" if entry.has("short_minutes") else "long_minutes"
        entry.fault(place, f"short_minutes = {short_minutes} is not below long_minutes = {long_minutes}", mend)
    target = entry.number("target", low=1, high=_HIGHEST_TARGET, default=85)
    factor = entry.number("factor", low=0.1, high=1000, default=tier.factor)
    target_by = read_own(entry, "target_by", "queue", known.queues, high=_HIGHEST_TARGET)
    _can_burn(entry, factor, target, target_by)
    return BurnRule(
        name=read_name(entry),
        label=read_label(entry),
        severity=read_severity(entry, tier.severity),
        channels=read_channels(entry, known.channels),
        timing=read_timing(entry, hold_s=0, keep_firing_s=1800),
        queues=read_queues(entry, known.queues),
        formula=entry.choice("formula", FORMULAS, default=DEFAULT_FORMULA),
        target=target,
        target_by=target_by,
        factor=factor,
        long_minutes=long_minutes,
        short_minutes=short_minutes,
        min_sample=entry.integer("min_sample", low=1, high=1_000_000, default=tier.min_sample),
        bound_below=entry.number("bound_below", low=0, high=100, default=tier.bound_below),
        z=read_z(entry),
        day_below_target=entry.flag("day_below_target", default=tier.day_below_target),
        schedule=read_schedule_of(entry, known.schedules),
        traffic=read_traffic(entry),
    )


def read_z(entry: Table) -> float:
    confidence = entry.integer("confidence", low=1, high=99, default=95)
    if confidence not in Z_OF:
        choices = ", ".join(map(str, Z_OF))
        entry.fault("confidence", f"{confidence} % is not offered", f"choose one of {choices}")
        return Z_OF[95]
    return Z_OF[confidence]


def _can_burn(entry: Table, factor: float, target: float, target_by: Mapping[str, float]) -> None:
    """Nobody answered at all burns 100 / (100 - target) times: more never happens."""
    place = "factor" if entry.has("factor") or not entry.has("target") else "target"
    for queue, one in (("", target), *target_by.items()):
        if not 0 < one <= _HIGHEST_TARGET:
            entry.fault("target_by", f"a target of {one:g} for {queue!r} is out of range", "write 1 to 99.9")
        elif factor * (100 - one) >= 100:
            most = 100 / (100 - one)
            whose = f" of {queue}" if queue else ""
            message = f"a target of {one:g} %{whose} burns at most {most:.2f} times, so {factor:g} never fires"
            entry.fault(place if not queue else "target_by", message, f"write a factor below {most:.2f}")
