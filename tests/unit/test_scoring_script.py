"""Scripts: steps in their order, with limits, optional steps, alternatives and branches; what is amiss is named."""

import pytest

from scoring.formula import Outcome
from scoring.operators._script_plan import Step
from scoring.operators.registry import OPERATORS
from scoring.operators.script import Script
from scoring.parse import parse_scheme
from scoring.rules import Role
from tests.unit.asr_builders import dialogue
from tests.unit.scoring_ask import ask

HIT, MISS = (Outcome.HIT, Outcome.HIT), (Outcome.MISS, Outcome.MISS)
PERHAPS, HARDLY = (Outcome.CANNOT_TELL, Outcome.HIT), (Outcome.CANNOT_TELL, Outcome.MISS)

GREET = Step(id="greet", any=("您好",))
VERIFY = Step(id="verify", any=("身份证",))
CODE = Step(id="code", any=("验证码",), instead_of="verify")
DO = Step(id="do", any=("办理",))
PLAIN = (GREET, VERIFY, DO)


@pytest.mark.parametrize(
    ("steps", "lines", "outcome", "reason", "step"),
    [
        (PLAIN, ["A: 您好", "A: 身份证", "A: 办理"], HIT, "script_followed", ""),
        (PLAIN, ["A: 您好", "A: 办理"], MISS, "script_missing", "verify"),
        (PLAIN, ["A: 您好", "C: 身份证", "A: 办理"], MISS, "script_missing", "verify"),  # not his role
        (PLAIN, ["A: 您好", "A: 办理", "A: 身份证"], MISS, "script_order", "do"),
        (PLAIN, ["A: 办理", "A: 您好", "A: 身份证", "A: 办理"], HIT, "script_followed", ""),  # once in its place
        (PLAIN, ["A: 办理"], MISS, "script_missing", "greet"),  # the first that lacks is named
        (PLAIN, ["A: 您好", "A: 身份证?", "A: 办理"], PERHAPS, "found_in_doubt", ""),
        (PLAIN, ["A: 您好", "A: 那? 什么? 呢?", "A: 办理"], HARDLY, "low_confidence", ""),
        ((GREET, VERIFY, CODE, DO), ["A: 您好", "A: 验证码", "A: 办理"], HIT, "script_followed", ""),
        ((GREET, VERIFY, CODE, DO), ["A: 您好", "A: 办理"], MISS, "script_missing", "verify"),
        (
            (GREET, Step(id="verify", any=("身份证",), optional=True), DO),
            ["A: 您好", "A: 办理"],
            HIT,
            "script_followed",
            "",
        ),
        (
            (GREET, Step(id="name", any=("工号",), anytime=True), DO),
            ["A: 工号", "A: 您好", "A: 办理"],
            HIT,
            "script_followed",
            "",
        ),
    ],
)
def test_steps(steps: tuple[Step, ...], lines: list[str], outcome: object, reason: str, step: str) -> None:
    """One after the other."""
    answer = ask(dialogue(*lines), Script(steps=steps))
    assert ((answer.outcome, answer.leaning), answer.reason.key) == (outcome, reason)
    assert answer.reason.params.get("step", "") == step
    assert "{" not in answer.reason.zh + answer.reason.en


SOON = (GREET, Step(id="verify", any=("身份证",), within_ms=5_000))
NEXT = (GREET, Step(id="verify", any=("身份证",), within_utterances=1))
AT_ONCE = (Step(id="greet", any=("您好",), within_ms=3_000),)


@pytest.mark.parametrize(
    ("steps", "lines", "outcome", "reason"),
    [
        (SOON, ["A: 您好", "...5000", "A: 身份证"], HIT, "script_followed"),
        (SOON, ["A: 您好", "...5001", "A: 身份证"], MISS, "script_late"),
        (SOON, ["A: 您好", "...9000", "A: 您好", "A: 身份证"], HIT, "script_followed"),  # behind the second greeting
        (NEXT, ["A: 您好", "C: 你好", "A: 身份证"], HIT, "script_followed"),  # the customer's do not count
        (NEXT, ["A: 您好", "A: 那个", "A: 身份证"], MISS, "script_late"),
        (NEXT, ["A: 您好 身份证"], HIT, "script_followed"),
        (AT_ONCE, ["...3000", "A: 您好"], HIT, "script_followed"),
        (AT_ONCE, ["...4000", "A: 您好"], MISS, "script_late"),
    ],
)
def test_limits(steps: tuple[Step, ...], lines: list[str], outcome: object, reason: str) -> None:
    """Seconds from the end of the step before; utterances begun since, up to the one that holds the step."""
    answer = ask(dialogue(*lines), Script(steps=steps))
    assert ((answer.outcome, answer.leaning), answer.reason.key) == (outcome, reason)


OFFER = Step(id="offer", any=("要不要办",), role="agent")
YES = Step(id="yes", any=("好的",), role="customer")
NO = Step(id="no", any=("不要",), role="customer", instead_of="yes")
PERSUADE = Step(id="persuade", any=("优惠",), role="agent", after=("no",))
CLOSE = Step(id="close", any=("再见",), role="agent", after=("yes", "persuade"))
SALE = (OFFER, YES, NO, PERSUADE, CLOSE)


@pytest.mark.parametrize(
    ("lines", "outcome", "step"),
    [
        (["A: 要不要办", "C: 好的", "A: 再见"], HIT, ""),
        (["A: 要不要办", "C: 不要", "A: 优惠", "A: 再见"], HIT, ""),
        (["A: 要不要办", "C: 不要", "A: 再见"], MISS, "persuade"),
        (["A: 要不要办", "C: 不要", "A: 优惠"], MISS, "close"),
        (["A: 要不要办", "C: 好的"], MISS, "close"),
        (["A: 要不要办", "A: 好的", "A: 再见"], MISS, "yes"),  # the agent said it himself
        (["A: 要不要办", "C: 不要?", "A: 优惠", "A: 再见"], PERHAPS, ""),
    ],
)
def test_a_branch_counts_only_where_it_was_taken(lines: list[str], outcome: object, step: str) -> None:
    """Who is refused must name the discount; who is not need not."""
    answer = ask(dialogue(*lines), Script(steps=SALE), Role.ANY)
    assert (answer.outcome, answer.leaning) == outcome
    assert answer.reason.params.get("step", "") == step


def test_the_reason_says_where_the_step_was_looked_for() -> None:
    """您好 ends at 0.4 s; behind it the agent said one thing."""
    answer = ask(dialogue("A: 您好", "C: 喂", "A: 办理"), Script(steps=PLAIN))
    assert answer.reason.params["after_s"] == 0.4
    assert answer.reason.params["utterances"] == 1
    assert [one.text for one in answer.evidence] == ["您好", "办理"]


def test_a_script_that_goes_on_lacks_nothing_yet() -> None:
    """Followed so far is followed only where no branch is left."""
    lines = ("A: 要不要办", "C: 好的", "A: 再见")
    so_far = ask(dialogue(*lines[:2]), Script(steps=SALE), Role.ANY, ended=False)
    done = ask(dialogue(*lines), Script(steps=SALE), Role.ANY, ended=False)
    plain = ask(dialogue("A: 您好", "A: 身份证", "A: 办理"), Script(steps=PLAIN), ended=False)
    assert [(one.outcome, one.leaning) for one in (so_far, done, plain)] == [HARDLY, PERHAPS, HIT]


WRITTEN = """
[scheme]
name = "x"
version = 1
zh = "试"
en = "try"
pass_percent = 80
least_confidence = 0.6
[[item]]
id = "sale"
zh = "销售"
en = "sale"
kind = "earn"
points = 1
rule = "sale"
[[rule]]
id = "sale"
version = 1
[[rule.condition]]
id = "flow"
role = "any"
operator = "script"
step = [
  { id = "offer", any = ["要不要办"], role = "agent" },
  { id = "yes", any = ["好的"], role = "customer" },
  { id = "no", any = ["不要"], role = "customer", instead_of = "yes" },
  { id = "persuade", any = ["优惠"], role = "agent", after = ["no"] },
  { id = "close", any = ["再见"], role = "agent", after = ["yes", "persuade"] },
]
"""


def test_a_script_is_read_as_it_is_written() -> None:
    """The sale with its branch."""
    (check,) = parse_scheme(WRITTEN, file="x.toml").items[0].rule.conditions[0].checks
    assert check.asked == Script(steps=SALE)


@pytest.mark.parametrize(
    ("steps", "count"),
    [
        ((), 1),
        ((GREET, GREET), 1),
        ((GREET, Step(id="a", any=("x",), after=("nobody", "a"))), 2),
        ((CODE, VERIFY), 1),  # an alternative stands behind what it stands for
        ((GREET, VERIFY, CODE, Step(id="c", any=("x",), instead_of="code")), 1),
        ((GREET, Step(id="a", any=("x",), after=("b",)), Step(id="b", any=("x",), after=("a",))), 1),
        ((GREET, Step(id="a", any=("x",), after=("greet",), anytime=True)), 1),
        ((GREET, VERIFY, Step(id="a", any=("x",), instead_of="verify", optional=True)), 1),
        (SALE, 0),
    ],
)
def test_scripts_that_cannot_be_followed_are_faults(steps: tuple[Step, ...], count: int) -> None:
    """Each with its mend."""
    faults = list(OPERATORS["script"].faults(Script(steps=steps)))
    assert len(faults) == count
    assert all(key == "step" and problem and mend for key, problem, mend in faults)
