"""Alternatives of doubtful utterances: which are asked for, which sound is heard again, which may be told."""

from collections.abc import Sequence

import pytest

from asr.redact import redact
from asr.second_look import SecondLook, cut, doubtful, with_alternatives
from asr.transcript import Utterance, Word
from asr.wire import Region


def heard(number: int, text: str, *, surest: float = 0.3, channel: int = 1) -> Utterance:
    """Begins at `number` x 2 s; each character a word of 200 ms."""
    at = number * 2_000
    words = tuple(
        Word(text=one, start_ms=at + 200 * place, end_ms=at + 200 * (place + 1), confidence=surest)
        for place, one in enumerate(text)
    )
    return Utterance(
        channel=channel,
        role="customer" if channel else "agent",
        number=number,
        start_ms=at,
        end_ms=words[-1].end_ms,
        text=text,
        words=words,
        confidence=surest,
    )


def told(said: Sequence[Utterance], place: int, *texts: str) -> tuple[str, ...]:
    """The alternatives that are left of these."""
    clean, _ = redact(said)
    return with_alternatives(said, clean, {place: [tuple(text) for text in texts]})[place].alternatives


def test_only_utterances_with_an_uncertain_word_are_doubtful() -> None:
    """Of three the second; a limit is not below itself."""
    said = (heard(0, "您好", surest=0.6), heard(1, "喂什么事", surest=0.59), heard(2, "再见", surest=1.0))
    assert doubtful(said, speech_ms=60_000, look=SecondLook()) == (1,)


def test_a_bad_line_is_not_heard_twice() -> None:
    """A tenth of 30 s: two of 4 x 200 + 300 ms fit, the least certain ones."""
    said = tuple(heard(number, "喂什么事", surest=sure) for number, sure in enumerate((0.5, 0.2, 0.4, 0.3)))
    assert doubtful(said, speech_ms=30_000, look=SecondLook()) == (1, 3)


def test_its_own_sound_is_heard_again() -> None:
    """150 ms around the utterance, never beyond its region: samples count up, one each millisecond."""
    pcm = b"".join(number.to_bytes(2, "little") for number in range(3_000))
    region = Region(channel=1, start_ms=1_900, end_ms=4_900, pcm=pcm)
    found = cut((region,), heard(1, "喂什么事"), pad_ms=150)
    assert found is not None
    assert (found.start_ms, found.end_ms) == (1_900, 2_950)
    assert found.pcm == pcm[: 2 * 1_050]
    assert cut((region,), heard(3, "喂"), pad_ms=150) is None


def test_what_equals_the_text_is_no_alternative() -> None:
    """Each other text once, likeliest first."""
    said = (heard(0, "我要投速"),)
    assert told(said, 0, "我要投速", "我要投诉", "我要头速", "我要投诉") == ("我要投诉", "我要头速")


@pytest.mark.parametrize(
    ("before", "text", "other"),
    [
        ("", "手机号幺三八幺二三四五六七八谢谢", "手机号谢谢"),
        ("", "号是取消谢谢", "号是幺三八幺二三四五六七八"),
        ("身份证后四位", "七要七九", "七幺七九"),
        ("", "就是取消吧", "就是七九吧"),
    ],
    ids=["hidden in the text", "hidden in itself", "asked for by the other side", "a part of what may be a number"],
)
def test_no_alternative_tells_what_is_hidden(before: str, text: str, other: str) -> None:
    """Not by itself, and not in pieces: of several that hold digits each could show what another lost."""
    said = (heard(0, before or "您好", surest=1.0, channel=0), heard(1, text))
    assert told(said, 1, other) == ()


def test_digits_that_are_told_anyway_may_stand_in_an_alternative() -> None:
    """A price is no secret."""
    said = (heard(0, "每月二十九元钱宝"),)
    assert told(said, 0, "每月二十九元套餐") == ("每月二十九元套餐",)
