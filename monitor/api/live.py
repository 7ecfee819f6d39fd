"""What the wall reads of the living floor. In: nothing. Out: the port `LiveFloor`, which streams.floor.fold.Floor fits.

Read-only: nothing in the web changes a floor. May not know: events, sockets.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from streams.floor.certainty import Doubt
from streams.floor.numbers import QueueNumbers
from streams.floor.records import AgentRecord, Gap, Visit, VisitKey
from streams.vocabulary.ids import AgentId, Millis, SiteId


class LiveFloor(Protocol):
    @property
    def site(self) -> SiteId: ...

    @property
    def agents(self) -> Mapping[AgentId, AgentRecord]: ...

    @property
    def visits(self) -> Mapping[VisitKey, Visit]: ...

    @property
    def gaps(self) -> Sequence[Gap]: ...

    def numbers(self, now: Millis) -> list[QueueNumbers]: ...

    def doubt(self, agent: AgentRecord, now: Millis) -> Doubt:
        """Why the agent's label cannot be trusted; NONE: it can."""
        ...
