"""Where somebody speaks. In: one flag per frame from the voice detector. Out: padded, merged, bounded regions.

Times are ms, half-open. Only these regions are recognised; a recogniser's times map back by adding a region's start.
May not know: samples, the detector, the recogniser.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How flags become regions. Measured on the demo calls: 150/500 hears no worse than 300/500 and costs 7 % less;
    more and shorter regions (90/60) would save another 5 %, but the recogniser loses its context."""

    frame_ms: int = 30
    pad_ms: int = 150
    """Kept before and behind, so that soft first and last sounds are not cut."""
    merge_ms: int = 500
    """Regions nearer than this, padding included, become one: the recogniser keeps its context."""
    least_ms: int = 90
    """A shorter run of speech frames is a click."""
    longest_ms: int = 30_000
    """A longer region is cut, at its longest pause if it has one: bounds memory and the cost of a bad stretch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    start_ms: int
    end_ms: int


def stretches(flags: Sequence[bool], *, duration_ms: int, shape: Shape | None = None) -> tuple[Stretch, ...]:
    """Regions of speech in order, disjoint, inside [0, duration_ms)."""
    shape = shape or Shape()
    merged: list[Stretch] = []
    for first, last in _runs(flags):
        if (last - first) * shape.frame_ms < shape.least_ms:
            continue
        start = max(0, first * shape.frame_ms - shape.pad_ms)
        end = min(duration_ms, last * shape.frame_ms + shape.pad_ms)
        if end <= start:
            continue
        if merged and start - merged[-1].end_ms < shape.merge_ms:
            merged[-1] = Stretch(start_ms=merged[-1].start_ms, end_ms=max(end, merged[-1].end_ms))
        else:
            merged.append(Stretch(start_ms=start, end_ms=end))
    return tuple(piece for whole in merged for piece in _cut(whole, flags, shape))


def _runs(flags: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """Half-open frame ranges of consecutive True."""
    first: int | None = None
    for index, flag in enumerate(flags):
        if flag and first is None:
            first = index
        elif not flag and first is not None:
            yield first, index
            first = None
    if first is not None:
        yield first, len(flags)


def _cut(whole: Stretch, flags: Sequence[bool], shape: Shape) -> Iterator[Stretch]:
    start = whole.start_ms
    while whole.end_ms - start > shape.longest_ms:
        at = _quietest(start + shape.longest_ms // 2, start + shape.longest_ms, flags, shape.frame_ms)
        yield Stretch(start_ms=start, end_ms=at)
        start = at
    yield Stretch(start_ms=start, end_ms=whole.end_ms)


def _quietest(start_ms: int, end_ms: int, flags: Sequence[bool], frame_ms: int) -> int:
    """The middle of the longest pause within, else the end."""
    first = start_ms // frame_ms
    quiet = [not flag for flag in flags[first : end_ms // frame_ms]]
    longest = max(_runs(quiet), key=lambda run: run[1] - run[0], default=None)
    if longest is None:
        return end_ms
    return max(start_ms + 1, (first * 2 + longest[0] + longest[1]) * frame_ms // 2)
