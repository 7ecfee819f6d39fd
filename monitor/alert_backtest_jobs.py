"""Back-tests of alert rules on the bus: who asked for what, how far it is, what was found. In: a Redis.

One at a time for each person, held by a name in the same hash, so that of two questions at once one is refused; the
history process works at them one by one. The newest are kept with their results. May not know: rules, stores, HTTP.
"""

import zlib
from collections import Counter
from collections.abc import Collection
from enum import StrEnum
from typing import Any, Final, TypeVar

import msgspec
import structlog

from streams.bus.patience import asked
from streams.vocabulary.codec import UNREADABLE
from streams.vocabulary.ids import Millis, QueueName, SiteId

log = structlog.get_logger(__name__)

T = TypeVar("T")
KEPT: Final = 20
"""Finished ones of a site whose results are kept; the oldest go first."""
MOST_WAITING: Final = 20
"""Of a site. Full: the next one is refused; a minute's work each, the last would wait twenty."""
_BEGIN: Final = """
local busy = redis.call('HGET', KEYS[1], '@by/' .. ARGV[3])
if busy then return busy end
redis.call('HSET', KEYS[1], '@by/' .. ARGV[3], ARGV[1], ARGV[1], ARGV[2])
redis.call('HSET', KEYS[2], 'asked/' .. ARGV[1], ARGV[4])
return ''
"""
_END: Final = """
if redis.call('HGET', KEYS[1], '@by/' .. ARGV[3]) == ARGV[1] then redis.call('HDEL', KEYS[1], '@by/' .. ARGV[3]) end
redis.call('HDEL', KEYS[1], 'cancel/' .. ARGV[1])
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 then return '' end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
if ARGV[4] ~= '' then redis.call('HSET', KEYS[2], 'result/' .. ARGV[1], ARGV[4]) end
return ''
"""


class BacktestState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


class BacktestReason(StrEnum):
    """Why one failed. Nothing is ever written, so nothing is half done."""

    NO_EVENTS = "backtest_no_events"
    """no events of these days are stored (any more)"""
    NOT_READABLE = "backtest_events_not_readable"
    """the floor of the first day was written by a version that this one cannot read"""
    STORE = "backtest_store_away"
    TOO_LONG = "backtest_too_long"
    """it worked for longer than one may; the detail says how far it came"""
    KILLED = "backtest_ended_its_process"
    RULES = "backtest_rules_not_readable"
    """its rules are none to the version that works at it"""


ENDED: Final = frozenset({BacktestState.DONE, BacktestState.CANCELLED, BacktestState.FAILED})


class AlertBacktest(msgspec.Struct, frozen=True, kw_only=True):
    """[since, until) of stored events. `rule` "": every rule of the text; `queues` empty: every queue."""

    id: str
    site: SiteId
    since: Millis
    until: Millis
    by: str
    at: Millis
    rule: str = ""
    queues: list[QueueName] = []
    state: BacktestState = BacktestState.WAITING
    progress: float = 0.0
    spent_ms: int = 0
    """Of work; the pauses between steps are not in it."""
    starts: int = 0
    reason: BacktestReason | None = None
    detail: str = ""
    begun_at: Millis = Millis(0)
    ended_at: Millis = Millis(0)


class FiringFound(msgspec.Struct, frozen=True, kw_only=True):
    """`raised_at`: the first breach; `resolved_at` null: it still fired at the end. `value`, in `unit` (percent, ms,
    count, score), rests on part of whole."""

    scope: str
    raised_at: Millis
    fired_at: Millis
    resolved_at: Millis | None
    value: float | None
    part: int
    whole: int
    ended: str
    """why it ended; "": it did not"""
    unit: str = "percent"


class RuleFound(msgspec.Struct, frozen=True, kw_only=True):
    """`nearly`: breaches that were over before the hold time. `left_off`: firings that are only counted."""

    rule: str
    label_zh: str
    label_en: str
    severity: str
    fired: int
    nearly: int
    per_queue_day: float
    left_off: int
    firings: list[FiringFound]


class RuleUnanswered(msgspec.Struct, frozen=True, kw_only=True):
    rule: str
    metric: str
    reason: str


class QueueTruth(msgspec.Struct, frozen=True, kw_only=True):
    """The queue's service level as it was stored: [quarter's beginning, percent or null, offered]."""

    queue: QueueName
    points: list[tuple[Millis, float | None, int]]


class BacktestFound(msgspec.Struct, frozen=True, kw_only=True):
    """`days`: with events in them, of [since, until); `asked_days`: that were asked for. `unreadable`: events another
    version wrote, by kind. `truth`: queues in which something fired; those left off are named in `no_truth`."""

    since: Millis
    until: Millis
    days: int
    asked_days: float
    queues: list[QueueName]
    events: int
    looks: int
    formula: str
    rules: list[RuleFound]
    unanswered: list[RuleUnanswered]
    truth: list[QueueTruth]
    no_truth: list[QueueName] = []
    unreadable: dict[str, int] = {}


class BacktestBusy(Exception):
    """This person's last one is not over."""

    def __init__(self, job: str) -> None:
        super().__init__(f"back-test {job} is not over")
        self.job = job


class TooManyBacktests(Exception):
    """MOST_WAITING are not over."""


class AlertBacktests:
    """Every call raises BusError where the bus does not answer."""

    def __init__(self, redis: Any) -> None:
        self._redis = redis
        self.counts: Counter[str] = Counter()

    async def begin(self, job: AlertBacktest, text: str) -> None:
        """Raises BacktestBusy, TooManyBacktests."""
        known = await self.jobs(job.site)
        if sum(one.state not in ENDED for one in known) >= MOST_WAITING:
            raise TooManyBacktests
        for old in [one for one in known if one.state in ENDED][KEPT - 1 :]:
            await self.drop(old)
        keys = (_key(job.site), _large(job.site))
        call = lambda: self._redis.eval(_BEGIN, 2, *keys, job.id, _told(job), job.by, _packed(text))  # noqa: E731
        busy = await asked(call, "asking for a back-test")
        if busy:
            raise BacktestBusy(busy.decode())

    async def jobs(self, site: SiteId) -> list[AlertBacktest]:
        """Newest first."""
        fields = await asked(lambda: self._redis.hgetall(_key(site)), "listing back-tests")
        found: list[AlertBacktest] = []
        damaged: set[bytes] = set()
        for field in (field for field in fields if b"/" not in field):
            try:
                found.append(msgspec.json.decode(fields[field], type=AlertBacktest))
            except UNREADABLE:
                damaged.add(field)
        if damaged:
            await self._forget(site, damaged, [field for field, held in fields.items() if held in damaged])
        return sorted(found, key=lambda job: (job.at, job.id), reverse=True)

    async def _forget(self, site: SiteId, damaged: Collection[bytes], marks: Collection[bytes]) -> None:
        """Of another version, or spoiled: whoever asked asks again. `marks`: of persons who would wait for them."""
        self.counts["backtests_damaged"] += len(damaged)
        log.error("backtests_damaged", site=site, jobs=len(damaged))
        await asked(lambda: self._redis.hdel(_key(site), *damaged, *marks), "forgetting damaged back-tests")

    async def next(self, site: SiteId) -> AlertBacktest | None:
        """The oldest that is not over."""
        return next((job for job in reversed(await self.jobs(site)) if job.state not in ENDED), None)

    async def job(self, site: SiteId, name: str) -> AlertBacktest | None:
        if "/" in name:
            return None
        return next((job for job in await self.jobs(site) if job.id == name), None)

    async def text(self, job: AlertBacktest) -> str | None:
        return await self._read(job, "asked", str)

    async def result(self, job: AlertBacktest) -> BacktestFound | None:
        return await self._read(job, "result", BacktestFound)

    async def tell(self, job: AlertBacktest) -> None:
        """How far it is."""
        await asked(lambda: self._redis.hset(_key(job.site), job.id, _told(job)), "telling a back-test's progress")

    async def end(self, job: AlertBacktest, result: BacktestFound | None = None) -> None:
        blob = b"" if result is None else _packed(result)
        keys = (_key(job.site), _large(job.site))
        call = lambda: self._redis.eval(_END, 2, *keys, job.id, _told(job), job.by, blob)  # noqa: E731
        await asked(call, "ending a back-test")

    async def cancel(self, job: AlertBacktest) -> None:
        await asked(lambda: self._redis.hset(_key(job.site), f"cancel/{job.id}", "1"), "cancelling a back-test")

    async def cancelled(self, job: AlertBacktest) -> bool:
        call = lambda: self._redis.hexists(_key(job.site), f"cancel/{job.id}")  # noqa: E731
        return bool(await asked(call, "looking whether to go on"))

    async def drop(self, job: AlertBacktest) -> None:
        """A finished one and its result."""
        large = (f"asked/{job.id}", f"result/{job.id}")
        await asked(lambda: self._redis.hdel(_large(job.site), *large), "dropping a back-test")
        await asked(lambda: self._redis.hdel(_key(job.site), job.id, f"cancel/{job.id}"), "dropping a back-test")

    async def _read(self, job: AlertBacktest, what: str, kind: type[T]) -> T | None:
        blob = await asked(lambda: self._redis.hget(_large(job.site), f"{what}/{job.id}"), "reading a back-test")
        try:
            return None if blob is None else msgspec.msgpack.decode(zlib.decompress(blob), type=kind)
        except (zlib.error, *UNREADABLE):
            self.counts["backtests_damaged"] += 1
            return None


def _key(site: SiteId) -> str:
    return f"alerts:{{{site}}}:backtests"


def _large(site: SiteId) -> str:
    """Texts and results apart: whoever looks for work looks every second."""
    return f"{_key(site)}:kept"


def _told(job: AlertBacktest) -> bytes:
    return msgspec.json.encode(job)


def _packed(value: object) -> bytes:
    return zlib.compress(msgspec.msgpack.encode(value), 6)
