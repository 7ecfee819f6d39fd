"""The parser's faults in Chinese. In: what a Fault says in English. Out: the same in Chinese, or "".

Parsers tell in English what is wrong and what mends it (streams.toml_lines.Fault is also the configuration's); who
writes schemes reads Chinese first. `{}` stands for a part of a sentence, itself translated where it is one.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Final

from scoring.fault_words_mend import MENDS
from scoring.fault_words_said import SAID

_LONGEST: Final = 1_000
"""Characters: longer ones are not a person's sentence."""
_DEEPEST: Final = 3
_PLACE: Final = re.compile(r"((?:scheme|dimension|item|rule|synonyms|dialogue)[\w.\[\]-]*+): (.*)", re.DOTALL)
_EXPLAINED: Final = re.compile(r"(.+) \(character (\d+)\)", re.DOTALL)


def in_chinese(told: str) -> str:
    """Of a fault's message or mend."""
    if len(told) > _LONGEST:
        return ""
    place, said = "", told
    if found := _PLACE.fullmatch(told):
        place, said = f"{found[1]}：", found[2]
    if found := _EXPLAINED.fullmatch(said):
        words = _words(found[1])
        return f"{place}{words}（第 {found[2]} 个字符）" if words else ""
    words = _words(said)
    return place + words if words else ""


def _words(said: str, depth: int = 0) -> str:
    for pattern, chinese in _patterns():
        if found := pattern.fullmatch(said):
            parts = found.groups()
            if depth < _DEEPEST:
                parts = tuple(_words(part, depth + 1) or part for part in parts)
            return chinese.format(*parts)
    return ""


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Those with more words of their own first, for `{} is missing` also fits what says more; and those that begin with
    a part last, for that part may be half of another's sentence."""
    table: Mapping[str, str] = {**SAID, **MENDS}
    ordered = sorted(table, key=_order)
    return tuple((_pattern(english), table[english]) for english in ordered)


def _order(english: str) -> tuple[bool, bool, int]:
    return "{}" in english, english.startswith("{}"), -len(english.replace("{}", ""))


def _pattern(english: str) -> re.Pattern[str]:
    return re.compile("(.+?)".join(map(re.escape, english.split("{}"))), re.DOTALL)
