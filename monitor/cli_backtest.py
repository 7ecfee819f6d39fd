"""`floorwatch rules backtest`: what a scheme would change on stored contacts. In: a scheme, a range. Out: its effect.

A running service does it and tells how far it is; without one the store is opened here. May not know: how it is done.
"""

import asyncio
import getpass
import uuid
from contextlib import closing
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from monitor import clock, places
from monitor.api.history import HistoryUnavailable
from monitor.api.past_time import AtFault, read_at
from monitor.cli_text import complain, say
from monitor.config import Config, ConfigFaults
from monitor.config_read import load_config
from monitor.history_client import HistoryClient
from monitor.roster_watch import first_rosters
from monitor.rule_jobs import ENDED, Asked, JobBusy, JobKind, JobState, RuleJob, RuleJobs
from monitor.rule_runner import scheme_of
from monitor.rule_work import Backtest
from monitor.scheme_open import fixed_schemes
from monitor.scheme_shelf import SchemeShelf
from monitor.scheme_store import KeptScheme, SchemeStore
from scoring.effect import Effect
from scoring.library import read_file, scheme_text
from streams.bus.connection import client
from streams.bus.errors import BusError
from streams.vocabulary.ids import Millis, QueueName
from streams.warehouse.case_pages import Range
from streams.warehouse.errors import StoreError
from streams.warehouse.migrate import migrate
from streams.warehouse.opening import open_warehouse

LOOK_S: Final = 0.5


class BacktestRefused(Exception):
    """The text names the mend."""


def backtest(
    scheme: Path, *, config: Path, since: str, until: str, site: str, queues: str, quiet: bool
) -> tuple[RuleJob, Effect]:
    """Raises BacktestRefused."""
    try:
        settings = load_config(config)
    except ConfigFaults as error:
        raise BacktestRefused(str(error)) from error
    reading = read_file(scheme)
    if reading.scheme is None:
        raise BacktestRefused("\n".join(map(str, reading.faults)))
    job = _job(settings, reading.scheme.name, since, until, site=site, queues=queues)
    text = scheme_text(scheme)
    try:
        if asyncio.run(_running(settings)):
            return asyncio.run(_by_service(settings, job, text, quiet=quiet))
        return _by_ourselves(settings, job, text, quiet=quiet)
    except (BusError, StoreError, places.PlaceRefused) as error:
        raise BacktestRefused(str(error)) from error


def _job(settings: Config, name: str, since: str, until: str, *, site: str, queues: str) -> RuleJob:
    chosen = next((one for one in settings.sites if one.id == (site or settings.site.id)), None)
    if chosen is None:
        known = ", ".join(one.id for one in settings.sites)
        raise BacktestRefused(f"unknown site {site!r}: the configuration has {known}")
    zone, now = ZoneInfo(chosen.timezone), clock.now()
    try:
        begin, end = read_at(since, zone=zone, now=now), read_at(until, zone=zone, now=now) if until else now
    except AtFault as error:
        raise BacktestRefused(f"{error}: write 2026-11-21T08:00, or epoch milliseconds") from error
    if begin >= end:
        raise BacktestRefused("--from lies behind --to: write the earlier moment first")
    return RuleJob(
        id=uuid.uuid4().hex[:12], kind=JobKind.BACKTEST, site=chosen.id, scheme=name, version=0, since=begin, until=end,
        queues=[QueueName(one.strip()) for one in queues.split(",") if one.strip()], by=f"{getpass.getuser()}@console",
        at=now,
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


async def _by_service(settings: Config, job: RuleJob, text: str, *, quiet: bool) -> tuple[RuleJob, Effect]:
    redis = client(places.bus_url(settings))
    try:
        shelf = SchemeShelf(fixed_schemes(settings.scheme), SchemeStore(redis))
        await shelf.look()
        standing = shelf.standing.get(job.scheme)
        jobs = RuleJobs(redis)
        job, told = _asked(job, text, None if standing is None else standing.kept)
        try:
            await jobs.begin(job, told)
        except JobBusy as busy:
            raise BacktestRefused(f"job {busy.job} is not over: wait for it, or cancel it on /rules") from busy
        return await _followed(jobs, job, quiet=quiet)
    finally:
        await redis.aclose()


async def _followed(jobs: RuleJobs, job: RuleJob, *, quiet: bool) -> tuple[RuleJob, Effect]:
    """Cancelled with the command."""
    try:
        while True:
            await asyncio.sleep(LOOK_S)
            job = await jobs.job(job.site, job.id) or job
            if job.state in ENDED:
                break
            _progress(job.done, job.total, quiet=quiet)
    except asyncio.CancelledError:
        await jobs.cancel(job.site, job.id)
        raise
    effect = await jobs.result(job.site, job.id)
    if job.state is not JobState.DONE or effect is None:
        raise BacktestRefused(f"the back-test was {job.state} {job.fault or ''} {job.detail}".strip())
    return job, effect


def _by_ourselves(settings: Config, job: RuleJob, text: str, *, quiet: bool) -> tuple[RuleJob, Effect]:
    """Against the configured scheme: what was published is on the bus, which does not run."""
    job, told = _asked(job, text, fixed_schemes(settings.scheme).get(job.scheme))
    after = scheme_of(told.text, job.version)
    before = scheme_of(told.before, told.before_version) if told.before else None
    if after is None:
        raise BacktestRefused("the scheme cannot be read: run `floorwatch rules check`")
    zone = next(ZoneInfo(one.timezone) for one in settings.sites if one.id == job.site)
    asked = Range(site=job.site, since=job.since, until=job.until, queues=tuple(job.queues))
    roster = first_rosters(settings)[job.site]
    work, began = Backtest(before, after, asked, zone=zone, now=clock.now(), roster=roster), clock.now()
    with closing(open_warehouse(places.warehouse_url(settings))) as store:
        migrate(store, now=began, cluster=settings.store.clickhouse_cluster)
        while not work.ended:
            work.step(store)
            _progress(work.done, work.total, quiet=quiet)
    over = clock.now()
    job = replace(
        job, state=JobState.DONE, done=work.done, total=work.total, found=work.found, draw=work.asked.draw,
        begun_at=began, ended_at=over, spent_ms=Millis(over - began),
    )  # fmt: skip
    return job, work.effect


def _asked(job: RuleJob, text: str, standing: KeptScheme | None) -> tuple[RuleJob, Asked]:
    if standing is None or not standing.about.in_use:
        return job, Asked(text=text)
    version = standing.about.scored_as
    return replace(job, version=version), Asked(text=text, before=standing.text, before_version=version)


def _progress(done: int, total: int, *, quiet: bool) -> None:
    if not quiet:
        say(f"{done} of {total or '…'} contacts")


def show(job: RuleJob, effect: Effect) -> None:
    drawn = f", one of {job.draw} drawn" if job.draw > 1 else ""
    each = job.spent_ms / job.done if job.done else 0
    say(f"{effect.contacts} contacts{drawn}; {each:.1f} ms each, {(job.ended_at - job.begun_at) / 1000:.1f} s in all")
    if not effect.contacts:
        complain("no stored contact with words began in this time: choose a longer one")
        return
    for name, side in (("before", effect.before), ("after", effect.after)):
        say(f"{name}: {side.passed} of {side.scored} passed, {side.fatal} fatal, doubt decides {side.doubt_decides}")
    say(f"{effect.changed} contacts change; {effect.now_pass} would pass, {effect.now_fail} would pass no more")
    for item in effect.items:
        counts: dict[str, Any] = {"newly hit": item.newly_hit, "no longer hit": item.no_longer_hit}
        counts |= {"newly in doubt": item.newly_in_doubt, "settled": item.settled}
        if any(counts.values()):
            say(f"  {item.id}: " + ", ".join(f"{count} {what}" for what, count in counts.items() if count))
