"""Is what was heard to be believed. In: a Transcript. Out: the reasons to doubt it, none for a sound one.

A recogniser writes words of anything: of another language, of noise, of a file at a wrong speed. Measured on the demo
calls, backwards, mirrored in pitch, at other speeds and in noise (docs/asr.md). May not know: audio.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from asr.transcript import Transcript, Word

_MINUTE_MS = 60_000


class HearingReason(StrEnum):
    """Why a transcript is marked as doubtful."""

    NO_WORDS = "heard_no_words"
    """Much speech was detected and nothing written: not speech, or nothing the model knows."""
    MOSTLY_UNREAD = "heard_mostly_unread"
    LOW_CONFIDENCE = "heard_low_confidence"
    """Another language, a heavy accent, a wrong model, a file at a wrong speed."""
    TOO_FEW_WORDS = "heard_too_few_words"
    """For so much speech: noise or music taken for it, a voice under noise."""
    TOO_FAST = "heard_too_fast"
    """More characters a minute than anybody speaks."""
    REPEATS = "heard_repeats"
    """The same few words over and over: what noise and tones are written as."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SanityLimits:
    """`least_confidence` is of the demo model, whose confidences are near 1; a full model's are lower by themselves."""

    least_confidence: float = 0.9
    least_speech_ms: int = 5_000
    """Of less than this nothing can be said."""
    least_words: int = 20
    least_characters_per_minute: float = 60.0
    """Of detected speech; calls have some 220, in noise as loud as the voice 95."""
    most_characters_per_minute: float = 600.0
    """Of the words' own time; quick speakers reach 390."""
    most_unread: float = 0.5
    least_evenness: float = 0.7
    """Entropy of the words over its greatest; calls have 0.85."""


DEMO_LIMITS = SanityLimits()
FULL_MODEL_LIMITS = SanityLimits(least_confidence=0.65)
"""Not measured: no full Mandarin model was at hand. Only what is plainly wrong is marked."""


def doubts(transcript: Transcript, *, limits: SanityLimits) -> tuple[HearingReason, ...]:
    """In the order of the enum."""
    words = [word for said in transcript.utterances for word in said.words]
    if transcript.speech_ms < limits.least_speech_ms:
        return ()
    if not words:
        return (HearingReason.NO_WORDS,)
    found = {
        HearingReason.MOSTLY_UNREAD: _unread_ms(transcript) > limits.most_unread * transcript.speech_ms,
        HearingReason.TOO_FEW_WORDS: _characters(words) * _MINUTE_MS
        < limits.least_characters_per_minute * transcript.speech_ms,
    }
    if len(words) >= limits.least_words:
        found |= {
            HearingReason.LOW_CONFIDENCE: _confidence(words) < limits.least_confidence,
            HearingReason.TOO_FAST: _characters(words) * _MINUTE_MS
            > limits.most_characters_per_minute * _said_ms(words),
            HearingReason.REPEATS: evenness([word.text for word in words]) < limits.least_evenness,
        }
    return tuple(reason for reason in HearingReason if found.get(reason))


def evenness(texts: Sequence[str]) -> float:
    """Entropy of how often each comes, over that of all different: 1 all different, 0 always the same."""
    if len(texts) < 2:
        return 1.0
    shares = [count / len(texts) for count in Counter(texts).values()]
    return -sum(share * math.log2(share) for share in shares) / math.log2(len(texts))


def _characters(words: Sequence[Word]) -> int:
    return sum(len(word.text) for word in words)


def _said_ms(words: Sequence[Word]) -> int:
    return sum(word.end_ms - word.start_ms for word in words)


def _confidence(words: Sequence[Word]) -> float:
    return sum(word.confidence for word in words) / len(words)


def _unread_ms(transcript: Transcript) -> int:
    return sum(span.end_ms - span.start_ms for span in transcript.unread)
