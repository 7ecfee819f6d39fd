"""Which runs of digits are sensitive, and as what. In: flat lines, their utterances. Out: what was found.

Check digits first, then what stands around the run, then what the other side asked or repeats. May not know: masks.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from asr.redact_flat import BREAK_MS, Flat
from asr.redact_kinds import (
    BANK_CARD,
    CODE,
    ID_CARD,
    LANDLINE,
    MOBILE,
    NUMBER,
    is_date,
    is_public,
    kind_by_likeness,
    kind_of_digits,
)
from asr.redact_runs import GAP, Run, runs
from asr.text import join
from asr.transcript import Utterance

LONG_RUN = 7
"""Digits that are sensitive by themselves: local telephone numbers begin here."""
SHORT_RUN = 3
"""Digits that are sensitive after a context word: four asked for, one lost by the recogniser."""
ECHO_RUN = 4
"""Digits that are sensitive when they repeat a part of what was hidden."""
CONTEXT_MS = 15_000

_ABOUT: Final[Mapping[str, str]] = {
    **dict.fromkeys(("身份证", "证件号", "id number", "identity card", "id card"), ID_CARD),
    **dict.fromkeys(("银行卡", "卡号", "储蓄卡", "信用卡", "借记卡", "银行账", "card number"), BANK_CARD),
    **dict.fromkeys(("手机", "电话", "号码", "联系方式", "phone", "mobile", "cell"), MOBILE),
    **dict.fromkeys(("座机", "固话", "固定电话", "landline"), LANDLINE),
}
_CONTEXT: Final = re.compile(
    "身份证|密码|验证码|授权码|校验码|动态码|安全码|口令|卡号|尾号|手机号|电话号|号码|后[三四六]位|末[四六]位"
    "|password|passcode|pin code|your pin|verification code|security code|one-time code|the code|your code|code is|cvv"
    "|otp|card number|phone number|last four"
)
_OTHER_NUMBER: Final = re.compile(
    r"(?:工号|单号|订单|编号|流水|运单|快递|物流|合同|发票|版本|型号|批次|条码|积分|序列|受理|代码|邮编|房号|座席|坐席|客服代表"
    r"|order(?: number| no)?|ticket(?: number| no)?|tracking(?: number)?|invoice|case number|agent id)"
    r"(?:号码|号|码|编号|就是|是|为|的|呢|嗯|is|[a-z]{1,3}(?![a-z])|[-: #\n]){0,6}$"
)
"""Numbers of things, said directly before the digits; what a check names is hidden all the same."""
_MEASURE: Final = re.compile(
    r"[ ,]*[多来几]?(?:元|块|圆|角|毛|万|亿|年|月|日|天|小时|分|秒|点|兆|[gmk](?![a-z])|[mgk]b|米|公里"
    "|个|条|次|岁|人|位|台|张|笔"
    r"|度|折|档|套餐|期|楼|室|栋|单元|号楼|倍|%|积分|人民币|rmb|yuan|cny|usd|dollars|minutes|days|hours|items|字节|流量)"
)
_MONEY_BEFORE: Final = re.compile(r"(?:[¥￥$]|rmb|金额|余额|话费|欠费|价格)[是为共 :]{0,3}$")
_DIAL_BEFORE: Final = re.compile(r"(?:按|拨|拨打|转|编辑|发送)[是为共 :]{0,3}$")
_DATE_BEFORE: Final = re.compile(
    r"(?:日期|时间|生效|到期|截止|截至|有效期至|办理于|开通于|注册于|发布于|今天是|date)[是为到在: ]{0,4}$"
)
_DATE: Final = re.compile(
    r"(?:19|20)\d\d([-/. ])(?:0?[1-9]|1[0-2])\1(?:0?[1-9]|[12]\d|3[01])(?:[ t]+\d{1,2}[: ]\d\d(?:[: ]\d\d)?)?"
)
_NEVER_COUNTED: Final = 11
_CODE_DIGITS: Final = 6
_WEAK: Final = (CODE, NUMBER)
_MOST_TALK: Final = 6
"""Characters that are no fillers, between two pieces of one number dictated in turns."""


@dataclass(frozen=True, slots=True)
class Found:
    channel: int
    kind: str
    atoms: tuple[tuple[int, int], ...]
    """Ranges of the side's flat line to hide."""


@dataclass(frozen=True, slots=True)
class _Timed:
    run: Run
    start_ms: int
    end_ms: int
    utterance: int
    said_before: str
    """By either side, shortly before."""


def judge(flats: Mapping[int, Flat], utterances: Sequence[Utterance]) -> Iterator[Found]:
    timed = [_timed(run, flats[run.channel], utterances) for flat in flats.values() for run in runs(flat)]
    kinds = {one: kind for one in timed if (kind := _kind(one, flats[one.run.channel])) is not None}
    kinds |= _in_turns(timed, kinds, flats, utterances)
    kinds |= _echoes(timed, kinds)
    return (Found(one.run.channel, kind, one.run.atoms) for one, kind in kinds.items())


def _timed(run: Run, flat: Flat, utterances: Sequence[Utterance]) -> _Timed:
    places = [place for start, end in run.atoms for place in flat.said_between(start, end)]
    first, last = places[0], places[-1]
    here = utterances[first.utterance]
    earlier = (
        one.text for one in utterances[: first.utterance] if here.start_ms - one.end_ms <= CONTEXT_MS
    )  # the question is the other side's
    own = join(word.text for word in here.words[: first.word]) + here.words[first.word].text[: first.offset]
    return _Timed(
        run,
        here.words[first.word].start_ms,
        utterances[last.utterance].words[last.word].end_ms,
        first.utterance,
        ("\n".join(earlier) + "\n" + own).lower(),
    )


def _kind(one: _Timed, flat: Flat) -> str | None:
    """Why the run is sensitive; None when it is not."""
    run = one.run
    before, after = flat.text[max(0, run.start - 30) : run.start], flat.text[run.end : run.end + 12]
    named = kind_of_digits(run.digits)
    other = _OTHER_NUMBER.search(before) is not None
    if named is not None and not (named == BANK_CARD and other and "卡" not in before):
        return named
    if other or _is_date(run, flat, before) or _counts(run, before, after):
        return None
    about, asked = _about(one.said_before), _CONTEXT.search(one.said_before) is not None
    # a code of six digits may look like one: 验证码 106746
    if is_public(run.digits) and about not in (ID_CARD, BANK_CARD) and not (asked and len(run.digits) == _CODE_DIGITS):
        return None
    if run.plain >= LONG_RUN:
        return kind_by_likeness(run.digits, about=about)
    if run.plain >= SHORT_RUN and asked:
        return CODE
    return None


def _about(said: str) -> str | None:
    """What was spoken of last."""
    placed = ((said.rfind(word), len(word), kind) for word, kind in _ABOUT.items())
    at, _, kind = max(placed)
    return kind if at >= 0 else None


def _is_date(run: Run, flat: Flat, before: str) -> bool:
    if _DATE.fullmatch(flat.text[run.start : run.end]):
        return True
    return len(run.digits) == 8 and is_date(run.digits) and _DATE_BEFORE.search(before) is not None


def _counts(run: Run, before: str, after: str) -> bool:
    """An amount, a size, a length of time, a key to press; nobody counts eleven digits of anything."""
    if len(run.digits) >= _NEVER_COUNTED:
        return False
    dialled = run.plain < LONG_RUN and _DIAL_BEFORE.search(before) is not None
    return dialled or _MEASURE.match(after) is not None or _MONEY_BEFORE.search(before) is not None


def _echoes(timed: Sequence[_Timed], kinds: Mapping[_Timed, str]) -> dict[_Timed, str]:
    """Pieces that repeat what was hidden: 尾号八零零零是吗."""
    whole = [(one.run.digits, kind) for one, kind in kinds.items() if len(one.run.digits) >= LONG_RUN]
    return {
        one: kind
        for one in timed
        if one not in kinds and one.run.plain >= ECHO_RUN
        for digits, kind in whole
        if one.run.digits in digits
    }


def _in_turns(
    timed: Sequence[_Timed], kinds: Mapping[_Timed, str], flats: Mapping[int, Flat], utterances: Sequence[Utterance]
) -> dict[_Timed, str]:
    """A number that the two sides say together, or that little words interrupt, is one number."""
    pieces = [one for one in timed if one in kinds or _is_piece(one, flats[one.run.channel])]
    pieces.sort(key=lambda one: (one.start_ms, one.utterance, one.run.start))
    found: dict[_Timed, str] = {}
    chain: list[_Timed] = []
    for one in [*pieces, None]:
        if one is not None and (not chain or _follows(chain[-1], one, utterances)):
            chain.append(one)
            continue
        own = [piece for piece in chain if not is_public(piece.run.digits)]
        digits = "".join(piece.run.digits for piece in chain)
        long = sum(piece.run.plain for piece in own) >= LONG_RUN or kind_of_digits(digits) is not None
        if len(chain) > 1 and long:
            whole = next((kinds[piece] for piece in chain if kinds.get(piece, NUMBER) not in _WEAK), None)
            kind = whole or kind_of_digits(digits) or kind_by_likeness(digits)
            # beside a whole number a code stays a code, 10086 what it is; without one, all are pieces of the same
            pieces_of_it = chain if whole is None else [piece for piece in own if piece not in kinds]
            found |= {piece: kind for piece in pieces_of_it if piece not in kinds or kind not in _WEAK}
        chain = [one] if one is not None else []
    return found


def _is_piece(one: _Timed, flat: Flat) -> bool:
    """Before a number that is told in pieces, 拨 and 欠费 are no keys and no amounts: 查这个身份证欠不欠费六一零…"""
    before, after = flat.text[max(0, one.run.start - 30) : one.run.start], flat.text[one.run.end : one.run.end + 12]
    if one.run.plain < 1 or _OTHER_NUMBER.search(before) or _is_date(one.run, flat, before):
        return False
    if len(one.run.digits) >= _NEVER_COUNTED:
        return True
    money = _MONEY_BEFORE.search(before) is not None and _CONTEXT.search(one.said_before) is None
    return not money and _MEASURE.match(after) is None


def _follows(before: _Timed, one: _Timed, utterances: Sequence[Utterance]) -> bool:
    if one.start_ms - before.end_ms > BREAK_MS:
        return False
    between = "".join(
        word.text
        for utterance in utterances
        if utterance.end_ms >= before.end_ms and utterance.start_ms <= one.start_ms
        for word in utterance.words
        if before.end_ms <= word.start_ms and word.end_ms <= one.start_ms and word.end_ms > word.start_ms
    )
    return len(GAP.sub("", between)) <= _MOST_TALK
