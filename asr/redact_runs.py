"""Numbers as people dictate them. In: a flat line. Out: its runs of digits, spoken forms told out in digits.

A run goes on over fillers, corrections, words and utterances; it ends at any other word or a long pause.
May not know: which runs are sensitive.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from asr.redact_flat import LATER, Flat

_FILLER_WORDS: Final = """
不对不对 不对 不是 错了 说错了 我说错了 念错了 看错了 写错了 报错了 串行了 看串行了 更正一下 不好意思 呸
等等 等一下 稍等 重来 重新说 我再说一遍 再说一遍 再来一遍 应该是 我看看 我看一下
后面是 后面 前面是 前面 然后是 然后 接着 接下来 还有 对了 这个 就是 那个 最后是 最后 中间是 开头是 加上 空格
杠 横杠 中划线 您记一下 记好了吗 好的 好 行 可以 请讲 继续 没错 sorry no wait then and is
"""
_FILLERS: Final = "嗯啊呃哦额是对那个然后呢吧嘛哎噢喔呀啦 \n、，,.。·~_()（）:：/\\-－—–+"
_COUNTER: Final = "(?:前面?|后面?|最后|中间|末|尾)?[1-9]位(?:数字?)?"
"""最后四位是…: how many digits follow is no digit."""
_WORDS: Final = "|".join(re.escape(word) for word in sorted(_FILLER_WORDS.split(), key=len, reverse=True))
_GAP: Final = f"{_WORDS}|{_COUNTER}|[{re.escape(_FILLERS)}]"
GAP: Final = re.compile(rf"(?:{_GAP})*")
_TOKEN: Final = re.compile(
    rf"(?P<place>{_COUNTER})|(?P<twice>双[0-9])|(?P<times>[1-9]个[0-9])|(?P<digit>[0-9])|(?P<unit>[十百千])"
    rf"|(?P<check>艾克斯|埃克斯|爱克斯|x|叉)|(?P<gap>{_GAP})|(?P<other>.)",
    re.DOTALL,
)
MOST_GAP = 14
"""Characters of fillers between two digits."""
_CHECK_AFTER: Final = range(14, 19)
"""An identity number's X comes after 17 digits, of which some may be lost and one added."""
_UNITS: Final = re.compile(r"([1-9]千)?0?([1-9]百)?0?([1-9]?十)?([0-9](?![十百千]))?")
_VALUE: Final = {"十": 10, "百": 100, "千": 1000}


@dataclass(frozen=True, slots=True)
class Run:
    channel: int
    start: int
    end: int
    """Half-open range of the flat line, fillers included."""
    digits: str
    plain: int
    """How many of the digits were said one by one; the others lie in forms such as 三十八."""
    atoms: tuple[tuple[int, int], ...]
    """The characters to hide."""


def runs(flat: Flat) -> Iterator[Run]:
    atoms: list[re.Match[str]] = []
    gap = 0
    for token in _TOKEN.finditer(flat.text):
        kind = str(token.lastgroup)
        if kind == "check" and _counted(atoms) in _CHECK_AFTER:
            atoms.append(token)
            yield _run(flat, atoms)
            atoms, gap = [], 0
        elif kind in ("digit", "twice", "times") or (kind == "unit" and _may_count(token, atoms)):
            atoms.append(token)
            gap = 0
        elif atoms:
            gap += len(token.group().replace("\n", ""))
            if kind not in ("gap", "place") or gap > MOST_GAP or LATER in token.group():
                yield _run(flat, atoms)
                atoms, gap = [], 0
    if atoms:
        yield _run(flat, atoms)


def _counted(atoms: list[re.Match[str]]) -> int:
    return len(atoms) if len(atoms) in _CHECK_AFTER else 0


def _may_count(token: re.Match[str], atoms: list[re.Match[str]]) -> bool:
    """十 may begin a number (十三); the others follow the digit they multiply."""
    return token.group() == "十" or bool(atoms and atoms[-1].end() == token.start() and atoms[-1].lastgroup == "digit")


def _run(flat: Flat, atoms: list[re.Match[str]]) -> Run:
    digits, plain = "", 0
    for piece in _pieces(atoms):
        told, counted = _digits_of(piece)
        digits += told
        plain += counted
    spans = tuple((atom.start(), atom.end()) for atom in atoms)
    return Run(flat.channel, atoms[0].start(), atoms[-1].end(), digits, plain, spans)


def _pieces(atoms: list[re.Match[str]]) -> Iterator[str]:
    """The atoms' text, cut where something stands between them."""
    piece, end = "", atoms[0].start()
    for atom in atoms:
        if atom.start() != end:
            yield piece
            piece = ""
        text, end = atom.group(), atom.end()
        if atom.lastgroup == "twice":
            text = text[1] * 2
        elif atom.lastgroup == "times":
            text = text[2] * int(text[0])
        elif atom.lastgroup == "check":
            text = "X"
        piece += text
    yield piece


def _digits_of(piece: str) -> tuple[str, int]:
    """三百一十八 is 318, 八千 is 8000, 一百三 is 130; digits said one by one are themselves."""
    if not any(unit in piece for unit in _VALUE):
        return piece, len(piece)
    told, plain, at = "", 0, 0
    while at < len(piece):
        match = _UNITS.match(piece, at)
        if match is not None and any(match.group(part) for part in (1, 2, 3)):
            told += _value(match)
            at = match.end()
        else:
            told += piece[at] if piece[at] not in _VALUE else ""
            plain += piece[at] not in _VALUE
            at += 1
    return told, plain


def _value(match: re.Match[str]) -> str:
    value, least = 0, 10
    for part in (match.group(1), match.group(2), match.group(3)):
        if part:
            least = _VALUE[part[-1]]
            value += least * (int(part[:-1]) if part[:-1] else 1)
    last = match.group(4)
    if last:
        # 一百三 is 130, but 一百零三 is 103
        spoken_short = least > 10 and match.string[match.start(4) - 1] != "0"
        value += int(last) * (least // 10 if spoken_short else 1)
    return str(value)
