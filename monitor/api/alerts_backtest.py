"""What alert rules would have said of stored days, over HTTP. In: requests. Out: jobs on the bus; what they found.

The history process works at them; a page follows by asking. Nothing is written. May not know: stores, how it is done.
"""

import uuid
from enum import StrEnum
from typing import Final

import msgspec
from aiohttp import web

from monitor.alert_backtest_jobs import (
    ENDED,
    AlertBacktest,
    AlertBacktests,
    BacktestBusy,
    BacktestFound,
    TooManyBacktests,
)
from monitor.alert_rules_store import TEXT_MAX
from monitor.api.alerts_answers import AlertFaultAnswer, AlertRefused, refused, refused_body
from monitor.api.alerts_rules import checking, desk_of
from monitor.api.alerts_rules_answers import fault_row
from monitor.api.parts import Parts, parts_of
from monitor.api.plan_body import BodyRefused, document
from monitor.api.rules_json import BODY_MAX, json_answer
from monitor.api.scope import allowed
from monitor.config_wall import EVERYTHING
from streams.bus.errors import BusError
from streams.vocabulary.ids import Millis, QueueName

DAYS_MOST: Final = 400
DAYS_USUAL: Final = 30
QUEUES_MOST: Final = 200
DAY_MS: Final = 86_400_000


class BacktestRefused(StrEnum):
    NOT_HERE = "backtests_not_here"
    """No bus is attached, so nobody would work at it."""
    BUSY = "backtest_busy"
    """The last one this person asked for is not over: wait for it, or cancel it."""
    TOO_MANY = "too_many_backtests"
    RANGE = "backtest_bad_range"
    NO_RULE = "no_such_rule"
    """The text has no rule of that name, or none at all."""
    UNKNOWN = "no_such_backtest"


STATUS: Final = {
    BacktestRefused.NOT_HERE: 503,
    BacktestRefused.BUSY: 409,
    BacktestRefused.TOO_MANY: 503,
    BacktestRefused.RANGE: 422,
    BacktestRefused.NO_RULE: 422,
    BacktestRefused.UNKNOWN: 404,
}


class StartAlertBacktest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`text`: rules nobody published yet, or the published ones. `rule`: only this one. `queues` empty: every one."""

    text: str
    rule: str = ""
    days: int = DAYS_USUAL
    queues: list[str] = []


class AlertBacktestBegun(msgspec.Struct, frozen=True, kw_only=True):
    job: str


class AlertBacktestTold(msgspec.Struct, frozen=True, kw_only=True):
    """`progress` 0 to 1; `seconds`: of work; `reason`: why it failed; `result` null until it is done."""

    job: str
    state: str
    progress: float
    seconds: float
    reason: str
    detail: str
    by: str
    since: int
    until: int
    rule: str
    result: BacktestFound | None = None


class AlertBacktestsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Newest first, without their results."""

    jobs: list[AlertBacktestTold]


class AlertBacktestStopped(msgspec.Struct, frozen=True, kw_only=True):
    """`done`: cancelling (it ends within a second) or dropped."""

    done: str


BACKTEST_TYPES: Final = (AlertBacktestBegun, AlertBacktestTold, AlertBacktestsAnswer, AlertBacktestStopped)


def said_no(reason: BacktestRefused, detail: str = "") -> web.Response:
    return json_answer(AlertFaultAnswer(reason=reason, detail=detail), status=STATUS[reason])


async def start(request: web.Request) -> web.Response:
    parts = parts_of(request)
    jobs, desk = parts.backtests, desk_of(parts)
    if jobs is None or desk is None:
        return said_no(BacktestRefused.NOT_HERE)
    if allowed(request, parts) is not EVERYTHING:
        return refused(AlertRefused.OUT_OF_SCOPE, "a back-test looks at every queue: ask without a scope")
    asked = await document(request, StartAlertBacktest, most=BODY_MAX)
    if isinstance(asked, BodyRefused):
        return refused_body(asked)
    if len(asked.text.encode()) > TEXT_MAX:
        return refused(AlertRefused.TOO_LONG, f"a text of rules has at most {TEXT_MAX} bytes")
    if not 1 <= asked.days <= DAYS_MOST or len(asked.queues) > QUEUES_MOST:
        return said_no(BacktestRefused.RANGE, f"1 to {DAYS_MOST} days, at most {QUEUES_MOST} queues")
    looked = await desk.look(asked.text, checking(request, desk))
    if looked.faults:
        rows = [fault_row(fault) for fault in looked.faults]
        return json_answer(AlertFaultAnswer(reason=AlertRefused.FAULTY_RULES, faults=rows), status=422)
    if asked.rule not in ("", *(rule.name for rule in looked.rules)):
        return said_no(BacktestRefused.NO_RULE, asked.rule[:200])
    try:
        return await _begun(jobs, _job(parts, request, asked), asked.text)
    except BusError as error:
        return refused(AlertRefused.BUS, str(error))


def _job(parts: Parts, request: web.Request, asked: StartAlertBacktest) -> AlertBacktest:
    now = parts.clock()
    return AlertBacktest(
        id=uuid.uuid4().hex[:12],
        site=parts.id,
        since=Millis(now - asked.days * DAY_MS),
        until=now,
        by=parts.actor(request),
        at=now,
        rule=asked.rule,
        queues=[QueueName(queue) for queue in asked.queues],
    )


async def _begun(jobs: AlertBacktests, job: AlertBacktest, text: str) -> web.Response:
    try:
        await jobs.begin(job, text)
    except BacktestBusy as busy:
        return said_no(BacktestRefused.BUSY, busy.job)
    except TooManyBacktests:
        return said_no(BacktestRefused.TOO_MANY)
    return json_answer(AlertBacktestBegun(job=job.id), status=202)


async def listed(request: web.Request) -> web.Response:
    parts = parts_of(request)
    if parts.backtests is None:
        return said_no(BacktestRefused.NOT_HERE)
    if allowed(request, parts) is not EVERYTHING:
        return json_answer(AlertBacktestsAnswer(jobs=[]))
    try:
        return json_answer(AlertBacktestsAnswer(jobs=[_told(job) for job in await parts.backtests.jobs(parts.id)]))
    except BusError as error:
        return refused(AlertRefused.BUS, str(error))


async def one(request: web.Request) -> web.Response:
    jobs, job = await _asked_for(request)
    if isinstance(job, web.Response):
        return job
    try:
        return json_answer(_told(job, await jobs.result(job)))
    except BusError as error:
        return refused(AlertRefused.BUS, str(error))


async def stop(request: web.Request) -> web.Response:
    """Cancels one that waits or runs; drops one that is over."""
    jobs, job = await _asked_for(request)
    if isinstance(job, web.Response):
        return job
    try:
        if job.state not in ENDED:
            await jobs.cancel(job)
            return json_answer(AlertBacktestStopped(done="cancelling"))
        await jobs.drop(job)
    except BusError as error:
        return refused(AlertRefused.BUS, str(error))
    return json_answer(AlertBacktestStopped(done="dropped"))


async def _asked_for(request: web.Request) -> tuple[AlertBacktests, AlertBacktest | web.Response]:
    parts = parts_of(request)
    if parts.backtests is None:
        raise web.HTTPNotFound(text="no back-tests are done here")
    if allowed(request, parts) is not EVERYTHING:
        return parts.backtests, said_no(BacktestRefused.UNKNOWN)
    try:
        job = await parts.backtests.job(parts.id, request.match_info["job"])
    except BusError as error:
        return parts.backtests, refused(AlertRefused.BUS, str(error))
    return parts.backtests, job if job is not None else said_no(BacktestRefused.UNKNOWN)


def _told(job: AlertBacktest, result: BacktestFound | None = None) -> AlertBacktestTold:
    return AlertBacktestTold(
        job=job.id,
        state=job.state,
        progress=round(job.progress, 4),
        seconds=round(job.spent_ms / 1000, 1),
        reason=job.reason or "",
        detail=job.detail,
        by=job.by,
        since=job.since,
        until=job.until,
        rule=job.rule,
        result=result,
    )


def routes() -> list[web.RouteDef]:
    """Before those of alerts by id."""
    at = "/api/v1/alerts/backtest"
    return [
        web.get(at, listed),
        web.post(at, start),
        web.get(at + "/{job}", one),
        web.delete(at + "/{job}", stop),
    ]
