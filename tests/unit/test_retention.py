"""What retention drops, worked by hand. Months and days as the store names its partitions."""

from datetime import UTC, datetime

import pytest

from streams.vocabulary.ids import Millis
from streams.warehouse.retention import CLASS_OF, Keeping, Partition, end_of, plan


def at(year: int, month: int, day: int) -> Millis:
    return Millis(int(datetime(year, month, day, tzinfo=UTC).timestamp()) * 1000)


def months(table: str, *names: str) -> list[Partition]:
    return [Partition(table=table, name=name, rows=10, bytes=100) for name in names]


@pytest.mark.parametrize(
    ("name", "end"),
    [
        ("202601", at(2026, 2, 1)),
        ("202512", at(2026, 1, 1)),
        ("202402", at(2024, 3, 1)),
        ("20240229", at(2024, 3, 1)),
        ("20251231", at(2026, 1, 1)),
        ("202613", None),
        ("all", None),
        ("tuple()", None),
        ("1970", None),
    ],
)
def test_partition_ends_at_the_next_one(name: str, end: Millis | None) -> None:
    """Half-open; a name that is no month or day is nothing to decide about."""
    assert end_of(name) == end


def test_month_goes_when_its_last_day_is_too_old() -> None:
    """Events kept 90 days: August ends on 1 September, 90 days later is 30 November."""
    events = months("events", "202609", "202607", "202608")
    keeping = Keeping(events=90)
    assert [one.partition for one in plan(events, keeping, now=Millis(at(2026, 11, 30) - 1))] == ["202607"]
    dropped = plan(events, keeping, now=at(2026, 11, 30))
    assert [(one.partition, one.ended, one.days) for one in dropped] == [
        ("202607", at(2026, 8, 1), 90),
        ("202608", at(2026, 9, 1), 90),
    ]


def test_each_class_has_its_own_days() -> None:
    """Visits and their rollups go together, transcripts apart."""
    held = [part for table in CLASS_OF for part in months(table, "202001")]
    keeping = Keeping(events=None, contacts=100, transcripts=None, alerts=None, checkpoints=None)
    dropped = {one.table for one in plan(held, keeping, now=at(2026, 1, 1))}
    assert dropped == {"contact_legs", "state_intervals", "queue_1m", "queue_15m", "agent_5m", "site_15m"}


def test_audit_goes_only_when_told() -> None:
    """What people did outlives everything else unless somebody decides otherwise."""
    audit = months("audit", "201001")
    assert plan(audit, Keeping(), now=at(2099, 1, 1)) == []
    assert len(plan(audit, Keeping(audit=3_650), now=at(2099, 1, 1))) == 1


def test_checkpoints_go_by_the_day() -> None:
    """31 days, then the whole day."""
    days = months("floor_checkpoints", "20261001", "20261002", "20261101")
    assert [one.partition for one in plan(days, Keeping(), now=at(2026, 11, 2))] == ["20261001"]


def test_strangers_are_left_alone() -> None:
    """Tables that are not ours, and our ledger of migrations, are nobody's to drop."""
    held = [*months("their_table", "200001"), *months("schema_migrations", "200001"), *months("events", "tuple()")]
    assert plan(held, Keeping(events=1, audit=1), now=at(2026, 1, 1)) == []
