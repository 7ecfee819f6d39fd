"""What is said at the door for pushed events. In: nothing. Out: limits, reasons, answers, what a source must bring.

May not know: tokens' meaning, HTTP, WebSockets, the bus.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import msgspec

from monitor.api.push_lines import body_lines
from streams.translate.push import MOST_LINES, Judged
from streams.vocabulary.events import Event
from streams.vocabulary.ids import Millis, SiteId, SourceId

Judge = Callable[[bytes, Millis], Judged]
"""One JSON text a line to events; `line` of a refusal counts from 1."""
Accept = Callable[[Sequence[Event]], Awaitable[None]]
"""Returns when the events are durable; raises BusError, NotDurable, OSError."""
Unpack = Callable[[bytes], Sequence[bytes]]
"""A body to its lines; raises NotABatch."""


class NotDurable(Exception):
    """Nobody keeps events at the moment (spool full, disk full)."""


class DoorReason(StrEnum):
    """Why a whole batch is refused."""

    NOBODY_PUSHES = "nobody_pushes"
    NO_BEARER = "no_bearer"
    WRONG_BEARER = "wrong_bearer"
    WRONG_SOURCE = "wrong_source"
    SOURCE_NOT_NAMED = "source_not_named"
    WRONG_TYPE = "wrong_type"
    WRONG_ENCODING = "wrong_encoding"
    BAD_COMPRESSION = "bad_compression"
    BODY_TOO_LARGE = "body_too_large"
    BODY_TOO_SLOW = "body_too_slow"
    BODY_CUT = "body_cut"
    BATCH_TOO_LONG = "batch_too_long"
    NOT_A_BATCH = "not_a_batch"
    NOTHING_SENT = "nothing_sent"
    NOTHING_USABLE = "nothing_usable"
    TOO_MANY_EVENTS = "too_many_events"
    TOO_MANY_BATCHES = "too_many_batches"
    TOO_MANY_SOCKETS = "too_many_sockets"
    NOT_DURABLE = "not_durable"


class LineRefused(StrEnum):
    """Why the door itself refuses an event that judged well; the other reasons are the translator's."""

    ID_REUSED = "id_reused"


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorLimits:
    body_bytes: int = 4 * 1024 * 1024
    """After decompression."""
    lines: int = MOST_LINES
    body_timeout_s: float = 20.0
    accept_timeout_s: float = 10.0
    events_per_s: int = 20_000
    events_at_once: int = 60_000
    batches_at_once: int = 8
    sockets: int = 8
    """The last two per source."""
    recent_ids: int = 20_000
    samples_per_minute: int = 30


class RefusedEvent(msgspec.Struct, frozen=True, kw_only=True):
    """`line` counts from 1 over the batch; `id` is "" where the line does not say one."""

    line: int
    id: str
    reason: str
    detail: str
    mend: str


class BatchAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """`accepted` are durable now, `duplicates` were before; what is in neither stands in `refused`."""

    accepted: int
    duplicates: int
    refused: tuple[RefusedEvent, ...]


class BatchRefused(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Nothing of the batch was taken. `retry_after_s`: the same batch may come again then; None: it must change."""

    reason: DoorReason
    detail: str
    mend: str
    retry_after_s: int | None = None
    refused: tuple[RefusedEvent, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A refused line as it may be kept. `again`: it is an object that may become an event once something is mended."""

    source: SourceId
    at: Millis
    reason: str
    detail: str
    blob: bytes
    again: bool


Keep = Callable[[Sequence[Sample]], Awaitable[None]]


async def keep_none(samples: Sequence[Sample]) -> None:
    """No dead letters attached."""


def nothing_to_undo(now: Millis) -> None:
    """The judge remembers nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorSource:
    """One source that is pushed. `own_ids`: its pusher numbers the events itself, so one number means one event.

    `undone` hears that what was judged last was not kept; `threaded`: `judge` remembers nothing between batches.
    """

    id: SourceId
    site: SiteId
    token: str = field(repr=False)
    judge: Judge
    accept: Accept
    unpack: Unpack = body_lines
    undone: Callable[[Millis], None] = nothing_to_undo
    own_ids: bool = True
    threaded: bool = True
