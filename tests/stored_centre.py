"""A small centre's stored hours: recorded contacts with visits, holds, wrap-ups, marks; some with no visit; chats.

In: a Warehouse. Out: nothing; the same rows every time.
"""

import random
from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from asr.transcript import Transcript
from streams.vocabulary import events as ev
from streams.vocabulary.facts import ContactLeg, UtteranceFact
from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName, SiteId, SourceId
from streams.vocabulary.states import Channel, EndedBy, Outcome
from streams.warehouse.engine import Warehouse
from streams.warehouse.rows import event_columns, fact_columns
from tests.bench._score_calls import START, cases
from tests.bench.score import _facts, _recording

SITE: Final = SiteId("hz")
STEP_MS: Final = 40_000
CHATS: Final = 3
FIRST: Final = Millis(START)
WITHOUT_VISIT: Final = 9
"""Every ninth contact's: a recording that was only handed in."""


def until(contacts: int) -> Millis:
    return Millis(START + contacts * STEP_MS)


def names(contacts: int) -> list[ContactId]:
    """Every contact, chats too, in order of their beginning."""
    both = [(at, ContactId(f"{at // 1000}.{n}")) for n in range(contacts) for at in [START + n * STEP_MS]]
    both += [(_chat_at(n), _chat_name(n)) for n in range(CHATS)]
    return [name for _, name in sorted(both)]


def fill(warehouse: Warehouse, contacts: int, *, site: SiteId = SITE) -> None:
    chance = random.Random(7)
    made = [_transcript(number, case.transcript) for number, case in enumerate(cases(contacts))]
    seen = [one for number, one in enumerate(made) if number % WITHOUT_VISIT]
    spoken = [fact for one in made for fact in _facts(one)] + [fact for n in range(CHATS) for fact in _messages(n)]
    events = [event for one in seen for event in _events(one, chance)]
    legs = [*map(_leg, seen), *map(_chat, range(CHATS))]
    tables = {"recordings": [_recording(one) for one in made], "utterances": spoken, "contact_legs": legs}
    for table, rows in tables.items():
        warehouse.insert(table, fact_columns(table, [replace(row, site=site) for row in rows]))
    numbered = [replace(event, seq=number, site=site) for number, event in enumerate(events)]
    warehouse.insert("events", event_columns(numbered))


def _transcript(number: int, one: Transcript) -> Transcript:
    at = Millis(START + number * STEP_MS)
    agent = AgentId(f"80{number % 5:02}")
    return replace(one, site=SITE, contact=ContactId(f"{at // 1000}.{number}"), contact_at=at, agent=agent)


def _leg(one: Transcript) -> ContactLeg:
    at = one.contact_at
    return ContactLeg(
        site=SITE, ver=1, queued_at=Millis(at - 9_000), contact=one.contact, leg=1, queue=one.queue, agent=one.agent,
        answered_at=at, ended_at=Millis(at + one.duration_ms), wait_ms=9_000, talk_ms=one.duration_ms, tier="VIP",
        outcome=Outcome.ANSWERED, ended_by=EndedBy.AGENT,
    )  # fmt: skip


def _events(one: Transcript, chance: random.Random) -> Iterator[ev.Event]:
    base = {"site": SITE, "source": SourceId("s"), "seq": 0, "contact": one.contact}
    visit = {**base, "leg": 1, "queue": one.queue}
    staffed = {**visit, "agent": one.agent}
    at, end = one.contact_at, one.contact_at + one.duration_ms
    yield ev.ContactQueued(at=Millis(at - 9_000), **visit)
    yield ev.ContactAnswered(at=at, **staffed)
    if chance.random() < 0.4:
        yield ev.ContactHeld(at=Millis(at + 5_000), **staffed)
        yield ev.ContactResumed(at=Millis(at + 5_000 + chance.randrange(90_000)), **staffed)
    yield ev.ContactEnded(at=Millis(end), ended_by=EndedBy.AGENT, **staffed)
    yield ev.WrapUpStarted(at=Millis(end + 1), **staffed)
    yield ev.WrapUpEnded(at=Millis(end + 20_000), agent=one.agent, **{k: v for k, v in base.items() if k != "contact"})
    if chance.random() < 0.3:
        yield ev.ContactSurveyed(at=Millis(end + chance.choice([60_000, 50 * 60_000])), value=2, **base)


def _chat_at(number: int) -> int:
    return START + number * 10 * STEP_MS + 17


def _chat_name(number: int) -> ContactId:
    return ContactId(f"{_chat_at(number) // 1000}.chat{number}")


def _chat(number: int) -> ContactLeg:
    at = _chat_at(number)
    return ContactLeg(
        site=SITE, ver=1, queued_at=Millis(at), contact=_chat_name(number), leg=1, queue=QueueName("support"),
        agent=AgentId("8001"), channel=Channel.CHAT, answered_at=Millis(at + 1_000), ended_at=Millis(at + 60_000),
        wait_ms=1_000, talk_ms=59_000, outcome=Outcome.ANSWERED,
    )  # fmt: skip


def _messages(number: int) -> list[UtteranceFact]:
    lines = (("agent", "您好，很高兴为您服务"), ("customer", "我要投诉到工信部"), ("agent", "请稍等，再见"))
    return [
        UtteranceFact(
            site=SITE, ver=1, said_at=Millis(_chat_at(number) + 5_000 * place), contact=_chat_name(number),
            channel=int(role == "agent"), role=role, number=place, start_ms=0, end_ms=0, text=text, confidence=1.0,
            model="chat",
        )
        for place, (role, text) in enumerate(lines)
    ]  # fmt: skip
