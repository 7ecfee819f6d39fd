"""What every store can do. In: SQL with places, values, columns. Out: rows, or a typed StoreError.

Synchronous and owned by one thread: see front.py for the way in from asyncio.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from streams.warehouse.literals import Value

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    columns: tuple[str, ...]
    types: tuple[str, ...]
    rows: list[Row]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one question may cost. `read_only` also forbids every write and setting."""

    seconds: int = 30
    result_rows: int = 0
    """0: no limit. Beyond it the question fails, it is not cut short in silence."""
    memory_bytes: int = 0
    read_only: bool = False


class Warehouse(Protocol):
    @property
    def engine(self) -> str:
        """`clickhouse` or `chdb`."""
        ...

    @property
    def database(self) -> str: ...

    def version(self) -> tuple[int, int]: ...

    def execute(self, sql: str, params: Mapping[str, Value] | None = None) -> None:
        """A statement without an answer (DDL)."""
        ...

    def query(self, sql: str, params: Mapping[str, Value] | None = None) -> list[Row]: ...

    def select(
        self, sql: str, params: Mapping[str, Value] | None = None, *, limits: Limits | None = None, raw: bool = False
    ) -> Result:
        """`raw`: take `sql` as it is, without places (a person's own query; `{` has a meaning of its own there)."""
        ...

    def insert(self, table: str, columns: Mapping[str, Sequence[Any]]) -> int:
        """Append rows given as equally long columns; returns their number. All or nothing per table partition."""
        ...

    def close(self) -> None: ...


def version_pair(text: str) -> tuple[int, int]:
    major, minor, *_ = text.split(".")
    return int(major), int(minor)


def settings_of(limits: Limits) -> dict[str, int]:
    """`readonly` comes last: it forbids the settings that would follow it."""
    settings = {"max_execution_time": limits.seconds}
    if limits.result_rows:
        settings["max_result_rows"] = limits.result_rows
    if limits.memory_bytes:
        settings["max_memory_usage"] = limits.memory_bytes
    if limits.read_only:
        settings["readonly"] = 1
    return settings
