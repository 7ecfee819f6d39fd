"""One operator asked about one contact, as a rule would ask it."""

from typing import Any

from asr.transcript import Transcript
from scoring.case import Case, Happening
from scoring.formula import Name
from scoring.hearing import Hearing
from scoring.judge import judge
from scoring.operators.answer import Answer
from scoring.operators.registry import SPECS
from scoring.rules import Check, Condition, Role, Rule, Where

LEAST = 0.6
BY_SETTINGS = {spec.asked: spec for spec in SPECS}


def ask(
    transcript: Transcript,
    asked: Any,
    role: Role = Role.AGENT,
    where: Where | None = None,
    *,
    happenings: tuple[Happening, ...] | None = None,
    ended: bool = True,
) -> Answer:
    """`asked`: the settings of an operator; `where` replaces `role`."""
    spec = BY_SETTINGS[type(asked)]
    check = Check(id="c", operator=spec.name, asked=asked)
    condition = Condition(id="c", checks=(check,), formula=Name("c"), where=where or Where(role=role))
    rule = Rule(id="r", version=1, formula=Name("c"), conditions=(condition,))
    case = Case(transcript=transcript, happenings=happenings, ended=ended)
    verdict = judge(Hearing(case=case, least_confidence=LEAST), rule)
    return Answer(
        outcome=verdict.outcome,
        leaning=verdict.leaning,
        reason=verdict.reason,
        evidence=tuple(one.evidence for one in verdict.evidence),
    )
