"""Events and facts to columns. In: vocabulary values. Out: per table, equally long columns for `Warehouse.insert`.

Pure. A replayed fact gives the same row with the same `ver`, so the table keeps one of them.
"""

import unicodedata
from collections.abc import Sequence
from typing import Any, NamedTuple

from streams.vocabulary.codec import encode_json
from streams.vocabulary.events import Event
from streams.vocabulary.facts import Fact, UtteranceFact
from streams.warehouse.tables import TABLES


class EventRow(NamedTuple):
    """One event as its table keeps it: the words people filter by, and the whole of it as JSON."""

    at: int
    site: str
    source: str
    seq: int
    kind: str
    queue: str
    agent: str
    contact: str
    body: str
    ver: int


def event_row(event: Event) -> EventRow:
    return EventRow(
        event.at,
        event.site,
        event.source,
        event.seq,
        str(event.__struct_config__.tag),
        getattr(event, "queue", ""),
        getattr(event, "agent", ""),
        getattr(event, "contact", ""),
        encode_json(event).decode(),
        event.seq,
    )


def event_columns(events: Sequence[Event]) -> dict[str, list[Any]]:
    return TABLES["events"].columns([event_row(event) for event in events])


def table_of(fact: Fact) -> str:
    return str(fact.__struct_config__.tag)


def fact_columns(table: str, facts: Sequence[Fact]) -> dict[str, list[Any]]:
    """All `facts` must belong to `table`."""
    columns = TABLES[table].columns(facts)
    if table == "utterances":
        columns["text_search"] = [search_form(fact.text) for fact in facts if isinstance(fact, UtteranceFact)]
    return columns


def search_form(text: str) -> str:
    """Text as it is searched: full-width and half-width, upper and lower case are one."""
    return unicodedata.normalize("NFKC", text).casefold()
