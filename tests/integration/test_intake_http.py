"""Recordings that are posted, imported, matched, tried again and discarded: the ledger says so, on a real bus."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import aiohttp
import msgspec
import pytest
from aiohttp import web
from msgspec.structs import replace
from redis.asyncio import Redis

from asr.intake_manifest import read_manifest
from asr.intake_names import DEFAULTS
from asr.intake_states import State
from asr.jobs import RecordingJob
from monitor import clock
from monitor.api import intake as api
from monitor.api.parts import PARTS
from monitor.intake import Announced, Intake
from monitor.intake_desk import IntakeDesk
from monitor.intake_files import Surroundings, job_of_file
from streams.vocabulary.facts import RecordingFact
from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName, SiteId
from streams.warehouse.contacts import ContactDetail, LegRow, ListedContact
from tests.integration.bus_room import facts, in_own_room

pytestmark = pytest.mark.servers

TOKEN = "a-token-of-this-test-only"
CONTACT = "1795291649.12"
SITE = SiteId("gz")


class _History:
    """One contact, answered five seconds after it came, and its own words for questions."""

    async def ask(self, name: str, **params: Any) -> list[dict[str, object]]:
        leg = visit()
        if name == "contact_detail":
            detail = ContactDetail(contact=leg.contact, legs=(leg,), recording=None, utterances=(), scores=())
            rows: list[Any] = [detail] if params["contact"] == CONTACT else []
        else:
            mine = params["choose"]["agent"] in (None, leg.agent)
            rows = [ListedContact(leg=leg, recording=None, scores=())] if mine else []
        return msgspec.convert(msgspec.to_builtins(rows), list[dict[str, object]])


def visit() -> LegRow:
    at = Millis(1_795_291_649_000)
    return LegRow(
        at, SITE, ContactId(CONTACT), 1, QueueName("vip"), AgentId("8001"), "voice", "inbound", "", "",
        Millis(at + 5_000), Millis(0), 0, 0, 0, 0, 0, 0, "answered", "", "", "",
    )  # fmt: skip


class _Parts:
    """What the door's routes read of the application's parts."""

    def __init__(self, desk: IntakeDesk) -> None:
        self.intake = desk
        self.history = _History()

    def actor(self, request: web.Request) -> str:
        return "tester"


def desk_on(redis: Redis, folder: Path) -> IntakeDesk:
    import re

    around = Surroundings(
        folder=folder.resolve(),
        sites={SITE: ZoneInfo("UTC")},
        names=[re.compile(one) for one in DEFAULTS],
        agent_channel=0,
    )
    intake = Intake(redis, clock=clock.now)
    return IntakeDesk(intake, around, redis=redis, clock=clock.now, token=TOKEN, most_bytes=10_000)


Body = Callable[[IntakeDesk, Callable[..., Awaitable[tuple[int, Any]]]], Awaitable[None]]


def at_the_door(url: str, folder: Path, body: Body) -> None:
    async def run(redis: Redis) -> None:
        desk = desk_on(redis, folder)
        app = web.Application(client_max_size=64 * 1024)
        app[PARTS] = _Parts(desk)  # type: ignore[misc]
        app.add_routes(api.routes())
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        place = f"http://127.0.0.1:{runner.addresses[0][1]}/api/v1/recordings"
        async with contextlib.AsyncExitStack() as open_still:
            open_still.push_async_callback(runner.cleanup)
            session = await open_still.enter_async_context(aiohttp.ClientSession())

            async def ask(method: str, path: str = "", *, token: str = TOKEN, **told: Any) -> tuple[int, Any]:
                headers = {"Authorization": f"Bearer {token}"} if token else {}
                async with session.request(method, place + path, headers=headers, **told) as answer:
                    return answer.status, await answer.json()

            await body(desk, ask)

    in_own_room(url, run)


def test_a_posted_recording_is_on_disk_and_queued_and_known_when_it_comes_again(
    valkey_url: str, tmp_path: Path
) -> None:
    """201 once, 200 from then on, however it is sent; one entry in the lane."""

    async def body(desk: IntakeDesk, ask: Any) -> None:
        status, told = await ask("POST", f"?contact={CONTACT}&name=a.wav", data=b"audio")
        assert (status, told["state"], told["recording"]) == (201, "queued", CONTACT)
        form = aiohttp.FormData({"contact": CONTACT})
        form.add_field("file", b"audio", filename="a.wav")
        assert (await ask("POST", data=form))[0] == 200
        (row,) = await desk.rows(SITE, [State.QUEUED])
        assert await asyncio.to_thread(Path(row.job.path).read_bytes) == b"audio"
        seen = await desk.seen([SITE])
        assert (seen.arrived, seen.open, seen.arrived_off, seen.created_off) == (1, 1, 0, 0)

    at_the_door(valkey_url, tmp_path, body)


@pytest.mark.parametrize(
    ("told", "query", "status", "reason"),
    [
        ({"token": ""}, "", 401, "no_token"),
        ({"token": "wrong"}, "", 403, "wrong_token"),
        ({"data": b""}, "", 422, "nothing_in_body"),
        ({"data": b"x" * 10_001}, "", 413, "recording_too_large"),
        ({"data": b"x"}, "?name=a.exe", 415, "unknown_ending"),
        ({"data": b"x"}, "?site=mars", 422, "unknown_site"),
        ({"data": b"x"}, "?at=yesterday", 422, "wrong_field"),
        ({"data": b"x"}, "?at=4070908800000", 422, "wrong_field"),
        ({"data": b"x"}, "?contact=sha:0123456789", 422, "wrong_field"),
        ({"data": b"x"}, "?agent=8001%0A", 422, "wrong_field"),
    ],
)
def test_what_is_refused_names_its_mend_and_leaves_nothing(
    valkey_url: str, tmp_path: Path, told: dict[str, Any], query: str, status: int, reason: str
) -> None:
    async def body(desk: IntakeDesk, ask: Any) -> None:
        got, answer = await ask("POST", query, **{"data": b"audio", **told})
        assert (got, answer["reason"]) == (status, reason)
        assert answer["mend"]
        assert (await desk.seen([SITE])).created == 0

    at_the_door(valkey_url, tmp_path, body)
    assert [one for one in tmp_path.rglob("*") if one.is_file()] == []


@pytest.mark.parametrize("name", ["../../../x.wav", "/etc/x.wav", "..", "a\0b.wav", "%2e%2e%2fx.wav", "<b>.wav"])
def test_no_name_leads_out_of_the_folder(valkey_url: str, tmp_path: Path, name: str) -> None:
    """A file lies under its content's digest, whatever it was called."""

    async def body(desk: IntakeDesk, ask: Any) -> None:
        status, told = await ask("POST", f"?name={quote(name)}", data=b"audio")
        assert (status, told["state"]) == (201, "waits")
        (row,) = await desk.rows(SITE, [State.ARRIVED])
        assert Path(row.job.path) == tmp_path / "posted" / told["sha256"][:2] / f"{told['sha256']}.wav"

    at_the_door(valkey_url, tmp_path, body)


def test_a_recording_nobody_knows_waits_and_is_matched_by_hand(valkey_url: str, tmp_path: Path) -> None:
    """It goes on under its contact's name, counted once; history has it from the first moment, under its own name."""

    async def body(desk: IntakeDesk, ask: Any) -> None:
        _, told = await ask("POST", "?name=x.wav", data=b"audio")
        assert told["state"] == "waits"
        _, listed = await ask("GET", "?state=arrived&reason=unmatched")
        assert [row["recording"] for row in listed["rows"]] == [told["recording"]]
        query = f"?site=gz&recording={told['recording']}&contact={CONTACT}"
        status, refused = await ask("POST", f"/act/match{query}9")
        assert (status, refused["reason"]) == (404, "contact_not_found")
        assert (await ask("POST", f"/act/match{query}"))[0] == 200
        (row,) = await desk.rows(SITE, list(State))
        assert (row.recording, row.state, row.job.matched) == (CONTACT, State.QUEUED, "hand")
        assert (row.job.contact_at, row.job.queue, row.job.agent) == (visit().queued_at, "vip", "8001")
        seen = await desk.seen([SITE])
        assert (seen.arrived, seen.arrived_off, seen.created_off) == (1, 0, 0)
        assert (await ask("POST", f"/act/match{query}"))[0] == 409
        _, again = await ask("POST", "?name=x.wav", data=b"audio")
        assert (again["state"], (await desk.seen([SITE])).created) == ("known", 1)
        assert await stands(desk) == {
            told["recording"]: ("matched", "", "none"),
            CONTACT: ("queued", "", "hand"),
        }

    at_the_door(valkey_url, tmp_path, body)


async def stands(desk: IntakeDesk) -> dict[str, tuple[str, str, str]]:
    """What history keeps of each: the row with the highest version."""
    told = [one for one in await facts(desk.intake.store._redis) if isinstance(one, RecordingFact)]
    return {one.contact: (one.state, one.reason, one.matched) for one in sorted(told, key=lambda one: one.ver)}


def test_the_same_audio_under_another_ending_waits_beside_the_first(valkey_url: str, tmp_path: Path) -> None:
    """Neither has a contact, so neither goes into the queue."""

    async def body(desk: IntakeDesk, ask: Any) -> None:
        told = [await ask("POST", f"?name={name}", data=b"audio") for name in ("x.wav", "x.mp3", "x.mp3")]
        assert [(status, one["state"]) for status, one in told] == [(201, "waits"), (201, "waits"), (200, "known")]
        assert len({one["recording"] for _, one in told}) == 2
        assert [row.job.contact for row in await desk.rows(SITE, [State.ARRIVED])] == ["", ""]

    at_the_door(valkey_url, tmp_path, body)


def test_a_file_that_a_folder_and_a_switch_tell_of_is_one_recording(valkey_url: str, tmp_path: Path) -> None:
    """The folder knows no contact, the switch does; whoever comes first."""

    async def body(desk: IntakeDesk, ask: Any) -> None:
        del ask
        for number, order in enumerate(((0, 1), (1, 0), (0, 1, 0))):
            path = tmp_path / f"out-{number}.wav"
            found = job_of_file(path, desk.around, changed_at=clock.now(), now=clock.now())
            switch = replace(found, contact=ContactId(f"c{number}"), matched="told", sha256="")
            for which in order:
                await desk.intake.announce((found, switch)[which])
        seen = await desk.seen([SITE])
        assert (seen.created, seen.arrived, seen.open, seen.arrived_off, seen.created_off) == (3, 3, 3, 0, 0)
        assert {row.recording for row in await desk.rows(SITE, [State.QUEUED])} == {"c0", "c1", "c2"}
        kept = [state for state, _, _ in (await stands(desk)).values() if state != "matched"]
        assert kept == ["queued"] * 3

    at_the_door(valkey_url, tmp_path, body)


def test_quarantined_is_tried_again_or_discarded_and_never_vanishes(valkey_url: str, tmp_path: Path) -> None:
    async def body(desk: IntakeDesk, ask: Any) -> None:
        job = RecordingJob(site=SITE, contact=ContactId(CONTACT), contact_at=Millis(clock.now()), path="/r/a.wav")
        await desk.intake.store.move(SITE, CONTACT, State.ARRIVED, now=clock.now(), job=job)
        assert await desk.intake.quarantine(job, CONTACT, "file_gone")
        query = f"?site=gz&recording={CONTACT}"
        assert (await ask("POST", f"/act/discard{query}"))[0] == 200
        assert (await desk.seen([SITE])).reasons == {"discarded": 1}
        assert (await ask("POST", f"/act/retry{query}"))[0] == 200
        assert (await ask("POST", f"/act/retry{query}"))[0] == 409
        seen = await desk.seen([SITE])
        assert (seen.arrived, seen.open, seen.quarantined, seen.arrived_off) == (1, 1, 0, 0)
        states = [one.state for one in await facts(desk.intake.store._redis)]  # type: ignore[union-attr]
        assert states == ["quarantined", "quarantined", "queued"]

    at_the_door(valkey_url, tmp_path, body)


def test_a_manifest_takes_in_what_is_there_and_names_the_rest(valkey_url: str, tmp_path: Path) -> None:
    """Dry, it changes nothing; again, everything is known."""
    (tmp_path / "a.wav").write_bytes(b"x")
    text = f"path,contact\na.wav,{CONTACT}\ngone.wav,1795291649.13\n../../etc/passwd,1795291649.14\n"

    async def body(desk: IntakeDesk, ask: Any) -> None:
        status, told = await ask("POST", "/import?dry=1", data=text.encode())
        assert (status, told["taken"], told["dry"], (await desk.seen([SITE])).created) == (
            200,
            1,
            True,
            0,
        ) or status == 422
        status, told = await ask("POST", "/import", data=text.encode())
        assert (status, told["taken"], [one["line"] for one in told["faults"]]) == (200, 1, [3, 4])
        again = await desk.import_rows(read_manifest(text), dry=False)
        assert (again.taken, again.known) == (0, 1)

    at_the_door(valkey_url, tmp_path, body)


def test_an_expected_recording_that_comes_too_late_is_missing_first(valkey_url: str, tmp_path: Path) -> None:
    """expected, missing, arrived: the sums hold at every step, and the contact's own time and queue are kept."""

    async def body(desk: IntakeDesk, ask: Any) -> None:
        del ask
        at = Millis(clock.now())
        job = RecordingJob(site=SITE, contact=ContactId(CONTACT), contact_at=at, path="", expected=True)
        assert (await desk.intake.announce(job))[0] is Announced.EXPECTED
        assert (await desk.intake.announce(job))[0] is Announced.KNOWN
        assert await desk.intake.missing(job, CONTACT)
        seen = await desk.seen([SITE])
        assert (seen.created, seen.missing, seen.arrived, seen.created_off) == (1, 1, 0, 0)
        found = RecordingJob(
            site=SITE, contact=ContactId(CONTACT), contact_at=Millis(1), path="/r/a.wav", matched="name"
        )
        assert (await desk.intake.announce(found))[0] is Announced.QUEUED
        (row,) = await desk.rows(SITE, [State.QUEUED])
        assert row.job.contact_at == at
        seen = await desk.seen([SITE])
        assert (seen.missing, seen.arrived, seen.created_off, seen.arrived_off) == (0, 1, 0, 0)

    at_the_door(valkey_url, tmp_path, body)


def test_many_doors_at_once_make_one_recording(valkey_url: str, tmp_path: Path) -> None:
    """The switch, the folder and the API tell of the same file in the same instant."""

    async def body(desk: IntakeDesk, ask: Any) -> None:
        del ask
        job = RecordingJob(site=SITE, contact=ContactId(CONTACT), contact_at=Millis(clock.now()), path="/r/a.wav")
        told = await asyncio.gather(*(desk.intake.announce(job) for _ in range(20)))
        assert [one for one, _ in told].count(Announced.QUEUED) == 1
        assert (await desk.seen([SITE])).arrived == 1

    at_the_door(valkey_url, tmp_path, body)
