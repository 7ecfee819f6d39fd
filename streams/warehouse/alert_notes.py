"""What is kept about alerts beside their numbers: notes, marks of use, how often rules fired. In: a store. Out: rows.

Times are half-open [since, until). Every count reads with FINAL: a replayed note counts once. May not know: budgets,
shares, who may see what.
"""
# ruff: noqa: S608 -- every f-string here joins constants of ours; values travel as parameters

from dataclasses import dataclass
from typing import Final

from streams.vocabulary.ids import Millis, SiteId
from streams.warehouse.engine import Warehouse
from streams.warehouse.queries import FIRED
from streams.warehouse.sql_parts import millis, only, read, span, within

CLOCKS_APART_MS: Final = 2 * 86_400_000
"""An alert is raised by the floor's clock, a note is written by ours; a demonstration's floor may run ahead."""
FOR_EVER: Final = Millis(4_294_967_295_000)
_MARKS: Final = "kind IN ('useful', 'not_useful', 'unmarked')"


@dataclass(frozen=True, slots=True)
class NoteRow:
    """As streams.vocabulary.facts.AlertNoteFact has it."""

    noted_at: Millis
    site: SiteId
    alert: str
    note: str
    kind: str
    by: str
    text: str
    to: str
    channel: str
    outcome: str
    reason: str
    value: float | None


def alert_notes(
    warehouse: Warehouse, *, alert: str, site: SiteId | None = None, raised_at: Millis | None = None, limit: int = 2_000
) -> list[NoteRow]:
    """The newest `limit`, oldest first, each once. `raised_at`: when the alert began; None looks through everything."""
    where, params = only(alert=alert, site=site)
    sql = f"""
        SELECT {millis("noted_at")} AS noted, site, alert, note, kind, `by`, text, `to`, channel, outcome, reason, value
        FROM alert_notes FINAL WHERE {within("noted_at")}{where}
        ORDER BY noted DESC, note DESC LIMIT {{limit}}
    """
    since = Millis(max(0, (raised_at or 0) - CLOCKS_APART_MS))
    rows = read(warehouse, NoteRow, sql, params | span(since, FOR_EVER) | {"limit": limit})
    once = {row.note: row for row in rows}  # the earliest of two of one name: the other was told again after a crash
    return sorted(once.values(), key=lambda row: (row.noted_at, row.note))


@dataclass(frozen=True, slots=True)
class Mark:
    """A person's last word on an alert's use: useful, not_useful, unmarked."""

    site: SiteId
    alert: str
    by: str
    kind: str
    marked_at: Millis


def alert_marks(warehouse: Warehouse, *, since: Millis, until: Millis, site: SiteId | None = None) -> list[Mark]:
    """Of words said in the range."""
    where, params = only(site=site)
    noted = millis("noted_at")
    sql = f"""
        SELECT site, alert, `by`, argMax(kind, noted) AS said, max(noted) AS marked FROM (
          SELECT site, alert, `by`, kind, {noted} AS noted FROM alert_notes FINAL
          WHERE {within("noted_at")} AND {_MARKS}{where}
        ) GROUP BY site, alert, `by` ORDER BY marked, alert, `by`
    """
    return read(warehouse, Mark, sql, params | span(since, until))


@dataclass(frozen=True, slots=True)
class Said:
    """Of one alert: who has it now ("": nobody), how many comments there are."""

    site: SiteId
    alert: str
    assigned_to: str
    comments: int


def alert_said(
    warehouse: Warehouse, *, since: Millis, until: Millis, site: SiteId | None = None, limit: int = 5_000
) -> list[Said]:
    """Of words said in the range; of more than `limit` alerts those spoken of last."""
    where, params = only(site=site)
    noted = millis("noted_at")
    sql = f"""
        SELECT site, alert, argMaxIf(`to`, noted, kind = 'assigned') AS has, countIf(kind = 'comment') AS comments
        FROM (
          SELECT site, alert, kind, `to`, {noted} AS noted FROM alert_notes FINAL
          WHERE {within("noted_at")} AND kind IN ('assigned', 'comment'){where}
        ) GROUP BY site, alert ORDER BY max(noted) DESC, alert LIMIT {{limit}}
    """
    return read(warehouse, Said, sql, params | span(since, until) | {"limit": limit})


@dataclass(frozen=True, slots=True)
class RuleCount:
    site: SiteId
    rule: str
    severity: str
    fired: int


def alert_counts(warehouse: Warehouse, *, since: Millis, until: Millis, site: SiteId | None = None) -> list[RuleCount]:
    """Alerts that fired, by when they were raised."""
    where, params = only(site=site)
    sql = f"""
        SELECT site, rule, severity, count() AS fired FROM alerts FINAL
        WHERE {within("raised_at")} AND {FIRED}{where} GROUP BY site, rule, severity ORDER BY site, rule, severity
    """
    return read(warehouse, RuleCount, sql, params | span(since, until))


@dataclass(frozen=True, slots=True)
class Told:
    """One person, or a channel that tells nobody in particular: what reached them about one alert."""

    to: str
    channel: str
    site: SiteId
    alert: str
    messages: int


def alert_told(
    warehouse: Warehouse, *, since: Millis, until: Millis, site: SiteId | None = None, limit: int = 100_000
) -> list[Told]:
    """What was delivered in the range."""
    where, params = only(site=site)
    sql = f"""
        SELECT `to`, channel, site, alert, uniqExact(note) AS messages FROM alert_notes FINAL
        WHERE {within("noted_at")} AND kind = 'notified' AND outcome = 'delivered'{where}
        GROUP BY `to`, channel, site, alert ORDER BY `to`, channel, site, alert LIMIT {{limit}}
    """
    return read(warehouse, Told, sql, params | span(since, until) | {"limit": limit})
