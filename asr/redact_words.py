"""What is sensitive and has letters in it. In: a flat line. Out: e-mail addresses, number plates, lettered codes.

Letters may be spoken by their Chinese names (诶比西), signs by theirs (点, 艾特, 下划线). May not know: digits alone.
"""

import re
from collections.abc import Iterator
from typing import Final

from asr.redact_flat import Flat
from asr.redact_judge import Found
from asr.redact_kinds import CODE, EMAIL, PLATE

_NAMES: Final = """
诶 欸 比 逼 西 迪 弟 伊 艾弗 爱抚 吉 艾尺 爱曲 埃曲 艾 爱 杰 开 凯 艾勒 爱勒 艾姆 爱姆
恩 欧 偶 批 屁 丘 扣 抠 阿尔 啊尔 阿 艾斯 爱斯 提 踢 优 维 威 达不溜 达布溜 大不溜 艾克斯 埃克斯 叉 歪 外 贼德 贼 兹
"""
_SPOKEN: Final = "|".join(sorted(_NAMES.split(), key=len, reverse=True))
_FILL: Final = r"[ \n嗯啊呃哦额、，,]"
_LETTER: Final = rf"(?:[a-z]|{_SPOKEN})"
_ATOM: Final = rf"(?:[a-z0-9]|{_SPOKEN})"
_SIGN: Final = r"(?:点|\.|下划线|下杠|中划线|横杠|杠|减号|加号|[_+-])"
_DOT: Final = rf"{_FILL}*(?:点|\.){_FILL}*"
_AT: Final = rf"{_FILL}*(?:@|艾特|爱特|at(?![a-z])|圈{_FILL}?(?:a|诶)|小老鼠){_FILL}*"
_TOP: Final = r"(?:c ?o ?m|c ?n|n ?e ?t|o ?r ?g|e ?d ?u|康姆|康母|抗姆|西欧艾姆|西恩)"
_DOMAIN: Final = rf"(?:{_ATOM}|{_FILL}|-|杠)(?:{_ATOM}|{_FILL}|-|杠|扣扣){{0,24}}?(?:{_DOT}{_TOP})(?:{_DOT}{_TOP})?"
_EMAIL: Final = re.compile(
    rf"(?:(?:邮箱|邮件|email|e-mail)(?:地址)?(?:就?是|为|[: ])*(?P<named>[^\f@]{{1,40}}?)"
    rf"|(?P<local>(?:{_ATOM}|{_SIGN})(?:{_ATOM}|{_SIGN}|{_FILL}){{0,60}}?)){_AT}{_DOMAIN}"
)

_PROVINCE: Final = "[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]"
_COUNTED: Final = rf"(?:[1-9]个)?{_ATOM}"
_PLATE: Final = re.compile(
    rf"{_PROVINCE}{_FILL}*{_LETTER}(?:{_FILL}|[·.点])*(?P<rest>{_COUNTED}(?:{_FILL}*{_COUNTED}){{2,5}})"
    "[学警挂领港澳]?(?![a-z0-9])"
)
_LEAST_PLATE, _LEAST_PLATE_DIGITS = 4, 2
_TOLD: Final = re.compile("([1-9])个(.)")

_CODE_WORD: Final = (
    "(?:密码|口令|验证码|校验码|授权码|动态码|password|passcode|passphrase|verification code|security code|pin|otp|cvv)"
)
_MIXED: Final = r"(?=[a-z!@#$%^&*_.+-]*[0-9])[a-z0-9!@#$%^&*_.+-]{4,32}"
_SPACED: Final = r"(?=(?:[a-z] ?)*[0-9])(?:[a-z](?=[ 0-9]|$)|[0-9]|(?<=\S) (?=\S))(?:[a-z](?![a-z])|[0-9]| ){3,40}"
_CODE: Final = re.compile(
    rf"{_CODE_WORD}[^a-z0-9\n\f:=]{{0,8}}(?:(?:is|was|就是|是|为|to|[:= ])[ ]*)*(?P<code>{_MIXED}|{_SPACED})"
    rf"|{_CODE_WORD}[ ]*[:=][ ]*(?P<told>[a-z0-9!@#$%^&*_.+-]{{4,32}})"
)


def written(flat: Flat) -> Iterator[Found]:
    for match in _EMAIL.finditer(flat.text):
        start = match.start("named") if match.group("named") else match.start("local")
        yield Found(flat.channel, EMAIL, ((start, match.end()),))
    for match in _PLATE.finditer(flat.text):
        rest = _TOLD.sub(lambda told: told[2] * int(told[1]), match.group("rest"))
        digits = sum(character.isdecimal() for character in rest)
        if digits >= _LEAST_PLATE_DIGITS and len(re.findall(_ATOM, rest)) >= _LEAST_PLATE:
            yield Found(flat.channel, PLATE, ((match.start(), match.end()),))
    for match in _CODE.finditer(flat.text):
        group = "code" if match.group("code") else "told"
        yield Found(flat.channel, CODE, ((match.start(group), match.end(group)),))
