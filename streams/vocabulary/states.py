"""The closed lists of words: states, devices, reasons. Values are what stores, JSON and the UI's catalogues use.

May not know: any switch's own codes (streams/translate maps those).
"""

from enum import StrEnum


class AgentState(StrEnum):
    """The one label shown for an agent; derived from two axes by streams/floor/label.py."""

    SIGNED_OUT = "signed_out"
    READY = "ready"
    OFFERED = "offered"
    ON_CONTACT = "on_contact"
    ON_HOLD = "on_hold"
    WRAP_UP = "wrap_up"
    NOT_READY = "not_ready"
    UNKNOWN = "unknown"


class Device(StrEnum):
    """What the agent's telephone says of itself; not what the agent does."""

    UNKNOWN = "unknown"
    IDLE = "idle"
    IN_USE = "in_use"
    BUSY = "busy"
    INVALID = "invalid"
    UNREACHABLE = "unreachable"
    RINGING = "ringing"
    RING_IN_USE = "ring_in_use"
    ON_HOLD = "on_hold"


class NotReadyReason(StrEnum):
    """Reasons Floorwatch derives itself; every other reason is the centre's own free text."""

    UNREACHABLE = "unreachable"
    OTHER_CONTACT = "other_contact"
    IDLE = "idle"
    """Serves on demand: after each contact somebody must make the agent ready again (FreeSWITCH)."""
    DELAY = "delay"
    """The switch gives a pause after an offer that was not taken."""


class Witness(StrEnum):
    """Who says so. The wire is the switch while it happens; the others tell afterwards and repair what it lost."""

    WIRE = "wire"
    PICTURE = "picture"
    """a full list asked of the switch"""
    LOG = "log"
    """the switch's own file or records: queue_log, CDR, contact records"""
    CORRECTION = "correction"
    """an event that came too late for its place, or a correction pushed by another system"""


class Certainty(StrEnum):
    """How far the label of an agent can be trusted."""

    SURE = "sure"
    STALE = "stale"
    """its source has not been heard for longer than it ever should be silent"""
    CONTRADICTORY = "contradictory"
    """two witnesses differ, and no full picture has settled it yet"""


class Order(StrEnum):
    """How a source's events arrive; decides how a disorder is mended."""

    ARRIVAL = "arrival"
    """in order, as over one TCP connection: a number not above the last one is a redelivery"""
    NUMBERED = "numbered"
    """`seq` counts 1, 2, 3…: a hole is waited for, then named as a gap"""
    TIMED = "timed"
    """`seq` only tells events apart: they are put in order of `at` within the reorder window"""


class Role(StrEnum):
    """Who wrote a message or said an utterance."""

    CUSTOMER = "customer"
    AGENT = "agent"
    SYSTEM = "system"


class Channel(StrEnum):
    VOICE = "voice"
    CHAT = "chat"


class Direction(StrEnum):
    INBOUND = "inbound"
    OUTBOUND = "outbound"


class OverflowReason(StrEnum):
    TIMEOUT = "timeout"
    KEY = "key"
    EMPTY = "empty"
    WITHDRAWN = "withdrawn"


class TurnedAwayReason(StrEnum):
    FULL = "full"
    JOIN_EMPTY = "join_empty"


class DeclineReason(StrEnum):
    """Why an offer ended without an answer. WITHDRAWN: the contact left or another agent was faster."""

    NO_ANSWER = "no_answer"
    BUSY = "busy"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    CUSTOMER_GONE = "customer_gone"


class EndedBy(StrEnum):
    CUSTOMER = "customer"
    AGENT = "agent"
    TRANSFER = "transfer"
    UNKNOWN = "unknown"


class TransferKind(StrEnum):
    BLIND = "blind"
    ATTENDED = "attended"


class GapReason(StrEnum):
    """Why the floor was blind for a while."""

    DISCONNECTED = "disconnected"
    RESTARTED = "restarted"
    STARTED_LATE = "started_late"
    MISSING_NUMBERS = "missing_numbers"
    """a numbered source skipped these; they did not come within the reorder window"""
    SPOOL_FULL = "spool_full"
    SPOOL_TORN = "spool_torn"
    BUS_TRIMMED = "bus_trimmed"


class Outcome(StrEnum):
    """How one queue visit stands or ended."""

    WAITING = "waiting"
    TALKING = "talking"
    ANSWERED = "answered"
    ABANDONED = "abandoned"
    OVERFLOWED = "overflowed"
    TURNED_AWAY = "turned_away"
    LOST = "lost"


class NoteKind(StrEnum):
    """What a note about an alert tells."""

    CHANGED = "changed"
    """Its state; `text` is the new one, `reason` why."""
    ACKNOWLEDGED = "acknowledged"
    COMMENT = "comment"
    ASSIGNED = "assigned"
    """`to` "": to nobody any more."""
    USEFUL = "useful"
    NOT_USEFUL = "not_useful"
    UNMARKED = "unmarked"
    """Somebody took back what they had said of its use."""
    SILENCED = "silenced"
    UNSILENCED = "unsilenced"
    NOTIFIED = "notified"
    """One attempt of one channel; `outcome` says whether it arrived."""
    NOT_NOTIFIED = "not_notified"
    """Decided so; `reason` says why."""
    ESCALATED = "escalated"
