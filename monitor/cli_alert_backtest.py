"""`floorwatch alerts backtest`: what rules would have said of stored days. In: a file of rules, a range. Out: firings.

A running service does it and tells how far it is; without one the store is opened here. May not know: how it is done.
"""

import asyncio
import getpass
import uuid
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from msgspec.structs import replace
from rich.progress import Progress
from rich.table import Table

from alerts.metric import Unit
from alerts.parse import AlertFaults
from alerts.rules import Rule
from monitor import clock, places
from monitor.alert_backtest import AlertBacktestWork
from monitor.alert_backtest_found import BacktestRange
from monitor.alert_backtest_jobs import (
    ENDED,
    AlertBacktest,
    AlertBacktests,
    BacktestBusy,
    BacktestFound,
    BacktestState,
    FiringFound,
    TooManyBacktests,
)
from monitor.alert_backtest_rules import rules_of
from monitor.api.history import HistoryUnavailable
from monitor.cli_text import complain, err, out, plain, say
from monitor.config import Config, ConfigFaults, Site
from monitor.config_read import load_config
from monitor.history_client import HistoryClient
from monitor.web.words import ENGLISH, load_catalogues
from monitor.wiring_backtest import backtest_sites
from streams.bus.connection import client
from streams.bus.errors import BusError
from streams.floor.days import QUARTER_MS
from streams.vocabulary.ids import Millis, QueueName
from streams.warehouse.errors import StoreError
from streams.warehouse.migrate import migrate
from streams.warehouse.opening import open_warehouse

LOOK_S: Final = 0.5
DAY_MS: Final = 86_400_000
MINUTE_MS: Final = 60_000
SHOWN: Final = 20
"""Firings of a rule in the table; all of them with --json."""


class BacktestRefused(Exception):
    """The text names the mend."""


def backtest(
    file: Path, *, config: Path, rule: str, days: int, site: str, queues: str, quiet: bool
) -> tuple[AlertBacktest, BacktestFound, ZoneInfo]:
    """Raises BacktestRefused."""
    try:
        settings = load_config(config)
    except ConfigFaults as error:
        raise BacktestRefused(str(error)) from error
    text, rules = _read(file, rule)
    chosen = next((one for one in settings.sites if one.id == (site or settings.site.id)), None)
    if chosen is None:
        known = ", ".join(one.id for one in settings.sites)
        raise BacktestRefused(f"unknown site {site!r}: the configuration has {known}")
    job = _job(chosen, rule, days, queues)
    try:
        with Progress(console=err, transient=True, disable=quiet or not err.is_terminal) as bar:
            task = bar.add_task("stored days", total=1.0)
            job, found = _asked(settings, job, text, rules, lambda done: bar.update(task, completed=done))
    except (BusError, StoreError, places.PlaceRefused) as error:
        raise BacktestRefused(str(error)) from error
    return job, found, ZoneInfo(chosen.timezone)


Done = Callable[[float], None]


def _asked(
    settings: Config, job: AlertBacktest, text: str, rules: tuple[Rule, ...], done: Done
) -> tuple[AlertBacktest, BacktestFound]:
    if asyncio.run(_running(settings)):
        return asyncio.run(_by_service(settings, job, text, done))
    return _by_ourselves(settings, job, rules, done)


def _read(file: Path, rule: str) -> tuple[str, tuple[Rule, ...]]:
    try:
        text = file.read_bytes().decode("utf-8-sig")
        rules = rules_of(text, file=str(file))
    except OSError as error:
        raise BacktestRefused(f"{file} cannot be read: {error.strerror}; give a file of [[rule]] tables") from error
    except UnicodeDecodeError as error:
        raise BacktestRefused(f"{file} is not UTF-8: save it as UTF-8") from error
    except AlertFaults as faults:
        raise BacktestRefused(str(faults)) from faults
    names = [one.name for one in rules]
    if not names or rule not in ("", *names):
        raise BacktestRefused(f"no rule {rule!r} in {file}: it has {', '.join(names) or 'none'}")
    return text, tuple(one for one in rules if rule in ("", one.name))


def _job(site: Site, rule: str, days: int, queues: str) -> AlertBacktest:
    now = clock.now()
    return AlertBacktest(
        id=uuid.uuid4().hex[:12], site=site.id, since=Millis(now - days * DAY_MS), until=now,
        by=f"{getpass.getuser()}@console", at=now, rule=rule,
        queues=[QueueName(one.strip()) for one in queues.split(",") if one.strip()],
    )  # fmt: skip


async def _running(settings: Config) -> bool:
    line = HistoryClient(places.history_socket(settings), timeout_s=5)
    try:
        await line.status()
    except HistoryUnavailable:
        return False
    finally:
        await line.close()
    return True


async def _by_service(
    settings: Config, job: AlertBacktest, text: str, done: Done
) -> tuple[AlertBacktest, BacktestFound]:
    redis = client(places.bus_url(settings))
    try:
        jobs = AlertBacktests(redis)
        try:
            await jobs.begin(job, text)
        except BacktestBusy as busy:
            raise BacktestRefused(f"back-test {busy.job} of yours is not over: wait for it, or cancel it") from busy
        except TooManyBacktests as many:
            raise BacktestRefused("too many back-tests wait: ask again later") from many
        return await _followed(jobs, job, done)
    finally:
        await redis.aclose()


async def _followed(jobs: AlertBacktests, job: AlertBacktest, done: Done) -> tuple[AlertBacktest, BacktestFound]:
    """Cancelled with the command."""
    try:
        while job.state not in ENDED:
            await asyncio.sleep(LOOK_S)
            job = await jobs.job(job.site, job.id) or replace(job, state=BacktestState.CANCELLED)
            done(job.progress)
    except asyncio.CancelledError:
        await jobs.cancel(job)
        raise
    found = await jobs.result(job)
    if found is None:
        raise BacktestRefused(f"the back-test was {job.state}: {_reason(job.reason or '')} {job.detail}".strip())
    return job, found


def _by_ourselves(
    settings: Config, job: AlertBacktest, rules: tuple[Rule, ...], done: Done
) -> tuple[AlertBacktest, BacktestFound]:
    site = backtest_sites(settings)[job.site]
    asked = BacktestRange(site=job.site, since=job.since, until=job.until, queues=tuple(job.queues))
    work = AlertBacktestWork(rules, asked, past=site.past, zone=site.zone, now=job.at)
    began = clock.monotonic_ms()
    with closing(open_warehouse(places.warehouse_url(settings))) as store:
        migrate(store, now=job.at, cluster=settings.store.clickhouse_cluster)
        while not work.ended:
            work.step(store)
            done(work.progress)
    if work.found is None:
        raise BacktestRefused(f"{_reason(work.refused or '')} {work.detail}".strip())
    spent_ms = clock.monotonic_ms() - began
    return replace(job, state=BacktestState.DONE, progress=1.0, spent_ms=spent_ms, ended_at=clock.now()), work.found


def _reason(name: str) -> str:
    table = load_catalogues()[ENGLISH].table
    return table.get(f"reason:{name}", name)


def show(job: AlertBacktest, found: BacktestFound, zone: ZoneInfo) -> None:
    say(
        f"{found.days} of {found.asked_days:g} days have events: {found.events} events, {len(found.queues)} queues,"
        f" {job.spent_ms / 1000:.1f} s"
    )
    for kind, many in sorted(found.unreadable.items()):
        complain(f"{many} events of kind {kind} were written by another version and passed over")
    for left in found.unanswered:
        metric = f" ({left.metric})" if left.metric else ""
        complain(f"{left.rule}{metric} was left out: {_reason(left.reason)}")
    counts = Table("rule", "severity", "fired", "a queue and day", "over before its hold time")
    for rule in found.rules:
        counts.add_row(*map(plain, (rule.rule, rule.severity, rule.fired, f"{rule.per_queue_day:.2f}", rule.nearly)))
    out.print(counts)
    firings = Table("rule", "scope", "fired", "lasted", "value", "service level of that quarter")
    truth = {(one.queue, at): percent for one in found.truth for at, percent, _ in one.points}
    for rule in found.rules:
        for one in rule.firings[:SHOWN]:
            firings.add_row(*map(plain, (rule.rule, *_cells(one, truth, zone))))
        if len(rule.firings) > SHOWN:
            firings.add_row(plain(rule.rule), plain(f"{len(rule.firings) - SHOWN} more: see --json"))
    if firings.rows:
        out.print(firings)


def _cells(
    one: FiringFound, truth: Mapping[tuple[QueueName, Millis], float | None], zone: ZoneInfo
) -> tuple[str, str, str, str, str]:
    lasted = "not over" if one.resolved_at is None else _time(one.resolved_at - one.fired_at)
    at = datetime.fromtimestamp(one.fired_at / 1000, zone).strftime("%m-%d %H:%M:%S")
    level = truth.get((QueueName(one.scope.partition(":")[2]), Millis(one.fired_at // QUARTER_MS * QUARTER_MS)))
    value = "" if one.value is None else _time(one.value) if one.unit == Unit.MS else f"{one.value:.4g}"
    return one.scope, at, lasted, value, "" if level is None else f"{level:.1f} %"


def _time(ms: float) -> str:
    return f"{ms / 1000:.0f} s" if ms < 2 * MINUTE_MS else f"{ms / MINUTE_MS:.0f} min"
