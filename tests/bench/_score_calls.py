"""Calls to a telecom hotline, made by code: always the same. In: how many. Out: Cases with word times; texts.

About forty utterances each, by sentence patterns of the trade with names, numbers and fillers drawn in; the rare faults
that rules look for are put in at the rates a hotline knows.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from asr.transcript import Transcript, Utterance, Word
from scoring.case import Case, Fact, Happening, Kind
from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName, SiteId

START: Final = 1_795_291_200_000
CHARACTER_MS: Final = 210
QUEUES: Final = ("sales", "support", "billing", "vip", "retention")

OPEN: Final = (
    "您好 很 高兴 为 您 服务 请问 有 什么 可以 帮 您",
    "您好 这里 是 客户 服务 中心 工号 {n} 为 您 服务",
    "你好 请 讲",
    "喂 您好 请问 需要 什么 帮助",
)
VERIFY: Final = (
    "为了 您的 信息 安全 请 您 报 一下 机主 姓名",
    "请问 您 是 机主 本人 吗",
    "麻烦 您 提供 一下 身份证 后 四位",
    "请 您 输入 服务 密码",
)
AGENT: Final = (
    "请 稍等 我 帮 您 查询 一下",
    "好的 我 这边 看到 您的 套餐 是 每月 {n} 元",
    "这个 业务 的 资费 是 {n} 元 一个 月",
    "您 上个月 一共 用 了 {n} 兆 流量",
    "您 看 这样 可以 吗",
    "嗯 我 明白 您的 意思",
    "给 您 带来 不便 非常 抱歉",
    "我 帮 您 记录 一下 会 有 专人 在 {n} 小时 内 联系 您",
    "让 您 久等 了 感谢 您的 等待",
    "跟 您 确认 一下 是 办理 {n} 元 的 套餐 对 吗",
    "已经 为 您 办理 成功 了 短信 会 发 到 您的 手机",
    "宽带 的 故障 我们 会 安排 师傅 上门 检修",
    "您的 余额 还 有 {n} 元 请 放心 使用",
    "这个 需要 您 本人 带 身份证 到 营业厅 办理",
    "麻烦 您 重启 一下 光猫 看看 指示灯",
    "目前 这个 活动 还 在 进行 中",
)
CUSTOMER: Final = (
    "我 想 查 一下 这个 月 的 话费",
    "怎么 又 扣 了 我 {n} 块 钱",
    "嗯 好的",
    "对 是 我 本人",
    "我 家 宽带 上 不 了 网 了",
    "能 不能 便宜 一点",
    "我 不 需要 这个 业务 给 我 取消",
    "你们 什么 时候 能 处理 好",
    "我 都 打 了 好 几 次 电话 了",
    "尾号 是 {n} 的 那个 号码",
    "那 就 这样 吧",
    "可以 你 帮 我 办 吧",
    "流量 怎么 用 得 这么 快",
    "这个 套餐 包含 多少 分钟 通话",
    "我 再 考虑 一下",
    "哦 我 知道 了",
)
RARE: Final = (
    ("customer", 0.02, "我 要 投诉 你们"),
    ("customer", 0.006, "再 不 处理 我 就 去 工信部 投诉"),
    ("customer", 0.004, "我 找 媒体 曝光 你们"),
    ("customer", 0.02, "我 要 退订 这个 业务"),
    ("agent", 0.003, "这个 不 归 我 管"),
    ("agent", 0.002, "你 自己 看 着 办 吧"),
    ("agent", 0.01, "保证 您 一定 能 用"),
    ("agent", 0.002, "你 烦 不 烦"),
)
CLOSE: Final = (
    "请问 还 有 其他 可以 帮 您 的 吗",
    "感谢 您的 来电 祝 您 生活 愉快 再见",
    "稍后 请 您 对 我的 服务 进行 评价",
)
FILLERS: Final = ("嗯", "那个", "就是", "这个", "然后", "呃")


@dataclass(slots=True)
class _Call:
    """Mutable while it is made."""

    rng: random.Random
    at: int = 0
    said: list[Utterance] = field(default_factory=list)

    def say(self, channel: int, sentence: str) -> None:
        rng = self.rng
        words = sentence.format(n=rng.choice((8, 18, 29, 59, 99, 128, 4821))).split()
        if rng.random() < 0.3:
            words.insert(rng.randrange(len(words)), rng.choice(FILLERS))
        mumbled = rng.random() < 0.02
        start = at = self.at
        spoken: list[Word] = []
        for text in words:
            end = at + CHARACTER_MS * len(text)
            confidence = round(rng.uniform(0.25, 0.8) if mumbled else rng.uniform(0.85, 1.0), 2)
            spoken.append(Word(text=text, start_ms=at, end_ms=end, confidence=confidence))
            at = end
        self.said.append(
            Utterance(
                channel=channel,
                role="agent" if channel == 0 else "customer",
                number=len(self.said),
                start_ms=start,
                end_ms=at,
                text="".join(words),
                words=tuple(spoken),
                confidence=round(sum(word.confidence for word in spoken) / len(spoken), 3),
                loudness_db=round(rng.uniform(-30, -18), 1),
            )
        )
        pause = rng.choice((-600, 300, 500, 700, 900, 1_200, 1_800, 2_500))
        if rng.random() < 0.01:
            pause = rng.randrange(8_000, 60_000)
        self.at = max(start + 1, at + pause)


def case(number: int) -> Case:
    """The number-th call; the same whichever others are made."""
    rng = random.Random(number)
    call = _Call(rng, rng.randrange(200, 2_500))
    call.say(0, rng.choice(OPEN))
    call.say(1, rng.choice(CUSTOMER))
    if rng.random() < 0.7:
        call.say(0, rng.choice(VERIFY))
    for _ in range(rng.randrange(8, 28)):
        call.say(1, rng.choice(CUSTOMER))
        if rng.random() < 0.2:
            call.say(1, rng.choice(CUSTOMER))
        for role, rate, sentence in RARE:
            if rng.random() < rate:
                call.say(0 if role == "agent" else 1, sentence)
        call.say(0, rng.choice(AGENT))
    if rng.random() < 0.9:
        call.say(0, CLOSE[0])
        call.say(1, "没有 了 谢谢")
        call.say(0, CLOSE[1])
    return _case(number, call, rng)


def _case(number: int, call: _Call, rng: random.Random) -> Case:
    duration = max(said.end_ms for said in call.said) + rng.randrange(200, 4_000)
    began = START + number * 4_000
    transcript = Transcript(
        site=SiteId("main"),
        contact=ContactId(f"{began // 1000}.{number}"),
        contact_at=Millis(began),
        queue=QueueName(rng.choice(QUEUES)),
        agent=AgentId(f"{1000 + number % 500}"),
        model="made",
        duration_ms=duration,
        channels=2,
        utterances=tuple(sorted(call.said, key=lambda said: said.start_ms)),
    )
    facts: dict[str, Fact] = {"queue": str(transcript.queue), "tier": rng.choice(("", "gold")), "direction": "in"}
    return Case(transcript=transcript, happenings=_happenings(duration, rng), facts=facts)


def _happenings(duration: int, rng: random.Random) -> tuple[Happening, ...]:
    found = [Happening(kind=Kind.ANSWERED, start_ms=0)]
    if rng.random() < 0.25:
        at = rng.randrange(5_000, max(6_000, duration - 5_000))
        found.append(Happening(kind=Kind.HOLD, start_ms=at, end_ms=min(duration, at + rng.randrange(3_000, 90_000))))
    if rng.random() < 0.08:
        found.append(Happening(kind=Kind.TRANSFER, start_ms=duration - 1_000, reason="blind", target="support"))
    ended = Happening(kind=Kind.ENDED, start_ms=duration, reason=rng.choice(("customer", "customer", "agent")))
    return (*sorted(found, key=lambda one: one.start_ms), ended)


def cases(count: int) -> Iterator[Case]:
    return (case(number) for number in range(count))
