"""Where speech regions begin and end."""

import pytest

from asr.segments import Shape, Stretch, stretches

SHAPE = Shape(frame_ms=30, pad_ms=60, merge_ms=90, least_ms=60, longest_ms=900)


def flags(drawn: str) -> list[bool]:
    return [mark == "#" for mark in drawn]


@pytest.mark.parametrize(
    ("drawn", "expected"),
    [
        ("", []),
        ("..........", []),
        (".....##...", [(90, 270)]),  # two frames of pad on both sides
        ("##........", [(0, 120)]),  # a pad cannot begin before the recording
        (".........#", []),  # one frame is a click
        ("........##", [(180, 300)]),  # a pad cannot end behind it
        ("##......##", [(0, 300)]),  # the pause left between the pads is 60 ms: merged
        ("##.......##", [(0, 120), (210, 330)]),  # 90 ms stay apart
    ],
)
def test_regions_are_padded_and_merged(drawn: str, expected: list[tuple[int, int]]) -> None:
    """By hand: 30 ms frames, 60 ms pad, regions nearer than 90 ms become one."""
    found = stretches(flags(drawn), duration_ms=len(drawn) * 30, shape=SHAPE)
    assert [(one.start_ms, one.end_ms) for one in found] == expected


def test_a_long_region_is_cut_in_its_longest_pause() -> None:
    """1200 ms of speech with a pause of two frames at 600-660 ms; the longest allowed is 900 ms."""
    drawn = "#" * 20 + ".." + "#" * 18
    found = stretches(flags(drawn), duration_ms=1200, shape=SHAPE)
    assert found == (Stretch(start_ms=0, end_ms=630), Stretch(start_ms=630, end_ms=1200))


def test_a_long_region_without_a_pause_is_cut_at_the_limit() -> None:
    """Half an hour of shouting must not become one request."""
    found = stretches([True] * 70, duration_ms=2100, shape=SHAPE)
    assert [one.end_ms for one in found] == [900, 1800, 2100]
