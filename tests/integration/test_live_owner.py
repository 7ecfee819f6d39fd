"""The floor's owner on a real bus: events become facts, jobs and numbers, and a restart changes none of them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from asr.jobs import RecordingJob
from monitor.demo.switch.capture import write_capture
from monitor.demo.switch.centre import build
from monitor.demo.switch.sim import Sim, SimOptions
from monitor.live import FloorOwner, snapshot_key
from streams.bus import names
from streams.bus.publish import Publisher
from streams.collect.capture import events_of, open_capture
from streams.floor.fold import Floor
from streams.floor.numbers import QueueNumbers
from streams.floor.outputs import Output
from streams.translate.asterisk import AsteriskTranslator
from streams.vocabulary import events as ev
from streams.vocabulary.codec import encode
from streams.vocabulary.facts import ContactLeg, Fact, RecordingFact, StateInterval
from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName, SiteId, SourceId
from streams.vocabulary.states import Outcome
from tests.integration.bus_room import blobs, facts, in_own_room, until

pytestmark = pytest.mark.servers

SITE = SiteId("hz")
NOON = Millis(1_795_262_400_000)
CONTACT, QUEUE, AGENT = ContactId("1795262400.1"), QueueName("vip"), AgentId("10001")
ABOUT: dict[str, Any] = {"site": SITE, "source": SourceId("pbx")}
OF: dict[str, Any] = {"contact": CONTACT, "queue": QUEUE}


def one_contact(*, path: str = "a.wav") -> list[ev.Event]:
    """Waits 4 s, talks 30 s, is recorded."""
    leg: dict[str, Any] = {**OF, "leg": 1}
    by: dict[str, Any] = {"agent": AGENT}
    return [
        ev.AgentJoinedQueue(**ABOUT, seq=1, at=NOON, queue=QUEUE, **by),
        ev.ContactQueued(**ABOUT, seq=2, at=NOON, **leg),
        ev.ContactAnswered(**ABOUT, seq=3, at=Millis(NOON + 4_000), **leg, **by),
        ev.RecordingStarted(**ABOUT, seq=4, at=Millis(NOON + 4_000), contact=CONTACT, path=path),
        ev.ContactEnded(**ABOUT, seq=5, at=Millis(NOON + 34_000), **leg, **by),
        ev.RecordingReady(**ABOUT, seq=6, at=Millis(NOON + 34_000), contact=CONTACT, path=path),
    ]


def owner_on(redis: Redis, *, recordings: Path | None = None, now: int = NOON + 60_000) -> FloorOwner:
    return FloorOwner(
        redis,
        Floor(SITE, utc_offset_ms=0),
        clock=lambda: Millis(now),
        changed=lambda agent: None,
        recordings=recordings,
        agent_channel=0,
    )


@asynccontextmanager
async def at_work(owner: FloorOwner) -> AsyncIterator[FloorOwner]:
    """Restored first, cancelled at the end, as the service does."""
    await owner.restore(utc_offset_ms=0, targets_ms={})
    task = asyncio.create_task(owner.run())
    try:
        yield owner
    finally:
        task.cancel()
        await asyncio.wait({task})


async def publish(redis: Redis, events: Sequence[ev.Event]) -> None:
    await Publisher(redis).publish(names.events(SITE), [encode(event) for event in events])


async def seen(owner: FloorOwner, count: int) -> None:
    """That many entries are folded and what they mean is told: the position moves last."""
    await until(lambda: owner.counts["events"] + owner.counts["event_not_decodable"] >= count)
    await until(lambda: owner.position != "0-0")
    position = owner.position
    while True:
        await asyncio.sleep(0.15)
        if owner.position == position:
            return
        position = owner.position


# --- what goes out -------------------------------------------------------------------------------------------------


def test_events_become_facts(valkey_url: str, tmp_path: Path) -> None:
    """A contact's leg and an agent's intervals stand on `facts`."""

    async def body(redis: Redis) -> list[Fact]:
        await publish(redis, one_contact())
        async with at_work(owner_on(redis, recordings=tmp_path)) as owner:
            await seen(owner, 6)
        return await facts(redis)

    told = in_own_room(valkey_url, body)
    leg = max((one for one in told if isinstance(one, ContactLeg)), key=lambda one: one.ver)
    assert (leg.outcome, leg.wait_ms, leg.talk_ms) == (Outcome.ANSWERED, 4_000, 30_000)
    assert any(isinstance(one, StateInterval) and one.state == "on_contact" for one in told)


def test_a_recording_becomes_one_job(valkey_url: str, tmp_path: Path) -> None:
    """The job's path is absolute and resolved below the folder; the fact is told once it stands in the ledger."""

    async def body(redis: Redis) -> tuple[list[bytes], list[Fact]]:
        await publish(redis, one_contact(path="2026/./a.wav"))
        async with at_work(owner_on(redis, recordings=tmp_path)) as owner:
            await seen(owner, 6)
        return await blobs(redis, names.JOBS_ASR), await facts(redis)

    jobs, told = in_own_room(valkey_url, body)
    decoded = [msgspec.msgpack.decode(blob, type=RecordingJob) for blob in jobs]
    (job,) = (one for one in decoded if not one.expected)
    assert job.path == str(tmp_path / "2026" / "a.wav")
    assert (job.contact, job.contact_at, job.queue, job.agent) == (CONTACT, NOON, QUEUE, AGENT)
    assert [one.state for one in told if isinstance(one, RecordingFact)] == []


def test_numbers_go_out_each_second_and_are_capped(valkey_url: str) -> None:
    """Alerts read them; nobody needs more than some minutes of them."""

    async def body(redis: Redis) -> bytes:
        await publish(redis, one_contact())
        async with at_work(owner_on(redis)) as owner:
            await seen(owner, 6)
            await until(lambda: _some(redis, names.metrics(SITE)))
        return (await blobs(redis, names.metrics(SITE)))[-1]

    (vip,) = msgspec.msgpack.decode(in_own_room(valkey_url, body), type=list[QueueNumbers])
    assert (vip.queue, vip.certain, vip.waiting) == (QUEUE, True, 0)


async def _some(redis: Redis, stream: str) -> bool:
    return bool(await redis.xlen(stream))


# --- what comes in damaged or hostile ------------------------------------------------------------------------------


def test_an_undecodable_blob_is_counted_and_passed(valkey_url: str, tmp_path: Path) -> None:
    """What stands before and behind it is folded as if it were not there."""

    async def body(redis: Redis) -> tuple[FloorOwner, list[Fact]]:
        events = [encode(event) for event in one_contact()]
        bad = [b"", b"\xc1", b"\x81\xa4kind\xa5other"]
        await Publisher(redis).publish(names.events(SITE), [events[0], *bad, *events[1:]])
        await redis.xadd(names.events(SITE), {"foreign": "field"})
        async with at_work(owner_on(redis, recordings=tmp_path)) as owner:
            await seen(owner, 10)
        return owner, await facts(redis)

    owner, told = in_own_room(valkey_url, body)
    assert owner.counts["event_not_decodable"] == 4
    assert owner.counts["events"] == 6
    assert any(isinstance(one, ContactLeg) and one.talk_ms == 30_000 for one in told)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("../secret.wav", "recording_outside"),
        ("/etc/passwd", "recording_outside"),
        ("out/secret.wav", "recording_outside"),
        ("a\0.wav", "recording_not_a_path"),
        ("x" * 5_000, "recording_not_a_path"),
        (".", "recording_not_a_path"),
    ],
    ids=["dots", "absolute", "link", "nul", "long", "folder"],
)
def test_a_hostile_path_becomes_no_job(valkey_url: str, tmp_path: Path, path: str, reason: str) -> None:
    """Counted, and quarantined in the ledger without the path itself; the contact's own facts are told all the same."""
    folder = tmp_path / "monitor"
    folder.mkdir()
    (folder / "out").symlink_to(tmp_path)

    async def body(redis: Redis) -> tuple[FloorOwner, list[bytes], list[Fact]]:
        await publish(redis, one_contact(path=path))
        async with at_work(owner_on(redis, recordings=folder)) as owner:
            await seen(owner, 6)
        return owner, await blobs(redis, names.JOBS_ASR), await facts(redis)

    owner, jobs, told = in_own_room(valkey_url, body)
    decoded = [msgspec.msgpack.decode(blob, type=RecordingJob) for blob in jobs]
    (job,) = (one for one in decoded if not one.expected)
    assert (job.path, job.refused, owner.counts[reason]) == ("", f"path_{reason.removeprefix('recording_')}", 1)
    assert any(isinstance(one, ContactLeg) and one.talk_ms == 30_000 for one in told)


def test_without_a_recordings_folder_a_recording_is_counted(valkey_url: str) -> None:
    """Nothing is transcribed, and /ops can say why."""

    async def body(redis: Redis) -> FloorOwner:
        await publish(redis, one_contact())
        async with at_work(owner_on(redis)) as owner:
            await seen(owner, 6)
        return owner

    assert in_own_room(valkey_url, body).counts["recording_without_folder"] == 1


# --- restarts ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> list[ev.Event]:
    """Three minutes of a simulated switch, ten times as busy, through the real wire and translator."""
    folder = tmp_path_factory.mktemp("capture")
    centre = build(agents=40, seed=3, speed=10)
    sim = Sim(centre, SimOptions(seed=3, keep_log=True), start=NOON)
    write_capture(sim, folder, minutes=3)
    capture = open_capture(folder)
    translator = AsteriskTranslator(site=SITE, source=SourceId("pbx"), settings=capture.settings)
    return list(events_of(capture, translator))


def uninterrupted(events: Sequence[ev.Event], now: Millis) -> tuple[Floor, list[Fact]]:
    floor = Floor(SITE, utc_offset_ms=0)
    outputs: list[Output] = []
    for event in events:
        outputs += floor.apply(event)
    outputs += floor.advance(now)
    return floor, [one for one in outputs if isinstance(one, ContactLeg | StateInterval)]


def keyed(told: Sequence[Fact]) -> dict[bytes, Fact]:
    """As the warehouse keeps them: of one key the highest `ver`; here every version counts, each once."""
    return {encode(one): one for one in told}


def test_restarts_in_mid_stream_give_the_floor_and_facts_of_one_run(valkey_url: str, simulated: list[ev.Event]) -> None:
    """Stopped three times, with and without a fresh snapshot; the last floor and the set of facts are the same."""
    now = Millis(simulated[-1].at + 60_000)
    third = len(simulated) // 3

    async def body(redis: Redis) -> tuple[Floor, list[Fact]]:
        done = 0
        for part, saving in (
            (simulated[:third], True),
            (simulated[third : 2 * third], False),
            (simulated[2 * third :], True),
        ):
            await publish(redis, part)
            done += len(part)
            owner = owner_on(redis, now=part[-1].at)
            async with at_work(owner):
                await seen(owner, 1)
                assert owner.floor.state.seqs[SourceId("pbx")] == part[-1].seq
            if saving:
                await owner.save()
        last = owner_on(redis, now=now)
        async with at_work(last):
            await last.caught_up.wait()
            await asyncio.sleep(0.2)
        return last.floor, await facts(redis)

    floor, told = in_own_room(valkey_url, body, within_s=90)
    expected_floor, expected = uninterrupted(simulated, now)
    assert keyed([one for one in told if not isinstance(one, RecordingFact)]).keys() == keyed(expected).keys()
    assert floor.numbers(now) == expected_floor.numbers(now)
    assert floor.agents == expected_floor.agents
    assert len(expected) > 200


@pytest.mark.parametrize(
    "stored",
    [
        msgspec.msgpack.encode(("9-0", msgspec.msgpack.encode({"site": "hz", "agents": [1]}))),
        msgspec.msgpack.encode(("9-0", b"\xc1")),
        msgspec.msgpack.encode({"another": "shape"}),
        msgspec.msgpack.encode(("9-0", b"x" * 100))[:40],
        b"",
        b"\xc1",
    ],
    ids=["another-version", "not-msgpack-inside", "another-shape", "cut-short", "empty", "garbage"],
)
def test_an_unreadable_snapshot_is_refused_and_the_stream_replayed(valkey_url: str, stored: bytes) -> None:
    """Counted; the floor is then what the stream says from its first entry."""

    async def body(redis: Redis) -> FloorOwner:
        await publish(redis, one_contact())
        await redis.set(snapshot_key(SITE), stored)
        async with at_work(owner_on(redis)) as owner:
            await seen(owner, 6)
        return owner

    owner = in_own_room(valkey_url, body)
    assert owner.counts["snapshot_refused"] == 1
    assert owner.counts["events"] == 6
    assert owner.floor.state.contacts == 1


def test_a_refused_snapshot_over_a_trimmed_stream_says_that_events_are_missing(valkey_url: str) -> None:
    """The day's numbers then begin late, and someone can know it."""

    async def body(redis: Redis) -> FloorOwner:
        await publish(redis, one_contact())
        await redis.xtrim(names.events(SITE), maxlen=3, approximate=False)
        await redis.set(snapshot_key(SITE), b"\xc1")
        async with at_work(owner_on(redis)) as owner:
            await seen(owner, 3)
        return owner

    assert in_own_room(valkey_url, body).counts["events_trimmed_unseen"] == 1


def test_a_telling_that_failed_keeps_no_snapshot_that_would_hide_the_facts(valkey_url: str) -> None:
    """The events are folded but their facts are not out: the save on leaving is passed over, a restart tells them."""

    async def body(redis: Redis) -> list[Fact]:
        await publish(redis, one_contact())
        await redis.set(names.FACTS, "no stream: the bus refuses the facts")
        first = owner_on(redis)
        with pytest.raises(ResponseError, match="WRONGTYPE"):
            await first.run()
        await first.save()
        await redis.delete(names.FACTS)
        async with at_work(owner_on(redis)) as second:
            await seen(second, 6)
        return await facts(redis)

    told = in_own_room(valkey_url, body)
    assert any(isinstance(one, ContactLeg) and one.talk_ms == 30_000 for one in told)
