"""Alert rules worked on by people. In: a shelf, a store, what an editor asks. Out: versions, faults, what was refused.

Nothing is ever overwritten: to roll back is a new version. May not know: HTTP, engines.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import structlog

from alerts.parse import AlertFaults, parse_rules
from alerts.rules import Rule
from monitor.alert_rules_open import digest_of
from monitor.alert_rules_shelf import RulesShelf
from monitor.alert_rules_store import NOTE_MAX, KeptRules, NewerRules, RulesOrigin, RulesStore, RulesVersion
from monitor.plan_desk import Signed
from monitor.plan_store import NoVersion, VersionDamaged
from monitor.scheme_diff import Change, PartChange, SchemeChanges, differ, read_values
from streams.bus.errors import BusError
from streams.toml_lines import Fault

log = structlog.get_logger(__name__)

Check = Callable[[str], tuple[Rule, ...]]
"""As a shelf's `Read`, but with the queues and teams there are now: a publisher may still mend a name."""
Tell = Callable[[RulesVersion], Awaitable[None]]
FILE: Final = "rules"
"""What a published text is called in its faults."""
MOST_FAULTS: Final = 200
MOST_RULES: Final = 500
"""Of a text: each is looked at every second on each of its scopes, and each pause of an author checks them all."""


@dataclass(frozen=True, slots=True)
class Looked:
    """`rules` are empty where there are faults."""

    rules: tuple[Rule, ...]
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Outdated:
    """Not published: `latest` came in between, with `changes` against what the author saw."""

    latest: RulesVersion
    changes: SchemeChanges


@dataclass(frozen=True, slots=True)
class Unchanged:
    latest: RulesVersion


Published = RulesVersion | Looked | Outdated | Unchanged


class AlertRulesDesk:
    """Every call raises BusError where the bus does not answer; those with a version NoVersion, VersionDamaged."""

    def __init__(self, shelf: RulesShelf, store: RulesStore, *, channels: Collection[str], tell: Tell) -> None:
        """`channels`: names a rule may tell; `tell`: keeps in history who published what."""
        self.shelf = shelf
        self._channels = channels
        self._store = store
        self._tell = tell
        self.counts: Counter[str] = Counter()

    def check(self, queues: Collection[str] | None, teams: Collection[str] | None = None) -> Check:
        """`queues`, `teams`: there are now; None: not known."""
        return partial(parse_rules, file=FILE, channels=self._channels, queues=queues, teams=teams)

    async def look(self, text: str, check: Check) -> Looked:
        return await asyncio.to_thread(_looked, text, check)

    async def versions(self) -> list[RulesVersion]:
        """Newest first, version 0 last; those that cannot be read are left out."""
        found = []
        for number in reversed(await self._store.numbers()):
            try:
                found.append((await self._store.read(number)).about)
            except VersionDamaged:
                self.counts["damaged"] += 1
        return [*found, self.shelf.first.kept.about]

    async def version(self, number: int) -> KeptRules:
        return self.shelf.first.kept if number == 0 else await self._store.read(number)

    async def changes(self, before: int, after: int) -> SchemeChanges:
        one, other = await self.version(before), await self.version(after)
        return await asyncio.to_thread(rule_changes, one.text, other.text)

    async def publish(self, text: str, *, base: int, by: Signed, check: Check) -> Published:
        return await self._publish(text, base=base, by=by, check=check, origin=RulesOrigin.EDITOR)

    async def roll_back(self, to: int, *, base: int, by: Signed, check: Check) -> Published:
        old = await self.version(to)
        return await self._publish(old.text, base=base, by=by, check=check, origin=RulesOrigin.ROLLED_BACK, of=to)

    async def _publish(
        self, text: str, *, base: int, by: Signed, check: Check, origin: RulesOrigin, of: int | None = None
    ) -> Published:
        looked = await self.look(text, check)
        if looked.faults:
            return looked
        numbers = await self._store.numbers()  # before the shelf looks: what comes later, the store itself refuses
        latest = numbers[-1] if numbers else 0
        await self.shelf.look()
        standing = self.shelf.standing.kept
        if standing.about.version != base:
            return await self._outdated(base, standing.about)
        if latest != base and not self.shelf.standing.unreadable:
            return await self._outdated(base, (await self.version(latest)).about)
        if standing.text == text and not self.shelf.standing.faults:
            return Unchanged(standing.about)
        about = RulesVersion(
            version=latest + 1, parent=base, by=by.author, at=by.at, note=by.note[:NOTE_MAX], origin=origin,
            digest=digest_of(text), rules=len(looked.rules), of=of,
        )  # fmt: skip
        try:
            await self._store.publish(KeptRules(about=about, text=text), base=latest)
        except NewerRules as newer:
            return await self._outdated(base, (await self.version(newer.latest)).about)
        await self.shelf.look()
        await self._told(about)
        return about

    async def _outdated(self, base: int, latest: RulesVersion) -> Outdated:
        try:
            changes = await self.changes(base, latest.version)
        except (NoVersion, VersionDamaged):  # what the author saw was never published, or cannot be read any more
            changes = SchemeChanges(parts=[], rows=[], cut=False)
        return Outdated(latest, changes)

    async def _told(self, about: RulesVersion) -> None:
        log.info("alert_rules_published", version=about.version, by=about.by, origin=about.origin)
        try:
            await self._tell(about)
        except BusError as error:
            # It is published and says itself who did it; only history's copy is missing.
            self.counts["audit_untold"] += 1
            log.error("alert_rules_audit_untold", version=about.version, fault=error.fault)


def rule_changes(before: str, after: str) -> SchemeChanges:
    """By rule, and line by line."""
    parts = list(_parts(_by_name(before), _by_name(after)))
    lines = differ(before, after)
    return SchemeChanges(parts=parts, rows=lines.rows, cut=lines.cut)


def _parts(old: Mapping[str, Mapping[str, Any]], new: Mapping[str, Mapping[str, Any]]) -> Iterator[PartChange]:
    for name in [*old, *(name for name in new if name not in old)]:
        if name not in new:
            yield PartChange(kind="rule", id=name, change=Change.REMOVED, keys=[])
        elif name not in old:
            yield PartChange(kind="rule", id=name, change=Change.ADDED, keys=[])
        elif keys := [key for key in {**old[name], **new[name]} if old[name].get(key) != new[name].get(key)]:
            yield PartChange(kind="rule", id=name, change=Change.CHANGED, keys=keys)


def _by_name(text: str) -> dict[str, Mapping[str, Any]]:
    rules = read_values(text).get("rule", ())
    tables = [one for one in rules if isinstance(one, dict)] if isinstance(rules, list) else []
    return {str(one.get("name", number)): one for number, one in enumerate(tables)}


def _looked(text: str, check: Check) -> Looked:
    rules = read_values(text).get("rule")
    if isinstance(rules, list) and len(rules) > MOST_RULES:
        mend = f"keep {MOST_RULES} at most; fire_by gives queues, teams and tiers thresholds of their own in one rule"
        return Looked((), (Fault(FILE, 1, f"rule: {len(rules)} rules in one text", mend),))
    try:
        return Looked(check(text))
    except AlertFaults as error:
        return Looked((), error.faults[:MOST_FAULTS])
