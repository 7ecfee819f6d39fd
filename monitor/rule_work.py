"""What jobs of rules do, step by step: a back-test, a re-scoring, its undoing. In: a Warehouse. Out: scores, an Effect.

Each step is a page of contacts, short enough that others get the store and the processor in between. Runs in the
store's thread. May not know: the bus, who asked.
"""

from collections.abc import Callable
from datetime import tzinfo
from typing import Final, Protocol

from monitor.case_pages import cases_after
from monitor.roster import NOBODY, Roster, with_roster
from scoring.case import Case
from scoring.effect import Effect, Effects
from scoring.facts import meant_for
from scoring.formula import Outcome
from scoring.rules import Scheme
from scoring.score import ScoreResult, score
from scoring.service import to_fact
from streams.vocabulary.ids import Millis
from streams.warehouse.case_pages import PAGE, Place, Range, contacts_in, scored_already
from streams.warehouse.engine import Warehouse
from streams.warehouse.rows import fact_columns
from streams.warehouse.withdraw import withdraw

DAY_MS: Final = 86_400_000
MOST_CONTACTS: Final = 50_000
"""Of one back-test: beyond it one of so many is drawn, and the result says so."""


class Work(Protocol):
    """Mutable; one thread at a time."""

    ended: bool
    done: int
    """Contacts looked at."""
    total: int

    def step(self, warehouse: Warehouse) -> None:
        """Raises StoreError; the step may then be done again."""
        ...


def draw_of(contacts: int, most: int = MOST_CONTACTS) -> int:
    """One of so many, so that about `most` are left."""
    return max(1, -(-contacts // most))


def result_of(case: Case, scheme: Scheme | None, at: Millis) -> ScoreResult | None:
    """None: there is no such scheme, or it is not meant for such contacts."""
    if scheme is None or meant_for(scheme, case.facts) is Outcome.MISS:
        return None
    return score(case, scheme, scored_at=at)


class Backtest:
    """Both schemes on each contact of a range. Nothing is written."""

    def __init__(
        self,
        before: Scheme | None,
        after: Scheme,
        asked: Range,
        *,
        zone: tzinfo | None,
        now: Millis,
        roster: Roster = NOBODY,
        most: int = MOST_CONTACTS,
        page: int = PAGE,
    ) -> None:
        self.ended, self.done, self.total = False, 0, 0
        self.found = 0
        """Contacts in the range; `total` of them are looked at."""
        self.asked = asked
        self._schemes = (before, after)
        self._effects = Effects(before, after)
        self._zone, self._now, self._most, self._page = zone, now, most, page
        self._roster = roster
        self._place: Place | None = None
        self._counted = False

    @property
    def effect(self) -> Effect:
        return self._effects.told()

    def step(self, warehouse: Warehouse) -> None:
        if not self._counted:
            self.found = contacts_in(warehouse, self.asked)
            draw = draw_of(self.found, self._most)
            self.asked = Range(
                site=self.asked.site,
                since=self.asked.since,
                until=self.asked.until,
                queues=self.asked.queues,
                draw=draw,
            )
            self.total = -(-self.found // draw)
            self._counted = True
            return
        page = cases_after(warehouse, self.asked, self._place, zone=self._zone, now=self._now, size=self._page)
        before, after = self._schemes
        for case in (with_roster(one, self._roster) for one in page.cases):
            self._effects.add(case.transcript, result_of(case, before, self._now), result_of(case, after, self._now))
        self.done += len(page.cases)
        self._place, self.ended = page.last, page.last is None
        self.total = self.done if self.ended else max(self.total, self.done)


class Rescore:
    """Scores of one version beside what is there. A contact that this version has scored already is passed by."""

    def __init__(
        self,
        scheme: Scheme,
        asked: Range,
        *,
        job: str,
        zone: tzinfo | None,
        clock: Callable[[], Millis],
        roster: Roster = NOBODY,
        place: Place | None = None,
        done: int = 0,
        written: int = 0,
        page: int = PAGE,
    ) -> None:
        """`place`, `done`, `written`: of one that was interrupted."""
        self.ended, self.done, self.total = False, done, 0
        self.written = written
        self.place = place
        self._scheme, self._asked, self._job = scheme, asked, job
        self._zone, self._clock, self._page = zone, clock, page
        self._roster = roster
        self._counted = False

    def step(self, warehouse: Warehouse) -> None:
        if not self._counted:
            self.total = contacts_in(warehouse, self._asked)
            self._counted = True
            return
        now = self._clock()
        page = cases_after(warehouse, self._asked, self.place, zone=self._zone, now=now, size=self._page)
        named = [(case.transcript.contact_at, case.transcript.contact) for case in page.cases]
        version = self._scheme.version
        known = scored_already(warehouse, named, site=self._asked.site, scheme=self._scheme.name, version=version)
        facts = []
        for case in (with_roster(one, self._roster) for one in page.cases):
            if case.transcript.contact not in known and (result := result_of(case, self._scheme, now)) is not None:
                facts.append(to_fact(result, case.transcript, job=self._job))
        if facts:
            warehouse.insert("scores", fact_columns("scores", facts))
        self.done += len(page.cases)
        # One that ended its process after it wrote a page, and before it said so, wrote what stands there now.
        own = [one for _, one in named if self._job and known.get(one) == self._job]
        self.written += len(facts) + len(own)
        self.ended = page.last is None
        self.place = page.last or self.place
        self.total = self.done if self.ended else max(self.total, self.done)


class Undo:
    """What one re-scoring wrote, day by day. `total` counts days here."""

    def __init__(self, asked: Range, *, job: str) -> None:
        self.ended, self.done = False, 0
        self.total = max(1, -(-(asked.until - asked.since) // DAY_MS))
        self.withdrawn = 0
        self._asked, self._job = asked, job

    def step(self, warehouse: Warehouse) -> None:
        since = Millis(self._asked.since + self.done * DAY_MS)
        until = Millis(min(self._asked.until, since + DAY_MS))
        self.withdrawn += withdraw(warehouse, job=self._job, site=self._asked.site, since=since, until=until)
        self.done += 1
        self.ended = self.done >= self.total
