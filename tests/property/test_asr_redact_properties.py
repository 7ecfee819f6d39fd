"""However a number is dictated, it does not come out."""

import re
from collections.abc import Iterator
from datetime import date

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from asr.ledger import utterance_facts
from asr.redact import DIGITS, MASK, is_id_card, passes_luhn, redact
from tests.unit.asr_builders import dialogue

SPOKEN = st.sampled_from(sorted(DIGITS))
GLUE = st.sampled_from(["", " ", " 嗯 ", " 是 ", " 啊嗯 ", "\nC: ", "\nA: 好的\nC: "])
"""Between two digits: the same word, the next one, fillers, the next utterance, the other side's word."""


@given(st.lists(st.tuples(SPOKEN, GLUE), min_size=7, max_size=25), st.sampled_from(["号码 是 ", "我 的 电话 ", ""]))
def test_a_long_number_is_hidden_however_it_is_cut(dictated: list[tuple[str, str]], before: str) -> None:
    """Seven digits and more in any mix of scripts, words, fillers and turns: every digit is masked, nothing else."""
    said = "C: " + before + "".join(digit + glue for digit, glue in dictated[:-1]) + dictated[-1][0] + " 谢谢"
    utterances = dialogue(*said.split("\n")).utterances
    clean, spans = redact(utterances)
    heard = "".join(one.text for one in clean if one.channel == 1)
    assert not re.search("[" + "".join(DIGITS) + "]", heard)
    assert heard.count(MASK) == len(dictated)
    assert spans
    assert [one.text for one in clean if one.channel == 0] == [one.text for one in utterances if one.channel == 0]


@given(st.lists(st.text("您好我要查话费零一二三百十元号码是嗯", min_size=1, max_size=6), min_size=1, max_size=12))
def test_redaction_keeps_words_lengths_and_times(words: list[str]) -> None:
    """Only characters change; doing it again changes nothing."""
    before = dialogue("C: " + " ".join(words)).utterances
    clean, _ = redact(before)
    assert [(len(word.text), word.start_ms, word.end_ms) for one in clean for word in one.words] == [
        (len(word.text), word.start_ms, word.end_ms) for one in before for word in one.words
    ]
    assert redact(clean) == (clean, ())


def _luhn(digits: str) -> str:
    return next(digits + last for last in "0123456789" if passes_luhn(digits + last))


def _id_card(region: str, born: date, order: int) -> str:
    stem = f"{region}{born:%Y%m%d}{order:03d}"
    return next(stem + last for last in "0123456789X" if is_id_card(stem + last))


NUMBERS = st.one_of(
    st.builds(
        _id_card,
        st.sampled_from(["110105", "440106", "652301"]),
        st.dates(date(1930, 1, 1), date(2010, 1, 1)),
        st.integers(0, 999),
    ),
    st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True),
    st.from_regex(r"62(1700|2202|3058)[0-9]{12}", fullmatch=True).map(_luhn),
    st.from_regex(r"(43|52)6742[0-9]{9}", fullmatch=True).map(_luhn),
)


def _texts(stored: object) -> Iterator[str]:
    if isinstance(stored, str):
        yield stored
    elif isinstance(stored, dict):
        yield from (text for value in stored.values() for text in _texts(value))
    elif isinstance(stored, list | tuple):
        yield from (text for value in stored for text in _texts(value))


SCRIPTS = ["零幺二三四五六七八九", "〇一两三四五六七八九", "0123456789", "０１２３４５６７８９"]
CUTS = st.sampled_from(
    ["", "", " ", " ", " 嗯 ", " 然后 ", " 那个 ", "\nC: ", "\nA: 嗯\nC: ", "\nA: 好的 请讲\nC: 是 "]
)
OPENINGS = st.sampled_from(["号码 是 ", "你 记 一 下 ", "", "我 的 卡 ", "身份证 ", "工号 我 不 知道 "])


@given(NUMBERS, st.lists(CUTS, min_size=19, max_size=19), st.lists(st.sampled_from(SCRIPTS), min_size=19), OPENINGS)
def test_no_part_of_a_number_survives_in_any_field(
    number: str, cuts: list[str], scripts: list[str], opening: str
) -> None:
    """Identity cards, mobiles and cards, however they fall into words, utterances and turns: in no fact, nor its JSON,
    is a run of three of its digits left, in whatever script."""
    spoken = [
        script[int(digit)] if digit.isdecimal() else digit for digit, script in zip(number, scripts, strict=False)
    ]
    said = "C: " + opening + "".join(digit + cut for digit, cut in zip(spoken, cuts, strict=False)).rstrip()
    lines = [line for line in said.split("\n") if line not in ("C:", "C: ", "C: 是", "C: 是 ")]
    before = dialogue(*lines)
    clean, spans = redact(before.utterances)
    transcript = replace(before, utterances=clean, redacted=spans)
    facts = utterance_facts(transcript, attempts=1)
    stored = [*_texts(msgspec.to_builtins(facts)), *_texts(msgspec.json.decode(msgspec.json.encode(transcript)))]
    told = "|".join(text for text in stored if text not in (before.contact, before.agent))
    plain = "".join(DIGITS.get(character, character) for character in told)
    assert not [number[at : at + 3] for at in range(len(number) - 2) if number[at : at + 3] in plain]
