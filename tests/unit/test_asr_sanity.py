"""Transcripts of what was no speech, or none the model knows, are marked with the reason."""

import pytest
from msgspec.structs import replace

from asr.sanity import DEMO_LIMITS, FULL_MODEL_LIMITS, HearingReason, doubts, evenness
from asr.transcript import Span, Transcript
from tests.unit.asr_builders import dialogue
from tests.unit.demo_truth import demo_calls

TALK = "A:您好 很 高兴 为 您 服务 请问 有 什么 可以 帮 您 我 想 查 一下 话费 好 的 请 稍等 一下 谢谢 您"


def said(line: str, *, speech_ms: int = 12_000, confidence: float = 1.0) -> Transcript:
    return replace(dialogue(line, confidence=confidence), speech_ms=speech_ms)


def told(transcript: Transcript) -> tuple[HearingReason, ...]:
    return doubts(transcript, limits=DEMO_LIMITS)


def test_an_ordinary_call_is_not_doubted() -> None:
    """None of the 24 demo calls, taken as they are labelled."""
    for call in demo_calls():
        speech_ms = sum(one.end_ms - one.start_ms for one in call.transcript.utterances)
        assert told(replace(call.transcript, speech_ms=speech_ms)) == ()


@pytest.mark.parametrize(
    ("transcript", "reasons"),
    [
        (replace(said(TALK), utterances=()), (HearingReason.NO_WORDS,)),
        (said(TALK, confidence=0.8), (HearingReason.LOW_CONFIDENCE,)),
        (said(TALK, speech_ms=60_000), (HearingReason.TOO_FEW_WORDS,)),
        (said("A:" + " ".join(["对"] * 40)), (HearingReason.REPEATS,)),
        (
            replace(said(TALK), unread=(Span(channel=0, start_ms=0, end_ms=7_000, kind="no_words"),)),
            (HearingReason.MOSTLY_UNREAD,),
        ),
    ],
    ids=["nothing written", "unsure", "few words", "one word only", "mostly unread"],
)
def test_what_cannot_be_believed_is_marked_with_its_reason(
    transcript: Transcript, reasons: tuple[HearingReason, ...]
) -> None:
    """Another language, noise, tones, a wrong speed: each leaves its trace in the words."""
    assert told(transcript) == reasons


def test_nobody_speaks_six_hundred_characters_a_minute() -> None:
    """A file whose rate is told wrong plays too fast."""
    words = said(TALK)
    quick = replace(
        words,
        utterances=tuple(
            replace(one, words=tuple(replace(word, end_ms=word.start_ms + 50) for word in one.words))
            for one in words.utterances
        ),
    )
    assert told(quick) == (HearingReason.TOO_FAST,)


def test_of_little_speech_nothing_is_said() -> None:
    """A wrong number of four seconds has few words, and soundly so."""
    assert told(replace(said("A:对 对 对", speech_ms=4_000), utterances=())) == ()


def test_a_full_model_may_be_less_sure() -> None:
    """Its confidences are lower by themselves."""
    assert doubts(said(TALK, confidence=0.8), limits=FULL_MODEL_LIMITS) == ()


def test_evenness_is_one_for_all_different_and_none_for_all_the_same() -> None:
    """Entropy by hand: two of four alike give 1.5 of 2 bits."""
    assert (evenness(["a", "b", "c", "d"]), evenness(["a"] * 4), evenness(["a", "a", "b", "c"])) == (1.0, 0.0, 0.75)
