"""Schemes over HTTP: shelf, drafts, versions, publishing. In: requests. Out: JSON; what was done, or why not.

Bodies are read here, for a scheme is larger than what other routes take. May not know: how schemes are kept.
"""

from enum import StrEnum
from typing import Final

import structlog
from aiohttp import web

from monitor.api.parts import SITES, Parts, parts_of
from monitor.api.plan_body import BodyRefused, PlanBodyRefused, document
from monitor.api.rules_answers import (
    ListedScheme,
    Publish,
    RulesFaultAnswer,
    Save,
    SchemeAnswer,
    SchemesAnswer,
    SchemeText,
    VersionsAnswer,
)
from monitor.api.rules_json import BODY_MAX, fault, json_answer, refused_body
from monitor.plan_desk import Signed
from monitor.plan_store import NoVersion, VersionDamaged
from monitor.roster import Roster
from monitor.rules_check import MOST_FAULTS
from monitor.rules_faults import rows
from monitor.rules_text import EditFault
from monitor.scheme_desk import (
    DraftOutdated,
    Failing,
    Faulty,
    NoteMissing,
    Outdated,
    Published,
    SchemeDesk,
    Told,
    Unchanged,
    Unconfirmed,
)
from monitor.scheme_store import NAME, TEXT_MAX, Draft, NewerDraft, SchemeVersion
from monitor.trial_wire import Overran, TrialReason
from scoring.parse import Known
from streams.bus.errors import BusError

log = structlog.get_logger(__name__)


class RulesRefused(StrEnum):
    NEWER_VERSION = "newer_scheme"
    """Somebody published since: look at what changed, then publish on top of it."""
    NEWER_DRAFT = "newer_draft"
    FAULTY = "faulty_scheme"
    WARNINGS = "warnings_not_confirmed"
    FAILING = "dialogues_fail"
    """With what came out otherwise; `anyway` and a note publish it all the same."""
    NOTE = "note_missing"
    UNCHANGED = "scheme_unchanged"
    NO_SCHEME = "no_such_scheme"
    DAMAGED = "scheme_damaged"
    NAME = "bad_scheme_name"
    BUS = "bus_away"
    """Nothing was lost: what is typed stays on the page."""


STATUS: Final = {
    RulesRefused.NEWER_VERSION: 409,
    RulesRefused.NEWER_DRAFT: 409,
    RulesRefused.FAULTY: 422,
    RulesRefused.WARNINGS: 428,
    RulesRefused.FAILING: 428,
    RulesRefused.NOTE: 422,
    RulesRefused.UNCHANGED: 409,
    RulesRefused.NO_SCHEME: 404,
    RulesRefused.DAMAGED: 500,
    RulesRefused.NAME: 400,
    RulesRefused.BUS: 503,
}

RESERVED: Final = frozenset(
    {"language", "check", "compare", "try", "dialogue", "backtests", "rescores", "test", "tests"}
)
"""Addresses beside the schemes' names."""


async def schemes(request: web.Request) -> web.Response:
    _, desk = desk_of(request)
    try:
        await desk.shelf.look()
        drafts = await desk.store.drafts()
    except BusError as error:
        return refused(RulesRefused.BUS, str(error))
    listed = [
        ListedScheme(
            zh=one.scheme.zh if one.scheme is not None else "",
            en=one.scheme.en if one.scheme is not None else "",
            about=one.kept.about,
            draft=name in drafts,
            fault=one.fault,
        )
        for name, one in desk.shelf.standing.items()
    ]
    new = [name for name in drafts if name not in desk.shelf.standing]
    lost = [f"{one.name} {one.version}: {one.why}" for one in desk.shelf.lost]
    return json_answer(SchemesAnswer(schemes=listed, drafts=new, lost=lost))


async def scheme(request: web.Request) -> web.Response:
    _, desk = desk_of(request)
    name = request.match_info["name"]
    try:
        standing = await desk.standing(name)
        draft = await desk.store.draft(name)
        revision = await desk.store.revision(name)
    except BusError as error:
        return refused(RulesRefused.BUS, str(error))
    except VersionDamaged as error:
        return refused(RulesRefused.DAMAGED, str(error))
    if standing is None and draft is None:
        return refused(RulesRefused.NO_SCHEME, name)
    about, text = (None, "") if standing is None else (standing.about, standing.text)
    golden = desk.golden(name, None, standing=standing)
    return json_answer(SchemeAnswer(name=name, about=about, text=text, draft=draft, revision=revision, golden=golden))


async def versions(request: web.Request) -> web.Response:
    _, desk = desk_of(request)
    try:
        found = await desk.versions(request.match_info["name"])
    except (BusError, NoVersion, VersionDamaged) as error:
        return lost(error)
    return json_answer(VersionsAnswer(versions=found)) if found else refused(RulesRefused.NO_SCHEME, "")


async def version(request: web.Request) -> web.Response:
    """With `against` another version than the parent to compare with."""
    _, desk = desk_of(request)
    name, number = request.match_info["name"], _number(request.match_info["version"])
    against = request.query.get("against", "")
    try:
        kept = await desk.version(name, number)
        base = _number(against) if against else kept.about.parent
        changes = None if base is None else await desk.changes(name, base, number)
        other = None if base is None else await desk.version(name, base)
    except (BusError, NoVersion, VersionDamaged) as error:
        return lost(error)
    golden = desk.golden(name, kept.golden)
    answer = SchemeText(
        about=kept.about, text=kept.text, against=base, changes=changes, golden=golden,
        golden_changed=other is not None and desk.golden(name, other.golden) != golden,
    )  # fmt: skip
    return json_answer(answer)


async def save(request: web.Request) -> web.Response:
    parts, desk = desk_of(request)
    name = request.match_info["name"]
    asked = await document(request, Save, most=BODY_MAX)
    if isinstance(asked, BodyRefused):
        return refused_body(asked)
    if not _good(name):
        return refused(RulesRefused.NAME, "letters, digits, _ . -; at most 64")
    if len(asked.text.encode()) > TEXT_MAX:
        return fault(PlanBodyRefused.TOO_LARGE, f"a scheme's text has at most {TEXT_MAX} bytes", status=413)
    draft = Draft(
        name=name, revision=asked.revision + 1, base=asked.base, author=parts.actor(request), at=parts.clock(),
        text=asked.text, golden=asked.golden,
    )  # fmt: skip
    try:
        done = await desk.save(draft)
    except (BusError, VersionDamaged) as error:
        return lost(error)
    if isinstance(done, DraftOutdated):
        answer = RulesFaultAnswer(
            reason=RulesRefused.NEWER_DRAFT, draft=done.draft, revision=done.revision, changes=done.changes
        )
        return json_answer(answer, status=409)
    return json_answer(done)


async def drop(request: web.Request) -> web.Response:
    parts, desk = desk_of(request)
    name = request.match_info["name"]
    try:
        await desk.store.drop(name, revision=_number(request.query.get("revision", "")))
    except NewerDraft as newer:
        return json_answer(RulesFaultAnswer(reason=RulesRefused.NEWER_DRAFT, revision=newer.revision), status=409)
    except BusError as error:
        return lost(error)
    log.info("scheme_draft_dropped", scheme=name, by=parts.actor(request))
    return json_answer({"done": "dropped"})


async def publish(request: web.Request) -> web.Response:
    parts, desk = desk_of(request)
    name = request.match_info["name"]
    asked = await document(request, Publish, most=BODY_MAX)
    if isinstance(asked, BodyRefused):
        return refused_body(asked)
    if not _good(name):
        return refused(RulesRefused.NAME, "letters, digits, _ . -; at most 64")
    if (asked.text is not None) + (asked.version is not None) + asked.retire != 1:
        return fault("bad_body", "send one of text, version and retire", status=400)
    by = Signed(author=parts.actor(request), at=parts.clock(), note=asked.note)
    try:
        done = await _published(desk, name, asked, by, known_of(request))
        if isinstance(done, SchemeVersion) and asked.revision:
            await _clear(desk, name, asked.revision)
    except (BusError, NoVersion, VersionDamaged) as error:
        return lost(error)
    except EditFault as error:
        return fault(error.reason, error.detail, status=422)
    return _told(done)


async def _published(desk: SchemeDesk, name: str, asked: Publish, by: Signed, known: Known) -> Published:
    if asked.text is not None:
        told = Told(golden=asked.golden, confirmed=asked.confirmed, anyway=asked.anyway)
        return await desk.publish(name, asked.text, base=asked.base, by=by, told=told, known=known)
    if asked.version is not None:
        return await desk.roll_back(name, asked.version, base=asked.base, by=by)
    return await desk.retire(name, base=asked.base, by=by)


async def _clear(desk: SchemeDesk, name: str, revision: int) -> None:
    """The draft is published. Somebody's newer one stays."""
    try:
        await desk.store.drop(name, revision=revision)
    except NewerDraft:
        desk.counts["draft_went_on"] += 1


def _told(done: Published) -> web.Response:
    match done:
        case SchemeVersion():
            return json_answer(done)
        case Faulty(looked=looked):
            faults = rows(looked.faults[:MOST_FAULTS])
            return json_answer(RulesFaultAnswer(reason=RulesRefused.FAULTY, faults=faults), status=422)
        case Unconfirmed(looked=looked):
            warnings = rows(looked.warnings[:MOST_FAULTS])
            return json_answer(RulesFaultAnswer(reason=RulesRefused.WARNINGS, warnings=warnings), status=428)
        case Outdated(latest=latest, changes=changes):
            answer = RulesFaultAnswer(reason=RulesRefused.NEWER_VERSION, latest=latest, changes=changes)
            return json_answer(answer, status=409)
        case Failing(run=run):
            return json_answer(RulesFaultAnswer(reason=RulesRefused.FAILING, run=run), status=428)
        case NoteMissing():
            return refused(RulesRefused.NOTE, "")
        case Overran():
            return overran(done)
        case Unchanged(latest=latest):
            return json_answer(RulesFaultAnswer(reason=RulesRefused.UNCHANGED, latest=latest), status=409)


def desk_of(request: web.Request) -> tuple[Parts, SchemeDesk]:
    parts = parts_of(request)
    if parts.schemes is None:
        raise web.HTTPNotFound(text="no schemes are kept here")
    return parts, parts.schemes


def known_of(request: web.Request) -> Known:
    """What the sites have now; of what none has, nothing is warned."""
    sites = request.app[SITES].values()
    queues = frozenset(str(queue) for one in sites for queue in _queues(one))
    facts = {"site": frozenset(str(one.id) for one in sites)}
    rosters = [roster_of(one).known() for one in sites]
    facts |= {name: frozenset().union(*(one[name] for one in rosters)) for name in ("team", "skill")}
    return Known(facts=facts | {"queue": queues} if queues else facts)


def roster_of(parts: Parts) -> Roster:
    """Who sits where now."""
    return Roster({one.id: one.team for one in parts.hub.picture.people.values()}, parts.skills)


def _queues(parts: Parts) -> list[str]:
    return [*(row.queue for row in parts.floor.numbers(parts.clock())), *parts.labels]


def _good(name: str) -> bool:
    return NAME.fullmatch(name) is not None and name not in RESERVED


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 6):
        raise web.HTTPNotFound(text="a version is a whole number")
    return int(text)


def lost(error: BusError | NoVersion | VersionDamaged) -> web.Response:
    match error:
        case BusError():
            return refused(RulesRefused.BUS, str(error))
        case NoVersion():
            return refused(RulesRefused.NO_SCHEME, str(error))
        case _:
            return refused(RulesRefused.DAMAGED, str(error))


def overran(told: Overran) -> web.Response:
    """Its own fault where it took too much; ours where the process died."""
    status = 500 if told.reason is TrialReason.DIED else 422
    return json_answer(RulesFaultAnswer(reason=told.reason, rule=told.rule, detail=told.detail), status=status)


def refused(reason: RulesRefused, detail: str) -> web.Response:
    return fault(reason, detail, status=STATUS[reason])
