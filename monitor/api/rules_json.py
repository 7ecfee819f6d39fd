"""Answers of the routes of rules. In: structs. Out: responses. May not know: schemes."""

from typing import Final

import msgspec
from aiohttp import web

from monitor.api.plan_body import BodyRefused
from monitor.api.rules_answers import RulesFaultAnswer

encode = msgspec.json.Encoder().encode
BODY_MAX: Final = 10_000_000
"""A scheme of 2 MB and its dialogues of 3 MB with every other sign escaped, and a note."""
BUSY: Final = 503
RETRY_S: Final = 5
"""A bus that restarts, a history that catches up, four texts looked at: over in seconds."""


def json_answer(body: object, *, status: int = 200) -> web.Response:
    response = web.Response(body=encode(body), status=status, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    if status == BUSY:
        response.headers["Retry-After"] = str(RETRY_S)
    response.enable_compression()
    return response


def fault(reason: str, detail: str, *, status: int) -> web.Response:
    return json_answer(RulesFaultAnswer(reason=reason, detail=detail), status=status)


def refused_body(refused: BodyRefused) -> web.Response:
    return fault(refused.reason, refused.detail, status=refused.status)
