"""What was scored lately, by whom and how. In: a Warehouse, a site, a time. Out: rows, without the evidence.

For a follower of the facts that begins in the middle of an hour. May not know: sums, rules.
"""
# ruff: noqa: S608 -- every f-string here joins constants of ours; values travel as parameters

from dataclasses import dataclass
from typing import Final

from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName, SiteId
from streams.warehouse.engine import Warehouse
from streams.warehouse.sql_parts import SCORED, millis, read, span, within

MOST: Final = 100_000


@dataclass(frozen=True, slots=True)
class ScoredRow:
    contact: ContactId
    scheme: str
    scheme_version: int
    agent: AgentId
    queue: QueueName
    points: float
    points_max: float
    passed: int
    fatal: int
    contact_at: Millis
    scored_at: Millis


def scored_lately(
    warehouse: Warehouse, *, site: SiteId, since: Millis, until: Millis, scored_since: Millis
) -> list[ScoredRow]:
    """First scores of contacts that began in the range, made since `scored_since`; re-scorings are of the past.

    The newest first, at most MOST.
    """
    sql = f"""
  SELECT contact, scheme, scheme_version, agent, queue, points, points_max, passed, fatal,
    {millis("contact_at")} AS began, {millis("scored_at")} AS scored
  FROM scores FINAL WHERE {within("contact_at")} AND {SCORED} AND site = {{site}} AND job = ''
    AND {millis("scored_at")} >= {{scored_since}}
  ORDER BY scored DESC, contact, scheme LIMIT {MOST}"""
    params = span(since, until) | {"site": site, "scored_since": int(scored_since)}
    return read(warehouse, ScoredRow, sql, params)
