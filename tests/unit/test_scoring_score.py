"""Items to points: intervals, fatal items, what does not apply."""

import json

import pytest

from scoring.case import Case
from scoring.parse import parse_scheme
from scoring.rules import Scheme
from scoring.score import ScoreResult, score
from scoring.service import score_transcript
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
