"""Events that another system pushes, one JSON object a line. In: the bytes of a batch. Out: events, refused lines.

Each line stands for itself: what is wrong with one costs no other. Who may push is known before (the token's site and
sources); chat texts are redacted by the caller, before anything is stored. May not know: sockets, tokens, the bus.
"""

from typing import Final

import msgspec

from streams.translate.bounds import doubt_of
from streams.vocabulary.codec import decode_event_json
from streams.vocabulary.events import Event, SourceLost
from streams.vocabulary.ids import Millis, SiteId, SourceId
from streams.vocabulary.states import GapReason

MOST_LINES: Final = 10_000
LINE_BYTES: Final = 64 * 1024
_DETAIL_CHARACTERS: Final = 200
_SAID_BY_A_SWITCH: Final = frozenset((GapReason.DISCONNECTED, GapReason.RESTARTED))
"""The other reasons are what Floorwatch finds out about its own way; a pusher that claimed them would hide its gaps."""

NOT_JSON: Final = "not_json"
WRONG_SHAPE: Final = "wrong_shape"
LINE_TOO_LONG: Final = "line_too_long"
TOO_MANY_LINES: Final = "too_many_lines"
SITE_NOT_ALLOWED: Final = "site_not_allowed"
SOURCE_NOT_ALLOWED: Final = "source_not_allowed"
REASON_NOT_YOURS: Final = "reason_not_yours"
"""Reasons of this file; streams/translate/bounds.py has the others."""


class RefusedLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line that was not taken. `line` counts from 1; the line itself is not repeated: it may hold a customer."""

    line: int
    reason: str
    detail: str
    mend: str


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """A batch: what may be published, in order, and what was refused. `lines` counts those that were not blank."""

    events: tuple[Event, ...]
    refused: tuple[RefusedLine, ...]
    lines: int


def judge(body: bytes, *, site: SiteId, sources: frozenset[SourceId], now: Millis) -> Judged:
    """NDJSON to events; a redelivered event passes (the floor knows it by its id). Never raises on what was sent."""
    events: list[Event] = []
    refused: list[RefusedLine] = []
    lines = 0
    for number, line in enumerate(body.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        text = line.strip(b" \t\r")
        if not text:
            continue
        lines += 1
        if lines > MOST_LINES:
            mend = f"send at most {MOST_LINES} lines at once; none from this one on was taken"
            refused.append(RefusedLine(line=number, reason=TOO_MANY_LINES, detail="the batch is too long", mend=mend))
            break
        told = judge_line(text, number=number, site=site, sources=sources, now=now)
        if isinstance(told, RefusedLine):
            refused.append(told)
        else:
            events.append(told)
    return Judged(events=tuple(events), refused=tuple(refused), lines=lines)


def judge_line(
    text: bytes, *, number: int, site: SiteId, sources: frozenset[SourceId], now: Millis
) -> Event | RefusedLine:
    """One JSON object (a socket's message, or a line). `number` is only repeated in the refusal."""

    def refuse(reason: str, detail: str, mend: str) -> RefusedLine:
        return RefusedLine(line=number, reason=reason, detail=detail[:_DETAIL_CHARACTERS], mend=mend)

    if len(text) > LINE_BYTES:
        return refuse(LINE_TOO_LONG, f"{len(text)} bytes", f"send at most {LINE_BYTES} bytes a line")
    try:
        event: Event = decode_event_json(text)
    except msgspec.ValidationError as error:
        return refuse(WRONG_SHAPE, str(error), "see docs/events.md for the fields of each kind")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return refuse(NOT_JSON, str(error), "send one JSON object a line, in UTF-8")
    if event.site != site:
        return refuse(SITE_NOT_ALLOWED, "site is not the one you push to", f'write "site": "{site}"')
    if event.source not in sources:
        allowed = ", ".join(sorted(sources)) or "none"
        return refuse(SOURCE_NOT_ALLOWED, "source is not one of yours", f"yours: {allowed}")
    if isinstance(event, SourceLost) and event.reason not in _SAID_BY_A_SWITCH:
        return refuse(REASON_NOT_YOURS, f"{event.reason} is found out here", "say disconnected or restarted")
    if (doubt := doubt_of(event, now=now)) is not None:
        return refuse(doubt.reason, doubt.detail, doubt.mend)
    return event
