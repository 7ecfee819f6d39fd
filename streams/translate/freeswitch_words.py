"""mod_callcenter's words in ours. In: statuses, hang-up causes, dial strings. Out: reasons, ids, extensions.

Source: mod_callcenter.c (statuses, the causes that delay an agent); traces README. May not know: messages, events.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from streams.vocabulary.ids import ContactId
from streams.vocabulary.states import DeclineReason, OverflowReason

LOGGED_OUT: Final = "Logged Out"
ON_BREAK: Final = "On Break"
AVAILABLE: Final = frozenset(("Available", "Available (On Demand)"))

WAITING: Final = "Waiting"
RECEIVING: Final = "Receiving"
IN_CALL: Final = "In a queue call"
IDLE: Final = "Idle"

MAX_NO_ANSWER: Final = "max-no-answer"
"""The reason of a break the switch itself ordered, in place of the status's own name."""

OVERFLOWS: Final[Mapping[str, OverflowReason]] = {
    "TIMEOUT": OverflowReason.TIMEOUT,
    "NO_AGENT_TIMEOUT": OverflowReason.EMPTY,
    "EXIT_WITH_KEY": OverflowReason.KEY,
    "NONE": OverflowReason.WITHDRAWN,
}
"""CC-Cancel-Reason; BREAK_OUT is a hang-up."""

BREAK_OUT: Final = "BREAK_OUT"


class Delay(StrEnum):
    """Which of the agent's pauses follows an offer that failed."""

    NONE = "none"
    BUSY = "busy"
    REJECT = "reject"
    NO_ANSWER = "no_answer"
    UNREGISTERED = "unregistered"


UNREGISTERED_DELAY_S: Final = 5

_FAILS: Final[Mapping[str, tuple[DeclineReason, Delay]]] = {
    "LOSE_RACE": (DeclineReason.WITHDRAWN, Delay.NONE),
    "ORIGINATOR_CANCEL": (DeclineReason.WITHDRAWN, Delay.NONE),
    "USER_BUSY": (DeclineReason.BUSY, Delay.BUSY),
    "NORMAL_CIRCUIT_CONGESTION": (DeclineReason.BUSY, Delay.BUSY),
    "CALL_REJECTED": (DeclineReason.REJECTED, Delay.REJECT),
    "USER_NOT_REGISTERED": (DeclineReason.NO_ANSWER, Delay.UNREGISTERED),
}


def fail_of(cause: str) -> tuple[DeclineReason, Delay]:
    """Every cause not listed counts as no answer, as mod_callcenter counts it."""
    return _FAILS.get(cause, (DeclineReason.NO_ANSWER, Delay.NO_ANSWER))


_OPTIONS: Final = re.compile(r"^(?:\[[^\]]*\]|\{[^}]*\}|<[^>]*>)+")
_DIAL: Final = re.compile(r"^(?:sofia/[^/]+|[A-Za-z0-9_.-]+)/(?:sip:)?([^@/|,;]+)")


def extension_of(contact: str) -> str:
    """`[leg_timeout=8]sofia/pbx/1001@host` and `loopback/1001/agents` are both extension 1001; "": cannot be told."""
    found = _DIAL.match(_OPTIONS.sub("", contact.strip()))
    return found[1] if found else ""


def contact_id(created_s: int, session: str) -> ContactId:
    """Begins with the second in which the caller's channel was made, so contacts sort by time."""
    return ContactId(f"{created_s}.{session_of(session)}")


def session_of(session: str) -> str:
    """As much of a session's uuid as its contact's id holds."""
    return session[:8]
