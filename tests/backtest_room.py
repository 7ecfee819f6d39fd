"""A back-test that is over, on the bus: two texts asked of the demo calls by the real code. In: a Redis. Out: a job."""

import time
from typing import Any

from msgspec.structs import replace

from monitor.rule_jobs import Asked, JobKind, JobState, RuleJob, RuleJobs
from monitor.rule_runner import scheme_of
from monitor.rule_work import result_of
from scoring.effect import Effects
from streams.vocabulary.ids import Millis, SiteId
from tests.browser.canned import CannedHistory
from tests.rules_room import PACK
from tests.stored_cases import case_of_detail

DAY_MS = 86_400_000


async def told_effect(redis: Any, site: SiteId, before: str, after: str) -> RuleJob:
    now = Millis(time.time_ns() // 1_000_000)
    was, new = scheme_of(before, 3), scheme_of(after, 3)
    assert new is not None
    effects, cases = Effects(was, new), [case_of_detail(one) for one in CannedHistory(now).details.values()]
    for case in cases:
        effects.add(case.transcript, result_of(case, was, now), result_of(case, new, now))
    job = RuleJob(
        id="b1", kind=JobKind.BACKTEST, site=site, scheme=PACK, version=3, since=Millis(now - 7 * DAY_MS), until=now,
        queues=[], by="王敏@10.8.3.21", at=Millis(now - 60_000), done=len(cases), total=len(cases), found=len(cases),
        begun_at=Millis(now - 60_000), ended_at=Millis(now - 58_600), spent_ms=6 * len(cases),
    )  # fmt: skip
    jobs = RuleJobs(redis)
    await jobs.begin(job, Asked(text=after, before=before, before_version=3))
    await jobs.end(replace(job, state=JobState.DONE), effects.told())
    return job
