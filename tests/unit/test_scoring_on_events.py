"""What the operators on the switch's events answer; and events joined with words."""

from typing import Any

import pytest

from scoring.case import Case, Happening, Kind
from scoring.formula import Outcome
from scoring.operators.agent_state import AgentStateAsked
from scoring.operators.hold import Hold
from scoring.operators.hold_notice import HoldNotice
from scoring.operators.survey import Survey
from scoring.operators.transfer import Transfer
from scoring.parse import parse_scheme
from scoring.rules import Role, Where
from scoring.score import score
from streams.vocabulary.ids import Millis
from tests.unit.asr_builders import dialogue
from tests.unit.scoring_ask import ask

HIT, MISS, DOUBT, NONE = Outcome.HIT, Outcome.MISS, Outcome.CANNOT_TELL, Outcome.NOT_APPLICABLE
SAID = dialogue("A: 请 稍等", "C: 好的", "...20000", "A: 久等 了", "C: 我 要 退订", "A: 好的")
"""请稍等 until 0.6 s, 好的 until 1.8 s; 久等了 from 21.8 s, 退订 ends at 24.0 s, 好的 from 24.8 s."""


def hold(start_ms: int, end_ms: int | None) -> Happening:
    return Happening(kind=Kind.HOLD, start_ms=start_ms, end_ms=end_ms)


def told(asked: Any, *happenings: Happening, where: Where | None = None, ended: bool = True) -> tuple[Outcome, str]:
    answer = ask(SAID, asked, where=where or Where(role=Role.AGENT), happenings=happenings, ended=ended)
    assert answer.reason.zh
    assert answer.reason.en
    return answer.outcome, answer.reason.key


@pytest.mark.parametrize(
    ("asked", "happenings", "outcome", "reason"),
    [
        (Hold(), (hold(2_000, 12_000),), HIT, "held_times"),
        (Hold(), (), MISS, "not_held"),
        (Hold(above_ms=9_999), (hold(2_000, 12_000),), HIT, "held_times"),
        (Hold(above_ms=10_000), (hold(2_000, 12_000),), MISS, "held_less"),
        (Hold(times=2), (hold(2_000, 4_000), hold(5_000, 6_000)), HIT, "held_times"),
        (Hold(times=3), (hold(2_000, 4_000), hold(5_000, 6_000)), MISS, "held_less"),
        (Hold(above_ms=2_500, sum=True), (hold(2_000, 4_000), hold(5_000, 6_000)), HIT, "held_times"),
        (Hold(above_ms=3_000, sum=True), (hold(2_000, 4_000), hold(5_000, 6_000)), MISS, "held_less"),
        (Hold(notice=("稍等",)), (hold(2_000, 12_000),), MISS, "held_announced"),
        (Hold(notice=("不要挂",)), (hold(2_000, 12_000),), HIT, "held_times"),
        (Hold(notice=("稍等",), within_ms=1_000), (hold(2_000, 12_000),), HIT, "held_times"),  # 稍等 was 1.4 s before
        (Hold(notice=("稍等",), within_ms=2_000), (hold(2_000, 12_000),), MISS, "held_announced"),
        (Hold(above_ms=3_000), (hold(20_000, None),), HIT, "held_times"),  # until the end, at 26.0 s
        (Transfer(), (Happening(kind=Kind.TRANSFER, start_ms=26_500, reason="blind"),), HIT, "transferred"),
        (Transfer(kind="attended"), (Happening(kind=Kind.TRANSFER, start_ms=1, reason="blind"),), MISS,
         "transferred_less"),
        (Transfer(target=("5001",)), (Happening(kind=Kind.TRANSFER, start_ms=1, target="5002"),), MISS,
         "transferred_less"),
        (AgentStateAsked(states=("wrap_up",), above_ms=30_000),
         (Happening(kind=Kind.AGENT_STATE, start_ms=26_000, end_ms=60_000, reason="wrap_up"),), HIT, "agent_was"),
        (AgentStateAsked(states=("not_ready/lunch",)),
         (Happening(kind=Kind.AGENT_STATE, start_ms=26_000, end_ms=60_000, reason="not_ready/other"),), MISS,
         "agent_was_not"),
        (Survey(below=3), (Happening(kind=Kind.SURVEY, start_ms=90_000, value=2),), HIT, "marked"),
        (Survey(below=3), (Happening(kind=Kind.SURVEY, start_ms=90_000, value=3),), MISS, "marked"),
        (Survey(below=3), (), NONE, "not_surveyed"),
        (Survey(below=3, question="solved"), (Happening(kind=Kind.SURVEY, start_ms=90_000, value=1),), NONE,
         "not_surveyed"),
    ],
)  # fmt: skip
def test_events(asked: Any, happenings: tuple[Happening, ...], outcome: Outcome, reason: str) -> None:
    """Each as the switch or another system told it."""
    assert told(asked, *happenings) == (outcome, reason)


@pytest.mark.parametrize(
    "asked",
    [Hold(), Transfer(), AgentStateAsked(states=("wrap_up",)), Survey(below=3)],
    ids=lambda one: type(one).__name__,
)
def test_without_the_switchs_events_nobody_can_tell(asked: Any) -> None:
    """A recording from elsewhere is no contact without holds."""
    answer = ask(SAID, asked, where=Where(role=Role.AGENT))
    assert (answer.outcome, answer.reason.key) == (DOUBT, "no_events")


@pytest.mark.parametrize(
    ("happenings", "outcome"),
    [((hold(20_000, None),), HIT), ((hold(25_000, None),), DOUBT), ((), DOUBT)],
)
def test_a_hold_that_goes_on_is_long_as_soon_as_it_is(happenings: tuple[Happening, ...], outcome: Outcome) -> None:
    """At 26.0 s, of a limit of 3 s."""
    assert told(Hold(above_ms=3_000), *happenings, ended=False)[0] is outcome


def test_a_hold_while_the_customer_talks_to_himself_needs_its_notice_too() -> None:
    """No silence tells of it: only the switch does."""
    talking = dialogue("A: 我 看看", "C: 怎么 这么 久", "C: 喂 喂", "C: 还 在 吗", "A: 好 了")
    assert ask(talking, HoldNotice(gap_ms=4_000, notice=("稍等",))).outcome is NONE
    answer = ask(talking, HoldNotice(gap_ms=4_000, notice=("稍等",)), happenings=(hold(1_000, 6_000),))
    assert (answer.outcome, answer.reason.key) == (MISS, "hold_unannounced")
    assert [(one.event, one.start_ms, one.end_ms) for one in answer.evidence] == [("hold", 1_000, 6_000)]


JOINED = """
[scheme]
name = "joined"
version = 1
zh = "词与事件"
en = "words and events"
[[item]]
id = "held_after"
zh = "退订前后保持过久"
en = "held long around a cancellation"
kind = "deduct"
points = 5
rule = "held_after"
[[rule]]
id = "held_after"
version = 1
[[rule.condition]]
id = "cancel"
operator = "keyword"
role = "customer"
any = ["退订"]
[[rule.condition]]
id = "held"
operator = "hold"
above = 60
around = "cancel"
within_seconds = 30
"""


@pytest.mark.parametrize(
    ("happenings", "outcome"),
    [
        ((hold(25_000, 90_000),), HIT),
        ((hold(25_000, 80_000),), MISS),  # 55 s
        ((hold(60_000, 130_000),), MISS),  # more than 30 s after it
        (None, DOUBT),
    ],
)
def test_a_hold_of_more_than_a_minute_within_half_a_minute_of_a_word(
    happenings: tuple[Happening, ...] | None, outcome: Outcome
) -> None:
    """“hold > 60 s within 30 s of 退订”, as a scheme says it."""
    long = dialogue(
        "A: 请 稍等", "C: 好的", "...20000", "A: 久等 了", "C: 我 要 退订", "A: 好的", "...120000", "A: 久等"
    )
    scheme = parse_scheme(JOINED, file="joined.toml")
    result = score(Case(transcript=long, happenings=happenings), scheme, scored_at=Millis(0))
    assert result.items[0].verdict.outcome is outcome
