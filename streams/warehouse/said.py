"""What was said in many contacts, page by page, for rules tried on history. In: a Warehouse, a range. Out: contacts.

Texts are read alone where words are not needed: they are a tenth of the bytes. Pages are bounded, so a year of contacts
takes no more memory than a day. May not know: rules, transcripts.
"""
# ruff: noqa: S608 -- every f-string here joins constants of ours; values travel as parameters

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName, SiteId
from streams.warehouse.contacts import HOUR_MS, LEG, LegRow
from streams.warehouse.engine import Warehouse
from streams.warehouse.literals import Value
from streams.warehouse.sql_parts import millis, only, read, span, within

PAGE: Final = 1_000
"""Contacts read at once: some 40,000 utterances, 30 MB with their words."""
EARLY_MS: Final = HOUR_MS
LATE_MS: Final = 2 * HOUR_MS
"""Around a recording's own time, in which its utterances lie: theirs count from the contact's beginning."""

_AT: Final = millis("contact_at")
RECORDED: Final = f"""
  SELECT {_AT} AS began, site, contact, queue, agent, duration_ms, channels, model, analysis
  FROM recordings FINAL WHERE {within("contact_at")} AND duration_ms > 0 AND ({_AT}, contact) > ({{after}}, {{last}})"""
COUNT: Final = f"SELECT count() FROM recordings FINAL WHERE {within('contact_at')} AND duration_ms > 0"
_TEXT: Final = "contact, site, channel, role, number, start_ms, end_ms, text, confidence"
_WORDS: Final = "words, word_start_ms, word_end_ms, word_confidence"


@dataclass(frozen=True, slots=True)
class Recorded:
    contact_at: Millis
    site: SiteId
    contact: ContactId
    queue: QueueName
    agent: AgentId
    duration_ms: int
    channels: int
    model: str
    analysis: str


@dataclass(frozen=True, slots=True)
class SaidContact:
    recorded: Recorded
    utterances: Sequence[tuple[Any, ...]]
    """By number: channel, role, number, start_ms, end_ms, text, confidence; with words: their texts, starts, ends and
    confidences (0..255), too."""


def how_many(warehouse: Warehouse, *, since: Millis, until: Millis, site: SiteId | None = None) -> int:
    """Recorded contacts that `said` will give."""
    where, params = only(site=site)
    return int(warehouse.query(COUNT + where, params | span(since, until))[0][0])


def said(
    warehouse: Warehouse, *, since: Millis, until: Millis, site: SiteId | None = None, words: bool = False
) -> Iterator[list[SaidContact]]:
    """Pages of contacts whose recording began in [since, until), in order of that moment."""
    where, params = only(site=site)
    after, last = int(since) - 1, ""
    while True:
        bounds = span(Millis(max(after, int(since))), until) | {"since": int(since), "after": after, "last": last}
        sql = f"{RECORDED}{where} ORDER BY began, contact LIMIT {PAGE}"
        page = read(warehouse, Recorded, sql, params | bounds)
        if not page:
            return
        yield of_contacts(warehouse, page, words=words)
        after, last = int(page[-1].contact_at), page[-1].contact


def of_contacts(warehouse: Warehouse, page: Sequence[Recorded], *, words: bool) -> list[SaidContact]:
    """What was said in these; at most a page of them."""
    columns = f"{_TEXT}, {_WORDS}" if words else _TEXT
    sql = f"""
      SELECT {columns} FROM utterances FINAL WHERE {within("said_at")} AND contact IN {{contacts}} AND model != 'chat'
      ORDER BY contact, number"""
    by_contact: dict[tuple[str, str], list[tuple[Any, ...]]] = {}
    for contact, site, *row in warehouse.query(sql, _around(page) | {"contacts": [one.contact for one in page]}):
        by_contact.setdefault((site, contact), []).append(tuple(row))
    return [SaidContact(one, by_contact.get((one.site, one.contact), ())) for one in page]


def visits(warehouse: Warehouse, page: Sequence[Recorded]) -> dict[tuple[SiteId, ContactId], list[LegRow]]:
    """The queue visits of these contacts, in order."""
    sql = f"{LEG} AND contact IN {{contacts}} ORDER BY queued, leg"
    found: dict[tuple[SiteId, ContactId], list[LegRow]] = {}
    for leg in read(warehouse, LegRow, sql, _around(page) | {"contacts": [one.contact for one in page]}):
        found.setdefault((leg.site, leg.contact), []).append(leg)
    return found


def _around(page: Sequence[Recorded]) -> dict[str, Value]:
    since = min(one.contact_at for one in page) - EARLY_MS
    until = max(one.contact_at + one.duration_ms for one in page) + LATE_MS
    return span(Millis(max(0, since)), Millis(until))
