"""What a scheme's next version would change. In: each contact's scores under both. Out: `Effect`, counted and exampled.

Pure: the same contacts give the same effect, in whatever pages they come. None: that version is not meant for the
contact, or there is none. May not know: stores, how long it took.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

import msgspec

from asr.transcript import Transcript
from scoring.formula import Outcome
from scoring.rules import Scheme
from scoring.score import ItemResult, ScoreResult
from streams.vocabulary.ids import Millis

MOST_EXAMPLES: Final = 8
"""Of each change of an item, to listen to."""
MOST_AFFECTED: Final = 200
"""Agents listed; those whose outcome changed most often."""
BINS: Final = 10
"""Of the share of points."""
ABSENT: Final = "-"
"""In place of an outcome: that version has no such item, or is not meant for the contact."""


class Example(msgspec.Struct, frozen=True, kw_only=True):
    """One contact whose answer changed. `at_ms`: where to listen; None: nothing says where."""

    contact: str
    contact_at: Millis
    queue: str
    agent: str
    before: str
    after: str
    at_ms: int | None
    text: str


class ItemChange(msgspec.Struct, frozen=True, kw_only=True):
    """`pairs`: how often each (before, after) came. The four counts are read from them."""

    id: str
    zh: str
    en: str
    kind: str
    pairs: list[tuple[str, str, int]]
    newly_hit: int
    no_longer_hit: int
    newly_in_doubt: int
    settled: int
    examples: list[Example]


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """One version's scores. `share_sum`: points as a share of what could be earned, added up over `shared`."""

    scored: int
    passed: int
    fatal: int
    doubt_decides: int
    share_sum: float
    shared: int
    bins: list[int]
    """Contacts by tenths of that share."""


class Affected(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    contacts: int
    changed: int
    """Other points, or another outcome."""
    now_pass: int
    now_fail: int


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    contacts: int
    changed: int
    now_pass: int
    now_fail: int
    before: Side
    after: Side
    items: list[ItemChange]
    agents: list[Affected]
    queues: list[Affected]
    turned: list[Example]
    """Contacts that would pass, or pass no more; `before` and `after` say which."""


@dataclass(slots=True)
class _Side:
    scored: int = 0
    passed: int = 0
    fatal: int = 0
    doubt_decides: int = 0
    share_sum: float = 0.0
    shared: int = 0
    bins: list[int] = field(default_factory=lambda: [0] * BINS)

    def add(self, result: ScoreResult | None) -> None:
        if result is None:
            return
        self.scored += 1
        self.passed += result.passed
        self.fatal += result.fatal
        self.doubt_decides += result.doubt_decides
        if result.points_max > 0:
            share = min(1.0, max(0.0, result.points.best / result.points_max))
            self.share_sum += share
            self.shared += 1
            self.bins[min(BINS - 1, int(share * BINS))] += 1

    def told(self) -> Side:
        return Side(
            scored=self.scored, passed=self.passed, fatal=self.fatal, doubt_decides=self.doubt_decides,
            share_sum=round(self.share_sum, 6), shared=self.shared, bins=list(self.bins),
        )  # fmt: skip


@dataclass(slots=True)
class _Touched:
    contacts: int = 0
    changed: int = 0
    now_pass: int = 0
    now_fail: int = 0


@dataclass(slots=True)
class _Item:
    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)
    examples: list[Example] = field(default_factory=list)
    kept: Counter[tuple[str, str]] = field(default_factory=Counter)


class Effects:
    """Mutable: filled contact by contact. Owned by one back-test."""

    def __init__(self, before: Scheme | None, after: Scheme) -> None:
        both = [*after.items, *(before.items if before is not None else ())]
        self._named = {item.id: item for item in reversed(both)}
        self._order = list(dict.fromkeys(item.id for item in both))
        self._items = {name: _Item() for name in self._order}
        self._sides = (_Side(), _Side())
        self._agents: dict[str, _Touched] = {}
        self._queues: dict[str, _Touched] = {}
        self._turned: list[Example] = []
        self._all = _Touched()

    def add(self, transcript: Transcript, before: ScoreResult | None, after: ScoreResult | None) -> None:
        for side, result in zip(self._sides, (before, after), strict=True):
            side.add(result)
        self._count(transcript, before, after)
        was, now = _by_id(before), _by_id(after)
        for name, item in self._items.items():
            pair = (_outcome(was.get(name)), _outcome(now.get(name)))
            item.pairs[pair] += 1
            if pair[0] != pair[1] and item.kept[pair] < MOST_EXAMPLES:
                item.kept[pair] += 1
                item.examples.append(_example(transcript, pair, now.get(name), was.get(name)))

    def _count(self, transcript: Transcript, before: ScoreResult | None, after: ScoreResult | None) -> None:
        was, now = _passed(before), _passed(after)
        changed = was != now or _points(before) != _points(after)
        groups = ((self._agents, transcript.agent), (self._queues, transcript.queue))
        for one in (self._all, *(group.setdefault(str(name), _Touched()) for group, name in groups)):
            one.contacts += 1
            one.changed += changed
            one.now_pass += (was, now) == ("failed", "passed")
            one.now_fail += (was, now) == ("passed", "failed")
        if was != now and ABSENT not in (was, now) and len(self._turned) < MOST_EXAMPLES:
            self._turned.append(_example(transcript, (was, now), None, None))

    def told(self) -> Effect:
        return Effect(
            contacts=self._all.contacts,
            changed=self._all.changed,
            now_pass=self._all.now_pass,
            now_fail=self._all.now_fail,
            before=self._sides[0].told(),
            after=self._sides[1].told(),
            items=[self._item(name) for name in self._order],
            agents=_affected(self._agents),
            queues=_affected(self._queues),
            turned=list(self._turned),
        )

    def _item(self, name: str) -> ItemChange:
        item, found = self._named[name], self._items[name]
        hit, doubt = Outcome.HIT.value, Outcome.CANNOT_TELL.value
        return ItemChange(
            id=name,
            zh=item.zh,
            en=item.en,
            kind=item.kind.value,
            pairs=[(*pair, count) for pair, count in sorted(found.pairs.items())],
            newly_hit=sum(n for (was, now), n in found.pairs.items() if now == hit != was),
            no_longer_hit=sum(n for (was, now), n in found.pairs.items() if was == hit != now),
            newly_in_doubt=sum(n for (was, now), n in found.pairs.items() if now == doubt != was),
            settled=sum(n for (was, now), n in found.pairs.items() if was == doubt != now),
            examples=list(found.examples),
        )


def _by_id(result: ScoreResult | None) -> dict[str, ItemResult]:
    return {} if result is None else {one.item.id: one for one in result.items}


def _outcome(one: ItemResult | None) -> str:
    return ABSENT if one is None else one.verdict.outcome.value


def _passed(result: ScoreResult | None) -> str:
    return ABSENT if result is None else "passed" if result.passed else "failed"


def _points(result: ScoreResult | None) -> tuple[float, float, float, float] | None:
    return None if result is None else (result.points.low, result.points.best, result.points.high, result.points_max)


def _example(transcript: Transcript, pair: tuple[str, str], now: ItemResult | None, was: ItemResult | None) -> Example:
    """Where the answer stands that has something to hear: the new one's evidence first."""
    heard = next((one.verdict.evidence[0].evidence for one in (now, was) if one and one.verdict.evidence), None)
    spans = [one.listen[0].start_ms for one in (now, was) if one is not None and one.listen]
    at_ms = heard.start_ms if heard is not None else spans[0] if spans else None
    return Example(
        contact=transcript.contact,
        contact_at=transcript.contact_at,
        queue=transcript.queue,
        agent=transcript.agent,
        before=pair[0],
        after=pair[1],
        at_ms=at_ms,
        text="" if heard is None else heard.text[:80],
    )


def _affected(groups: dict[str, _Touched]) -> list[Affected]:
    rows = [
        Affected(name=name, contacts=one.contacts, changed=one.changed, now_pass=one.now_pass, now_fail=one.now_fail)
        for name, one in groups.items()
        if one.changed
    ]
    rows.sort(key=lambda one: (-one.now_fail - one.now_pass, -one.changed, one.name))
    return rows[:MOST_AFFECTED]
