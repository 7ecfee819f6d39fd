"""The packs that apply on the demo calls as they were written: no recogniser between."""

import pytest

from scoring.case import Case
from scoring.library import load_scheme
from scoring.score import score
from streams.vocabulary.ids import Millis
from tests.unit.demo_truth import APPLY, DemoCall, demo_calls

SCHEME = load_scheme("telecom-service.zh")
CALLS = demo_calls()


@pytest.mark.parametrize("pack", APPLY)
@pytest.mark.parametrize("call", CALLS, ids=[call.name for call in CALLS])
def test_every_item_answers_as_labelled(call: DemoCall, pack: str) -> None:
    """All steps present and missing, all that is forbidden, all signs of risk, nothing else."""
    result = score(Case(transcript=call.transcript), load_scheme(pack), scored_at=Millis(0))
    assert {item.item.id: item.verdict.outcome.value for item in result.items} == call.by_pack[pack]


@pytest.mark.parametrize("call", CALLS, ids=[call.name for call in CALLS])
def test_every_forbidden_phrase_is_heard_where_it_was_said(call: DemoCall) -> None:
    """Not only that the item hits: each phrase has a span inside its turn."""
    result = score(Case(transcript=call.transcript), SCHEME, scored_at=Millis(0))
    spans = [one.evidence for item in result.items for one in item.verdict.evidence]
    for phrase, start_ms, end_ms in call.forbidden:
        near = [one for one in spans if start_ms <= one.start_ms < end_ms and one.text.strip("我也你了") in phrase]
        assert near, f"{phrase} not among {[one.text for one in spans]}"
