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


def certainty(
    state: FloorState, agent: AgentRecord, now: Millis, *, stale_after_ms: int = STALE_AFTER_MS
) -> tuple[Certainty, Doubt]:
    if agent.lost_since is not None:
        return Certainty.STALE, Doubt.SOURCE_LOST
    heard = state.heard.get(agent.source)
    if heard is None or now - heard > stale_after_ms:
        return Certainty.STALE, Doubt.SILENT
    missing = state.intake.missing.get(agent.source)
    # until a full picture, or until the agent itself is heard of again (a pushed source draws no pictures)
    if missing is not None and missing >= max(state.pictured.get(agent.source, 0), agent.since, agent.told_at):
        return Certainty.STALE, Doubt.MISSING_NUMBERS
    if agent.doubt:
        return Certainty.CONTRADICTORY, Doubt(agent.doubt)
    return Certainty.SURE, Doubt.NONE
