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


class Outcome(StrEnum):
    """How one queue visit stands or ended."""

    WAITING = "waiting"
    TALKING = "talking"
    ANSWERED = "answered"
    ABANDONED = "abandoned"
    OVERFLOWED = "overflowed"
    TURNED_AWAY = "turned_away"
    LOST = "lost"
