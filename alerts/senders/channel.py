"""What a channel is and what came back from it. In: a Notification. Out: an Attempt with a typed outcome.

A channel tries once and tells; whether and when to try again is decided by retry.py, done by alerts/delivery.py. May
not know: queues, stores.
"""

from enum import StrEnum
from typing import Final, Protocol, runtime_checkable

from msgspec import Struct

from alerts.notification import Notification
from streams.vocabulary.ids import Millis


class Outcome(StrEnum):
    """How one attempt, or a message that was given up, ended."""

    DELIVERED = "delivered"
    TIMED_OUT = "timed_out"
    UNREACHABLE = "unreachable"
    SERVER_ERROR = "server_error"
    THROTTLED = "throttled"
    REFUSED = "refused"
    """the receiver understood and said no (4xx): the same message will not be liked later"""
    REDIRECTED = "redirected"
    GONE = "gone"
    """410: the receiver wants no more messages at all"""
    ADDRESS_REFUSED = "address_refused"
    """the name leads to an address inside our own network (SSRF guard)"""
    QUEUE_FULL = "queue_full"
    UNKNOWN = "unknown"
    """the receiver's answer says neither yes nor no: it may have arrived"""
    UNKNOWN_CHANNEL = "unknown_channel"
    """the configuration no longer has the channel the message was meant for"""


class Reply(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What came back. `status` 0: no HTTP answer. `text`: the beginning of the answer's body, or the error.

    `code`: the service's own, where it has one ("0", "45009").
    """

    outcome: Outcome
    status: int = 0
    code: str = ""
    text: str = ""
    retry_after_ms: int | None = None
    took_ms: int = 0


class Attempt(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One try to deliver one notification to one channel; kept for the page. `number` counts from 1; 0: never tried."""

    at: Millis
    channel: str
    notification: str
    number: int
    reply: Reply


class Around(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a message says beside its alerts. `more`: alerts it stands for and does not carry; `still`: of its group,
    told before and firing on; `digest`: a DigestReason, ""; `incident`: the name under which all of it is one, "" for
    each its own; `mobiles`: whom it is for; `step`: of an escalation, 0 for none."""

    more: int = 0
    still: int = 0
    digest: str = ""
    incident: str = ""
    mobiles: tuple[str, ...] = ()
    step: int = 0


NOTHING_AROUND: Final = Around()


class Channel(Protocol):
    """`send` never raises for what the other side does; an exception is a bug of ours."""

    @property
    def name(self) -> str: ...

    async def send(self, notification: Notification, *, at: Millis) -> Reply: ...


@runtime_checkable
class Grouping(Protocol):
    """A channel that can put several notifications into one message."""

    async def send_group(
        self, notifications: tuple[Notification, ...], *, at: Millis, around: Around = NOTHING_AROUND
    ) -> Reply: ...
