"""A long region in short pieces: nothing lost, nothing long, cut where it is quiet."""

import numpy as np
import pytest

from asr.pieces import LONGEST_MS, in_pieces
from asr.wire import Region


def noise(length_ms: int, *, quiet: tuple[int, int] = (0, 0)) -> Region:
    """8 kHz; `quiet`: from, to, in ms of the region, which begins at 700."""
    samples = np.random.default_rng(1).integers(-9_000, 9_000, length_ms * 8).astype("<i2")
    samples[quiet[0] * 8 : quiet[1] * 8] = 1
    return Region(channel=1, start_ms=700, end_ms=700 + length_ms, pcm=samples.tobytes())


@pytest.mark.parametrize("length_ms", [90, 5_000, 5_001, 29_999, 30_000])
def test_pieces_are_the_region(length_ms: int) -> None:
    """In order, end to end, none longer than LONGEST_MS, every sample once."""
    region = noise(length_ms)
    pieces = list(in_pieces(region))
    assert b"".join(piece.pcm for piece in pieces) == region.pcm
    assert [pieces[0].start_ms, *(piece.end_ms for piece in pieces)] == [
        *(piece.start_ms for piece in pieces),
        region.end_ms,
    ]
    assert max(piece.end_ms - piece.start_ms for piece in pieces) <= LONGEST_MS
    assert {piece.channel for piece in pieces} == {1}


def test_a_region_is_cut_in_its_pause() -> None:
    """6 s with a pause from 3.9 to 4.1 s: the first piece ends in it."""
    first, _ = in_pieces(noise(6_000, quiet=(3_900, 4_100)))
    assert 700 + 3_900 <= first.end_ms < 700 + 4_100
