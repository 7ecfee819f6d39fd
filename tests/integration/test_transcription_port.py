"""The recogniser's port on a real bus: how often a job was handed out is known, and each job ends once."""

import asyncio
from typing import Any

import pytest
from redis.asyncio import Redis

from asr.jobs import RecordingJob
from asr.ledger import Step, recording_fact
from asr.models import DEMO_CALLS_DIR
from asr.transcript import Transcript
from asr.worker import run_worker
from monitor.transcription import GROUP, LEASE_MS, BusPort
from streams.bus import names
from streams.bus.publish import Publisher
from streams.vocabulary.facts import RecordingFact, UtteranceFact
from streams.vocabulary.ids import ContactId, Millis, SiteId
from tests.integration.bus_room import blobs, dead_reasons, facts, in_own_room, packed, pending, until

pytestmark = pytest.mark.servers

JOB = RecordingJob(site=SiteId("hz"), contact=ContactId("1795262400.1"), contact_at=Millis(5_000), path="/r/a.wav")
LANE = "asr:{hz}:lane:backlog"
HEARD = Transcript(
    site=JOB.site, contact=JOB.contact, contact_at=JOB.contact_at, model="m", duration_ms=1, channels=2, utterances=()
)


async def offer(redis: Redis, *jobs: RecordingJob) -> None:
    await Publisher(redis).publish(names.JOBS_ASR, [packed(job) for job in jobs])


async def opened(redis: Redis, name: str = "transcribe-0") -> BusPort:
    port = BusPort(redis, name=name)
    await port.open()
    return port


async def taken(port: BusPort) -> tuple[str, RecordingJob, int]:
    for _ in range(50):
        if (found := await port.take()) is not None:
            return found.token, found.job, found.attempts
    raise AssertionError("no job came")


def done_fact(attempts: int) -> RecordingFact:
    return recording_fact(JOB, Step.DONE, attempts=attempts, of=HEARD)


async def left(redis: Redis) -> tuple[int, int]:
    """Announcements still owed an acknowledgement, jobs still in the lane."""
    return await pending(redis, names.JOBS_ASR, GROUP), await redis.xlen(LANE)


# --- attempts ------------------------------------------------------------------------------------------------------


def test_each_hand_out_counts_one_attempt(valkey_url: str) -> None:
    """A failure that is not final brings the job again, one attempt more."""

    async def body(redis: Redis) -> list[int]:
        await offer(redis, JOB)
        port = await opened(redis)
        attempts = []
        for _ in range(3):
            token, _, attempt = await taken(port)
            attempts.append(attempt)
            await port.fail(token, "recogniser_died", final=False)
        return attempts

    assert in_own_room(valkey_url, body) == [1, 2, 3]


def test_attempts_survive_a_worker_that_dies_without_a_word(valkey_url: str) -> None:
    """A new port of the same name gets the unfinished job first, and knows that this is not its first time."""

    async def body(redis: Redis) -> list[int]:
        await offer(redis, JOB)
        attempts = []
        for _ in range(3):
            _, _, attempt = await taken(await opened(redis))
            attempts.append(attempt)
        return attempts

    assert in_own_room(valkey_url, body) == [1, 2, 3]


def test_a_dead_workers_job_is_taken_over_by_another(valkey_url: str) -> None:
    """After the lease has run out; the attempt of the dead one is counted."""

    async def body(redis: Redis) -> tuple[RecordingJob, int]:
        await offer(redis, JOB)
        await taken(await opened(redis, "transcribe-7"))
        rows: Any = await redis.xrange(LANE)
        ((entry, _), *_) = rows
        await redis.xclaim(LANE, GROUP, "transcribe-7", 0, [entry], idle=LEASE_MS + 1)
        _, job, attempts = await taken(await opened(redis))
        return job, attempts

    assert in_own_room(valkey_url, body) == (JOB, 2)


# --- ends ----------------------------------------------------------------------------------------------------------


def test_done_is_facts_a_transcript_and_one_acknowledgement(valkey_url: str) -> None:
    """Nothing of the job is left on the bus but its results."""

    async def body(redis: Redis) -> None:
        await offer(redis, JOB)
        port = await opened(redis)
        token, _, attempts = await taken(port)
        await port.done(token, [done_fact(attempts)], HEARD)
        assert (await facts(redis))[-1] == done_fact(1)
        assert await blobs(redis, names.JOBS_SCORE) == [packed(HEARD)]
        assert await left(redis) == (0, 0)

    in_own_room(valkey_url, body)


@pytest.mark.parametrize("same_port", [True, False], ids=["same-port", "after-a-restart"])
def test_a_job_told_twice_is_done_once(valkey_url: str, *, same_port: bool) -> None:
    """The floor tells a recording again after a restart: the second telling is acknowledged and counted."""

    async def body(redis: Redis) -> None:
        await offer(redis, JOB)
        port = await opened(redis)
        token, _, attempts = await taken(port)
        await port.done(token, [done_fact(attempts)], HEARD)
        await offer(redis, JOB)
        port = port if same_port else await opened(redis)
        assert await port.take() is None
        assert port.intake.counts["already_known"] == 1
        assert len(await blobs(redis, names.JOBS_SCORE)) == 1
        assert await left(redis) == (0, 0)

    in_own_room(valkey_url, body)


def test_another_recording_of_the_same_contact_is_another_job(valkey_url: str) -> None:
    """A contact that is transferred may have two files."""

    async def body(redis: Redis) -> RecordingJob:
        second = RecordingJob(site=JOB.site, contact=JOB.contact, contact_at=JOB.contact_at, path="/r/b.wav")
        await offer(redis, JOB, second)
        port = await opened(redis)
        token, _, attempts = await taken(port)
        await port.done(token, [done_fact(attempts)], HEARD)
        return (await taken(port))[1]

    assert in_own_room(valkey_url, body).path == "/r/b.wav"


def test_a_final_failure_is_acknowledged_and_not_tried_again(valkey_url: str) -> None:
    """Quarantined means: the same file told again is not worked on again."""

    async def body(redis: Redis) -> None:
        await offer(redis, JOB, JOB)
        port = await opened(redis)
        token, _, _ = await taken(port)
        await port.fail(token, "not_audio", final=True)
        assert await port.take() is None
        assert await left(redis) == (0, 0)
        assert await redis.xlen(names.JOBS_SCORE) == 0
        assert port.counts == {"failed_not_audio": 1, "quarantined": 1}
        assert port.intake.counts["already_known"] == 1

    in_own_room(valkey_url, body)


@pytest.mark.parametrize("blob", [b"", b"\xc1", packed({"path": 7}), packed({"site": "hz", "more": 1})])
def test_what_is_no_job_is_buried_with_its_reason(valkey_url: str, blob: bytes) -> None:
    """The next job is worked on as if nothing had been."""

    async def body(redis: Redis) -> None:
        await Publisher(redis).publish(names.JOBS_ASR, [blob, packed(JOB)])
        port = await opened(redis)
        assert (await taken(port))[1:] == (JOB, 1)
        assert await dead_reasons(redis, names.JOBS_ASR) == ["not_decodable"]
        assert await left(redis) == (0, 1)

    in_own_room(valkey_url, body)


# --- the real worker over it ---------------------------------------------------------------------------------------


@pytest.mark.vosk
def test_a_real_recording_goes_through_and_a_bad_one_does_not_stop_it(valkey_url: str) -> None:
    """not_audio is quarantined; the demo call's words reach `facts` and its transcript waits for scoring."""
    good = str(DEMO_CALLS_DIR / "c04_no_greeting.flac")
    bad = str(DEMO_CALLS_DIR / "c04_no_greeting.json")

    async def body(redis: Redis) -> None:
        for number, path in ((1, bad), (2, good)):
            job = RecordingJob(site=JOB.site, contact=ContactId(f"c{number}"), contact_at=JOB.contact_at, path=path)
            await offer(redis, job)
        worker = asyncio.create_task(run_worker(await opened(redis)))
        await until(lambda: _scored(redis))
        worker.cancel()
        await asyncio.wait({worker})
        told = await facts(redis)
        steps = [(one.contact, one.state, one.reason) for one in told if isinstance(one, RecordingFact)]
        assert sorted(steps[:4]) == [(one, state, "") for one in ("c1", "c2") for state in ("arrived", "queued")]
        assert steps[4:] == [
            ("c1", "decoding", ""),
            ("c1", "quarantined", "not_audio"),
            ("c2", "decoding", ""),
            ("c2", "recognising", ""),
            ("c2", "done", ""),
        ]
        assert sum(isinstance(one, UtteranceFact) for one in told) > 5
        assert await left(redis) == (0, 0)

    in_own_room(valkey_url, body, within_s=120)


async def _scored(redis: Redis) -> bool:
    return bool(await redis.xlen(names.JOBS_SCORE)) and not await redis.xlen(LANE)
