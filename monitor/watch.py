"""What the service says of itself, for /ops, /readyz and /metrics. In: counters of all parts. Out: one nested mapping.

The history process is asked every few seconds, never by a page that waits. May not know: how a page shows it.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import structlog

from monitor.api.history import HistoryUnavailable
from monitor.history_client import HistoryClient
from monitor.live import FloorOwner
from streams.bus import names
from streams.bus.errors import BusError, bounded
from streams.collect.ami_client import AmiClient
from streams.vocabulary.ids import SiteId

log = structlog.get_logger(__name__)

EVERY_S: Final = 5.0


class StatusWatch:
    """Mutable; `status` is cheap and always answers from the last look."""

    def __init__(
        self,
        *,
        owner: FloorOwner,
        clients: Mapping[str, AmiClient],
        history: HistoryClient,
        redis: Any,
        site: SiteId,
    ) -> None:
        self._owner = owner
        self._clients = clients
        self._history = history
        self._redis = redis
        self._streams = (names.events(site), names.FACTS, names.JOBS_ASR, names.JOBS_SCORE)
        self._lengths: dict[str, int] = {}
        self._dead: dict[str, int] = {}
        self._history_says: dict[str, Any] = {}
        self._history_state = "not asked yet"
        self._bus_state = "not asked yet"

    async def run(self) -> None:
        while True:
            try:
                self._history_says = await self._history.status()
                self._history_state = "ok"
            except HistoryUnavailable as error:
                self._history_state = error.reason
            try:
                async with bounded(EVERY_S, "measuring streams"):
                    for stream in self._streams:
                        self._lengths[stream] = int(await self._redis.xlen(stream))
                        self._dead[stream] = int(await self._redis.xlen(names.dead(stream)))
                self._bus_state = "ok"
            except BusError as error:
                self._bus_state = str(error)
            await asyncio.sleep(EVERY_S)

    def status(self) -> dict[str, Any]:
        lost = {
            f"{name} lost: {reason}": n for name, one in self._clients.items() for reason, n in one.counts.lost.items()
        }
        refused = {
            f"{name}: {reason}": n for name, one in self._clients.items() for reason, n in one.counts.refused.items()
        }
        floor = dict(self._owner.counts)
        return {
            "ready": True if self._owner.caught_up.is_set() else "the floor is still catching up with the bus",
            "stores": {"bus": self._bus_state, "history": self._history_state},
            "sources": {
                f"{name} {what}": value
                for name, one in self._clients.items()
                for what, value in (
                    ("connected", one.counts.connected),
                    ("bytes", one.counts.bytes),
                    ("messages", one.counts.messages),
                    ("events", one.counts.events),
                )
            },
            "drops": {**refused, **{name: n for name, n in floor.items() if name.startswith(("recording_", "event_"))}},
            "retries": lost,
            "quarantine": {f"dead letters of {stream}": n for stream, n in self._dead.items()},
            "anomalies": dict(self._owner.floor.state.anomalies),
            "streams": dict(self._lengths),
            "floor": {name: n for name, n in floor.items() if not name.startswith(("recording_", "event_"))},
            **{
                f"history {section}": {name: value for name, value in values.items() if not isinstance(value, dict)}
                for section, values in self._history_says.items()
            },
        }
