"""Of every golden dialogue the words that matter do matter, whatever stands in their place."""

from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scoring.formula import Outcome
from scoring.golden import Dialogue, judged, read_golden, told
from scoring.golden_talk import Mark, changed
from scoring.index import Compiled, compile_scheme
from scoring.library import GOLDEN_DIR, golden_text, load_scheme, packs


@cache
def of_pack(pack: str) -> tuple[Compiled, tuple[Dialogue, ...]]:
    text = golden_text(GOLDEN_DIR / f"{pack}.toml")
    return compile_scheme(load_scheme(pack)), read_golden(text, file=pack).dialogues


@cache
def marks() -> list[tuple[str, Dialogue, Mark]]:
    return [(pack, one, mark) for pack in packs() for one in of_pack(pack)[1] for mark in one.marks]


@settings(deadline=None, max_examples=120, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_marked_word_turns_its_items_and_no_other(data: st.DataObject) -> None:
    """One word of one dialogue, said otherwise in any meaningless way."""
    pack, dialogue, mark = data.draw(st.sampled_from(marks()))
    fillers = (
        data.draw(st.sampled_from("某咦哇呃")),
        data.draw(st.sampled_from(("thing", "kettle", "purple", "umbrella"))),
    )
    compiled, _ = of_pack(pack)
    before = judged(dialogue.case, compiled)
    case = changed(dialogue.case, mark.channel, mark.start_ms, mark.end_ms, fillers=fillers)
    now = judged(case, compiled)
    assert {item for item in now if told(now[item]) != told(before[item])} == set(mark.items)


@pytest.mark.parametrize("pack", packs())
def test_without_the_words_it_rests_on_no_hit_stands(pack: str) -> None:
    """Every sure hit of a rule of words, in every dialogue: all its evidence said otherwise, it is no hit."""
    compiled, dialogues = of_pack(pack)
    tried = 0
    for dialogue in dialogues:
        for item in compiled.scheme.items:
            verdict = judged(dialogue.case, compiled)[item.id]
            evidence = [one.evidence for one in verdict.evidence]
            if verdict.outcome is not Outcome.HIT or not evidence or not all(one.text for one in evidence):
                continue
            if all(one.operator in ("turns", "interruption", "speech_rate") for one in verdict.evidence):
                continue  # they rest on how long and how fast, not on which words
            case = dialogue.case
            for one in evidence:
                case = changed(case, 0 if one.role == "agent" else 1, one.start_ms, one.end_ms)
            tried += 1
            now = judged(case, compiled)[item.id].outcome
            assert now is not Outcome.HIT, (dialogue.id, item.id)
    assert tried >= 8
