"""The ledger for people and for pushers. In: audio, manifests, words of a person. Out: answers; counts for every page.

What is answered as taken lies on disk and in the ledger. May not know: HTTP, HTML.
"""

import asyncio
import hashlib
import hmac
import os
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import msgspec
import structlog
from msgspec.structs import replace

from asr.intake_manifest import Manifest
from asr.intake_names import word_fault
from asr.intake_states import Balance, State, added
from monitor.gauges import Ledger
from monitor.intake import Announced, Intake
from monitor.intake_files import ENDINGS, POSTED, Surroundings, job_of_file, plausible
from monitor.intake_import import Imported, import_rows
from monitor.intake_store import LedgerRow
from streams.bus.errors import BusError
from streams.bus.patience import asked
from streams.vocabulary.ids import Millis, SiteId
from streams.warehouse.contacts import LegRow

log = structlog.get_logger(__name__)

WORKERS_KEY: Final = "asr:workers"
LOOK_S: Final = 2.0
WORKER_GONE_MS: Final = 30_000
RATE_MS: Final = 10 * 60_000
SCANNED: Final = 5_000
"""Rows looked through for a filter; newest first."""


class IntakeRefused(StrEnum):
    """Why a recording or a person's word is not taken."""

    NO_INTAKE = "no_intake"
    NO_TOKEN = "no_token"  # noqa: S105 - a reason
    WRONG_TOKEN = "wrong_token"  # noqa: S105 - a reason
    NOTHING_IN_BODY = "nothing_in_body"
    RECORDING_TOO_LARGE = "recording_too_large"
    RECORDING_TOO_SLOW = "recording_too_slow"
    RECORDING_CUT = "recording_cut"
    UNKNOWN_ENDING = "unknown_ending"
    UNKNOWN_SITE = "unknown_site"
    WRONG_FIELD = "wrong_field"
    FILE_MISSING = "file_missing"
    NOT_IN_QUARANTINE = "not_in_quarantine"
    NOT_UNMATCHED = "not_unmatched"
    CONTACT_NOT_FOUND = "contact_not_found"
    HISTORY_AWAY = "history_away"
    BUS_AWAY = "bus_away"
    DISK_REFUSES = "disk_refuses"


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What all sites' recordings add up to, as of `at`; `eta_ms` None: nothing was done lately, so nobody knows."""

    at: Millis
    created: int
    expected: int
    missing: int
    arrived: int
    done: int
    open: int
    quarantined: int
    states: dict[str, int]
    reasons: dict[str, int]
    done_lately: int
    eta_ms: int | None
    arrived_off: int
    created_off: int


class Meta(msgspec.Struct, frozen=True, kw_only=True):
    """What a pusher tells of a recording."""

    name: str = ""
    id: str = ""
    contact: str = ""
    at: Millis | None = None
    agent: str = ""
    queue: str = ""
    site: str = ""
    urgent: bool = False


class IntakeDesk:
    """Shared by all sites' pages. Mutable: the last look at the ledger."""

    def __init__(
        self,
        intake: Intake,
        around: Surroundings,
        *,
        redis: Any,
        clock: Callable[[], Millis],
        token: str,
        most_bytes: int,
        urls: Sequence[str] = (),
    ) -> None:
        self.intake = intake
        self.around = around
        self.most_bytes = most_bytes
        self._urls = urls
        self._redis = redis
        self._clock = clock
        self._digest = hashlib.sha256(token.encode()).digest() if token else b""
        self.sites: dict[SiteId, Seen] = {}
        self.workers: dict[str, dict[str, int]] = {}

    # ---- what is seen ------------------------------------------------------------------------------------------------
    async def run(self) -> None:
        """For /metrics and /ops, which never wait."""
        while True:
            try:
                await self.look()
            except BusError as error:
                log.warning("ledger_not_read", fault=error.fault)
            await asyncio.sleep(LOOK_S)

    async def look(self) -> None:
        self.sites = {site: (await self.seen([site])) for site in self.around.sites}
        told = await asked(lambda: self._redis.hgetall(WORKERS_KEY), "reading workers' counters")
        workers: dict[str, dict[str, int]] = {}
        for name, blob in told.items():
            at, counts = msgspec.msgpack.decode(blob, type=tuple[int, dict[str, int]])
            workers[name.decode()] = {**counts, "silent": int(self._clock() - at > WORKER_GONE_MS)}
        self.workers = workers

    async def seen(self, sites: Sequence[SiteId]) -> Seen:
        now = self._clock()
        balances: list[Balance] = []
        reasons: dict[str, int] = {}
        lately = 0
        for site in sites:
            balances.append(await self.intake.store.balance(site))
            lately += await self.intake.store.done_since(site, Millis(now - RATE_MS))
            for reason, count in (await self.intake.store.reasons(site)).items():
                reasons[reason] = reasons.get(reason, 0) + count
        return _seen(added(balances), reasons, lately, now)

    async def rows(
        self, site: SiteId, states: Sequence[State], *, reason: str = "", text: str = "", limit: int = 100
    ) -> list[LedgerRow]:
        """The latest to change first; `text` is looked for in contact, agent, queue and file name."""
        found: list[LedgerRow] = []
        for state in states:
            offset = 0
            while offset < SCANNED and len(found) < limit * len(states):
                page = await self.intake.store.listed(site, state, offset=offset, limit=200)
                found += [row for row in page if _fits(row, reason, text)]
                offset += 200
                if len(page) < 200:
                    break
        return sorted(found, key=lambda row: row.changed_at, reverse=True)[:limit]

    # ---- what is brought ---------------------------------------------------------------------------------------------
    def admits(self, token: str) -> IntakeRefused | None:
        if not self._digest:
            return IntakeRefused.NO_INTAKE
        if not token:
            return IntakeRefused.NO_TOKEN
        offered = hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
        return None if hmac.compare_digest(offered, self._digest) else IntakeRefused.WRONG_TOKEN

    def part(self) -> Path:
        """Where a body is written while it comes; on the same disk as its place."""
        folder = self.around.folder / POSTED / ".parts"
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{os.urandom(16).hex()}.part"

    async def take_part(self, part: Path, digest: str, meta: Meta) -> tuple[Announced, str] | IntakeRefused:
        """A whole body on disk becomes a recording. Sent again it is the same one. Raises BusError, OSError."""
        ending = Path(meta.name).suffix.lower() or ".wav"
        if ending not in ENDINGS:
            return IntakeRefused.UNKNOWN_ENDING
        if meta.site and meta.site not in self.around.sites:
            return IntakeRefused.UNKNOWN_SITE
        if any(map(word_fault, (meta.contact, meta.agent, meta.queue))):
            return IntakeRefused.WRONG_FIELD
        if meta.at is not None and not plausible(meta.at, now=self._clock()):
            return IntakeRefused.WRONG_FIELD
        key = hashlib.sha256(f"id {meta.id}".encode()).hexdigest() if meta.id else digest
        path = self.around.folder / POSTED / key[:2] / f"{key}{ending}"
        await asyncio.to_thread(_into_place, part, path)
        named = job_of_file(
            path.with_name(Path(meta.name).name or path.name),
            self.around,
            changed_at=self._clock(),
            now=self._clock(),
            site=SiteId(meta.site) if meta.site else self.around.first,
            contact=meta.contact,
            at=meta.at,
            agent=meta.agent,
            queue=meta.queue,
            urgent=meta.urgent,
        )
        return await self.intake.announce(replace(named, path=str(path), refused="", sha256=key))

    async def import_rows(
        self, manifest: Manifest, *, dry: bool, progress: Callable[[int], None] = lambda done: None
    ) -> Imported:
        """Line by line; a line with a fault keeps no other one out. Raises BusError."""
        now, urls = self._clock(), self._urls
        return await import_rows(manifest, self.intake, self.around, urls=urls, now=now, dry=dry, progress=progress)

    # ---- what a person says ------------------------------------------------------------------------------------------
    async def retry(self, site: SiteId, recording: str) -> IntakeRefused | None:
        return None if await self.intake.retry(site, recording) else IntakeRefused.NOT_IN_QUARANTINE

    async def discard(self, site: SiteId, recording: str) -> IntakeRefused | None:
        return None if await self.intake.discard(site, recording) else IntakeRefused.NOT_IN_QUARANTINE

    async def match(self, site: SiteId, recording: str, leg: LegRow) -> IntakeRefused | None:
        """It goes on as the recording of that visit's contact."""
        row = await self.intake.store.row(site, recording)
        if row is None:
            return IntakeRefused.NOT_UNMATCHED
        job = replace(
            row.job, contact=leg.contact, contact_at=leg.queued_at, matched="hand", queue=leg.queue,
            agent=leg.agent or row.job.agent,
        )  # fmt: skip
        told = await self.intake.match(site, recording, job)
        return IntakeRefused.NOT_UNMATCHED if told is None else None

    def ledger(self, site: SiteId) -> Ledger | None:
        """What rules may watch of it, as of the last look; what has only arrived waits for nobody yet."""
        seen = self.sites.get(site)
        if seen is None:
            return None
        return Ledger(missing=seen.missing, backlog=seen.open - seen.states.get(State.ARRIVED, 0))

    def status(self) -> Mapping[str, Mapping[str, int]]:
        """Sections for /ops and /metrics: one of each transcribing process."""
        return {f"transcriber {name}": counts for name, counts in sorted(self.workers.items())}


def _into_place(part: Path, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():  # sent again: the first one counts, it may be in work
        part.unlink()
        return
    part.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _seen(all_of: Balance, reasons: dict[str, int], lately: int, now: Millis) -> Seen:
    queued = all_of.open - all_of.states.get(State.ARRIVED, 0)
    return Seen(
        at=now,
        created=all_of.created,
        expected=all_of.expected,
        missing=all_of.missing,
        arrived=all_of.arrived,
        done=all_of.done,
        open=all_of.open,
        quarantined=all_of.quarantined,
        states={str(state): count for state, count in all_of.states.items()},
        reasons=reasons,
        done_lately=lately,
        eta_ms=queued * RATE_MS // lately if lately else (0 if not queued else None),
        arrived_off=all_of.arrived_off,
        created_off=all_of.created_off,
    )


def _fits(row: LedgerRow, reason: str, text: str) -> bool:
    if reason and row.reason != reason:
        return False
    if not text:
        return True
    job = row.job
    wanted = text.casefold()
    return any(wanted in one.casefold() for one in (job.contact, job.agent, job.queue, Path(job.path).name))
