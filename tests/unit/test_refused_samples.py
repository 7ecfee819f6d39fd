"""What was refused is kept to be looked at, a little of every reason."""

from collections import Counter

from streams.collect.samples import KEPT_PER_REASON, REASONS_KEPT, SAMPLE_BYTES, RefusedSamples
from streams.vocabulary.ids import Millis


def test_what_rises_gets_its_sample():
    samples = RefusedSamples()
    samples.note(Counter(), b"fine", Millis(1))
    samples.note(Counter(not_json=1), b"bad", Millis(2))
    samples.note(Counter(not_json=1), b"fine", Millis(3))
    samples.note(Counter(not_json=1, no_object=1), "[1]", Millis(4))
    assert [(one.at, one.reason, one.blob) for one in samples.newest_first()] == [
        (4, "no_object", b"[1]"),
        (2, "not_json", b"bad"),
    ]


def test_a_flood_of_one_reason_does_not_hide_the_others():
    samples = RefusedSamples()
    samples.note(Counter(rare=1), b"rare", Millis(0))
    for number in range(1, 500):
        samples.note(Counter(rare=1, common=number), b"x" * 10_000, Millis(number))
    kept = samples.newest_first()
    assert len(kept) == KEPT_PER_REASON + 1
    assert kept[-1].blob == b"rare"
    assert max(len(one.blob) for one in kept) == SAMPLE_BYTES


def test_reasons_without_end_are_bounded():
    samples = RefusedSamples()
    samples.note(Counter({f"reason{number}": 1 for number in range(1_000)}), b"x", Millis(1))
    assert len(samples.newest_first()) == REASONS_KEPT
