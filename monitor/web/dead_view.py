"""Dead letters as the pages show them. In: the desk, a request's query. Out: sections with rows, links, what is wrong.

May not know: HTTP, HTML.
"""

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlencode

from monitor.api.dead_desk import DeadDesk, DeadFault, DeadLetterRow, DeadPage
from monitor.api.dead_preview import preview
from monitor.api.parts import Parts
from monitor.api.push_chat import hide
from streams.bus.errors import BusError

SHOWN: Final = 5
"""Letters of each stream on /ops; the rest is one click away."""
PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class ReasonView:
    reason: str
    letters: int
    shown_at: str
    """where all of them are listed"""
    redrive: str
    """where to post to send all of them back"""


@dataclass(frozen=True, slots=True)
class LetterView:
    row: DeadLetterRow
    redrive: str
    discard: str


@dataclass(frozen=True, slots=True)
class DeadSection:
    stream: str
    word: str
    """of the catalogue: `stream_facts`"""
    letters: int
    counted: int
    reasons: tuple[ReasonView, ...]
    rows: tuple[LetterView, ...]
    shown_at: str
    older: str = ""


async def dead_sections(parts: Parts) -> dict[str, object]:
    """Every stream that has letters, with its newest."""
    if parts.dead is None:
        return {"dead": [], "dead_fault": "", "dead_known": False}
    try:
        return {"dead": await _newest(parts.dead), "dead_fault": "", "dead_known": True}
    except BusError as error:
        return {"dead": [], "dead_fault": str(error), "dead_known": False}


async def _newest(desk: DeadDesk) -> list[DeadSection]:
    sections = []
    for tally in await desk.tallies():
        if tally.letters:
            page = await desk.page(tally.stream, limit=SHOWN, tally=tally)
            if isinstance(page, DeadPage):
                sections.append(section(page))
    return sections


async def dead_page(desk: DeadDesk, *, stream: str, reason: str, before: str) -> DeadSection | DeadFault:
    """One stream's letters. Raises BusError."""
    page = await desk.page(stream, limit=PAGE, before=before, reason=reason)
    return page if isinstance(page, DeadFault) else section(page, reason=reason)


@dataclass(frozen=True, slots=True)
class SampleView:
    source: str
    at: int
    reason: str
    text: str


SAMPLES_SHOWN: Final = 30


def refused_samples(parts: Parts) -> list[SampleView]:
    """The newest refused messages of all sources; long numbers are hidden, it may be a customer's."""
    found = [
        SampleView(source, sample.at, sample.reason, hide(preview(sample.blob)))
        for source, samples in parts.samples().items()
        for sample in samples
    ]
    return sorted(found, key=lambda one: one.at, reverse=True)[:SAMPLES_SHOWN]


def section(page: DeadPage, *, reason: str = "") -> DeadSection:
    reasons = sorted(page.reasons.items(), key=lambda item: -item[1])
    return DeadSection(
        stream=page.stream,
        word="stream_" + page.stream.partition("{")[0].strip(":").replace(":", "_"),
        letters=page.letters,
        counted=page.counted,
        reasons=tuple(_reason(page.stream, name, letters) for name, letters in reasons),
        rows=tuple(_letter(row) for row in page.rows),
        shown_at=_page_link(stream=page.stream),
        older=_page_link(stream=page.stream, reason=reason, before=page.next) if page.next else "",
    )


def _reason(stream: str, reason: str, letters: int) -> ReasonView:
    return ReasonView(
        reason=reason,
        letters=letters,
        shown_at=_page_link(stream=stream, reason=reason),
        redrive=f"/api/v1/dead/{quote(stream, safe='')}/redrive?{urlencode({'reason': reason})}",
    )


def _letter(row: DeadLetterRow) -> LetterView:
    place = f"/api/v1/dead/{quote(row.stream, safe='')}/{row.id}"
    return LetterView(row=row, redrive=f"{place}/redrive", discard=f"{place}/discard")


def _page_link(**query: str) -> str:
    return "/ops/dead?" + urlencode({name: value for name, value in query.items() if value})
