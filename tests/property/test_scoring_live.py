"""Live and afterwards agree: for every operator, whatever is said and however it comes."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace as with_fields

from asr.transcript import Utterance
from scoring.case import LASTING, Case, Happening
from scoring.formula import Outcome
from scoring.hearing import Hearing
from scoring.index import compile_scheme, hear, verdicts
from scoring.judge import Verdict, judge
from scoring.live import Live
from scoring.operators.registry import SPECS
from scoring.operators.spec import Spec
from scoring.rules import Rule
from tests.property.scoring_worlds import cases, rules, scheme_of

Step = Utterance | Happening | int
EXAMPLES = 8 if (asked := settings().max_examples) <= 100 else asked // 10
"""For each operator: some two hundred contacts in all, within seconds; nightly as its profile says, some minutes."""


def steps(case: Case, ticks: bool) -> Iterator[Step]:
    """Utterances when they are over, happenings when they begin and end; ticks as soon as all before is known."""
    told: list[tuple[int, int, Any]] = [(one.end_ms, 1, one) for one in case.transcript.utterances]
    for one in case.happenings or ():
        if one.kind in LASTING and one.end_ms is not None:
            told += [(one.start_ms, 0, replace(one, end_ms=None)), (one.end_ms, 0, one)]
        else:
            told.append((one.start_ms, 0, one))
    told.sort(key=lambda each: each[:2])
    for number, (at, _, one) in enumerate(told):
        yield one
        if ticks:
            begin = min((left.start_ms for _, _, left in told[number + 1 :] if isinstance(left, Utterance)), default=at)
            yield min(at, begin)


def played(case: Case, rule_list: list[Rule], ticks: bool) -> Iterator[tuple[Live, tuple[Verdict, ...]]]:
    """The live judge and what it says after each step; last when the contact is over."""
    compiled = compile_scheme(scheme_of(rule_list))
    transcript = with_fields(case.transcript, utterances=(), duration_ms=0)
    begun = replace(case, transcript=transcript, happenings=None if case.happenings is None else (), ended=False)
    live = Live(compiled, begun)
    yield live, live.verdicts
    for step in steps(case, ticks):
        if isinstance(step, int):
            live.advance(step)
        else:
            live.feed(step)
        yield live, live.verdicts
    live.finish(case.transcript.duration_ms)
    yield live, live.verdicts


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
@settings(
    deadline=None, max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
@given(data=st.data())
def test_live_says_after_each_step_what_a_judge_of_all_so_far_says(spec: Spec[Any], data: st.DataObject) -> None:
    """And what it once said surely it says for ever; at the end it says what was said afterwards."""
    case = data.draw(cases(most=3))
    each = data.draw(st.lists(rules((spec, SPECS[0])), min_size=1, max_size=2))
    ticks = data.draw(st.booleans())
    stood: dict[int, Verdict] = {}
    for live, now in played(case, each, ticks):
        for number, (rule, verdict) in enumerate(zip(each, now, strict=True)):
            asked = judge(Hearing(case=live.case, least_confidence=0.6), rule)
            assert (verdict.outcome, verdict.leaning) == (asked.outcome, asked.leaning)
            sure = stood.get(number)
            assert sure is None or sure.outcome is verdict.outcome
            if verdict.outcome is not Outcome.CANNOT_TELL:
                stood.setdefault(number, verdict)
    compiled = compile_scheme(scheme_of(each))
    assert now == verdicts(hear(case, compiled), compiled)
