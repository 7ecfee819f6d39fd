"""Pieces every named query is built of. In: column names of ours, moments. Out: constant SQL, parameters, rows.

Values always travel as `{name}` parameters; nothing a person typed ever becomes part of these texts.
"""

from typing import Any, Final, TypeVar

from streams.vocabulary.ids import Millis
from streams.warehouse.engine import Row, Warehouse
from streams.warehouse.literals import Value

T = TypeVar("T")

LAST_SECOND: Final = 2**32 - 1
"""DateTime ends in 2106."""

STANDS: Final = "retracted = 0"
"""Of contact_legs and state_intervals: not taken back by a rebuild. Every question about them says so."""

SCORED: Final = "withdrawn = 0"
"""Of scores and verdicts: nobody took it back. Every question about them says so."""

INBOUND: Final = "direction != 'outbound'"
"""What an agent dialled was never offered to anybody; it has numbers of its own (docs/metrics.md)."""

SEEN: Final = "position(concat(' ', tags, ' '), ' answered_unseen ') = 0"
"""The wait of an answer that nobody saw is not known: neither in target nor in the mean."""


def millis(column: str) -> str:
    """The moment kept in `column` and `column_ms`, as epoch milliseconds."""
    return f"(toInt64(toUnixTimestamp({column})) * 1000 + {column}_ms)"


def within(column: str) -> str:
    """`since <= moment < until`; the first two conditions are the ones an index can use."""
    return (
        f"{column} >= toDateTime({{since_s}}) AND {column} <= toDateTime({{until_s}})"
        f" AND {millis(column)} >= {{since}} AND {millis(column)} < {{until}}"
    )


def span(since: Millis, until: Millis) -> dict[str, Value]:
    """The parameters of `within`."""
    return {
        "since": int(since),
        "until": int(until),
        "since_s": _second(since // 1000),
        "until_s": _second(-(-until // 1000)),
    }


def _second(second: int) -> int:
    return max(0, min(second, LAST_SECOND))


def only(**filters: Value) -> tuple[str, dict[str, Value]]:
    """` AND column = {column}` for each filter that is not None, and their parameters."""
    given: dict[str, Value] = {column: value for column, value in filters.items() if value is not None}
    return "".join(f" AND {column} = {{{column}}}" for column in given), given


def read(warehouse: Warehouse, kind: type[T], sql: str, params: dict[str, Value]) -> list[T]:
    """Rows as values; the query's columns stand in the order of the dataclass's fields."""
    return [kind(*row) for row in warehouse.query(sql, params)]


def one(warehouse: Warehouse, sql: str, params: dict[str, Value]) -> Row:
    rows: list[Any] = warehouse.query(sql, params)
    return rows[0] if rows else ()
