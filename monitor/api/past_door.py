"""The way to the past floor, which is folded in the history process. In: a question. Out: its answer, as it came.

The port `PastDoor` carries bytes: the web's process takes nothing apart, so a viewer of the past costs the live floor
a copy. May not know: events, stores.
"""

from dataclasses import dataclass
from typing import Literal, Protocol

import msgspec

from monitor.api.wall_words import AlertDetail
from streams.vocabulary.ids import Millis, SiteId

KIND = Literal["frame", "report", "agent", "day"]


class PastQuestion(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """`frame`: the map at `at`; `report`: what `floorwatch replay --json` prints; `agent`: one of them; `day`: marks of
    its local day. `seating` names a seating told before; without it `places`, `free`, `size` tell it."""

    kind: KIND
    site: SiteId
    at: Millis
    agent: str = ""
    people: int = 0
    seating: str = ""
    size: int = 0
    places: dict[str, int] = {}
    free: list[int] = []


@dataclass(frozen=True, slots=True, kw_only=True)
class PastAnswer:
    """200 here it is (a frame that cannot be: JSON with its reason), 202 underway (ask again), 404 there is none,
    409 tell the seating, 503 busy."""

    status: int
    media: str
    encoding: str
    """`gzip` or "" """
    body: bytes


UNKNOWN_SEATING = 409


class PastRefused(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """Why there is no floor for a moment (monitor.time_travel.NoPast, or unknown_site, unknown_agent, busy, store)."""

    reason: str
    at: int = 0
    first: int | None = None
    last: int | None = None
    detail: str = ""


class PastUnderway(msgspec.Struct, kw_only=True, frozen=True):
    """Folding; ask again. `share` of the way, 0..1."""

    reason: str = "underway"
    at: int
    reached: int
    share: float


class PastGap(msgspec.Struct, kw_only=True, frozen=True, rename={"began": "from", "ended": "to"}):
    """`to` null: still blind at the day's end."""

    source: str
    began: int
    ended: int | None
    reason: str


class PastAlert(msgspec.Struct, kw_only=True, frozen=True):
    """An alert that stood on this day; `detail` is its last word."""

    alert: str
    rule: str
    scope: str
    severity: str
    value: float | None
    threshold: float
    raised_at: int
    resolved_at: int | None
    acknowledged_at: int | None
    acknowledged_by: str
    detail: AlertDetail


class PastDay(msgspec.Struct, kw_only=True, frozen=True):
    """A local day. `slots`: [beginning, offered, abandoned] of each `slot_ms` in which anything came in; `first`,
    `last`: the store's first and last event, null where there is none."""

    since: int
    until: int
    first: int | None
    last: int | None
    slot_ms: int
    slots: list[tuple[int, int, int]]
    gaps: list[PastGap]
    alerts: list[PastAlert]


class PastDoor(Protocol):
    async def ask(self, question: PastQuestion) -> PastAnswer:
        """Raises HistoryUnavailable."""
        ...
