"""What is hidden before anything is stored."""

import pytest

from asr.redact import is_id_card, passes_luhn, redact
from tests.unit.asr_builders import dialogue

ID_CARD = "11010519491231002X"
"""The worked example of GB 11643-1999."""
CARD = "6222021234567890128"
"""19 digits whose last was chosen so that Luhn's sum is a multiple of ten."""
SPOKEN = str.maketrans("0123456789", "零幺二三四五六七八九")


def hidden(*lines: str) -> tuple[list[str], list[str]]:
    """Texts after redaction, and the kinds of the spans."""
    clean, spans = redact(dialogue(*lines).utterances)
    return [said.text for said in clean], [span.kind for span in spans]


def spaced(digits: str) -> str:
    return " ".join(digits)


@pytest.mark.parametrize(
    ("digits", "kind"),
    [
        (ID_CARD, "id_card"),
        ("13800138000", "mobile"),
        (CARD, "bank_card"),
        ("88886666", "landline"),  # a local telephone number
        ("1380013800", "mobile"),  # a mobile of which the recogniser lost a digit
        ("138001380000", "mobile"),  # and one with a digit too many
    ],
)
@pytest.mark.parametrize("spoken", [False, True])
def test_long_numbers_are_hidden_whole(digits: str, kind: str, spoken: bool) -> None:
    """In digits and in spoken Chinese, one word per digit as recognisers give them."""
    said = digits.translate(SPOKEN) if spoken else digits
    assert hidden(f"C: 号码 是 {spaced(said)} 谢谢") == (["号码是" + "●" * len(digits) + "谢谢"], [kind])


@pytest.mark.parametrize(
    ("lines", "texts"),
    [
        (("C: 我 的 号码 是 幺五零", "A: 嗯", "C: 九二二幺 八二七零"), ["我的号码是●●●", "嗯", "●●●●●●●●"]),
        (("C: 一三八 嗯 零零一三 啊 八零零零",), ["●●●嗯●●●●啊●●●●"]),
        (("A: 请 提供 身份证 后 四 位", "C: 零幺七三"), ["请提供身份证后四位", "●●●●"]),
        (("A: 请 报 验证码", "C: 好 八 八 五"), ["请报验证码", "好●●●"]),
    ],
)
def test_numbers_are_followed_over_fillers_turns_and_questions(lines: tuple[str, ...], texts: list[str]) -> None:
    """People dictate in pieces; the other side's question tells what a short number is."""
    assert hidden(*lines)[0] == texts


@pytest.mark.parametrize(
    "line",
    [
        "A: 您好 客服 中心 工号 零五五零 为您 服务",  # a staff number is no secret
        "A: 话费 一共 是 二十 九 元 流量 五 元 一 G",
        "A: 验证码 已 发送 请 等 一 下",  # the context alone hides nothing
        "A: 您 的 合约 二零二六 年 到期",
    ],
)
def test_ordinary_numbers_stay(line: str) -> None:
    """A transcript full of ● is of no use to an inspector."""
    text = line.removeprefix("A: ").replace(" ", "")
    assert hidden(line) == ([text], [])


def test_spans_cover_the_words_and_leave_times_alone() -> None:
    """A player mutes the span; words stay where they were."""
    before = dialogue("C: 号码 是 一三八 零零一三 八零零零").utterances
    clean, spans = redact(before)
    assert [(word.start_ms, word.end_ms) for word in clean[0].words] == [
        (word.start_ms, word.end_ms) for word in before[0].words
    ]
    # 号码 is 0-400 ms, 是 400-600 ms, then eleven digits of 200 ms
    assert [(span.start_ms, span.end_ms, span.channel) for span in spans] == [(600, 2800, 1)]


@pytest.mark.parametrize(
    ("digits", "valid"),
    [
        (ID_CARD, True),
        ("110105194912310021", False),  # wrong check character
        ("11010519491331002X", False),  # month 13
        ("1101051949123100", False),
    ],
)
def test_id_cards_are_checked_by_gb_11643(digits: str, valid: bool) -> None:
    """Check character and a true date of birth."""
    assert is_id_card(digits) is valid


@pytest.mark.parametrize(("digits", "valid"), [("79927398713", True), ("79927398710", False), ("7992739871X", False)])
def test_bank_cards_are_checked_by_luhn(digits: str, valid: bool) -> None:
    """The example every text on Luhn uses."""
    assert passes_luhn(digits) is valid


@pytest.mark.parametrize(
    ("lines", "texts"),
    [
        (("C: 邮箱 是 zhang 三 艾特 一六三 点 com 谢谢",), ["邮箱是●●●●●●●●●●●●●●●谢谢"]),
        (("C: 车牌 京 A 幺二三四五",), ["车牌●●●●●●●"]),
        (("C: 我 手机 一百三十八 零零一三 八千",), ["我手机●●●●●●●●●●●"]),
        (("C: 幺三九 双八 零零 幺二三四",), ["●●●●●●●●●●●"]),
        (("C: 幺三三 四四五五 不对 是 四四五六 七七八八",), ["●●●●●●●不对是●●●●●●●●"]),
        (("C: 幺三三", "A: 幺三三", "C: 四四五五", "A: 四四五五 嗯"), ["●●●", "●●●", "●●●●", "●●●●嗯"]),
        (("C: 电话 幺三三四四五五六六七七", "A: 尾号 六六七七 对 吗"), ["电话●●●●●●●●●●●", "尾号●●●●对吗"]),
    ],
)
def test_numbers_as_people_say_them(lines: tuple[str, ...], texts: list[str]) -> None:
    """By letters and signs, by hundreds, doubled, corrected, in turns, repeated by the other side."""
    assert hidden(*lines)[0] == texts


def test_a_scheme_hides_only_what_it_names() -> None:
    """The rest stays readable."""
    lines = ("C: 电话 幺三八零零幺三八零零零", "...12000", "A: 请 报 验证码", "C: 八八五二")
    utterances = dialogue(*lines).utterances
    clean, spans = redact(utterances, hide={"code"})
    assert [one.text for one in clean] == ["电话幺三八零零幺三八零零零", "请报验证码", "●●●●"]
    assert [span.kind for span in spans] == ["code"]
