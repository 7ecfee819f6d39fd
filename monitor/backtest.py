"""A scheme asked of stored contacts. In: a Warehouse, a Scheme, a range. Out: `Answered` of each; progress on the way.

Runs in the store's thread. Where no rule finds anything in a contact's texts, its words are not read. The answers are
those of scoring every stored contact anew. May not know: the bus, pages.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import tzinfo
from typing import Any

from asr.analysis import decoded
from asr.transcript import Transcript, Utterance, Word
from monitor.case_stored import stored_case
from scoring.backtest import Answered, answered, needs_events, needs_words, untouched
from scoring.case import Case, Fact
from scoring.case_of import facts_of
from scoring.index import Compiled, compile_scheme, hear, verdicts
from scoring.rules import Scheme
from streams.vocabulary.ids import Millis, SiteId
from streams.warehouse.engine import Warehouse
from streams.warehouse.said import SaidContact, how_many, of_contacts, said, visits

Progress = Callable[[int, int], None]
"""Contacts done, contacts in all; may raise to stop it."""


def backtest(
    warehouse: Warehouse,
    scheme: Scheme,
    *,
    since: Millis,
    until: Millis,
    site: SiteId | None = None,
    zone: tzinfo | None = None,
    progress: Progress = lambda done, of: None,
) -> Iterator[Answered]:
    """Every recorded contact that began in [since, until), in order. Raises StoreError."""
    compiled = compile_scheme(scheme)
    total, done = how_many(warehouse, since=since, until=until, site=site), 0
    words = needs_words(compiled)
    for page in said(warehouse, since=since, until=until, site=site, words=words):
        if needs_events(compiled):
            yield from _with_events(warehouse, page, compiled, zone)
        else:
            yield from _page(warehouse, page, compiled, words=words, zone=zone)
        done += len(page)
        progress(done, total)


def _page(
    warehouse: Warehouse, page: Sequence[SaidContact], compiled: Compiled, *, words: bool, zone: tzinfo | None
) -> Iterator[Answered]:
    facts = _facts(warehouse, page, compiled, zone)
    left: list[SaidContact] = []
    for one in page:
        case = Case(transcript=transcript_of(one), facts=facts.get(one.recorded.contact, {}))
        each = verdicts(hear(case, compiled), compiled) if words else untouched(case, compiled)
        if each is None:
            left.append(one)
        else:
            yield answered(case.transcript, each)
    for one in of_contacts(warehouse, [one.recorded for one in left], words=True) if left else ():
        case = Case(transcript=transcript_of(one), facts=facts.get(one.recorded.contact, {}))
        yield answered(case.transcript, verdicts(hear(case, compiled), compiled))


def _with_events(
    warehouse: Warehouse, page: Sequence[SaidContact], compiled: Compiled, zone: tzinfo | None
) -> Iterator[Answered]:
    """Contact by contact: the switch's events are not read in pages."""
    for one in page:
        recorded = one.recorded
        case = stored_case(warehouse, site=recorded.site, contact=recorded.contact, zone=zone)
        if case is not None:
            yield answered(case.transcript, verdicts(hear(case, compiled), compiled))


def _facts(
    warehouse: Warehouse, page: Sequence[SaidContact], compiled: Compiled, zone: tzinfo | None
) -> dict[str, dict[str, Fact]]:
    """Only where a rule asks for them."""
    if all(rule.when is None for rule in compiled.rules):
        return {}
    legs = visits(warehouse, [one.recorded for one in page])
    return {contact: facts_of(those, zone=zone) for (_, contact), those in legs.items()}


def transcript_of(one: SaidContact) -> Transcript:
    recorded, analysis = one.recorded, decoded(one.recorded.analysis)
    return Transcript(
        site=recorded.site,
        contact=recorded.contact,
        contact_at=recorded.contact_at,
        queue=recorded.queue,
        agent=recorded.agent,
        model=recorded.model,
        duration_ms=recorded.duration_ms,
        channels=recorded.channels,
        utterances=tuple(_utterance(row, analysis.loudness_db) for row in one.utterances),
        unread=analysis.unread,
        redacted=analysis.redacted,
        non_speech=analysis.non_speech,
        notes=analysis.notes,
    )


def _utterance(row: tuple[Any, ...], loudness_db: dict[int, float]) -> Utterance:
    channel, role, number, start_ms, end_ms, text, confidence, *told = row
    words = tuple(
        [
            Word(text=word, start_ms=start, end_ms=end, confidence=heard / 255)
            for word, start, end, heard in zip(*told, strict=True)
        ]
        if told
        else ()
    )
    return Utterance(
        channel=channel,
        role=role,
        number=number,
        start_ms=start_ms,
        end_ms=end_ms,
        text=text,
        words=words,
        confidence=confidence,
        loudness_db=loudness_db.get(number),
    )
