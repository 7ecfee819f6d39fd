"""How else a phrase may be written, and that it is found so."""

import pytest

from asr.numbers import spoken
from scoring.formula import Outcome
from scoring.lexical import folded, spellings, within_word
from scoring.operators.keyword import Keyword
from tests.unit.asr_builders import dialogue
from tests.unit.scoring_ask import ask


@pytest.mark.parametrize(
    ("phrase", "said", "found"),
    [
        ("VIP客户", "vip 客户", True),  # case, and the space of a rule
        ("ＶＩＰ客户", "VIP 客户", True),  # full width
        ("vip客户", "v i p 客户", True),  # letter by letter
        ("5G套餐", "五 g 套餐", True),
        ("30天", "三十 天", True),
        ("三十天", "30 天", True),
        ("200元", "两百 元", True),
        ("200元", "二百 元", True),
        ("拨打10086", "拨打 幺零零八六", True),
        ("您好，请问", "您好 请问", True),  # nobody speaks commas
        ("确认 ... 吗", "确认 办理 吗", True),
        ("一会儿", "等 一会 吧", True),
        ("哪儿办", "哪 办", True),
        ("女儿", "女 的", False),  # this 儿 is a word
        ("thank  you", "thank you", True),
        ("no", "i know", False),
        ("no", "no way", True),
        ("10元", "110元", False),
        ("10元", "10元", True),
        ("wifi", "wifi6", True),  # a letter and a digit are two
        ("请问", "請問", False),  # traditional characters are others: `sounds_like` hears both
    ],
)
def test_a_phrase_is_found_however_it_was_written(phrase: str, said: str, found: bool) -> None:
    """As the keyword operator finds it."""
    answer = ask(dialogue("A: " + said), Keyword(any=(phrase,)))
    assert answer.outcome is (Outcome.HIT if found else Outcome.MISS)


def test_two_spellings_at_one_place_are_one_occurrence() -> None:
    """一会儿 holds 一会, too."""
    assert len(ask(dialogue("A: 等 一会儿 再等 一会儿"), Keyword(any=("一会儿",))).evidence) == 2


@pytest.mark.parametrize(
    ("digits", "told"),
    [
        ("0", {"零"}),
        ("2", {"二", "两"}),
        ("110", {"一百一十", "一一零", "幺幺零"}),
        ("2000", {"二千", "两千", "二零零零"}),
        ("010", {"零一零", "零幺零"}),
    ],
)
def test_numbers_are_said_in_several_ways(digits: str, told: set[str]) -> None:
    """By value, and one by one."""
    assert set(spoken(digits)) == told


def test_folding_keeps_every_place() -> None:
    """Also where a small letter would take two characters."""
    text = "ＡbＣ　İ１２，您好"
    assert len(folded(text)) == len(text)
    assert folded(text).replace("\u0130", "i") == "abc i12,您好"


def test_spellings_are_few() -> None:
    """However many numbers a phrase holds."""
    assert len(spellings("1和2和3和4和5和6")) <= 16


@pytest.mark.parametrize(
    ("text", "at", "inside"), [("know", 1, True), ("5g", 1, False), ("12", 1, True), ("a您", 1, False)]
)
def test_places_inside_latin_words_and_numbers(text: str, at: int, inside: bool) -> None:
    """Chinese has no such places."""
    assert within_word(text, at) is inside
