"""Whether a model can write a keyword, and what it may write instead."""

import pytest

from asr.models import describe, read_vocabulary
from asr.vocabulary import Writable, judge, split, vocabulary_of
from asr.vocabulary_read import BadWords, words_of_text
from asr.vocabulary_sounds import cost, sounds_of

DEMO = read_vocabulary(describe())


@pytest.mark.parametrize(
    ("keyword", "writable", "words"),
    [
        ("携号转网", Writable.ONE_WORD, ("携号转网",)),
        ("你自己看", Writable.SEVERAL_WORDS, ("你", "自己", "看")),
        ("你 自己 看", Writable.SEVERAL_WORDS, ("你", "自己", "看")),
        ("五g", Writable.CANNOT, ("五", "g")),
        ("提速降费", Writable.CANNOT, ("提速", "降", "费")),
        ("", Writable.CANNOT, ()),
    ],
)
def test_a_keyword_is_spelt_with_the_fewest_words_of_the_model(
    keyword: str, writable: Writable, words: tuple[str, ...]
) -> None:
    """What the model lacks stands alone; spaces of a rule do not count."""
    judged = judge(keyword, DEMO)
    assert (judged.writable, judged.words) == (writable, words)


def test_what_is_lacking_is_named_in_one_piece() -> None:
    """Neighbouring unknown characters belong together."""
    assert split("宽带霾霭", vocabulary_of(["宽带"])) == (("宽带", True), ("霾霭", False))
    assert judge("宽带霾霭", vocabulary_of(["宽带"])).unknown == ("霾霭",)


def test_latin_words_are_found_whatever_their_case() -> None:
    """Models write them in one case only."""
    assert split("VIP客户", vocabulary_of(["vip", "客户"])) == (("vip", True), ("客户", True))


@pytest.mark.parametrize(
    ("keyword", "instead"), [("宽待", "宽带"), ("提速降费", "提速将费"), ("5G套餐", "五G套餐"), ("推订", "退订")]
)
def test_a_keyword_the_model_cannot_write_is_told_what_sounds_like_it(keyword: str, instead: str) -> None:
    """The likest first: a rule that lists it too hits what was meant."""
    judged = judge(keyword, DEMO)
    assert judged.writable is Writable.CANNOT
    assert judged.near[0].text == instead
    assert "".join(judged.near[0].words) == instead


def test_a_common_word_that_can_be_written_has_no_doubtful_neighbours() -> None:
    """Only what sounds nearly the same is told of it."""
    assert judge("退订", DEMO).near == ()
    assert [one.text for one in judge("王卡", DEMO).near] == ["忘卡", "网卡"]


def test_nothing_sounds_like_what_has_no_sound() -> None:
    """Letters and rare characters: no answer rather than a wrong one."""
    assert judge("XQ", DEMO).near == ()
    assert sounds_of("Q") == sounds_of("\U00020000") == ()


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [
        ("网", "网", 0, 0),
        ("网", "王", 0.01, 0.03),  # another tone
        ("行", "航", 0.1, 0.13),  # its second reading
        ("是", "四", 0.2, 0.3),  # sh, s
        ("流", "牛", 0.2, 0.3),  # l, n
        ("信", "性", 0.2, 0.3),  # in, ing
        ("波", "破", 0.4, 0.45),  # b, p
        ("网", "话", 0.9, 1),
        ("5", "五", 0.01, 0.03),
        ("1", "幺", 0.1, 0.13),
    ],
)
def test_characters_cost_what_they_differ_in(one: str, other: str, low: float, high: float) -> None:
    """The same way round and back, but for readings."""
    assert low <= cost(one, other) <= high
    assert low <= cost(other, one) <= high


def test_sounds_of_the_first_level_follow_its_order() -> None:
    """GB 2312 orders 3,755 characters by sound: the first, some in the middle, ü after u, the last."""
    told = {"啊": "a", "您": "nin", "女": "nv", "绿": "lv", "略": "lve", "网": "wang", "座": "zuo"}
    assert {one: sounds_of(one)[0] for one in told} == told
    level_one = bytes(byte for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF) for byte in (row, cell))
    assert all(sounds_of(one) for one in level_one.decode("gb2312", errors="ignore"))


def test_a_line_that_is_no_word_is_refused_with_its_number() -> None:
    """Another file named words.txt must not pass for a vocabulary."""
    with pytest.raises(BadWords, match="line 2"):
        words_of_text("您好 1\n{}\n".encode())
