"""Which rules drift, for the page, and counted for alerts. In: answers and verdicts by day; a Warehouse. Out: drifts.

`drifting` runs in the store's thread, as a question of the history process; `DriftWatch` asks it now and then. May not
know: HTTP, alerts.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from monitor.api.history import History, HistoryUnavailable, asked
from scoring.accuracy import BAND_DAYS, RECENT_DAYS, Day, Drift, DriftOf, drift
from streams.vocabulary.ids import Millis, SiteId
from streams.warehouse.engine import Warehouse
from streams.warehouse.verdicts import DAY_MS, AnswerDay, VerdictDay, answer_days, schemes_scored, verdict_days

log = structlog.get_logger(__name__)
DAYS: Final = RECENT_DAYS + BAND_DAYS
MOST_SCORES: Final = 10_000
"""Of each scheme: a quarter of what the page counts, for nobody waits for it and it is asked again and again."""
EVERY_MS: Final = 15 * 60_000
AGAIN_MS: Final = 60_000
"""After a question that history did not answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftingRule:
    """An item whose hit rate or precision left its band; `of`: DriftOf, both with a comma between."""

    scheme: str
    item: str
    of: str


def drifts_of(answers: Iterable[AnswerDay], said: Iterable[VerdictDay]) -> list[Drift]:
    """Of one item."""
    rates = _days([(one.ago, one.outcome == "hit", one.count) for one in answers if one.outcome in ("hit", "miss")])
    right = _days([(one.ago, bool(one.agreed), one.count) for one in said if one.outcome == "hit"])
    found = drift(rates, of=DriftOf.HIT_RATE), drift(right, of=DriftOf.PRECISION)
    return [one for one in found if one is not None]


def _days(rows: Sequence[tuple[int, bool, int]]) -> list[Day]:
    part: Counter[int] = Counter()
    whole: Counter[int] = Counter()
    for ago, counts, count in rows:
        whole[ago] += count
        part[ago] += count if counts else 0
    return [Day(ago, part[ago], whole[ago]) for ago in sorted(whole)]


def drifting(warehouse: Warehouse, *, site: SiteId, now: Millis) -> list[DriftingRule]:
    """Of every scheme that scored in the last five weeks."""
    since = Millis(max(0, now - DAYS * DAY_MS))
    found: list[DriftingRule] = []
    for scheme in schemes_scored(warehouse, site=site, since=since, until=now):
        answers = answer_days(warehouse, site=site, scheme=scheme, since=since, until=now, most=MOST_SCORES)
        said = verdict_days(warehouse, site=site, scheme=scheme, since=since, until=now)
        for item in dict.fromkeys(one.item for one in answers):
            drifts = drifts_of((one for one in answers if one.item == item), (one for one in said if one.item == item))
            if drifts:
                found.append(DriftingRule(scheme=scheme, item=item, of=",".join(one.of for one in drifts)))
    return found


class DriftWatch:
    """How many rules drift over all sites, as last told; None until then. Mutable; one owner, which calls `look`."""

    def __init__(self, history: History, sites: Sequence[SiteId], clock: Callable[[], Millis]) -> None:
        self._history = history
        self._sites = sites
        self._clock = clock
        self._due = Millis(0)
        self.count: int | None = None

    async def look(self) -> None:
        """Asks where it is time to."""
        now = self._clock()
        if now < self._due:
            return
        try:
            rows = [
                await asked(self._history, DriftingRule, "rules_drifting", site=site, now=now) for site in self._sites
            ]
        except HistoryUnavailable as error:
            self._due = Millis(now + AGAIN_MS)
            self.count = None  # not known is not none
            log.info("drift_not_asked", reason=error.reason)
            return
        self._due = Millis(now + EVERY_MS)
        self.count = sum(map(len, rows))
