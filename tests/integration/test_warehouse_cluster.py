"""The schema over a cluster: the statements as a golden text, and Distributed tables of a real 18.16."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from streams.vocabulary.ids import Millis
from streams.warehouse import contacts, queries
from streams.warehouse.cluster import SHARDED_BY, Cluster, clustered
from streams.warehouse.contacts import ContactFilter
from streams.warehouse.engine import Warehouse
from streams.warehouse.errors import StoreRefused
from streams.warehouse.migrate import LEDGER, known_migrations, migrate
from streams.warehouse.opening import open_warehouse
from streams.warehouse.ranges import agent_line, queue_line
from streams.warehouse.retention import CLASS_OF, partitions
from streams.warehouse.tables import TABLES
from tests.integration.facts import HOUR, NOON, leg, score, store, utterance
from tests.integration.warehouse_room import Rolled
from tests.servers import DebianClickHouse

GOLDEN = Path(__file__).parents[1] / "golden" / "warehouse" / "cluster.sql"
SPREAD = Cluster(name="centre", database="floorwatch")
ONE_SHARD = """<remote_servers><one><shard><replica><host>127.0.0.1</host><port>{port}</port></replica></shard></one>
</remote_servers></yandex>"""


def statements(cluster: Cluster, server: tuple[int, int]) -> list[str]:
    plain = [LEDGER.strip(), *(text for one in known_migrations() for text in one.statements(server))]
    return [text for statement in plain for text in clustered(statement, cluster)]


def test_statements_for_a_cluster_are_the_golden_ones() -> None:
    """Replicated tables on every machine, a Distributed one over them; accept a change by writing the file anew."""
    assert ";\n\n".join(statements(SPREAD, (18, 16))) + ";\n" == GOLDEN.read_text(encoding="utf-8")


def test_every_table_has_a_shard_key_of_columns_that_never_change() -> None:
    """All versions of one row on one shard, or FINAL would keep one on each."""
    assert set(SHARDED_BY) == set(TABLES) | set(CLASS_OF)
    for text in statements(SPREAD, (26, 9)):
        table = text.split("floorwatch.", 1)[1].split("_local")[0].split()[0]
        if "ORDER BY" in text:
            key = text.split("ORDER BY ", 1)[1].split("\n")[0].split(" SETTINGS")[0]
            assert all(column in key for column in SHARDED_BY[table]), table


def test_newer_servers_get_their_codecs_on_a_cluster_too() -> None:
    """The gates are unwrapped before the rewriting."""
    events = next(text for text in statements(SPREAD, (26, 9)) if "events_local" in text)
    assert "CODEC(Delta, ZSTD(1))" in events
    assert (
        "ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/floorwatch/events_local', '{replica}', ver)" in events
    )


def test_names_that_would_need_quoting_are_refused() -> None:
    """Nothing from a configuration becomes SQL unless it is a word."""
    with pytest.raises(ValueError, match="letters"):
        Cluster(name="a; DROP TABLE x", database="floorwatch")


@pytest.fixture(scope="module")
def spread(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """A ClickHouse that knows itself as a cluster of one shard."""
    server = DebianClickHouse(tmp_path_factory.mktemp("cluster"))
    config = server.folder / "config.xml"
    config.write_text(config.read_text().replace("</yandex>", ONE_SHARD.format(port=server.port)))
    server.start()
    opened = open_warehouse(f"{server.url}/fleet")
    yield opened
    opened.close()
    server.stop()


@pytest.mark.servers
def test_distributed_tables_answer_as_plain_ones(spread: Warehouse) -> None:
    """Inserts, replays, corrections, rollups, questions with sub-queries, partitions: nothing knows of the shards."""
    assert migrate(spread, now=NOON, cluster="one", replicated=False)
    assert migrate(spread, now=NOON, cluster="one", replicated=False) == []
    rolled = Rolled(spread)
    legs = [leg(number, after_ms=number * 1_000, wait_ms=1_000, agent="8001") for number in range(100)]
    rolled.write(legs)
    rolled.roll()
    rolled.write([*legs[:50], leg(7, after_ms=7_000, ver=2, wait_ms=60_000)])
    rolled.roll()
    store(spread, utterance(1, 1, "您好"), score(1, passed=False))
    hour: Any = {"since": NOON, "until": Millis(NOON + HOUR)}
    (day,) = queries.queue_day(spread, **hour)
    assert (day.offered, day.answered_in_target, day.wait_ms) == (100, 99, 159_000)
    assert queue_line(spread, **hour) == queue_line(spread, **hour, today=NOON)
    assert agent_line(spread, **hour) == agent_line(spread, **hour, today=NOON)
    (found,) = contacts.contact_list(spread, **hour, choose=ContactFilter(text="您好", not_passed=True))
    assert found.leg.contact == legs[1].contact
    stored_in = {one.table: one.rows for one in partitions(spread)}
    assert stored_in["contact_legs"] >= 100
    assert spread.query("SELECT engine FROM system.tables WHERE database = 'fleet' AND name = 'contact_legs'") == [
        ("Distributed",)
    ]


@pytest.mark.servers
def test_database_that_would_need_quoting_is_refused_with_its_mend(clickhouse_url: str) -> None:
    """Before anything is made."""
    opened = open_warehouse(clickhouse_url, database="with-dash")
    with pytest.raises(StoreRefused, match="rename the cluster or the database"):
        migrate(opened, now=NOON, cluster="one")
    opened.close()
