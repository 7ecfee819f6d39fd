"""chDB, ClickHouse inside this process. In: a folder, SQL, columns. Out: rows, typed errors.

A failed query poisons its connection (what it had already produced is prepended to the next answer: reproduced), so
after any exception the connection is replaced. One process per folder, one folder per process.
"""

import fcntl
import os
import re
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
from chdb.state.sqlitelike import Connection

from streams.warehouse import native
from streams.warehouse.engine import Limits, Result, Row, settings_of, version_pair
from streams.warehouse.errors import StoreError, StoreLocked, StoreRefused, StoreUnavailable, store_error
from streams.warehouse.literals import Value, bind, literal
from streams.warehouse.tables import TABLES

CODE: Final = re.compile(r"Code: (\d+)\.")


class _Column(msgspec.Struct):
    name: str
    type: str


class _Header(msgspec.Struct):
    meta: list[_Column]


class Chdb:
    """One connection; several in one process may share a folder and run side by side."""

    def __init__(self, folder: Path, *, database: str = "floorwatch") -> None:
        """Raises StoreLocked at once if another process serves the folder."""
        self._folder = folder.resolve()
        if "?" in str(self._folder):
            raise StoreRefused(f"chDB cannot open {self._folder}", mend="choose a data folder without `?` in its name")
        self._folder.mkdir(parents=True, exist_ok=True)
        self._owner = threading.get_ident()
        self._database = database
        self._connection: Any = None
        self._version: tuple[int, int] | None = None
        self._connected()

    @property
    def engine(self) -> str:
        return "chdb"

    @property
    def database(self) -> str:
        return self._database

    def version(self) -> tuple[int, int]:
        if self._version is None:
            self._version = version_pair(str(self.query("SELECT version()")[0][0]))
        return self._version

    def execute(self, sql: str, params: Mapping[str, Value] | None = None) -> None:
        self._ask(bind(sql, params) if params else sql)

    def query(self, sql: str, params: Mapping[str, Value] | None = None) -> list[Row]:
        return self.select(sql, params).rows

    def select(
        self, sql: str, params: Mapping[str, Value] | None = None, *, limits: Limits | None = None, raw: bool = False
    ) -> Result:
        text = sql if raw else bind(sql, params or {})
        if limits is None:
            return native.decode_blocks(self._ask(text))
        # Limits are settings of a connection, and `readonly` cannot be taken back: they get one of their own.
        guarded = self._open()
        try:
            for name, value in settings_of(limits).items():
                guarded.query(f"SET {name} = {value}")
            data = guarded.query(text, "Native").bytes()
            # Without rows chDB sends no block at all; whoever asks by hand still wants to see the columns.
            return native.decode_blocks(data) if data else _header(guarded.query(text, "JSONCompact").bytes())
        except RuntimeError as error:
            raise _typed(error, inserting=False) from error
        finally:
            guarded.close()

    def insert(self, table: str, columns: Mapping[str, Sequence[Any]]) -> int:
        names = list(columns)
        data = list(columns.values())
        if not data or not len(data[0]):
            return 0
        types = TABLES[table].types
        block = native.encode_block(names, [types[name] for name in names], data)
        # Not send_insert: its finish() reports success although nothing was stored when the commit fails (memory or
        # time limit, too many partitions). Not data behind FORMAT: it is cut at the first empty line, which numbers
        # hold as well (0x0A0A). Both reproduced with chdb-core 26.9. A file in memory is read whole, and errors raise.
        file = os.memfd_create("insert", os.MFD_CLOEXEC)
        try:
            with open(file, "wb", closefd=False) as out:
                out.write(block)
            # The structure is told, not inferred: inference is cached by path, and paths like this one come again.
            place, shape = literal(f"/proc/self/fd/{file}"), literal(", ".join(f"{n} {types[n]}" for n in names))
            listed = ", ".join(names)
            self._ask(
                f"INSERT INTO {table} ({listed}) SELECT {listed} FROM file({place}, 'Native', {shape})",  # noqa: S608
                inserting=True,
            )
        finally:
            os.close(file)
        return len(data[0])

    def _ask(self, sql: str, *, inserting: bool = False) -> bytes:
        if threading.get_ident() != self._owner:
            raise RuntimeError("a chDB connection belongs to the thread that made it")
        try:
            return bytes(self._connected().query(sql, "Native").bytes())
        except BaseException as error:
            self.close()
            if isinstance(error, RuntimeError):
                raise _typed(error, inserting=inserting) from error
            raise

    def _connected(self) -> Any:
        if self._connection is None:
            self._connection = self._open()
        return self._connection

    def _open(self) -> Any:
        try:
            connection = Connection(str(self._folder))
        except RuntimeError as error:
            if locked_elsewhere(self._folder):
                raise StoreLocked(
                    f"another process has the embedded warehouse in {self._folder} open",
                    mend="stop it, or query through it (`floorwatch sql` does while the service runs)",
                ) from error
            raise _typed(error, inserting=False) from error
        try:
            connection.query(f"CREATE DATABASE IF NOT EXISTS `{self._database}`")
            connection.query(f"USE `{self._database}`")
            connection.query(f"SET max_execution_time = {Limits().seconds}")
        except RuntimeError as error:
            connection.close()
            raise _typed(error, inserting=False) from error
        return connection

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def _header(answer: bytes) -> Result:
    meta = msgspec.json.decode(answer, type=_Header).meta if answer else []
    return Result(columns=tuple(column.name for column in meta), types=tuple(column.type for column in meta), rows=[])


def locked_elsewhere(folder: Path) -> bool:
    """chDB only says that it could not start; its lock on `status` says why."""
    try:
        with (folder / "status").open("rb") as status:
            fcntl.flock(status, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _typed(error: RuntimeError, *, inserting: bool) -> StoreError:
    text = str(error)
    if "already initialized with path" in text:
        return StoreLocked("this process already has another embedded warehouse open", mend="close that one first")
    found = CODE.search(text)
    if found is None:
        return StoreUnavailable(f"chDB failed: {text[:500]}", mend="run `floorwatch doctor`")
    return store_error(int(found[1]), text, inserting=inserting)
