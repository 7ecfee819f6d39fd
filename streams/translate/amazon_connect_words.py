"""Amazon Connect's words in ours. In: its texts. Out: keys of visits, phases, queues, reasons.

A contact keeps the id of its first part over transfers; the parts that follow are its further visits. May not know:
events.
"""

from enum import Enum
from typing import Final

from streams.translate.numbering import stable_hash
from streams.vocabulary.ids import AgentId, ContactId, QueueName
from streams.vocabulary.states import Channel, DeclineReason, EndedBy, OverflowReason

PERSONAL_QUEUE: Final = QueueName("@agent")
"""Every agent has a queue of his own without a name; contacts sent straight to somebody all count here."""

_HIGHEST_LEG: Final = 999_999


class Phase(Enum):
    """How far a contact has come with one agent."""

    ABSENT = 0
    OFFERED = 1
    TALKING = 2
    HELD = 3
    OVER = 4
    """ended for the customer; the agent does after-contact work until it is cleared"""
    REFUSED = 5
    """not taken; nothing is routed to the agent until it is cleared"""


PHASES: Final = {
    "INCOMING": Phase.OFFERED,
    "PENDING": Phase.OFFERED,
    "CONNECTING": Phase.OFFERED,
    "CONNECTED": Phase.TALKING,
    "CONNECTED_ONHOLD": Phase.HELD,
    "PAUSED": Phase.HELD,
    "ENDED": Phase.OVER,
    "MISSED": Phase.REFUSED,
    "REJECTED": Phase.REFUSED,
    "ERROR": Phase.REFUSED,
}

DECLINED: Final = {
    "MISSED": DeclineReason.NO_ANSWER,
    "REJECTED": DeclineReason.REJECTED,
    # e.g. the customer hung up during the whisper: not the agent's doing
    "ERROR": DeclineReason.WITHDRAWN,
}

OUTBOUND: Final = frozenset({"OUTBOUND", "EXTERNAL_OUTBOUND"})
LISTENING: Final = frozenset({"MONITOR"})
"""A supervisor who listens in serves no customer."""


def channel_of(word: str | None) -> Channel:
    """Tasks and e-mails are written work, several at once: shown as chat, so that their queues' counts stay whole."""
    return Channel.VOICE if word is None or word.upper() == "VOICE" else Channel.CHAT


def visit_of(contact_id: str, initial: str | None) -> tuple[ContactId, int]:
    """Contact and visit number. Nothing says which of its parts comes where: a further one is numbered by its id."""
    if not initial or initial == contact_id:
        return ContactId(contact_id), 1
    return ContactId(initial), 2 + stable_hash(contact_id) % (_HIGHEST_LEG - 1)


def queue_of(name: str | None) -> QueueName:
    return QueueName(name) if name else PERSONAL_QUEUE


def agent_of(username: str | None, arn: str | None) -> AgentId:
    return AgentId(username or (arn or "").rpartition("/")[2])


def person_of(first: str | None, last: str | None) -> str:
    """王 + 小明 is 王小明; others put the given name first."""
    first, last = (first or "").strip(), (last or "").strip()
    if first and last and all("\u4e00" <= char <= "\u9fff" for char in first + last):
        return last + first
    return f"{first} {last}".strip()


_AGENT_ENDED: Final = frozenset({"AGENT_DISCONNECT", "AGENT_COMPLETED", "AGENT_NETWORK_DISCONNECT"})
_CUSTOMER_ENDED: Final = frozenset({"CUSTOMER_DISCONNECT", "CUSTOMER_NEVER_ARRIVED", "TELECOM_ORIGINATOR_CANCEL"})


def ended_by(reason: str | None, *, goes_on: bool) -> EndedBy:
    """`goes_on`: the contact has a next part, or was sent to a number outside."""
    if goes_on:
        return EndedBy.TRANSFER
    if reason in _AGENT_ENDED:
        return EndedBy.AGENT
    return EndedBy.CUSTOMER if reason in _CUSTOMER_ENDED else EndedBy.UNKNOWN


def overflow_of(reason: str | None, *, goes_on: bool) -> OverflowReason | None:
    """How a contact left its queue without an agent; None: the customer gave up, which is the rule of the guide."""
    if reason == "EXPIRED":
        return OverflowReason.TIMEOUT
    return OverflowReason.WITHDRAWN if goes_on or reason in ("CONTACT_FLOW_DISCONNECT", "API") else None
