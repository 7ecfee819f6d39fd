"""A recorded conversation as its page draws it."""

import pytest

from asr.analysis import Analysis, encoded
from asr.transcript import Span
from monitor.api.recordings import RecordingRefused, hidden_spans
from monitor.web.talk_view import held_spans, talk
from streams.warehouse.contacts import ContactDetail, MomentRow, RecordingRow, UtteranceRow


def recording(state: str = "done", *, channels: int = 2) -> RecordingRow:
    return RecordingRow(0, "c", state, "", "a.wav", "", "", 10_000, channels, 1, "m", 0)


def said(channel: int, start_ms: int, end_ms: int, *words: str) -> UtteranceRow:
    return UtteranceRow(
        said_at=0,
        channel=channel,
        role=("agent", "customer")[channel],
        number=0,
        start_ms=start_ms,
        end_ms=end_ms,
        text="".join(words),
        words=list(words),
        word_start_ms=[start_ms + 100 * n for n in range(len(words))],
        word_end_ms=[start_ms + 100 * (n + 1) for n in range(len(words))],
        word_confidence=[255] * len(words),
        confidence=1.0,
        model="m",
    )


def detail(
    *utterances: UtteranceRow, state: str = "done", channels: int = 2, analysis: Analysis | None = None
) -> ContactDetail:
    return ContactDetail(
        contact="c",
        legs=(),
        recording=recording(state, channels=channels),
        utterances=utterances,
        scores=(),
        analysis=encoded(analysis) if analysis else "",
    )


TALK = (said(0, 0, 4_000, "您好"), said(1, 3_000, 5_000, "号码", "●●●"))


def test_lanes_show_speech_overlap_and_silence() -> None:
    """In per cent of the recording; the third lane is of nobody's own."""
    told = talk(detail(*TALK))
    assert told is not None
    agent, customer, between = told.lanes
    assert [(part.kind, part.left, part.width) for part in agent.parts] == [("speech", 0, 40)]
    assert [(part.kind, part.left, part.width) for part in customer.parts] == [("speech", 30, 20)]
    assert [(part.kind, part.left, part.width) for part in between.parts] == [("quiet", 50, 50), ("both", 30, 10)]
    assert [told.share(side) for side in told.measures.sides] == [4 / 6, 2 / 6]


def test_what_the_analysis_says_is_drawn_on_its_channel() -> None:
    """Hidden places and sounds that are no speech."""
    spans = Analysis(
        redacted=(Span(channel=1, start_ms=4_000, end_ms=5_000, kind="mobile"),),
        non_speech=(Span(channel=0, start_ms=6_000, end_ms=9_000, kind="music"),),
    )
    told = talk(detail(*TALK, analysis=spans))
    assert told is not None
    assert [part.word for part in told.lanes[0].parts] == ["Speech", "sound:music"]
    assert [part.word for part in told.lanes[1].parts] == ["Speech", "hidden:mobile"]
    assert told.measures.non_speech_ms == 3_000


@pytest.mark.parametrize("state", ["queued", "quarantined"])
def test_without_a_transcript_there_is_nothing_to_tell(state: str) -> None:
    """Not even silence."""
    assert talk(detail(state=state)) is None


@pytest.mark.parametrize(
    ("moments", "held"),
    [
        ((("recording_started", 1_000), ("contact_held", 3_000), ("contact_resumed", 5_000)), [(2_000, 4_000)]),
        ((("contact_answered", 1_000), ("contact_held", 3_000), ("contact_ended", 4_000)), [(2_000, 3_000)]),
        ((("recording_started", 0), ("contact_held", 8_000)), [(8_000, 10_000)]),  # never resumed: to the end
        ((("contact_held", 3_000), ("contact_resumed", 5_000)), []),  # nobody knows when the recording began
    ],
)
def test_hold_is_told_by_the_switch(moments: tuple[tuple[str, int], ...], held: list[tuple[int, int]]) -> None:
    """In ms of the recording."""
    assert held_spans([MomentRow(at, kind) for kind, at in moments], 10_000) == held


def test_a_player_hides_what_the_transcript_hides() -> None:
    """Every word with a hidden character, also where an older row has no list of spans."""
    assert [(span.start_ms, span.end_ms) for span in hidden_spans(detail(*TALK))] == [(3_100, 3_200)]


@pytest.mark.parametrize("state", ["expected", "queued", "decoding", "recognising", "quarantined"])
def test_nothing_is_played_before_it_is_known_what_to_hide(state: str) -> None:
    """A recording that was never transcribed may hold any number."""
    assert hidden_spans(detail(state=state)) is RecordingRefused.NOT_HEARD
