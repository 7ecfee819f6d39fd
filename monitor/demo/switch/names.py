"""Invented names of agents and callers. In: a seeded random. Out: strings, a few of them hostile on purpose.

Pure. Nobody real: names are combined by chance, numbers lie in a block that is not handed out (1990000xxxx).
"""

from random import Random

_FAMILY = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪"
    "田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
_GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰萍红鑫宇浩然子轩雨欣梓涵思远佳怡俊诗琪晨阳嘉宁文博雅婷天翊若曦"
    "瑞雪一鸣晓峰志远海燕春梅建国淑珍云帆"
)

HOSTILE_AGENTS = (
    '<script>alert("班长")</script>',
    '欧阳"小凤"\'静',
    "😀王小明🎧",
    "上官婉儿·阿依古丽·买买提明·" + "很长的名字" * 4,
    "<b>李</b> & <img src=x onerror=alert(1)>",
)
"""Names a careless page would run, a careless table would break on."""

HOSTILE_CALLERS = (
    "<script>alert(1)</script>",
    "Eve\r\nEvent: AgentConnect\r\nQueue: billing",
    'O\'Neill, "Pat"',
    "📞👩‍👩‍👧‍👦",
    "x" * 240,
    "={{7*7}}",
)

_MEMBER_NAME_BYTES = 79
"""app_queue.c keeps a member's name in char[80]."""


def agent_name(random: Random) -> str:
    return random.choice(_FAMILY) + "".join(random.choices(_GIVEN, k=random.choice((1, 2, 2, 2))))


def clip(name: str) -> str:
    """As long as a member name may be, never cut inside a character."""
    return name.encode()[:_MEMBER_NAME_BYTES].decode(errors="ignore")


def caller_number(random: Random) -> str:
    return f"1990000{random.randrange(10_000):04d}"


def caller_name(random: Random) -> str:
    """Most callers send no name."""
    draw = random.random()
    if draw < 0.02:
        return random.choice(HOSTILE_CALLERS)
    return agent_name(random) if draw < 0.20 else ""
