"""The way to the past floor, which is folded in the history process. In: a question. Out: its answer, as it came.

The port `PastDoor` carries bytes: the web's process takes nothing apart, so a viewer of the past costs the live floor
a copy. May not know: events, stores.
"""

from dataclasses import dataclass
from typing import Literal, Protocol

import msgspec

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
    """200 here it is (a frame that cannot be: JSON with its reason), 202 underway (ask again), 404 there is none, 409 tell
    the seating, 503 busy."""

    status: int
    media: str
    encoding: str
    """`gzip` or "" """
    body: bytes


UNKNOWN_SEATING = 409


class PastDoor(Protocol):
    async def ask(self, question: PastQuestion) -> PastAnswer:
        """Raises HistoryUnavailable."""
        ...
