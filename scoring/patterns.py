"""Regular expressions of rules. In: a pattern's text. Out: RE2's compiled form, or what is wrong with it, with a mend.

RE2 takes time that grows with the text only; a pattern's own size is the other factor, so that is limited, too.
May not know: operators, transcripts.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

import re2

MOST_CHARACTERS: Final = 500
MOST_PROGRAM: Final = 500
"""RE2 instructions: at its worst (one step for each and character) such a pattern reads 40,000 characters in 50 ms."""
_MOST_MEMORY: Final = 4 << 20
_MOST_MEMORY_OF_SET: Final = 64 << 20
_OPTIONS: Final = re2.Options()
_OPTIONS.log_errors = False
_OPTIONS.max_mem = _MOST_MEMORY
_SMALL: Final = re2.Options()
_SMALL.log_errors = False
_SMALL.max_mem = 1 << 16
_LOOK = "RE2 looks neither ahead nor behind: make two conditions of it, one anchored at the other, or use `except`"
_TWICE = "RE2 has none: name what may be repeated, or use the operator `repetition`"
_ESCAPE = r"to mean the sign itself write \ and the sign; RE2 knows \d \w \s \b \pN \p{Han} and \x{4F60}"
_MENDS: Final = (
    (re.compile(r"invalid perl operator: \(\?<?[=!]"), "looks ahead or behind", _LOOK),
    (re.compile(r"invalid perl operator: \(\?P=|invalid perl operator: \(\?P$"), "refers back to a group", _TWICE),
    (re.compile(r"invalid escape sequence: \\[1-9k]"), "refers back to a group", _TWICE),
    (re.compile(r"invalid perl operator: \(\?>"), "has an atomic group", "RE2 never goes back: write (?:…)"),
    (re.compile(r"invalid perl operator: \(\?#"), "has a comment", "write it behind # at the end of the line"),
    (re.compile(r"invalid perl operator"), "has a group RE2 does not know", "write (…), (?:…) or (?i:…)"),
    (
        re.compile(r"bad repetition operator: [*+?]"),
        "repeats a repetition",
        "RE2 has no possessive repetition: write * + or ? once",
    ),
    (re.compile(r"bad repetition operator"), "repeats a repetition", "put the inner one into (?:…)"),
    (re.compile(r"no argument for repetition"), "repeats nothing", r"write what is repeated before it, or \ before it"),
    (re.compile(r"invalid repetition size"), "repeats too often", "repeat at most 1,000 times, groups in all"),
    (re.compile(r"invalid character class range: \\p"), "names a class RE2 does not know", r"write \p{Han}, \pL, \pN"),
    (re.compile(r"invalid character class"), "has a range that runs backwards", "write the smaller sign first: [0-9]"),
    (re.compile(r"invalid escape sequence"), "has an escape RE2 does not know", _ESCAPE),
    (re.compile(r"trailing \\"), r"ends in \ ", _ESCAPE),
    (re.compile(r"missing \]"), "never closes a [", r"write ], or \[ for the sign itself"),
    (re.compile(r"missing \)"), "never closes a (", r"write ), or \( for the sign itself"),
    (re.compile(r"unexpected \)"), "closes a ( that was never opened", r"remove it, or write \) for the sign itself"),
    (re.compile(r"pattern too large"), "", ""),
)
_SMALLER = "repeat less: each repeated sign counts, `.` nine times; `…` in a phrase or two conditions do it, too"


class PatternFault(ValueError):
    """`problem` and `mend` in words."""

    def __init__(self, problem: str, mend: str) -> None:
        super().__init__(f"{problem}; {mend}")
        self.problem = problem
        self.mend = mend


@lru_cache(maxsize=4_096)
def compiled(pattern: str) -> Any:
    """Without regard to upper and lower case. Raises PatternFault."""
    if len(pattern) > MOST_CHARACTERS:
        raise PatternFault(f"has {len(pattern)} characters", f"write at most {MOST_CHARACTERS}, or two conditions")
    try:
        re2.compile("(?i)" + pattern, _SMALL)  # what is too large is told within a millisecond
        found = re2.compile("(?i)" + pattern, _OPTIONS)
    except re2.error as error:
        raise _told(error) from error
    except UnicodeEncodeError as error:
        raise PatternFault("holds half a character", "write it anew") from error
    if found.programsize > MOST_PROGRAM:
        raise PatternFault(f"is too large: {found.programsize} steps of at most {MOST_PROGRAM}", _SMALLER)
    if found.search("") is not None:
        raise PatternFault(
            "is found in nothing at all, so everywhere", "let it hold at least one sign that must be there"
        )
    return found


@lru_cache(maxsize=4_096)
def by_line(pattern: str) -> Any:
    """As `compiled`, of a pattern that is, for a text in which lines begin and end where `\\n` is."""
    return re2.compile("(?im)" + pattern, _OPTIONS)


def any_of(patterns: Sequence[str]) -> Any:
    """RE2's set of them, in which lines begin and end where `\\n` is; behind them one that is found in every text.

    Where that one is missing from an answer, the set ran out of memory and knows nothing.
    """
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MOST_MEMORY_OF_SET
    made = re2.Set.SearchSet(options)
    for pattern in (*patterns, ""):
        made.Add("(?im)" + pattern)
    made.Compile()
    return made


def _told(error: Exception) -> PatternFault:
    raw = error.args[0] if error.args else ""
    said = raw.decode("utf-8", errors="replace") if isinstance(raw, bytes) else str(raw)
    for sign, problem, mend in _MENDS:
        if sign.search(said):
            if not problem:
                return PatternFault("is too large", _SMALLER)
            return PatternFault(problem, mend)
    return PatternFault(f"cannot be read: {said[:80]}", "see the list of RE2's syntax in docs/rules.md")
