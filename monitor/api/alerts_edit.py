"""What the editor of alert rules asks beside checking. In: texts, edits of single keys. Out: the text edited, what it
says and where, what differs. Nothing is kept. May not know: versions, engines.
"""

import asyncio
from typing import Any, Final

import msgspec
from aiohttp import web

from monitor.alert_language import alert_language
from monitor.alert_rules_desk import rule_changes
from monitor.alert_rules_store import TEXT_MAX
from monitor.api.alerts_answers import AlertRefused, refused, refused_body
from monitor.api.alerts_rules_answers import RULES_BODY
from monitor.api.plan_body import BodyRefused, document
from monitor.api.rules_json import fault, json_answer
from monitor.api.rules_look import Turns
from monitor.rules_text import Edit, EditFault, EditReason, edited
from monitor.toml_values import plain, table_lines
from streams.toml_lines import read_toml

_LONG: Final = f"a text of rules has at most {TEXT_MAX} bytes"


class EditAsked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    text: str
    edits: list[Edit] = []


class EditedText(msgspec.Struct, frozen=True, kw_only=True):
    """`values`: what the text says, for a form. `lines`: of tables, by path (`rule/0/all/1`)."""

    text: str
    values: dict[str, Any]
    lines: dict[str, int]


class CompareAsked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    before: str
    after: str


async def language(request: web.Request) -> web.Response:
    return json_answer(alert_language())


async def edit(request: web.Request) -> web.Response:
    body = await document(request, EditAsked, most=RULES_BODY)
    if isinstance(body, BodyRefused):
        return refused_body(body)
    if len(body.text.encode()) > TEXT_MAX:
        return refused(AlertRefused.TOO_LONG, _LONG)
    try:
        answer = await asyncio.to_thread(edited_text, body)
    except EditFault as error:
        return fault(error.reason, error.detail, status=422)
    return json_answer(answer)


async def compare(request: web.Request) -> web.Response:
    body = await document(request, CompareAsked, most=2 * RULES_BODY)
    if isinstance(body, BodyRefused):
        return refused_body(body)
    if max(len(body.before.encode()), len(body.after.encode())) > TEXT_MAX:
        return refused(AlertRefused.TOO_LONG, _LONG)
    return json_answer(await asyncio.to_thread(rule_changes, body.before, body.after))


def edited_text(body: EditAsked) -> EditedText:
    """Raises EditFault."""
    text = edited(body.text, body.edits) if body.edits else body.text
    toml = read_toml(text, file="rules")
    if toml.faults:
        raise EditFault(EditReason.NOT_TOML, str(toml.faults[0]))
    return EditedText(text=text, values=plain(toml.values), lines=table_lines(toml))


def routes() -> list[web.RouteDef]:
    turns = Turns()
    return [
        web.get("/api/v1/alerts/rules/language", language),
        web.post("/api/v1/alerts/rules/edit", turns.of(edit)),
        web.post("/api/v1/alerts/rules/compare", turns.of(compare)),
    ]
