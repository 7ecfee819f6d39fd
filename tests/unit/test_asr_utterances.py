"""Words to utterances, text and unread speech."""

import numpy as np
import pytest

from asr.text import join, lay_out
from asr.transcript import Span
from asr.utterances import role_of, unread, utterances
from asr.wire import HeardWord, Region


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["您好", "很", "高兴"], "您好很高兴"),
        (["五", "G", "流量"], "五G流量"),
        (["hold", "on", "请"], "hold on请"),
        ([], ""),
    ],
)
def test_chinese_joins_without_spaces_and_latin_words_keep_one(words: list[str], text: str) -> None:
    """A keyword is a plain substring of the joined text."""
    assert join(words) == text


def test_each_word_knows_its_place_in_the_text() -> None:
    """`hold on请`: the space belongs to no word's own range."""
    assert lay_out(["hold", "on", "请"])[1] == ((0, 4), (5, 7), (7, 8))


def test_a_pause_ends_an_utterance_and_both_channels_are_numbered_by_start() -> None:
    """600 ms is a pause, 599 ms is none; the agent began first, the customer answered between."""
    heard = {
        0: [HeardWord("您好", 0, 400, 1.0), HeardWord("请", 999, 1100, 0.5), HeardWord("讲", 1700, 1900, 1.0)],
        1: [HeardWord("喂", 500, 700, 0.9)],
    }
    found = utterances(heard, channels=2, agent_channel=0)
    assert [(said.number, said.role, said.text, said.start_ms, said.end_ms, said.confidence) for said in found] == [
        (0, "agent", "您好请", 0, 1100, 0.75),
        (1, "customer", "喂", 500, 700, 0.9),
        (2, "agent", "讲", 1700, 1900, 1.0),
    ]


@pytest.mark.parametrize(
    ("channel", "channels", "agent_channel", "role"),
    [
        (0, 2, 0, "agent"),
        (1, 2, 0, "customer"),
        (0, 2, 1, "customer"),
        (0, 2, None, "unknown"),
        (0, 1, 0, "unknown"),  # mono: both speak on it
        (0, 3, 0, "unknown"),
    ],
)
def test_roles_are_known_only_where_the_agents_channel_is(
    channel: int, channels: int, agent_channel: int | None, role: str
) -> None:
    """Nothing is guessed."""
    assert role_of(channel, channels=channels, agent_channel=agent_channel) == role


def sounding(channel: int, *levels: int) -> Region:
    """Eight samples a millisecond, one second of each level."""
    pcm = np.repeat(np.array(levels, "<i2"), 8_000).tobytes()
    return Region(channel=channel, start_ms=0, end_ms=1_000 * len(levels), pcm=pcm)


def test_speech_without_words_is_told() -> None:
    """Two seconds and more inside a region before, between or after words, on each channel."""
    regions = [sounding(0, *[500] * 10), sounding(1, 500)]
    heard = {0: [HeardWord("您好", 1_000, 1_400, 1.0), HeardWord("讲", 4_000, 8_500, 1.0)], 1: []}
    assert unread(regions, heard) == (Span(channel=0, start_ms=1_400, end_ms=4_000, kind="no_words"),)


@pytest.mark.parametrize(("level", "told"), [(1_000, True), (100, True), (99, False), (10, False)])
def test_noise_far_below_the_voice_is_no_unread_speech(level: int, told: bool) -> None:
    """The word is at 1000; 20 dB below it is 100."""
    region = sounding(0, 1_000, level, level, level)
    assert bool(unread([region], {0: [HeardWord("您好", 0, 1_000, 1.0)]})) is told


@pytest.mark.parametrize(("level", "told"), [(60, True), (59, False)])
def test_a_channel_without_words_has_unread_speech_only_if_it_can_be_heard(level: int, told: bool) -> None:
    """Nothing to compare with: -55 dB of full scale."""
    assert bool(unread([sounding(1, level, level, level)], {1: []})) is told
