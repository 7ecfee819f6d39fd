"""Items to points: intervals, fatal items, what does not apply."""

import json

import pytest

from asr.transcript import Span
from scoring.case import Case
from scoring.formula import Outcome
from scoring.parse import parse_scheme
from scoring.rules import Scheme
from scoring.score import ScoreResult, score
from scoring.service import score_case, score_transcript
from streams.vocabulary.ids import Millis
from tests.unit.asr_builders import dialogue

SCHEME_TEXT = """
[scheme]
name = "t"
version = 3
zh = "测试"
en = "Test"
pass_percent = 60

[[item]]
id = "greeting"
zh = "开头语"
en = "Greeting"
kind = "earn"
points = 40
rule = "greeting"
[[item]]
id = "hold"
zh = "等待告知"
en = "Hold notice"
kind = "earn"
points = 60
rule = "hold"
[[item]]
id = "shirking"
zh = "推诿"
en = "Shirking"
kind = "deduct"
points = 30
rule = "shirking"
[[item]]
id = "insult"
zh = "辱骂"
en = "Insult"
kind = "fatal"
rule = "insult"
[[item]]
id = "escalation"
zh = "升级"
en = "Escalation"
kind = "tag"
rule = "escalation"

[[rule]]
id = "greeting"
version = 1
[[rule.condition]]
id = "says"
operator = "keyword"
role = "agent"
any = ["您好"]
[[rule]]
id = "hold"
version = 1
[[rule.condition]]
id = "told"
operator = "hold_notice"
role = "agent"
seconds = 8
notice = ["稍等"]
[[rule]]
id = "shirking"
version = 1
[[rule.condition]]
id = "says"
operator = "keyword"
role = "agent"
any = ["不知道"]
[[rule]]
id = "insult"
version = 2
[[rule.condition]]
id = "says"
operator = "keyword"
role = "agent"
any = ["真烦"]
[[rule]]
id = "escalation"
version = 1
[[rule.condition]]
id = "threatens"
operator = "keyword"
role = "customer"
any = ["工信部"]
"""


def scheme() -> Scheme:
    return parse_scheme(SCHEME_TEXT, file="t.toml")


def scored(*lines: str) -> ScoreResult:
    return score(Case(transcript=dialogue(*lines)), scheme(), scored_at=Millis(1))


@pytest.mark.parametrize(
    ("lines", "low", "best", "high", "most", "passed", "fatal"),
    [
        # greeting 40; no hold, so its 60 do not count
        (("A: 您好", "C: 喂"), 40, 40, 40, 40, True, False),
        (("A: 喂", "C: 喂"), 0, 0, 0, 40, False, False),
        # greeting and announced hold
        (("A: 您好 稍等", "...9000", "C: 喂"), 100, 100, 100, 100, True, False),
        (("A: 您好", "...9000", "C: 喂"), 40, 40, 40, 100, False, False),
        (("A: 您好 不知道", "C: 喂"), 10, 10, 10, 40, False, False),
        (("A: 喂 不知道", "C: 喂"), 0, 0, 0, 40, False, False),  # never below zero
        (("A: 您好 真烦", "C: 喂"), 0, 0, 0, 40, False, True),
        (("A: 您好", "C: 工信部"), 40, 40, 40, 40, True, False),  # a tag moves nothing
        # doubt widens the interval and leans to what was heard
        (("A: 您好?", "C: 喂"), 0, 40, 40, 40, True, False),
        (("A: 您好 不知道?", "C: 喂"), 10, 10, 40, 40, False, False),
        # a doubtful fatal item lowers the low end only: nobody loses all points to a guess
        (("A: 您好 真烦?", "C: 喂"), 0, 40, 40, 40, True, False),
    ],
)
def test_points(
    lines: tuple[str, ...], low: float, best: float, high: float, most: float, passed: bool, fatal: bool
) -> None:
    """40 for the greeting, 60 for an announced hold, 30 off for shirking, all for an insult; 60 % passes."""
    result = scored(*lines)
    assert (result.points.low, result.points.best, result.points.high) == (low, best, high)
    assert (result.points_max, result.passed, result.fatal) == (most, passed, fatal)


@pytest.mark.parametrize(
    ("lines", "decides"),
    [
        (("A: 您好", "C: 喂"), False),
        (("A: 您好?", "C: 喂"), True),
        (("A: 您好 真烦?", "C: 喂"), True),
        (("A: 喂 真烦?", "C: 喂"), False),  # it fails either way
    ],
)
def test_only_a_doubt_that_could_turn_the_outcome_needs_a_person(lines: tuple[str, ...], decides: bool) -> None:
    """Inspectors hear what matters."""
    assert scored(*lines).doubt_decides is decides


def test_the_fact_carries_evidence_that_can_be_read_and_heard() -> None:
    """The JSON of docs/rules.md, in both languages."""
    fact = score_transcript(dialogue("A: 您好 真烦", "C: 喂"), scheme(), scored_at=Millis(77))
    assert (fact.scheme, fact.scheme_version, fact.ver, fact.scored_at, fact.fatal) == ("t", 3, 77, 77, True)
    items = {item["id"]: item for item in json.loads(fact.items)}
    insult = items["insult"]
    assert (insult["kind"], insult["outcome"], insult["rule"], insult["rule_version"]) == ("fatal", "hit", "insult", 2)
    assert insult["evidence"] == [
        {
            "condition": "says",
            "operator": "keyword",
            "role": "agent",
            "utterance": 0,
            "start_ms": 400,
            "end_ms": 800,
            "text": "真烦",
            "event": "",
            "confidence": 1.0,
        }
    ]
    assert insult["reason"]["zh"] == "在第 0.4 秒说到“真烦”"
    assert insult["reason"]["en"] == "said “真烦” at 0.4 s"
    assert (
        items["shirking"]["reason"]["en"] == "looked through 1 utterances of the agent in the whole contact: not said"
    )
    assert items["hold"]["outcome"] == "not_applicable"


LIMITED = """
[scheme]
name = "l"
version = 1
zh = "限"
en = "Limited"
pass_percent = 60
[[dimension]]
id = "manner"
zh = "态度"
en = "Manner"
floor = -10
[[dimension]]
id = "service"
zh = "服务"
en = "Service"
ceiling = 15
[[item]]
id = "greeting"
zh = "问候"
en = "Greeting"
kind = "earn"
points = 40
rule = "greeting"
[[item]]
id = "thanks"
zh = "致谢"
en = "Thanks"
kind = "add"
points = 4
per = "hit"
most = 10
rule = "thanks"
dimension = "service"
[[item]]
id = "wish"
zh = "祝福"
en = "Wish"
kind = "add"
points = 8
rule = "wish"
dimension = "service"
[[item]]
id = "shirking"
zh = "推诿"
en = "Shirking"
kind = "deduct"
points = 6
per = "hit"
rule = "shirking"
dimension = "manner"
""" + "".join(
    f'[[rule]]\nid = "{name}"\nversion = 1\n[[rule.condition]]\nid = "c"\noperator = "keyword"\nrole = "agent"\n'
    f'any = ["{phrase}"]\n'
    for name, phrase in (("greeting", "您好"), ("thanks", "谢谢"), ("wish", "祝您"), ("shirking", "不知道"))
)


def limited(*lines: str) -> ScoreResult:
    case = Case(transcript=dialogue(*lines))
    return score(case, parse_scheme(LIMITED, file="l.toml"), scored_at=Millis(1))


@pytest.mark.parametrize(
    ("line", "low", "best", "high"),
    [
        ("A: 您好", 40, 40, 40),
        ("A: 您好 谢谢 好 谢谢", 48, 48, 48),  # 4 for each
        ("A: 您好 谢谢 好 谢谢 好 谢谢", 50, 50, 50),  # 10 at most
        ("A: 您好 谢谢 好 谢谢 好 谢谢 祝您", 55, 55, 55),  # 10 and 8, of which the dimension gives 15
        ("A: 您好 不知道 好 不知道", 30, 30, 30),  # 12 off, of which the dimension takes 10
        ("A: 您好 谢谢 好 谢谢?", 44, 48, 48),  # one of two hits is in doubt
        ("A: 您好 不知道 好 不知道?", 30, 30, 34),
    ],
)
def test_hits_count_up_to_a_limit_and_dimensions_limit_their_items(
    line: str, low: float, best: float, high: float
) -> None:
    """What is earned is 40 in any case: what is added counts beyond it."""
    result = limited(line)
    assert (result.points.low, result.points.best, result.points.high) == (low, best, high)
    assert result.points_max == 40


def test_what_cannot_change_the_outcome_is_for_nobody() -> None:
    """A doubtful wish behind a full dimension; the doubtful greeting is to be heard, at its word."""
    result = limited("A: 您好? 谢谢 好 谢谢 好 谢谢 祝您 谢谢 祝您?")
    items = {one.item.id: one for one in result.items}
    assert [name for name, one in items.items() if one.matters] == ["greeting"]
    assert [(one.start_ms, one.end_ms) for one in items["greeting"].listen] == [(0, 400)]


def test_speech_nobody_could_read_is_what_to_listen_to() -> None:
    """Only within the range in doubt: the first five seconds, on the agent's channel."""
    text = SCHEME_TEXT.replace('role = "agent"\nany = ["您好"]', 'role = "agent"\nfirst_seconds = 5\nany = ["您好"]')
    unread = (
        Span(channel=0, start_ms=4_000, end_ms=9_000, kind="no_words"),
        Span(channel=1, start_ms=0, end_ms=2_000, kind="no_words"),
    )
    transcript = dialogue("A: 喂喂", "C: 喂", "...9000", "A: 好的", unread=unread)
    result = score(Case(transcript=transcript), parse_scheme(text, file="t.toml"), scored_at=Millis(1))
    greeting = result.items[0]
    assert (greeting.verdict.outcome, greeting.matters) == (Outcome.CANNOT_TELL, True)
    assert [(one.start_ms, one.end_ms) for one in greeting.listen] == [(4_000, 5_000)]


def test_the_fact_says_what_to_hear_and_which_dimension_an_item_is_of() -> None:
    """Keys of before keep their meaning."""
    case = Case(transcript=dialogue("A: 您好? 不知道"))
    fact = score_case(case, parse_scheme(LIMITED, file="l.toml"), scored_at=Millis(1))
    items = {item["id"]: item for item in json.loads(fact.items)}
    assert items["greeting"]["listen"] == [{"start_ms": 0, "end_ms": 400}]
    assert (items["greeting"]["matters"], items["greeting"]["dimension"]) == (True, None)
    assert items["shirking"]["dimension"] == {"id": "manner", "zh": "态度", "en": "Manner"}
    assert (items["shirking"]["per"], items["shirking"]["hits"], items["shirking"]["points"]) == ("hit", 1, -6.0)
