"""Which store an address means. In: `clickhouse://…`, `clickhouses://…` or `chdb:///folder`. Out: a Warehouse.

Engines are imported when they are asked for: chDB costs a second and 300 MB.
"""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from streams.warehouse.engine import Warehouse
from streams.warehouse.errors import StoreRefused


def open_warehouse(url: str, *, database: str | None = None) -> Warehouse:
    """Open in the calling thread, which then owns it. Raises StoreError."""
    place = urlsplit(url)
    match place.scheme:
        case "clickhouse" | "clickhouses":
            from streams.warehouse.clickhouse import ClickHouse

            return ClickHouse(url, database=database)
        case "chdb" if place.path.startswith("/") and not place.netloc:
            from streams.warehouse.embedded import Chdb

            return Chdb(Path(unquote(place.path)), database=database or "floorwatch")
        case _:
            raise StoreRefused(
                f"not a warehouse address: {place.scheme or url!r}",
                mend="write clickhouse://user:password@host:9000/database or chdb:///folder",
            )
