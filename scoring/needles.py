"""Which phrases and patterns of many are in a contact at all. In: phrases, patterns; later texts. Out: `Found`.

One pass for all phrases (Aho-Corasick), one for all patterns (a set of RE2). It only rules out: what is named here is
then looked for properly. What it leaves out is nowhere. The only door to pyahocorasick. May not know: rules, roles.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Final

import ahocorasick

from scoring.lexical import spellings
from scoring.match import ELLIPSIS
from scoring.patterns import MOST_PROGRAM, PatternFault, any_of, by_line, compiled

_BREAK: Final = "\n"
"""Between texts: patterns are told that lines begin and end here."""
_CUT: Final = re.compile(r"[0-9a-z]", re.IGNORECASE)
"""May be part of a longer word or number, where it does not count."""
MOST_ENDS: Final = 1_000
_MOST_TOGETHER: Final = 20_000
"""Characters of a contact up to which the patterns are asked as one set; a longer one asks each for itself."""
_MOST_MATCHES: Final = 500
"""Of one pattern, in all texts: where there are more, each text is asked for itself, which is bounded elsewhere."""
_LARGEST_TOGETHER: Final = 200
"""Steps of a pattern that goes into the set: a larger one would slow all the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Which phrases may stand in which of the texts, and which patterns may match somewhere."""

    phrases: Mapping[str, Sequence[int]]
    """The texts' numbers."""
    ends: Mapping[str, Sequence[tuple[int, int]]]
    """Of a plain phrase (written in one way, without gaps): (text, where it ends there), overlapping ones too."""
    patterns: frozenset[str]


@dataclass(frozen=True, slots=True)
class Lines:
    """Texts as one, each a line."""

    joined: str
    ends: Sequence[int]
    """Where each ends, its break counted."""

    @classmethod
    def of(cls, texts: Sequence[str]) -> "Lines":
        return cls(_BREAK.join(texts), list(accumulate(len(text) + len(_BREAK) for text in texts)))


class Needles:
    """Made once for many contacts; afterwards it is only read."""

    def __init__(self, phrases: Iterable[str], patterns: Iterable[str]) -> None:
        self.phrases = frozenset(phrases)
        self.patterns = frozenset(patterns)
        self._automaton = _automaton(self.phrases)
        together = [one for one in sorted(self.patterns) if _suits(one)]
        self._alone = self.patterns.difference(together)
        self._together = tuple(together)
        self._suiting = frozenset(together)
        self._set = any_of(together) if together else None

    def find(self, texts: Sequence[str]) -> Found:
        """`texts` are folded."""
        joined = _BREAK.join(texts)
        phrases, ends = self._phrases(joined, texts)
        return Found(phrases=phrases, ends=ends, patterns=self._patterns(joined))

    def texts_with(self, pattern: str, lines: "Lines") -> set[int] | None:
        """The texts in which a pattern may match; None: it cannot be asked of all at once."""
        if pattern not in self._suiting or len(lines.joined) > _MOST_TOGETHER:
            return None
        ends = lines.ends
        found: set[int] = set()
        left = _MOST_MATCHES
        # A text's own match is one of the whole, or begins within one that reaches over from the text before.
        for match in by_line(pattern).finditer(lines.joined):
            left -= 1
            if left < 0:
                return None
            start, end = match.span()
            found.update(range(bisect_right(ends, start), min(bisect_right(ends, end) + 1, len(ends))))
        return found

    def _phrases(
        self, joined: str, texts: Sequence[str]
    ) -> tuple[dict[str, list[int]], dict[str, list[tuple[int, int]]]]:
        found: dict[str, list[int]] = {}
        ends: dict[str, list[tuple[int, int]]] = {}
        if self._automaton is None or not texts:
            return found, ends
        at, begin, border = 0, 0, len(texts[0])
        for end, (plain, others) in self._automaton.iter(joined):
            while end > border:  # a needle holds no line break, so it ends in the text it begins in
                at += 1
                begin = border + 1
                border = begin + len(texts[at])
            if plain:
                places = ends.get(plain)
                if places is None:
                    places = ends[plain] = []
                if len(places) < MOST_ENDS:
                    places.append((at, end + 1 - begin))
                others = (plain, *others) if others else (plain,)
            for phrase in others:
                those = found.get(phrase)
                if those is None:
                    found[phrase] = [at]
                elif those[-1] != at:
                    those.append(at)
        return found, ends

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
    """Of each phrase's spellings the first part, with the plain phrase it is and those it begins; None: no phrases."""
    plain: dict[str, str] = {}
    others: dict[str, list[str]] = {}
    for phrase in sorted(phrases):
        spelt = [one for one in spellings(phrase) if one.strip(ELLIPSIS)]
        if len(spelt) == 1 and ELLIPSIS not in spelt[0] and not _CUT.search(spelt[0]) and spelt[0] not in plain:
            plain[spelt[0]] = phrase
            continue
        for first in {next(part for part in one.split(ELLIPSIS) if part) for one in spelt}:
            others.setdefault(first, []).append(phrase)
    if not (plain or others):
        return None
    automaton = ahocorasick.Automaton()
    for needle in {**plain, **others}:
        automaton.add_word(needle, (plain.get(needle, ""), tuple(others.get(needle, ()))))
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
