"""Scores as facts. In: a case, a scheme, the moment. Out: ScoreFact; its `items` is the JSON of docs/rules.md.

May not know: the bus, the warehouse, screens.
"""

from collections.abc import Mapping

import orjson

from asr.transcript import Transcript
from scoring.case import Case
from scoring.rules import Dimension, Scheme
from scoring.score import ItemResult, ScoreResult, score
from streams.vocabulary.facts import ScoreFact
from streams.vocabulary.ids import Millis


def score_transcript(transcript: Transcript, scheme: Scheme, *, scored_at: Millis) -> ScoreFact:
    """Of words alone: rules about events and facts cannot tell."""
    return score_case(Case(transcript=transcript), scheme, scored_at=scored_at)


def score_case(case: Case, scheme: Scheme, *, scored_at: Millis) -> ScoreFact:
    return to_fact(score(case, scheme, scored_at=scored_at), case.transcript)


def to_fact(result: ScoreResult, transcript: Transcript, *, job: str = "") -> ScoreFact:
    """`ver` is the moment of scoring: a later score of the same contact under the same version replaces it."""
    names = {one.id: one for one in result.scheme.dimensions}
    return ScoreFact(
        site=transcript.site,
        ver=result.scored_at,
        contact_at=transcript.contact_at,
        contact=transcript.contact,
        scheme=result.scheme.name,
        scheme_version=result.scheme.version,
        agent=transcript.agent,
        queue=transcript.queue,
        points=result.points.best,
        points_low=result.points.low,
        points_high=result.points.high,
        points_max=result.points_max,
        passed=result.passed,
        fatal=result.fatal,
        items=orjson.dumps([_item(item, names) for item in result.items]).decode(),
        scored_at=result.scored_at,
        job=job,
    )


def _item(result: ItemResult, dimensions: Mapping[str, Dimension]) -> dict[str, object]:
    item, verdict = result.item, result.verdict
    dimension = dimensions.get(item.dimension)
    return {
        "id": item.id,
        "zh": item.zh,
        "en": item.en,
        "kind": item.kind.value,
        "per": item.per.value,
        "dimension": None if dimension is None else {"id": dimension.id, "zh": dimension.zh, "en": dimension.en},
        "outcome": verdict.outcome.value,
        "leaning": verdict.leaning.value,
        "points": result.points.best,
        "points_low": result.points.low,
        "points_high": result.points.high,
        "points_max": result.points_max,
        "hits": verdict.hits,
        "matters": result.matters,
        "listen": [{"start_ms": one.start_ms, "end_ms": one.end_ms} for one in result.listen],
        "rule": item.rule.id,
        "rule_version": item.rule.version,
        "reason": {
            "key": verdict.reason.key,
            "params": dict(verdict.reason.params),
            "zh": verdict.reason.zh,
            "en": verdict.reason.en,
        },
        "evidence": [
            {
                "condition": one.condition,
                "operator": one.operator,
                "role": one.evidence.role,
                "utterance": one.evidence.utterance,
                "start_ms": one.evidence.start_ms,
                "end_ms": one.evidence.end_ms,
                "text": one.evidence.text,
                "event": one.evidence.event,
                "confidence": round(one.evidence.confidence, 4),
            }
            for one in verdict.evidence
        ],
    }
