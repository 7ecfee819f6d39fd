"""A contact written as a golden dialogue is judged as it was: words, times, doubts, events, chats."""

import pytest

from asr.transcript import Span, Transcript, Utterance, Word
from scoring.case import Case, Happening, Kind
from scoring.golden import run
from scoring.golden_read import read_golden
from scoring.golden_talk import CHAT
from scoring.golden_write import Kept, dialogue
from scoring.library import golden_text, load_scheme, packs, scheme_and_golden
from scoring.rules import Scheme
from streams.vocabulary.ids import ContactId, Millis, SiteId

SERVICE = load_scheme("telecom-service.zh")


def back(case: Case, scheme: Scheme = SERVICE) -> Case:
    golden = read_golden(dialogue(case, scheme, Kept(id="x", about="", expect={})), file="x", scheme=scheme)
    assert golden.faults == ()
    return golden.dialogues[0].case


def said(channel: int, role: str, start: int, end: int, *words: tuple[str, float]) -> Utterance:
    step = (end - start) // len(words)
    each = tuple(
        Word(text=text, start_ms=start + n * step, end_ms=start + (n + 1) * step, confidence=confidence)
        for n, (text, confidence) in enumerate(words)
    )
    text = "".join(one for one, _ in words)
    return Utterance(
        channel=channel, role=role, number=0, start_ms=start, end_ms=end, text=text, words=each, confidence=0.9
    )


def case(
    *each: Utterance, model: str = "vosk", happenings: tuple[Happening, ...] | None = None, **more: object
) -> Case:
    transcript = Transcript(
        site=SiteId("hz"), contact=ContactId("c"), contact_at=Millis(0), model=model, duration_ms=60_000, channels=2,
        utterances=each, **more,  # type: ignore[arg-type]
    )  # fmt: skip
    return Case(transcript=transcript, happenings=happenings, facts={"queue": "sales", "direction": "inbound"})


@pytest.mark.parametrize("pack", packs())
def test_every_packaged_dialogue_written_anew_comes_out_the_same(pack: str) -> None:
    """Each item's outcome and leaning, live and afterwards."""
    scheme = load_scheme(pack)
    golden = read_golden(golden_text(scheme_and_golden(pack)[1]), file="x", scheme=scheme)
    told = [
        dialogue(
            one.dialogue.case,
            scheme,
            Kept(
                id=one.dialogue.id,
                about=one.dialogue.about,
                expect={
                    item: f"cannot_tell/{verdict.leaning}"
                    if verdict.outcome == "cannot_tell"
                    else verdict.outcome.value
                    for item, verdict in one.verdicts.items()
                },
            ),
        )
        for one in run(scheme, golden.dialogues).tested
    ]
    again = read_golden("\n".join(told), file="y", scheme=scheme)
    assert again.faults == ()
    assert [one.differences for one in run(scheme, again.dialogues).failed] == []


def test_an_utterance_keeps_its_second_its_length_and_what_was_weakly_heard() -> None:
    """Confidence below the scheme's least is kept, the rest is sure."""
    one = back(case(said(1, "agent", 1_200, 3_450, ("您好", 0.99), ("稍等", 0.41)))).transcript.utterances[0]
    assert (one.role, one.start_ms, one.end_ms, one.text) == ("agent", 1_200, 3_450, "您好稍等")
    assert [word.confidence for word in one.words] == [1.0, 1.0, 0.41, 0.41]


def test_what_was_hidden_stays_hidden_and_says_its_kind() -> None:
    hidden = Span(channel=0, start_ms=2_000, end_ms=3_000, kind="mobile")
    told = back(case(said(0, "customer", 1_000, 3_000, ("我是", 1.0), ("●●●●", 1.0)), redacted=(hidden,)))
    (span,) = told.transcript.redacted
    assert (span.kind, span.channel) == ("mobile", 1)


def test_events_keep_their_moments() -> None:
    """Before the recording too; nobody's events stay unknown."""
    happenings = (
        Happening(kind=Kind.QUEUED, start_ms=-21_000),
        Happening(kind=Kind.ANSWERED, start_ms=-400),
        Happening(kind=Kind.HOLD, start_ms=20_000, end_ms=42_500),
        Happening(kind=Kind.TRANSFER, start_ms=50_000, reason="blind", target="2001"),
        Happening(kind=Kind.ENDED, start_ms=61_250, reason="agent"),
        Happening(kind=Kind.SURVEY, start_ms=70_000, value=2.0, reason="服务 态度"),
        Happening(kind=Kind.AGENT_STATE, start_ms=61_300, end_ms=99_300, reason="not_ready/lunch"),
    )
    told = back(case(said(0, "agent", 0, 900, ("您好", 1.0)), happenings=happenings))
    assert told.happenings is not None
    kept = [(one.kind, one.start_ms, one.end_ms, one.reason, one.target, one.value) for one in told.happenings]
    wanted = [(one.kind, one.start_ms, one.end_ms, one.reason.replace(" ", "_"), one.target, one.value)
              for one in sorted(happenings, key=lambda one: one.start_ms)]  # fmt: skip
    assert kept == wanted
    assert back(case(said(0, "agent", 0, 900, ("您好", 1.0)))).happenings is None


def test_a_chat_stays_one() -> None:
    """Words without times: what rests on them cannot tell."""
    line = Utterance(
        channel=0,
        role="agent",
        number=0,
        start_ms=4_000,
        end_ms=4_000,
        text="您好, 请问 [有] 什么?",
        words=(),
        confidence=1.0,
    )
    told = back(case(line, model=CHAT)).transcript
    assert (told.model, told.utterances[0].words, told.utterances[0].text) == (CHAT, (), "您好, 请问  有  什么?")


def test_two_sides_in_one_channel_are_not_told_apart() -> None:
    """What overlaps there is moved, not lost."""
    told = back(case(said(0, "unknown", 0, 2_000, ("您好", 1.0)), said(0, "unknown", 1_500, 3_000, ("你好", 1.0))))
    assert [(one.role, one.start_ms, one.end_ms) for one in told.transcript.utterances] == [
        ("unknown", 0, 2_000), ("unknown", 2_000, 3_000),
    ]  # fmt: skip


def test_only_facts_that_the_scheme_asks_for_are_written() -> None:
    """They are about a person."""
    text = dialogue(case(said(0, "agent", 0, 900, ("您好", 1.0))), SERVICE, Kept(id="x", about="", expect={}))
    assert "sales" not in text


@pytest.mark.parametrize("text", ["'''\n[[dialogue]]", "[a](b)", "{x 0.3}", "\x00\x7f", "* hold 9"])
def test_whatever_was_said_is_said_again_and_nothing_more(text: str) -> None:
    told = back(case(said(0, "agent", 0, 900, ("好", 1.0), (text, 1.0))))
    assert len(told.transcript.utterances) == 1
    assert told.happenings is None
