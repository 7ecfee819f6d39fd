"""What settling doubts can do to points. In: the ways each rule may turn out. Out: `Reach`; which rules matter.

A rule settles for all its items at once, and dimensions limit sums, so what one doubt does hangs on the others: all
that can be reached is followed, in whole thousandths of a point. May not know: verdicts, items.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
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


_NONE: Final = Limit()


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


def matter(rules: Sequence[Sequence[Way]], limits: Sequence[Limit]) -> frozenset[int]:
    """Which rules, by their places: settling this one could change the points, what could be earned, or whether a
    fault is fatal.

    However the others settle: once every rule that matters is settled, no doubt is left in the score.
    """
    mild = [_mild(ways) for ways in rules]
    if not all(mild):  # a fatal item surely hit: all points are gone, whatever comes of the rest
        return frozenset()
    open_ones = [at for at, ways in enumerate(rules) if len(set(ways)) > 1]
    found = {at for at in open_ones if any(way.fatal for way in rules[at])}
    groups = _groups(mild, len(limits))
    best = [_best(mild, limits, group) for group in groups]
    for number, group in enumerate(groups):
        moving = [at for at in open_ones if any(_moves(mild[at], one) for one in group)]
        rest = sum(best) - best[number]
        found |= _matter_in(mild, moving, limits, group, rest)
    return frozenset(found)


def _moves(ways: Sequence[Sums], at: int) -> bool:
    return len({sums[at] for sums in ways}) > 1


def _matter_in(
    rules: Sequence[Sequence[Sums]], moving: Sequence[int], limits: Sequence[Limit], group: Sequence[int], rest: int
) -> set[int]:
    """Of the rules that move these dimensions. `rest`: the most that all others may give."""
    steps = {at: sorted({_code(sums, group) for sums in rules[at]}) for at in moving}
    chain = _chain(rules, moving, group)
    free = all(limits[at] == _NONE for at in group)
    found: set[int] = set()
    for at in moving:
        ends = chain[at]
        if any(_differs(before, steps[at], limits, group, rest) for before in ends):
            found.add(at)
        elif not free and not _capped(rules, at, limits, group):
            others = [ways for place, ways in enumerate(rules) if place != at]
            around = _sums(others, group)
            if around is None or any(_differs(before, steps[at], limits, group, rest) for before in around):
                found.add(at)
        # else: where nothing is limited, the others move what is gained, never by how much this one differs
    return found


def _best(rules: Sequence[Sequence[Sums]], limits: Sequence[Limit], group: Sequence[int]) -> int:
    """The most these dimensions may give together."""
    if len(group) == 1 or all(limits[at] == _NONE for at in group):  # each rule at its best: a limit keeps the order
        code = sum(_code(max(ways, key=lambda way: _gain_of(way, group)), group) for ways in rules)
        return _limited(code, limits, group).gain
    return max(one.gain for one in _reached(rules, limits, group))


def _gain_of(way: Sums, group: Sequence[int]) -> int:
    return sum(way[at].gain for at in group)


def _differs(before: int, steps: Sequence[int], limits: Sequence[Limit], group: Sequence[int], rest: int) -> bool:
    after = {_limited(before + step, limits, group) for step in steps}
    gains = {one.gain for one in after}
    return len({one.most for one in after}) > 1 or (len(gains) > 1 and max(gains) + rest > 0)


_CHAIN: Final = 12


def _chain(rules: Sequence[Sequence[Sums]], moving: Sequence[int], group: Sequence[int]) -> Mapping[int, Sequence[int]]:
    """Of each moving rule: some sums of the others, from all at their best over one after the other to all at their
    worst. Most that matters does so somewhere here."""
    ends = {at: _ends(rules[at], group) for at in moving}
    still = set(range(len(rules))) - ends.keys()
    total = sum(_code(rules[at][0], group) for at in still) + sum(best for best, _ in ends.values())
    totals = [(0, total)]
    for count, (best, worst) in enumerate(ends.values(), start=1):
        total += worst - best
        totals.append((count, total))
    kept = totals[:: max(1, len(totals) // _CHAIN)]
    if kept[-1] != totals[-1]:
        kept.append(totals[-1])
    return {
        at: [total - (worst if place < count else best) for count, total in kept]
        for place, (at, (best, worst)) in enumerate(ends.items())
    }


def _ends(ways: Sequence[Sums], group: Sequence[int]) -> tuple[int, int]:
    best = max(ways, key=lambda way: _gain_of(way, group))
    worst = min(ways, key=lambda way: _gain_of(way, group))
    return _code(best, group), _code(worst, group)


def _capped(rules: Sequence[Sequence[Sums]], which: int, limits: Sequence[Limit], group: Sequence[int]) -> bool:
    """Whether the limits swallow whatever this rule does, even with all others at either end."""
    for at in group:
        low, high = _end(rules, at, min), _end(rules, at, max)
        own_gain, own_most = {way[at].gain for way in rules[which]}, {way[at].most for way in rules[which]}
        if len(own_gain) + len(own_most) > 2 and limits[at].of(low) != limits[at].of(high):
            return False
    return True


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
    low = _all(limits[at].of(_end(rules, at, min)) for at in group)
    high = _all(limits[at].of(_end(rules, at, max)) for at in group)
    return _corners((low, high))


def _end(rules: Sequence[Sequence[Sums]], at: int, pick: Callable[[Iterable[int]], int]) -> Sum:
    gain = sum(pick(way[at].gain for way in ways) for ways in rules)
    return Sum(gain, sum(pick(way[at].most for way in ways) for ways in rules))


def _sums(rules: Sequence[Sequence[Sums]], group: Sequence[int]) -> set[int] | None:
    """Codes of every sum of one way of each rule; None: too many."""
    found = {sum(_code(ways[0], group) for ways in rules if len(ways) == 1)}
    for ways in rules:
        if len(ways) > 1:
            steps = {_code(way, group) for way in ways}
            found = {before + step for before in found for step in steps}
        if len(found) > MOST_SUMS:
            return None
    return found


_BASE: Final = 1 << 48
_HALF: Final = _BASE >> 1


def _code(sums: Sums, group: Sequence[int]) -> int:
    """The group's sums as one number, so that adding numbers adds sums; each stays far below half of the base."""
    code = 0
    for at in reversed(group):
        gain, most = sums[at]
        code = (code * _BASE + most) * _BASE + gain
    return code


def _decoded(code: int, count: int) -> list[Sum]:
    digits = []
    for _ in range(2 * count):
        digit = (code + _HALF) % _BASE - _HALF
        digits.append(digit)
        code = (code - digit) // _BASE
    return [Sum(digits[at], digits[at + 1]) for at in range(0, 2 * count, 2)]


def _crossed(some: set[Sum], others: set[Sum]) -> set[Sum]:
    found = {_plus(one, other) for one in some for other in others}
    return found if len(found) <= MOST_SUMS else _corners(found)


def _corners(sums: Iterable[Sum]) -> set[Sum]:
    gains, mosts = zip(*sums, strict=True)
    return {Sum(gain, most) for gain in (min(gains), max(gains)) for most in (min(mosts), max(mosts))}


def _limited(code: int, limits: Sequence[Limit], group: Sequence[int]) -> Sum:
    return _all(limits[at].of(one) for one, at in zip(_decoded(code, len(group)), group, strict=True))


def _plus(one: Sum, other: Sum) -> Sum:
    return Sum(one.gain + other.gain, one.most + other.most)


def _all(sums: Iterable[Sum]) -> Sum:
    each = list(sums)
    return Sum(sum(one.gain for one in each), sum(one.most for one in each))
