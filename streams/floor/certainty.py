"""How far an agent's label can be trusted. In: an agent, what is known of its source, the time. Out: `Certainty`, why.

May not know: how doubts come about (streams/floor/resync.py writes them).
"""

from enum import StrEnum

from streams.floor.records import AgentRecord
from streams.floor.state import FloorState
from streams.vocabulary.ids import Millis
from streams.vocabulary.states import Certainty

STALE_AFTER_MS = 90_000
"""Every collector asks its switch for something at least once a minute; half as long again is silence."""


class Doubt(StrEnum):
    NONE = ""
    SOURCE_LOST = "source_lost"
    SILENT = "silent"
    """the source has told nothing, not even a sign of life"""
    MISSING_NUMBERS = "missing_numbers"
    """events of a numbered source never came, and no full picture since"""
    STATUS_DIFFERS = "status_differs"
    NOT_READY_DIFFERS = "not_ready_differs"
    MEMBERSHIP_DIFFERS = "membership_differs"
    DEVICE_DIFFERS = "device_differs"
    TALK_DIFFERS = "talk_differs"


_STALE = frozenset({Doubt.SOURCE_LOST, Doubt.SILENT, Doubt.MISSING_NUMBERS})


def certainty_of(doubt: Doubt) -> Certainty:
    if not doubt:
        return Certainty.SURE
    return Certainty.STALE if doubt in _STALE else Certainty.CONTRADICTORY


def certainty(
    state: FloorState, agent: AgentRecord, now: Millis, *, stale_after_ms: int = STALE_AFTER_MS
) -> tuple[Certainty, Doubt]:
    doubt = doubt_of(state, agent, now, stale_after_ms=stale_after_ms)
    return certainty_of(doubt), doubt


def doubt_of(state: FloorState, agent: AgentRecord, now: Millis, *, stale_after_ms: int = STALE_AFTER_MS) -> Doubt:
    if agent.lost_since is not None:
        return Doubt.SOURCE_LOST
    heard = state.heard.get(agent.source)
    if heard is None or now - heard > stale_after_ms:
        return Doubt.SILENT
    missing = state.intake.missing.get(agent.source)
    # until a full picture, or until the agent itself is heard of again (a pushed source draws no pictures)
    if missing is not None and missing >= max(state.pictured.get(agent.source, 0), agent.since, agent.told_at):
        return Doubt.MISSING_NUMBERS
    return Doubt(agent.doubt)
