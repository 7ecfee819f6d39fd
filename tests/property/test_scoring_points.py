"""Whatever rules and doubts: the interval of points is what settling every doubt in every way can give."""

import itertools
from collections.abc import Iterator, Sequence

from hypothesis import given
from hypothesis import strategies as st

from scoring.case import Case
from scoring.formula import Name, Outcome
from scoring.hearing import Hearing
from scoring.judge import Verdict
from scoring.messages import Reason
from scoring.rules import Dimension, Item, ItemKind, Per, Rule, Scheme
from scoring.score import ScoreResult, scored
from streams.vocabulary.ids import Millis
from tests.unit.asr_builders import dialogue

HEARING = Hearing(case=Case(transcript=dialogue("A: 您好")), least_confidence=0.6)
RULES = tuple(Rule(id=f"r{number}", version=1, formula=Name("c"), conditions=()) for number in range(4))
DIMENSIONS = st.sampled_from([None, 0.0, -10.0, -25.5]).flatmap(
    lambda floor: st.sampled_from([None, 5.0, 12.3]).map(
        lambda ceiling: Dimension(id="d", zh="d", en="d", floor=floor, ceiling=ceiling)
    )
)
POINTED = (ItemKind.EARN, ItemKind.ADD, ItemKind.DEDUCT)


@st.composite
def schemes(draw: st.DrawFn) -> Scheme:
    items = []
    for number in range(draw(st.integers(1, 6))):
        kind = draw(st.sampled_from([*POINTED, ItemKind.DEDUCT, ItemKind.FATAL, ItemKind.TAG]))
        points = draw(st.sampled_from([0.1, 5.0, 10.0, 20.0])) if kind in POINTED else 0.0
        per = draw(st.sampled_from(list(Per))) if kind in POINTED else Per.CONTACT
        most = draw(st.sampled_from([points, 2.5 * points])) if per is Per.HIT else None
        items.append(
            Item(
                id=f"i{number}",
                zh="i",
                en="i",
                kind=kind,
                points=points,
                rule=draw(st.sampled_from(RULES)),
                per=per,
                most=most,
                dimension=draw(st.sampled_from(["", "d", "e"])),
            )
        )
    return Scheme(
        name="s",
        version=1,
        zh="s",
        en="s",
        pass_percent=draw(st.sampled_from([0, 60, 80, 100])),
        least_confidence=0.6,
        items=tuple(items),
        dimensions=(draw(DIMENSIONS), Dimension(id="e", zh="e", en="e", floor=-10.0, ceiling=None)),
    )


def verdict(outcome: Outcome, leaning: Outcome, hits: int = 0, sure: int = 0) -> Verdict:
    return Verdict(outcome=outcome, leaning=leaning, reason=Reason("applies"), hits=hits, hits_sure=sure)


VERDICTS = st.one_of(
    st.sampled_from([Outcome.MISS, Outcome.NOT_APPLICABLE]).map(lambda one: verdict(one, one)),
    st.integers(1, 3).flatmap(
        lambda hits: st.integers(1, hits).map(lambda sure: verdict(Outcome.HIT, Outcome.HIT, hits, sure))
    ),
    st.sampled_from([Outcome.MISS, Outcome.NOT_APPLICABLE]).map(lambda one: verdict(Outcome.CANNOT_TELL, one)),
    st.integers(1, 3).map(lambda hits: verdict(Outcome.CANNOT_TELL, Outcome.HIT, hits)),
)
CASES = st.tuples(schemes(), st.tuples(*[VERDICTS] * len(RULES)))


def settled(one: Verdict) -> list[Verdict]:
    """Every sure verdict it may turn into."""
    hits = [
        verdict(Outcome.HIT, Outcome.HIT, count, count) for count in range(max(1, one.hits_sure), max(1, one.hits) + 1)
    ]
    if one.outcome is Outcome.HIT:
        return hits
    if one.outcome is not Outcome.CANNOT_TELL:
        return [one]
    others = [Outcome.MISS, Outcome.NOT_APPLICABLE] if one.leaning is Outcome.NOT_APPLICABLE else [Outcome.MISS]
    return [*hits, *(verdict(other, other) for other in others)]


def score_of(scheme: Scheme, verdicts: Sequence[Verdict]) -> ScoreResult:
    return scored(
        HEARING, scheme, {rule.id: one for rule, one in zip(RULES, verdicts, strict=True)}, scored_at=Millis(1)
    )


def every_way(scheme: Scheme, verdicts: Sequence[Verdict]) -> Iterator[tuple[tuple[Verdict, ...], ScoreResult]]:
    asked = {item.rule.id for item in scheme.items}
    ways = [settled(one) if rule.id in asked else [one] for rule, one in zip(RULES, verdicts, strict=True)]
    for way in itertools.product(*ways):
        yield way, score_of(scheme, way)


def by_hand(scheme: Scheme, way: Sequence[Verdict]) -> float:
    """Points of sure verdicts, added up as docs/rules.md says."""
    of = dict(zip((rule.id for rule in RULES), way, strict=True))
    sums = {"": 0.0, "d": 0.0, "e": 0.0}
    for item in scheme.items:
        found = of[item.rule.id]
        if found.outcome is Outcome.HIT:
            if item.kind is ItemKind.FATAL:
                return 0.0
            points = item.points * (found.hits if item.per is Per.HIT else 1)
            points = points if item.most is None else min(points, item.most)
            sums[item.dimension] += {ItemKind.DEDUCT: -points, ItemKind.TAG: 0.0}.get(item.kind, points)
    for one in scheme.dimensions:
        if one.floor is not None:
            sums[one.id] = max(one.floor, sums[one.id])
        if one.ceiling is not None:
            sums[one.id] = min(one.ceiling, sums[one.id])
    return max(0.0, sum(sums.values()))


@given(CASES)
def test_the_ends_of_the_interval_are_the_least_and_the_most_that_can_come_out(
    case: tuple[Scheme, tuple[Verdict, ...]],
) -> None:
    """Brute force over every way to settle; the best value lies between; doubt decides where both verdicts can be."""
    scheme, verdicts = case
    result = score_of(scheme, verdicts)
    ends = [one for _, one in every_way(scheme, verdicts)]
    assert result.points.low == min(one.points.best for one in ends)
    assert result.points.high == max(one.points.best for one in ends)
    assert result.points.low <= result.points.best <= result.points.high
    assert result.doubt_decides is (len({one.passed for one in ends}) == 2)
    assert result.fatal is all(one.fatal for one in ends)


@given(CASES)
def test_what_is_settled_is_scored_as_by_hand(case: tuple[Scheme, tuple[Verdict, ...]]) -> None:
    """No interval is left, and nothing needs a person."""
    scheme, verdicts = case
    for way, result in itertools.islice(every_way(scheme, verdicts), 8):
        assert abs(result.points.best - by_hand(scheme, way)) < 1e-6
        assert result.points.low == result.points.best == result.points.high
        assert not any(item.matters for item in result.items)


@given(CASES)
def test_only_what_could_change_the_outcome_goes_to_a_person_and_all_of_that(
    case: tuple[Scheme, tuple[Verdict, ...]],
) -> None:
    """A rule matters where two of its ways, all else alike, differ in points, what can be earned, or a fatal fault."""
    scheme, verdicts = case
    result = score_of(scheme, verdicts)
    seen: dict[tuple[int, tuple[object, ...]], set[object]] = {}
    for way, one in every_way(scheme, verdicts):
        outcome = (True,) if one.fatal else (one.points.best, one.points_max, one.passed)
        turns = tuple((turn.outcome, turn.hits) for turn in way)
        for at in range(len(RULES)):
            seen.setdefault((at, (*turns[:at], *turns[at + 1 :])), set()).add(outcome)
    expected = {RULES[at].id for (at, _), outcomes in seen.items() if len(outcomes) > 1}
    told = {item.item.rule.id: item.matters for item in result.items if item.item.kind is not ItemKind.TAG}
    assert told == {name: name in expected for name in told}
    assert not any(item.matters for item in result.items if item.item.kind is ItemKind.TAG)
