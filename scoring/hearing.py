"""What a rule may look at. In: a Case. Out: `Hearing` of the whole contact, `Scope` of one range; hits with evidence.

Every operator looks through these doors only, so that each phrase and pattern is looked for once per contact, whoever
asks. May not know: rules, points.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from asr.transcript import Transcript, Utterance
from scoring.case import Case, Happening, Kind
from scoring.match import Evidence, Reading, hits, of_role, readings
from scoring.messages import Reason
from scoring.operators.doubt import absence
from scoring.patterns import compiled
from scoring.rules import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """Of one contact, under one scheme's `least_confidence`."""

    case: Case
    least_confidence: float

    @property
    def transcript(self) -> Transcript:
        return self.case.transcript

    def of_role(self, role: Role) -> list[Utterance]:
        return of_role(self.transcript.utterances, role)

    def whole(self, role: Role) -> "Scope":
        return Scope(
            hearing=self,
            role=role,
            utterances=tuple(self.of_role(role)),
            start_ms=0,
            end_ms=self.case.now_ms,
            open=not self.case.ended,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
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

    @property
    def case(self) -> Case:
        return self.hearing.case

    @property
    def transcript(self) -> Transcript:
        return self.hearing.case.transcript

    @property
    def least_confidence(self) -> float:
        return self.hearing.least_confidence

    def readings(self) -> list[Reading]:
        """Neighbouring utterances of a channel as one text each."""
        return readings(self.utterances)

    def hits(self, phrases: Sequence[str]) -> list[Evidence]:
        """Every occurrence of every phrase, in order of time."""
        return hits(self.readings(), phrases)

    def matches(self, pattern: str) -> list[Evidence]:
        """Every occurrence of a regular expression (RE2, no case), in order of time."""
        found = compiled(pattern)
        return [
            reading.evidence(match.start(), match.end())
            for reading in self.readings()
            for match in found.finditer(reading.text)
            if match.end() > match.start()
        ]

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
        return absence(self, self.utterances if heard is None else tuple(heard))

    def narrowed(self, start_ms: int, end_ms: int) -> "Scope":
        """The part of it in which utterances begin in [start_ms, end_ms)."""
        start, end = max(start_ms, self.start_ms), min(end_ms, self.end_ms)
        return Scope(
            hearing=self.hearing,
            role=self.role,
            utterances=tuple(one for one in self.utterances if start <= one.start_ms < end),
            start_ms=start,
            end_ms=end,
            open=self.open and end_ms > self.case.now_ms,
            where=self.where,
        )
