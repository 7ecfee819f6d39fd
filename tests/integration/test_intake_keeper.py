"""What the ledger does by itself on a real bus: folders, matches by time, addresses, limits. Time is set by hand."""

import asyncio
import os
import re
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from redis.asyncio import Redis

from asr.intake_names import DEFAULTS, Candidate
from asr.intake_states import State
from asr.jobs import RecordingJob
from monitor.intake import Intake
from monitor.intake_fetch import Fetcher, FetchRefused, NotFetched
from monitor.intake_files import Surroundings
from monitor.intake_keeper import MATCH_EVERY_MS, MOST_FETCHES, STUCK_MS, IntakeKeeper
from monitor.intake_store import LedgerRow
from monitor.intake_watch import FolderWatch
from streams.vocabulary.facts import RecordingFact
from streams.vocabulary.ids import AgentId, ContactId, Millis, SiteId
from tests.integration.bus_room import facts, in_own_room

pytestmark = pytest.mark.servers

SITE = SiteId("gz")
NOW = 1_795_300_000_000
"""2026-11-21 22:26:40 UTC"""
BEGUN = NOW - 600_000
LIMIT_MS = 30 * 60_000
URL = "https://rec.example.net/r/"


class Room:
    """The keeper with a clock that is set by hand. Mutable; one per test."""

    def __init__(self, redis: Redis, folder: Path, contacts: Sequence[Candidate] = (), fetcher: Fetcher | None = None):
        self.now = NOW
        self.redis = redis
        self.folder = folder
        self.contacts = contacts
        self.intake = Intake(redis, clock=lambda: Millis(self.now))
        self.keeper = IntakeKeeper(
            self.intake,
            Surroundings(
                folder=folder,
                sites={SITE: ZoneInfo("UTC")},
                names=[re.compile(one) for one in DEFAULTS],
                agent_channel=0,
            ),
            watch=FolderWatch(folder, (".",), stable_ms=1_000),
            fetcher=fetcher,
            candidates=self._candidates,
            clock=lambda: Millis(self.now),
            missing_after_ms=LIMIT_MS,
            match_for_ms=LIMIT_MS,
        )

    async def _candidates(self, site: SiteId, agent: AgentId, begun: Millis) -> Sequence[Candidate]:
        assert site == SITE
        return [one for one in self.contacts if one.agent == agent]

    async def later(self, ms: int = MATCH_EVERY_MS) -> None:
        """One look at everything, so much later; fetches end with it."""
        self.now += ms
        await self.keeper.look_into_folders()
        async with asyncio.TaskGroup() as tasks:
            await self.keeper.look_after(SITE, tasks)

    async def rows(self, *states: State) -> list[LedgerRow]:
        return [row for state in states or tuple(State) for row in await self.intake.store.listed(SITE, state)]

    async def history(self) -> dict[str, tuple[str, str, str]]:
        """What the warehouse keeps of each."""
        told = [one for one in await facts(self.redis) if isinstance(one, RecordingFact)]
        return {one.contact: (one.state, one.reason, one.matched) for one in sorted(told, key=lambda one: one.ver)}

    async def balances(self) -> bool:
        """The ledger's sums, and the same sums over history."""
        balance = await self.intake.store.balance(SITE)
        kept = [state for state, _, _ in (await self.history()).values() if state != "matched"]
        same = {state: kept.count(state) for state in State} == balance.states
        return same and (balance.arrived_off, balance.created_off) == (0, 0)


def laid(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    os.utime(path, (BEGUN / 1000, BEGUN / 1000))
    return path


def lived(
    url: str,
    folder: Path,
    body: Callable[[Room], Awaitable[None]],
    *,
    contacts: Sequence[Candidate] = (),
    fetcher: Fetcher | None = None,
) -> None:
    async def run(redis: Redis) -> None:
        room = Room(redis, folder, contacts, fetcher)
        await body(room)
        assert await room.balances()

    in_own_room(url, run)


def contact(name: str, answered_at: int, agent: str = "8001") -> Candidate:
    at = Millis(answered_at - 20_000)
    return Candidate(contact=ContactId(name), contact_at=at, answered_at=Millis(answered_at), queue="vip", agent=agent)


def test_a_watched_folder_takes_in_what_its_names_tell(valkey_url: str, tmp_path: Path) -> None:
    """By name into the queue; nobody's waits; seen again by a new process, everything is known."""

    async def body(room: Room) -> None:
        laid(tmp_path / "q-600-1795299000.7.wav")
        laid(tmp_path / "holiday.wav")
        laid(tmp_path / "posted" / "ab" / "already-there.wav")
        for link, target in (("link.wav", "holiday.wav"), ("out", "/etc")):
            (tmp_path / link).symlink_to(target)
        await room.later()
        await room.later()
        (queued,) = await room.rows(State.QUEUED)
        assert (queued.recording, queued.job.matched) == ("1795299000.7", "name")
        (waits,) = await room.rows(State.ARRIVED)
        assert (waits.reason, Path(waits.job.path).name) == ("unmatched", "holiday.wav")
        again = Room(room.redis, tmp_path)
        await again.later()
        await again.later()
        assert again.keeper.counts["folder_known"] == 2
        assert len(await room.rows()) == 2

    lived(valkey_url, tmp_path, body)


def test_a_recording_is_matched_by_time_and_marked(valkey_url: str, tmp_path: Path) -> None:
    """Agent and wall-clock time in its name; the ledger and history say that it is a guess, and who else was near."""
    begun = 1_795_299_401_000  # 22:16:41 UTC
    contacts = [contact("near", begun - 1_500), contact("far", begun - 60_000), contact("other", begun, agent="8002")]

    async def body(room: Room) -> None:
        laid(tmp_path / "8001-20261121-221641.wav")
        await room.later()
        await room.later()
        (row,) = await room.rows()
        assert (row.recording, row.state, row.job.matched, row.job.queue) == ("near", State.QUEUED, "time", "vip")
        assert row.job.candidates == (("near", 1_500), ("far", 60_000))
        assert row.job.contact_at == begun - 21_500
        assert (await room.history())["near"] == ("queued", "", "time")

    lived(valkey_url, tmp_path, body, contacts=contacts)


def test_two_that_are_alike_near_wait_for_a_person_and_end_in_quarantine(valkey_url: str, tmp_path: Path) -> None:
    begun = 1_795_299_401_000
    contacts = [contact("one", begun - 1_500), contact("two", begun + 2_000)]

    async def body(room: Room) -> None:
        laid(tmp_path / "8001-20261121-221641.wav")
        await room.later()
        await room.later()
        assert [row.state for row in await room.rows()] == [State.ARRIVED]
        await room.later(LIMIT_MS)
        (row,) = await room.rows()
        assert (row.state, row.reason) == (State.QUARANTINED, "unmatched")
        assert list((await room.history()).values()) == [("quarantined", "unmatched", "none")]

    lived(valkey_url, tmp_path, body, contacts=contacts)


class Fetched(Fetcher):
    """What one address after another answers."""

    def __init__(self, folder: Path, *answers: FetchRefused | None, final: bool = False) -> None:
        super().__init__(folder, prefixes=(URL,), networks=(), most_bytes=10)
        self._answers = list(answers)
        self._final = final

    async def fetch(self, url: str) -> Path:
        answer = self._answers.pop(0)
        if answer is not None:
            raise NotFetched(answer, final=self._final)
        return Path("/recordings/fetched/a.wav")


async def told_of(room: Room, **more: object) -> str:
    job = RecordingJob(
        site=SITE,
        contact=ContactId("c"),
        contact_at=Millis(BEGUN),
        path=f"{URL}a.wav",
        **more,  # type: ignore[arg-type]
    )
    return (await room.intake.announce(job))[1]


def test_an_address_is_fetched_and_tried_again_until_it_is_there(valkey_url: str, tmp_path: Path) -> None:
    async def body(room: Room) -> None:
        await told_of(room)
        (row,) = await room.rows()
        assert (row.state, row.reason) == (State.ARRIVED, "fetching")
        await room.later()
        await room.later()
        (row,) = await room.rows()
        assert (row.state, row.job.path) == (State.QUEUED, "/recordings/fetched/a.wav")

    lived(valkey_url, tmp_path, body, fetcher=Fetched(tmp_path, FetchRefused.URL_NOT_FOUND, None))


@pytest.mark.parametrize(("tries", "final"), [(1, True), (MOST_FETCHES, False)])
def test_an_address_that_gives_nothing_is_quarantined_with_its_reason(
    valkey_url: str, tmp_path: Path, tries: int, *, final: bool
) -> None:
    """At once where trying again would say the same."""

    async def body(room: Room) -> None:
        await told_of(room)
        for _ in range(tries):
            assert [row.state for row in await room.rows()] == [State.ARRIVED]
            await room.later(120_000)
        (row,) = await room.rows()
        assert (row.state, row.reason) == (State.QUARANTINED, "url_failed")

    fetcher = Fetched(tmp_path, *[FetchRefused.URL_FAILED] * tries, final=final)
    lived(valkey_url, tmp_path, body, fetcher=fetcher)


def test_what_was_announced_and_does_not_come_is_missing(valkey_url: str, tmp_path: Path) -> None:
    async def body(room: Room) -> None:
        await told_of(room, expected=True)
        await room.later()
        assert [row.state for row in await room.rows()] == [State.EXPECTED]
        await room.later(LIMIT_MS)
        assert [row.state for row in await room.rows()] == [State.MISSING]

    lived(valkey_url, tmp_path, body)


def test_one_that_a_dead_process_left_half_way_goes_on(valkey_url: str, tmp_path: Path) -> None:
    """Arrived, told to history, and then nothing."""

    async def body(room: Room) -> None:
        job = RecordingJob(site=SITE, contact=ContactId("c"), contact_at=Millis(BEGUN), path="/r/a.wav")
        await room.intake.store.move(SITE, "c", State.ARRIVED, now=Millis(NOW), job=job, path=job.path)
        await room.later(STUCK_MS)
        assert [row.state for row in await room.rows()] == [State.QUEUED]

    lived(valkey_url, tmp_path, body)


def test_a_name_that_is_no_text_and_one_of_markup_are_two_recordings(valkey_url: str, tmp_path: Path) -> None:
    """The folder is looked at to its end, whatever lies in it."""

    async def body(room: Room) -> None:
        laid(tmp_path / os.fsdecode("录音.wav".encode("gbk")))
        laid(tmp_path / "=1+1 <b>\n\x1b[2J.wav")
        await room.later()
        await room.later()
        found = {row.reason: row for row in await room.rows()}
        assert {reason: row.state for reason, row in found.items()} == {
            "name_not_text": State.QUARANTINED,
            "unmatched": State.ARRIVED,
        }
        assert found["name_not_text"].job.path.endswith(r"¼\udcd2\udcf4.wav")

    lived(valkey_url, tmp_path, body)
