"""What a transcript is scored with. In: a Transcript, the store. Out: its Case, with events and facts stored by now.

Scoring never waits for the archive: a contact whose end is not stored yet is scored with what is known and remembered;
monitor/case_again.py has it scored again once the end came. May not know: rules, the bus.
"""

from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import tzinfo
from typing import Final

import structlog

from asr.transcript import Transcript
from monitor.case_stored import Known, known_of, stored_case
from monitor.roster import Rosters, no_roster, with_roster
from scoring.case import Case
from scoring.case_of import facts_of
from streams.vocabulary.ids import ContactId, Millis, SiteId
from streams.warehouse.errors import StoreError
from streams.warehouse.front import AsyncWarehouse

log = structlog.get_logger(__name__)

FRESH_MS: Final = 15 * 60_000
"""So long after its recording's end the switch's word may still be on its way; of an older one it never comes."""
MOST_REMEMBERED: Final = 2_000
"""Full: the oldest is forgotten and counted; its score stays as it is until it is re-scored."""


class CaseReader:
    """Mutable: what it remembers, counters. Owned by the process that scores."""

    def __init__(
        self,
        store: AsyncWarehouse,
        *,
        zones: Mapping[SiteId, tzinfo],
        clock: Callable[[], Millis],
        rosters: Rosters = no_roster,
    ) -> None:
        self._store = store
        self._rosters = rosters
        self._zones = zones
        self._clock = clock
        self.incomplete: OrderedDict[tuple[SiteId, ContactId], Transcript] = OrderedDict()
        self.counts: Counter[str] = Counter()

    async def case_of(self, transcript: Transcript) -> Case:
        """Never raises on a store that is away: rules about events and facts then cannot tell."""
        key = (transcript.site, transcript.contact)
        try:
            known = await self.known(transcript)
        except StoreError as error:
            self.counts["store_away"] += 1
            log.warning("case_without_history", reason=type(error).__name__)
            facts = {"site": str(transcript.site), "queue": str(transcript.queue), **facts_of(())}
            case = with_roster(Case(transcript=transcript, facts=facts), self._rosters(transcript.site))
            known = Known(case=case, complete=False)
        if known.complete:
            self.incomplete.pop(key, None)
            self.counts["complete"] += 1
        elif self._fresh(transcript):
            self._remember(key, transcript)
        else:
            self.counts["without_events"] += 1
        return known.case

    async def known(self, transcript: Transcript) -> Known:
        """Raises StoreError."""
        zone, now = self._zones.get(transcript.site), self._clock()
        known = await self._store.run(known_of, transcript, zone=zone, now=now)
        return replace(known, case=with_roster(known.case, self._rosters(transcript.site)))

    async def stored_case(self, site: SiteId, contact: ContactId) -> Case | None:
        """Of a contact whose words are stored; None: none are. Raises StoreError."""
        zone, now = self._zones.get(site), self._clock()
        case = await self._store.run(stored_case, site=site, contact=contact, zone=zone, now=now)
        return None if case is None else with_roster(case, self._rosters(site))

    def forget_stale(self) -> None:
        """Nobody will tell of these any more."""
        for key, transcript in list(self.incomplete.items()):
            if not self._fresh(transcript):
                del self.incomplete[key]
                self.counts["end_never_came"] += 1

    def _fresh(self, transcript: Transcript) -> bool:
        return self._clock() - transcript.contact_at - transcript.duration_ms < FRESH_MS

    def _remember(self, key: tuple[SiteId, ContactId], transcript: Transcript) -> None:
        self.counts["incomplete"] += 1
        self.incomplete[key] = transcript
        self.incomplete.move_to_end(key)
        if len(self.incomplete) > MOST_REMEMBERED:
            self.incomplete.popitem(last=False)
            self.counts["forgotten"] += 1
