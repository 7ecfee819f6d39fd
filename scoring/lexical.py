"""How a phrase of a rule may stand in what was heard. In: a phrase. Out: its folded spellings; a text folded.

Case, full width, spaces, punctuation, spelt-out letters, 儿 and spoken numbers make no difference. Traditional and
simplified characters do: write both, or ask by sound. May not know: transcripts, operators.
"""

import re
from functools import lru_cache
from itertools import product
from typing import Final

from asr.numbers import normalised, spoken
from asr.text import join

_HALF: Final = {0xFF01 + at: 0x21 + at for at in range(94)} | {0x3000: " "}
_WIDE: Final = re.compile("[\u3000\uff01-\uff5e]")
_PUNCTUATION: Final = re.compile(r"[，。、；：？！“”‘’（）《》,;:?!\"()]")
_SPELT: Final = re.compile(r"(?<![a-z0-9])(?<![a-z0-9] )(?=[0-9]*[a-z])[a-z0-9]{2,5}(?! ?[a-z0-9])")
"""Alone among Chinese, and short enough to be said letter by letter: vip, 5g, app."""
_DIGITS: Final = re.compile(r"(?<![\d.])\d{1,12}(?![\d.])")
_SUFFIX: Final = re.compile(r"(?<![女婴幼孤健宠少托…])(?<=[^\W\da-z])儿(?![子女童科媳歌时孙])")
"""The 儿 of 一会儿, which speech adds and drops; that of 女儿 and 儿童 is a word."""
ALTERNATIVE: Final = "|"
"""Between phrases that stand for each other; [scheme.synonyms] writes it for those who do not."""
MOST_SPELLINGS: Final = 16


def folded(text: str) -> str:
    """Lower case and half width without a change of length, so that places keep."""
    if _WIDE.search(text):  # rare, and translating costs more than looking
        text = text.translate(_HALF)
    low = text.lower()
    if len(low) == len(text):
        return low
    return "".join(one if len(one := each.lower()) == 1 else each for each in text)


def written(phrase: str) -> str:
    """Folded, with spaces only where transcripts have them: between Latin words."""
    return join(folded(phrase).replace("...", "…").split())


def named(phrase: str) -> str:
    """By its first alternative, for people."""
    return phrase.split(ALTERNATIVE)[0].strip()


def suffixes(text: str) -> frozenset[int]:
    """Where a 儿 stands that speech adds and drops."""
    return frozenset(found.start() for found in _SUFFIX.finditer(text)) if "儿" in text else frozenset()


@lru_cache(maxsize=8_192)
def spellings(phrase: str) -> tuple[str, ...]:
    """Of each of its alternatives, in order: `您好|你好` counts as one phrase, whichever is said."""
    return tuple(dict.fromkeys(one for part in phrase.split(ALTERNATIVE) for one in _spellings(part)))


def _spellings(phrase: str) -> tuple[str, ...]:
    """`written` first, then what else a recogniser may write for it: 30天, 三十天; vip, v i p; 一会儿, 一会."""
    plain = written(phrase)
    found = dict.fromkeys([plain, join(_PUNCTUATION.sub(" ", plain).split())])
    for text in tuple(found):
        found |= dict.fromkeys(_numbers_told(text))
        found[normalised(text)] = None
    for text in tuple(found):
        found[_SPELT.sub(lambda run: " ".join(run.group()), text)] = None
    for text in tuple(found):
        if len(bare := _SUFFIX.sub("", text)) > 1:
            found[bare] = None
    return tuple(one for one in found if one.strip("… "))[:MOST_SPELLINGS]


def _numbers_told(text: str) -> list[str]:
    """With every number in digits spoken in one of the ways people have for it."""
    pieces, at = [], 0
    for number in _DIGITS.finditer(text):
        pieces += [(text[at : number.start()],), spoken(number.group())]
        at = number.end()
    if not pieces:
        return []
    return [
        written("".join(choice))
        for choice, _ in zip(product(*pieces, (text[at:],)), range(MOST_SPELLINGS), strict=False)
    ]


def within_word(text: str, at: int) -> bool:
    """Whether the place cuts a Latin word or a number in two: `no` is not said in `know`, nor 10 in 100."""
    if not 0 < at < len(text):
        return False
    left, right = text[at - 1], text[at]
    if not (left.isascii() and right.isascii()):
        return False
    return (left.isalpha() and right.isalpha()) or (left.isdigit() and right.isdigit())
