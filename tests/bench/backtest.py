"""A back-test of alert rules over a stored month: 200 contacts an hour, open twelve hours a day, in an embedded store.

In: `BENCH_BACKTEST_DAYS` (30). Out: seconds for one rule and for the rules Floorwatch comes with, the longest step
(what others may wait for), memory. `seconds` by the clock, `cpu_seconds` with the
store's own threads; docs/alert-backtest.md has a table.
"""

import os
import resource
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from alerts.defaults import DEFAULT_RULES
from alerts.parse import parse_rules
from alerts.rules import Rule
from monitor.alert_backtest import AlertBacktestWork
from monitor.alert_backtest_found import BacktestRange
from monitor.api.past_time import day_of
from monitor.past_desk import PastSite
from monitor.wiring_floor import day_began
from streams.floor.fold import Floor
from streams.vocabulary.ids import Millis
from streams.warehouse.engine import Warehouse
from streams.warehouse.migrate import migrate
from streams.warehouse.opening import open_warehouse
from streams.warehouse.rows import event_columns
from tests.bench._report import Json, machine, tell
from tests.centre_month import DAY_MS, FIRST, month
from tests.sim_numbers import SITE

DAYS = int(os.environ.get("BENCH_BACKTEST_DAYS", "30"))
ZONE = ZoneInfo("Asia/Shanghai")
LEVEL = """
[[rule]]
kind = "service_level"
name = "sl"
fire_below = 80
clear_above = 85
"""
LATER = Millis(FIRST + (DAYS + 1) * DAY_MS)


def measure() -> Mapping[str, Json]:
    with tempfile.TemporaryDirectory() as folder, closing(open_warehouse(f"chdb://{Path(folder) / 'store'}")) as store:
        migrate(store, now=LATER)
        events = 0
        for day in month(DAYS):
            store.insert("events", event_columns(day))
            events += len(day)
        result: dict[str, Json] = {"machine": machine(), "input_days": DAYS, "input_events": events}
        for name, text in (("one_rule", LEVEL), ("default_rules", DEFAULT_RULES)):
            result[name] = _asked(store, parse_rules(text, file="rules", channels=()))
    result["memory_mib_most"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return result


def _asked(store: Warehouse, rules: Sequence[Rule]) -> dict[str, Json]:
    settings = {"day_began": day_began(ZONE.key, LATER)}
    past = PastSite(
        day_of=partial(day_of, zone=ZONE),
        new_floor=partial(Floor, SITE, **settings),
        restore=partial(Floor.restore, **settings),
    )
    asked = BacktestRange(site=SITE, since=FIRST, until=Millis(FIRST + DAYS * DAY_MS))
    work = AlertBacktestWork(rules, asked, past=past, zone=ZONE, now=LATER)
    began, cpu, longest, steps = time.perf_counter(), time.process_time(), 0.0, 0
    while not work.ended:
        step = time.perf_counter()
        work.step(store)
        longest, steps = max(longest, time.perf_counter() - step), steps + 1
    seconds = time.perf_counter() - began
    assert work.found is not None, work.refused
    return {
        "seconds": seconds,
        "cpu_seconds": time.process_time() - cpu,
        "looks": work.found.looks,
        "steps": steps,
        "longest_step_seconds": longest,
        "rules": len(rules),
        "fired": {rule.rule: rule.fired for rule in work.found.rules},
        "per_queue_day": {rule.rule: round(rule.per_queue_day, 3) for rule in work.found.rules},
    }


if __name__ == "__main__":
    tell("backtest", measure)
