"""Operators on words: sure answers stay while a contact goes on; what is searched fast is what is found slowly."""

from itertools import accumulate, pairwise
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import LCSseq

from asr.transcript import Span, Transcript, Utterance, Word
from scoring.case import Case
from scoring.formula import Outcome
from scoring.likeness import least_held, stretches
from scoring.needles import Lines, Needles
from scoring.operators._script_plan import Step, faults
from scoring.operators.entity import Entity
from scoring.operators.keyword import Keyword
from scoring.operators.ordered import Ordered
from scoring.operators.pattern import Pattern
from scoring.operators.repetition import Repetition
from scoring.operators.script import Script
from scoring.operators.similar import Similar
from scoring.operators.sounds_like import SoundsLike
from scoring.operators.words import BORDER
from scoring.patterns import PatternFault, compiled
from scoring.pinyin import alike, heard_in, may_follow, may_hold, sounds, sounds_of, syllables
from scoring.rules import Role, Where
from streams.vocabulary.ids import ContactId, Millis, SiteId
from tests.property.test_scoring_events import outcome, until

TEXT = st.text("您好办十元儿1v ", min_size=1, max_size=4).filter(str.strip)
PHRASES = st.lists(
    st.text("您好办十元儿1v…", min_size=1, max_size=3).filter(lambda one: one.strip("…")), min_size=1, max_size=2
)
TUPLES = PHRASES.map(tuple)
MAYBE = st.just(()) | TUPLES
STEPS = st.lists(
    st.builds(
        Step,
        id=st.sampled_from("abcd"),
        any=TUPLES,
        role=st.sampled_from(["agent", "customer", "any"]),
        after=st.lists(st.sampled_from("abcd"), max_size=2).map(tuple),
        anytime=st.booleans(),
        optional=st.booleans(),
        instead_of=st.sampled_from(["", "", "a", "b"]),
        within_ms=st.none() | st.sampled_from([0, 1_000, 3_000]),
        within_utterances=st.none() | st.integers(1, 2),
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda step: step.id,
).filter(lambda steps: not list(faults(steps)))
ASKED: st.SearchStrategy[Any] = st.one_of(
    st.builds(Keyword, any=TUPLES, all=MAYBE, none=MAYBE, times=st.integers(1, 3)),
    st.builds(Keyword, any=TUPLES, none=MAYBE, at_least=st.integers(1, 2)),
    st.builds(
        Pattern,
        pattern=st.sampled_from(["您好?", "好$", "^好", r"\b1", "您.*好", "办+"]),
        excepted=st.sampled_from(["", "办", "元$"]),
        times=st.integers(1, 2),
    ),
    st.builds(
        Similar, phrases=st.tuples(st.text("您好办", min_size=4, max_size=5)), score=st.sampled_from([50.0, 60.0])
    ),
    st.builds(SoundsLike, phrases=st.tuples(st.text("您号班时", min_size=2, max_size=4)), distance=st.integers(0, 1)),
    st.builds(
        Repetition,
        similarity=st.sampled_from([60.0, 100.0]),
        within_utterances=st.integers(1, 3),
        characters=st.integers(1, 2),
        times=st.integers(1, 2),
        excepted=MAYBE,
    ),
    st.builds(
        Entity,
        kinds=st.lists(st.sampled_from(["amount", "date", "number", "mobile"]), min_size=1, max_size=2).map(tuple),
        times=st.integers(1, 2),
    ),
    st.builds(Ordered, first=TUPLES, then=TUPLES),
    st.builds(Script, steps=STEPS.map(tuple)),
)
WHERE = st.one_of(
    st.builds(Where, role=st.sampled_from(Role)),
    st.builds(Where, role=st.sampled_from(Role), first_ms=st.sampled_from([2_000, 5_000])),
    st.builds(Where, role=st.sampled_from(Role), first_utterances=st.integers(1, 3)),
    st.builds(Where, role=st.sampled_from(Role), last_utterances=st.integers(1, 2)),
    st.builds(Where, role=st.sampled_from(Role), every=st.just(True)),
)


@st.composite
def _utterance(draw: st.DrawFn, channel: int, at: int) -> Utterance:
    texts = [one.replace(" ", "") for one in draw(st.lists(TEXT, min_size=1, max_size=3))]
    ends = list(accumulate((500 * draw(st.integers(1, 2)) for _ in texts), initial=at))
    confidence = [draw(st.sampled_from([1.0, 1.0, 1.0, 1.0, 1.0, 0.3])) for _ in texts]
    words = tuple(
        Word(text=text, start_ms=ends[number], end_ms=ends[number + 1], confidence=confidence[number])
        for number, text in enumerate(texts)
    )
    return Utterance(
        channel=channel,
        role=["agent", "customer"][channel],
        number=0,
        start_ms=at,
        end_ms=ends[-1],
        text="".join(texts),
        words=words if draw(st.booleans()) else (),
        confidence=min(confidence),
        alternatives=("您好办",) if draw(st.sampled_from([False, False, False, True])) else (),
    )


@st.composite
def contacts(draw: st.DrawFn) -> Case:
    said: list[Utterance] = []
    for channel in (0, 1):
        at = 0
        for _ in range(draw(st.integers(0, 4))):
            at += draw(st.sampled_from([0, 500, 1_000, 2_500]))
            said.append(draw(_utterance(channel, at)))
            at = said[-1].end_ms
    said.sort(key=lambda one: (one.start_ms, one.channel))
    duration = max((one.end_ms for one in said), default=0) + draw(st.sampled_from([0, 2_000]))
    transcript = Transcript(
        site=SiteId("test"),
        contact=ContactId("1795291649.0"),
        contact_at=Millis(1_795_291_649_000),
        model="none",
        duration_ms=duration,
        channels=2,
        utterances=tuple(msgspec.structs.replace(one, number=number) for number, one in enumerate(said)),
        redacted=tuple(
            Span(channel=one.channel, start_ms=one.start_ms, end_ms=one.end_ms, kind="mobile")
            for one in said
            if draw(st.sampled_from([False, False, False, True]))
        ),
    )
    return Case(transcript=transcript)


@settings(max_examples=150, deadline=None)
@given(contacts(), ASKED, WHERE)
def test_what_is_sure_while_a_contact_goes_on_stays_so(case: Case, asked: Any, where: Where) -> None:
    """Whenever an utterance becomes known; and its reason can be read in both languages."""
    last, _, _ = outcome(case, asked, where)
    moments = sorted({0, *(one.end_ms for one in case.transcript.utterances), case.now_ms})
    known: Outcome | None = None
    for now_ms in moments:
        now, _, _ = outcome(until(case, now_ms), asked, where)
        assert known is None or now is known
        if now is not Outcome.CANNOT_TELL:
            known = now
    assert known is None or last is known


SOUNDS = "您好号办班时十是儿1v●，"


@settings(max_examples=100, deadline=None)
@given(
    st.text(SOUNDS, max_size=12),
    st.text("您好号办班时十是1v", min_size=2, max_size=4),
    st.integers(0, 2),
    st.booleans(),
)
def test_what_sounds_alike_is_what_a_plain_search_finds(text: str, phrase: str, distance: int, tones: bool) -> None:
    """A place is found if and only if some stretch has so few edits; each found is one, and none overlaps another."""
    wanted = sounds_of(phrase, tones=tones)
    if len(wanted) < 2 * distance + 1:
        return
    whole = BORDER + text + BORDER
    read = syllables(whole)
    said = [sounds(whole[at], tones=tones) for at in read.at]
    found = [place for _, place in alike(read, [phrase], distance=distance, tones=tones)]
    least = min(
        _edits(wanted, said[start:end])
        for start in range(len(said))
        for end in range(start + 1, min(len(said), start + 8) + 1)
    )
    assert bool(found) == (least <= distance)
    assert min((one.edits for one in found), default=least) == least
    places = {int(at): number for number, at in enumerate(read.at)}
    for one in found:
        heard = said[places[one.start] : places[one.end - 1] + 1]
        assert _edits(wanted, heard) == one.edits
    assert all(one.end <= other.start for one, other in pairwise(found))


@settings(max_examples=100, deadline=None)
@given(st.text(SOUNDS, max_size=8), st.text("您好号办十是1v", min_size=2, max_size=4), st.integers(0, 2), st.booleans())
def test_a_text_that_is_ruled_out_holds_nothing_alike(text: str, phrase: str, distance: int, tones: bool) -> None:
    """Neither by its sounds as a whole nor by their order is a place passed over."""
    if len(sounds_of(phrase, tones=tones)) < 2 * distance + 1:
        return
    if not list(alike(syllables(BORDER + text + BORDER), [phrase], distance=distance, tones=tones)):
        return
    assert may_hold(heard_in(text), phrase, distance=distance, tones=tones)
    assert distance > 0 or may_follow(text, phrase, tones=tones)


PATTERN_PARTS = ("您", "好", "[您好]", ".", "您+", "[^您]", r"\s", "$", "^", r"\b", "a", "(?:好|$)")


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.text("您好办a ", min_size=1, max_size=5), min_size=1, max_size=6),
    st.lists(st.sampled_from(PATTERN_PARTS), min_size=1, max_size=4).map("".join),
)
def test_a_pattern_asked_of_all_texts_at_once_passes_over_none(texts: list[str], pattern: str) -> None:
    """A text in which it matches is among those named, however matches reach over the texts' borders."""
    try:
        finds = compiled(pattern)
    except PatternFault:
        return
    named = Needles((), [pattern]).texts_with(pattern, Lines.of(texts))
    if named is not None:
        assert {at for at, text in enumerate(texts) if finds.search(text)} <= named


def _edits(wanted: tuple[frozenset[str], ...], said: list[frozenset[str]]) -> int:
    """Levenshtein's, with what may be heard as the same."""
    row = list(range(len(said) + 1))
    for number, one in enumerate(wanted, start=1):
        above, row = row, [number]
        for at, other in enumerate(said, start=1):
            row.append(min(above[at - 1] + one.isdisjoint(other), above[at] + 1, row[-1] + 1))
    return row[-1]


@settings(max_examples=100, deadline=None)
@given(
    st.text("您好办十", max_size=20), st.text("您好办十", min_size=4, max_size=6), st.sampled_from([50, 70, 80, 100])
)
def test_what_is_like_a_phrase_is_what_a_plain_search_finds(text: str, phrase: str, score: int) -> None:
    """The likest stretch of all is among those found."""
    whole = BORDER + text + BORDER
    scores = [
        100 * LCSseq.similarity(phrase, whole[at : at + len(phrase)]) / len(phrase)
        for at in range(len(whole) - len(phrase) + 1)
    ]
    found = stretches(whole, phrase, score=score)
    assert bool(found) == (max(scores) >= score)
    assert not found or sum(one not in text for one in phrase) <= len(phrase) - least_held(phrase, score=score)
    assert max((one.score for one in found), default=max(scores)) == max(scores)
    assert all(one.score >= score for one in found)
    assert all(one.end <= other.start for one, other in pairwise(found))


@settings(max_examples=60, deadline=None)
@given(st.text("您好办十", max_size=12), st.text("您好办十", max_size=4), st.text("您好办十", min_size=4, max_size=6))
def test_more_text_never_makes_a_likeness_less(text: str, more: str, phrase: str) -> None:
    """Whatever follows."""

    def best(said: str) -> float:
        return max((one.score for one in stretches(BORDER + said + BORDER, phrase, score=1)), default=0.0)

    assert best(text + more) >= best(text)
