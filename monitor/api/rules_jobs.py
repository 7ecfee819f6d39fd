"""Back-tests before publishing, re-scorings after it, over HTTP. In: requests. Out: jobs on the bus; what they found.

The history process works at them; a page follows by asking. May not know: stores, how a job is done.
"""

import asyncio
import uuid
from collections.abc import Sequence
from typing import Final

from aiohttp import web
from msgspec.structs import replace

from monitor.api.parts import Parts
from monitor.api.plan_body import BodyRefused, document
from monitor.api.rules import RulesRefused, desk_of, refused
from monitor.api.rules_answers import RulesFaultAnswer
from monitor.api.rules_jobs_words import (
    QUEUES_MAX,
    STATUS,
    JobAnswer,
    JobRefused,
    JobsAnswer,
    StartBacktest,
    StartRescore,
)
from monitor.api.rules_json import BODY_MAX, fault, json_answer, refused_body
from monitor.rule_jobs import ENDED, Asked, JobBusy, JobKind, JobState, RuleJob, RuleJobs, undoable
from monitor.rules_check import MOST_FAULTS, look
from monitor.rules_faults import rows
from streams.bus.errors import BusError
from streams.vocabulary.facts import AuditFact
from streams.vocabulary.ids import Millis, QueueName

LONGEST_MS: Final = 400 * 86_400_000
SMALL_BODY: Final = 64 * 1024


def jobs_of(request: web.Request) -> tuple[Parts, RuleJobs]:
    parts, _ = desk_of(request)
    if parts.rule_jobs is None:
        raise web.HTTPNotFound(text="no jobs of rules are done here")
    return parts, parts.rule_jobs


def said_no(reason: JobRefused, detail: str = "") -> web.Response:
    return fault(reason, detail, status=STATUS[reason])


async def start_backtest(request: web.Request) -> web.Response:
    """A draft against the version in use, on stored contacts. Nothing is written."""
    parts, jobs = jobs_of(request)
    asked = await document(request, StartBacktest, most=BODY_MAX)
    if isinstance(asked, BodyRefused):
        return refused_body(asked)
    if (why := bad_range(asked.since, asked.until, asked.queues)) is not None:
        return said_no(JobRefused.RANGE, why)
    looked = await asyncio.to_thread(look, asked.text, file="scheme", name=asked.scheme)
    if looked.scheme is None:
        answer = RulesFaultAnswer(reason=RulesRefused.FAULTY, faults=rows(looked.faults[:MOST_FAULTS]))
        return json_answer(answer, status=422)
    _, desk = desk_of(request)
    try:
        standing = await desk.standing(asked.scheme)
        before = standing if standing is not None and standing.about.in_use else None
        version = 0 if before is None else before.about.scored_as
        job = _job(parts, request, JobKind.BACKTEST, asked, version)
        text = "" if before is None else before.text
        return await _begun(jobs, job, Asked(text=asked.text, before=text, before_version=version))
    except BusError as error:
        return refused(RulesRefused.BUS, str(error))


async def start_rescore(request: web.Request) -> web.Response:
    """The version in use on contacts that were scored before it was published. What is there stays."""
    parts, jobs = jobs_of(request)
    asked = await document(request, StartRescore, most=SMALL_BODY)
    if isinstance(asked, BodyRefused):
        return refused_body(asked)
    if (why := bad_range(asked.since, asked.until, asked.queues)) is not None:
        return said_no(JobRefused.RANGE, why)
    _, desk = desk_of(request)
    try:
        standing = await desk.standing(asked.scheme)
        if standing is None or not standing.about.in_use:
            return said_no(JobRefused.NOT_IN_USE, asked.scheme)
        job = _job(parts, request, JobKind.RESCORE, asked, standing.about.scored_as)
        answer = await _begun(jobs, job, Asked(text=standing.text))
        if answer.status == 200:
            await _audit(parts, request, "rules_rescored", job)
    except BusError as error:
        return refused(RulesRefused.BUS, str(error))
    return answer


async def undo(request: web.Request) -> web.Response:
    """Takes back what a re-scoring wrote."""
    parts, jobs = jobs_of(request)
    try:
        job = await jobs.job(parts.id, request.match_info["job"])
        if job is None:
            return said_no(JobRefused.NONE)
        if not undoable(job):
            return said_no(JobRefused.NOT_UNDOABLE)
        answer = await _begun(jobs, replace(job, state=JobState.UNDO, done=0, total=0, spent_ms=0, fault=None), None)
        if answer.status == 200:
            await _audit(parts, request, "rules_rescore_undone", job)
    except BusError as error:
        return refused(RulesRefused.BUS, str(error))
    return answer


async def listed(request: web.Request) -> web.Response:
    """Of the site; with `scheme`, of that one only."""
    parts, jobs = jobs_of(request)
    wanted = request.query.get("scheme", "")
    kind = JobKind.RESCORE if request.path.endswith("rescores") else JobKind.BACKTEST
    try:
        found = await jobs.jobs(parts.id)
    except BusError as error:
        return refused(RulesRefused.BUS, str(error))
    return json_answer(JobsAnswer(jobs=[one for one in found if one.kind is kind and wanted in ("", one.scheme)]))


async def one(request: web.Request) -> web.Response:
    parts, jobs = jobs_of(request)
    try:
        job = await jobs.job(parts.id, request.match_info["job"])
        if job is None:
            return said_no(JobRefused.NONE)
        over = job.state is JobState.DONE and job.kind is JobKind.BACKTEST
        return json_answer(JobAnswer(job=job, effect=await jobs.result(parts.id, job.id) if over else None))
    except BusError as error:
        return refused(RulesRefused.BUS, str(error))


async def stop(request: web.Request) -> web.Response:
    """Cancels one that waits or runs; drops a back-test that is over. Scores that were written stay until undone."""
    parts, jobs = jobs_of(request)
    try:
        job = await jobs.job(parts.id, request.match_info["job"])
        if job is None:
            return said_no(JobRefused.NONE)
        if job.state not in ENDED:
            await jobs.cancel(parts.id, job.id)
            return json_answer({"done": "cancelling"})
        if job.kind is JobKind.RESCORE and undoable(job):
            return said_no(JobRefused.NOT_OVER, "undo it first")
        await jobs.drop(parts.id, job.id)
    except BusError as error:
        return refused(RulesRefused.BUS, str(error))
    return json_answer({"done": "dropped"})


def bad_range(since: int, until: int, queues: Sequence[str]) -> str | None:
    """Why not."""
    if not 0 < since < until < 1 << 42:
        return "since and until are epoch ms, since before until"
    if until - since > LONGEST_MS:
        return "at most 400 days"
    return f"at most {QUEUES_MAX} queues" if len(queues) > QUEUES_MAX else None


def _job(
    parts: Parts, request: web.Request, kind: JobKind, asked: StartBacktest | StartRescore, version: int
) -> RuleJob:
    return RuleJob(
        id=uuid.uuid4().hex[:12],
        kind=kind,
        site=parts.id,
        scheme=asked.scheme,
        version=version,
        since=Millis(asked.since),
        until=Millis(asked.until),
        queues=[QueueName(queue) for queue in asked.queues],
        by=parts.actor(request),
        at=parts.clock(),
    )


async def _begun(jobs: RuleJobs, job: RuleJob, told: Asked | None) -> web.Response:
    try:
        await jobs.begin(job, told)
    except JobBusy as busy:
        return said_no(JobRefused.BUSY, busy.job)
    return json_answer(JobAnswer(job=job))


async def _audit(parts: Parts, request: web.Request, action: str, job: RuleJob) -> None:
    if parts.tell_fact is None:
        return
    name, _, address = parts.actor(request).rpartition("@")
    now = parts.clock()
    detail = f"{job.since}..{job.until} {job.id}"
    fact = AuditFact(
        site=parts.id, ver=now, done_at=now, number=job.version, actor=name or address, address=address, action=action,
        object=f"{job.scheme} {job.version}", detail=detail,
    )  # fmt: skip
    await parts.tell_fact(fact)


def routes() -> list[web.RouteDef]:
    """Before those of schemes by name."""
    return [
        route
        for name, start in (("backtests", start_backtest), ("rescores", start_rescore))
        for route in (
            web.get(f"/api/v1/rules/{name}", listed),
            web.post(f"/api/v1/rules/{name}", start),
            web.get(f"/api/v1/rules/{name}/{{job}}", one),
            web.delete(f"/api/v1/rules/{name}/{{job}}", stop),
        )
    ] + [web.post("/api/v1/rules/rescores/{job}/undo", undo)]
