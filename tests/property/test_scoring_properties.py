"""What holds of scoring whatever was said and whatever a scheme's text holds."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from asr.text import join
from asr.transcript import Utterance, Word
from scoring.formula import And, Formula, Name, Not, Or, Outcome, evaluate
from scoring.match import hits, occurrences, readings
from scoring.parse import SchemeFaults, parse_scheme
from streams.toml_lines import Fault

CHARACTERS = st.text("您好请问确认吗再见ab", min_size=1, max_size=30)
OUTCOMES = st.sampled_from(list(Outcome))


def said(text: str, cuts: list[int], pauses: list[bool]) -> list[Utterance]:
    """The text cut into words, and into utterances where a pause follows a word; 100 ms a character, 500 ms a pause."""
    edges = sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts)})
    utterances: list[list[Word]] = [[]]
    at = 0
    for number, (start, end) in enumerate(itertools.pairwise(edges)):
        word = Word(text=text[start:end], start_ms=at, end_ms=at + 100 * (end - start), confidence=1.0)
        utterances[-1].append(word)
        at = word.end_ms
        if pauses[number % len(pauses)]:
            utterances.append([])
            at += 500
    return [
        Utterance(
            channel=0,
            role="agent",
            number=number,
            start_ms=words[0].start_ms,
            end_ms=words[-1].end_ms,
            text=join(word.text for word in words),
            words=tuple(words),
            confidence=1.0,
        )
        for number, words in enumerate(words for words in utterances if words)
    ]


@given(
    CHARACTERS,
    st.lists(st.integers(0, 30)),
    st.lists(st.booleans(), min_size=1, max_size=5),
    st.integers(0, 29),
    st.integers(1, 6),
)
def test_any_cut_into_words_and_utterances_maps_back_to_the_words_said(
    text: str, cuts: list[int], pauses: list[bool], start: int, length: int
) -> None:
    """A phrase of the text is found however it was cut, and its span is that of exactly the words it touches."""
    utterances = said(text.replace("a", "安").replace("b", "吧"), cuts, pauses)
    whole = "".join(one.text for one in utterances)
    phrase = whole[start % len(whole) :][:length]
    words = [word for one in utterances for word in one.words]
    places = list(itertools.accumulate((len(word.text) for word in words), initial=0))
    found = hits(readings(utterances), [phrase])
    expected = []
    for first, end in occurrences(whole, phrase):
        touched = [word for word, at in zip(words, places, strict=False) if at < end and at + len(word.text) > first]
        expected.append((touched[0].start_ms, touched[-1].end_ms, whole[first:end]))
    assert expected
    assert [(one.start_ms, one.end_ms, one.text) for one in found] == expected


FORMULAS: st.SearchStrategy[Formula] = st.recursive(
    st.sampled_from([Name("a"), Name("b"), Name("c")]),
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: And(tuple(parts))),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: Or(tuple(parts))),
    ),
    max_leaves=8,
)


@given(FORMULAS, st.fixed_dictionaries(dict.fromkeys("abc", OUTCOMES)))
def test_a_sure_formula_stays_as_it_is_whatever_its_doubts_turn_out_to_be(
    formula: Formula, known: dict[str, Outcome]
) -> None:
    """cannot_tell is honest: where the formula is sure, no way to settle the doubts changes it."""
    outcome = evaluate(formula, known)
    if outcome in (Outcome.HIT, Outcome.MISS):
        doubts = [name for name, value in known.items() if value is Outcome.CANNOT_TELL]
        for settled in itertools.product((Outcome.HIT, Outcome.MISS), repeat=len(doubts)):
            assert evaluate(formula, known | dict(zip(doubts, settled, strict=True))) is outcome


@given(FORMULAS, FORMULAS, st.fixed_dictionaries(dict.fromkeys("abc", OUTCOMES)))
def test_de_morgan_holds_with_doubt_and_with_what_does_not_apply(
    one: Formula, other: Formula, known: dict[str, Outcome]
) -> None:
    """not (a and b) is (not a) or (not b)."""
    assert evaluate(Not(And((one, other))), known) is evaluate(Or((Not(one), Not(other))), known)


VALUES = st.recursive(
    st.one_of(st.integers(-5, 40), st.booleans(), st.floats(), st.text("aé您\"'\\\n", max_size=5).map(repr)),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=5,
)
KEYS = st.sampled_from(
    [
        "id",
        "name",
        "zh",
        "en",
        "version",
        "kind",
        "points",
        "rule",
        "operator",
        "any",
        "all",
        "none",
        "role",
        "first_seconds",
        "last_seconds",
        "formula",
        "seconds",
        "notice",
        "first",
        "then",
        "pass_percent",
        "least_confidence",
        "other",
    ]
)
LINES = st.one_of(
    st.sampled_from(["[scheme]", "[[item]]", "[[rule]]", "[[rule.condition]]", "[item]", "[rule.x]", "# note", "= 3"]),
    st.tuples(KEYS, VALUES).map(lambda pair: f"{pair[0]} = {str(pair[1]).replace('True', 'true')}"),
    st.tuples(KEYS, st.sampled_from(['"earn"', '"a"', '"keyword"', '"agent"', '["您好"]', "1"])).map(" = ".join),
    st.text(max_size=20),
)


@given(st.lists(LINES, max_size=30).map("\n".join))
def test_any_text_reads_or_gives_faults_with_lines_inside_it(text: str) -> None:
    """The parser raises nothing else, and each fault has a place and a mend."""
    told = told_of(text)
    assert told is None or told
    assert all(fault.mend and 1 <= fault.line <= text.count("\n") + 1 for fault in told or ())


def told_of(text: str) -> tuple[Fault, ...] | None:
    """None where the text is a scheme."""
    try:
        parse_scheme(text, file="x.toml")
    except SchemeFaults as error:
        return error.faults
    return None
