"""Which phrases and patterns of many are in a contact at all. In: phrases, patterns; later texts. Out: `Found`.

One pass for all phrases (Aho-Corasick), one for all patterns (a set of RE2). It only rules out: what is named here is
then looked for properly. What it leaves out is nowhere. The only door to pyahocorasick. May not know: rules, roles.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import ahocorasick

from scoring.lexical import spellings
from scoring.match import ELLIPSIS
from scoring.patterns import MOST_PROGRAM, PatternFault, any_of, compiled

_BREAK: Final = "\n"
"""Between texts: patterns are told that lines begin and end here."""
_MOST_TOGETHER: Final = 20_000
"""Characters of a contact up to which the patterns are asked as one set; a longer one asks each for itself."""
_LARGEST_TOGETHER: Final = 200
"""Steps of a pattern that goes into the set: a larger one would slow all the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """By phrase, in which of the texts it may stand; and which patterns may match somewhere."""

    phrases: Mapping[str, Sequence[int]]
    patterns: frozenset[str]


class Needles:
    """Made once for many contacts; afterwards it is only read."""

    def __init__(self, phrases: Iterable[str], patterns: Iterable[str]) -> None:
        self.phrases = frozenset(phrases)
        self.patterns = frozenset(patterns)
        self._automaton = _automaton(self.phrases)
        together = [one for one in sorted(self.patterns) if _suits(one)]
        self._alone = self.patterns.difference(together)
        self._together = tuple(together)
        self._set = any_of(together) if together else None

    def find(self, texts: Sequence[str]) -> Found:
        """`texts` are folded."""
        joined = _BREAK.join(texts)
        return Found(phrases=self._phrases(joined, texts), patterns=self._patterns(joined))

    def _phrases(self, joined: str, texts: Sequence[str]) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        if self._automaton is None:
            return found
        at, border = 0, len(texts[0]) if texts else 0
        for end, those in self._automaton.iter(joined):
            while end > border:  # a needle holds no line break, so it ends in the text it begins in
                at += 1
                border += 1 + len(texts[at])
            for phrase in those:
                places = found.get(phrase)
                if places is None:
                    found[phrase] = [at]
                elif places[-1] != at:
                    places.append(at)
        return found

    def _patterns(self, joined: str) -> frozenset[str]:
        if self._set is None:
            return self._alone
        if len(joined) > _MOST_TOGETHER:
            return self.patterns
        those = self._set.Match(joined)
        if (
            not those or len(self._together) not in those
        ):  # the set ran out of memory: it finds its last member anywhere
            return self.patterns
        return self._alone.union(self._together[one] for one in those if one < len(self._together))


def _automaton(phrases: Iterable[str]) -> Any:
    """Of each phrase's spellings the first part; None: there are none."""
    needles: dict[str, list[str]] = {}
    for phrase in sorted(phrases):
        firsts = {
            next(part for part in one.split(ELLIPSIS) if part) for one in spellings(phrase) if one.strip(ELLIPSIS)
        }
        for first in firsts:
            needles.setdefault(first, []).append(phrase)
    if not needles:
        return None
    automaton = ahocorasick.Automaton()
    for needle, those in needles.items():
        automaton.add_word(needle, tuple(those))
    automaton.make_automaton()
    return automaton


def _suits(pattern: str) -> bool:
    r"""Whether it finds in the joined texts what it finds in one: \A and \z know of no lines, (?-m) forbids them."""
    if "\\A" in pattern or "\\z" in pattern or "(?" in pattern.replace("(?:", "").replace("(?i", ""):
        return False
    try:
        return int(compiled(pattern).programsize) <= min(_LARGEST_TOGETHER, MOST_PROGRAM)
    except PatternFault:
        return False
