"""Numbers over a stretch of time, counted when things happened. In: a Warehouse, a range. Out: frozen rows that add up.

Ranges read the rollups; what happened from `today` on is read from the base, which the roller may not have counted yet.
Borders are whole slots of the table read (a minute, five for agents), widened outwards. May not know: screens.
"""
# ruff: noqa: S608 -- every f-string here joins constants of ours; values travel as parameters

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from streams.floor.numbers import DEFAULT_FORMULA, FORMULAS, Counters
from streams.vocabulary.ids import AgentId, Millis, QueueName, SiteId
from streams.warehouse.engine import Warehouse
from streams.warehouse.roller import SHORT_ABANDON_MS
from streams.warehouse.rollup_sql import (
    AGENT_5M,
    AGENT_COUNTERS,
    BUCKET_BASE_MS,
    BUCKETS_PER_DOUBLING,
    HISTOGRAM,
    QUEUE_15M,
    SITE_15M,
    STATE_COUNTERS,
    STATES,
    Part,
    added,
)
from streams.warehouse.slots import SLOTS, border_of, counters_by_slot, finest, from_base, from_rollup, grouped, slots
from streams.warehouse.sql_parts import only

HANDLING: Final = ("on_contact", "on_hold", "wrap_up")


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueSlot:
    """One queue (or site: `queue` "") over one slot, or over the whole range (`at` its beginning)."""

    at: Millis
    queue: QueueName
    counters: Counters


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLevel:
    """`part` of `whole` by the named formula; `percent` None: nothing to say."""

    queue: QueueName
    formula: str
    part: int
    whole: int
    percent: float | None
    asa_ms: float | None
    aht_ms: float | None
    abandoned: int
    offered: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitQuantiles:
    """Waits of answered contacts, ms, within 3 %. `quantile_ms` in the order asked; None: nobody was answered."""

    queue: QueueName
    answered: int
    quantile_ms: tuple[int | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentTotals:
    """One agent's (or site's: `agent` "") contacts and time per state inside the range. Closed intervals only."""

    at: Millis
    agent: AgentId
    answered: int = 0
    outbound_reached: int = 0
    ended: int = 0
    talk_ms: int = 0
    hold_ms: int = 0
    wrap_up_ms: int = 0
    ring_ms: int = 0
    states_ms: Mapping[str, int] = field(default_factory=dict)
    occupancy: float | None = None
    """handling / (handling + ready); None: neither"""


def queue_line(
    warehouse: Warehouse,
    *,
    since: Millis,
    until: Millis,
    queue: QueueName | None = None,
    site: SiteId | None = None,
    slot_minutes: int = 0,
    today: Millis | None = None,
    short_abandon_ms: int = SHORT_ABANDON_MS,
) -> list[QueueSlot]:
    """Counters per queue and slot; `slot_minutes` 0: the range as one. With 15 it is the heat map of a week."""
    rollup = finest(since, until, slot_minutes, today)
    rows = counters_by_slot(warehouse, rollup, since, until, queue, site, slot_minutes, today, short_abandon_ms)
    return [
        QueueSlot(at=Millis(at), queue=QueueName(name), counters=counters)
        for (at, name), counters in sorted(rows.items())
    ]


def site_line(
    warehouse: Warehouse,
    *,
    since: Millis,
    until: Millis,
    site: SiteId | None = None,
    slot_minutes: int = 0,
) -> list[QueueSlot]:
    """All queues of a site together, by quarters of an hour."""
    rows = from_rollup(warehouse, SITE_15M, since, until, None, site, slot_minutes)
    return [
        QueueSlot(at=Millis(at), queue=QueueName(""), counters=counters) for (at, _), counters in sorted(rows.items())
    ]


def service_levels(
    warehouse: Warehouse,
    *,
    since: Millis,
    until: Millis,
    formula: str = DEFAULT_FORMULA,
    queue: QueueName | None = None,
    site: SiteId | None = None,
    today: Millis | None = None,
    short_abandon_ms: int = SHORT_ABANDON_MS,
) -> list[ServiceLevel]:
    """Every queue's service level over the range by one of the six formulas (docs/metrics.md); [] for another name."""
    chosen = FORMULAS.get(formula)
    if chosen is None:
        return []
    found = []
    rows = queue_line(
        warehouse, since=since, until=until, queue=queue, site=site, today=today, short_abandon_ms=short_abandon_ms
    )
    for row in rows:
        ratio, counters = chosen.of(row.counters), row.counters
        found.append(
            ServiceLevel(
                queue=row.queue,
                formula=formula,
                part=ratio.part,
                whole=ratio.whole,
                percent=ratio.percent,
                asa_ms=counters.asa,
                aht_ms=counters.aht,
                abandoned=counters.abandoned,
                offered=counters.offered,
            )
        )
    return found


def wait_quantiles(
    warehouse: Warehouse,
    *,
    since: Millis,
    until: Millis,
    quantiles: Sequence[float] = (0.5, 0.8, 0.9, 0.95, 0.99),
    queue: QueueName | None = None,
    site: SiteId | None = None,
) -> list[WaitQuantiles]:
    """From the histograms of whole quarters of an hour."""
    where, params = only(queue=queue, site=site)
    sql = f"""SELECT queue, sumForEach({HISTOGRAM}) AS histogram FROM queue_15m FINAL
        WHERE {SLOTS}{where} AND part = 'contacts' GROUP BY queue ORDER BY queue"""
    rows = warehouse.query(sql, params | slots(QUEUE_15M, since, until))
    return [
        WaitQuantiles(
            queue=QueueName(name),
            answered=sum(histogram),
            quantile_ms=tuple(quantile_of(histogram, one) for one in quantiles),
        )
        for name, histogram in rows
        if sum(histogram)
    ]


def quantile_of(histogram: Sequence[int], quantile: float) -> int | None:
    """The middle of the bucket in which that wait lies; None for an empty histogram."""
    whole = sum(histogram)
    if not whole:
        return None
    rank = max(1, math.ceil(quantile * whole))
    passed = 0
    for bucket, count in enumerate(histogram):
        passed += count
        if passed >= rank:
            return bucket_middle_ms(bucket)
    return bucket_middle_ms(len(histogram) - 1)


def bucket_middle_ms(bucket: int) -> int:
    return round(BUCKET_BASE_MS * (2 ** ((bucket + 0.5) / BUCKETS_PER_DOUBLING) - 1))


def agent_line(
    warehouse: Warehouse,
    *,
    since: Millis,
    until: Millis,
    agent: AgentId | None = None,
    site: SiteId | None = None,
    slot_minutes: int = 0,
    today: Millis | None = None,
) -> list[AgentTotals]:
    """Contacts and occupancy parts per agent and slot, intervals cut at slot borders however long before they began."""
    where, params = only(agent=agent, site=site)
    group = slot_minutes * 60_000
    numbers = [*AGENT_COUNTERS, *STATE_COUNTERS]
    sql = f"""SELECT {grouped(group)} AS at, agent, {added(numbers)} FROM agent_5m FINAL
        WHERE {SLOTS}{where} GROUP BY at, agent"""
    border = border_of(AGENT_5M, until, today)
    totals: dict[tuple[int, str], dict[str, int]] = {}
    for at, name, *values in warehouse.query(sql, params | slots(AGENT_5M, since, border) | {"group_ms": group}):
        _add(totals, (at or since, name), dict(zip(numbers, values, strict=True)))
    if border < until:
        for part in (Part.CONTACTS, Part.STATES):
            begun = max(since, border)
            for slot, who, counts in from_base(warehouse, AGENT_5M, part, Millis(begun), until, where, params):
                _add(totals, (slot // group * group if group else since, who), counts)
    return [_agent_totals(at, name, values) for (at, name), values in sorted(totals.items()) if any(values.values())]


def _agent_totals(at: int, name: str, values: Mapping[str, int]) -> AgentTotals:
    states = {state: ms for state in STATES if (ms := values.get(f"state_{state}_ms", 0))}
    handling = sum(states.get(state, 0) for state in HANDLING)
    paid = handling + states.get("ready", 0)
    return AgentTotals(
        at=Millis(at),
        agent=AgentId(name),
        **{counter: values.get(counter, 0) for counter in AGENT_COUNTERS},
        states_ms=states,
        occupancy=handling / paid if paid else None,
    )


def _add(totals: dict[tuple[int, str], dict[str, int]], key: tuple[int, str], values: Mapping[str, int]) -> None:
    sums = totals.setdefault(key, {})
    for name, value in values.items():
        sums[name] = sums.get(name, 0) + value
