"""What the operators on time and sound answer: a dialogue, a condition, the outcome, the reason.

A dialogue has 200 ms a character and 800 ms between turns, so that every time below is worked by hand.
"""

from typing import Any

import pytest
from msgspec.structs import replace

from asr.transcript import Span, Transcript
from scoring.case import Happening, Kind
from scoring.formula import Outcome
from scoring.operators.duration import Duration
from scoring.operators.hang_up import HangUp
from scoring.operators.interruption import Interruption
from scoring.operators.late_start import LateStart
from scoring.operators.loudness import Loudness
from scoring.operators.silence import Silence
from scoring.operators.speech_rate import SpeechRate
from scoring.operators.talk_share import TalkShare
from scoring.operators.turns import Turns
from scoring.rules import Role, Where
from tests.unit.asr_builders import dialogue
from tests.unit.scoring_ask import ask

HIT, MISS, DOUBT, NONE = Outcome.HIT, Outcome.MISS, Outcome.CANNOT_TELL, Outcome.NOT_APPLICABLE


def told(transcript: Transcript, asked: Any, role: Role = Role.AGENT, **known: Any) -> tuple[Outcome, str]:
    answer = ask(transcript, asked, where=Where(role=role), **known)
    assert answer.reason.zh
    assert answer.reason.en
    return answer.outcome, answer.reason.key


def without_words(transcript: Transcript) -> Transcript:
    return replace(transcript, utterances=tuple(replace(one, words=()) for one in transcript.utterances))


def mono(transcript: Transcript) -> Transcript:
    said = tuple(replace(one, channel=0, role="unknown") for one in transcript.utterances)
    return replace(transcript, channels=1, utterances=said)


QUIET = dialogue("A: 我 查 一下", "...10000", "C: 喂")  # silent from 0.8 s to 10.8 s
WAIT = dialogue("A: 请 稍等", "...10000", "A: 久等 了")  # from 0.6 s to 10.6 s


@pytest.mark.parametrize(
    ("transcript", "asked", "outcome", "reason"),
    [
        (QUIET, Silence(gap_ms=10_000), HIT, "silence"),
        (QUIET, Silence(gap_ms=10_001), MISS, "no_silence"),
        (QUIET, Silence(gap_ms=8_000, between="agent_then_customer"), HIT, "silence"),
        (QUIET, Silence(gap_ms=8_000, between="customer_then_agent"), MISS, "no_silence"),
        (QUIET, Silence(gap_ms=8_000, between="same"), MISS, "no_silence"),
        (WAIT, Silence(gap_ms=8_000, between="same"), HIT, "silence"),
        (WAIT, Silence(gap_ms=8_000, unless=("稍等",)), MISS, "silence_exempt"),
        (QUIET, Silence(gap_ms=8_000, unless=("稍等",)), HIT, "silence"),
        (
            dialogue("A: 请 稍等?", "...10000", "C: 喂"),
            Silence(gap_ms=8_000, unless=("稍等",)),
            DOUBT,
            "found_in_doubt",
        ),
        (dialogue("A: 好", "...9000"), Silence(gap_ms=8_000), MISS, "no_silence"),
        (dialogue("A: 好", "...9000"), Silence(gap_ms=8_000, tail=True), HIT, "silence"),
        # a tone heard as a word cuts 9 s in two
        (dialogue("A: 好", "...4000", "C: 嗯?", "...4000", "A: 好"), Silence(gap_ms=8_000), DOUBT, "silence_or_word"),
        (mono(QUIET), Silence(gap_ms=8_000), HIT, "silence"),
        (mono(QUIET), Silence(gap_ms=8_000, between="same"), DOUBT, "no_roles"),
        (dialogue(), Silence(gap_ms=8_000), DOUBT, "nothing_heard"),
        (QUIET, Silence(gap_ms=8_000, unless_held=True), DOUBT, "no_events"),
    ],
)
def test_silence(transcript: Transcript, asked: Silence, outcome: Outcome, reason: str) -> None:
    """Between two utterances of whatever side."""
    assert told(transcript, asked, Role.ANY) == (outcome, reason)


def test_a_silence_is_named_by_the_music_in_it_and_doubted_by_unread_speech() -> None:
    """Music is no speech; speech nobody could read is no silence."""
    span = Span(channel=1, start_ms=2_000, end_ms=10_000, kind="music")
    assert told(replace(QUIET, non_speech=(span,)), Silence(gap_ms=8_000)) == (HIT, "silence_music")
    assert told(replace(QUIET, unread=(replace(span, kind="no_words"),)), Silence(gap_ms=8_000)) == (
        DOUBT,
        "unread_speech",
    )
    # 3 s are unread, 5.8 s before them are quiet all the same
    late = replace(span, start_ms=6_600, end_ms=9_600, kind="no_words")
    assert told(replace(QUIET, unread=(late,)), Silence(gap_ms=5_000)) == (HIT, "silence")


def test_a_silence_on_hold_may_be_excused() -> None:
    """8 of 10 s on hold: the customer was told to wait by music."""
    held = (Happening(kind=Kind.HOLD, start_ms=1_000, end_ms=9_000),)
    asked = Silence(gap_ms=8_000, unless_held=True)
    assert told(QUIET, asked, happenings=held) == (MISS, "silence_held")
    assert told(QUIET, asked, happenings=()) == (HIT, "silence")


FAST = dialogue("A: 您好 很 高兴 为 您 服务")  # 9 characters in 1.8 s: 300 a minute


@pytest.mark.parametrize(
    ("transcript", "asked", "outcome", "reason"),
    [
        (FAST, SpeechRate(above=299, characters=9), HIT, "rate_mean"),
        (FAST, SpeechRate(above=300, characters=9), MISS, "rate_mean"),
        (FAST, SpeechRate(below=301, characters=9), HIT, "rate_mean"),
        (FAST, SpeechRate(above=299, characters=9, each=True), HIT, "rate_at"),
        (FAST, SpeechRate(above=300, characters=9, each=True), MISS, "rate_each"),
        (FAST, SpeechRate(above=299, characters=10), NONE, "too_few_characters"),
        (dialogue("A: 您好 很 高兴 为 您 服务", confidence=0.4), SpeechRate(above=299, characters=9, each=True), DOUBT,
         "heard_weakly"),
        (dialogue("C: 喂"), SpeechRate(above=299), NONE, "nobody_spoke"),
        (without_words(FAST), SpeechRate(above=299), DOUBT, "no_times"),
        # a second in which nobody knows what was said
        (replace(FAST, unread=(Span(channel=0, start_ms=1_800, end_ms=2_800, kind="no_words"),)),
         SpeechRate(above=299, characters=9), DOUBT, "unread_speech"),
    ],
)  # fmt: skip
def test_speech_rate(transcript: Transcript, asked: SpeechRate, outcome: Outcome, reason: str) -> None:
    """Characters a minute of what is said, pauses between utterances left out."""
    assert told(transcript, asked) == (outcome, reason)


def overlapping(confidence: float = 1.0) -> Transcript:
    """The customer speaks from 0 to 2.0 s, the agent from 1.0 to 2.6 s: together for one second."""
    customer, agent = dialogue("C: 我 想 查 一下 上个月 的 呢", "A: 您 先 听 我 说 完 好吗").utterances
    words = tuple(replace(w, start_ms=w.start_ms - 1_800, end_ms=w.end_ms - 1_800) for w in agent.words)
    moved = replace(agent, start_ms=1_000, end_ms=2_600, words=words, confidence=confidence)
    return replace(dialogue("C: 喂"), utterances=(customer, moved), duration_ms=4_000)


@pytest.mark.parametrize(
    ("transcript", "asked", "role", "outcome", "reason"),
    [
        (overlapping(), Interruption(overlap_ms=1_000), Role.AGENT, HIT, "interrupted"),
        (overlapping(), Interruption(overlap_ms=1_001), Role.AGENT, MISS, "not_interrupted"),
        (overlapping(), Interruption(overlap_ms=500, after_ms=1_001), Role.AGENT, MISS, "not_interrupted"),
        (overlapping(), Interruption(overlap_ms=500, characters=9), Role.AGENT, MISS, "not_interrupted"),
        (overlapping(), Interruption(overlap_ms=500), Role.CUSTOMER, MISS, "not_interrupted"),  # he was there first
        (overlapping(confidence=0.3), Interruption(overlap_ms=500), Role.AGENT, DOUBT, "heard_weakly"),
        (mono(overlapping()), Interruption(overlap_ms=500), Role.AGENT, DOUBT, "no_roles"),
        (without_words(overlapping()), Interruption(overlap_ms=500), Role.AGENT, DOUBT, "no_times"),
        (replace(QUIET, unread=(Span(channel=1, start_ms=200, end_ms=3_000, kind="no_words"),)),
         Interruption(overlap_ms=500), Role.CUSTOMER, DOUBT, "unread_speech"),
    ],
)  # fmt: skip
def test_interruption(transcript: Transcript, asked: Interruption, role: Role, outcome: Outcome, reason: str) -> None:
    """The role begins while the other side speaks, and both go on."""
    assert told(transcript, asked, role) == (outcome, reason)


def loud(*levels: float | None) -> Transcript:
    base = dialogue(*["A: 好的" for _ in levels])
    said = tuple(replace(one, loudness_db=level) for one, level in zip(base.utterances, levels, strict=True))
    return replace(base, utterances=said)


@pytest.mark.parametrize(
    ("transcript", "asked", "outcome", "reason"),
    [
        (loud(-30, -15), Loudness(above=-20), HIT, "loudness_at"),
        (loud(-30, -20), Loudness(above=-20), MISS, "loudness_each"),
        (loud(-30, -50), Loudness(below=-40), HIT, "loudness_at"),
        (loud(-30, -18), Loudness(jump=12), HIT, "loudness_jump"),
        (loud(-30, -24, -18), Loudness(jump=12), MISS, "no_loudness_jump"),
        (loud(-30, -24, -18), Loudness(span=12), HIT, "loudness_span"),
        (loud(-30, -24, -18), Loudness(span=12, above=-18), MISS, "loudness_each"),
        (loud(-30, None), Loudness(above=-20), DOUBT, "no_loudness"),
        (loud(None, None), Loudness(above=-20), DOUBT, "no_loudness"),
        (dialogue("C: 喂"), Loudness(above=-20), DOUBT, "no_loudness"),
    ],
)
def test_loudness(transcript: Transcript, asked: Loudness, outcome: Outcome, reason: str) -> None:
    """dB of full scale, utterance by utterance."""
    assert told(transcript, asked) == (outcome, reason)


LATE = dialogue("C: 喂", "...4000", "A: 您好")  # the agent's first word at 4.2 s
AT_ONE = (Happening(kind=Kind.ANSWERED, start_ms=1_000),)


@pytest.mark.parametrize(
    ("transcript", "asked", "happenings", "outcome", "reason"),
    [
        (LATE, 4_200, None, HIT, "first_word_after_recording"),
        (LATE, 4_201, None, MISS, "first_word_after_recording"),
        (LATE, 3_200, AT_ONE, HIT, "first_word_after_answer"),
        (LATE, 3_201, AT_ONE, MISS, "first_word_after_answer"),
        (dialogue("C: 喂", "...5000"), 5_000, None, HIT, "no_word_after_recording"),
        (dialogue("C: 喂", "...5000"), 9_000, None, MISS, "no_word_after_recording"),
        (dialogue("A: 嗯?", "...4000", "A: 您好"), 3_000, None, DOUBT, "first_word_unsure"),
        (replace(LATE, unread=(Span(channel=0, start_ms=500, end_ms=2_000, kind="no_words"),)), 3_000, None, DOUBT,
         "unread_speech"),
        (mono(LATE), 3_000, None, DOUBT, "no_roles"),
    ],
)  # fmt: skip
def test_late_start(
    transcript: Transcript, asked: int, happenings: tuple[Happening, ...] | None, outcome: Outcome, reason: str
) -> None:
    """From the answer where it is known; the reason says from where."""
    assert told(transcript, LateStart(gap_ms=asked), happenings=happenings) == (outcome, reason)


TAIL = dialogue("A: 还有 问题 吗", "C: 没有", "...8000")  # the last word ends at 2.2 s, the recording at 10.2 s


def ended(by: str, at_ms: int = 10_200) -> tuple[Happening, ...]:
    return (Happening(kind=Kind.ENDED, start_ms=at_ms, reason=by),)


@pytest.mark.parametrize(
    ("transcript", "asked", "happenings", "outcome", "reason"),
    [
        (TAIL, HangUp(gap_ms=8_000), None, HIT, "recording_ended"),
        (TAIL, HangUp(gap_ms=8_001), None, MISS, "ended_after"),
        (TAIL, HangUp(gap_ms=8_000, last_word="customer"), None, HIT, "recording_ended"),
        (TAIL, HangUp(gap_ms=8_000, last_word="agent"), None, MISS, "last_word"),
        (TAIL, HangUp(by="agent"), ended("agent"), HIT, "hung_up"),
        (TAIL, HangUp(by="agent"), ended("customer"), MISS, "hung_up"),
        (TAIL, HangUp(by="agent"), ended("unknown"), DOUBT, "ended_by_unknown"),
        (TAIL, HangUp(by="agent"), None, DOUBT, "no_events"),
        (TAIL, HangUp(by="agent", gap_ms=9_000), ended("unknown"), MISS, "ended_after"),  # too soon, whoever it was
        (TAIL, HangUp(by="agent"), ended("transfer"), NONE, "handed_on"),
        (TAIL, HangUp(gap_ms=8_000), ended("agent", 5_200), MISS, "ended_after"),  # the recording ran on
        (TAIL, HangUp(gap_ms=8_500), ended("agent", 15_000), DOUBT, "not_recorded"),
        (dialogue("A: 好", "C: 没有?", "...8000"), HangUp(gap_ms=8_500), None, DOUBT, "last_word_unsure"),
    ],
)
def test_hang_up(
    transcript: Transcript, asked: HangUp, happenings: tuple[Happening, ...] | None, outcome: Outcome, reason: str
) -> None:
    """Who, and how long after the last word."""
    assert told(transcript, asked, happenings=happenings) == (outcome, reason)


def test_how_a_contact_ends_nobody_knows_before_it_does() -> None:
    """Whatever has happened so far."""
    assert told(TAIL, HangUp(by="agent"), happenings=ended("agent"), ended=False) == (DOUBT, "not_over")


TALK = (
    Happening(kind=Kind.QUEUED, start_ms=-20_000, leg=1),
    Happening(kind=Kind.ANSWERED, start_ms=0, leg=1),
    Happening(kind=Kind.ENDED, start_ms=10_000, leg=1),
)


@pytest.mark.parametrize(
    ("asked", "happenings", "outcome", "reason"),
    [
        (Duration(above=10_000), None, HIT, "lasted_recording"),  # 10.2 s
        (Duration(above=10_200), None, MISS, "lasted_recording"),
        (Duration(above=10_000, below=10_300), None, HIT, "lasted_recording"),
        (Duration(of="contact", above=29_999), TALK, HIT, "lasted_contact"),
        (Duration(of="talk", above=9_999), TALK, HIT, "lasted_talk"),
        (Duration(of="talk", below=10_000), TALK, MISS, "lasted_talk"),
        (Duration(of="talk", below=10_000), None, DOUBT, "no_events"),
        (Duration(of="talk", below=10_000), TALK[:2], DOUBT, "end_unknown"),
        (Duration(of="speech", below=1_001), None, HIT, "lasted_speech"),  # five characters
    ],
)
def test_duration(asked: Duration, happenings: tuple[Happening, ...] | None, outcome: Outcome, reason: str) -> None:
    """Of what can be heard, of the whole contact, of the talk, of what the role says."""
    assert told(TAIL, asked, happenings=happenings) == (outcome, reason)


@pytest.mark.parametrize(
    ("lines", "asked", "outcome"),
    [
        (("A: 您好", "C: 喂", "A: 请 讲", "A: 好的", "C: 好"), Turns(above=1, below=3), HIT),  # two of the agent
        (("A: 您好", "C: 喂", "A: 请 讲", "A: 好的", "C: 好"), Turns(above=2), MISS),
        (("A: 您好", "C: 嗯?", "A: 请 讲"), Turns(above=1), DOUBT),  # perhaps nobody spoke between
        (("C: 喂",), Turns(below=1), HIT),
    ],
)
def test_turns(lines: tuple[str, ...], asked: Turns, outcome: Outcome) -> None:
    """What one says until the other speaks."""
    assert told(dialogue(*lines), asked)[0] is outcome


@pytest.mark.parametrize(
    ("transcript", "asked", "outcome"),
    [
        (dialogue("A: 一二三", "C: 四"), TalkShare(above=74, below=76), HIT),
        (dialogue("A: 一二三", "C: 四"), TalkShare(above=75), MISS),
        (replace(dialogue("A: 一二三", "C: 四"),
                 unread=(Span(channel=1, start_ms=1_600, end_ms=2_400, kind="no_words"),)),
         TalkShare(above=70), DOUBT),
        (mono(dialogue("A: 一二三", "C: 四")), TalkShare(above=70), DOUBT),
    ],
)  # fmt: skip
def test_talk_share(transcript: Transcript, asked: TalkShare, outcome: Outcome) -> None:
    """Three characters of four; what nobody could read may be either's."""
    assert told(transcript, asked)[0] is outcome
