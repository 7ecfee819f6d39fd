"""Transcripts in, scores out, on a real bus."""

import asyncio
from typing import Any

import pytest
from redis.asyncio import Redis

from asr.transcript import Transcript, Utterance, Word
from monitor.history import SCORE
from monitor.scorer import SCORE_ATTEMPTS, Scorer
from scoring.library import load_scheme
from scoring.rules import Scheme
from streams.bus import names
from streams.bus.consume import Consumer
from streams.bus.publish import Publisher
from streams.vocabulary.codec import encode
from streams.vocabulary.facts import Fact, ScoreFact
from streams.vocabulary.ids import ContactId, Millis, QueueName, SiteId
from tests.integration.bus_room import dead_reasons, facts, in_own_room, packed, until

pytestmark = pytest.mark.servers


def heard(contact: str, *texts: str, at: int = 5_000) -> Transcript:
    said = tuple(
        Utterance(
            channel=number % 2,
            role="agent" if number % 2 == 0 else "customer",
            number=number,
            start_ms=number * 2_000,
            end_ms=number * 2_000 + 1_500,
            text=text,
            words=(Word(text=text, start_ms=number * 2_000, end_ms=number * 2_000 + 1_500, confidence=0.99),),
            confidence=0.99,
        )
        for number, text in enumerate(texts)
    )
    return Transcript(
        site=SiteId("hz"),
        contact=ContactId(contact),
        contact_at=Millis(at),
        model="m",
        duration_ms=60_000,
        channels=2,
        utterances=said,
    )


def by_one(site: SiteId, queue: QueueName) -> tuple[Scheme, ...]:
    return (load_scheme("telecom-service.zh"),)


async def scored(redis: Redis, *blobs: bytes) -> tuple[Scorer, list[Fact]]:
    """What stands on `facts` once everything is read and acknowledged."""
    await Publisher(redis).publish(names.JOBS_SCORE, blobs)
    scorer = Scorer(redis, by_one, name="score-0", clock=lambda: Millis(9_000))
    task = asyncio.create_task(scorer.run())
    await until(lambda: _worked_off(redis))
    task.cancel()
    await asyncio.wait({task})
    return scorer, await facts(redis)


async def _worked_off(redis: Redis) -> bool:
    groups: Any = await redis.xinfo_groups(names.JOBS_SCORE)
    return bool(groups) and (groups[0]["lag"], groups[0]["pending"]) == (0, 0)


def test_a_transcript_becomes_one_score(redis_url: str) -> None:
    """With its contact, its scheme and the moment of scoring; the job is acknowledged."""

    async def body(redis: Redis) -> list[Fact]:
        return (await scored(redis, packed(heard("c1", "您好，很高兴为您服务", "我想查话费"))))[1]

    (score,) = in_own_room(redis_url, body)
    assert isinstance(score, ScoreFact)
    assert (score.contact, score.scheme, score.scored_at) == ("c1", "telecom-service.zh", 9_000)
    assert score.points_low <= score.points <= score.points_high <= score.points_max


def test_a_silent_recording_is_scored_too(redis_url: str) -> None:
    """No words at all: still one score, for somebody to look at."""

    async def body(redis: Redis) -> list[Fact]:
        return (await scored(redis, packed(heard("c1"))))[1]

    assert [type(one) for one in in_own_room(redis_url, body)] == [ScoreFact]


def test_what_is_no_transcript_is_buried_and_the_next_one_scored(redis_url: str) -> None:
    """With its reason, in the dead letters."""

    async def body(redis: Redis) -> tuple[Scorer, list[Fact], list[str]]:
        scorer, told = await scored(redis, b"\xc1", packed({"site": 1}), packed(heard("c1", "您好")))
        return scorer, told, await dead_reasons(redis, names.JOBS_SCORE)

    scorer, told, reasons = in_own_room(redis_url, body)
    assert reasons == ["not_decodable", "not_decodable"]
    assert scorer.counts == {"not_decodable": 2, "scored": 1}
    assert len(told) == 1


def test_a_transcript_left_by_a_dead_scorer_is_scored_by_the_next(redis_url: str) -> None:
    """It was handed out but never acknowledged."""

    async def body(redis: Redis) -> list[Fact]:
        await Publisher(redis).publish(names.JOBS_SCORE, [packed(heard("c0", "您好"))])
        await redis.xgroup_create(names.JOBS_SCORE, SCORE, id="0")
        await redis.xreadgroup(SCORE, "score-0", {names.JOBS_SCORE: ">"})
        return (await scored(redis, packed(heard("c1", "您好"))))[1]

    told = in_own_room(redis_url, body)
    assert [one.contact for one in told if isinstance(one, ScoreFact)] == ["c0", "c1"]


def test_a_transcript_that_keeps_ending_the_process_is_buried_and_the_next_one_scored(redis_url: str) -> None:
    """Counted before the work begins: a fourth attempt means that three processes died on it."""

    async def body(redis: Redis) -> tuple[Scorer, list[Fact], list[str]]:
        (first,) = await Publisher(redis).publish(names.JOBS_SCORE, [packed(heard("bad", "您好"))])
        await redis.hset(SCORE_ATTEMPTS, first, 3)
        scorer, told = await scored(redis, packed(heard("good", "您好")))
        return scorer, told, await dead_reasons(redis, names.JOBS_SCORE)

    scorer, told, reasons = in_own_room(redis_url, body)
    assert [one.contact for one in told if isinstance(one, ScoreFact)] == ["good"]
    assert scorer.counts == {"ended_its_process": 1, "scored": 1}
    assert reasons == ["ended_its_process"]


def test_two_scorers_share_the_work_and_a_dead_ones_part_is_claimed(redis_url: str) -> None:
    """A third one was given ten and died: every transcript is scored; told twice, it is the same fact."""

    async def body(redis: Redis) -> tuple[list[Fact], int]:
        await Publisher(redis).publish(names.JOBS_SCORE, [packed(heard(f"c{n}", "您好")) for n in range(60)])
        dead = Consumer(redis, stream=names.JOBS_SCORE, group=SCORE, name="score-dead")
        await dead.ensure_group()
        assert len(await dead.read(10, 10)) == 10
        scorers = [
            Scorer(redis, by_one, name=name, clock=lambda: Millis(9_000), stale_ms=1_500) for name in ("one", "two")
        ]
        tasks = [asyncio.create_task(scorer.run()) for scorer in scorers]
        await until(lambda: _worked_off(redis))
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        return await facts(redis), sum(scorer.counts["claimed"] for scorer in scorers)

    told, claimed = in_own_room(redis_url, body)
    assert {one.contact for one in told if isinstance(one, ScoreFact)} == {f"c{n}" for n in range(60)}
    assert len({encode(one) for one in told}) == 60
    assert claimed >= 10
