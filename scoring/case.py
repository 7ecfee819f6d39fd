"""What rules are asked about: one contact. In: nothing. Out: `Case`: words, happenings, facts, how far it has gone.

Times are ms from the recording's start; what happened before it is negative. What nobody knows is None, never empty, so
that a rule about it answers cannot_tell. May not know: schemes, stores, where any of it came from.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from asr.transcript import Transcript

Fact = str | float | bool | tuple[str, ...]
"""Of a contact: a text, a number, a flag, a set of words (skills, tags)."""


class Kind(StrEnum):
    """Of a happening. Those with a length have `end_ms`; None while it goes on."""

    QUEUED = "queued"
    OFFERED = "offered"
    ANSWERED = "answered"
    HOLD = "hold"
    CONSULTATION = "consultation"
    CONFERENCE = "conference"
    TRANSFER = "transfer"
    """`reason`: blind | attended"""
    ENDED = "ended"
    """`reason`: agent | customer | switch | unknown: who hung up"""
    AGENT_STATE = "agent_state"
    """`reason`: the state, with its reason behind a slash: not_ready/lunch"""
    SURVEY = "survey"
    """`value`: the customer's mark"""


LASTING = frozenset({Kind.HOLD, Kind.CONSULTATION, Kind.CONFERENCE, Kind.AGENT_STATE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    kind: Kind
    start_ms: int
    end_ms: int | None = None
    leg: int = 0
    queue: str = ""
    agent: str = ""
    reason: str = ""
    target: str = ""
    value: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    transcript: Transcript
    happenings: tuple[Happening, ...] | None = None
    """In order of start. None: the switch's events are not known, or not at what time the recording began."""
    facts: Mapping[str, Fact] = field(default_factory=dict)
    """By the names of docs/rules.md: queue, tier, direction, tags, business.NAME; what is unknown is not there."""
    ended: bool = True
    """False: it still goes on, and `transcript.duration_ms` is how far it has been heard: more may come."""
    known_ms: int = 0
    """Of one that goes on: what begins before is all there. A source that tells each channel's utterances in order,
    when they are over, need not say it: then it is known up to where each channel's last one began."""

    @property
    def now_ms(self) -> int:
        return self.transcript.duration_ms
