"""Events and facts to columns. In: vocabulary values. Out: per table, equally long columns for `Warehouse.insert`.

Pure. A replayed fact gives the same row with the same `ver`, so the table keeps one of them.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from operator import attrgetter
from typing import Any, Final, get_args

from streams.vocabulary.codec import encode_json_lines
from streams.vocabulary.events import Event
from streams.vocabulary.facts import Fact, UtteranceFact
from streams.vocabulary.ids import Millis
from streams.warehouse.tables import TABLES


def _classes_with(name: str) -> frozenset[type]:
    return frozenset(kind for kind in get_args(Event) if name in kind.__struct_fields__)


_KIND: Final[Mapping[type, str]] = {kind: str(kind.__struct_config__.tag) for kind in get_args(Event)}
_TABLE: Final[Mapping[type, str]] = {kind: str(kind.__struct_config__.tag) for kind in get_args(Fact)}
_QUEUED, _STAFFED, _CONTACTED = map(_classes_with, ("queue", "agent", "contact"))


def event_columns(events: Sequence[Any]) -> dict[str, list[Any]]:
    """The words people filter by, and the whole of each event as JSON. Column by column: twice as fast as by rows."""
    kinds = [type(event) for event in events]
    seqs = [event.seq for event in events]
    return {
        "at": [event.at // 1000 for event in events],
        "at_ms": [event.at % 1000 for event in events],
        "site": [event.site for event in events],
        "source": [event.source for event in events],
        "seq": seqs,
        "kind": [_KIND[kind] for kind in kinds],
        "queue": [event.queue if kind in _QUEUED else "" for event, kind in zip(events, kinds, strict=True)],
        "agent": [event.agent if kind in _STAFFED else "" for event, kind in zip(events, kinds, strict=True)],
        "contact": [event.contact if kind in _CONTACTED else "" for event, kind in zip(events, kinds, strict=True)],
        # all at once, cut at the line breaks, of which JSON itself has none: a fifth of the cost of one by one; bytes,
        # for the column writer would only encode the text again
        "body": encode_json_lines(events).split(b"\n")[:-1],
        "ver": seqs,
    }


def table_of(fact: Fact) -> str:
    return _TABLE[type(fact)]


def fact_columns(table: str, facts: Sequence[Fact]) -> dict[str, list[Any]]:
    """All `facts` must belong to `table`."""
    columns = TABLES[table].columns(facts)
    if table == "utterances":
        columns["text_search"] = [search_form(fact.text) for fact in facts if isinstance(fact, UtteranceFact)]
    return columns


EARLIEST: Final = 1_262_304_000_000
"""2010-01-01"""
AHEAD_MS: Final = 2 * 24 * 3600 * 1000


def absurd_times(table: str, items: Sequence[Any], *, now: Millis) -> dict[int, str]:
    """Which rows no clock that is set can have made, and by which field: they would be kept in partitions of their own.

    A row's own time must be told; its other moments may be 0, which is "did not happen".
    """
    found: dict[int, str] = {}
    latest = now + AHEAD_MS
    for number, name in enumerate(_moments(table)):
        times = list(map(attrgetter(name), items))
        if times and min(times) >= EARLIEST and max(times) <= latest:
            continue
        for place, at in enumerate(times):
            if not EARLIEST <= at <= latest and (at != 0 or number == 0):
                found.setdefault(place, f"{name} is {at}, not between 2010 and two days ahead")
    if table == "state_intervals":
        for place, item in enumerate(items):
            if item.started_at + item.duration_ms > latest:
                found.setdefault(place, f"duration_ms is {item.duration_ms}: it ends more than two days ahead")
    return found


@cache
def _moments(table: str) -> tuple[str, ...]:
    """A row's own time comes first."""
    types = TABLES[table].types
    return tuple(name for name in types if f"{name}_ms" in types)


def search_form(text: str) -> str:
    """Text as it is searched: full-width and half-width, upper and lower case are one."""
    return unicodedata.normalize("NFKC", text).casefold()
