"""What was said. In: nothing. Out: `Transcript` (entry of the stream `jobs:score`), its utterances and words.

Times are ms from the recording's start. May not know: how it was recognised, any store.
"""

from msgspec import Struct

from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName, SiteId


class Word(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    text: str
    start_ms: int
    end_ms: int
    confidence: float
    """0..1, the recogniser's own."""


class Utterance(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One stretch of one channel's speech. `text` has no spaces between Chinese words."""

    channel: int
    role: str
    """agent | customer | unknown"""
    number: int
    """Counts from 0 over both channels in order of start."""
    start_ms: int
    end_ms: int
    text: str
    words: tuple[Word, ...]
    confidence: float
    figures: str = ""
    """The text with spoken numbers as figures; "" where that is the same."""
    loudness_db: float | None = None
    """Of its samples, root mean square in dB of full scale; None: not known (a chat)."""
    alternatives: tuple[str, ...] = ()
    """Of a doubtful utterance: what else it may have been, likeliest first. None where anything is hidden."""


class Span(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A stretch of one channel that a reader must know about."""

    channel: int
    start_ms: int
    end_ms: int
    kind: str
    """Of `unread`: `no_words`. Of `redacted`: asr.redact_kinds.KINDS."""


class Transcript(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    site: SiteId
    contact: ContactId
    contact_at: Millis
    queue: QueueName = QueueName("")
    agent: AgentId = AgentId("")
    model: str
    duration_ms: int
    channels: int
    utterances: tuple[Utterance, ...]
    speech_ms: int = 0
    cpu_ms: int = 0
    unread: tuple[Span, ...] = ()
    """Speech was detected here, but no word came out: a scorer may not call it silence, nor a miss."""
    redacted: tuple[Span, ...] = ()
    """Where characters became ●; a player mutes these spans."""
    non_speech: tuple[Span, ...] = ()
    """Sound that is no speech and was not recognised: ring_back, dtmf, fax, tone, music."""
    notes: tuple[str, ...] = ()
    """What was odd about the audio but survivable: `not_finite`, `cut_short`, `length_missing`."""
