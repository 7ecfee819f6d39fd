"""What the figures of a conversation say, worked by hand."""

from asr.measures import characters, measure, overlaps, rate
from asr.transcript import Span, Utterance
from asr.utterances import loudness_db
from asr.wire import Region


def said(channel: int, start_ms: int, end_ms: int, text: str = "您好") -> Utterance:
    return Utterance(
        channel=channel,
        role=("agent", "customer")[channel],
        number=0,
        start_ms=start_ms,
        end_ms=end_ms,
        text=text,
        words=(),
        confidence=1.0,
    )


TALK = (said(0, 1_000, 4_000), said(1, 3_000, 6_000), said(0, 9_000, 10_000))
"""Agent 4 s, customer 3 s, of it 1 s together; between 6 and 9 s nobody."""


def test_times_add_up() -> None:
    """Speech, silence and other sounds make the whole recording."""
    music = Span(channel=1, start_ms=6_500, end_ms=8_500, kind="music")
    found = measure(TALK, duration_ms=12_000, channels=2, non_speech=(music,))
    assert (found.talked_ms, found.silence_ms, found.non_speech_ms) == (6_000, 4_000, 2_000)
    assert found.talked_ms + found.silence_ms + found.non_speech_ms == 12_000
    assert found.longest_silence_ms == 2_000
    assert found.overlap_ms == 1_000
    assert overlaps(TALK) == ((3_000, 4_000),)


def test_each_side_has_its_own_figures() -> None:
    """Shares, first word, rate and interruptions by side."""
    agent, customer = measure(TALK, duration_ms=12_000, channels=2).sides
    assert (agent.speech_ms, customer.speech_ms) == (4_000, 3_000)
    assert (agent.first_word_ms, customer.first_word_ms) == (1_000, 3_000)
    assert agent.rate == 60.0  # four characters in four seconds
    assert (agent.interruptions, customer.interruptions) == (0, 1)


def test_a_mono_recording_pretends_to_no_overlap() -> None:
    """Both people are on its one channel: who spoke over whom cannot be told."""
    found = measure((said(0, 0, 1_000),), duration_ms=2_000, channels=1)
    assert found.overlap_ms is None
    assert found.sides[0].interruptions is None


def test_a_listener_s_word_ends_no_monologue() -> None:
    """A turn of a second or more does."""
    long = (
        said(0, 0, 5_000),
        said(1, 5_100, 5_400),
        said(0, 5_500, 9_000),
        said(1, 9_500, 11_000),
        said(0, 12_000, 13_000),
    )
    agent, _ = measure(long, duration_ms=14_000, channels=2).sides
    assert agent.longest_monologue_ms == 9_000


def test_nobody_spoke() -> None:
    """Not known is None, never 0."""
    agent, _ = measure((), duration_ms=3_000, channels=2).sides
    assert (agent.rate, agent.first_word_ms, agent.loudness_db) == (None, None, None)


def test_what_counts_as_a_character() -> None:
    """Chinese characters and digits one each, a Latin word one, hidden ones too, signs none."""
    assert characters("充50元到VIP，●●") == 8
    assert rate(said(0, 0, 30_000, "您好您好")) == 8.0
    assert rate(said(0, 5, 5)) is None


def test_loudness_is_dB_of_full_scale() -> None:
    """A square wave of half the full scale has -6 dB; silence has none."""
    half = (16_384).to_bytes(2, "little", signed=True) * 8_000
    region = Region(channel=0, start_ms=0, end_ms=1_000, pcm=half)
    assert loudness_db((region,), said(0, 100, 900)) == -6.0
    assert loudness_db((Region(channel=0, start_ms=0, end_ms=1_000, pcm=bytes(16_000)),), said(0, 0, 900)) is None
