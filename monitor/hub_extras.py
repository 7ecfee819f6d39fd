"""What a hub says besides seats and numbers. In: nothing. Out: the ports its makers fit, all of them optional.

May not know: how any of it is found out.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from dashboards.attention import Outlook
from dashboards.columns import Tile
from monitor.api.live import LiveFloor
from monitor.config_wall import QueueGroup
from seat_map.attention import Rows
from seat_map.picture import Picture
from streams.vocabulary.ids import Millis


class Attends(Protocol):
    """One per scope; monitor/attention_desk.py fits."""

    def word(
        self,
        picture: Picture,
        tiles: Sequence[Tile],
        floor: LiveFloor,
        now: Millis,
        *,
        rows: Rows | None = None,
        outlooks: Sequence[Outlook] = (),
    ) -> bytes | None:
        """`rows`, `tiles`, `outlooks`: of the scope. None: it would say what it said last."""
        ...


class Foresees(Protocol):
    def word(self, now: Millis) -> bytes | None:
        """`{"t": "forecast", "queues": [{"queue": …}]}` of all queues; None: nothing new. Never slow: it is asked
        within a tick."""
        ...


def no_outlooks() -> Sequence[Outlook]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Extras:
    groups: Sequence[QueueGroup] = ()
    attention: Callable[[], Attends] | None = None
    """Makes one for each scope in use"""
    forecast: Foresees | None = None
    outlooks: Callable[[], Sequence[Outlook]] = no_outlooks
