"""The ledger of recordings over HTTP. In: filters, manifests, words of a person. Out: counts, rows, what was done.

May not know: how the ledger is kept, how a body becomes a recording.
"""

import asyncio
from dataclasses import replace
from typing import Final

import msgspec
import structlog
from aiohttp import web

from asr.intake_manifest import read_manifest
from asr.intake_names import NEAR_MS
from asr.intake_states import State
from monitor.api.contacts import Asked, find
from monitor.api.history import History, HistoryUnavailable, asked
from monitor.api.intake_answers import as_json, desk_of, refused_with
from monitor.api.parts import PARTS
from monitor.intake_desk import IntakeDesk, IntakeRefused
from monitor.intake_store import LedgerRow
from streams.bus.errors import BusError
from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName, SiteId
from streams.warehouse.contacts import ContactDetail, ContactFilter, LegRow, ListedContact

log = structlog.get_logger(__name__)

MANIFEST_BYTES: Final = 50_000_000
MOST_ROWS: Final = 500
AROUND_MS: Final = 15 * 60_000
MOST_NEAR: Final = 12
LONGEST_NAME: Final = 140


class NearbyContact(msgspec.Struct, frozen=True, kw_only=True):
    """A contact that a recording may be of. `away_ms`: from its answer to the recording's beginning."""

    contact: ContactId
    queue: QueueName
    agent: AgentId
    answered_at: Millis
    talk_ms: int
    away_ms: int
    recording: str
    """where that contact's own recording stands; "": it has none"""


class NearbyAnswer(msgspec.Struct, frozen=True, kw_only=True):
    begun_at: Millis
    agent: str
    contacts: tuple[NearbyContact, ...]


# ---- many at once ---------------------------------------------------------------------------------------------------
async def import_manifest(request: web.Request) -> web.Response:
    """A CSV manifest; `?dry=1` only judges it."""
    desk = desk_of(request)
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.content.iter_any():
        size += len(chunk)
        if size > MANIFEST_BYTES:
            response = refused_with(IntakeRefused.RECORDING_TOO_LARGE, f"more than {MANIFEST_BYTES} bytes")
            response.force_close()
            return response
        chunks.append(chunk)
    text = b"".join(chunks).decode("utf-8", "replace")
    manifest = await asyncio.to_thread(read_manifest, text)
    try:
        answer = await desk.import_rows(manifest, dry=request.query.get("dry") == "1")
    except BusError as error:
        return refused_with(IntakeRefused.BUS_AWAY, error.fault)
    actor = request.app[PARTS].actor(request)
    log.info("recordings_imported", by=actor, lines=answer.lines, taken=answer.taken, faults=len(answer.faults))
    return as_json(answer, status=200 if not answer.faults or answer.taken or answer.known else 422)


# ---- what is seen ---------------------------------------------------------------------------------------------------
async def ledger(request: web.Request) -> web.Response:
    """Counts, and rows of `state` (all without one), filtered by `reason` and `text`."""
    desk = desk_of(request)
    asked_for = request.query.get("state", "")
    if asked_for not in ("", *State):
        raise web.HTTPNotFound(text=f"states are {', '.join(State)}")
    sites = _sites(request, desk)
    states = [State(asked_for)] if asked_for else list(State)
    limit = request.query.get("limit", "") or "100"
    if not (limit.isascii() and limit.isdecimal() and len(limit) <= 4):
        raise web.HTTPNotFound(text="limit is a whole number")
    reason, text = request.query.get("reason", ""), request.query.get("text", "")[:100]
    try:
        seen = await desk.seen(sites)
        rows: list[LedgerRow] = []
        for site in sites:
            rows += await desk.rows(site, states, reason=reason, text=text, limit=min(int(limit), MOST_ROWS))
    except BusError as error:
        return refused_with(IntakeRefused.BUS_AWAY, error.fault)
    rows.sort(key=lambda row: row.changed_at, reverse=True)
    return as_json({"seen": seen, "rows": rows[: min(int(limit), MOST_ROWS)]})


async def near(request: web.Request) -> web.Response:
    """Contacts that one without a contact may be of: its agent's, else anybody's, nearest in time first."""
    desk, parts = desk_of(request), request.app[PARTS]
    (site, *_) = _sites(request, desk)
    try:
        row = await desk.intake.store.row(site, _recording(request))
        if row is None:
            return refused_with(IntakeRefused.NOT_UNMATCHED)
        begun, agent = row.job.contact_at, AgentId(row.job.agent or row.job.extension)
        listed = await _around(parts.history, site, begun, agent)
    except BusError as error:
        return refused_with(IntakeRefused.BUS_AWAY, error.fault)
    except HistoryUnavailable as error:
        return refused_with(IntakeRefused.HISTORY_AWAY, error.reason)
    found = [
        NearbyContact(
            contact=one.leg.contact,
            queue=one.leg.queue,
            agent=one.leg.agent,
            answered_at=one.leg.answered_at,
            talk_ms=one.leg.talk_ms,
            away_ms=one.leg.answered_at - begun,
            recording="" if one.recording is None else one.recording.state,
        )
        for one in listed
        if one.leg.answered_at
    ]
    found.sort(key=lambda one: abs(one.away_ms))
    return as_json(NearbyAnswer(begun_at=begun, agent=agent, contacts=tuple(found[:MOST_NEAR])))


async def _around(history: History, site: SiteId, begun: Millis, agent: AgentId) -> list[ListedContact]:
    """The agent's, if it has any; without an agent those of a shorter time, for a large centre has many."""

    async def within(ms: int, agent: AgentId | None) -> list[ListedContact]:
        choose = ContactFilter(agent=agent, site=site)
        return await find(history, Asked(since=Millis(begun - ms), until=Millis(begun + ms), choose=choose, limit=500))

    return (agent and await within(AROUND_MS, agent)) or await within(NEAR_MS, None)


def _sites(request: web.Request, desk: IntakeDesk) -> list[SiteId]:
    wanted = request.query.get("site", "")
    if wanted and wanted not in desk.around.sites:
        raise web.HTTPNotFound(text=f"there is no such site; there are {', '.join(desk.around.sites)}")
    return [SiteId(wanted)] if wanted else list(desk.around.sites)


def _recording(request: web.Request) -> str:
    return request.query.get("recording", "")[:LONGEST_NAME]


# ---- what a person says ---------------------------------------------------------------------------------------------
async def act(request: web.Request) -> web.Response:
    """retry, discard, or match with ?contact=, which history must know."""
    desk = desk_of(request)
    (site, *_), recording, what = _sites(request, desk), _recording(request), request.match_info["what"]
    try:
        match what:
            case "retry":
                refused = await desk.retry(site, recording)
            case "discard":
                refused = await desk.discard(site, recording)
            case "match":
                refused = await _match(request, desk, site, recording)
            case _:
                raise web.HTTPNotFound(text="retry, discard or match")
    except BusError as error:
        return refused_with(IntakeRefused.BUS_AWAY, error.fault)
    except HistoryUnavailable as error:
        return refused_with(IntakeRefused.HISTORY_AWAY, error.reason)
    log.info(f"recording_{what}", by=request.app[PARTS].actor(request), recording=recording, refused=refused or "")
    return refused_with(refused) if refused else as_json({"done": what})


async def _match(request: web.Request, desk: IntakeDesk, site: SiteId, recording: str) -> IntakeRefused | None:
    contact = ContactId(request.query.get("contact", "").strip()[:LONGEST_NAME])
    row = await desk.intake.store.row(site, recording)
    if row is None or not contact:
        return IntakeRefused.NOT_UNMATCHED
    details = await asked(request.app[PARTS].history, ContactDetail, "contact_detail", contact=contact, site=site)
    if not details or not details[0].legs:
        return IntakeRefused.CONTACT_NOT_FOUND
    return await desk.match(site, recording, visit_of(details[0], row.job.contact_at))


def visit_of(detail: ContactDetail, begun: Millis) -> LegRow:
    """The visit that was answered nearest to the recording's beginning, with the contact's own time."""
    nearest = min(detail.legs, key=lambda leg: (not leg.answered_at, abs(leg.answered_at - begun)))
    return replace(nearest, queued_at=min(leg.queued_at for leg in detail.legs))


def routes() -> list[web.RouteDef]:
    return [
        web.get("/api/v1/recordings", ledger),
        web.get("/api/v1/recordings/near", near),
        web.post("/api/v1/recordings/import", import_manifest),
        web.post("/api/v1/recordings/act/{what}", act),
    ]
