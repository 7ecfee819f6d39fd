"""What the engine gives is what the simple reading of the rules gives, for any contact and rules."""

from hypothesis import given, settings
from hypothesis import strategies as st

from asr.text import lay_out
from asr.transcript import Utterance, Word
from scoring.case import Case
from scoring.hearing import Hearing
from scoring.index import compile_scheme, hear, verdicts
from scoring.judge import judge
from scoring.lexical import folded
from scoring.match import JOIN_MS, Evidence, places
from scoring.operators.keyword import SPEC as KEYWORD
from scoring.rules import Role, Rule
from tests.property.scoring_worlds import PHRASES, cases, rules, scheme_of

LEAST = 0.6


@settings(deadline=None)
@given(cases(), st.lists(rules(), min_size=1, max_size=6))
def test_a_compiled_scheme_gives_each_rule_its_own_verdict(case: Case, each: list[Rule]) -> None:
    """Sharing, the automaton and the set of patterns change nothing."""
    compiled = compile_scheme(scheme_of(each))
    alone = [judge(Hearing(case=case, least_confidence=LEAST), rule) for rule in each]
    assert list(verdicts(hear(case, compiled), compiled)) == alone


@settings(deadline=None)
@given(cases(), st.lists(rules((KEYWORD,), most=1), min_size=4, max_size=12))
def test_rules_that_share_an_answer_share_the_right_one(case: Case, each: list[Rule]) -> None:
    """Many rules of one operator: some find something, the others say the same."""
    compiled = compile_scheme(scheme_of(each))
    alone = [judge(Hearing(case=case, least_confidence=LEAST), rule) for rule in each]
    assert list(verdicts(hear(case, compiled), compiled)) == alone


@settings(deadline=None)
@given(cases(), st.sampled_from(list(Role)), st.lists(st.sampled_from(PHRASES), min_size=1, max_size=4, unique=True))
def test_hits_are_those_of_reading_word_by_word(case: Case, role: Role, phrases: list[str]) -> None:
    """Every character is given its word, every phrase is looked for in every text."""
    hearing = Hearing(case=case, least_confidence=LEAST)
    expected = [
        one
        for group in _groups(case.transcript.utterances, role)
        for phrase in phrases
        for one in _slowly(group, phrase)
    ]
    expected.sort(key=lambda one: (one.start_ms, one.utterance, one.end_ms))
    assert hearing.whole(role).hits(phrases) == expected


def _groups(utterances: tuple[Utterance, ...], role: Role) -> list[list[Utterance]]:
    found: list[list[Utterance]] = []
    for channel in (0, 1):
        last: Utterance | None = None
        for said in utterances:
            if said.channel != channel or (role is not Role.ANY and said.role != role):
                continue
            if last is None or said.start_ms - last.end_ms >= JOIN_MS:
                found.append([])
            found[-1].append(said)
            last = said
    return found


def _slowly(group: list[Utterance], phrase: str) -> list[Evidence]:
    owned = [(said, word) for said in group for word in said.words]
    text, laid = lay_out(word.text for _, word in owned)
    owners: list[tuple[Utterance, Word]] = []
    for owner, (_, end) in zip(owned, laid, strict=True):
        owners.extend([owner] * (end - len(owners)))
    text = folded(text)
    return [
        Evidence(
            utterance=owners[start][0].number,
            role=owners[start][0].role,
            start_ms=owners[start][1].start_ms,
            end_ms=max(word.end_ms for _, word in owners[start:end]),
            text=text[start:end],
            confidence=min(word.confidence for _, word in owners[start:end]),
        )
        for start, end in places(text, phrase)
    ]
