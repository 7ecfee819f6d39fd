"""However a number is dictated, it does not come out."""

import re

from hypothesis import given
from hypothesis import strategies as st

from asr.redact import DIGITS, MASK, redact
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
