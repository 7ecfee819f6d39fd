"""The web over a real ledger of recordings, for browser tests and pictures. In: a bus, a folder. Out: a `Wall`.

Recordings go through the real intake; `filled` puts some into every state.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

import msgspec

from asr.intake_names import DEFAULTS
from asr.intake_states import IntakeReason, State
from asr.intake_turns import LANES
from asr.jobs import RecordingJob
from monitor.api.parts import Parts
from monitor.intake import Intake
from monitor.intake_desk import IntakeDesk
from monitor.intake_files import Surroundings
from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName, SiteId
from tests.browser.serve import Wall, now
from tests.browser.synthetic import QUEUES

T = TypeVar("T")
SITE = SiteId("gz")
OTHER = SiteId("sz")
HOSTILE = "=cmd|' C calc'!A0 <img src=x onerror=alert(1)>.wav"
DONE, QUEUED = 86, 12
COUNTED: dict[str, object] = {
    "history intake": {
        "folder_queued": 91, "folder_waits": 3, "matched_by_time": 4, "never_matched": 1, "fetched": 2,
        "fetch_url_not_found": 1, "forgotten": 0, "watch_files": 94, "watch_too_old": 12, "watch_vanished": 0,
        "arrived": 107, "queued": 98, "already_known": 3, "sorted_queued": 7, "missing": 1, "quarantined_unmatched": 1,
        "matched_hand": 2, "candidates_not_read": 0, "unstuck": 0,
    },
    "transcriber transcribe-a-1f3a-0": {
        "done": 51, "retries": 2, "taken_over": 1, "already_done": 0, "in_hand": 1, "failed_not_audio": 2,
        "quarantined": 2, "sorted_queued": 40, "lease_lost": 0, "paused_disk_full": 0, "silent": 0,
    },
    "transcriber transcribe-b-7c02-0": {"done": 35, "not_yours": 1, "in_hand": 0, "bus_retries": 3, "silent": 1},
}  # fmt: skip


@dataclass
class LedgerWall(Wall):
    """Its desk is `intake`; `told` counts what a transcribing process and the keeper would tell."""

    intake: IntakeDesk | None = field(init=False, default=None)
    kept: Path = Path("/recordings")

    def parts(self) -> Parts:
        return replace(super().parts(), intake=self.desk_of_recordings())

    def status(self) -> dict[str, object]:
        return {**super().status(), **COUNTED}

    def desk_of_recordings(self) -> IntakeDesk:
        if self.intake is None:
            around = Surroundings(
                folder=self.kept,
                sites={SITE: ZoneInfo("Asia/Shanghai"), OTHER: ZoneInfo("Asia/Shanghai")},
                names=[re.compile(one) for one in DEFAULTS],
                agent_channel=0,
            )
            door = Intake(self.redis, clock=now)
            self.intake = IntakeDesk(door, around, redis=self.redis, clock=now, token="", most_bytes=1_000)
        return self.intake

    def do(self, work: Callable[[IntakeDesk], Awaitable[T]]) -> T:
        """In the web's own loop."""
        assert self.intake is not None
        done: Future[T] = asyncio.run_coroutine_threadsafe(_awaited(work(self.intake)), self.loop)
        return done.result(30)


async def _awaited(work: Awaitable[T]) -> T:
    return await work


def job(number: int, **told: object) -> RecordingJob:
    at = Millis(now() - 60_000 * (number + 2))
    contact = ContactId(f"{at // 1000}.{number}")
    fields: dict[str, object] = {
        "site": SITE if number % 5 else OTHER,
        "contact": contact,
        "contact_at": at,
        "path": f"/recordings/2026/q-600-{contact}.wav",
        "queue": QueueName(QUEUES[number % len(QUEUES)]),
        "agent": AgentId(str(8001 + number % 40)),
        "matched": ("told", "name", "id")[number % 3],
    }
    return msgspec.convert(fields | told, RecordingJob)


def unmatched(wall: Wall, number: int, *, agent: str = "", name: str = "") -> RecordingJob:
    """Of nobody yet; it began four seconds after an answered contact of the wall's history."""
    legs = [detail.legs[0] for detail in wall.history.details.values() if detail.legs[0].answered_at]
    leg = legs[number]
    name = name or f"line3-{number}.wav"
    return job(
        number, site=SITE, contact=ContactId(""), agent=AgentId(agent or leg.agent), queue=QueueName(""), matched="",
        contact_at=Millis(leg.answered_at + 4_000), path=f"/recordings/in/{name}", sha256=f"{number:x}".ljust(64, "0"),
    )  # fmt: skip


async def filled(desk: IntakeDesk, wall: Wall) -> None:
    """Something in every state; one of hostile name, one matched by time."""
    door = desk.intake
    for number in range(DONE):
        near = (("1795291649.7", 2_100), ("1795291633.2", 14_000))
        told = {"matched": "time", "candidates": near} if number == 3 else {}
        await door.announce(job(number, **told))
    while await worked(desk, State.DONE):
        pass
    for number, reason in enumerate(("not_audio", "recogniser_timeout", "file_missing", "not_audio"), start=100):
        await door.announce(job(number))
        while await worked(desk, State.QUARANTINED, reason):
            pass
    await door.announce(job(110, path="", refused="path_outside"))
    await door.announce(unmatched(wall, 5, name=HOSTILE))
    lost = unmatched(wall, 6)
    _, name = await door.announce(lost)
    await door.quarantine(lost, name, IntakeReason.UNMATCHED)
    await door.announce(unmatched(wall, 7, agent="9999"))
    await door.announce(job(120, path="https://rec.example.net/calls/a.wav"))
    for number in range(130, 130 + QUEUED):
        await door.announce(job(number, site=SITE))
    await worked(desk, State.DECODING)
    await worked(desk, State.RECOGNISING)
    for number in range(150, 156):
        await door.announce(job(number, path="", expected=True))
    await door.missing(job(150), job(150).contact)


async def worked(desk: IntakeDesk, to: State, reason: str = "") -> bool:
    """One recording from the lanes that far; False: none waited."""
    store = desk.intake.store
    for site in (SITE, OTHER):
        entry = await store.take(site, "worker", LANES)
        if entry is None:
            continue
        await store.move(site, entry.recording, State.DECODING, now=now(), taker="worker", entry=entry.entry)
        for step in (State.RECOGNISING, to) if to is not State.DECODING else ():
            await store.move(site, entry.recording, step, now=now(), held="worker", reason=reason)
        return True
    return False
