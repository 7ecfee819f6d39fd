"""Which alert rules hold, in every process. In: the configured rules, versions on the bus. Out: `current()`.

What any process published is noticed within seconds; a bus that is away leaves the shelf as it stands, and of a text
that can no longer be read the last good one goes on. Mutable; owned by one event loop. May not know: HTTP, engines.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import structlog

from alerts.parse import AlertFaults
from alerts.rules import Rule
from monitor.alert_rules_store import KeptRules, RulesStore
from monitor.plan_store import NoVersion, VersionDamaged
from streams.bus.errors import BusError
from streams.toml_lines import Fault

log = structlog.get_logger(__name__)
POLL_S: Final = 2.0

Read = Callable[[str], tuple[Rule, ...]]
"""Raises AlertFaults."""


@dataclass(frozen=True, slots=True)
class Standing:
    """`kept`: the latest text; `rules` are of version `running`, an earlier one where `faults` says why."""

    kept: KeptRules
    running: int
    rules: tuple[Rule, ...]
    faults: tuple[Fault, ...] = ()
    unreadable: str = ""
    """Why not even the text can be shown; `kept` is then the one before."""


class RulesShelf:
    def __init__(
        self, first: KeptRules, rules: tuple[Rule, ...], *, read: Read, store: RulesStore | None = None
    ) -> None:
        """`first`: version 0 and its `rules`. `store` None: nothing but these."""
        self.first = Standing(first, 0, rules)
        self.counts: Counter[str] = Counter()
        self._read = read
        self._store = store
        self._seen = -1
        self._looking = asyncio.Lock()
        self._standing = self.first

    @property
    def standing(self) -> Standing:
        return self._standing

    def current(self) -> tuple[int, tuple[Rule, ...]]:
        """The version in force and its rules."""
        return self._standing.running, self._standing.rules

    def status(self) -> dict[str, int]:
        """For /ops."""
        standing = self._standing
        behind = int(bool(standing.faults or standing.unreadable))
        return {
            "rules_version": standing.kept.about.version,
            "rules_running": standing.running,
            "rules_in_force": len(standing.rules),
            "rules_last_good": behind,
            **{f"rules_{name}": count for name, count in self.counts.items()},
        }

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(POLL_S)

    async def settle(self) -> None:
        """Before anybody acts on it: until the bus has said what was published."""
        while self._store is not None and self._seen < 0:
            await self.look()
            if self._seen < 0:
                await asyncio.sleep(POLL_S)

    async def look(self) -> None:
        """Takes up what was published since."""
        if self._store is None:
            return
        async with self._looking:  # of two looks at once the one that read less might end last
            await self._look(self._store)

    async def _look(self, store: RulesStore) -> None:
        try:
            seen = await store.seen()
            if seen == self._seen:
                return
            self._standing = await self._newest(await store.numbers(), store)
            self._seen = seen
        except BusError as error:
            self.counts["bus_away"] += 1
            log.warning("alert_rules_unreadable", fault=error.fault)

    async def _newest(self, numbers: list[int], store: RulesStore) -> Standing:
        """Backwards to the first that holds; the newest that can be read is what is shown and edited."""
        shown: KeptRules | None = None
        faults: tuple[Fault, ...] = ()
        unreadable = ""
        for number in reversed(numbers):
            if shown is None and not unreadable and self._standing.kept.about.version == number:
                return self._standing  # a version never changes
            try:
                kept = await store.read(number)
            except (NoVersion, VersionDamaged) as error:
                unreadable = unreadable or f"version {number} cannot be read: {error}"
                self.counts["damaged"] += 1
                log.error("alert_rules_damaged", version=number, why=str(error))
                continue
            found = await asyncio.to_thread(self._parsed, kept.text)
            if not isinstance(found, AlertFaults):
                return Standing(shown or kept, number, found, faults, unreadable)
            log.error("alert_rules_faulty", version=number, why=str(found.faults[0]) if found.faults else "")
            if shown is None:
                shown, faults = kept, found.faults
        return Standing(shown or self.first.kept, 0, self.first.rules, faults, unreadable)

    def _parsed(self, text: str) -> "tuple[Rule, ...] | AlertFaults":
        try:
            return self._read(text)
        except AlertFaults as error:
            return error
