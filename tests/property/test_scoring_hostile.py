"""A hostile text of a scheme costs a bounded time and gets faults; nothing else comes of it."""

from contextlib import suppress
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.parse import read_scheme
from scoring.parse_known import MOST_CHARACTERS, MOST_FAULTS
from scoring.parse_when import read_when
from scoring.patterns import PatternFault, compiled

HEAD = '[scheme]\nname = "x"\nversion = 1\nzh = "a"\nen = "b"\n'
RULE = HEAD + "[[rule]]\nid = 'a'\nversion = 1\n"
KEYWORD = "[[rule.condition]]\nid = 'a{}'\noperator = 'keyword'\n"
MOST_SECONDS = 5.0
"""Of CPU, on a machine five times slower than the one where none took a second."""
TEXTS = {
    "2 MB of nothing": "a" * 2_000_000,
    "2 MB of rules": RULE * 40_000,
    "quotes": '"' * 249_000,
    "brackets": "x = " + "[" * 19_000,
    "empty rules": HEAD + "[[rule]]\n" * 9_900,
    "operators that are not": RULE + (KEYWORD.replace("keyword", "kyword") * 3_000),
    "unknown keys": HEAD + "".join(f"versoin{n} = 1\n" for n in range(12_000)),
    "one long key": HEAD + "k" * 240_000 + " = 1\n",
    "numbers for phrases": RULE + KEYWORD + "any = [" + "1," * 19_000 + "]\n",
    "large patterns": RULE
    + "".join(f"[[rule.condition]]\nid = 'a{n}'\noperator = 'pattern'\npattern = '\\pL{{480}}{n}'\n" for n in range(50))
    * 40,
    "broken lines": RULE * 2_000 + "".join(f"k{n} =\n" for n in range(9_000)),
    "dots": HEAD + ".".join("a" * 120_000) + " = 1",
    "comparisons": HEAD + "applies = '" + "queue > 1 and " * 15_000 + "'\n",
    "synonyms of synonyms": HEAD
    + "[scheme.synonyms]\n"
    + "".join(f"a{n} = [" + "'x'," * 30 + "]\n" for n in range(600)),
    "a ring of anchors": RULE
    + "".join(KEYWORD.format(n) + f"any = ['x']\nafter = 'a{(n + 1) % 50}'\n" for n in range(50)),
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_hostile_text_ends_soon_with_faults(name: str) -> None:
    """Whatever is repeated as often as the text may be long."""
    before = process_time()
    reading = read_scheme(TEXTS[name], file="x.toml")
    assert process_time() - before < MOST_SECONDS
    assert reading.scheme is None
    assert 1 <= len(reading.faults) <= MOST_FAULTS + 1
    assert max(map(len, map(str, reading.faults))) < 3_000


PIECES = st.sampled_from(
    [
        "[scheme]\n",
        "[[rule]]\n",
        "[[rule.condition]]\n",
        "[[rule.condition.check]]\n",
        "[[item]]\n",
        "[[dimension]]\n",
        "[scheme.synonyms]\n",
        'operator = "keyword"\n',
        'operator = "script"\n',
        "[[rule.condition.step]]\n",
        'any = ["您好|你好"]\n',
        'after = "a"\n',
        'id = "a"\n',
        'formula = "a and (b"\n',
        "when = 'queue in [\"a\"'\n",
        "hit = true\n",
        "per = 3\n",
        "every = 1\n",
        "x = { a = [1, { b = 2 }] }\n",
        '"',
        "'''",
        "=",
        "\x00",
        "\u2028",
    ]
)


@given(st.lists(st.tuples(PIECES, st.integers(1, 40)), max_size=12))
def test_any_heap_of_pieces_reads_or_gets_faults(heap: list[tuple[str, int]]) -> None:
    """Each with a line inside the text, and a mend."""
    text = "".join(piece * times for piece, times in heap)[:MOST_CHARACTERS]
    reading = read_scheme(text, file="x.toml")
    assert (reading.scheme is None) is bool(reading.faults)
    assert all(fault.mend and 1 <= fault.line <= text.count("\n") + 1 for fault in reading.faults)


WORDS = [
    "queue",
    "==",
    "!=",
    "in",
    "not",
    "and",
    "or",
    "(",
    ")",
    "[",
    "]",
    ",",
    '"a"',
    "3",
    "true",
    "hour",
    ">",
    "“",
    ".",
]


@given(st.one_of(st.text(max_size=60), st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join)))
def test_any_comparison_reads_or_gets_faults(text: str) -> None:
    """Never both, never neither."""
    read = read_when(text)
    assert (read.formula is None) is bool(read.faults)
    assert all(problem and mend for problem, mend in read.faults)


@given(st.text("ab好(?=<!>:|)[]{}*+.\\1-9pLP^$,\ud800", max_size=40))
def test_any_pattern_compiles_or_is_told(pattern: str) -> None:
    """Nothing else is raised."""
    with suppress(PatternFault):
        compiled(pattern)
