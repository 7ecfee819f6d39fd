"""What a scheme's text says, before anybody publishes it: checked, edited, compared, tried. In: requests. Out: JSON.

May not know: versions, how schemes are kept.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final

from aiohttp import web

from monitor.api.history import History, HistoryUnavailable, asked
from monitor.api.parts import SITES
from monitor.api.plan_body import BodyRefused, Handler, document
from monitor.api.rules import (
    RulesRefused,
    desk_of,
    drop,
    known_of,
    lost,
    overran,
    publish,
    roster_of,
    save,
    scheme,
    schemes,
    version,
    versions,
)
from monitor.api.rules_answers import Check, Compare, KeepDialogue, LookedAnswer, RulesFaultAnswer, RunGolden, Try
from monitor.api.rules_json import BODY_MAX, fault, json_answer, refused_body
from monitor.roster import with_roster
from monitor.rules_check import MOST_FAULTS, Looked, WordWarning, look
from monitor.rules_faults import rows
from monitor.rules_language import language
from monitor.rules_names import renamed
from monitor.rules_test import GoldenRun, KeptDialogue
from monitor.rules_text import EditFault, edited
from monitor.rules_try import Tried
from monitor.scheme_diff import differ, read_values
from monitor.toml_values import plain, table_lines
from monitor.trial_wire import Faulty, Overran
from scoring.case import Case
from scoring.golden_write import Kept
from scoring.parse import Known
from streams.bus.errors import BusError
from streams.toml_lines import read_toml

AT_ONCE: Final = 4
"""Texts looked at in one moment: each holds a thread of the few that all share."""


class Turns:
    """How many texts are being looked at. Mutable; one per application."""

    def __init__(self) -> None:
        self._taken = 0

    def of(self, handler: Handler) -> Handler:
        async def inside(request: web.Request) -> web.StreamResponse:
            if self._taken >= AT_ONCE:
                return fault("too_many_rules_at_once", "ask again in a second", status=503)
            self._taken += 1
            try:
                return await handler(request)
            finally:
                self._taken -= 1

        return inside


async def told_language(request: web.Request) -> web.Response:
    return json_answer(language())


async def check(request: web.Request) -> web.Response:
    """Edits first, if there are any; then everything that is wrong."""
    parts, desk = desk_of(request)
    body = await document(request, Check, most=BODY_MAX)
    if isinstance(body, BodyRefused):
        return refused_body(body)
    try:
        text = await asyncio.to_thread(_edited, body)
    except EditFault as error:
        return fault(error.reason, error.detail, status=422)
    looked, values, lines = await asyncio.to_thread(_read, text, body.name, known_of(request))
    words: list[WordWarning] = []
    left = 0
    if body.words and looked.scheme is not None:
        words, left = await desk.words.judge(looked.scheme, text, site=parts.id)
    answer = LookedAnswer(
        faults=rows(looked.faults[:MOST_FAULTS]),
        warnings=rows(looked.warnings[:MOST_FAULTS]),
        words=words,
        words_left=left,
        words_fault=desk.words.fault,
        values=values,
        lines=lines,
        text=text if body.edits or body.rename else None,
        items=len(values.get("item", ())) if isinstance(values.get("item"), list) else 0,
        rules=len(values.get("rule", ())) if isinstance(values.get("rule"), list) else 0,
    )
    return json_answer(answer)


def _edited(body: Check) -> str:
    edits = [*body.edits]
    if body.rename:
        edits = renamed(read_values(body.text), body.rename, body.to) + edits
    return edited(body.text, edits) if edits else body.text


def _read(text: str, name: str, known: Known) -> tuple[Looked, dict[str, Any], dict[str, int]]:
    toml = read_toml(text, file=name or "scheme") if len(text) < BODY_MAX else None
    values = {} if toml is None or toml.faults else plain(toml.values)
    lines = {} if toml is None else table_lines(toml)
    return look(text, file=name or "scheme", name=name, known=known), values, lines


async def compare(request: web.Request) -> web.Response:
    desk_of(request)
    body = await document(request, Compare, most=2 * BODY_MAX)
    if isinstance(body, BodyRefused):
        return refused_body(body)
    return json_answer(await asyncio.to_thread(differ, body.before, body.after))


async def test(request: web.Request) -> web.Response:
    """The golden dialogues of the scheme of this name."""
    _, desk = desk_of(request)
    body = await document(request, RunGolden, most=BODY_MAX)
    if isinstance(body, BodyRefused):
        return refused_body(body)
    try:
        golden = desk.golden(body.name, body.golden, standing=await desk.standing(body.name))
    except BusError as error:
        return lost(error)
    return _tried(await desk.trials.tested(body.text, golden))


async def keep_dialogue(request: web.Request) -> web.Response:
    """A tried contact as a golden dialogue, run once. Nothing is kept: it goes into the draft that is saved next."""
    parts, desk = desk_of(request)
    body = await document(request, KeepDialogue, most=BODY_MAX)
    if isinstance(body, BodyRefused):
        return refused_body(body)
    try:
        case = await _case(request, parts.history, body.contact)
    except HistoryUnavailable as error:
        return fault("history_unavailable", error.reason, status=503)
    if case is None:
        return fault("contact_not_found", body.contact[:100], status=404)
    kept = Kept(id=body.id, about=body.about, expect=body.expect)
    return _tried(await desk.trials.kept(body.text, case, body.golden, kept))


def _tried(told: Tried | GoldenRun | KeptDialogue | Faulty | Overran) -> web.Response:
    match told:
        case Faulty():
            return json_answer(RulesFaultAnswer(reason=RulesRefused.FAULTY, faults=told.faults), status=422)
        case Overran():
            return overran(told)
        case _:
            return json_answer(told)


async def try_contact(request: web.Request) -> web.Response:
    """Nothing is kept of it."""
    parts, desk = desk_of(request)
    body = await document(request, Try, most=BODY_MAX)
    if isinstance(body, BodyRefused):
        return refused_body(body)
    try:
        case = await _case(request, parts.history, body.contact)
    except HistoryUnavailable as error:
        return fault("history_unavailable", error.reason, status=503)
    if case is None:
        return fault("contact_not_found", body.contact[:100], status=404)
    return _tried(await desk.trials.tried(body.text, case, at=parts.clock()))


async def _case(request: web.Request, history: History, contact: str) -> Case | None:
    """Of whichever site has it."""
    for parts in request.app[SITES].values():
        told = {"site": parts.id, "contact": contact, "zone": parts.timezone.key, "now": parts.clock()}
        if found := await asked(history, Case, "stored_case", **told):
            return with_roster(found[0], roster_of(parts))
    return None


async def trying(app: web.Application) -> AsyncIterator[None]:
    """For `cleanup_ctx`: the children in which texts are asked live as long as the application."""
    yield
    for desk in {id(one.schemes): one.schemes for one in app[SITES].values() if one.schemes is not None}.values():
        await desk.trials.stop()


def routes() -> list[web.RouteDef]:
    turns = Turns()
    return [
        web.get("/api/v1/rules", schemes),
        web.get("/api/v1/rules/language", told_language),
        web.post("/api/v1/rules/check", turns.of(check)),
        web.post("/api/v1/rules/compare", turns.of(compare)),
        web.post("/api/v1/rules/try", turns.of(try_contact)),
        web.post("/api/v1/rules/test", turns.of(test)),
        web.post("/api/v1/rules/dialogue", turns.of(keep_dialogue)),
        web.get("/api/v1/rules/{name}", scheme),
        web.put("/api/v1/rules/{name}/draft", turns.of(save)),
        web.delete("/api/v1/rules/{name}/draft", drop),
        web.get("/api/v1/rules/{name}/versions", versions),
        web.get("/api/v1/rules/{name}/versions/{version}", version),
        web.post("/api/v1/rules/{name}/publish", turns.of(publish)),
    ]
