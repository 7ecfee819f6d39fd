"""Could it have been said after all? In: a transcript, a role, a range. Out: the Reason to doubt an absence, or None.

An absence is certain only where everything was heard: no unread speech, no mumbled utterance, known roles.
"""

from collections.abc import Sequence

from asr.transcript import Span, Transcript, Utterance
from scoring.match import Evidence
from scoring.messages import Params, Reason, seconds
from scoring.rules import Range, Role

_LEAST_CHARACTERS = 3
"""A mumbled syllable hides no sentence."""


def doubt(
    transcript: Transcript, role: Role, where: Range, heard: Sequence[Utterance], least_confidence: float
) -> tuple[Reason, tuple[Evidence, ...]] | None:
    """`heard`: the role's utterances in the range."""
    if not transcript.utterances:
        return Reason("nothing_heard"), ()
    if role is not Role.ANY and all(said.role == "unknown" for said in transcript.utterances):
        return Reason("no_roles"), ()
    start, end = _window(transcript, where, heard)
    for span in transcript.unread:
        if _may_be(span, role, transcript) and span.start_ms < end and start < span.end_ms:
            seen: Params = {"at_s": seconds(span.start_ms), "seconds": seconds(span.end_ms - span.start_ms)}
            return Reason("unread_speech", seen), ()
    for said in heard:
        if said.confidence < least_confidence and len(said.text) >= _LEAST_CHARACTERS:
            low: Params = {"at_s": seconds(said.start_ms), "text": said.text, "confidence": round(said.confidence, 2)}
            return Reason("low_confidence", low), (whole(said),)
    return None


def whole(said: Utterance) -> Evidence:
    return Evidence(
        utterance=said.number,
        role=said.role,
        start_ms=said.start_ms,
        end_ms=said.end_ms,
        text=said.text,
        confidence=said.confidence,
    )


def where_code(where: Range) -> str:
    for name in ("first_ms", "last_ms", "first_utterances", "last_utterances"):
        amount: int | None = getattr(where, name)
        if amount is not None:
            return f"{name}:{amount}"
    return "all"


def _window(transcript: Transcript, where: Range, heard: Sequence[Utterance]) -> tuple[int, int]:
    """The range as times; one counted in utterances ends with the last of them."""
    if where.first_ms is not None:
        return 0, where.first_ms
    if where.last_ms is not None:
        return transcript.duration_ms - where.last_ms, transcript.duration_ms
    if where.first_utterances is not None and len(heard) == where.first_utterances:
        return 0, heard[-1].end_ms
    if where.last_utterances is not None and len(heard) == where.last_utterances:
        return heard[0].start_ms, transcript.duration_ms
    return 0, transcript.duration_ms


def _may_be(span: Span, role: Role, transcript: Transcript) -> bool:
    """Whether the role speaks on that channel; a channel never heard may be anybody's."""
    roles = {said.role for said in transcript.utterances if said.channel == span.channel}
    return role is Role.ANY or not roles or role.value in roles or "unknown" in roles
