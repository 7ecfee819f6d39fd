"""Where a recording stands, as rows that replace each other."""

from msgspec.structs import replace

from asr.ledger import Step, recording_began, recording_fact, utterance_facts
from streams.vocabulary.ids import Millis
from tests.unit.asr_builders import dialogue, job


def test_versions_grow_with_steps_and_attempts() -> None:
    """Whatever order rows arrive in, the latest step of the latest attempt is what remains."""
    told = [
        recording_fact(job(), step, attempts=attempts)
        for attempts, step in [
            (0, Step.EXPECTED),
            (0, Step.QUEUED),
            (1, Step.DECODING),
            (1, Step.RECOGNISING),
            (1, Step.RETRYING),
            (2, Step.DECODING),
            (2, Step.QUARANTINED),
        ]
    ]
    assert [fact.ver for fact in told] == [0, 3, 20, 21, 22, 36, 39]
    assert [fact.state for fact in told] == [
        "expected",
        "queued",
        "decoding",
        "recognising",
        "queued",
        "decoding",
        "quarantined",
    ]


def test_an_utterance_row_carries_its_words_and_the_moment_it_was_said() -> None:
    """said_at is the contact's time plus the utterance's; confidence is 0..255 per word."""
    transcript = dialogue("A: 您好 请讲?")
    (row,) = utterance_facts(transcript, attempts=1)
    assert (row.said_at, row.role, row.text) == (1_795_291_649_000, "agent", "您好请讲")
    assert (row.words, row.word_start_ms, row.word_end_ms) == (["您好", "请讲"], [0, 400], [400, 800])
    assert row.word_confidence == [255, 76]  # round(0.3 x 255) = 76


def test_a_recording_that_begins_at_the_answer_is_told_by_its_length() -> None:
    """20 s in the queue, then 60 s of talk: 60 s of sound began at the answer, 80 s in the queue. What fits neither
    (a recorder that left holds out), or of which nobody told the end, begins with its contact as before."""
    asked = replace(job(), contact_at=Millis(1_000), moments=(Millis(1_000), Millis(21_000)), over_at=Millis(81_000))
    assert recording_began(asked, 60_400) == 21_000
    assert recording_began(asked, 79_000) == 1_000
    assert recording_began(asked, 40_000) == 1_000
    assert recording_began(replace(asked, over_at=Millis(0)), 60_000) == 1_000
    (row,) = utterance_facts(dialogue("A: 您好 请讲?"), attempts=1, began=Millis(21_000))
    assert row.said_at == 21_000 + row.start_ms
