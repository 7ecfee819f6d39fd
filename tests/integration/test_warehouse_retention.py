"""Partitions of real stores: what the plan names goes, and nothing else."""

import pytest

from streams.vocabulary.ids import Millis
from streams.warehouse import queries
from streams.warehouse.engine import Warehouse
from streams.warehouse.retention import TABLES_OF, Drop, Keeping, drop, partitions, retention_plan
from tests.integration.facts import HOUR, NOON, leg, migrated, recording, store
from tests.integration.warehouse_room import Rolled

pytestmark = pytest.mark.servers

DAY = 24 * HOUR


def test_plan_is_told_then_done(warehouse: Warehouse) -> None:
    """A dry run changes nothing; the drop takes the old months of one class and leaves the rest."""
    rolled = Rolled(migrated(warehouse))
    rolled.write([leg(number, after_ms=-number * 100 * DAY) for number in range(6)])
    rolled.roll()
    store(warehouse, recording(1, "done", ver=1))
    keeping = Keeping(contacts=250)
    now = Millis(NOON + HOUR)
    planned = retention_plan(warehouse, keeping=keeping, now=now)
    assert {one.table for one in planned} == set(TABLES_OF[planned[0].data]) - {"state_intervals", "agent_5m"}
    assert [one.rows for one in planned if one.table == "contact_legs"] == [1, 1, 1]
    assert len(partitions(warehouse)) == 6 * 4 + 1
    for one in planned:
        drop(warehouse, one)
    assert retention_plan(warehouse, keeping=keeping, now=now) == []
    left = {row.table: row.rows for row in queries.table_counts(warehouse)}
    assert (left["contact_legs"], left["recordings"]) == (3, 1)


def test_partition_that_is_not_ours_is_refused(warehouse: Warehouse) -> None:
    """A name never becomes SQL unless it is a month or a day."""
    bad = Drop(
        table="events", partition="202601, x", data=next(iter(TABLES_OF)), ended=NOON, days=1, rows=1, bytes=1
    )  # fmt: skip
    with pytest.raises(ValueError, match="not a partition"):
        drop(warehouse, bad)
