"""A second set of what must be hidden, drawn by a generator. In: a seed. Out: cases, as truth.py's golden ones.

Its sentences, fillers, confirmations and readings are others than the golden set's, written before the rules were run
on them. Some rules were then mended by what `SEEN` showed; `UNSEEN` came after that.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Final

from asr.redact_kinds import BANK_CARD, CODE, EMAIL, ID_CARD, LANDLINE, MOBILE, PLATE
from tests.golden.redaction.truth import Case, case

SETS: Final = {ID_CARD: 36, MOBILE: 40, BANK_CARD: 36, LANDLINE: 12, EMAIL: 8, PLATE: 8, CODE: 16}
"""Dialogues of each kind; most hold several spans."""

_ASKED: Final = {
    ID_CARD: (
        "A: 方便说下您证件上那串号吗 / C: ",
        "A: 请您把开户人的身份证念一遍 / C: 好嘞 / C: ",
        "A: 系统要做实名校验哈 / C: 那我报身份证了啊",
        "C: 我妈不在家我有她身份证的照片上面写的是",
        "C: 帮我查下这个身份证名下欠不欠费",
        "A: 您是本人吗 / C: 对的我是本人身份证",
        "C: 上回登记的可能是我老公的证他的是",
        "A: 好的先生身份信息这边要登记一下 / C: 可以的",
        "C: 护照不行的话那用身份证吧号儿是",
    ),
    MOBILE: (
        "A: 请留一个能联系上您的号 / C: ",
        "C: 我要给这个号充一百块钱",
        "A: 师傅上门前会先打给您您留哪个号 / C: 打这个吧",
        "C: 加我微信也行微信就是手机",
        "C: 不是本机是我另外一张卡",
        "A: 您要查询的是哪个号码 / C: 查",
        "A: 回访的话拨您哪个电话方便 / C: 你拨",
        "C: 副卡是",
        "A: 那我核对下您预留的是",
        "C: 骚扰我的那个人号码是",
    ),
    BANK_CARD: (
        "A: 退款要退到您哪张卡 / C: 建行的",
        "C: 扣错钱了我的卡是",
        "A: 麻烦提供下收款账户 / C: 农行",
        "C: 代扣换一张卡新的是",
        "A: 请问绑定的银行卡号 / C: 等我去拿卡 / A: 不着急 / C: 来了",
        "C: 我给你念下卡面上的数字",
        "C: 招行信用卡",
        "A: 打款失败了您再报一次账号 / C: 刚才那个不对吗那我再念",
        "C: 工资卡可以吧",
    ),
    LANDLINE: (
        "C: 家里宽带捆的那个座机是",
        "A: 单位电话有吗 / C: 有的",
        "C: 我们店里的固话",
        "C: 传真和电话是一个号",
    ),
    EMAIL: (
        "A: 电子发票发到哪里 / C: 发我邮箱",
        "C: 账单麻烦寄到",
        "A: 您的邮件地址是 / C: ",
        "C: please send it to ",
    ),
    PLATE: ("C: 我的车是", "A: 停车场登记的车号呢 / C: ", "C: 车险续保车牌", "C: 通行费扣错了那个车"),
    CODE: (
        "A: 短信里收到的那几个数字报给我 / A: 就是验证码 / C: ",
        "C: 我设的服务密码是",
        "C: 查询密码忘了以前是",
        "A: 卡背面安全码 / C: ",
        "C: 动态码来了",
        "A: 身份证最后四位麻烦说下 / C: ",
        "A: 您银行卡的尾号 / C: ",
        "C: the verification code is ",
    ),
}
_AFTER: Final = ("", "", "你查查看", "麻烦快一点", "没问题吧", "记下来没有", "这样可以吗", "应该没念错")


@dataclass(frozen=True, slots=True)
class Words:
    """What stands between the pieces of a number."""

    says_on: tuple[str, ...]
    confirms: tuple[str, ...]
    sorry: tuple[str, ...]


SEEN: Final = Words(
    says_on=("哎", "这边是", "再往下是", "后头是", "等我瞅瞅啊", "哦", "下面是", "还有就是"),
    confirms=("嗯哼", "收到", "记了", "明白", "了解", "您接着说", "嗯您说", "好嘞", "然后呢"),
    sorry=("哦念错了", "更正一下", "哎不好意思看串行了", "呸不是", "写错了写错了"),
)
UNSEEN: Final = Words(
    says_on=("我翻一页啊", "底下那行是", "完了是", "紧跟着", "另外半截是", "那啥"),
    confirms=("哎好", "知道", "往下说", "行嘞", "这段记了", "喔喔"),
    sorry=("瞧我这眼神", "刚才那几个不算", "哎呀反了", "重报", "糊涂了是"),
)

PLAIN: Final = (
    "A: 您这个月用了三十七个G还剩十三个G",
    "C: 去年十一月二十三号办的到现在一年零两个月了",
    "A: 工单已经登记了尾数是幺五八您留意短信",
    "A: 我的工号八六二零很高兴为您服务",
    "C: 三百九十九那个档太贵了一百二十九的还有吗",
    "A: 账单是一千零八十六块五毛四",
    "C: 我打了七八遍了等了二三十分钟",
    "A: 营业时间是早上八点半到晚上九点",
    "A: 您可以发送短信到幺零零八六查询",
    "C: 小区在人民路一百二十五号三栋二单元六零二",
    "A: 投诉编号二零二六一一二二零零三八",
    "A: 快递单号是七三一二零零九八八六五五",
    "C: 路由器上写的型号是AX三千",
    "A: 一共是五千六百三十七元分十二期每期四百七十",
    "C: 二零二四年三月十五号到期的那个合约",
    "A: 活动从十二月一号到十二月三十一号",
    "C: 网速只有二十兆我办的是五百兆",
    "A: 请按一普通话服务请按二",
    "C: 你们九五五九八不管这事啊",
    "A: 消费者热线是一二三一五",
    "C: 邮编是五一八零零零",
    "A: 订单号是A三零二二八八七幺",
    "C: 我家三口人两部手机一个宽带",
    "A: 积分有一万两千三百八十分可以换四十块话费",
    "C: 第三次了第三次打给你们",
    "A: 每个月二十五号出账次月一号扣费",
    "C: 那个二百八的换成一百六的行不行",
    "A: 流水号在小票上是幺二零零四五六",
    "C: 大概八九百块钱吧",
    "A: 合同编号二零二五零七一八零六",
    "A: your balance is 1280 yuan and 50 cents",
    "C: it has been 3 weeks and I called 5 times",
    "A: the order number is 88213007 thank you",
    "C: 我七零后的今年五十三了",
    "A: 温度二十六度湿度百分之六十",
    "C: 走三环到幺零七国道再开四公里",
    "A: 版本号是八点二点一七",
    "C: 房间号一八零六",
    "A: 一分钟一毛五超出部分每兆两毛九",
    "C: 二十四小时内能修好吗",
)
"""Nothing to hide in them."""


def held_out(seed: int, words: Words) -> Iterator[Case]:
    draw = Random(seed)
    for number, dialogue in enumerate(_dialogues(words, draw), 1):
        yield case(number, dialogue, draw)


def _dialogues(words: Words, draw: Random) -> Iterator[str]:
    for kind, number in SETS.items():
        for place in range(number):
            carrier = _ASKED[kind][place % len(_ASKED[kind])]
            yield f"{carrier}{_told(kind, carrier, words, draw)}{draw.choice(_AFTER)}"
    yield from PLAIN


def _told(kind: str, carrier: str, words: Words, draw: Random) -> str:
    number = _MADE[kind](draw)
    if kind in (EMAIL, PLATE, CODE):
        return f"<{kind}:{number}>"
    who = carrier.split(" / ")[-1][0]
    match draw.choice(("at once", "at once", "figures", "groups", "turns", "corrected")):
        case "at once":
            return f"<{kind}:{_read(number, draw)}>"
        case "figures":
            return f"<{kind}:{draw.choice((' ', '', '-')).join(_groups(number, draw))}>"
        case "groups":
            return draw.choice(words.says_on).join(f"<{kind}:{_read(one, draw)}>" for one in _groups(number, draw))
        case "turns":
            other = "C" if who == "A" else "A"
            pieces = [f"<{kind}:{_read(one, draw)}>" for one in _groups(number, draw)]
            confirmed = [f"{piece} / {other}: {draw.choice(words.confirms)}" for piece in pieces[:-1]]
            return f" / {who}: ".join([*confirmed, pieces[-1]])
        case _:
            return _corrected(kind, number, words, draw)


def _corrected(kind: str, number: str, words: Words, draw: Random) -> str:
    groups = _groups(number, draw)
    at = draw.randrange(1, len(groups))
    wrong = _read(_some(draw, len(groups[at].rstrip("X"))), draw)
    before, after = _read("".join(groups[:at]), draw), _read("".join(groups[at:]), draw)
    return f"<{kind}:{before}{wrong}>{draw.choice(words.sorry)}<{kind}:{after}>"


def _groups(number: str, draw: Random) -> list[str]:
    """As such numbers are usually cut, or anyhow."""
    sizes = {11: (3, 4, 4), 18: (6, 4, 4, 4), 12: (4, 4, 4), 10: (3, 3, 4)}.get(len(number), ())
    if not sizes or draw.random() < 0.3:
        sizes = tuple(draw.choice((3, 4, 5)) for _ in range(len(number) // 3))
    groups, at = [], 0
    for size in sizes:
        groups.append(number[at : at + size])
        at += size
    return [group for group in (*groups, number[at:]) if group]


def _read(digits: str, draw: Random) -> str:
    """One by one; 幺 or 一 and 零 or 〇 as the speaker has it; a repeated digit is now and then told as so many."""
    one, nought, counts = draw.choice("幺幺一"), draw.choice("零零零〇"), draw.random() < 0.25
    names = dict(zip("0123456789X", f"{nought}{one}二三四五六七八九叉", strict=True))
    read, at = "", 0
    while at < len(digits):
        same = min(9, len(digits[at:]) - len(digits[at:].lstrip(digits[at])))
        counted = counts and same > 1 and digits[at] != "X"
        read += f"{'零一两三四五六七八九'[same]}个{names[digits[at]]}" if counted else names[digits[at]]
        at += same if counted else 1
    return read


# --- numbers ----------------------------------------------------------------------------------------------------------


def _id_card(draw: Random) -> str:
    region = draw.choice(("110108", "320583", "440304", "610104", "130202", "420106", "210203", "350582", "530112"))
    born = f"{draw.randrange(1948, 2006)}{draw.randrange(1, 13):02}{draw.randrange(1, 29):02}"
    body = f"{region}{born}{draw.randrange(1_000):03}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(a) * b for a, b in zip(body, weights, strict=True)) % 11]


def _mobile(draw: Random) -> str:
    return draw.choice(("130", "147", "152", "166", "173", "177", "185", "191", "198")) + _some(draw, 8)


def _bank_card(draw: Random) -> str:
    prefix, length = draw.choice(
        (("622848", 19), ("621700", 19), ("622588", 16), ("625912", 16), ("436742", 19), ("520108", 16), ("623094", 19))
    )
    body = prefix + _some(draw, length - len(prefix) - 1)
    doubled = sum(sum(divmod(int(one) * 2, 10)) for one in body[::-2]) + sum(int(one) for one in body[-2::-2])
    return body + str(-doubled % 10)


def _landline(draw: Random) -> str:
    area, length = draw.choice((("010", 8), ("021", 8), ("0755", 8), ("0512", 8), ("0931", 7), ("028", 8)))
    return area + draw.choice("2345678") + _some(draw, length - 1)


def _email(draw: Random) -> str:
    name = draw.choice(("wang", "lily", "zq", "hello", "chenfan")) + _some(draw, draw.choice((2, 3, 6)))
    sign, dot = draw.choice((("艾特", "点"), ("@", "."), ("圈a", "点")))
    host = draw.choice(("qq", "163", "126", "sina", "gmail"))
    return f"{name}{sign}{host}{dot}com"


def _plate(draw: Random) -> str:
    where = draw.choice(("京N", "沪C", "粤B", "浙A", "陕A", "鄂A"))
    digits = _some(draw, 4)
    return where + (digits if draw.random() < 0.5 else _read(digits, draw)) + draw.choice("ABKM")


def _code(draw: Random) -> str:
    return _read(_some(draw, draw.choice((4, 6))), draw)


def _some(draw: Random, count: int) -> str:
    return "".join(draw.choice("0123456789") for _ in range(count))


_MADE: Final[dict[str, Callable[[Random], str]]] = {
    ID_CARD: _id_card,
    MOBILE: _mobile,
    BANK_CARD: _bank_card,
    LANDLINE: _landline,
    EMAIL: _email,
    PLATE: _plate,
    CODE: _code,
}
