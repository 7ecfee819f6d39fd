"""What sounds alike: homophones, merged sounds, other readings, edits in syllables."""

import time

import pytest

from scoring.likeness import stretches
from scoring.operators.words import BORDER
from scoring.pinyin import MOST_PLACES, alike, syllables


def heard(text: str, phrase: str, *, distance: int = 0, tones: bool = False) -> list[tuple[str, int]]:
    return [
        (text[place.start : place.end], place.edits)
        for _, place in alike(syllables(text), [phrase], distance=distance, tones=tones)
    ]


@pytest.mark.parametrize(
    ("text", "phrase", "found"),
    [
        ("我要推丁业务", "退订", ["推丁"]),
        ("请您扫等", "稍等", ["扫等"]),  # sh, s
        ("兰方", "南方", ["兰方"]),  # n, l
        ("请金理过来", "经理", ["金理"]),  # in, ing
        ("真正的", "怎震", ["真正"]),  # zh, z and en, eng at once
        ("灰机", "飞机", ["灰机"]),  # f, h before a round sound
        ("花生", "发生", ["花生"]),
        ("重庆分行的行长", "崇庆分杭", ["重庆分行"]),  # 重 is zhong, too
        ("長沙銀行", "长沙银行", ["長沙銀行"]),  # traditional characters
        ("打幺零零八六", "10086", ["幺零零八六"]),
        ("打一零零八六", "10086", ["一零零八六"]),
        ("一点儿事", "一点事", ["一点儿事"]),
        ("vip 客户", "vip客护", ["vip 客户"]),
        ("女儿退订", "女退订", []),
        ("他能来", "他人来", []),  # n is l, l is r, but nobody says n for r
        ("范围", "饭碗", []),
        ("您号您好", "您好", ["您号", "您好"]),
        ("", "您好", []),
    ],
)
def test_what_sounds_the_same(text: str, phrase: str, found: list[str]) -> None:
    """Any reading of either side."""
    assert heard(text, phrase) == [(one, 0) for one in found]


@pytest.mark.parametrize(
    ("text", "phrase", "distance", "found"),
    [
        ("我投诉他们", "投诉你们", 1, [("投诉他们", 1)]),  # other
        ("工业信息化部", "工业和信息化部", 1, [("工业信息化部", 1)]),  # missing
        ("投诉到你们", "投诉你们", 1, [("投诉到你们", 1)]),  # too many
        ("投到他们", "投诉你们", 1, []),
        ("投到他们", "投诉你们", 2, [("投到他们", 2)]),
        ("投诉你们投诉他们", "投诉你们", 1, [("投诉你们", 0), ("投诉他们", 1)]),
    ],
)
def test_edits_are_counted_in_syllables(text: str, phrase: str, distance: int, found: list[tuple[str, int]]) -> None:
    """The likest of those that overlap."""
    assert heard(text, phrase, distance=distance) == found


@pytest.mark.parametrize(
    ("text", "found"), [("推订", []), ("退定", ["退定"]), ("退丁", []), ("一个", []), ("不订", [])]
)
def test_tones_may_be_asked_for(text: str, found: list[str]) -> None:
    """tuì dìng."""
    assert [one for one, _ in heard(text, "退订", tones=True)] == found


def test_one_and_not_change_their_tones_before_others() -> None:
    """yī is yí in 一个, and bù is bú in 不要."""
    assert heard("宜个", "一个", tones=True) == [("宜个", 0)]
    assert heard("不要", "醭要", tones=True) == [("不要", 0)]


def test_places_of_one_phrase_are_bounded() -> None:
    """A hostile text cannot fill memory."""
    assert len(heard("您好" * 20_000, "您好")) == MOST_PLACES
    assert len(heard("您好" * 20_000, "您好吗您", distance=1)) <= MOST_PLACES


def test_a_hundred_phrases_are_looked_for_in_forty_thousand_characters_at_once() -> None:
    """50 ms on a quiet machine, most of it spent once on the text; a loaded one may take ten times as long."""
    pool = "您好请问确认开通办理业务查询话费流量套餐为服务很高兴再见吗的了是我不有在这个那就可以要给你说看到号码手机"
    text = "".join(pool[(at * at * 7 + at * 13 + at // 50) % len(pool)] for at in range(40_000))
    phrases = [pool[at % 40 : at % 40 + 3] + pool[at // 3] for at in range(100)]
    list(alike(syllables(text[:1_000]), phrases, distance=0, tones=False))  # the dictionary is read once
    syllables.cache_clear()
    began = time.process_time()
    list(alike(syllables(text), phrases, distance=0, tones=False))
    assert time.process_time() - began < 0.5


def test_stretches_hold_the_share_of_characters_that_is_asked_for() -> None:
    """8 of 10 characters in a stretch of 10."""
    phrase = "您好请问有什么帮您"
    (found,) = stretches(BORDER + "喂您好请问有什么能帮您啊" + BORDER, phrase, score=80)
    assert found.score == pytest.approx(100 * 8 / 9)
    assert stretches(BORDER + "您好" + BORDER, phrase, score=50) == []
    assert len(stretches(BORDER + phrase * 3 + BORDER, phrase, score=80)) == 3
