"""A contact judged while it goes on. In: utterances, happenings, spans, facts, the time. Out: `Change`s of verdicts.

After each step a rule's outcome and leaning are those of scoring/judge.py asked of all that is known so far; what is
surely answered stays. Only rules that a step can touch are asked again. Mutable; one owner. May not know: points.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from msgspec.structs import replace as with_fields

from asr.redact_kinds import KINDS
from asr.transcript import Span, Transcript, Utterance
from scoring.case import LASTING, Case, Fact, Happening
from scoring.formula import Outcome
from scoring.hearing import Hearing
from scoring.index import Compiled, bits_of, hear, verdicts
from scoring.judge import Verdict, judge
from scoring.lexical import folded
from scoring.operators.registry import OPERATORS
from scoring.operators.spec import Needs
from scoring.ranges import Looked, scopes
from scoring.rules import Item, Role, Rule, Where

_UNREAD: Final = "no_words"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A rule's outcome or leaning is another one now."""

    item: Item
    before: Verdict
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class _Trait:
    """What can change a rule's answer while it is in doubt."""

    words_only: bool
    """Nothing but its phrases and patterns, and the ends of its ranges."""
    events_only: bool
    plain: tuple[Where, ...]
    """Its ranges without an anchor that end somewhere, or move."""
    tied: bool
    """To an anchor, or to each utterance: any step can change it once something of it was said."""
    each: bool


class Live:
    def __init__(self, compiled: Compiled, case: Case) -> None:
        """`case`: what is known at the beginning, often nothing but facts and a transcript without utterances."""
        self._compiled = compiled
        self._traits = _traits(compiled)
        self._ranges = tuple(dict.fromkeys(where for trait in self._traits for where in trait.plain))
        self._case = replace(case, ended=False)
        self._verdicts: list[Verdict] = []
        self._marks: dict[Where, tuple[object, object]] = {}
        self._texts: set[tuple[object, ...]] = set()
        self._kinds: object = None
        self._ever = 0
        self.late = 0
        """Utterances that began before what was said to be known: all rules were asked anew."""
        self._anew()

    @property
    def case(self) -> Case:
        """All that is known so far."""
        return self._case

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """One for each item of the scheme."""
        return tuple(self._verdicts)

    # --- what comes ------------------------------------------------------------------------------------------------

    def feed(self, one: Utterance | Happening | Span) -> tuple[Change, ...]:
        """Utterances come when they are over, each channel's in order. A happening that began earlier replaces the
        one of the same kind, beginning and leg: so a hold that is told as going on is ended."""
        match one:
            case Utterance():
                return self._say(one)
            case Happening():
                return self._happen(one)
            case Span():
                return self._mark(one)

    def advance(self, now_ms: int) -> tuple[Change, ...]:
        """All that began before `now_ms` has been fed."""
        if now_ms <= self._case.known_ms:
            return ()
        transcript = with_fields(self._case.transcript, duration_ms=max(now_ms, self._case.now_ms))
        self._case = replace(self._case, known_ms=now_ms, transcript=transcript)
        return self._step(any(one.end_ms is None and one.kind in LASTING for one in self._case.happenings or ()))

    def learn(self, facts: Mapping[str, Fact]) -> tuple[Change, ...]:
        """Facts become known; those known stay."""
        self._case = replace(self._case, facts={**facts, **self._case.facts})
        return self._anew()

    def finish(self, now_ms: int | None = None) -> tuple[Change, ...]:
        """It is over, `now_ms` after its beginning: from here on the answers are final."""
        if now_ms is not None:
            self._case = replace(self._case, transcript=with_fields(self._case.transcript, duration_ms=now_ms))
        self._case = replace(self._case, ended=True)
        return self._anew()

    def _say(self, said: Utterance) -> tuple[Change, ...]:
        known = self._case.transcript.utterances
        own = max((one.start_ms for one in known if one.channel == said.channel), default=0)
        if said.start_ms < max(own, self._case.known_ms):
            self.late += 1
        each = (*known, said)
        if known and _place(known[-1]) > _place(said):
            each = tuple(sorted(each, key=_place))
        duration = max(self._case.now_ms, said.end_ms)
        self._case = self._with(utterances=each, duration_ms=duration)
        if self.late:
            return self._anew()
        return self._step(False)

    def _happen(self, one: Happening) -> tuple[Change, ...]:
        key = (one.kind, one.start_ms, one.leg)
        others = [each for each in self._case.happenings or () if (each.kind, each.start_ms, each.leg) != key]
        happenings = tuple(sorted((*others, one), key=lambda each: each.start_ms))
        self._case = replace(self._case, happenings=happenings)
        return self._step(True)

    def _mark(self, span: Span) -> tuple[Change, ...]:
        transcript = self._case.transcript
        if span.kind == _UNREAD:
            self._case = self._with(unread=(*transcript.unread, span))
        elif span.kind in KINDS:
            self._case = self._with(redacted=(*transcript.redacted, span))
        else:
            self._case = self._with(non_speech=(*transcript.non_speech, span))
        return self._anew()

    def _with(self, **fields: object) -> Case:
        transcript: Transcript = with_fields(self._case.transcript, **fields)
        return replace(self._case, transcript=transcript)

    # --- judging ---------------------------------------------------------------------------------------------------

    def _anew(self) -> tuple[Change, ...]:
        hearing = hear(self._case, self._compiled)
        self._look(hearing)
        new = verdicts(hearing, self._compiled)
        if not self._verdicts:
            self._verdicts = list(new)
            return ()
        return self._take(enumerate(new))

    def _step(self, event: bool) -> tuple[Change, ...]:
        hearing = hear(self._case, self._compiled)
        if not hearing.words.apart or self._kinds != _kinds_of(self._case):
            return self._anew()
        touched, ended, moved = self._look(hearing)
        asked = (
            number
            for number, trait in enumerate(self._traits)
            if touched >> number & 1 or (self._in_doubt(number) and self._due(number, trait, event, ended, moved))
        )
        return self._take((number, judge(hearing, self._compiled.rules[number])) for number in asked)

    def _in_doubt(self, number: int) -> bool:
        return self._verdicts[number].outcome is Outcome.CANNOT_TELL

    def _due(self, number: int, trait: _Trait, event: bool, ended: set[Where], moved: set[Where]) -> bool:
        if trait.each or any(where in ended for where in trait.plain):
            return True
        if trait.words_only:
            return bool(self._ever >> number & 1) and (trait.tied or any(where in moved for where in trait.plain))
        # A limited range moves with the time, and a happening told before may lie in it now.
        return event or not trait.events_only or trait.tied or bool(trait.plain)

    def _look(self, hearing: Hearing) -> tuple[int, set[Where], set[Where]]:
        """The rules that new words touch; the ranges that ended, and those that moved, since the last look."""
        self._kinds = _kinds_of(self._case)
        readings = hearing.words.readings(Role.ANY)
        texts = {
            (one.utterances[0].channel, one.utterances[0].start_ms, len(one.utterances), one.settled): one
            for one in readings
        }
        new = [one for key, one in texts.items() if key not in self._texts]
        self._texts = set(texts)
        touched = 0
        if new:
            found = self._compiled.needles.find([one.text for one in new])
            touched = bits_of(self._compiled, found, [one.utterances[0].role for one in new])
            others = [folded(text) for one in new for said in one.utterances for text in said.alternatives]
            if others:
                told = self._compiled.needles.find(others)
                touched |= bits_of(self._compiled, told, (), anybody=True)
        self._ever |= touched
        ended: set[Where] = set()
        moved: set[Where] = set()
        for where in self._ranges:
            mark = _mark_of(hearing, where)
            before = self._marks.get(where)
            if before is None or before[0] != mark[0]:
                ended.add(where)
            if before is None or before[1] != mark[1]:
                moved.add(where)
            self._marks[where] = mark
        return touched, ended, moved

    def _take(self, new: Iterable[tuple[int, Verdict]]) -> tuple[Change, ...]:
        changes = []
        for number, verdict in new:
            before, self._verdicts[number] = self._verdicts[number], verdict
            if (before.outcome, before.leaning) != (verdict.outcome, verdict.leaning):
                changes.append(Change(item=self._compiled.scheme.items[number], before=before, verdict=verdict))
        return tuple(changes)


def _place(said: Utterance) -> tuple[int, int]:
    return said.start_ms, said.channel


def _mark_of(hearing: Hearing, where: Where) -> tuple[object, object]:
    """Whether it is still open; and what lies in it."""
    looked = scopes(hearing, where, {})
    assert isinstance(looked, Looked), "a range without an anchor, and not of each utterance, is always there"
    scope = looked.ranges[0].scope
    return scope.open, (len(scope.utterances), scope.utterances[0].number if scope.utterances else -1)


def _kinds_of(case: Case) -> object:
    """What operators rest on: when one of these becomes known, all rules are asked."""
    said = case.transcript.utterances
    roles = frozenset(one.role for one in said)
    known = any(one.words for one in said), any(one.loudness_db is not None for one in said)
    return roles, known, case.happenings is None


@lru_cache(maxsize=64)
def _traits(compiled: Compiled) -> tuple[_Trait, ...]:
    return tuple(
        _trait(rule, shaped=shape is not None) for rule, shape in zip(compiled.rules, compiled.shapes, strict=True)
    )


def _trait(rule: Rule, *, shaped: bool) -> _Trait:
    needs = [OPERATORS[check.operator].needs for condition in rule.conditions for check in condition.checks]
    wheres = [condition.where for condition in rule.conditions]
    limited = [
        where for where in wheres if where.anchor is None and not where.every and where != Where(role=where.role)
    ]
    return _Trait(
        words_only=shaped,
        events_only=all(one == {Needs.EVENTS} for one in needs),
        plain=tuple(dict.fromkeys(limited)),
        tied=any(where.anchor is not None for where in wheres),
        each=any(where.every for where in wheres),
    )
