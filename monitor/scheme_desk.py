"""Schemes worked on by people. In: a shelf, a store, what an editor asks. Out: drafts, versions, what was refused.

Nothing is ever overwritten: to roll back or to retire is a new version. May not know: HTTP.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Final

import structlog

from monitor.plan_desk import Signed
from monitor.plan_store import NoVersion
from monitor.rules_check import Looked, WordDesk, look
from monitor.rules_test import GoldenRun
from monitor.rules_text import edited
from monitor.scheme_diff import SchemeChanges, differ, numbering
from monitor.scheme_open import digest_of
from monitor.scheme_shelf import SchemeShelf
from monitor.scheme_store import (
    Draft,
    KeptScheme,
    NewerDraft,
    NewerScheme,
    SchemeOrigin,
    SchemeStore,
    SchemeVersion,
)
from monitor.trial_wire import Overran
from monitor.trials import Trials
from scoring.parse import Known
from streams.bus.errors import BusError

log = structlog.get_logger(__name__)
NOTE_MAX: Final = 500

Tell = Callable[[SchemeVersion], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Faulty:
    """Not published: these faults."""

    looked: Looked


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """Not published: there are warnings, and nobody said that they were read."""

    looked: Looked


@dataclass(frozen=True, slots=True)
class Failing:
    """Not published: golden dialogues came out otherwise, and nobody said to do it anyway."""

    run: GoldenRun


@dataclass(frozen=True, slots=True)
class NoteMissing:
    """Not published: who does it although dialogues fail says why."""


@dataclass(frozen=True, slots=True)
class Outdated:
    """Not published: `latest` came in between, with `changes` against what the author saw."""

    latest: SchemeVersion
    changes: SchemeChanges


@dataclass(frozen=True, slots=True)
class Unchanged:
    """Not published: it is what stands already."""

    latest: SchemeVersion


@dataclass(frozen=True, slots=True)
class DraftOutdated:
    """Not saved: somebody's `draft` came in between (None: dropped or published), with `changes` to the text sent."""

    draft: Draft | None
    revision: int
    changes: SchemeChanges | None


Published = SchemeVersion | Faulty | Unconfirmed | Outdated | Unchanged | Failing | Overran | NoteMissing


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is to be published beside its text: dialogues (None: those of the version before), what was confirmed."""

    golden: str | None = None
    confirmed: bool = False
    anyway: bool = False


@dataclass(frozen=True, slots=True)
class _Work:
    """A text with its dialogues, how they came out, and where it came from."""

    text: str
    golden: str
    origin: SchemeOrigin
    of: int | None = None
    dialogues: int = 0
    failing: int | None = 0


class SchemeDesk:
    """Every call raises BusError where the bus does not answer; those with a version NoVersion, VersionDamaged."""

    def __init__(
        self,
        shelf: SchemeShelf,
        store: SchemeStore,
        *,
        words: WordDesk,
        tell: Tell,
        trials: Trials | None = None,
    ) -> None:
        """`tell`: keeps in history what was published; `trials`: where texts are asked, its own unless told; whoever
        made the desk stops them."""
        self.trials = trials or Trials()
        self.words = words
        self.shelf = shelf
        self.store = store
        self.counts: Counter[str] = Counter()
        self._tell = tell

    def status(self) -> dict[str, int]:
        """What went otherwise since the start, and how many schemes are in use."""
        return {"schemes_in_use": len(self.shelf.in_use()), **self.counts, **self.trials.counts, **self.shelf.counts}

    async def versions(self, name: str) -> list[SchemeVersion]:
        """Newest first, version 0 last."""
        numbers = (await self.store.numbers()).get(name, [])
        lost = {one.version for one in self.shelf.lost if one.name == name}
        found = [(await self.store.read(name, number)).about for number in reversed(numbers) if number not in lost]
        first = self.shelf.fixed.get(name)
        return [*found, *([first.about] if first is not None else [])]

    async def version(self, name: str, number: int) -> KeptScheme:
        if number == 0:
            if name not in self.shelf.fixed:
                raise NoVersion(f"there is no version 0 of {name}")
            return self.shelf.fixed[name]
        return await self.store.read(name, number)

    def golden(self, name: str, told: str | None, *, standing: KeptScheme | None = None) -> str:
        """`told`, else the dialogues of the version that stands, else those that came with the first."""
        if told is not None:
            return told
        if standing is not None and standing.golden is not None:
            return standing.golden
        fixed = self.shelf.fixed.get(name)
        return (fixed.golden or "") if fixed is not None else ""

    async def standing(self, name: str) -> KeptScheme | None:
        """The latest version; None: nobody published it yet."""
        await self.shelf.look()
        found = self.shelf.standing.get(name)
        return None if found is None else found.kept

    async def changes(self, name: str, before: int, after: int) -> SchemeChanges:
        one, other = await self.version(name, before), await self.version(name, after)
        return await asyncio.to_thread(differ, one.text, other.text)

    async def save(self, draft: Draft) -> Draft | DraftOutdated:
        try:
            await self.store.save(draft)
        except NewerDraft as newer:
            theirs = await self.store.draft(draft.name)
            changes = None if theirs is None else await asyncio.to_thread(differ, theirs.text, draft.text)
            return DraftOutdated(theirs, newer.revision, changes)
        return draft

    async def publish(
        self, name: str, text: str, *, base: int, by: Signed, told: Told | None = None, known: Known | None = None
    ) -> Published:
        told = told or Told()
        looked = await asyncio.to_thread(look, text, file=name, name=name, known=known)
        if looked.scheme is None:
            return Faulty(looked)
        if looked.warnings and not told.confirmed:
            return Unconfirmed(looked)
        standing = await self.standing(name)
        golden = self.golden(name, told.golden, standing=standing)
        work = _Work(text, golden, SchemeOrigin.EDITOR)
        if (stale := await self._stale(name, work, base, standing)) is not None:
            return stale
        if told.anyway and not by.note.strip():
            return NoteMissing()
        run = await self.trials.tested(text, golden) if golden.strip() else None
        if not told.anyway and isinstance(run, Overran):
            return run
        if isinstance(run, GoldenRun):
            if run.failed and not told.anyway:
                return Failing(run)
            work = replace(work, dialogues=run.dialogues, failing=run.failed)
        elif run is not None:
            work = replace(work, failing=None)
        return await self._publish(name, work, base=base, by=by)

    async def roll_back(self, name: str, to: int, *, base: int, by: Signed) -> Published:
        """With the dialogues it had; they are not run: whoever goes back is in a hurry."""
        old = await self.version(name, to)
        looked = await asyncio.to_thread(look, old.text, file=name, name=name)
        if looked.scheme is None:
            return Faulty(looked)  # the language went on
        return await self._publish(name, self._as(old, SchemeOrigin.ROLLED_BACK, of=to), base=base, by=by)

    async def retire(self, name: str, *, base: int, by: Signed) -> Published:
        """It is scored by no more, until somebody publishes it again."""
        standing = await self.standing(name)
        if standing is None:
            raise NoVersion(f"there is no scheme {name}")
        return await self._publish(name, self._as(standing, SchemeOrigin.RETIRED), base=base, by=by)

    def _as(self, kept: KeptScheme, origin: SchemeOrigin, *, of: int | None = None) -> _Work:
        golden = self.golden(kept.about.name, kept.golden)
        return _Work(kept.text, golden, origin, of, kept.about.dialogues, kept.about.failing)

    async def _stale(self, name: str, work: _Work, base: int, standing: KeptScheme | None) -> Published | None:
        """Why it is not to be published on top of what stands."""
        if standing is None:
            return None
        if standing.about.version != base:
            return await self._outdated(name, base, standing.about)
        return Unchanged(standing.about) if self._same(standing, work) else None

    async def _publish(self, name: str, work: _Work, *, base: int, by: Signed) -> Published:
        standing = await self.standing(name)
        if (stale := await self._stale(name, work, base, standing)) is not None:
            return stale
        kept = await asyncio.to_thread(self._kept, name, work, standing, by)
        try:
            await self.store.publish(kept, base=0 if standing is None else standing.about.version)
        except NewerScheme as newer:
            return await self._outdated(name, base, (await self.version(name, newer.latest)).about)
        await self.shelf.look()
        await self._told(kept.about)
        return kept.about

    def _same(self, standing: KeptScheme, work: _Work) -> bool:
        if work.origin is SchemeOrigin.RETIRED:
            return not standing.about.in_use
        if not standing.about.in_use or self.golden(standing.about.name, standing.golden) != work.golden:
            return False
        return differ(standing.text, work.text).nothing

    def _kept(self, name: str, work: _Work, standing: KeptScheme | None, by: Signed) -> KeptScheme:
        """Its number is beyond every number that scores of this name may have."""
        fixed = self.shelf.fixed.get(name)
        known = [kept.about.scored_as for kept in (standing, fixed) if kept is not None]
        number = max(known, default=0) + 1
        before = "" if standing is None else standing.text
        text = edited(work.text, numbering(before, work.text, number))
        looked = look(text, file=name)
        assert looked.scheme is not None  # a number more changes nothing
        about = SchemeVersion(
            name=name, version=number, parent=None if standing is None else standing.about.version, author=by.author,
            at=by.at, note=by.note[:NOTE_MAX], origin=work.origin, digest=digest_of(text),
            items=len(looked.scheme.items), rules=len({item.rule.id for item in looked.scheme.items}),
            in_use=work.origin is not SchemeOrigin.RETIRED, scored_as=number, of=work.of, dialogues=work.dialogues,
            failing=work.failing,
        )  # fmt: skip
        return KeptScheme(about=about, text=text, golden=work.golden)

    async def _outdated(self, name: str, base: int, latest: SchemeVersion) -> Outdated:
        try:
            changes = await self.changes(name, base, latest.version)
        except NoVersion:  # what the author saw was never published
            changes = SchemeChanges(parts=[], rows=[], cut=False)
        return Outdated(latest, changes)

    async def _told(self, about: SchemeVersion) -> None:
        log.info("scheme_published", scheme=about.name, version=about.version, by=about.author, origin=about.origin)
        try:
            await self._tell(about)
        except BusError as error:
            # It is published and says itself who did it; only history's copy is missing.
            self.counts["audit_untold"] += 1
            log.error("scheme_audit_untold", scheme=about.name, version=about.version, fault=error.fault)
