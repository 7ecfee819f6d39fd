"""Jobs of rules on the bus: back-tests and re-scorings asked for, how far they are, what they found. In: a Redis.

One at a time for each site, held by a name in the same hash, so two people who ask at once get one job and one refusal.
The newest are kept with their results. May not know: what a job does, HTTP.
"""

import zlib
from enum import StrEnum
from typing import Any, Final, TypeVar

import msgspec

from scoring.effect import Effect
from streams.bus.patience import asked
from streams.vocabulary.ids import Millis, QueueName, SiteId

T = TypeVar("T")
KEPT: Final = 20
"""Finished jobs of a site whose results are kept; the oldest go first."""
BUSY: Final = "@busy"
_BEGIN: Final = """
local busy = redis.call('HGET', KEYS[1], '@busy')
if busy and busy ~= ARGV[1] then return busy end
redis.call('HSET', KEYS[1], '@busy', ARGV[1], ARGV[1], ARGV[2])
if ARGV[3] ~= '' then redis.call('HSET', KEYS[1], 'asked/' .. ARGV[1], ARGV[3]) end
redis.call('HDEL', KEYS[1], 'cancel/' .. ARGV[1])
return ''
"""
_END: Final = """
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
if ARGV[3] ~= '' then redis.call('HSET', KEYS[1], 'result/' .. ARGV[1], ARGV[3]) end
redis.call('HDEL', KEYS[1], 'cancel/' .. ARGV[1])
if redis.call('HGET', KEYS[1], '@busy') == ARGV[1] then redis.call('HDEL', KEYS[1], '@busy') end
return ''
"""


class JobKind(StrEnum):
    BACKTEST = "backtest"
    RESCORE = "rescore"


class JobState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    UNDO = "undo"
    """To be undone; waits, or is being undone."""
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"
    UNDONE = "undone"


class JobReason(StrEnum):
    """Why one failed. Of a re-scoring what was written stays, and can be undone."""

    STORE = "job_store_away"
    """the store did not answer, again and again"""
    KILLED = "job_ended_its_process"
    """it was begun several times, and each time its process ended"""
    NOT_READABLE = "job_scheme_not_readable"
    """its scheme is none to this version"""


ENDED: Final = frozenset({JobState.DONE, JobState.CANCELLED, JobState.FAILED, JobState.UNDONE})


class RuleJob(msgspec.Struct, frozen=True, kw_only=True):
    """`version`: of a re-scoring, what its scores bear; of a back-test, of the published one, 0: there is none."""

    id: str
    kind: JobKind
    site: SiteId
    scheme: str
    version: int
    since: Millis
    until: Millis
    queues: list[QueueName]
    by: str
    at: Millis
    state: JobState = JobState.WAITING
    done: int = 0
    total: int = 0
    """Contacts it looks at; 0: not counted yet. Of an undoing: days."""
    draw: int = 1
    """One of so many contacts was looked at."""
    found: int = 0
    """Contacts in the range."""
    written: int = 0
    """Scores a re-scoring wrote; once undone, how many it took back."""
    begun_at: Millis = Millis(0)
    ended_at: Millis = Millis(0)
    spent_ms: int = 0
    """Of work; the pauses between steps are not in it."""
    eta_ms: int | None = None
    starts: int = 0
    fault: JobReason | None = None
    detail: str = ""
    place_at: Millis = Millis(0)
    place: str = ""
    """A re-scoring that is begun again goes on after this contact."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a job was asked with. `before` "": there was no scheme of this name in use."""

    text: str
    before: str = ""
    before_version: int = 0


class JobBusy(Exception):
    """Another one of this site waits or runs."""

    def __init__(self, job: str) -> None:
        super().__init__(f"job {job} is not over")
        self.job = job


class RuleJobs:
    """Every call raises BusError where the bus does not answer."""

    def __init__(self, redis: Any) -> None:
        self._redis = redis

    async def begin(self, job: RuleJob, told: Asked | None) -> None:
        """`told` None: it is known from before (an undoing). Raises JobBusy."""
        blob = b"" if told is None else _packed(told)
        call = lambda: self._redis.eval(_BEGIN, 1, _key(job.site), job.id, _told(job), blob)  # noqa: E731
        busy = await asked(call, "asking for a job of rules")
        if busy:
            raise JobBusy(busy.decode())
        await self._forget_old(job.site)

    async def jobs(self, site: SiteId) -> list[RuleJob]:
        """Newest first."""
        fields = await asked(lambda: self._redis.hgetall(_key(site)), "listing jobs of rules")
        plain = (value for field, value in fields.items() if b"/" not in field and not field.startswith(b"@"))
        found = [msgspec.json.decode(value, type=RuleJob) for value in plain]
        return sorted(found, key=lambda job: (job.at, job.id), reverse=True)

    async def job(self, site: SiteId, name: str) -> RuleJob | None:
        if "/" in name or name.startswith("@"):
            return None
        blob = await asked(lambda: self._redis.hget(_key(site), name), "reading a job of rules")
        return None if blob is None else msgspec.json.decode(blob, type=RuleJob)

    async def busy(self, site: SiteId) -> RuleJob | None:
        """The one that waits or runs."""
        name = await asked(lambda: self._redis.hget(_key(site), BUSY), "looking for a job of rules")
        return None if name is None else await self.job(site, name.decode())

    async def asked(self, site: SiteId, name: str) -> Asked | None:
        return await self._read(site, f"asked/{name}", Asked)

    async def result(self, site: SiteId, name: str) -> Effect | None:
        return await self._read(site, f"result/{name}", Effect)

    async def tell(self, job: RuleJob) -> None:
        """How far it is."""
        await asked(lambda: self._redis.hset(_key(job.site), job.id, _told(job)), "telling a job's progress")

    async def end(self, job: RuleJob, result: Effect | None = None) -> None:
        blob = b"" if result is None else _packed(result)
        await asked(
            lambda: self._redis.eval(_END, 1, _key(job.site), job.id, _told(job), blob), "ending a job of rules"
        )

    async def cancel(self, site: SiteId, name: str) -> None:
        await asked(lambda: self._redis.hset(_key(site), f"cancel/{name}", "1"), "cancelling a job of rules")

    async def cancelled(self, site: SiteId, name: str) -> bool:
        return bool(await asked(lambda: self._redis.hexists(_key(site), f"cancel/{name}"), "looking whether to go on"))

    async def drop(self, site: SiteId, name: str) -> None:
        """A finished one and its result."""
        fields = (name, f"asked/{name}", f"result/{name}", f"cancel/{name}")
        await asked(lambda: self._redis.hdel(_key(site), *fields), "dropping a job of rules")

    async def _forget_old(self, site: SiteId) -> None:
        """Re-scorings that may still be undone are kept beside the newest."""
        ended = [job for job in await self.jobs(site) if job.state in ENDED and not undoable(job)]
        for job in ended[KEPT:]:
            await self.drop(site, job.id)

    async def _read(self, site: SiteId, field: str, kind: type[T]) -> T | None:
        blob = await asked(lambda: self._redis.hget(_key(site), field), "reading a job of rules")
        return None if blob is None else msgspec.msgpack.decode(zlib.decompress(blob), type=kind)


def undoable(job: RuleJob) -> bool:
    over = job.state in (JobState.DONE, JobState.CANCELLED, JobState.FAILED)
    return job.kind is JobKind.RESCORE and over and job.written > 0


def _key(site: SiteId) -> str:
    return f"rules:jobs:{site}"


def _told(job: RuleJob) -> bytes:
    return msgspec.json.encode(job)


def _packed(value: object) -> bytes:
    return zlib.compress(msgspec.msgpack.encode(value), 6)
