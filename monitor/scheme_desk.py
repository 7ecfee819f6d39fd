"""Schemes worked on by people. In: a shelf, a store, what an editor asks. Out: drafts, versions, what was refused.

Nothing is ever overwritten: to roll back or to retire is a new version. May not know: HTTP.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import structlog

from monitor.plan_desk import Signed
from monitor.plan_store import NoVersion
from monitor.rules_check import Looked, WordDesk, look
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


Published = SchemeVersion | Faulty | Unconfirmed | Outdated | Unchanged


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
        self, name: str, text: str, *, base: int, by: Signed, confirmed: bool, known: Known | None = None
    ) -> Published:
        looked = await asyncio.to_thread(look, text, file=name, name=name, known=known)
        if looked.scheme is None:
            return Faulty(looked)
        if looked.warnings and not confirmed:
            return Unconfirmed(looked)
        return await self._publish(name, text, base=base, by=by, origin=SchemeOrigin.EDITOR)

    async def roll_back(self, name: str, to: int, *, base: int, by: Signed) -> Published:
        old = await self.version(name, to)
        looked = await asyncio.to_thread(look, old.text, file=name, name=name)
        if looked.scheme is None:
            return Faulty(looked)  # the language went on
        return await self._publish(name, old.text, base=base, by=by, origin=SchemeOrigin.ROLLED_BACK, of=to)

    async def retire(self, name: str, *, base: int, by: Signed) -> Published:
        """It is scored by no more, until somebody publishes it again."""
        standing = await self.standing(name)
        if standing is None:
            raise NoVersion(f"there is no scheme {name}")
        return await self._publish(name, standing.text, base=base, by=by, origin=SchemeOrigin.RETIRED)

    async def _publish(
        self, name: str, text: str, *, base: int, by: Signed, origin: SchemeOrigin, of: int | None = None
    ) -> Published:
        standing = await self.standing(name)
        latest = 0 if standing is None else standing.about.version
        if standing is not None and latest != base:
            return await self._outdated(name, base, standing.about)
        if standing is not None and _same(standing, text, origin):
            return Unchanged(standing.about)
        kept = await asyncio.to_thread(self._kept, name, text, standing, by, origin, of)
        try:
            await self.store.publish(kept, base=latest)
        except NewerScheme as newer:
            return await self._outdated(name, base, (await self.version(name, newer.latest)).about)
        await self.shelf.look()
        await self._told(kept.about)
        return kept.about

    def _kept(
        self, name: str, text: str, standing: KeptScheme | None, by: Signed, origin: SchemeOrigin, of: int | None
    ) -> KeptScheme:
        """Its number is beyond every number that scores of this name may have."""
        fixed = self.shelf.fixed.get(name)
        known = [kept.about.scored_as for kept in (standing, fixed) if kept is not None]
        number = max(known, default=0) + 1
        before = "" if standing is None else standing.text
        text = edited(text, numbering(before, text, number))
        looked = look(text, file=name)
        assert looked.scheme is not None  # a number more changes nothing
        about = SchemeVersion(
            name=name, version=number, parent=None if standing is None else standing.about.version, author=by.author,
            at=by.at, note=by.note[:NOTE_MAX], origin=origin, digest=digest_of(text), items=len(looked.scheme.items),
            rules=len({item.rule.id for item in looked.scheme.items}), in_use=origin is not SchemeOrigin.RETIRED,
            scored_as=number, of=of,
        )  # fmt: skip
        return KeptScheme(about=about, text=text)

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


def _same(standing: KeptScheme, text: str, origin: SchemeOrigin) -> bool:
    if origin is SchemeOrigin.RETIRED:
        return not standing.about.in_use
    return standing.about.in_use and differ(standing.text, text).nothing
