"""Stored contacts as rules see them, a page at once. In: a Warehouse, a range. Out: Cases, as `stored_case` gives each.

Runs in the store's thread. Six questions for a hundred contacts in place of eight for each. May not know: rules.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

from msgspec.structs import replace

from asr.numbers import with_figures
from asr.transcript import Transcript
from monitor.backtest import transcript_of
from monitor.case_stored import known_with, stored_case
from scoring.case import Case
from streams.vocabulary.ids import Millis
from streams.warehouse.case_pages import PAGE, Place, Range, events_of_many, legs_of, page_after
from streams.warehouse.engine import Warehouse
from streams.warehouse.said import Recorded, of_contacts


@dataclass(frozen=True, slots=True)
class CasePage:
    """`last`: where the next page begins; None: this was behind the end."""

    cases: tuple[Case, ...]
    last: Place | None


def cases_after(
    warehouse: Warehouse, asked: Range, after: Place | None, *, zone: tzinfo | None, now: Millis, size: int = PAGE
) -> CasePage:
    """Raises StoreError."""
    page = page_after(warehouse, asked, after, size=size)
    cases = _recorded(warehouse, page.voice, zone=zone, now=now) if page.voice else []
    chats = (stored_case(warehouse, site=asked.site, contact=one, zone=zone, now=now) for one in page.chats)
    cases += [case for case in chats if case is not None]
    return CasePage(tuple(cases), page.last)


def _recorded(warehouse: Warehouse, page: Sequence[Recorded], *, zone: tzinfo | None, now: Millis) -> list[Case]:
    transcripts: list[Transcript] = []
    for one in of_contacts(warehouse, page, words=True):
        heard = transcript_of(one)
        transcripts.append(replace(heard, utterances=with_figures(heard.utterances)))
    legs = legs_of(warehouse, page)
    events = events_of_many(warehouse, legs, until=now)
    return [
        known_with(one, legs.get(one.contact, ()), events.get(one.contact, ()), zone=zone, now=now).case
        for one in transcripts
    ]
