"""The system's own state as numbers that rules may watch. In: what the status watch last saw. Out: gauges by name.

A gauge that cannot be told now is absent, never zero. What belongs to no site is the first site's: one full disk is one
alert, also in a house of twenty sites. Pure. May not know: how anything was measured.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from streams.bus import names
from streams.vocabulary.ids import SiteId

ARCHIVE_SECTION: Final = "archive "
"""How history names each of its writers, a stream's name behind it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """`lags_s`: by "reader stream"; `dead`: dead letters by stream. None: not measured, or its server was away."""

    disk_free_percent: float | None = None
    lags_s: Mapping[str, float] | None = None
    dead: Mapping[str, int] | None = None
    store_away: bool | None = None
    rules_drifting: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """A site's recordings: `missing` never came, `backlog` wait for the recogniser or are in its hands."""

    missing: int
    backlog: int


def gauges_of(looked: Looked, *, site: SiteId, first: bool, ledger: Ledger | None = None) -> dict[str, float]:
    """`sources_lost` is the floor's to say (monitor/moments.py)."""
    found: dict[str, float] = {}
    ours = {names.events(site), *((names.FACTS, names.JOBS_ASR, names.JOBS_SCORE) if first else ())}
    if looked.lags_s is not None:
        behind = [seconds for reader, seconds in looked.lags_s.items() if reader.rpartition(" ")[2] in ours]
        found["stream_lag_s"] = max(behind, default=0.0)
    if looked.dead is not None:
        found["dead_letters"] = float(sum(count for stream, count in looked.dead.items() if stream in ours))
    if ledger is not None:
        found["recordings_missing"] = float(ledger.missing)
        found["recogniser_backlog"] = float(ledger.backlog)
    if first:
        system = {
            "disk_free_percent": looked.disk_free_percent,
            "store_away": looked.store_away,
            "rules_drifting": looked.rules_drifting,
        }
        found |= {name: float(value) for name, value in system.items() if value is not None}
    return found


@dataclass(slots=True)
class StoreWatch:
    """Whether the warehouse takes what is written, from the writers' counters. Mutable; one owner."""

    _seen: dict[str, tuple[int, int]] = field(default_factory=dict)
    """by writer: (store_retries, batches)"""
    _away: set[str] = field(default_factory=set)

    def take(self, says: Mapping[str, Any]) -> bool:
        """`says`: history's sections. A retry since the last look and no batch after it: away, until a batch goes in.

        A process that began anew counts from zero; what it has retried by then it has retried since.
        """
        for name, section in says.items():
            if not name.startswith(ARCHIVE_SECTION):
                continue
            now = (int(section.get("store_retries", 0)), int(section.get("batches", 0)))
            before = self._seen.get(name, (0, 0))
            if now[0] < before[0] or now[1] < before[1]:
                before = (0, 0)
                self._away.discard(name)
            if now[1] > before[1]:
                self._away.discard(name)
            elif now[0] > before[0]:
                self._away.add(name)
            self._seen[name] = now
        return bool(self._away)
