"""Builders for warehouse tests: small worlds whose sums are worked by hand."""

from typing import Any

from streams.vocabulary.events import ContactQueued, Event
from streams.vocabulary.facts import AlertFact, ContactLeg, Fact, RecordingFact, ScoreFact, StateInterval, UtteranceFact
from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName, SiteId, SourceId
from streams.vocabulary.states import AgentState, Outcome
from streams.warehouse.engine import Warehouse
from streams.warehouse.migrate import migrate
from streams.warehouse.rows import fact_columns, table_of

NOON = Millis(1_795_262_400_000)
"""2026-11-21 12:00:00 UTC"""
MINUTE = 60_000
HOUR = 60 * MINUTE
SITE = SiteId("hz")


def contact_id(number: int, at: int = NOON) -> ContactId:
    return ContactId(f"{at // 1000}.{number}")


def leg(
    number: int, *, after_ms: int = 0, ver: int = 1, contact: str = "", queue: str = "vip", **fields: Any
) -> ContactLeg:
    values: dict[str, Any] = {"outcome": Outcome.ANSWERED, "leg": 1, "target_ms": 20_000, **fields}
    return ContactLeg(
        site=SITE,
        ver=ver,
        queued_at=Millis(NOON + after_ms),
        contact=ContactId(contact or contact_id(number)),
        queue=QueueName(queue),
        **values,
    )


def interval(
    number: int, *, start_ms: int, lasts_ms: int, state: AgentState, agent: str = "8001", reason: str = ""
) -> StateInterval:
    return StateInterval(
        site=SITE,
        ver=1,
        started_at=Millis(NOON + start_ms),
        agent=AgentId(agent),
        number=number,
        state=state,
        reason=reason,
        duration_ms=lasts_ms,
    )


def recording(number: int, state: str, *, ver: int, **fields: Any) -> RecordingFact:
    return RecordingFact(site=SITE, ver=ver, contact_at=NOON, contact=contact_id(number), state=state, **fields)


def utterance(contact: int, number: int, text: str, *, channel: int = 0, start_ms: int = 0) -> UtteranceFact:
    return UtteranceFact(
        site=SITE,
        ver=1,
        said_at=Millis(NOON + start_ms),
        contact=contact_id(contact),
        channel=channel,
        role="agent" if channel == 0 else "customer",
        number=number,
        start_ms=start_ms,
        end_ms=start_ms + 900,
        text=text,
        words=[text[:1], text[1:]],
        word_start_ms=[start_ms, start_ms + 100],
        word_end_ms=[start_ms + 100, start_ms + 900],
        word_confidence=[255, 17],
        confidence=0.53,
    )


def score(contact: int, *, passed: bool, fatal: bool = False, points: float = 80.0, version: int = 1) -> ScoreFact:
    return ScoreFact(
        site=SITE,
        ver=1,
        contact_at=NOON,
        contact=contact_id(contact),
        scheme="telecom",
        scheme_version=version,
        points=points,
        points_low=points - 5,
        points_high=points + 5,
        points_max=100.0,
        passed=passed,
        fatal=fatal,
        items='[{"id":"greeting","zh":"","outcome":"hit","leaning":"hit"}]',
        scored_at=Millis(NOON + HOUR),
    )


def alert(
    name: str,
    *,
    state: str,
    ver: int,
    scope: str = "queue:vip",
    resolved_ms: int = 0,
    reason: str = "breach",
    **fields: Any,
) -> AlertFact:
    return AlertFact(
        site=SITE,
        ver=ver,
        raised_at=Millis(NOON + 10 * MINUTE),
        alert=name,
        rule="service_level",
        scope=scope,
        severity="page",
        state=state,
        reason=reason,
        resolved_at=Millis(NOON + resolved_ms if resolved_ms else 0),
        **fields,
    )


def queued(seq: int, *, contact: str = "", queue: str = "vip", customer: str = "") -> Event:
    return ContactQueued(
        at=Millis(NOON + seq),
        site=SITE,
        source=SourceId("asterisk-1"),
        seq=seq,
        contact=ContactId(contact or contact_id(seq)),
        leg=1,
        queue=QueueName(queue),
        customer=customer,
    )


def store(warehouse: Warehouse, *facts: Fact) -> None:
    """Insert facts as the writer does, table by table."""
    for table in sorted({table_of(fact) for fact in facts}):
        warehouse.insert(table, fact_columns(table, [fact for fact in facts if table_of(fact) == table]))


def migrated(warehouse: Warehouse) -> Warehouse:
    migrate(warehouse, now=NOON)
    return warehouse
