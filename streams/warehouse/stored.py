"""Facts out of their tables again, and facts taken back. In: a stretch of a table's own time. Out: `Stored` facts.

For comparing what was told with what a new fold tells; questions of people are in queries.py. May not know: floors.
"""
# ruff: noqa: S608 -- every f-string here joins constants of ours; values travel as parameters

from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec

from streams.vocabulary.facts import ContactLeg, StateInterval
from streams.vocabulary.ids import Millis, SiteId
from streams.warehouse.engine import Warehouse
from streams.warehouse.rows import fact_columns, table_of
from streams.warehouse.sql_parts import millis, span, within
from streams.warehouse.tables import TABLES

Told = ContactLeg | StateInterval
OWN_TIME: Final = {"contact_legs": "queued_at", "state_intervals": "started_at"}
KINDS: Final[dict[str, type[ContactLeg] | type[StateInterval]]] = {
    "contact_legs": ContactLeg,
    "state_intervals": StateInterval,
}


class Stored(NamedTuple):
    """One row as the table keeps it now. `retracted`: a rebuild took it back."""

    fact: Told
    retracted: bool


def stored(warehouse: Warehouse, table: str, *, site: SiteId, since: Millis, until: Millis) -> list[Stored]:
    """Newest versions of one site's rows whose own time lies in [since, until), in order of their key."""
    kind = KINDS[table]
    types = TABLES[table].types
    names = list(kind.__struct_fields__)
    columns = [f"{millis(name)} AS {name}_at" if f"{name}_ms" in types else name for name in names]
    own = OWN_TIME[table]
    sql = f"""SELECT {", ".join(columns)}, retracted FROM {table} FINAL
        WHERE {within(own)} AND site = {{site}} ORDER BY {own}_at"""
    rows = warehouse.query(sql, span(since, until) | {"site": site})
    return [Stored(msgspec.convert(dict(zip(names, row, strict=False)), kind), bool(row[-1])) for row in rows]


def write(warehouse: Warehouse, facts: Sequence[Told], *, retracted: bool = False) -> None:
    """Insert; `retracted`: they say of themselves that they are no more."""
    for table in sorted({table_of(fact) for fact in facts}):
        some = [fact for fact in facts if table_of(fact) == table]
        warehouse.insert(table, fact_columns(table, some) | {"retracted": [int(retracted)] * len(some)})
