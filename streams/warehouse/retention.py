"""How long history is kept. In: partitions, settings, the time. Out: which to drop; dropped, or only told.

A partition goes when all of it is older than its class is kept; what people did is dropped only when somebody says how
long it is to be kept. Dropping costs nothing, however much it is. May not know: clocks, when this is run.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from streams.vocabulary.ids import Millis
from streams.warehouse.engine import Warehouse

CHECKPOINTS_DAYS: Final = 31
MS_PER_DAY: Final = 24 * 3600 * 1000


class DataClass(StrEnum):
    EVENTS = "events"
    CONTACTS = "contacts"
    """visits, states, and what was counted of them"""
    TRANSCRIPTS = "transcripts"
    """recordings' ledger, utterances, scores, verdicts on them"""
    ALERTS = "alerts"
    AUDIT = "audit"
    CHECKPOINTS = "checkpoints"


TABLES_OF: Final[Mapping[DataClass, tuple[str, ...]]] = {
    DataClass.EVENTS: ("events",),
    DataClass.CONTACTS: ("contact_legs", "state_intervals", "queue_1m", "queue_15m", "agent_5m", "site_15m"),
    DataClass.TRANSCRIPTS: ("recordings", "utterances", "scores", "verdicts"),
    DataClass.ALERTS: ("alerts", "alert_notes"),
    DataClass.AUDIT: ("audit",),
    DataClass.CHECKPOINTS: ("floor_checkpoints",),
}
CLASS_OF: Final = {table: one for one, tables in TABLES_OF.items() for table in tables}


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """Days, counted from the end of a partition (a month, so data is kept up to a month longer). None: for ever."""

    events: int | None = 90
    contacts: int | None = 730
    transcripts: int | None = 365
    alerts: int | None = 730
    audit: int | None = None
    checkpoints: int | None = CHECKPOINTS_DAYS

    def days(self, one: DataClass) -> int | None:
        kept: int | None = getattr(self, one)
        return kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """`name` as the store writes it: YYYYMM or YYYYMMDD."""

    table: str
    name: str
    rows: int
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    table: str
    partition: str
    data: DataClass
    ended: Millis
    """the first moment after it"""
    days: int
    """how long its class is kept"""
    rows: int
    bytes: int


def plan(partitions: Iterable[Partition], keeping: Keeping, *, now: Millis) -> list[Drop]:
    """Oldest first. Tables and partition names that are not ours are left alone."""
    drops = []
    for one in partitions:
        data, ended = CLASS_OF.get(one.table), end_of(one.name)
        if data is None or ended is None:
            continue
        days = keeping.days(data)
        if days is not None and ended + days * MS_PER_DAY <= now:
            drops.append(
                Drop(
                    table=one.table,
                    partition=one.name,
                    data=data,
                    ended=ended,
                    days=days,
                    rows=one.rows,
                    bytes=one.bytes,
                )
            )
    return sorted(drops, key=lambda drop: (drop.ended, drop.table))


def end_of(name: str) -> Millis | None:
    """The first moment after a month or a day; None for any other name."""
    try:
        match len(name):
            case 6:
                begin = datetime.strptime(f"{name}01", "%Y%m%d").replace(tzinfo=UTC)
                end = (begin + timedelta(days=32)).replace(day=1)
            case 8:
                end = datetime.strptime(name, "%Y%m%d").replace(tzinfo=UTC) + timedelta(days=1)
            case _:
                return None
    except ValueError:
        return None
    return Millis(int(end.timestamp()) * 1000)


def partitions(warehouse: Warehouse) -> list[Partition]:
    """Everything the store holds of our tables."""
    sql = """SELECT table, partition, sum(rows), sum(bytes_on_disk) FROM system.parts
        WHERE active AND database = {database} GROUP BY table, partition ORDER BY table, partition"""
    rows = warehouse.query(sql, {"database": warehouse.database})
    # a cluster keeps a table's rows in `<table>_local`
    return [
        Partition(table=table.removesuffix("_local"), name=str(name), rows=count, bytes=size)
        for table, name, count, size in rows
        if table.removesuffix("_local") in CLASS_OF
    ]


def retention_plan(warehouse: Warehouse, *, keeping: Keeping, now: Millis) -> list[Drop]:
    return plan(partitions(warehouse), keeping, now=now)


def drop(warehouse: Warehouse, one: Drop, *, cluster: str = "") -> None:
    """On a cluster every machine drops its own."""
    if end_of(one.partition) is None or one.table not in CLASS_OF:
        raise ValueError(f"not a partition of ours: {one.table} {one.partition}")
    table = f"{one.table}_local ON CLUSTER {cluster}" if cluster else one.table
    warehouse.execute(f"ALTER TABLE {table} DROP PARTITION {one.partition}")
