"""A ClickHouse server over its native protocol. In: a URL, SQL, columns. Out: rows, typed errors.

One Client, used by the thread that made it only: a second thread would break the first one's socket.
"""

import threading
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote, urlsplit

from clickhouse_driver import Client
from clickhouse_driver.errors import Error as DriverError
from clickhouse_driver.errors import NetworkError, ServerException, SocketTimeoutError

from streams.warehouse.engine import Limits, Result, Row, settings_of, version_pair
from streams.warehouse.errors import RowsRefused, StoreError, StoreRefused, StoreUnavailable, store_error
from streams.warehouse.literals import Value, bind
from streams.warehouse.native import scrubbed, value_fault

MEND = "check that the ClickHouse of clickhouse.url runs and is reachable"


class ClickHouse:
    """Opened lazily; a broken connection is replaced at the next call."""

    def __init__(self, url: str, *, database: str | None = None, timeout_s: float = 60.0) -> None:
        """`clickhouse://user:password@host:9000/database` (`clickhouses://`: TLS)."""
        place = urlsplit(url)
        if place.scheme not in ("clickhouse", "clickhouses") or not place.hostname:
            raise StoreRefused(
                f"not a ClickHouse address: {place.scheme}://{place.hostname or ''}",
                mend="write clickhouse://user:password@host:9000/database",
            )
        self._owner = threading.get_ident()
        self._database = database or place.path.strip("/") or "default"
        self._made = self._database == "default"
        self._options: dict[str, Any] = {
            "host": place.hostname,
            "port": place.port or (9440 if place.scheme == "clickhouses" else 9000),
            "user": unquote(place.username or "default"),
            "password": unquote(place.password or ""),
            "secure": place.scheme == "clickhouses",
            "connect_timeout": min(timeout_s, 10.0),
            "send_receive_timeout": timeout_s,
            "sync_request_timeout": 5,
            "client_name": "floorwatch",
            # on a cluster: an insert is done when every shard has it, and what belongs to one contact lies on one shard
            "settings": {"insert_distributed_sync": 1, "distributed_product_mode": "local"},
        }
        self._client: Any = None
        self._version: tuple[int, int] | None = None

    @property
    def engine(self) -> str:
        return "clickhouse"

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
        rows, columns = self._ask(
            sql if raw else bind(sql, params or {}), with_column_types=True, settings=settings_of(limits or Limits())
        )
        return Result(columns=tuple(name for name, _ in columns), types=tuple(kind for _, kind in columns), rows=rows)

    def insert(self, table: str, columns: Mapping[str, Sequence[Any]]) -> int:
        data = list(columns.values())
        if not data or not len(data[0]):
            return 0
        sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES"
        try:
            self._ask(sql, data, columnar=True, inserting=True)
        except UnicodeEncodeError:
            self._ask(sql, [scrubbed(column) for column in data], columnar=True, inserting=True)
        return len(data[0])

    def _ask(self, sql: str, *data: Any, inserting: bool = False, **options: Any) -> Any:
        if threading.get_ident() != self._owner:
            raise RuntimeError("a ClickHouse client belongs to the thread that made it")
        try:
            return self._connected().execute(sql, *data, **options)
        except BaseException as error:
            self.close()
            if isinstance(error, UnicodeEncodeError):
                raise
            typed = _typed(error, inserting=inserting)
            if typed is None:
                raise
            raise typed from error

    def _connected(self) -> Any:
        if self._client is None:
            if not self._made:
                # A database that does not exist yet cannot be connected to.
                first = Client(**self._options)
                try:
                    first.execute(f"CREATE DATABASE IF NOT EXISTS `{self._database}`")
                finally:
                    first.disconnect()
                self._made = True
            self._client = Client(**self._options, database=self._database)
        return self._client

    def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.disconnect()


def _typed(error: BaseException, *, inserting: bool) -> StoreError | None:
    match error:
        case ServerException():
            return store_error(error.code, str(error.message), inserting=inserting)
        case NetworkError() | SocketTimeoutError() | OSError() | EOFError():
            return StoreUnavailable(f"ClickHouse does not answer: {type(error).__name__}", mend=MEND)
        case DriverError() | OverflowError() if inserting:
            return RowsRefused(value_fault(error), mend="the rows go to the dead letters")
        case DriverError():
            return StoreUnavailable(f"ClickHouse answered what nobody understands: {error}", mend=MEND)
        case _:
            return None
