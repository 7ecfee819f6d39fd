"""One site's stored past, as time travel reads it. In: a Warehouse. Out: events, checkpoints, the marks of a day.

Synchronous and of the store's thread. May not know: the fold.
"""
# ruff: noqa: S608 -- every f-string here joins constants of ours; values travel as parameters

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from monitor.api.past_door import PastAlert, PastDay, PastGap
from monitor.api.wall_words import read_detail
from monitor.past_answers import Checkpoint, Span
from streams.vocabulary.events import Event
from streams.vocabulary.ids import Millis, SiteId, SourceId
from streams.vocabulary.states import Order
from streams.warehouse import past
from streams.warehouse.engine import Warehouse
from streams.warehouse.queries import AlertRow, alerts_list, service_level_line
from streams.warehouse.sql_parts import millis, one, span, within

HOUR_MS: Final = 3_600_000
SLOT_MINUTES: Final = 1
ALERTS_OF_DAY: Final = 500
GAPS_OF_DAY: Final = 2_000
CHECKPOINTS_KEPT: Final = 3
NEVER_FIRED: Final = "cleared_before_hold"
AT: Final = millis("at")


class StoredPast:
    """monitor.time_travel.PastStore. Mutable; lives in the store's thread. Keeps a few checkpoints unpacked."""

    def __init__(self, warehouse: Warehouse, site: SiteId) -> None:
        self._warehouse = warehouse
        self._site = site
        self._checkpoints: list[tuple[Millis, Checkpoint]] = []
        """(asked, found): between the found one and `asked` there is no other."""
        self.unreadable: Counter[str] = Counter()

    def first_event(self) -> Millis | None:
        sql = f"SELECT count(), min({AT}) FROM events WHERE site = {{site}}"
        count, at = one(self._warehouse, sql, {"site": self._site})
        return Millis(at) if count else None

    def last_event(self, before: Millis) -> Millis | None:
        """Looks at the last hour, the last day, everything: the first two are quick however much is kept."""
        sql = f"SELECT count(), max({AT}) FROM events WHERE {within('at')} AND site = {{site}}"
        for back_ms in (HOUR_MS, 24 * HOUR_MS, before):
            asked = span(Millis(before - back_ms), Millis(before + 1)) | {"site": self._site}
            count, at = one(self._warehouse, sql, asked)
            if count:
                return Millis(at)
        return None

    def anything_before(self, at: Millis) -> bool:
        for table, column in (("contact_legs", "queued_at"), ("state_intervals", "started_at")):
            sql = f"""SELECT count() FROM (SELECT 1 FROM {table}
                WHERE site = {{site}} AND {column} > toDateTime(0) AND {column} < toDateTime({{at_s}}) LIMIT 1)"""
            if one(self._warehouse, sql, {"site": self._site, "at_s": max(0, at // 1000)})[0]:
                return True
        return False

    def checkpoint(self, before: Millis) -> Checkpoint | None:
        for asked, known in self._checkpoints:
            if known.at <= before <= asked:
                return known
        found = past.last_checkpoint(self._warehouse, self._site, before)
        if found is None:
            return None
        checkpoint = Checkpoint(at=found.at, blob=found.blob)
        self._checkpoints = [(before, checkpoint), *self._checkpoints][:CHECKPOINTS_KEPT]
        return checkpoint

    def orders(self) -> Mapping[SourceId, Order]:
        return past.orders_told(self._warehouse, self._site)

    def events(self, since: Millis, until: Millis, *, after: Event | None, limit: int) -> Sequence[Event]:
        return past.events_between(self._warehouse, self._site, since, until, after, limit, refused=self.unreadable)


def day_marks(warehouse: Warehouse, site: SiteId, day: Span, extent: tuple[Millis | None, Millis | None]) -> PastDay:
    """What a scrubber over a day shows: when the floor was blind, what fired, how much came in."""
    since, until = day
    return PastDay(
        since=since,
        until=until,
        first=extent[0],
        last=extent[1],
        slot_ms=SLOT_MINUTES * 60_000,
        slots=_slots(warehouse, site, since, until),
        gaps=_gaps(warehouse, site, since, until),
        alerts=_alerts(warehouse, site, since, until),
    )


def _gaps(warehouse: Warehouse, site: SiteId, since: Millis, until: Millis) -> list[PastGap]:
    """Paired from what each source told; one that was lost before the day has no beginning here."""
    sql = f"""
        SELECT DISTINCT {AT} AS moment, source, kind, seq, body FROM events
        WHERE {within("at")} AND site = {{site}} AND kind IN ('source_lost', 'resync_ended')
        ORDER BY moment, source, seq LIMIT {{limit}}
    """
    rows = warehouse.query(sql, span(since, until) | {"site": site, "limit": GAPS_OF_DAY})
    gaps: list[PastGap] = []
    began: dict[str, tuple[int, str]] = {}
    for at, source, kind, _, body in rows:
        if kind == "source_lost":
            began.setdefault(source, (at, msgspec.json.decode(body).get("reason", "disconnected")))
        elif source in began:
            since_at, reason = began.pop(source)
            gaps.append(PastGap(source=source, began=since_at, ended=at, reason=reason))
    gaps += [PastGap(source=source, began=at, ended=None, reason=reason) for source, (at, reason) in began.items()]
    return sorted(gaps, key=lambda gap: gap.began)


def _alerts(warehouse: Warehouse, site: SiteId, since: Millis, until: Millis) -> list[PastAlert]:
    """Those that fired and stood at some moment of the day."""
    earlier = Millis(since - 12 * HOUR_MS)
    rows = alerts_list(warehouse, since=earlier, until=until, site=site, limit=ALERTS_OF_DAY)
    return [_alert(row) for row in reversed(rows) if _stood(row, since)]


def _stood(row: AlertRow, since: Millis) -> bool:
    fired = row.state != "pending" and row.reason != NEVER_FIRED
    return fired and (not row.resolved_at or row.resolved_at > since)


def _alert(row: AlertRow) -> PastAlert:
    return PastAlert(
        alert=row.alert,
        rule=row.rule,
        scope=row.scope,
        severity=row.severity,
        value=row.value,
        threshold=row.threshold,
        raised_at=row.raised_at,
        resolved_at=row.resolved_at or None,
        acknowledged_at=row.acknowledged_at or None,
        acknowledged_by=row.acknowledged_by,
        detail=read_detail(row.detail),
    )


def _slots(warehouse: Warehouse, site: SiteId, since: Millis, until: Millis) -> list[tuple[int, int, int]]:
    """[beginning, offered, abandoned] of each minute in which anything came in."""
    slots: dict[int, tuple[int, int, int]] = {}
    rows = service_level_line(warehouse, since=since, until=until, site=site, slot_minutes=SLOT_MINUTES)
    for row in rows:
        _, offered, abandoned = slots.get(row.at, (row.at, 0, 0))
        slots[row.at] = (row.at, offered + row.offered, abandoned + row.abandoned)
    return [slots[at] for at in sorted(slots)]
