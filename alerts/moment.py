"""All that rules may look at, at one instant. In: values as they come over the bus. Out: `Moment`.

A name that is absent from `gauges`, and a part that is older than FRESH_MS, is not known; it is never zero. May not
know: rules, how any of it was measured.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from msgspec import Struct

from streams.floor.numbers import QueueNumbers
from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName, SiteId

FRESH_MS = 30_000
"""A SiteMoment is told every 2 s; what is older than this says nothing of now."""


class AgentNow(Struct, frozen=True, array_like=True, gc=False):
    """One agent. `contact` "" and `contact_since` 0: with nobody. `team` "": of none."""

    agent: AgentId
    state: str
    reason: str
    since: Millis
    team: str
    queues: tuple[QueueName, ...]
    contact: ContactId = ContactId("")
    contact_since: Millis = Millis(0)


class HitNow(Struct, frozen=True, array_like=True, gc=False):
    """A live rule (a forbidden phrase) was hit in a contact."""

    at: Millis
    rule: str
    label_zh: str
    label_en: str
    contact: ContactId
    agent: AgentId
    queue: QueueName


class QualityNow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """Scores over the last 60 minutes. `agent` "": the queue's sum."""

    queue: QueueName
    agent: AgentId
    scored: int
    points_sum: float
    failed: int
    fatal: int


class SiteMoment(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What queue numbers do not tell. `gauges`: disk_free_percent, stream_lag_s, recogniser_backlog, … by name."""

    at: Millis
    site: SiteId
    agents: list[AgentNow]
    gauges: dict[str, float]
    hits: list[HitNow]
    quality: list[QualityNow]
    planned: dict[QueueName, int] = {}
    """queue -> agents its plan asks for now"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """`batch`: every queue of the site; None: nothing came at all, so nothing is certain."""

    at: Millis
    site: SiteId
    zone: ZoneInfo
    batch: Sequence[QueueNumbers] | None
    site_moment: SiteMoment | None = None
