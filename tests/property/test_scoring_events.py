"""Operators on time, sound and events while a contact goes on: what is sure of a part stays so to the end."""

from dataclasses import replace
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from asr.transcript import Span, Transcript, Utterance, Word
from scoring.case import LASTING, Case, Happening, Kind
from scoring.formula import Name, Outcome
from scoring.hearing import Hearing
from scoring.judge import judge
from scoring.operators.agent_state import AgentStateAsked
from scoring.operators.duration import Duration, Of
from scoring.operators.hang_up import HangUp
from scoring.operators.hold import Hold
from scoring.operators.hold_notice import HoldNotice
from scoring.operators.interruption import Interruption
from scoring.operators.late_start import LateStart
from scoring.operators.loudness import Loudness
from scoring.operators.silence import Between, Silence
from scoring.operators.speech_rate import SpeechRate
from scoring.operators.survey import Survey
from scoring.operators.talk_share import TalkShare
from scoring.operators.transfer import Transfer
from scoring.operators.turns import Turns
from scoring.rules import Check, Condition, Role, Rule, Where
from streams.vocabulary.ids import ContactId, Millis, SiteId
from tests.unit.scoring_ask import BY_SETTINGS, LEAST

LIMIT = st.none() | st.integers(0, 12).map(float)
TOLD = st.sampled_from([(), ("稍等",), ("好",)])
MS = st.integers(0, 12).map(lambda n: n * 500)
ASKED: st.SearchStrategy[Any] = st.one_of(
    st.builds(
        Silence,
        gap_ms=MS.filter(bool),
        between=st.sampled_from(Between),
        unless=TOLD,
        unless_held=st.booleans(),
        tail=st.booleans(),
    ),
    st.builds(HoldNotice, gap_ms=MS.filter(bool), notice=st.just(("稍等",))),
    st.builds(
        SpeechRate,
        above=st.none() | st.just(200.0),
        below=st.none() | st.just(300.0),
        each=st.booleans(),
        characters=st.integers(1, 4),
    ),
    st.builds(Interruption, overlap_ms=MS.filter(bool), characters=st.integers(1, 4), after_ms=MS),
    st.builds(Loudness, above=st.just(-25.0), jump=st.none() | st.just(8.0), span=st.none() | st.just(9.0)),
    st.builds(LateStart, gap_ms=MS),
    st.builds(HangUp, gap_ms=MS, by=st.sampled_from(Role), last_word=st.sampled_from(Role)),
    st.builds(Duration, of=st.sampled_from(Of), above=st.none() | MS, below=st.none() | MS),
    st.builds(Turns, above=LIMIT, below=LIMIT),
    st.builds(TalkShare, above=st.none() | st.just(40.0), below=st.none() | st.just(60.0)),
    st.builds(Hold, above_ms=MS, sum=st.booleans(), notice=TOLD, within_ms=st.none() | MS),
    st.builds(Hold, above_ms=MS, times=st.integers(1, 3), notice=TOLD),
    st.builds(Transfer, times=st.integers(1, 2), kind=st.sampled_from(["any", "blind"])),
    st.builds(AgentStateAsked, states=st.just(("not_ready",)), above_ms=MS),
    st.builds(Survey, above=st.none() | st.just(2.0), below=st.none() | st.just(4.0)),
)
WHERE = st.one_of(
    st.builds(Where, role=st.sampled_from(Role)),
    st.builds(Where, role=st.sampled_from(Role), first_ms=st.sampled_from([3_000, 6_000])),
    st.builds(Where, role=st.sampled_from(Role), first_utterances=st.integers(1, 3)),
)


@st.composite
def _channel(draw: st.DrawFn, channel: int) -> list[Utterance]:
    at, found = 0, []
    for _ in range(draw(st.integers(0, 4))):
        at += draw(st.integers(0, 5)) * 500
        text = draw(st.sampled_from(["请稍等", "好", "我想查话费", "嗯嗯"]))
        end = at + draw(st.integers(1, 6)) * 500
        confidence = draw(st.sampled_from([1.0, 1.0, 0.3]))
        found.append(
            Utterance(
                channel=channel,
                role=["agent", "customer"][channel],
                number=0,
                start_ms=at,
                end_ms=end,
                text=text,
                words=(Word(text=text, start_ms=at, end_ms=end, confidence=confidence),),
                confidence=confidence,
                loudness_db=draw(st.sampled_from([-20.0, -30.0])),
            )
        )
        at = end
    return found


@st.composite
def _happening(draw: st.DrawFn) -> Happening:
    kind = draw(st.sampled_from([Kind.ANSWERED, Kind.HOLD, Kind.TRANSFER, Kind.AGENT_STATE, Kind.SURVEY]))
    start = draw(st.integers(-2, 30)) * 500
    return Happening(
        kind=kind,
        start_ms=start,
        end_ms=start + draw(st.integers(0, 8)) * 500 if kind in LASTING else None,
        reason={Kind.TRANSFER: "blind", Kind.AGENT_STATE: "not_ready/lunch"}.get(kind, ""),
        value=draw(st.integers(1, 5)) if kind is Kind.SURVEY else None,
    )


@st.composite
def contacts(draw: st.DrawFn) -> Case:
    said = sorted([*draw(_channel(0)), *draw(_channel(1))], key=lambda one: (one.start_ms, one.channel))
    utterances = tuple(msgspec.structs.replace(one, number=number) for number, one in enumerate(said))
    duration = max((one.end_ms for one in utterances), default=0) + draw(st.integers(0, 4)) * 500
    happened = draw(st.lists(_happening(), max_size=4))
    ended = Happening(
        kind=Kind.ENDED, start_ms=duration, reason=draw(st.sampled_from(["agent", "unknown", "transfer"]))
    )
    inside = sorted((one for one in happened if one.start_ms <= duration), key=lambda one: one.start_ms)
    unread = draw(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 20), st.integers(1, 4)), max_size=1))
    spans = [Span(channel=c, start_ms=a * 500, end_ms=(a + n) * 500, kind="no_words") for c, a, n in unread]
    free = [
        s
        for s in spans
        if not any(u.channel == s.channel and u.start_ms < s.end_ms and s.start_ms < u.end_ms for u in utterances)
    ]
    transcript = Transcript(
        site=SiteId("test"),
        contact=ContactId("1795291649.0"),
        contact_at=Millis(1_795_291_649_000),
        model="none",
        duration_ms=duration,
        channels=2,
        utterances=utterances,
        unread=tuple(one for one in free if one.end_ms <= duration),
    )
    return Case(transcript=transcript, happenings=draw(st.sampled_from([None, (*inside, ended)])))


def until(case: Case, now_ms: int) -> Case:
    """What is known of it then: utterances and stretches that are over, happenings that have begun."""
    transcript = case.transcript
    part = msgspec.structs.replace(
        transcript,
        duration_ms=now_ms,
        utterances=tuple(one for one in transcript.utterances if one.end_ms <= now_ms),
        unread=tuple(one for one in transcript.unread if one.end_ms <= now_ms),
    )
    happened = case.happenings
    if happened is not None:
        happened = tuple(
            one if one.end_ms is None or one.end_ms <= now_ms else replace(one, end_ms=None)
            for one in happened
            if one.start_ms <= now_ms and one.kind is not Kind.ENDED
        )
    return replace(case, transcript=part, happenings=happened, ended=False)


def outcome(case: Case, asked: Any, where: Where) -> tuple[Outcome, Outcome, str]:
    spec = BY_SETTINGS[type(asked)]
    condition = Condition(
        id="c",
        checks=(Check(id="c", operator=spec.name, asked=asked),),
        formula=Name("c"),
        where=where if spec.ranged else Where(role=where.role),
    )
    rule = Rule(id="r", version=1, formula=Name("c"), conditions=(condition,))
    verdict = judge(Hearing(case=case, least_confidence=LEAST), rule)
    assert verdict.reason.zh
    assert verdict.reason.en
    return verdict.outcome, verdict.leaning, verdict.reason.key


@settings(max_examples=300, deadline=None)
@given(contacts(), ASKED, WHERE)
def test_what_is_sure_of_a_contact_that_goes_on_stays_so(case: Case, asked: Any, where: Where) -> None:
    """At every moment something new is known, and at the end: a sure answer is never taken back."""
    last = outcome(case, asked, where)
    moments = {0, case.now_ms, *range(0, case.now_ms, 500)}
    known: tuple[Outcome, int] | None = None
    for now_ms in sorted(moments):
        now, _, _ = outcome(until(case, now_ms), asked, where)
        if known is not None:
            assert now is known[0], (now_ms, known)
        if now is not Outcome.CANNOT_TELL:
            known = (now, now_ms)
    if known is not None:
        assert last[0] is known[0], (last, known)
