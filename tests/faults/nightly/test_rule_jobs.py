"""A re-scoring while the history process is killed: it goes on where it was, writes each score once, can be undone."""
# row F25 of docs/faults.md

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from msgspec.structs import replace

from monitor.rule_jobs import Asked, JobKind, JobState, RuleJob, RuleJobs
from scoring.library import scheme_text
from streams.bus.connection import client
from streams.vocabulary.ids import Millis
from streams.warehouse.engine import Warehouse
from streams.warehouse.opening import open_warehouse
from tests.faults.room import now, until
from tests.faults.story import SITE
from tests.faults.world import World
from tests.stored_centre import FIRST, fill
from tests.stored_centre import until as end_of

pytestmark = [pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(600)]
PACK = "telecom-service.zh"
CONTACTS = 1_200
T = TypeVar("T")


class Jobs:
    """Asked from outside, as the web does it."""

    def __init__(self, url: str) -> None:
        self._url = url

    def ask(self, what: Callable[[RuleJobs], Awaitable[T]]) -> T:
        async def inside() -> T:
            redis = client(self._url)
            try:
                return await what(RuleJobs(redis))
            finally:
                await redis.aclose()

        return asyncio.run(inside())

    def stands(self) -> RuleJob:
        (job,) = self.ask(lambda jobs: jobs.jobs(SITE))
        return job

    def begin(self, job: RuleJob, told: Asked | None) -> None:
        self.ask(lambda jobs: jobs.begin(job, told))

    def under_way(self) -> bool:
        job = self.stands()
        return job.state in (JobState.RUNNING, JobState.UNDO) and 0 < job.done < job.total


def rows(store: Warehouse, what: str) -> list[Any]:
    return list(store.query(f"SELECT {what} FROM scores FINAL WHERE job = 'j1'", {}))


def test_a_killed_history_process_goes_on_with_its_job(tmp_path: Path) -> None:
    """kill -9 twice under way. Scores as many as contacts, none twice; undone, killed again, none is left."""
    world = World(tmp_path, valkey=False, clickhouse=True, roles={"live": "web", "history": "archive,score"})
    try:
        world.start("history")
        assert world.store is not None
        store, jobs = open_warehouse(f"{world.store.url}/floor"), Jobs(world.bus.url)
        until(lambda: bool(store.query("EXISTS TABLE scores", {})[0][0]), "the tables are there")
        fill(store, CONTACTS, site=SITE)
        job = RuleJob(
            id="j1", kind=JobKind.RESCORE, site=SITE, scheme=PACK, version=7, since=Millis(FIRST - 60_000),
            until=end_of(CONTACTS), queues=[], by="test", at=now(),
        )  # fmt: skip
        jobs.begin(job, Asked(text=scheme_text(PACK)))
        for _ in range(2):
            done = 0 if jobs.stands().state is JobState.WAITING else jobs.stands().done
            until(lambda done=done: jobs.under_way() and jobs.stands().done > done, "it gets on", seconds=120)
            world.kill("history")
            world.start("history")
        until(lambda: jobs.stands().state is JobState.DONE, "it is done", seconds=240)
        told = jobs.stands()
        assert (told.done, told.fault) == (told.total, None)
        ((found, different),) = rows(store, "count(), uniqExact(contact)")
        assert found == different == told.written > CONTACTS - 50
        jobs.begin(_undoing(told), None)
        until(lambda: jobs.stands().state is not JobState.UNDO or jobs.stands().starts > told.starts, "it is begun")
        world.kill("history")
        world.start("history")
        until(lambda: jobs.stands().state is JobState.UNDONE, "it is undone", seconds=120)
        assert rows(store, "countIf(withdrawn = 0)")[0][0] == 0
        store.close()
    except AssertionError as error:
        raise AssertionError(f"{error}\n{world.log_tail()}") from error
    finally:
        world.close()


def _undoing(job: RuleJob) -> RuleJob:
    return replace(job, state=JobState.UNDO, done=0, total=0, spent_ms=0, fault=None)
