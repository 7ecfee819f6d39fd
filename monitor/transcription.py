"""The recogniser's port over the bus. In: `jobs:asr` and each site's lanes. Out: facts, transcripts for scoring, moves.

A job in hand is under a lease, renewed while its worker lives; one that lost it publishes nothing. A recording is done
after its facts are on the bus. May not know: audio, vosk.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final, TypeVar

import msgspec
import structlog

from asr.intake_states import IN_HAND, State
from asr.intake_turns import Turns
from asr.jobs import RecordingJob
from asr.transcript import Transcript
from asr.worker import Taken
from monitor import clock
from monitor.intake import Intake
from monitor.intake_sorter import Sorter
from monitor.intake_store import GROUP as GROUP
from monitor.intake_store import LaneEntry, Moved, NotMoved, Stays
from streams.bus import names
from streams.bus.patience import patiently
from streams.bus.publish import Publisher
from streams.vocabulary.codec import encode
from streams.vocabulary.facts import Fact, RecordingFact
from streams.vocabulary.ids import SiteId

log = structlog.get_logger(__name__)

T = TypeVar("T")

LEASE_MS: Final = 60_000
"""What is idle for so long belongs to a worker that died."""
RENEW_S: Final = 10.0
LOOK_S: Final = 5.0
"""How often a worker looks for dead workers' jobs and for new sites."""
PAUSED_S: Final = 5.0
IDLE_S: Final = 0.1


class BusPort:
    """asr.worker.Port. Mutable; owned by one worker. `run` renews its leases and sorts what is announced."""

    def __init__(
        self,
        redis: Any,
        *,
        name: str,
        may_take: Callable[[], bool] = lambda: True,
        intake: Intake | None = None,
        weights: Mapping[SiteId, int] | None = None,
        lease_ms: int = LEASE_MS,
    ) -> None:
        """`may_take`: asked before each job; where it says no, nothing is taken for a while (a full disk)."""
        self._redis = redis
        self._may_take = may_take
        self._name = name
        self._publisher = Publisher(redis, even_full=True)
        self.intake = intake or Intake(redis, clock=clock.now)
        self._store = self.intake.store
        self.sorter = Sorter(redis, self.intake, name=name)
        self._turns = Turns(weights)
        self._lease_ms = lease_ms
        self._sites: Sequence[SiteId] = ()
        self._looked = float("-inf")
        self._waiting: deque[LaneEntry] = deque()
        self._held: dict[str, LaneEntry] = {}
        self.counts: Counter[str] = Counter()

    async def open(self) -> None:
        """What this worker's predecessor of the same name was given and never finished comes first."""
        await self.sorter.open()
        self._held.clear()
        self._waiting.clear()
        for site in await self._store.sites():
            self._waiting.extend(await self._store.own_pending(site, self._name))

    async def run(self) -> None:
        """Beside the worker, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.sorter.run())
            tasks.create_task(self._renew())

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(min(RENEW_S, self._lease_ms / 4000))
            for one in list(self._held.values()):
                if not await self._asked(partial(self._store.keep, one, self._name), "renewing a lease"):
                    self.counts["lease_lost"] += 1
                    self._held.pop(_token(one), None)

    # ---- asr.worker.Port ---------------------------------------------------------------------------------------------
    async def take(self) -> Taken | None:
        if not await asyncio.to_thread(self._may_take):
            self.counts["paused_disk_full"] += 1
            await asyncio.sleep(PAUSED_S)
            return None
        await self.sorter.sort_once(block_ms=0)
        await self._look()
        entry = self._waiting.popleft() if self._waiting else await self._next()
        if entry is None:
            await asyncio.sleep(IDLE_S)
            return None
        begin = partial(self._store.move, entry.site, entry.recording, State.DECODING)
        moved = await self._asked(
            lambda: begin(now=clock.now(), taker=self._name, entry=entry.entry), "beginning a job"
        )
        if isinstance(moved, Stays):
            self.counts["already_done" if moved.state in (State.DONE, State.QUARANTINED) else moved.why] += 1
            await self._asked(lambda: self._store.drop(entry), "dropping a job that is done")
            return None
        if moved.was in IN_HAND:
            self.counts["taken_over"] += 1
        token = _token(entry)
        self._held[token] = entry
        return Taken(token=token, job=moved.job, attempts=moved.attempts, tries=moved.tries, failures=moved.failures)

    async def _look(self) -> None:
        """Now and then: which sites there are, whose workers died."""
        now = asyncio.get_running_loop().time()
        if now - self._looked < LOOK_S and self._sites:
            return
        self._looked = now
        self._sites = await self._asked(self._store.sites, "reading sites")
        for site in self._sites:
            claim = partial(self._store.claim, site, self._name, idle_ms=self._lease_ms)
            found = await self._asked(claim, "claiming jobs")
            known = {*self._held, *map(_token, self._waiting)}
            self._waiting.extend(one for one in found if _token(one) not in known)

    async def _next(self) -> LaneEntry | None:
        lanes = self._turns.lanes()
        for site in self._turns.order(self._sites):
            found = await self._asked(partial(self._store.take, site, self._name, lanes), "taking a job")
            if found is not None:
                self._turns.served(site)
                return found
            self._turns.idle(site)
        return None

    async def state(self, job: RecordingJob, fact: RecordingFact) -> None:
        entry = next((one for one in self._held.values() if _is_of(one, job)), None)
        if entry is None:
            return
        if fact.state == State.RECOGNISING and await self._move(entry, State.RECOGNISING) is None:
            return
        await self._publish(names.FACTS, [encode(fact)])

    async def done(self, token: str, facts: Sequence[Fact], transcript: Transcript) -> None:
        entry = self._held.get(token)
        if entry is None or await self._asked(lambda: self._store.holder(entry), "looking who has it") != self._name:
            self.counts["not_yours"] += 1
            self._held.pop(token, None)
            return
        await self._publish(names.FACTS, [encode(fact) for fact in facts])
        await self._publish(names.JOBS_SCORE, [msgspec.msgpack.encode(transcript)])
        if await self._move(entry, State.DONE) is not None:
            self.counts["done"] += 1
        self._held.pop(token, None)

    async def fail(self, token: str, reason: str, *, final: bool) -> None:
        self.counts[f"failed_{reason}"] += 1
        entry = self._held.get(token)
        if entry is None:
            return
        if await self._move(entry, State.QUARANTINED if final else State.QUEUED, reason) is not None:
            if final:
                self.counts["quarantined"] += 1
            else:
                self.counts["retries"] += 1
                self._waiting.append(entry)
        self._held.pop(token, None)

    async def _move(self, entry: LaneEntry, to: State, reason: str = "") -> Moved | None:
        move = self._store.move
        moved = await self._asked(
            lambda: move(entry.site, entry.recording, to, now=clock.now(), reason=reason, held=self._name),
            f"telling {to}",
        )
        if isinstance(moved, Moved):
            return moved
        # a repeated call whose first answer was lost finds its own work done
        if moved.why is NotMoved.REFUSED and moved.state is to:
            return None
        self.counts[moved.why] += 1
        return None

    async def _publish(self, stream: str, blobs: Sequence[bytes]) -> None:
        await patiently(lambda: self._publisher.publish(stream, blobs), f"telling {stream}", self.counts)

    async def _asked(self, call: Callable[[], Awaitable[T]], doing: str) -> T:
        return await patiently(call, doing, self.counts)

    def status(self) -> dict[str, int]:
        """What /ops shows of this process."""
        return {
            **self.counts,
            **{f"sorted_{what}": n for what, n in self.sorter.counts.items()},
            "in_hand": len(self._held),
        }


def _token(entry: LaneEntry) -> str:
    return f"{entry.site}/{entry.lane}/{entry.entry}"


def _is_of(entry: LaneEntry, job: RecordingJob) -> bool:
    return entry.site == job.site and entry.recording == job.contact
