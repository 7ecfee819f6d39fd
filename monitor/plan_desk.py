"""A site's plan while the service runs. In: a store, the first plan, what an editor asks. Out: the plan for the map.

Publishing tells the hub at once; what another process published is noticed within seconds. Mutable; owned by the event
loop that calls it, files are touched in a thread. May not know: HTTP, Bokeh.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec
import structlog

from monitor import plan_pictures
from monitor.plan_pictures import Picture, PictureRefused
from monitor.plan_store import (
    Damaged,
    KeptPlan,
    NewerVersion,
    NoVersion,
    Origin,
    PinLine,
    Pins,
    PlanStore,
    PlanVersion,
    VersionDamaged,
)
from seat_map.plan import Plan
from seat_map.plan_arrange import arranged, with_pins
from seat_map.plan_diff import PlanChanges, differ
from seat_map.plan_draft import Parsed
from seat_map.plan_faults import PlanFault
from seat_map.plan_words import PlanDoc, doc_of, read_doc
from streams.vocabulary.ids import AgentId, Millis

log = structlog.get_logger(__name__)
POLL_S: Final = 2.0
NEVER: Final = Millis(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstPlan:
    """What is shown until somebody publishes: the configured file's, else a generated one."""

    parsed: Parsed
    origin: Origin
    note: str = ""

    def faults(self) -> tuple[Sequence[PlanFault], int]:
        return self.parsed.faults, self.parsed.more

    def kept(self) -> KeptPlan:
        by = Signed(author="", at=NEVER, note=self.note)
        about = _about(self.parsed.plan, origin=self.origin, by=by)
        return KeptPlan(about=about, plan=doc_of(self.parsed.plan))


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """Who publishes, when, and why."""

    author: str
    at: Millis
    note: str = ""


@dataclass(frozen=True, slots=True)
class Faulty:
    """Not published: the plan has these faults."""

    parsed: Parsed


@dataclass(frozen=True, slots=True)
class Outdated:
    """Not published: `latest` came in between, with `changes` against what the author saw."""

    latest: PlanVersion
    changes: PlanChanges | None


@dataclass(frozen=True, slots=True)
class Standing:
    """The plan as it stands. `drawn`: made ready for the map; `faults`: of the first plan's file."""

    about: PlanVersion
    plan: Plan
    drawn: Plan
    pins: Pins
    faults: Sequence[PlanFault]
    more: int
    damaged: Sequence[Damaged]


def _about(plan: Plan, *, origin: Origin, by: Signed) -> PlanVersion:
    """Its number and its parent are the store's to give."""
    return PlanVersion(
        version=0, parent=None, author=by.author, at=by.at, note=by.note, origin=origin, seats=len(plan.seats),
        rooms=len(plan.rooms),
    )  # fmt: skip


def _unheard(plan: Plan) -> None:
    """Until a hub is there nobody looks at the map."""


@dataclass
class PlanDesk:
    store: PlanStore
    first: FirstPlan
    replan: Callable[[Plan], None] = _unheard
    """Told of every new plan, made ready for the map."""
    standing: Standing = field(init=False)
    _seen: tuple[int | None, int] = field(init=False)

    def __post_init__(self) -> None:
        """Reads what stands, which blocks for a moment: at the start only. A folder that cannot be read keeps no wall
        down: the first plan is shown, and the folder looked at again and again."""
        try:
            self._seen = self.store.seen()
            self.standing = self._read()
        except OSError as error:
            self._seen = (None, -1)
            self.standing = self._standing(None, Pins(), [Damaged(name=self.store.folder.name, why=str(error))])

    @property
    def plan(self) -> Plan:
        """For the map: floors side by side, with who was put where by hand."""
        return self.standing.drawn

    @property
    def pictures(self) -> Path:
        return self.store.folder / "pictures"

    async def run(self) -> None:
        """Until cancelled: what other processes wrote comes onto the map."""
        while True:
            await asyncio.sleep(POLL_S)
            await self.look()

    async def look(self) -> None:
        """A look at the folder; a folder that cannot be read leaves the plan as it stands."""
        try:
            seen = await asyncio.to_thread(self.store.seen)
            if seen != self._seen:
                await self._renew()
                self._seen = seen
        except OSError as error:
            log.warning("plans_unreadable", error=error.strerror)

    async def _renew(self) -> None:
        before = self.plan

        def inside() -> tuple[Standing, bool]:
            standing = self._read()
            return standing, standing.drawn != before

        self.standing, differs = await asyncio.to_thread(inside)
        if differs:
            self.replan(self.plan)

    def _read(self) -> Standing:
        _, damaged = self.store.versions()
        kept = self.store.newest()
        try:
            pins = self.store.pins()
        except VersionDamaged as error:
            pins, damaged = Pins(), [*damaged, Damaged(name="pins.json", why=str(error))]
        return self._standing(kept, pins, damaged)

    def _standing(self, kept: KeptPlan | None, pins: Pins, damaged: Sequence[Damaged]) -> Standing:
        if kept is None:
            about, plan, faults, more = self.first.kept().about, self.first.parsed.plan, *self.first.faults()
        else:
            about, plan, faults, more = kept.about, read_doc(kept.plan).plan, (), 0
        drawn = arranged(with_pins(plan, {pin.seat: pin.agent for pin in pins.pins}))
        return Standing(about, plan, drawn, pins, faults, more, damaged)

    async def versions(self) -> list[PlanVersion]:
        """Newest first; the first plan stands in it before anything is published, too."""
        try:
            found, _ = await asyncio.to_thread(self.store.versions)
        except OSError:
            found = []  # `standing.damaged` says so
        return found or [self.standing.about]

    async def version(self, number: int) -> KeptPlan:
        """Raises NoVersion, VersionDamaged."""
        return await asyncio.to_thread(self.kept, number)

    def kept(self, number: int) -> KeptPlan:
        """Blocks; raises NoVersion, VersionDamaged."""
        if number == 0 and self.store.latest() is None:
            return self.first.kept()
        return self.store.read(number)

    async def changes(self, before: int, after: int) -> PlanChanges:
        """Raises NoVersion, VersionDamaged."""
        one, other = await self.version(before), await self.version(after)
        return await asyncio.to_thread(lambda: differ(read_doc(one.plan).plan, read_doc(other.plan).plan))

    async def check(self, doc: PlanDoc) -> tuple[Parsed, PlanChanges]:
        """What is wrong with it, and what it would change."""

        def inside() -> tuple[Parsed, PlanChanges]:
            parsed = read_doc(doc)
            return parsed, differ(self.standing.plan, parsed.plan)

        return await asyncio.to_thread(inside)

    async def publish(self, doc: PlanDoc, *, base: int, by: Signed) -> PlanVersion | Faulty | Outdated:
        """Raises OSError."""
        parsed = await asyncio.to_thread(read_doc, doc)
        if parsed.faults:
            return Faulty(parsed)
        about = _about(parsed.plan, origin=Origin.EDITOR, by=by)
        return await self._publish(KeptPlan(about=about, plan=doc_of(parsed.plan)), base)

    async def roll_back(self, to: int, *, base: int, by: Signed) -> PlanVersion | Outdated:
        """An older version as a new one: nothing is lost. Raises NoVersion, VersionDamaged, OSError."""
        old = await self.version(to)
        signed = {"author": by.author, "at": by.at, "note": by.note}
        about = msgspec.structs.replace(old.about, **signed, origin=Origin.ROLLED_BACK, of=to)
        return await self._publish(KeptPlan(about=about, plan=old.plan), base)

    async def _publish(self, kept: KeptPlan, base: int) -> PlanVersion | Outdated:
        first = self.first.kept()
        try:
            about = await asyncio.to_thread(lambda: self.store.publish(kept, base=base, first=first))
        except NewerVersion as newer:
            latest = await self.version(newer.latest)
            try:
                changes = await self.changes(base, newer.latest)
            except (NoVersion, VersionDamaged):
                changes = None  # what the author saw is not there any more
            return Outdated(latest.about, changes)
        await self._told()
        return about

    async def pin(self, seat: str, agent: AgentId | None, *, by: str, at: Millis) -> PinLine:
        """`agent` None takes the pin away. Raises VersionDamaged, OSError."""
        line = await asyncio.to_thread(lambda: self.store.pin(seat, agent, by=by, at=at))
        await self._told()
        return line

    async def _told(self) -> None:
        self._seen = await asyncio.to_thread(self.store.seen)
        await self._renew()

    def has_seat(self, seat: str) -> bool:
        return any(one.id == seat for one in self.standing.plan.seats)

    async def add_picture(self, blob: bytes) -> Picture | PictureRefused:
        """Raises OSError."""
        return await asyncio.to_thread(plan_pictures.save, self.pictures, blob)

    async def remove_picture(self, name: str) -> PictureRefused | None:
        """A picture that a version shows stays: rolling back would miss it. None: it is gone. Raises OSError."""
        return await asyncio.to_thread(self._remove_picture, name)

    def _remove_picture(self, name: str) -> PictureRefused | None:
        path = plan_pictures.path_of(self.pictures, name)
        if path is None:
            return PictureRefused.UNKNOWN
        if name in self._shown():
            return PictureRefused.IN_USE
        path.unlink(missing_ok=True)
        return None

    def _shown(self) -> frozenset[str]:
        found, _ = self.store.versions()
        docs = [self.kept(about.version).plan for about in found]
        return frozenset(floor.backdrop.picture for doc in docs for floor in doc.floors if floor.backdrop)
