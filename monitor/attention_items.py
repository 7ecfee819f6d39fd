"""One line of the attention list. In: nothing. Out: `Item`, its kinds in their rank, what a second is judged by.

May not know: sockets, words of any language.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from alerts.rules import Severity
from dashboards.attention import Before, Outlook, QueueFinding, QueueKind, TierWaiting, Values
from seat_map.attention import SeatKind
from seat_map.columns import SeatColumns
from seat_map.picture import Person
from streams.floor.records import AgentRecord, Gap
from streams.vocabulary.ids import AgentId, Millis, QueueName


class FloorKind(StrEnum):
    SOURCE_SILENT = "source_silent"
    RULE_HIT = "rule_hit"
    """A rule of a scheme surely hit in a contact that goes on: of a fatal item, one that deducts, or a tag."""


Kind = FloorKind | QueueKind | SeatKind

_ORDER: tuple[Kind, ...] = (
    FloorKind.SOURCE_SILENT,
    QueueKind.NOBODY_SERVES,
    QueueKind.TIER_WAITING,
    QueueKind.WAIT,
    QueueKind.IDLE,
    FloorKind.RULE_HIT,
    SeatKind.UNREACHABLE,
    SeatKind.MISSES,
    SeatKind.OFFERED,
    SeatKind.HOLD,
    QueueKind.FORECAST,
    QueueKind.LEVEL,
    QueueKind.NOBODY_READY,
    SeatKind.WRAP_UP,
    SeatKind.WRAP_UP_UNUSUAL,
    SeatKind.NOT_READY,
    SeatKind.CONTACT,
)
RANK: Mapping[Kind, int] = MappingProxyType({kind: rank for rank, kind in enumerate(_ORDER)})
"""docs/wall.md says why in this order: first what makes the rest doubtful, then who waits now, then what will cost."""


class Also(Struct, frozen=True, kw_only=True):
    """What else is to be said of an item's subject."""

    kind: Kind
    since: Millis
    values: Values = {}


class Item(Struct, frozen=True, kw_only=True):
    """`since`: what its clock counts from. `at`: since when it stands in the list, so that its place does not change.

    About a seat: one of `rows`. About many (a storm): all of them, `team` if they are of one. About a queue: `queue`,
    with `also`, what else is wrong there; `rows` then are agents to look at. Of a contact in which several rules hit:
    the worst, first one, with the others in `also`.
    """

    kind: Kind
    key: str
    severity: Severity
    since: Millis
    at: Millis
    rows: tuple[int, ...] = ()
    count: int = 0
    queue: QueueName | None = None
    team: str | None = None
    reason: str = ""
    values: Values = {}
    also: tuple[QueueFinding | Also, ...] = ()

    @property
    def place(self) -> tuple[bool, bool, int, int, str]:
        """Where it stands: not knowing first, red before amber, then by kind, then who came first."""
        return (
            self.kind is not FloorKind.SOURCE_SILENT,
            self.severity is not Severity.CRITICAL,
            RANK[self.kind],
            self.at,
            self.key,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Attention:
    """`more`: further findings that are not listed. `kept`: what the next second must know of this one."""

    items: tuple[Item, ...]
    more: int
    kept: Before


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """The map as it is judged. `team_of`: a row's place in `teams`, -1 for none; rows beyond its end: none."""

    columns: SeatColumns
    reasons: Sequence[str]
    people: Mapping[int, Person]
    team_of: npt.NDArray[np.int32]
    teams: Sequence[str]


@dataclass(frozen=True, slots=True)
class Missed:
    """Offers an agent did not take since the last one answered. `since`: the first of them."""

    count: int
    since: Millis


@dataclass(frozen=True, slots=True, kw_only=True)
class HitSeen:
    """What a rule found in a contact, for whoever watches its agent's seat (`row`; None: nobody's) or its queue."""

    key: str
    at: Millis
    fatal: bool
    contact: str
    zh: str
    en: str
    queue: QueueName
    row: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a second knows besides the map and the tiles; each empty where nobody tells."""

    agents: Mapping[AgentId, AgentRecord] = field(default_factory=dict)
    missed: Mapping[int, Missed] = field(default_factory=dict)
    """by row"""
    tiers: Sequence[TierWaiting] = ()
    outlooks: Sequence[Outlook] = ()
    hits: Sequence[HitSeen] = ()
    gaps: Sequence[Gap] = ()
    """those still open"""
    before: Before = field(default_factory=dict)
