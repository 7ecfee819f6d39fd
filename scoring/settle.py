"""What settling doubts can do to points. In: the ways each rule may turn out. Out: `Reach`; which rules matter.

A rule settles for all its items at once, and dimensions limit sums, so what one doubt does hangs on the others: all
that can be reached is followed, in whole thousandths of a point. May not know: verdicts, items.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

MOST_SUMS: Final = 4_096
"""Beyond that corners stand for all: an interval is never too narrow then, but may be too wide."""


class Sum(NamedTuple):
    """Of one dimension or more: what was gained, and what could be earned."""

    gain: int = 0
    most: int = 0


Sums = tuple[Sum, ...]
"""One for each dimension."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way a rule may turn out."""

    sums: Sums
    fatal: bool = False
    """It takes all points, whatever they are."""


@dataclass(frozen=True, slots=True)
class Limit:
    """Of one dimension; None: no limit."""

    floor: int | None = None
    ceiling: int | None = None

    def of(self, total: Sum) -> Sum:
        gain, most = total
        if self.floor is not None:
            gain = max(gain, self.floor)
        if self.ceiling is not None:
            gain, most = min(gain, self.ceiling), min(most, self.ceiling)
        return Sum(gain, most)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """`could_pass` and `could_fail` both: doubt decides."""

    low: int
    high: int
    could_pass: bool
    could_fail: bool


def total_of(ways: Sequence[Sums], limits: Sequence[Limit]) -> Sum:
    """Points (never below 0) and what could be earned, when each rule turned out so."""
    total = _all(limit.of(_all(way[at] for way in ways)) for at, limit in enumerate(limits))
    return Sum(max(0, total.gain), total.most)


def passes(total: Sum, pass_percent: int) -> bool:
    return max(0, total.gain) * 100 >= total.most * pass_percent


def reach(rules: Sequence[Sequence[Way]], limits: Sequence[Limit], pass_percent: int) -> Reach:
    """Over every way each rule may turn out."""
    mild = [_mild(ways) for ways in rules]
    if not all(mild):  # a fatal item surely hit
        return Reach(low=0, high=0, could_pass=False, could_fail=True)
    ends = {Sum()}
    for group in _groups(mild, len(limits)):
        ends = _crossed(ends, _reached(mild, limits, group))
    perhaps_fatal = any(way.fatal for ways in rules for way in ways)
    could = {passes(one, pass_percent) for one in ends}
    return Reach(
        low=0 if perhaps_fatal else max(0, min(one.gain for one in ends)),
        high=max(0, max(one.gain for one in ends)),
        could_pass=True in could,
        could_fail=perhaps_fatal or False in could,
    )


def matters(rules: Sequence[Sequence[Way]], limits: Sequence[Limit], which: int) -> bool:
    """Whether settling this rule could change the points, what could be earned, or whether a fault is fatal.

    However the others settle: once every rule that matters is settled, no doubt is left in the score.
    """
    if len(set(rules[which])) < 2:
        return False
    others = [_mild(ways) for at, ways in enumerate(rules) if at != which]
    own = _mild(rules[which])
    if not own or not all(others):  # all points are gone, whatever comes of it
        return False
    if any(way.fatal for way in rules[which]):
        return True
    moved = {at for at in range(len(limits)) if len({sums[at] for sums in own}) > 1}
    groups = _groups([*others, own], len(limits))
    still = [group for group in groups if not moved & set(group)]
    rest = sum(max(one.gain for one in _reached([*others, own[:1]], limits, group)) for group in still)
    (group,) = [group for group in groups if moved & set(group)]
    around = _sums(others, group)
    if around is None:
        return True
    return any(_differs(before, own, limits, group, rest) for before in around)


def _differs(before: Sums, own: Sequence[Sums], limits: Sequence[Limit], group: Sequence[int], rest: int) -> bool:
    after = {_limited([_plus(b, sums[at]) for b, at in zip(before, group, strict=True)], limits, group) for sums in own}
    gains = {one.gain for one in after}
    return len({one.most for one in after}) > 1 or (len(gains) > 1 and max(gains) + rest > 0)


def _mild(ways: Sequence[Way]) -> list[Sums]:
    return [way.sums for way in ways if not way.fatal]


def _groups(rules: Sequence[Sequence[Sums]], count: int) -> list[tuple[int, ...]]:
    """Dimensions that one doubt moves at once are followed together, each other one by itself."""
    name = list(range(count))
    for ways in rules:
        moved = [at for at in range(count) if len(ways) > 1 and len({way[at] for way in ways}) > 1]
        for at in moved[1:]:
            name = [name[moved[0]] if one == name[at] else one for one in name]
    return [tuple(at for at in range(count) if name[at] == one) for one in dict.fromkeys(name)]


def _reached(rules: Sequence[Sequence[Sums]], limits: Sequence[Limit], group: Sequence[int]) -> set[Sum]:
    """What these dimensions may give together, each within its limit."""
    found = _sums(rules, group)
    if found is not None:
        return {_limited(one, limits, group) for one in found}
    low = _limited([_end(rules, at, min) for at in group], limits, group)
    high = _limited([_end(rules, at, max) for at in group], limits, group)
    return _corners((low, high))


def _end(rules: Sequence[Sequence[Sums]], at: int, pick: Callable[[Iterable[int]], int]) -> Sum:
    gain = sum(pick(way[at].gain for way in ways) for ways in rules)
    return Sum(gain, sum(pick(way[at].most for way in ways) for ways in rules))


def _sums(rules: Sequence[Sequence[Sums]], group: Sequence[int]) -> set[Sums] | None:
    """Every sum of one way of each rule; None: too many."""
    certain = [ways[0] for ways in rules if len(ways) == 1]
    found = {tuple(_all(way[at] for way in certain) for at in group)}
    for ways in rules:
        if len(ways) > 1:
            steps = {tuple(way[at] for at in group) for way in ways}
            found = {tuple(map(_plus, before, step)) for before in found for step in steps}
        if len(found) > MOST_SUMS:
            return None
    return found


def _crossed(some: set[Sum], others: set[Sum]) -> set[Sum]:
    found = {_plus(one, other) for one in some for other in others}
    return found if len(found) <= MOST_SUMS else _corners(found)


def _corners(sums: Iterable[Sum]) -> set[Sum]:
    gains, mosts = zip(*sums, strict=True)
    return {Sum(gain, most) for gain in (min(gains), max(gains)) for most in (min(mosts), max(mosts))}


def _limited(sums: Sequence[Sum], limits: Sequence[Limit], group: Sequence[int]) -> Sum:
    return _all(limits[at].of(one) for one, at in zip(sums, group, strict=True))


def _plus(one: Sum, other: Sum) -> Sum:
    return Sum(one.gain + other.gain, one.most + other.most)


def _all(sums: Iterable[Sum]) -> Sum:
    each = list(sums)
    return Sum(sum(one.gain for one in each), sum(one.most for one in each))
