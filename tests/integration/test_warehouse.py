"""The store on both engines, chDB 26 and ClickHouse 18.16, the same bodies: schema, inserts, parameters, faults."""

import threading
from pathlib import Path
from typing import Any

import msgspec
import pytest

from streams.vocabulary.ids import Millis
from streams.warehouse import queries
from streams.warehouse.engine import Limits, Warehouse
from streams.warehouse.errors import RowsRefused, StoreLocked, StoreRefused, StoreUnavailable
from streams.warehouse.migrate import known_migrations, migrate
from streams.warehouse.opening import open_warehouse
from streams.warehouse.rows import event_columns
from streams.warehouse.tables import TABLES
from tests.integration.facts import HOUR, NOON, alert, leg, migrated, queued, store
from tests.servers import Place, free_port

pytestmark = pytest.mark.servers

HOSTILE = [
    "",
    "it's",
    '"quoted" `back`',
    "back\\slash\\",
    "\\'; DROP TABLE contact_legs; --",
    "tab\tnewline\nreturn\r",
    "blank\n\n\n\nlines\r\n\r\n",
    "nul\x00 bell\x07 escape\x1b delete\x7f",
    "{queue} {0} %(x)s %s :x ? $1",
    "/* comment */ -- comment # comment",
    "\\N",
    "NULL",
    "中文，标点。😀 e\u0301 \u202e\ufeff\u2028",
    "<script>alert(1)</script>",
    "\ufffd",
    "x" * 100_000,
]


def counted(warehouse: Warehouse) -> dict[str, int]:
    return {row.table: row.rows for row in queries.table_counts(warehouse)}


def test_migration_runs_once_and_only_once(warehouse: Warehouse) -> None:
    """The second start finds nothing to do."""
    steps = [(step.number, step.name) for step in migrate(warehouse, now=NOON)]
    assert steps[:2] == [(1, "base"), (2, "witnesses")]
    assert migrate(warehouse, now=Millis(NOON + HOUR)) == []
    done = warehouse.query(
        "SELECT number, name, toUnixTimestamp(applied_at) FROM schema_migrations FINAL ORDER BY number"
    )
    assert done == [(*step, NOON // 1000) for step in steps]


def test_migration_that_died_half_way_is_finished(warehouse: Warehouse) -> None:
    """A column that is there already is passed over, the ones behind it are added."""
    migrated(warehouse)
    warehouse.execute("ALTER TABLE contact_legs DROP COLUMN tags")
    warehouse.execute("DROP TABLE schema_migrations")
    migrate(warehouse, now=NOON)
    store(warehouse, leg(1, tags="conference", witnesses="ended=log"))
    assert warehouse.query("SELECT tags, witnesses, retracted FROM contact_legs") == [("conference", "ended=log", 0)]


def test_two_processes_may_migrate_at_once(warehouse_place: Place) -> None:
    """Both start, both finish, one set of tables, one line in the ledger."""
    faults: list[BaseException] = []

    def start() -> None:
        try:
            mine = warehouse_place.open()
            try:
                migrate(mine, now=NOON)
            finally:
                mine.close()
        except BaseException as error:
            faults.append(error)
            raise

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    mine = warehouse_place.open()
    assert mine.query("SELECT count() FROM schema_migrations FINAL") == [(len(known_migrations()),)]
    mine.close()


def test_store_of_a_newer_floorwatch_is_refused(warehouse: Warehouse) -> None:
    """An older program would write rows a newer schema does not mean."""
    migrated(warehouse)
    warehouse.insert("schema_migrations", {"number": [7_000], "name": ["future"]})
    with pytest.raises(StoreRefused, match="migration 7000"):
        migrate(warehouse, now=NOON)


def test_tables_have_the_columns_the_writer_fills(warehouse: Warehouse) -> None:
    """tables.py and the DDL say the same, apart from LowCardinality."""
    migrated(warehouse)
    for table in TABLES.values():
        described = warehouse.query(f"DESCRIBE TABLE {table.name}")
        found = {row[0]: str(row[1]).removeprefix("LowCardinality(").replace("String)", "String") for row in described}
        found = {name: kind.replace("Array(String", "Array(String)").replace("))", ")") for name, kind in found.items()}
        assert found == dict(table.types), table.name


def test_replays_count_once(warehouse: Warehouse) -> None:
    """Identical, regrouped and overlapping batches of the same facts change no number."""
    migrated(warehouse)
    legs = [leg(number, wait_ms=number * 1_000) for number in range(30)]
    store(warehouse, *legs)
    before = queries.queue_day(warehouse, since=NOON, until=Millis(NOON + HOUR))
    store(warehouse, *legs)
    store(warehouse, *legs[10:20], *legs[15:25])
    for one in legs[:5]:
        store(warehouse, one)
    assert queries.queue_day(warehouse, since=NOON, until=Millis(NOON + HOUR)) == before
    assert (before[0].offered, before[0].answered_in_target, before[0].wait_ms) == (30, 21, 435_000)


def test_corrections_replace_and_late_replays_do_not_undo_them(warehouse: Warehouse) -> None:
    """The higher `ver` wins, whichever comes first."""
    migrated(warehouse)
    first = [leg(number, wait_ms=1_000) for number in range(10)]
    corrected = [leg(number, wait_ms=2_000, ver=2) for number in range(3)]
    store(warehouse, *first)
    store(warehouse, *corrected)
    store(warehouse, *first)
    (day,) = queries.queue_day(warehouse, since=NOON, until=Millis(NOON + HOUR))
    assert (day.offered, day.wait_ms) == (10, 7 * 1_000 + 3 * 2_000)


def test_events_are_kept_once_with_their_whole_body(warehouse: Warehouse) -> None:
    """(source, seq) names an event; its JSON comes back as it was."""
    migrated(warehouse)
    events = [queued(number, customer="O'Brien\\\n中") for number in range(50)]
    warehouse.insert("events", event_columns(events))
    warehouse.insert("events", event_columns(events[20:]))
    assert counted(warehouse)["events"] == 50
    ((kind, body),) = warehouse.query("SELECT kind, body FROM events FINAL WHERE seq = {seq}", {"seq": 7})
    assert kind == "contact_queued"
    assert "O'Brien\\\\\\n中" in body


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_comes_back_and_is_found(warehouse: Warehouse, text: str) -> None:
    """Through an insert and through a parameter: the same bytes, and nothing else is found or run."""
    migrated(warehouse)
    store(warehouse, leg(1, customer=text), leg(2, customer=text + "x"))
    found = warehouse.query("SELECT customer FROM contact_legs FINAL WHERE customer = {text}", {"text": text})
    assert found == [(text,)]
    assert warehouse.query("SELECT {text} AS text", {"text": text}) == [(text,)]
    assert counted(warehouse)["contact_legs"] == 2


def test_lone_surrogates_become_replacement_characters(warehouse: Warehouse) -> None:
    """They cannot be stored as UTF-8; a question with one finds what was stored with one."""
    migrated(warehouse)
    store(warehouse, leg(1, customer="a\ud800b\udfff"), leg(2, customer="plain"))
    found = warehouse.query("SELECT customer FROM contact_legs FINAL WHERE customer = {t}", {"t": "a\ud800b\udfff"})
    assert found == [("a\ufffdb\ufffd",)]


def test_parameters_of_every_kind(warehouse: Warehouse) -> None:
    """Numbers, lists and an empty list, which matches nothing instead of breaking the query."""
    sql = "SELECT count() FROM numbers(10) WHERE number IN {some}"
    assert warehouse.query(sql, {"some": [1, 2, 77]}) == [(2,)]
    assert warehouse.query(sql, {"some": []}) == [(0,)]
    assert warehouse.query("SELECT {a} AS a, {b} AS b, {c} AS c", {"a": -5, "b": 2.5, "c": True}) == [(-5, 2.5, 1)]


@pytest.mark.parametrize(
    ("field", "value"),
    [("wait_ms", -1), ("wait_ms", 2**32), ("queued_at", -1), ("queued_at", 2**32), ("queued_at_ms", 70_000)],
)
def test_value_that_does_not_fit_is_refused_and_the_connection_lives(
    warehouse: Warehouse, field: str, value: int
) -> None:
    """Nothing of such a batch goes in, and the next one does."""
    migrated(warehouse)
    columns: dict[str, Any] = TABLES["contact_legs"].columns([leg(1), leg(2)])
    with pytest.raises(RowsRefused, match=field):
        warehouse.insert("contact_legs", {**columns, field: [1, value]})
    assert counted(warehouse)["contact_legs"] == 0
    warehouse.insert("contact_legs", columns)
    assert counted(warehouse)["contact_legs"] == 2


def test_insert_that_was_not_committed_is_never_reported_as_done(warehouse: Warehouse) -> None:
    """chDB's streaming insert swallows what fails at the commit; rows over 101 months are refused, or all there."""
    migrated(warehouse)
    columns = TABLES["contact_legs"].columns(
        [leg(number, after_ms=number * 31 * 24 * HOUR - NOON) for number in range(101)]
    )
    if warehouse.engine == "chdb":
        with pytest.raises(RowsRefused, match="partitions"):
            warehouse.insert("contact_legs", columns)
        assert counted(warehouse)["contact_legs"] == 0
    else:
        warehouse.insert("contact_legs", columns)
        assert counted(warehouse)["contact_legs"] == 101


def test_numbers_whose_bytes_look_like_text_go_in(warehouse: Warehouse) -> None:
    """2570 is two newlines in a column's bytes: chDB cuts data behind FORMAT there, so we do not send it so."""
    migrated(warehouse)
    for seq in (10, 13, 32, 59, 2570, 3338, 8224, 168_430_090, 0x0A0A0A0A0A0A0A0A):
        warehouse.insert("events", event_columns([msgspec.structs.replace(queued(1), seq=seq)]))
    store(warehouse, *[leg(n, wait_ms=2570, talk_ms=0x0A0A0A0A, contact=f"\n\n{n}") for n in range(10)])
    assert counted(warehouse) | {"events": 9, "contact_legs": 10} == counted(warehouse)


def test_unknown_value_is_not_zero(warehouse: Warehouse) -> None:
    """An alert without a value says None, one at zero says zero."""
    migrated(warehouse)
    store(warehouse, alert("a", state="firing", ver=1, value=None), alert("b", state="firing", ver=1, value=0.0))
    rows = queries.alerts_list(warehouse, since=NOON, until=Millis(NOON + HOUR))
    assert [(row.alert, row.value) for row in rows] == [("a", None), ("b", 0.0)]


def test_failed_query_does_not_leak_into_the_next_answer(warehouse: Warehouse) -> None:
    """chDB prepends what a failed query had produced to the next answer of its connection; ours are replaced."""
    with pytest.raises(StoreRefused):
        warehouse.query("SELECT number, throwIf(number = 150000) AS x FROM numbers(200000)")
    assert warehouse.query("SELECT 42 AS x") == [(42,)]


def test_wrong_query_is_refused_with_the_servers_words(warehouse: Warehouse) -> None:
    """No stack trace, the store's own number."""
    with pytest.raises(StoreRefused) as caught:
        warehouse.query("SELECT nonsense FROM numbers(1)")
    assert caught.value.code == 47
    assert "nonsense" in caught.value.fault
    assert "Stack trace" not in caught.value.fault


def test_limits_end_a_query(warehouse: Warehouse) -> None:
    """Time, rows, and writing: a person's question cannot hurt the store."""
    migrated(warehouse)
    with pytest.raises(StoreRefused, match=r"(?i)timeout"):
        warehouse.select(
            "SELECT count() AS x FROM numbers(1000000000000) WHERE cityHash64(number) = 1", limits=Limits(seconds=1)
        )
    with pytest.raises(StoreRefused):
        warehouse.select("SELECT number FROM numbers(1000)", limits=Limits(result_rows=10))
    for sql in (
        "INSERT INTO audit (number) VALUES (1)",
        "CREATE TABLE x (a UInt8) ENGINE = Memory",
        "SET max_threads = 1",
    ):
        with pytest.raises(StoreRefused, match=r"(?i)readonly"):
            warehouse.select(sql, limits=Limits(read_only=True), raw=True)
    assert warehouse.select("SELECT 1 AS x", limits=Limits(read_only=True)).rows == [(1,)]
    warehouse.execute("CREATE TABLE x (a UInt8) ENGINE = Memory")


def test_empty_answer_still_has_columns(warehouse: Warehouse) -> None:
    """`floorwatch sql` prints a header over nothing."""
    result = warehouse.select("SELECT 1 AS one, 'a' AS two WHERE 0", limits=Limits(read_only=True), raw=True)
    assert (result.columns, result.rows) == (("one", "two"), [])


def test_store_belongs_to_its_thread(warehouse: Warehouse) -> None:
    """A second thread would break the first one's connection: our bug, told at once."""
    faults: list[BaseException] = []

    def use() -> None:
        try:
            warehouse.query("SELECT 1")
        except RuntimeError as error:
            faults.append(error)

    thread = threading.Thread(target=use)
    thread.start()
    thread.join()
    assert "belongs to the thread" in str(faults)


def test_nobody_there_is_told_with_its_mend() -> None:
    """A wrong clickhouse.url."""
    with pytest.raises(StoreUnavailable, match=r"clickhouse\.url"):
        open_warehouse(f"clickhouse://127.0.0.1:{free_port()}").query("SELECT 1")


@pytest.mark.parametrize("url", ["http://host", "chdb://relative/path", "clickhouse://", "nonsense", ""])
def test_wrong_address_is_told_with_its_mend(url: str) -> None:
    """A typing error in the config."""
    with pytest.raises(StoreRefused, match="clickhouse://user:password@host:9000/database"):
        open_warehouse(url)


def test_second_folder_in_one_process_is_refused(chdb_url: str, tmp_path: Path) -> None:
    """chDB serves one folder per process."""
    first = open_warehouse(chdb_url)
    try:
        with pytest.raises(StoreLocked, match="close that one first"):
            open_warehouse(f"chdb://{tmp_path / 'other'}")
    finally:
        first.close()
