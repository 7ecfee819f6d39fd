"""No pattern takes long, whatever it is and whatever is said: work is bounded before it is done."""

import time

from hypothesis import given, settings
from hypothesis import strategies as st

from asr.transcript import Utterance
from scoring.finding import MOST_HITS, Words
from scoring.patterns import PatternFault, compiled
from scoring.rules import Role

CHARACTERS = 40_000
MOST_SECONDS = 0.05
SLOWER = 4
"""A machine of continuous integration, with neighbours."""
TEXTS = tuple(("投诉" * CHARACTERS, "投" * CHARACTERS, "您好请投诉a1" * CHARACTERS)[at][:CHARACTERS] for at in range(3))
ATOMS = st.sampled_from(["投", "诉", ".", "[投诉]", "[^z]", "(?:投|诉.)", "a", r"\w", "(?:投.?)", "z"])
COUNTS = st.sampled_from(["", "*", "+", "?", "{1,3}", "{0,20}", "{30}", "{1,9}", "*?"])
PATTERNS = st.lists(st.tuples(ATOMS, COUNTS).map("".join), min_size=1, max_size=5).map("".join)
NESTED = st.tuples(PATTERNS, COUNTS, PATTERNS).map(lambda parts: f"(?:{parts[0]}){parts[1]}{parts[2]}")


def said(text: str) -> Utterance:
    return Utterance(
        channel=0, role="agent", number=0, start_ms=0, end_ms=9_000_000, text=text, words=(), confidence=1.0
    )


@settings(deadline=None, max_examples=60)
@given(st.one_of(PATTERNS, NESTED), st.sampled_from(TEXTS))
def test_a_pattern_reads_forty_thousand_characters_in_fifty_milliseconds(pattern: str, text: str) -> None:
    """The best of three: other work of the machine is no fault of the pattern."""
    try:
        compiled(pattern)
    except PatternFault:
        return
    taken = []
    for _ in range(3):
        words = Words([said(text)], None, known_ms=None)
        words.readings(Role.ANY)
        began = time.thread_time()
        found = words.matches(Role.ANY, pattern)
        taken.append(time.thread_time() - began)
    assert min(taken) < MOST_SECONDS * SLOWER
    assert len(found) <= MOST_HITS


def test_a_phrase_that_stands_everywhere_is_cut_off_and_named() -> None:
    """A hostile text cannot fill the memory; who asks is told that it was not read to its end."""
    words = Words([said("投诉" * CHARACTERS)], None, known_ms=None)
    assert len(words.hits(Role.ANY, "投诉")) == MOST_HITS
    assert words.cut == {"投诉"}
