"""Default alert rules on simulated days: how often they speak when nothing is wrong, how soon when a third is missing.

In: seeds of its own; the rules' parameters were chosen on others. Out: one JSON object. Every look goes through
`alerts.board.consider`, at the coarsest cadence its timers believe; beside ours the rule that most products have.
"""

import os
import random
import statistics
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from multiprocessing import get_context

from alerts.defaults import WAIT_RULE, default_rules
from alerts.metric import ScopeKind
from alerts.parse import parse_rules
from alerts.rules import Rule, Severity, ThresholdRule
from alerts.scopes import scope_kind
from tests.bench._report import Json, machine, tell
from tests.sim_alerts import Alert, Stretch, alerts, darkness, detection_minutes, pages_live, told_after_s, too_long
from tests.sim_centre import Centre, Day, Incident, simulated

DAYS = int(os.environ.get("BENCH_ALERT_DAYS", "60"))
"""normal ones, and as many with an incident, for each volume"""
FEW = max(1, DAYS // 3)
"""for questions beside the main one"""
VOLUMES = (40, 200, 800)
NORMAL, INCIDENTS, SWINGING = 21_000, 22_000, 23_000
"""First seeds. Parameters were chosen on 100,000 and 300,000 and above; nothing was changed after these were seen."""
SWING = 0.1
SWING_GOAL = {40: 0.88, 200: 0.89, 800: 0.93}
"""more agents, so that the mean service level is that of the other days"""
CHECKED = max(1, DAYS // 12)
"""normal days at 200 an hour that are looked at every second, too"""
DARK_AFTER_MS, DARK_MS = 20 * 60_000, 20 * 60_000
LONG_WAIT_MS = 120_000
"""wait alerts are due within it"""
CHUNK = 5

NAIVE = """
[[rule]]
kind = "service_level"
name = "naive"
severity = "critical"
window_minutes = 15
fire_below = 80
hold_s = 300
keep_firing_s = 0
min_sample = 1
"""


@dataclass(slots=True)
class Tally:
    """What some days added up to."""

    days: int = 0
    service_level: float = 0.0
    pages: int = 0
    notes: int = 0
    naive: int = 0
    coarse: int = 0
    """pages at this bench's cadence, of days that were looked at every second too"""
    by_rule: dict[str, int] = field(default_factory=dict)
    detected: list[float | None] = field(default_factory=list)
    """minutes, an incident each"""
    with_plan: list[float | None] = field(default_factory=list)
    naive_detected: list[float | None] = field(default_factory=list)
    waits: list[float | None] = field(default_factory=list)
    """seconds until told, each stretch in which somebody waited too long by LONG_WAIT_MS or more"""
    dark_firing: int = 0
    dark_resolved: int = 0
    silences: list[float | None] = field(default_factory=list)

    def __add__(self, other: "Tally") -> "Tally":
        rules = self.by_rule.keys() | other.by_rule.keys()
        return Tally(
            **{name: getattr(self, name) + getattr(other, name) for name in self.__slots__ if name != "by_rule"},
            by_rule={rule: self.by_rule.get(rule, 0) + other.by_rule.get(rule, 0) for rule in sorted(rules)},
        )


@cache
def rules() -> tuple[Rule, ...]:
    """Those about queues and sources; of agents, recordings and disks a simulated queue tells nothing."""
    return tuple(
        rule
        for rule in default_rules(channels=("duty",))
        if not isinstance(rule, ThresholdRule) or scope_kind(rule) is ScopeKind.QUEUE
    )


@cache
def naive() -> Rule:
    (rule, _) = parse_rules(NAIVE, file="naive.toml", channels=("duty",))
    return rule


def both(day: Day) -> tuple[list[Alert], list[Alert]]:
    """Of the default rules, and of the naive one."""
    told = alerts(day, (*rules(), naive()))
    return [one for one in told if one.rule != naive().name], [one for one in told if one.rule == naive().name]


def normal(centre: Centre, seed: int) -> Tally:
    day = simulated(centre, seed)
    told, theirs = both(day)
    tally = Tally(days=1, service_level=day.service_level, naive=len(theirs), waits=_waits(day, told))
    for one in told:
        tally.pages += _is_page(one)
        tally.notes += one.severity is Severity.WARNING
        tally.by_rule[one.rule] = tally.by_rule.get(one.rule, 0) + 1
    return tally


def incident(per_hour: int, seed: int) -> Tally:
    """Runs of their own: with the roster as plan (of a few days); with a switch that goes dark in the middle of it."""
    at = 60_000 * random.Random(seed).randrange(60, 630)
    day = simulated(Centre(per_hour=per_hour), seed, Incident(at=at))
    told, theirs = both(day)
    tally = Tally(days=1, waits=_waits(day, told), detected=[detection_minutes(day, told)])
    tally.naive_detected.append(detection_minutes(day, theirs))
    if seed < INCIDENTS + FEW:
        tally.with_plan.append(detection_minutes(day, alerts(day, rules(), planned=True)))
    dark = darkness(day, rules(), Stretch(at + DARK_AFTER_MS, at + DARK_AFTER_MS + DARK_MS))
    tally.dark_firing, tally.dark_resolved = dark.in_progress, dark.resolved
    tally.silences.append(dark.silence_told_s)
    return tally


def every_second(seed: int) -> Tally:
    """The same day through the product's own floor at the live cadence, and at this bench's."""
    day = simulated(Centre(per_hour=200), seed)
    return Tally(days=1, pages=pages_live(day, rules()), coarse=sum(_is_page(one) for one in alerts(day, rules())))


def _is_page(one: Alert) -> bool:
    return one.severity is Severity.CRITICAL


def _waits(day: Day, told: Sequence[Alert]) -> list[float | None]:
    rule = next(rule for rule in rules() if rule.name == WAIT_RULE)
    assert isinstance(rule, ThresholdRule)
    about = [one for one in told if one.rule == WAIT_RULE]
    passed = too_long(day, int(rule.conditions[0].fire))
    return [told_after_s(one, about) for one in passed if one.until - one.since >= LONG_WAIT_MS]


# --- all of it -------------------------------------------------------------------------------------------------------

Job = tuple[str, int, tuple[int, ...]]
"""(kind, contacts an hour, seeds)"""


def done(job: Job) -> tuple[str, int, Tally]:
    kind, per_hour, seeds = job
    tally = Tally()
    for seed in seeds:
        match kind:
            case "second":
                tally += every_second(seed)
            case "incident":
                tally += incident(per_hour, seed)
            case "swing":
                tally += normal(Centre(per_hour=per_hour, swing=SWING, goal=SWING_GOAL[per_hour]), seed)
            case _:
                tally += normal(Centre(per_hour=per_hour), seed)
    return kind, per_hour, tally


def jobs(days: int, few: int) -> list[Job]:
    asked = (("normal", NORMAL, days), ("incident", INCIDENTS, days), ("swing", SWINGING, few))
    seconds: list[Job] = [("second", 200, (NORMAL + number,)) for number in range(CHECKED)]
    return seconds + [
        (kind, per_hour, tuple(range(first + begun, first + min(begun + CHUNK, many))))
        for kind, first, many in asked
        for per_hour in reversed(VOLUMES)
        for begun in range(0, many, CHUNK)
    ]


def summed(results: Iterable[tuple[str, int, Tally]]) -> dict[tuple[str, int], Tally]:
    found: dict[tuple[str, int], Tally] = {}
    for kind, per_hour, tally in results:
        found[kind, per_hour] = found.get((kind, per_hour), Tally()) + tally
    return found


def told_of(found: Mapping[tuple[str, int], Tally]) -> dict[str, Json]:
    """The worst volume stands for all; the detection is that of 200 contacts an hour."""
    calm = {per_hour: found["normal", per_hour] for per_hour in VOLUMES}
    result: dict[str, Json] = {
        "machine": machine(),
        "pages_per_queue_day": max(one.pages / one.days for one in calm.values()),
        "notes_per_queue_day": max(one.notes / one.days for one in calm.values()),
        "median_detection_minutes": _median(found["incident", 200].detected),
    }
    for per_hour in VOLUMES:
        result[f"contacts_per_hour_{per_hour}"] = _volume(
            calm[per_hour], found["incident", per_hour], found["swing", per_hour]
        )
    fine = found["second", 200]
    result["looked_at_every_second"] = {"days": fine.days, "pages": fine.pages, "pages_of_this_bench": fine.coarse}
    every = [one for (kind, _), one in found.items() if kind == "incident"]
    result["dark_for_20_minutes"] = {
        "alerts_in_progress": sum(one.dark_firing for one in every),
        "resolved": sum(one.dark_resolved for one in every),
        "silence_told_within_s": max((s for one in every for s in one.silences if s is not None), default=None),
        "silence_not_told": sum(s is None for one in every for s in one.silences),
    }
    return result


def _volume(calm: Tally, bad: Tally, swinging: Tally) -> dict[str, Json]:
    waits = [*calm.waits, *bad.waits]
    told = [one for one in waits if one is not None]
    return {
        "normal_days": calm.days,
        "incident_days": bad.days,
        "service_level_percent": 100 * calm.service_level / calm.days,
        "pages_per_day": calm.pages / calm.days,
        "notes_per_day": calm.notes / calm.days,
        "naive_pages_per_day": calm.naive / calm.days,
        "by_rule_per_day": {rule: many / calm.days for rule, many in calm.by_rule.items()},
        "detection_minutes_median": _median(bad.detected),
        "detected": sum(one is not None for one in bad.detected),
        "with_plan_detection_minutes_median": _median(bad.with_plan),
        "with_plan_incidents": len(bad.with_plan),
        "with_plan_detected": sum(one is not None for one in bad.with_plan),
        "naive_detection_minutes_median": _median(bad.naive_detected),
        "naive_detected": sum(one is not None for one in bad.naive_detected),
        "long_waits": len(waits),
        "long_waits_not_told": len(waits) - len(told),
        "long_wait_told_after_s_median": statistics.median(told) if told else None,
        "long_wait_told_after_s_most": max(told, default=None),
        "arrivals_swing_10_percent": {
            "service_level_percent": 100 * swinging.service_level / swinging.days,
            "pages_per_day": swinging.pages / swinging.days,
            "notes_per_day": swinging.notes / swinging.days,
            "naive_pages_per_day": swinging.naive / swinging.days,
        },
    }


def _median(minutes: Sequence[float | None]) -> float | None:
    """What was never told counts as later than anything; None: that is the median."""
    middle = statistics.median(float("inf") if one is None else one for one in minutes)
    return None if middle == float("inf") else middle


def measure() -> Mapping[str, Json]:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as processes:
        return told_of(summed(processes.map(done, jobs(DAYS, FEW))))


if __name__ == "__main__":
    tell("alerts", measure)
