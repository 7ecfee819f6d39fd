"""What is kept of a transcript beside its words, as one JSON text. In: a Transcript. Out: `Analysis`, and back.

Spans, measures and loudness only: nothing that was said. May not know: stores, pages.
"""

import msgspec
from msgspec import Struct

from asr.measures import Measures, measure
from asr.transcript import Span, Transcript


class Analysis(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Unknown fields of a later version are left aside."""

    measures: Measures | None = None
    redacted: tuple[Span, ...] = ()
    non_speech: tuple[Span, ...] = ()
    unread: tuple[Span, ...] = ()
    loudness_db: dict[int, float] = {}
    """By the utterance's number."""
    notes: tuple[str, ...] = ()


def analysis_of(transcript: Transcript) -> Analysis:
    return Analysis(
        measures=measure(
            transcript.utterances,
            duration_ms=transcript.duration_ms,
            channels=transcript.channels,
            non_speech=transcript.non_speech,
        ),
        redacted=transcript.redacted,
        non_speech=transcript.non_speech,
        unread=transcript.unread,
        loudness_db={one.number: one.loudness_db for one in transcript.utterances if one.loudness_db is not None},
        notes=transcript.notes,
    )


def encoded(analysis: Analysis) -> str:
    return msgspec.json.encode(analysis).decode()


def decoded(text: str) -> Analysis:
    """Raises msgspec.DecodeError. "": none is kept."""
    return msgspec.json.decode(text, type=Analysis) if text else Analysis()
