"""Contacts as rules see them, rebuilt from both engines; and who is scored without a recogniser's word."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from redis.asyncio import Redis

from asr.transcript import Transcript
from monitor.case_again import CaseAgain
from monitor.case_reader import CaseReader
from monitor.case_stored import known_of, stored_case, stored_transcript
from monitor.roster import Roster
from scoring.case import Kind
from streams.bus import names
from streams.vocabulary import events as ev
from streams.vocabulary.facts import UtteranceFact
from streams.vocabulary.ids import AgentId, Millis, QueueName, SourceId
from streams.vocabulary.states import EndedBy
from streams.warehouse.engine import Warehouse
from streams.warehouse.front import AsyncWarehouse
from streams.warehouse.rows import event_columns
from tests.integration.bus_room import blobs, in_own_room
from tests.integration.facts import (
    HOUR,
    MINUTE,
    NOON,
    SITE,
    contact_id,
    leg,
    migrated,
    recording,
    score,
    store,
    utterance,
)
from tests.servers import Place

pytestmark = pytest.mark.servers

SHANGHAI = ZoneInfo("Asia/Shanghai")
LATER = Millis(NOON + HOUR)
SEATED = Roster(skills={QueueName("vip"): ("chats",)})


def told(kind: Any, after_ms: int, number: int = 1, **fields: Any) -> ev.Event:
    base: dict[str, Any] = {"contact": contact_id(number)}
    if "leg" in kind.__struct_fields__:
        base |= {"leg": 1, "queue": QueueName("vip")}
    if "agent" in kind.__struct_fields__ and kind is not ev.ContactQueued:
        base["agent"] = AgentId("8001")
    if "contact" not in kind.__struct_fields__:
        del base["contact"]
    event: ev.Event = kind(at=Millis(NOON + after_ms), site=SITE, source=SourceId("s"), seq=after_ms, **base | fields)
    return event


def keep(warehouse: Warehouse, events: Sequence[ev.Event]) -> None:
    warehouse.insert("events", event_columns(events))


VOICE = (
    told(ev.ContactQueued, 0),
    told(ev.ContactAnswered, 10_000),
    told(ev.RecordingStarted, 1, path="a.wav"),
    told(ev.ContactHeld, 30_000),
    told(ev.ContactResumed, 50_000),
    told(ev.ContactEnded, 70_000, ended_by=EndedBy.AGENT),
    told(ev.RecordingReady, 70_001, path="a.wav"),
    told(ev.WrapUpStarted, 70_002),
    told(ev.WrapUpEnded, 95_002),
    told(ev.ContactSurveyed, 10 * MINUTE, value=2),
    told(ev.ContactDescribed, 11 * MINUTE, fields={"amount": "128.5"}, tags=("renewal",)),
    told(ev.ContactHeld, 40_000, number=2),
)


def voice(warehouse: Warehouse) -> None:
    store(
        migrated(warehouse),
        leg(
            1,
            agent="8001",
            answered_at=NOON + 10_000,
            ended_at=NOON + 70_000,
            wait_ms=10_000,
            talk_ms=60_000,
            hold_ms=20_000,
            ended_by=EndedBy.AGENT,
            tags="conference",
        ),
        recording(1, "done", ver=9, duration_ms=60_000, channels=2, model="cn", agent="8001", queue="vip"),
        utterance(1, 0, "您好"),
        utterance(1, 1, "请稍等", channel=1, start_ms=2_000),
    )
    keep(warehouse, VOICE)


def test_a_stored_contact_has_its_words_events_and_facts(warehouse: Warehouse) -> None:
    """The recording of 60 s began at the answer, for only that fits; another contact's hold is not in it."""
    voice(warehouse)
    case = stored_case(warehouse, site=SITE, contact=contact_id(1), zone=SHANGHAI, now=LATER)
    assert case is not None
    assert [one.text for one in case.transcript.utterances] == ["您好", "请稍等"]
    assert [(one.kind, one.start_ms, one.end_ms, one.reason, one.value) for one in case.happenings or ()] == [
        (Kind.QUEUED, -10_000, None, "", None),
        (Kind.ANSWERED, 0, None, "", None),
        (Kind.HOLD, 20_000, 40_000, "", None),
        (Kind.ENDED, 60_000, None, "agent", None),
        (Kind.AGENT_STATE, 60_002, 85_002, "wrap_up", None),
        (Kind.SURVEY, 590_000, None, "", 2.0),
    ]
    assert case.facts == {
        "site": "hz",
        "queue": "vip",
        "direction": "inbound",
        "channel": "voice",
        "outcome": "answered",
        "agent": "8001",
        "ended_by": "agent",
        "wait_seconds": 10.0,
        "talk_seconds": 60.0,
        "hold_seconds": 20.0,
        "hour": 20.0,
        "weekday": 6.0,
        "business.amount": "128.5",
        "tags": ("conference", "renewal"),
    }


def test_a_contact_whose_end_is_not_stored_yet_is_incomplete(warehouse: Warehouse) -> None:
    """It is scored with what is known, and again once its end came."""
    voice(warehouse)
    transcript = stored_transcript(warehouse, site=SITE, contact=contact_id(1))
    assert transcript is not None
    assert known_of(warehouse, transcript, zone=None, now=LATER).complete
    other = msgspec.structs.replace(transcript, contact=contact_id(3))
    unknown = known_of(warehouse, other, zone=None, now=LATER)
    assert (unknown.complete, unknown.case.happenings) == (False, None)
    assert unknown.case.facts["agent"] == "8001"  # the recording's own word


def chat(number: int, count: int) -> list[UtteranceFact]:
    return [
        msgspec.structs.replace(
            utterance(number, place, f"第{place}句", channel=place % 2, start_ms=place * 10_000),
            words=[],
            word_start_ms=[],
            word_end_ms=[],
            word_confidence=[],
            model="chat",
        )
        for place in range(1, count + 1)
    ]


def test_a_stored_chat_is_a_transcript_without_word_times(warehouse: Warehouse) -> None:
    """Its times count from the contact's beginning, its length goes to the end."""
    ended = leg(4, agent="8001", channel="chat", answered_at=NOON + 5_000, ended_at=NOON + 90_000)
    store(migrated(warehouse), ended, *chat(4, 2))
    keep(
        warehouse, [told(ev.ContactQueued, 0, 4), told(ev.ContactAnswered, 5_000, 4), told(ev.ContactEnded, 90_000, 4)]
    )
    case = stored_case(warehouse, site=SITE, contact=contact_id(4), now=LATER)
    assert case is not None
    transcript = case.transcript
    assert (transcript.model, transcript.duration_ms, transcript.agent) == ("chat", 90_000, "8001")
    assert [(one.start_ms, one.text, one.words) for one in transcript.utterances] == [
        (10_000, "第1句", ()),
        (20_000, "第2句", ()),
    ]
    assert [one.start_ms for one in case.happenings or ()] == [0, 5_000, 90_000]


def test_chats_that_ended_and_contacts_told_of_since_are_scored_once(
    redis_url: str, chdb_url: str, fresh_name: str
) -> None:
    """A chat without a score, and one whose mark came after it; what has its score is passed by."""
    place = Place(chdb_url, fresh_name)
    front = AsyncWarehouse(place.open)

    def prepare(warehouse: Warehouse) -> None:
        warehouse.execute(f"CREATE DATABASE IF NOT EXISTS `{fresh_name}`")
        migrated(warehouse)
        ends: dict[str, Any] = {"agent": "8001", "channel": "chat", "answered_at": NOON + 5_000}
        store(
            warehouse,
            leg(4, ended_at=NOON + 90_000, **ends),
            leg(5, ended_at=NOON + 90_000, **ends),
            *chat(4, 2),
            *chat(5, 2),
            score(5, passed=True),
        )
        late: dict[str, Any] = {"site": SITE, "source": SourceId("s"), "value": 1.0}
        after = Millis(NOON + HOUR + MINUTE)
        keep(warehouse, [ev.ContactSurveyed(at=after, seq=n, contact=contact_id(n), **late) for n in (5, 6)])

    async def body(redis: Redis) -> list[str]:
        await front.run(prepare)

        def clock() -> Millis:
            return Millis(NOON + HOUR + 2 * MINUTE)

        reader = CaseReader(front, zones={SITE: SHANGHAI}, clock=clock, rosters=lambda site: SEATED)
        again = CaseAgain(redis, front, reader, clock=clock)
        again._looked_until = NOON
        await again.look()
        again._looked_until = NOON
        await again.look()
        assert again.counts == {"chats": 1, "told_since": 1}
        sent = [msgspec.msgpack.decode(blob, type=Transcript) for blob in await blobs(redis, names.JOBS_SCORE)]
        case = await reader.case_of(sent[0])
        assert case.facts["channel"] == "chat"
        assert "skill" in case.facts
        await front.run(lambda warehouse: warehouse.execute(f"DROP DATABASE `{fresh_name}`"))
        await front.close()
        return [one.contact for one in sent]

    assert in_own_room(redis_url, body) == [contact_id(4), contact_id(5)]
