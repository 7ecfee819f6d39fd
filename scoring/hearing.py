"""What a rule may look at. In: a Case. Out: `Hearing` of the whole contact, `Scope` of one range; hits with evidence.

Every operator looks through these doors only, so that each phrase and pattern is looked for once per contact, whoever
asks. A hit belongs to the range it begins in. May not know: rules, points.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar

from msgspec import Struct
from msgspec import field as made_later

from asr.transcript import Transcript, Utterance
from scoring.case import Case, Happening, Kind
from scoring.finding import Hit, Words
from scoring.match import Evidence, Reading, readings
from scoring.messages import Reason
from scoring.operators.doubt import absence
from scoring.rules import Role, Where

if TYPE_CHECKING:
    from scoring.needles import Needles

T = TypeVar("T")
FOR_EVER: Final = 1 << 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """Of one contact, under one scheme's `least_confidence`."""

    case: Case
    least_confidence: float
    needles: Needles | None = None
    """All phrases and patterns that will be asked, to be looked for at once; None: each when it is asked."""
    _made: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def transcript(self) -> Transcript:
        return self.case.transcript

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What `make` gives, worked out once for this contact; `key` begins with the asking file's name."""
        made: T | None = self._made.get(key)
        if made is None:
            made = self._made[key] = make()
        return made

    def of_range(self, where: Where, make: Callable[[], T]) -> T:
        """As `once`, of a range: asked for so often that its fields' hash would cost more than it saves."""
        made: tuple[Where, T] | None = self._made.get(id(where))
        if made is None:
            made = self._made[id(where)] = (where, make())  # held, so that its id stays its own
        return made[1]

    def lacks(self, needs: frozenset[Any], why: Callable[[Case, frozenset[Any]], Reason | None]) -> Reason | None:
        """`why` asked once for each set of needs."""
        known = self._made.get(needs, self)
        if known is self:
            known = self._made[needs] = why(self.case, needs)
        lacking: Reason | None = known
        return lacking

    @property
    def known_ms(self) -> int:
        """Whatever begins before is known."""
        return self.once("hearing.known", self._known)

    def _known(self) -> int:
        if self.case.ended:
            return FOR_EVER
        return max(self.case.known_ms, min(self._latest()))

    def _latest(self) -> list[int]:
        """By channel, where its last utterance began: each channel tells its own in order."""
        latest = [0] * max(1, self.transcript.channels)
        for said in self.transcript.utterances:
            if said.channel < len(latest):
                latest[said.channel] = max(latest[said.channel], said.start_ms)
        return latest

    @property
    def settled_ms(self) -> int:
        """Nothing that begins before, no phrase either, can come any more."""
        return self.once("hearing.settled", self._settled)

    def _settled(self) -> int:
        unsettled = (one.utterances[0].start_ms for one in self.words.readings(Role.ANY) if not one.settled)
        return min(self.known_ms, min(unsettled, default=FOR_EVER))

    def lengthens(self, said: Iterable[Utterance]) -> bool:
        """Whether what begins there may end in words still to come."""
        unsettled = self.once("hearing.unsettled", self._unsettled)
        return any(id(one) in unsettled for one in said)

    def _unsettled(self) -> frozenset[int]:
        each = (one for one in self.words.readings(Role.ANY) if not one.settled)
        return frozenset(id(said) for reading in each for said in reading.utterances)

    @property
    def words(self) -> Words:
        words: Words | None = self._made.get("hearing.words")
        if words is None:
            known = None if self.case.ended else self.case.known_ms
            words = self._made["hearing.words"] = Words(self.transcript.utterances, self.needles, known_ms=known)
        return words

    def of_role(self, role: Role) -> tuple[Utterance, ...]:
        return self.words.of_role(role)

    def whole(self, role: Role) -> Scope:
        whole: Scope | None = self._made.get(role)
        if whole is None:
            whole = self._made[role] = self._whole(role)
        return whole

    def _whole(self, role: Role) -> Scope:
        return Scope(
            hearing=self,
            role=role,
            utterances=self.of_role(role),
            start_ms=0,
            end_ms=self.case.now_ms,
            open=not self.case.ended,
        )


class Scope(Struct, frozen=True, kw_only=True, eq=False):
    """One range of one contact, for one role."""

    hearing: Hearing
    role: Role
    utterances: tuple[Utterance, ...]
    """The role's within the range, in order of start."""
    start_ms: int
    end_ms: int
    open: bool = False
    """It reaches beyond what has been heard so far: what is not there may still come."""
    where: str = "all"
    """Its name in reasons (scoring/messages.py): all, first_ms:30000, after:20:text …"""
    _made: dict[Any, Any] = made_later(default_factory=dict)

    @property
    def case(self) -> Case:
        return self.hearing.case

    @property
    def transcript(self) -> Transcript:
        return self.hearing.case.transcript

    @property
    def least_confidence(self) -> float:
        return self.hearing.least_confidence

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """As `Hearing.once`, of this range."""
        made: T | None = self._made.get(key)
        if made is None:
            made = self._made[key] = make()
        return made

    def readings(self) -> Sequence[Reading]:
        """Neighbouring utterances of a channel as one text each; of this range's utterances only."""
        if self._whole():
            return self.hearing.words.readings(self.role)
        known = self.hearing.words.known
        return self.once("readings", lambda: readings(self.utterances, known=known))

    def hits(self, phrases: Sequence[str]) -> list[Evidence]:
        """Every occurrence of every phrase, in order of time."""
        words = self.hearing.words
        present = words.present(self.role, phrases)
        if not present:
            return []
        return self._inside([hit for phrase in phrases if phrase in present for hit in words.hits(self.role, phrase)])

    def matches(self, pattern: str) -> list[Evidence]:
        """Every occurrence of a regular expression (RE2, no case), in order of time.

        Of a contact that goes on, only in what no further words can change: a pattern may hang on what follows.
        """
        found = self.hearing.words.matches(self.role, pattern)
        return self._inside(found) if found else []

    def _inside(self, found: Sequence[Hit]) -> list[Evidence]:
        if not self._whole():
            inside = self.once("inside", lambda: frozenset(map(id, self.utterances)))
            found = [hit for hit in found if id(hit.said) in inside]
        each = [hit.evidence for hit in found]
        if len(each) > 1:
            each.sort(key=_when)
        return each

    def _whole(self) -> bool:
        return self.utterances is self.hearing.of_role(self.role)

    def happenings(self, *kinds: Kind) -> list[Happening]:
        """Those that touch the range; of an operator that needs EVENTS."""
        return [
            one
            for one in self.case.happenings or ()
            if one.kind in kinds
            and one.start_ms < self.end_ms + 1
            and (one.start_ms if one.end_ms is None else one.end_ms) >= self.start_ms
        ]

    def absence(self, heard: Iterable[Utterance] | None = None) -> tuple[Reason, tuple[Evidence, ...]] | None:
        """Why what was not found may have been said all the same; None: it was not."""
        if heard is not None:
            return absence(self, tuple(heard))
        return self.once("absence", lambda: (absence(self, self.utterances),))[0]

    def narrowed(self, start_ms: int, end_ms: int) -> Scope:
        """The part of it in which utterances begin in [start_ms, end_ms)."""
        start, end = max(start_ms, self.start_ms), min(end_ms, self.end_ms)
        return Scope(
            hearing=self.hearing,
            role=self.role,
            utterances=tuple(one for one in self.utterances if start <= one.start_ms < end),
            start_ms=start,
            end_ms=end,
            open=self.open and end_ms > self.hearing.known_ms,
            where=self.where,
        )


def _when(evidence: Evidence) -> tuple[int, int, int]:
    return evidence.start_ms, evidence.utterance, evidence.end_ms
