"""Spoken numbers as figures. In: text. Out: the text with figures, and where in the original each comes from.

The only import of cn2an. The original is what was heard and stays the truth; what was hidden (●) stays hidden.
May not know: words, times.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cn2an  # type: ignore[import-untyped]
from msgspec.structs import replace

from asr.transcript import Utterance

_D: Final = "零〇幺一二两三四五六七八九"
_DIGIT: Final = dict(zip(_D, "0011223456789", strict=True))
_BY_VALUE: Final = rf"[{_D}十百千万亿]*[十百千万亿][{_D}十百千万亿]*(?:点[{_D}]+)?"
_ONE_BY_ONE: Final = rf"[{_D}]+点[{_D}]+|[{_D}]{{2,}}"
_NUMBER: Final = re.compile(
    rf"(?P<percent>百分之(?P<of>{_BY_VALUE}|{_ONE_BY_ONE}|[{_D}]))|(?P<value>{_BY_VALUE})|(?P<digits>{_ONE_BY_ONE})"
)
_SAID: Final = "零一二三四五六七八九"
_TWO: Final = re.compile("^二(?=[百千万亿]|$)")
_NO_NUMBER: Final = frozenset(("万一", "千万", "万", "百", "千", "亿", "十", "万千", "一千零一", "三三两两", "一一"))
_ABOUT: Final = re.compile(
    r"^[二三四五六七八九][三四五六七八九](?=[十百千万])|^[一二三四五六七八九两][二三四五六七八九两](?:[个次天])?$"
)


@dataclass(frozen=True, slots=True)
class Figure:
    """Characters `start` to `end` (half-open) of the original are `figures` in words."""

    start: int
    end: int
    figures: str


def figures(text: str) -> tuple[Figure, ...]:
    found = []
    for match in _NUMBER.finditer(text):
        told = _told(match)
        if told is not None:
            found.append(Figure(match.start(), match.end(), told))
    return tuple(found)


def normalised(text: str) -> str:
    """二十九元 is 29元, 百分之五 is 5%, 二零二六年 is 2026年; 七八个 and 万一 stay."""
    at, parts = 0, []
    for one in figures(text):
        parts += [text[at : one.start], one.figures]
        at = one.end
    return "".join([*parts, text[at:]])


def with_figures(utterances: Sequence[Utterance]) -> tuple[Utterance, ...]:
    """Each told in figures, too, where that is another text."""
    told = ((one, normalised(one.text)) for one in utterances)
    return tuple(replace(one, figures=text) if text != one.text else one for one, text in told)


def _told(match: re.Match[str]) -> str | None:
    text = match.group()
    if text in _NO_NUMBER or _ABOUT.match(text):
        return None
    if match.group("percent"):
        share = _value(match.group("of"))
        return None if share is None else f"{share}%"
    if match.group("digits"):
        whole, point, part = text.partition("点")
        return "".join(_DIGIT[one] for one in whole) + point.replace("点", ".") + "".join(_DIGIT[one] for one in part)
    return _value(text)


def _value(text: str) -> str | None:
    """None: no well-formed number."""
    if all(one in _DIGIT for one in text):
        return "".join(_DIGIT[one] for one in text)
    plain = text.replace("两", "二").replace("〇", "零").replace("幺", "一")
    try:
        value = cn2an.cn2an(plain, "smart")
    except ValueError:
        return None
    return f"{value:g}" if isinstance(value, float) and abs(value) < 1e6 else str(value)


def spoken(digits: str) -> tuple[str, ...]:
    """How people say a number in figures: by its value (二百, 两百), then digit by digit, with 一 and with 幺."""
    one_by_one = "".join(_SAID[int(digit)] for digit in digits)
    found = [one_by_one, one_by_one.replace("一", "幺")]
    if digits == "0" or not digits.startswith("0"):
        value = str(cn2an.an2cn(digits, "low"))
        found = [value, _TWO.sub("两", value), *found]
    return tuple(dict.fromkeys(found))
