"""Where a recording stands, as rows that replace each other."""

from asr.ledger import Step, recording_fact, utterance_facts
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
