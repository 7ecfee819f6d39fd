"""What was, to be folded again. In: a site, a stretch of time. Out: its events in order, page by page; checkpoints.

Bounded: a page never holds more than `limit` events and never reads much more of the store than it returns. The same
stored rows give the same events in the same order on every engine. May not know: what a floor is.
"""
# ruff: noqa: S608 -- every f-string here joins constants of ours; values travel as parameters

import base64
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import msgspec

from streams.vocabulary.codec import decode_event_json
from streams.vocabulary.events import Event
from streams.vocabulary.ids import Millis, SiteId, SourceId
from streams.vocabulary.states import Order
from streams.warehouse.engine import Row, Warehouse
from streams.warehouse.sql_parts import millis, span, within
from streams.warehouse.tables import TABLES

PAGE: Final = 10_000
FIRST_STRETCH_MS: Final = 60_000
LONGEST_STRETCH_MS: Final = 6 * 3600 * 1000
"""How much time one look at the store covers: short where much happens, long where nothing does."""

AT: Final = millis("at")
PAST: Final = f"""
  SELECT {AT} AS moment, source, seq, kind, body FROM events FINAL
  WHERE {within("at")} AND site = {{site}}
    AND ({AT} > {{after_at}} OR (source > {{after_source}} OR (source = {{after_source}} AND seq > {{after_seq}})))
  ORDER BY moment, source, seq LIMIT {{limit}}"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a reading stands: behind the event with this time, source and number."""

    at: Millis
    source: SourceId
    seq: int


def events_between(
    warehouse: Warehouse,
    site: SiteId,
    since: Millis,
    until: Millis,
    after: Event | Place | None = None,
    limit: int = PAGE,
    *,
    refused: Counter[str] | None = None,
) -> list[Event]:
    """The first `limit` events of [since, until), ordered by (at, source, seq); fewer only where there are no more.

    `after`: the last event of the page before. What this version cannot read is passed over and counted in `refused` by
    its kind. Raises StoreError.
    """
    place = Place(since, SourceId(""), -1) if after is None else Place(after.at, after.source, after.seq)
    events: list[Event] = []
    stretch_ms = FIRST_STRETCH_MS
    while len(events) < limit and place.at < until:
        end = Millis(min(place.at + stretch_ms, until))
        wanted = limit - len(events)
        rows = _rows(warehouse, site, place, end, wanted)
        events.extend(_readable(rows, refused))
        if len(rows) == wanted:
            place = Place(*rows[-1][:3])
        else:
            place = Place(end, SourceId(""), -1)
            stretch_ms = min(stretch_ms * 2, LONGEST_STRETCH_MS)
    return events


def orders_told(warehouse: Warehouse, site: SiteId) -> dict[SourceId, Order]:
    """How each source numbers its events: it says so once per connection, perhaps days before the events that are read.

    Raises StoreError.
    """
    told = f"""SELECT source, argMax(body, {AT}) FROM events
        WHERE site = {{site}} AND kind = 'source_connected' AND position(body, '"order"') > 0 GROUP BY source"""
    rows = warehouse.query(told, {"site": site})
    return {SourceId(source): msgspec.json.decode(body, type=_Ordered).order for source, body in rows}


class _Ordered(msgspec.Struct):
    order: Order


def pages(
    warehouse: Warehouse, site: SiteId, since: Millis, until: Millis, *, limit: int = PAGE
) -> Iterator[list[Event]]:
    """All of [since, until), page by page, one in memory at a time."""
    after: Event | None = None
    while page := events_between(warehouse, site, since, until, after, limit):
        yield page
        after = page[-1]


def _rows(warehouse: Warehouse, site: SiteId, place: Place, end: Millis, limit: int) -> list[Row]:
    params = span(place.at, end) | {"site": site, "limit": limit}
    params |= {"after_at": int(place.at), "after_source": place.source, "after_seq": place.seq}
    return warehouse.query(PAST, params)


def _readable(rows: list[Row], refused: Counter[str] | None) -> Iterator[Event]:
    for _, _, _, kind, body in rows:
        try:
            yield decode_event_json(body)
        except msgspec.DecodeError:  # an older or newer vocabulary's
            if refused is not None:
                refused[kind] += 1


# --- checkpoints ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The floor's snapshot. `at`: the latest event it has folded; `position`: its place in the stream of events."""

    at: Millis
    site: SiteId
    position: str
    blob: bytes


class _Clock(msgspec.Struct):
    at: int = 0


def checkpoint_of(site: SiteId, stored: bytes) -> Checkpoint | None:
    """From what the floor keeps on the bus, msgpack (position, snapshot); None if it says nothing of when it was.

    Raises msgspec.DecodeError for something else.
    """
    position, blob = msgspec.msgpack.decode(stored, type=tuple[str, bytes])
    at = msgspec.msgpack.decode(blob, type=_Clock).at
    return Checkpoint(at=Millis(at), site=site, position=position, blob=blob) if at > 0 else None


def save_checkpoint(warehouse: Warehouse, checkpoint: Checkpoint) -> None:
    """Kept as text: the driver would hand bytes that happen to be UTF-8 back as something else."""
    packed = base64.b64encode(zlib.compress(checkpoint.blob, 3)).decode("ascii")
    row = {
        "at": checkpoint.at // 1000,
        "at_ms": checkpoint.at % 1000,
        "site": checkpoint.site,
        "position": checkpoint.position,
        "blob": packed,
        "ver": int(checkpoint.at),
    }
    assert row.keys() == TABLES["floor_checkpoints"].types.keys()
    warehouse.insert("floor_checkpoints", {name: [value] for name, value in row.items()})


def last_checkpoint(warehouse: Warehouse, site: SiteId, before: Millis) -> Checkpoint | None:
    """The latest checkpoint that holds nothing later than `before`."""
    times = f"""SELECT {AT} AS moment FROM floor_checkpoints
        WHERE {within("at")} AND site = {{site}} ORDER BY moment DESC LIMIT 1"""
    found = warehouse.query(times, span(Millis(0), Millis(before + 1)) | {"site": site})
    if not found:
        return None
    at = Millis(found[0][0])
    blobs = f"SELECT position, blob FROM floor_checkpoints FINAL WHERE {within('at')} AND site = {{site}}"
    position, packed = warehouse.query(blobs, span(at, Millis(at + 1)) | {"site": site})[0]
    blob = zlib.decompress(base64.b64decode(packed))
    return Checkpoint(at=at, site=site, position=position, blob=blob)
