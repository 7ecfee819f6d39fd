"""What the operators on words answer: a dialogue, what is asked, the outcome with its leaning, the reason."""

from typing import Any

import msgspec
import pytest

from asr.transcript import Span, Transcript
from scoring.formula import Outcome
from scoring.operators.answer import Answer
from scoring.operators.entity import Entity
from scoring.operators.keyword import Keyword
from scoring.operators.pattern import Pattern
from scoring.operators.registry import OPERATORS
from scoring.operators.repetition import Repetition
from scoring.operators.similar import Similar
from scoring.operators.sounds_like import SoundsLike
from scoring.rules import Role
from tests.unit.asr_builders import dialogue
from tests.unit.scoring_ask import ask

HIT, MISS, NONE = (Outcome.HIT, Outcome.HIT), (Outcome.MISS, Outcome.MISS), (Outcome.NOT_APPLICABLE,) * 2
PERHAPS, HARDLY = (Outcome.CANNOT_TELL, Outcome.HIT), (Outcome.CANNOT_TELL, Outcome.MISS)
Told = tuple[Outcome, Outcome]


def told(answer: Answer) -> tuple[Told, str]:
    """And both sentences can be read."""
    assert "{" not in answer.reason.zh + answer.reason.en
    return (answer.outcome, answer.leaning), answer.reason.key


GOODBYE = Keyword(any=("再见", "拜拜", "祝您愉快"), at_least=2)
SORRY = Keyword(any=("抱歉", "对不起"), times=3)


@pytest.mark.parametrize(
    ("asked", "lines", "outcome", "reason"),
    [
        (GOODBYE, ["A: 祝您 愉快 再见"], HIT, "found"),
        (GOODBYE, ["A: 再见 再见"], MISS, "too_few_phrases"),  # twice the same is one of them
        (GOODBYE, ["A: 再见 拜拜?"], PERHAPS, "found_in_doubt"),
        (SORRY, ["A: 抱歉", "C: 嗯", "A: 对不起 真的 抱歉"], HIT, "found_times"),
        (SORRY, ["A: 抱歉", "C: 对不起", "A: 抱歉"], MISS, "too_few_times"),  # the customer's does not count
        (SORRY, ["A: 抱歉 抱歉? 抱歉"], PERHAPS, "found_in_doubt"),
        (Keyword(any=("您好", "您好吗"), times=2), ["A: 您 好 吗"], MISS, "too_few_times"),  # one greeting
        (Keyword(any=("退订",), times=2), ["A: 退订退订"], HIT, "found_times"),  # twice in one word
        (Keyword(all=("您好", "服务")), ["A: 您好 服务?"], PERHAPS, "found_in_doubt"),  # each must be sure
        (Keyword(any=("好",), none=("不好",)), ["A: 好", "A: 不好?"], HARDLY, "found_in_doubt"),
    ],
)
def test_keywords_are_counted(asked: Keyword, lines: list[str], outcome: Told, reason: str) -> None:
    """`at_least` counts phrases, `times` occurrences."""
    assert told(ask(dialogue(*lines), asked)) == (outcome, reason)


REFUND = Pattern(pattern=r"(\d+|[一二三四五六七八九十]+)天(之?内)退")


@pytest.mark.parametrize(
    ("asked", "lines", "outcome", "reason"),
    [
        (REFUND, ["A: 三十 天 之内 退 给 您"], HIT, "found"),
        (REFUND, ["A: 以后 再 退"], MISS, "looked"),
        (REFUND, ["A: 三十? 天? 之内? 退?"], PERHAPS, "found_in_doubt"),
        (REFUND, ["A: 三? 四? 五?"], HARDLY, "low_confidence"),
        (REFUND, [], HARDLY, "nothing_heard"),
        (Pattern(pattern="VIP"), ["A: vip 客户"], HIT, "found"),
        (Pattern(pattern="不知道", excepted="帮您查"), ["A: 我 不知道 帮您查 一下"], MISS, "excepted"),
        (Pattern(pattern="不知道", excepted="帮您查"), ["A: 我 不知道", "C: 那 谁", "A: 不知道"], HIT, "found"),
        (Pattern(pattern="不知道", excepted="帮您查"), ["A: 我 不知道 帮您查?"], HARDLY, "excepted_in_doubt"),
        (Pattern(pattern="好的?", times=3), ["A: 好 好的", "C: 好", "A: 好"], HIT, "found_times"),
        (Pattern(pattern="好的?", times=3), ["A: 好 好的"], MISS, "too_few_times"),
    ],
)
def test_pattern(asked: Pattern, lines: list[str], outcome: Told, reason: str) -> None:
    """A match counts unless an exception stands in the same utterance."""
    assert told(ask(dialogue(*lines), asked)) == (outcome, reason)


GREETING = Similar(phrases=("您好请问有什么可以帮您",))


@pytest.mark.parametrize(
    ("asked", "lines", "outcome", "reason"),
    [
        (GREETING, ["A: 您好 请问 有 什么 可以 帮 您"], HIT, "similar"),
        (GREETING, ["A: 您好 请问 有 什么 能 帮到 您 的"], HIT, "similar"),  # 9 of 11 in a stretch of 11
        (GREETING, ["A: 您好"], MISS, "not_similar"),  # a part of it is not like it
        (GREETING, ["A: 喂", "...3000", "A: 请问 有 什么 可以 帮 您"], HIT, "similar"),  # its first words were cut off
        (GREETING, ["A: 您好 请问", "...1200", "A: 有 什么 可以 帮 您"], HIT, "similar"),  # over a short pause
        (GREETING, ["A: 请问 您 还有 什么 问题 吗"], MISS, "not_similar"),
        (GREETING, ["A: 您好? 请问? 有 什么 可以 帮 您"], PERHAPS, "found_in_doubt"),
        (GREETING, ["A: 那? 什么? 呢?"], HARDLY, "low_confidence"),
        (Similar(phrases=("how may i help you",)), ["A: how can i help you"], HIT, "similar"),
    ],
)
def test_similar(asked: Similar, lines: list[str], outcome: Told, reason: str) -> None:
    """A few characters more, less or other."""
    assert told(ask(dialogue(*lines), asked)) == (outcome, reason)


CANCEL = SoundsLike(phrases=("退订",))


@pytest.mark.parametrize(
    ("asked", "lines", "outcome", "reason"),
    [
        (CANCEL, ["A: 我 要 推丁"], HIT, "sounds_the_same"),
        (SoundsLike(phrases=("退订",), tones=True), ["A: 我 要 推丁"], MISS, "nothing_sounds_like"),  # tuī is not tuì
        (CANCEL, ["A: 我 要 退 定 业务"], HIT, "sounds_the_same"),
        (CANCEL, ["A: 我 要 退 定? 业务"], PERHAPS, "found_in_doubt"),
        (CANCEL, ["A: 推? 那? 什么?"], HARDLY, "low_confidence"),
        (CANCEL, ["A: 好的"], MISS, "nothing_sounds_like"),
        (SoundsLike(phrases=("投诉你们",), distance=1), ["A: 我 投诉 他们"], HIT, "sounds_like"),
        (SoundsLike(phrases=("投诉你们",)), ["A: 我 投诉 他们"], MISS, "nothing_sounds_like"),
    ],
)
def test_sounds_like(asked: SoundsLike, lines: list[str], outcome: Told, reason: str) -> None:
    """What the recogniser wrote with other characters."""
    assert told(ask(dialogue(*lines), asked)) == (outcome, reason)


AGAIN = Repetition(excepted=("嗯", "好的"))


@pytest.mark.parametrize(
    ("asked", "lines", "outcome", "reason"),
    [
        (AGAIN, ["A: 请 您 稍等 一下", "C: 好", "A: 请 您 稍等 一下"], HIT, "repeated"),
        (AGAIN, ["A: 请 您 稍等 一下", "C: 请 您 稍等 一下"], MISS, "not_repeated"),  # an echo is not a repetition
        (AGAIN, ["A: 嗯 嗯 好的", "C: 好", "A: 嗯 嗯 好的"], MISS, "not_repeated"),
        (AGAIN, ["A: 您好", "C: 好", "A: 您好"], MISS, "not_repeated"),  # too short
        (AGAIN, ["A: 请? 您? 稍等? 一下?", "C: 好", "A: 请 您 稍等 一下"], PERHAPS, "repeated_in_doubt"),
        (Repetition(times=2), ["A: 请 您 说话", "C: 好", "A: 请 您 说话"], MISS, "not_repeated"),
        (Repetition(times=2), ["A: 请 您 说话", "C: 好"] * 3, HIT, "repeated"),
        (
            Repetition(within_utterances=1),
            ["A: 请 您 说话", "C: 好", "A: 喂", "C: 好", "A: 请 您 说话"],
            MISS,
            "not_repeated",
        ),
    ],
)
def test_repetition(asked: Repetition, lines: list[str], outcome: Told, reason: str) -> None:
    """Each speaker is compared with himself."""
    assert told(ask(dialogue(*lines), asked)) == (outcome, reason)


@pytest.mark.parametrize(
    ("kinds", "said", "outcome", "reason"),
    [
        (("amount",), "每月 二十九 元", HIT, "entity"),
        (("amount",), "五 块 钱", HIT, "entity"),
        (("amount",), "29.9元 一个 月", HIT, "entity"),
        (("amount",), "我们 一块 去", MISS, "no_entity"),
        (("amount",), "一百 块 钱?", PERHAPS, "entity_in_doubt"),
        (("date",), "三 月 十五 号 到期", HIT, "entity"),
        (("date",), "二零二六 年 三 月", HIT, "entity"),
        (("date",), "每 个 月 都 要", MISS, "no_entity"),
        (("number",), "一共 三百 兆", HIT, "entity"),
        (("number",), "七八 个 人", MISS, "no_entity"),
        (("mobile",), "一三八零零一三八零零零", HIT, "entity"),  # a scheme that hides nothing
        (("mobile",), "二十九 元", MISS, "no_entity"),
        (("mobile",), "那? 什么? 呢?", HARDLY, "low_confidence"),
        (("mobile",), "号码 ●●●●", HARDLY, "hidden_unnamed"),
        (("amount",), "号码 ●●●●", MISS, "no_entity"),
    ],
)
def test_entity(kinds: tuple[str, ...], said: str, outcome: Told, reason: str) -> None:
    """Numbers as people say them."""
    assert told(ask(dialogue("A: " + said), Entity(kinds=kinds))) == (outcome, reason)


def test_a_hidden_number_is_known_by_its_span() -> None:
    """号码 is 0-0.4 s, the four ●●●● 0.4-1.2 s; the customer's span is not the agent's."""
    plain = dialogue("A: 号码 ●●●●", "C: 好")
    hidden = msgspec.structs.replace(plain, redacted=(Span(channel=0, start_ms=400, end_ms=1_200, kind="mobile"),))
    answer = ask(hidden, Entity(kinds=("id_card", "mobile")))
    assert told(answer) == (HIT, "entity")
    assert [(one.start_ms, one.end_ms, one.text) for one in answer.evidence] == [(400, 1_200, "●●●●")]
    assert told(ask(hidden, Entity(kinds=("id_card",)))) == (MISS, "no_entity")
    assert told(ask(hidden, Entity(kinds=("mobile",)), Role.CUSTOMER)) == (MISS, "no_entity")


@pytest.mark.parametrize(
    "asked",
    [
        Keyword(any=("退订",)),
        Pattern(pattern="退订"),
        Similar(phrases=("我要退订业务",)),
        SoundsLike(phrases=("退定",)),
    ],
)
def test_another_reading_of_what_was_not_clear_makes_a_hit_likelier(asked: Any) -> None:
    """The recogniser wrote 推丁 and was not sure; its second guess holds the phrase."""
    plain = dialogue("A: 我? 要? 堆? 顶? 业务?")
    (said,) = plain.utterances
    heard = msgspec.structs.replace(plain, utterances=(msgspec.structs.replace(said, alternatives=("我要退订业务",)),))
    assert told(ask(plain, asked))[0] == HARDLY
    assert told(ask(heard, asked)) == (PERHAPS, "alternative")


ALL: list[Any] = [
    Keyword(any=("再见",)),
    Pattern(pattern="再见"),
    Similar(phrases=("感谢您的来电再见",)),
    SoundsLike(phrases=("再见",)),
    Repetition(),
    Entity(kinds=("amount",)),
]


@pytest.mark.parametrize("asked", ALL, ids=lambda one: type(one).__name__)
def test_what_is_not_there_yet_may_still_come(asked: Any) -> None:
    """And what the recording cannot tell apart cannot be missing either."""
    assert told(ask(dialogue("A: 您好", "C: 喂"), asked)) == (MISS, told(ask(dialogue("A: 您好", "C: 喂"), asked))[1])
    assert told(ask(dialogue("A: 您好", "C: 喂"), asked, ended=False)) == (HARDLY, "not_over")
    assert told(ask(dialogue("A: 您好", "C: 喂", agent_channel=None), asked)) == (HARDLY, "no_roles")


@pytest.mark.parametrize("asked", ALL, ids=lambda one: type(one).__name__)
def test_speech_that_nobody_could_read_may_have_been_it(asked: Any) -> None:
    """Only the agent's."""
    lines = ("A: 您好", "C: 喂", "...5000")
    outcomes = [
        told(
            ask(dialogue(*lines, unread=(Span(channel=channel, start_ms=3_000, end_ms=5_000, kind="no_words"),)), asked)
        )[0]
        for channel in (0, 1)
    ]
    assert outcomes == [HARDLY, MISS]


@pytest.mark.parametrize(
    ("asked", "keys"),
    [
        (Keyword(), [""]),
        (Keyword(any=("好",), at_least=2), ["at_least"]),
        (Keyword(none=("好",), times=2), ["times"]),
        (Similar(phrases=("好的", "您好…服务", "好" * 61, "您好请问")), ["phrases"] * 3),
        (SoundsLike(phrases=("退", "退订", "退…订")), ["phrases"] * 2),
        (SoundsLike(phrases=("退订", "要退订"), distance=1), ["phrases"]),
        (Entity(kinds=("mobil", "amount")), ["kinds"]),
    ],
)
def test_settings_that_mean_nothing_are_faults_with_a_mend(asked: Any, keys: list[str]) -> None:
    """All of them at once."""
    spec = next(one for one in OPERATORS.values() if one.asked is type(asked))
    faults = list(spec.faults(asked))
    assert [key for key, _, _ in faults] == keys
    assert all(problem and mend for _, problem, mend in faults)


def test_text_without_words_is_found_with_the_utterance_as_its_place() -> None:
    """A chat has no word times."""
    plain: Transcript = dialogue("A: 您好 请问 有 什么 可以 帮 您")
    (said,) = plain.utterances
    chat = msgspec.structs.replace(plain, utterances=(msgspec.structs.replace(said, words=()),))
    (evidence,) = ask(chat, GREETING).evidence
    assert (evidence.start_ms, evidence.end_ms) == (said.start_ms, said.end_ms)
