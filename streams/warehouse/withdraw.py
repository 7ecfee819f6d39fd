"""Scores of one re-scoring taken back. In: a Warehouse, the job, a range. Out: how many.

A withdrawn row is written anew with a higher version and a mark; nothing is deleted, so no replay revives it and a
later re-scoring may write the contact again. What was scored since by itself is not the job's, and stays.
"""

from typing import Final

from streams.vocabulary.ids import Millis, SiteId
from streams.warehouse.engine import Warehouse
from streams.warehouse.sql_parts import SCORED, span, within
from streams.warehouse.tables import TABLES

_KEPT: Final = ", ".join(column for column in TABLES["scores"].types if column not in ("ver", "withdrawn"))
_JOBS: Final = f"FROM scores FINAL WHERE {within('contact_at')} AND site = {{site}} AND job = {{job}} AND {SCORED}"
_WITHDRAW: Final = (
    f"INSERT INTO scores ({_KEPT}, ver, withdrawn) SELECT {_KEPT}, ver + 1 AS later, toUInt8(1) AS gone {_JOBS}"
)
_COUNT: Final = f"SELECT count() {_JOBS}"


def withdraw(warehouse: Warehouse, *, job: str, site: SiteId, since: Millis, until: Millis) -> int:
    """Those of contacts that began in [since, until). Done twice, the second time finds nothing. Raises StoreError."""
    params = span(since, until) | {"site": site, "job": job}
    found = int(warehouse.query(_COUNT, params)[0][0])
    if found:
        warehouse.execute(_WITHDRAW, params)
    return found
