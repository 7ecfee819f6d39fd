"""How one recorded conversation went, as its page draws it. In: `ContactDetail`. Out: lanes of time, measures by side.

What the analysis does not hold (rows of an earlier version) is measured from the utterances. May not know: HTTP, HTML.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from asr.analysis import Analysis, decoded
from asr.measures import Measures, SideMeasures, measure, overlaps, subtract, union
from asr.transcript import Span, Utterance
from streams.warehouse.contacts import ContactDetail, MomentRow, UtteranceRow

SILENCE_MS: Final = 2_000
"""Shorter quiet is breath between turns."""
CHAT: Final = "chat"
_MOST_CHANNELS: Final = 2


@dataclass(frozen=True, slots=True)
class Part:
    """In per cent of the recording; `word` names it in the catalogues."""

    kind: str
    word: str
    left: float
    width: float
    start_ms: int
    ms: int


@dataclass(frozen=True, slots=True)
class Lane:
    """`role` "": of the whole conversation; then `word` names it."""

    role: str
    word: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Talk:
    lanes: tuple[Lane, ...]
    measures: Measures
    held_ms: int
    mono: bool
    notes: tuple[str, ...]

    def share(self, side: SideMeasures) -> float | None:
        """Its speech / both sides' speech; None: nobody spoke."""
        whole = sum(one.speech_ms for one in self.measures.sides)
        return side.speech_ms / whole if whole else None


def talk(detail: ContactDetail) -> Talk | None:
    """None: there is no transcript to tell of. Raises msgspec.DecodeError when the analysis cannot be read."""
    recording = detail.recording
    if recording is None or recording.state != "done" or recording.duration_ms <= 0:
        return None
    said = [_utterance(row) for row in detail.utterances if row.model != CHAT]
    analysis = decoded(detail.analysis)
    duration, channels = recording.duration_ms, recording.channels
    measures = analysis.measures or measure(
        said, duration_ms=duration, channels=channels, non_speech=analysis.non_speech
    )
    held = held_spans(detail.moments, duration)
    lanes = [_side(side, said, analysis, duration) for side in measures.sides]
    lanes.append(_between(said, analysis, held, duration, apart=channels == _MOST_CHANNELS))
    return Talk(tuple(lanes), measures, sum(end - start for start, end in held), channels == 1, analysis.notes)


def held_spans(moments: Sequence[MomentRow], duration_ms: int) -> list[tuple[int, int]]:
    """When the customer was on hold, in ms of the recording: from contact_held to contact_resumed or the end."""
    began = next((one.at for one in moments if one.kind == "recording_started"), None)
    if began is None:
        began = next((one.at for one in moments if one.kind == "contact_answered"), None)
    if began is None:
        return []
    spans, since = [], None
    for one in moments:
        at = min(max(0, one.at - began), duration_ms)
        if one.kind == "contact_held" and since is None:
            since = at
        elif one.kind in ("contact_resumed", "contact_ended") and since is not None:
            spans.append((since, at))
            since = None
    if since is not None:
        spans.append((since, duration_ms))
    return union(spans)


def _side(side: SideMeasures, said: Sequence[Utterance], analysis: Analysis, duration: int) -> Lane:
    spoken = union((one.start_ms, one.end_ms) for one in said if one.channel == side.channel)
    parts = [_part("speech", "Speech", start, end, duration) for start, end in spoken]
    parts += _spans(analysis.non_speech, side.channel, "sound", duration)
    parts += _spans(analysis.redacted, side.channel, "hidden", duration)
    return Lane(side.role, "", tuple(parts))


def _between(
    said: Sequence[Utterance], analysis: Analysis, held: Sequence[tuple[int, int]], duration: int, *, apart: bool
) -> Lane:
    filled = union(
        [
            *((one.start_ms, one.end_ms) for one in said),
            *((one.start_ms, one.end_ms) for one in analysis.non_speech),
            *held,
        ]
    )
    quiet = [(start, end) for start, end in subtract([(0, duration)], filled) if end - start >= SILENCE_MS]
    parts = [_part("quiet", "Silence", start, end, duration) for start, end in quiet]
    parts += [_part("held", "On hold", start, end, duration) for start, end in held]
    if apart:
        parts += [_part("both", "Both at once", start, end, duration) for start, end in overlaps(said)]
    return Lane("", "Between", tuple(parts))


def _spans(spans: Iterable[Span], channel: int, kind: str, duration: int) -> list[Part]:
    return [
        _part(kind, f"{kind}:{one.kind}", one.start_ms, one.end_ms, duration) for one in spans if one.channel == channel
    ]


def _part(kind: str, word: str, start: int, end: int, duration: int) -> Part:
    return Part(kind, word, 100 * start / duration, 100 * (min(end, duration) - start) / duration, start, end - start)


def _utterance(row: UtteranceRow) -> Utterance:
    return Utterance(
        channel=row.channel,
        role=row.role,
        number=row.number,
        start_ms=row.start_ms,
        end_ms=row.end_ms,
        text=row.text,
        words=(),
        confidence=row.confidence,
    )
