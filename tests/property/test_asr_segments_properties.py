"""What holds of speech regions whatever the voice detector says."""

from hypothesis import given
from hypothesis import strategies as st

from asr.segments import Shape, stretches

SHAPE = Shape(frame_ms=30, pad_ms=60, merge_ms=90, least_ms=60, longest_ms=900)


@given(st.lists(st.booleans(), max_size=200))
def test_regions_are_disjoint_ordered_bounded_and_lose_no_speech(flags: list[bool]) -> None:
    """Each run of speech of at least two frames lies in a region; none is longer than allowed or outside the sound."""
    duration_ms = len(flags) * 30
    found = stretches(flags, duration_ms=duration_ms, shape=SHAPE)
    edges = [edge for one in found for edge in (one.start_ms, one.end_ms)]
    assert edges == sorted(edges)
    assert all(0 < one.end_ms - one.start_ms <= SHAPE.longest_ms for one in found)
    assert all(one.start_ms >= 0 and one.end_ms <= duration_ms for one in found)
    spoken = [i for i, flag in enumerate(flags) if flag and (True in flags[max(0, i - 1) : i] + flags[i + 1 : i + 2])]
    assert all(any(one.start_ms <= i * 30 < one.end_ms for one in found) for i in spoken)
