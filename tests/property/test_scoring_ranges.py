"""Ranges against their definition, utterance by utterance: whether each belongs is asked of it alone, by counting."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from asr.transcript import Utterance
from scoring.case import Case
from scoring.formula import Outcome
from scoring.hearing import Hearing
from scoring.match import Evidence
from scoring.messages import Reason
from scoring.operators.answer import Answer, sure
from scoring.ranges import Looked, scopes
from scoring.rules import Anchor, Role, Side, Where
from tests.property.scoring_worlds import cases

ROLES = st.sampled_from(list(Role))
COUNTS = st.integers(1, 4)
LENGTHS_MS = st.sampled_from((1, 400, 2_000, 5_000, 30_000))
PLAIN = st.one_of(
    st.builds(Where, role=ROLES),
    st.builds(Where, role=ROLES, first_ms=LENGTHS_MS),
    st.builds(Where, role=ROLES, last_ms=LENGTHS_MS),
    st.builds(Where, role=ROLES, first_utterances=COUNTS),
    st.builds(Where, role=ROLES, last_utterances=COUNTS),
)
ANCHORS = st.builds(
    Anchor,
    condition=st.just("anchor"),
    side=st.sampled_from(list(Side)),
    hit=st.sampled_from((-1, 0, 1, 2)),
    within_utterances=st.none() | COUNTS,
    within_ms=st.none() | LENGTHS_MS,
)
PLACES = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 15)).map(
        lambda span: Evidence(
            utterance=0, role="agent", start_ms=200 * span[0], end_ms=200 * sum(span), text="", confidence=1.0
        )
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda one: (one.start_ms, one.end_ms),
)


def looked(case: Case, where: Where, answer: Answer | None = None) -> list[list[Utterance]]:
    hearing = Hearing(case=case, least_confidence=0.6)
    found = scopes(hearing, where, {} if answer is None else {"anchor": answer})
    assert isinstance(found, Looked)
    assert not found.more
    return [list(one.scope.utterances) for one in found.ranges]


def of_role(case: Case, role: Role) -> list[Utterance]:
    return [one for one in case.transcript.utterances if role is Role.ANY or one.role == role]


@given(cases(), PLAIN)
def test_a_plain_range_holds_who_belongs_to_it(case: Case, where: Where) -> None:
    said = of_role(case, where.role)

    def belongs(at: int, one: Utterance) -> bool:
        return (
            (where.first_ms is None or one.start_ms < where.first_ms)
            and (where.last_ms is None or case.now_ms - one.end_ms < where.last_ms)
            and (where.first_utterances is None or at < where.first_utterances)
            and (where.last_utterances is None or len(said) - at <= where.last_utterances)
        )

    assert looked(case, where) == [[one for at, one in enumerate(said) if belongs(at, one)]]


def near(said: Sequence[Utterance], one: Utterance, anchor: Anchor, place: Evidence) -> Side | None:
    """On which side of the place it lies within the anchor's limits; None: out of them."""
    if one.end_ms <= place.start_ms:
        nearer = sum(one.number < other.number and other.end_ms <= place.start_ms for other in said)
        away, side = place.start_ms - one.end_ms, Side.BEFORE
    elif one.start_ms >= place.end_ms:
        nearer = sum(other.number < one.number and other.start_ms >= place.end_ms for other in said)
        away, side = one.start_ms - place.end_ms, Side.AFTER
    else:
        return Side.CURRENT
    too_far = anchor.within_ms is not None and away >= anchor.within_ms
    too_many = anchor.within_utterances is not None and nearer >= anchor.within_utterances
    return None if too_far or too_many else side


@given(cases(), ROLES, ANCHORS, PLACES)
def test_an_anchored_range_holds_who_is_near_its_hit(
    case: Case, role: Role, anchor: Anchor, places: list[Evidence]
) -> None:
    """One range for the n-th or the last hit, one for each where every hit is meant; too few hits: none applies."""
    answer = sure(Outcome.HIT, Reason("found", {"at_s": 0, "text": ""}), tuple(places))
    in_time = sorted(places, key=lambda one: (one.start_ms, one.end_ms))
    where = Where(role=role, anchor=anchor)
    if anchor.hit > len(places):
        hearing = Hearing(case=case, least_confidence=0.6)
        none = scopes(hearing, where, {"anchor": answer})
        assert isinstance(none, Answer)
        assert none.outcome is Outcome.NOT_APPLICABLE
        return
    meant = {0: in_time, -1: in_time[-1:]}.get(anchor.hit, in_time[anchor.hit - 1 : anchor.hit])
    said = of_role(case, role)
    wanted = set(Side) if anchor.side is Side.AROUND else {anchor.side}
    assert [sorted(one.number for one in found) for found in looked(case, where, answer)] == [
        [one.number for one in said if near(said, one, anchor, place) in wanted] for place in meant
    ]


@given(cases(), PLAIN)
def test_every_makes_a_range_of_each_utterance(case: Case, where: Where) -> None:
    whole = looked(case, where)[0]
    each = Where(**{name: getattr(where, name) for name in where.__slots__} | {"every": True})
    if whole:
        assert looked(case, each) == [[one] for one in whole]
    else:
        assert isinstance(scopes(Hearing(case=case, least_confidence=0.6), each, {}), Answer)
