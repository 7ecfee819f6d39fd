"""From an empty or older database to this version's tables. In: a Warehouse. Out: which migrations were applied.

Every statement may run twice and by two processes at once (IF NOT EXISTS, columns looked up before they are added, a
ReplacingMergeTree of what was done), so nothing needs a lock. Applied files never change; a store newer than this
program is refused.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from streams.vocabulary.ids import Millis
from streams.warehouse.cluster import Cluster, clustered
from streams.warehouse.engine import Warehouse
from streams.warehouse.errors import StoreError, StoreRefused

GATE: Final = re.compile(r"/\*@(\d+)\.(\d+) (.*?)\*/", re.DOTALL)
FILE_NAME: Final = re.compile(r"^(\d{4})_([a-z0-9_]+)\.sql$")
ADDS_COLUMN: Final = re.compile(r"^ALTER TABLE (?:\w+\.)?(\w+)(?: ON CLUSTER \w+)? ADD COLUMN (\w+) ")
COMMENT: Final = re.compile(r"^--.*\n", re.MULTILINE)

LEDGER: Final = """
CREATE TABLE IF NOT EXISTS schema_migrations (
  number UInt32, name String, checksum String, server String,
  applied_at DateTime('UTC'), applied_at_ms UInt16
) ENGINE = ReplacingMergeTree(applied_at) ORDER BY number SETTINGS index_granularity = 8192
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    number: int
    name: str
    text: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()[:16]

    def statements(self, server: tuple[int, int]) -> Iterator[str]:
        for statement in COMMENT.sub("", unwrap(self.text, server)).split(";\n"):
            if statement.strip():
                yield statement.strip()


def unwrap(text: str, server: tuple[int, int]) -> str:
    """The DDL this server understands: gated text stays a comment on a server older than its gate."""
    return GATE.sub(lambda gate: gate[3] if server >= (int(gate[1]), int(gate[2])) else gate[0], text)


def known_migrations() -> list[Migration]:
    found = []
    for file in files("streams.warehouse").joinpath("schema").iterdir():
        if name := FILE_NAME.match(file.name):
            found.append(Migration(number=int(name[1]), name=name[2], text=file.read_text(encoding="utf-8")))
    return sorted(found, key=lambda migration: migration.number)


def migrate(warehouse: Warehouse, *, now: Millis, cluster: str = "", replicated: bool = True) -> list[Migration]:
    """Bring the database up to date; returns what this call applied. Raises StoreRefused with its mend.

    `cluster`: its tables are spread over the machines of that name in the server's own configuration (cluster.py).
    """
    migrations = known_migrations()
    spread = _cluster(warehouse, cluster, replicated=replicated) if cluster else None
    if spread is not None and spread.replicated:
        warehouse.execute(f"CREATE DATABASE IF NOT EXISTS {spread.database} ON CLUSTER {spread.name}")
    for statement in _statements(LEDGER.strip(), spread if replicated else None):
        warehouse.execute(statement)
    applied_before = warehouse.query("SELECT number, checksum FROM schema_migrations FINAL")
    done: dict[int, str] = {row[0]: row[1] for row in applied_before}
    _check(done, migrations)
    applied = [migration for migration in migrations if migration.number not in done]
    for migration in applied:
        for statement in migration.statements(warehouse.version()):
            for one in _statements(statement, spread):
                _run(warehouse, one)
        warehouse.insert(
            "schema_migrations",
            {
                "number": [migration.number],
                "name": [migration.name],
                "checksum": [migration.checksum],
                "server": ["{}.{}".format(*warehouse.version())],
                "applied_at": [now // 1000],
                "applied_at_ms": [now % 1000],
            },
        )
    return applied


def _cluster(warehouse: Warehouse, name: str, *, replicated: bool) -> Cluster:
    try:
        return Cluster(name=name, database=warehouse.database, replicated=replicated)
    except ValueError as error:
        raise StoreRefused(str(error), mend="rename the cluster or the database") from error


def _statements(statement: str, spread: Cluster | None) -> Iterable[str]:
    return [statement] if spread is None else clustered(statement, spread)


def _run(warehouse: Warehouse, statement: str) -> None:
    """ADD COLUMN IF NOT EXISTS as 18.16 can: look first, and look again if another process was faster."""
    adds = ADDS_COLUMN.match(statement)
    if adds is None:
        warehouse.execute(statement)
    elif not _has_column(warehouse, adds[1], adds[2]):
        try:
            warehouse.execute(statement)
        except StoreError:
            if not _has_column(warehouse, adds[1], adds[2]):
                raise


def _has_column(warehouse: Warehouse, table: str, column: str) -> bool:
    sql = "SELECT count() FROM system.columns WHERE database = {database} AND table = {table} AND name = {column}"
    params = {"database": warehouse.database, "table": table, "column": column}
    return bool(warehouse.query(sql, params)[0][0])


def _check(done: dict[int, str], migrations: list[Migration]) -> None:
    ours = {migration.number: migration for migration in migrations}
    for number, checksum in done.items():
        if number not in ours:
            raise StoreRefused(
                f"the database is newer than this Floorwatch: it has migration {number}",
                mend="install the Floorwatch that wrote it, or choose another database",
            )
        if checksum != ours[number].checksum:
            raise StoreRefused(
                f"migration {number} ({ours[number].name}) was applied with another text",
                mend="install the Floorwatch that wrote this database, or choose another one",
            )
