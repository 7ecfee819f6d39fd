"""Who may see what. In: a request. Out: the `Scope` of whoever asks, or why there is none.

The one place that decides it: now by `?scope=NAME`, which anybody may write; once people sign in, by who they are.
May not know: how a scope is shown.
"""

from dataclasses import dataclass

from aiohttp import web

from monitor.api.parts import Parts
from monitor.config_wall import EVERYTHING, Scope


@dataclass(frozen=True, slots=True)
class Refusal:
    status: int
    reason: str


def scope_of(request: web.Request, parts: Parts) -> Scope | Refusal:
    wanted = request.query.get("scope")
    if not wanted:
        return EVERYTHING
    found = parts.scopes.get(wanted)
    if found is None:
        known = ", ".join(parts.scopes) or "none: write a [[scope]] into the configuration"
        return Refusal(404, f"there is no such scope; there are {known}")
    return found


def allowed(request: web.Request, parts: Parts) -> Scope:
    """The scope; a refusal ends the request."""
    answer = scope_of(request, parts)
    if isinstance(answer, Refusal):
        raise web.HTTPNotFound(text=answer.reason) if answer.status == 404 else web.HTTPForbidden(text=answer.reason)
    return answer
