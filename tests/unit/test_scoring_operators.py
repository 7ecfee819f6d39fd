"""What each operator answers: a dialogue, a condition, the outcome and the seconds to listen to."""

import pytest

from asr.transcript import Span
from scoring.formula import Outcome
from scoring.operators.hold_notice import HoldNotice
from scoring.operators.keyword import Keyword
from scoring.operators.ordered import Ordered
from scoring.rules import Role, Where
from tests.unit.asr_builders import dialogue
from tests.unit.scoring_ask import ask

HIT, MISS, DOUBT, NONE = Outcome.HIT, Outcome.MISS, Outcome.CANNOT_TELL, Outcome.NOT_APPLICABLE
GREETED = ("A: 您好 很 高兴 为 您 服务", "C: 您好 我 想 查 话费", "A: 好的")


@pytest.mark.parametrize(
    ("operator", "where", "outcome", "reason"),
    [
        (Keyword(any=("您好", "你好")), Where(role=Role.AGENT), HIT, "found"),
        (Keyword(any=("为您服务",)), Where(role=Role.AGENT), HIT, "found"),  # over three words
        (Keyword(any=("您好…服务",)), Where(role=Role.AGENT), HIT, "found"),  # with six characters between
        (Keyword(any=("您好…话费",)), Where(role=Role.AGENT), MISS, "looked"),  # never over to the other side
        (Keyword(any=("话费",)), Where(role=Role.AGENT), MISS, "looked"),  # the customer's word
        (Keyword(any=("话费",)), Where(role=Role.ANY), HIT, "found"),
        (Keyword(all=("您好", "服务")), Where(role=Role.AGENT), HIT, "found"),
        (Keyword(all=("您好", "再见")), Where(role=Role.AGENT), MISS, "part_said"),
        (Keyword(any=("服务",), none=("话费",)), Where(role=Role.ANY), MISS, "found"),  # the banned word is named
        (Keyword(none=("再见",)), Where(role=Role.AGENT), HIT, "none_said"),
        (Keyword(any=("好的",)), Where(role=Role.AGENT, first_utterances=1), MISS, "looked"),
        (Keyword(any=("好的",)), Where(role=Role.AGENT, last_utterances=1), HIT, "found"),
        # 您好很高兴为您服务 is 0-1.8 s, the customer 2.6-4.0 s, 好的 4.8-5.2 s, the end at 6.0 s
        (Keyword(any=("好的",)), Where(role=Role.AGENT, first_ms=4_800), MISS, "looked"),
        (Keyword(any=("好的",)), Where(role=Role.AGENT, first_ms=4_801), HIT, "found"),
        (Keyword(any=("服务",)), Where(role=Role.AGENT, last_ms=4_200), MISS, "looked"),
        (Keyword(any=("服务",)), Where(role=Role.AGENT, last_ms=4_201), HIT, "found"),
    ],
)
def test_keyword(operator: Keyword, where: Where, outcome: Outcome, reason: str) -> None:
    """Phrases, roles and ranges."""
    answer = ask(dialogue(*GREETED), operator, where=where)
    assert (answer.outcome, answer.reason.key) == (outcome, reason)


def test_evidence_names_utterance_words_and_time() -> None:
    """为您服务 in 您好很高兴为您服务: characters 5-9, 200 ms each."""
    operator = Keyword(any=("为您服务",))
    (evidence,) = ask(dialogue(*GREETED), operator).evidence
    assert (evidence.utterance, evidence.role, evidence.text) == (0, "agent", "为您服务")
    assert (evidence.start_ms, evidence.end_ms, evidence.confidence) == (1_000, 1_800, 1.0)


def test_a_phrase_is_found_over_a_short_pause_but_not_over_a_long_one() -> None:
    """The recogniser cuts at pauses; people do not stop their sentence there."""
    operator = Keyword(any=("为您服务",))
    short = dialogue("A: 很 高兴 为 您", "...1400", "A: 服务")
    long = dialogue("A: 很 高兴 为 您", "...1600", "A: 服务")
    assert [ask(one, operator).outcome for one in (short, long)] == [HIT, MISS]


@pytest.mark.parametrize(
    ("lines", "leaning", "reason"),
    [
        (("A: 您好?", "C: 喂"), HIT, "found_in_doubt"),  # heard, but weakly
        (("A: 那个? 什么? 呢?", "C: 喂"), MISS, "low_confidence"),  # mumbled: it may have been said
        ((), MISS, "nothing_heard"),
    ],
)
def test_doubt_is_an_outcome_with_a_leaning(lines: tuple[str, ...], leaning: Outcome, reason: str) -> None:
    """A person hears these seconds; the score is an interval until then."""
    operator = Keyword(any=("您好",))
    answer = ask(dialogue(*lines), operator)
    assert (answer.outcome, answer.leaning, answer.reason.key) == (DOUBT, leaning, reason)


@pytest.mark.parametrize(
    ("channel", "where", "outcome"),
    [
        (0, Where(role=Role.AGENT), DOUBT),
        (1, Where(role=Role.AGENT), MISS),  # the customer's mumbling hides no greeting of the agent
        (0, Where(role=Role.AGENT, first_ms=3_000), MISS),  # it was later than where one looks
    ],
)
def test_unread_speech_makes_an_absence_doubtful(channel: int, where: Where, outcome: Outcome) -> None:
    """Only where the role could have said it."""
    operator = Keyword(any=("再见",))
    unread = (Span(channel=channel, start_ms=4_000, end_ms=7_000, kind="no_words"),)
    transcript = dialogue("A: 喂", "C: 喂", "...10000", unread=unread)
    assert ask(transcript, operator, where=where).outcome is outcome


def test_a_transcript_without_roles_cannot_tell_who_spoke() -> None:
    """Mono recordings degrade to cannot_tell, not to miss."""
    operator = Keyword(any=("再见",))
    answer = ask(dialogue("A: 您好", "C: 喂", agent_channel=None), operator)
    assert (answer.outcome, answer.reason.key) == (DOUBT, "no_roles")


CONFIRM = Ordered(first=("确认…吗",), then=("开通成功",))


@pytest.mark.parametrize(
    ("lines", "outcome", "reason"),
    [
        (("A: 请问 您 确认 开通 吗", "C: 好", "A: 已经 开通 成功"), HIT, "confirmed_first"),
        (("A: 已经 开通 成功", "C: 好", "A: 请问 您 确认 开通 吗"), MISS, "not_confirmed_first"),  # too late
        (("C: 确认 开通 吗", "A: 已经 开通 成功"), MISS, "not_confirmed_first"),  # the customer asked
        (("A: 请问 您 确认 开通 吗", "C: 不"), NONE, "not_reported"),
        (("A: 请问 您 确认? 开通? 吗?", "C: 好", "A: 已经 开通 成功"), DOUBT, "found_in_doubt"),
        (("A: 好的", "A: 已经 开通? 成功?"), DOUBT, "found_in_doubt"),
        (("A: 跟 您? 说? 了?", "...2000", "A: 已经 开通 成功"), DOUBT, "low_confidence"),
    ],
)
def test_ordered(lines: tuple[str, ...], outcome: Outcome, reason: str) -> None:
    """Confirmation before the change is reported."""
    answer = ask(dialogue(*lines), CONFIRM)
    assert (answer.outcome, answer.reason.key) == (outcome, reason)


HOLD = HoldNotice(gap_ms=8_000, notice=("稍等", "不要挂"))


@pytest.mark.parametrize(
    ("lines", "outcome", "reason"),
    [
        (("A: 请 您 稍等", "...8000", "A: 久等 了"), HIT, "silence_announced"),
        (("A: 请 您 稍等", "C: 好", "...8000", "A: 久等 了"), HIT, "silence_announced"),  # the customer spoke between
        (("A: 请 您 稍等", "A: 好的", "...1600", "A: 我 看看", "...8000", "C: 喂"), MISS, "silence_unannounced"),
        (("A: 您 的 身份证", "C: 七七", "...8000", "C: 喂"), MISS, "silence_unannounced"),
        (("A: 请 您 稍等", "...7999", "A: 久等 了"), NONE, "no_silence"),
        (("A: 再见", "...20000"), NONE, "no_silence"),  # the tail is hanging up
        (("A: 请 您 稍等?", "...8000", "A: 久等 了"), DOUBT, "found_in_doubt"),
        (("A: 稍等", "...8000", "A: 好", "...8000", "A: 好"), MISS, "silence_unannounced"),  # one of two
    ],
)
def test_hold_notice(lines: tuple[str, ...], outcome: Outcome, reason: str) -> None:
    """A silence of eight seconds and more needs its notice in the agent's last turn."""
    answer = ask(dialogue(*lines), HOLD)
    assert (answer.outcome, answer.reason.key) == (outcome, reason)


def test_a_silence_is_evidence_without_text() -> None:
    """您的身份证 ends at 1 s; 8 s later the customer speaks."""
    (silence,) = ask(dialogue("A: 您 的 身份证", "...8000", "C: 喂"), HOLD).evidence
    assert (silence.text, silence.start_ms, silence.end_ms) == ("", 1_000, 9_000)


def test_unread_speech_in_a_silence_makes_it_doubtful() -> None:
    """Somebody may have been talking to the customer all the while."""
    unread = (Span(channel=0, start_ms=2_000, end_ms=8_000, kind="no_words"),)
    transcript = dialogue("A: 您 的 身份证", "...8000", "C: 喂", unread=unread)
    assert ask(transcript, HOLD).outcome is DOUBT
