"""What people say of rules' answers, and how often rules gave them. In: a Warehouse, a scheme. Out: rows by day.

Answers are counted in the store, by patterns over the score's own JSON (scoring/service.py writes it, keys in a fixed
order); of very many contacts one of so many is drawn. May not know: shares, drifts.
"""
# ruff: noqa: S608 -- every f-string here joins constants of ours; values travel as parameters

from dataclasses import dataclass
from typing import Final

from streams.vocabulary.ids import ContactId, Millis, SiteId
from streams.warehouse.contacts import AFTER_MS, BEFORE_MS, END_OF_TIME, ID_SECONDS
from streams.warehouse.engine import Warehouse
from streams.warehouse.sql_parts import SCORED, millis, only, read, span, within

DAY_MS: Final = 86_400_000
MOST_SCORES: Final = 40_000
"""Whose answers are counted: some 200 MB of JSON."""
_AGO: Final = f"intDiv({{until}} - 1 - {millis('contact_at')}, {DAY_MS})"
_ITEMS: Final = """extractAll(items, '[\\\\[,]\\\\{"id":"([^"]*)","zh":')"""
_OUTCOMES: Final = """extractAll(items, '"outcome":"([a-z_]+)","leaning"')"""
_SCHEME: Final = (
    f"FROM scores FINAL WHERE {within('contact_at')} AND {SCORED} AND site = {{site}} AND scheme = {{scheme}}"
)


@dataclass(frozen=True, slots=True)
class AnswerDay:
    """`ago`: 0 the last 24 hours before the range's end."""

    ago: int
    item: str
    outcome: str
    count: int


@dataclass(frozen=True, slots=True)
class VerdictDay:
    ago: int
    item: str
    outcome: str
    agreed: int
    count: int


@dataclass(frozen=True, slots=True)
class VerdictRow:
    contact_at: Millis
    contact: ContactId
    scheme: str
    scheme_version: int
    item: str
    judged_by: str
    outcome: str
    leaning: str
    agreed: int
    comment: str
    judged_at: Millis


def schemes_scored(warehouse: Warehouse, *, site: SiteId, since: Millis, until: Millis) -> list[str]:
    """By name."""
    sql = f"""
      SELECT DISTINCT scheme FROM scores WHERE {within("contact_at")} AND {SCORED}
        AND site = {{site}} ORDER BY scheme"""
    return [str(row[0]) for row in warehouse.query(sql, span(since, until) | {"site": site})]


def answer_days(
    warehouse: Warehouse, *, site: SiteId, scheme: str, since: Millis, until: Millis, most: int = MOST_SCORES
) -> list[AnswerDay]:
    """Of each contact by the scheme's newest version."""
    params = span(since, until) | {"site": site, "scheme": scheme}
    draw = max(1, -(-int(warehouse.query(f"SELECT count() {_SCHEME}", params)[0][0]) // most))
    sql = f"""
      SELECT ago, item, outcome, count() FROM (
        SELECT {_AGO} AS ago, {_ITEMS} AS each, {_OUTCOMES} AS answers {_SCHEME}
          AND cityHash64(contact) % {{draw}} = 0 ORDER BY scheme_version DESC LIMIT 1 BY contact
      ) ARRAY JOIN each AS item, answers AS outcome
      WHERE length(each) = length(answers) GROUP BY ago, item, outcome ORDER BY ago, item, outcome"""
    return read(warehouse, AnswerDay, sql, params | {"draw": draw})


def verdict_days(warehouse: Warehouse, *, site: SiteId, scheme: str, since: Millis, until: Millis) -> list[VerdictDay]:
    """Of contacts that began in the range; each person's last word."""
    sql = f"""
      SELECT {_AGO} AS ago, item, outcome, agreed, count() FROM verdicts FINAL
      WHERE {within("contact_at")} AND {SCORED} AND site = {{site}} AND scheme = {{scheme}}
      GROUP BY ago, item, outcome, agreed ORDER BY ago, item, outcome, agreed"""
    return read(warehouse, VerdictDay, sql, span(since, until) | {"site": site, "scheme": scheme})


def verdicts_of(warehouse: Warehouse, *, contact: ContactId, site: SiteId | None = None) -> list[VerdictRow]:
    """What stands of one contact, by item."""
    found = ID_SECONDS.match(contact)
    began = 0 if found is None else int(found[1]) * 1000
    until = END_OF_TIME if found is None else Millis(began + AFTER_MS)
    where, params = only(contact=contact, site=site)
    sql = f"""
      SELECT {millis("contact_at")} AS began, contact, scheme, scheme_version, item, judged_by, outcome, leaning,
        agreed, comment, {millis("judged_at")} AS judged
      FROM verdicts FINAL WHERE {within("contact_at")} AND {SCORED}{where}
      ORDER BY scheme, scheme_version, item, judged"""
    return read(warehouse, VerdictRow, sql, params | span(Millis(max(0, began - BEFORE_MS)), until))
