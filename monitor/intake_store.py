"""The ledger of recordings on the bus. In: moves. Out: what became of them, counts, rows; jobs in each site's lanes.

A move is one script: state, counters and queue entry change together or not at all, so the sums always hold. May not
know: how recordings come, what is done with them.
"""

from collections.abc import Awaitable, Callable, Sequence
from enum import StrEnum
from functools import partial
from typing import Any, Final, TypeVar

import msgspec

from asr.intake_states import FOLLOWS, Balance, State
from asr.intake_turns import Lane
from asr.jobs import RecordingJob
from monitor.intake_scripts import DROP, FORGET, KEEP, MERGE, MOVE, TAKE
from streams.bus.consume import parse_entries, raw_entries
from streams.bus.patience import asked
from streams.vocabulary.ids import Millis, SiteId

GROUP: Final = "transcribe"
SITES_KEY: Final = "asr:sites"
KEPT_MS: Final = 3 * 24 * 3600 * 1000
"""What ended is known so long; a watched folder's files are taken for two days."""
T = TypeVar("T")

_decode = msgspec.msgpack.Decoder(RecordingJob).decode
_encode = msgspec.msgpack.Encoder().encode
_FROM: Final = {
    state: f",{','.join(sorted('-' if one is None else one for one in froms))}," for state, froms in FOLLOWS.items()
}


class NotMoved(StrEnum):
    """Why a recording stays where it is; `state` tells where."""

    REFUSED = "refused"
    OTHER_PATH = "other_path"
    STALE_ENTRY = "stale_entry"
    NOT_YOURS = "not_yours"
    MERGED = "merged"
    """it goes on under its contact's name"""


class Stays(msgspec.Struct, frozen=True):
    why: NotMoved
    state: State | None


class Moved(msgspec.Struct, frozen=True):
    was: State | None
    attempts: int
    job: RecordingJob
    tries: int = 0
    """hand-outs since it was queued, or queued anew by hand"""
    failures: int = 0


class LaneEntry(msgspec.Struct, frozen=True):
    """A job handed out; `recording` is the ledger's id."""

    site: SiteId
    lane: Lane
    entry: str
    recording: str


class LedgerRow(msgspec.Struct, frozen=True, kw_only=True):
    """One recording as a person sees it."""

    recording: str
    state: State
    reason: str
    changed_at: Millis
    attempts: int
    lane: str
    job: RecordingJob


def prefix(site: SiteId) -> str:
    return f"asr:{{{site}}}:"


class IntakeStore:
    """Every call is bounded in time and raises BusError; each may be repeated."""

    def __init__(self, redis: Any) -> None:
        self._redis = redis

    async def move(
        self,
        site: SiteId,
        recording: str,
        to: State,
        *,
        now: Millis,
        reason: str = "",
        job: RecordingJob | None = None,
        lane: Lane | None = None,
        taker: str = "",
        held: str = "",
        entry: str = "",
        path: str = "",
        only_from: Sequence[State] | None = None,
    ) -> Moved | Stays:
        """`lane`: queue it there. `taker`: who begins to work on it, with `entry`. `held`: only if this one has it.
        `path`: only if the recording has no other path."""
        allowed = _FROM[to] if only_from is None else f",{','.join(only_from)},"
        blob = b"" if job is None else _encode(job)
        if job is not None:
            await self._do(lambda: self._redis.sadd(SITES_KEY, site), "naming a site")
        answer = await self._eval(
            MOVE, site, recording, to, reason, int(now), allowed, blob, lane or "", GROUP, taker, held, entry, path
        )
        what, old = answer[0].decode(), answer[1].decode()
        was = None if old == "-" else State(old)
        if what != "moved":
            return Stays(NotMoved(what), was)
        attempts, before, failures = int(answer[2]), int(answer[4]), int(answer[5])
        return Moved(was, attempts, _decode(answer[3]), tries=attempts - before, failures=failures)

    # ---- the queue ---------------------------------------------------------------------------------------------------
    async def sites(self) -> list[SiteId]:
        found = await self._do(lambda: self._redis.smembers(SITES_KEY), "reading which sites record")
        return sorted(SiteId(one.decode()) for one in found)

    async def take(self, site: SiteId, consumer: str, lanes: Sequence[Lane]) -> LaneEntry | None:
        got = await self._eval(TAKE, site, GROUP, consumer, *lanes)
        return LaneEntry(site, Lane(got[0].decode()), got[1].decode(), got[2].decode()) if got else None

    async def own_pending(self, site: SiteId, consumer: str) -> list[LaneEntry]:
        """What this consumer's name was given and never ended: the first thing after a restart."""
        found: list[LaneEntry] = []
        for lane in Lane:
            stream = f"{prefix(site)}lane:{lane}"
            if not await self._do(partial(self._redis.exists, stream), "looking for a lane"):
                continue
            rows: Any = await self._do(
                partial(self._redis.xreadgroup, GROUP, consumer, {stream: "0"}, count=100), "reading own jobs"
            )
            entries, _ = raw_entries(rows[0][1] if rows else ())
            found += [LaneEntry(site, lane, one.id, one.blob.decode()) for one in entries]
        return found

    async def claim(self, site: SiteId, consumer: str, *, idle_ms: int) -> list[LaneEntry]:
        """One job of each lane whose worker has not been heard for so long."""
        found: list[LaneEntry] = []
        for lane in Lane:
            stream = f"{prefix(site)}lane:{lane}"
            if not await self._do(partial(self._redis.exists, stream), "looking for a lane"):
                continue
            answer: Any = await self._do(
                partial(self._redis.xautoclaim, stream, GROUP, consumer, idle_ms, count=1), "claiming jobs"
            )
            entries, _ = parse_entries(answer[1])
            found += [LaneEntry(site, lane, one.id, one.blob.decode()) for one in entries]
        return found

    async def keep(self, job: LaneEntry, consumer: str) -> bool:
        return bool(await self._eval(KEEP, job.site, GROUP, consumer, job.recording, job.lane, job.entry))

    async def drop(self, job: LaneEntry) -> None:
        """Of the queue only: the recording is somewhere else by now."""
        await self._eval(DROP, job.site, GROUP, job.lane, job.entry)

    async def holder(self, job: LaneEntry) -> str:
        key = f"{prefix(job.site)}r:{job.recording}"
        found = await self._do(lambda: self._redis.hget(key, "h"), "asking who has a job")
        return found.decode() if found else ""

    # ---- what people see ---------------------------------------------------------------------------------------------
    async def balance(self, site: SiteId) -> Balance:
        """One moment's: counters and states are read in one transaction."""

        async def read() -> list[Any]:
            pipe = self._redis.pipeline(transaction=True)
            pipe.hgetall(f"{prefix(site)}sums")
            for state in State:
                pipe.zcard(f"{prefix(site)}in:{state}")
            answer: list[Any] = await pipe.execute()
            return answer

        sums, *counts = await self._do(read, "counting recordings")
        return Balance(
            created=int(sums.get(b"created", 0)),
            arrived=int(sums.get(b"arrived", 0)),
            states={state: int(count) for state, count in zip(State, counts, strict=True)},
        )

    async def reasons(self, site: SiteId) -> dict[str, int]:
        """Of those in quarantine."""
        found = await self._do(lambda: self._redis.hgetall(f"{prefix(site)}reasons"), "reading reasons")
        return {name.decode(): int(count) for name, count in found.items()}

    async def done_since(self, site: SiteId, since: Millis) -> int:
        found = await self._do(lambda: self._redis.hgetall(f"{prefix(site)}minutes"), "reading what was done")
        old = [minute for minute in found if int(minute) < since // 60_000 - 120]
        if old:
            await self._do(lambda: self._redis.hdel(f"{prefix(site)}minutes", *old), "forgetting minutes")
        return sum(int(count) for minute, count in found.items() if int(minute) >= since // 60_000)

    async def listed(self, site: SiteId, state: State, *, offset: int = 0, limit: int = 100) -> list[LedgerRow]:
        """The latest to change first."""
        ids = await self._do(
            lambda: self._redis.zrevrange(f"{prefix(site)}in:{state}", offset, offset + limit - 1), "listing recordings"
        )
        return await self._rows(site, [one.decode() for one in ids])

    async def changed_before(self, site: SiteId, state: State, before: Millis, *, limit: int = 500) -> list[LedgerRow]:
        """The oldest first."""
        ids = await self._do(
            lambda: self._redis.zrangebyscore(f"{prefix(site)}in:{state}", "-inf", int(before), start=0, num=limit),
            "listing recordings",
        )
        return await self._rows(site, [one.decode() for one in ids])

    async def row(self, site: SiteId, recording: str) -> LedgerRow | None:
        return next(iter(await self._rows(site, [recording])), None)

    async def _rows(self, site: SiteId, ids: Sequence[str]) -> list[LedgerRow]:
        async def read() -> list[Any]:
            pipe = self._redis.pipeline(transaction=False)
            for one in ids:
                pipe.hgetall(f"{prefix(site)}r:{one}")
            answer: list[Any] = await pipe.execute()
            return answer

        found = await self._do(read, "reading recordings") if ids else []
        return [
            LedgerRow(
                recording=one,
                state=State(kept[b"s"].decode()),
                reason=kept.get(b"r", b"").decode(),
                changed_at=Millis(int(kept.get(b"t", 0))),
                attempts=int(kept.get(b"a", 0)),
                lane=kept.get(b"n", b"").decode(),
                job=_decode(blob),
            )
            for one, kept in zip(ids, found, strict=True)
            if b"s" in kept and (blob := _job_blob(kept))
        ]

    async def merge(self, site: SiteId, recording: str, *, into: str) -> bool:
        answer: Any = await self._eval(MERGE, site, recording, into, KEPT_MS)
        return bool(answer[0] == b"moved")

    async def forget(self, site: SiteId, state: State, before: Millis) -> int:
        return int(await self._eval(FORGET, site, state, int(before)))

    async def _eval(self, script: str, site: SiteId, *arguments: object) -> Any:
        return await self._do(lambda: self._redis.eval(script, 1, prefix(site), *arguments), "moving a recording")

    async def _do(self, call: Callable[[], Awaitable[T]], doing: str) -> T:
        return await asked(call, doing)


def _job_blob(kept: dict[bytes, bytes]) -> bytes:
    """In one piece, or in those of a recording that is done."""
    if b"j" in kept:
        return kept[b"j"]
    return b"".join(kept[b"j%d" % number] for number in range(len(kept)) if b"j%d" % number in kept)
